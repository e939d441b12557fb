"""Is it the same question? Two questions are when one key comes of both; the key forgives form, never content.

Forgiven: white space, punctuation, Traditional characters, full-width forms, case, courtesies before and after, and
a few phrases that say the same (能够, 可以, 能). Every other character must be equal, so numbers, years, places, names
and negations are.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from assistant.text import fold

_OPENING = re.compile(
    r"^(?:您好|你好|请问一下|请问|请教一下|请教|麻烦问一下|麻烦问|我想问一下|我想问|想问一下|想问|我想知道|想知道|我想了解一下|"
    r"我想了解|想了解一下|想了解|请告诉我|告诉我|请介绍一下|请说明一下)"
)
_CLOSING = re.compile(r"(?:谢谢您|谢谢你|谢谢|多谢|呢|啊|呀|哦)$")
_SAME = (
    (re.compile("能够|可以"), "能"),
    (re.compile("获得|得到|拿到|领到"), "得到"),
    (re.compile("(?:都|一共|总共)?(?:(?:有|包括|是)哪些|(?:有|包括)什么(?!时|样))"), "哪些"),
    (re.compile("是(?=多少)"), ""),
    (re.compile("的"), ""),
)
_MEANT = frozenset("%#&@/-")  # punctuation that tells names and amounts apart


def key(text: str, day: date | None = None) -> str:
    """What two wordings of one question have in common; `text` in simplified characters, `day` that it asks about."""
    flat = fold(text)
    kept = "".join(char for at, char in enumerate(flat) if _tells(flat, at))
    while (found := _OPENING.search(kept) or _CLOSING.search(kept)) and len(found[0]) < len(kept):
        kept = kept[: found.start()] + kept[found.end() :]
    for pattern, instead in _SAME:
        kept = pattern.sub(instead, kept)
    return f"{kept}@{day.isoformat()}" if day else kept


def _tells(flat: str, at: int) -> bool:
    """Whether a character is no mere punctuation: what stands between two digits (1.5, 2019—2023) never is."""
    char = flat[at]
    if not unicodedata.category(char).startswith(("P", "C", "Z")) or char in _MEANT:
        return True
    return 0 < at < len(flat) - 1 and flat[at - 1].isdigit() and flat[at + 1].isdigit()
