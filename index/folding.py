"""Text in the one form that it is compared in."""

from __future__ import annotations

import unicodedata

_WIDE = (("，", ","), ("；", ";"), ("：", ":"), ("（", "("), ("）", ")"), ("！", "!"), ("？", "?"), ("\u3000", " "))


def fold(text: str) -> str:
    """Compatibility forms made plain (full width, ligatures) and capitals made small; the length may change."""
    for wide, plain in _WIDE:  # most texts hold no other, and what is plain already is normalized ten times as fast
        text = text.replace(wide, plain)
    return unicodedata.normalize("NFKC", text).lower()
