"""Characters of symbol fonts in a DOCX file."""

from __future__ import annotations

from lxml import etree

from ingest.formats.docx_package import W

_SYMBOLS = {
    ("symbol", 0xB7): "•",
    ("wingdings", 0xFC): "✓",
    ("wingdings", 0xFB): "✗",
    ("wingdings", 0xFE): "☑",
    ("wingdings", 0xFD): "☒",
    ("wingdings", 0xA8): "□",
    ("wingdings", 0x6F): "□",
    ("wingdings", 0xA3): "□",
    ("wingdings", 0x6E): "■",
    ("wingdings", 0x6C): "●",
    ("wingdings", 0xD8): "➢",
    ("wingdings", 0xE0): "→",
    ("wingdings 2", 0x52): "☑",
    ("wingdings 2", 0xA3): "□",
    ("wingdings 2", 0x50): "✓",
}


def symbol(node: etree._Element) -> str:
    """The character of a symbol font, as the usual character that looks like it."""
    try:
        code = int(node.get(f"{W}char") or "", 16)
    except ValueError:
        return ""
    font = (node.get(f"{W}font") or "").lower()
    low = code & 0xFF if 0xF000 <= code <= 0xF0FF else code
    found = _SYMBOLS.get((font, low))
    if found is not None:
        return found
    return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code <= 0xFFFF else ""
