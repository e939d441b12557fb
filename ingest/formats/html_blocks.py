"""A tree of elements → the blocks that stand on lines of their own, in the order they are read.

White space is folded as a browser does; a line end between two Chinese characters vanishes. A numbered list gets the
numbers that a browser would print.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ingest.document import Attachment
from ingest.formats.blocks import Block
from ingest.formats.grids import Slot
from ingest.formats.html_main import is_file, is_layout, rows_of
from ingest.formats.html_tree import Node
from ingest.formats.numbers import count
from ingest.numbering import marker

_BREAK = "\x01"
_WRAP = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uffef])[ \t]*[\r\n][ \t\r\n]*(?=[\u2e80-\u9fff\uff00-\uffef])")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_SIZE = re.compile(r"font-size:(\d{1,3}(?:\.\d+)?)(pt|px)")
_BOLD = re.compile(r"font-weight:(?:bold|[6-9]00)")
_HEADINGS = {f"h{depth}": depth for depth in range(1, 7)}
_SET = frozenset((*_HEADINGS, "b", "strong", "th", "center", "pre"))
_ICON = re.compile(r"icon|ico_|logo|\.gif|spacer|blank|fileTypeImages|qrcode|ewm|erweima", re.IGNORECASE)
_LISTS = {
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
    "lower-alpha": "lowerLetter",
    "lower-latin": "lowerLetter",
    "upper-alpha": "upperLetter",
    "upper-latin": "upperLetter",
    "lower-roman": "lowerRoman",
    "upper-roman": "upperRoman",
    "cjk-ideographic": "chinese",
    "simp-chinese-informal": "chinese",
    "trad-chinese-informal": "chinese",
    "cjk-decimal": "decimal",
}
_EDITOR_LISTS = {  # what the UEditor of many government sites prints
    "custom_num": ("decimal", "{}."),
    "custom_num1": ("decimal", "{}）"),
    "custom_num2": ("decimal", "（{}）"),
    "custom_cn": ("chinese", "{}、"),
    "custom_cn1": ("chinese", "{}）"),
    "custom_cn2": ("chinese", "（{}）"),
}


@dataclass(frozen=True)
class _Look:
    """How text is set where the writer stands."""

    reason: str | None = None
    inside: bool = False
    heading: int = 0
    bold: bool = False
    centred: bool = False
    size: float = 0.0
    pre: bool = False


class Blocks:
    """Collects the blocks of a page; `images` counts pictures in the document, `frames` embedded pages."""

    def __init__(self, zones: Mapping[Node, str], core: Node) -> None:
        """`zones` and `core` as `ingest.formats.html_main` finds them."""
        self.blocks: list[Block] = []
        self.attachments: list[Attachment] = []
        self.images = self.frames = 0
        self._zones = zones
        self._core = core
        self._look = _Look()
        self._parts: list[str] = []
        self._prefix = ""
        self._all_bold = True
        self._largest = 0.0
        self._deleted: list[str] = []
        self._above = {core}
        node = core
        while node.parent is not None:
            node = node.parent
            self._above.add(node)

    def read(self, body: Node) -> list[Block]:
        """The blocks of `body`."""
        self._element(body)
        self._flush()
        return self.blocks

    def _element(self, node: Node) -> None:
        tag, outer = node.tag, self._look
        reason = self._zones.get(node)
        loose = reason if node in self._above and node is not self._core else None
        if tag == "br":
            self._parts.append(_BREAK)
            return
        look = _with(outer, node, None if loose else reason, inside=node is self._core)
        parted = node.is_block or look.reason != outer.reason or loose is not None
        if parted:
            self._flush()
        self._look = look
        if tag == "img":
            self._image(node)
        elif tag in ("iframe", "frame", "embed"):
            self.frames += look.reason is None
        elif tag == "del":
            self._deleted.append(node.text())
        elif tag == "table" and not is_layout(node):
            self._table(node)
        elif tag == "ol":
            self._ordered(node)
        else:
            self._children(node, loose)
        if tag == "a" and look.reason is None and is_file(node.get("href")):
            name, target = " ".join(self._words(node).split()), node.get("href").strip()
            self.attachments.append(Attachment(name=name or target.rsplit("/")[-1], target=target))
        if parted:
            self._flush()
        self._look = outer

    def _children(self, node: Node, loose: str | None = None) -> None:
        for child in node.children:
            if isinstance(child, Node):
                self._element(child)
            elif loose is not None and child.strip():
                self._flush()
                here = self._look
                self._look = _Look(reason=loose)
                self._put(child)
                self._flush()
                self._look = here
            elif loose is None:
                self._put(child)

    def _put(self, text: str) -> None:
        if self._look.pre:
            text = re.sub(r"\r\n?|\n", _BREAK, text)
        if text.strip():
            self._all_bold = self._all_bold and self._look.bold
            self._largest = max(self._largest, self._look.size)
        self._parts.append(text)

    def _flush(self) -> None:
        if not self._parts and not self._deleted:
            return
        lines = folded("".join(self._parts))
        look = self._look
        if lines:
            if self._prefix and not marker(lines[0]):
                lines[0] = self._prefix + lines[0]
            self._prefix = ""
            self.blocks.append(
                Block(
                    lines=tuple(lines),
                    reason=look.reason,
                    inside=look.inside,
                    heading=look.heading,
                    bold=self._all_bold,
                    centred=look.centred,
                    size=self._largest,
                )
            )
        if any(self._deleted):
            self.blocks.append(Block(lines=tuple(filter(None, self._deleted)), reason="修订删除", inside=look.inside))
        self._parts, self._deleted, self._all_bold, self._largest = [], [], True, 0.0

    def _ordered(self, node: Node) -> None:
        """A numbered list; its items know their numbers even where one is set by hand."""
        kind, shape = _list_kind(node)
        number = _integer(node.get("start"), 1)
        for child in node.children:
            if isinstance(child, str):
                self._put(child)
                continue
            if child.tag == "li":
                number = _integer(child.get("value"), number)
                self._flush()
                self._prefix = shape.format(count(kind, number)) if kind and self._look.inside else ""
                number += 1
            self._element(child)
            if child.tag == "li":
                self._prefix = ""

    def _image(self, node: Node) -> None:
        small = any(0 < _integer(node.get(side).removesuffix("px"), 0) < 60 for side in ("width", "height"))
        if self._look.reason is None and self._look.inside and not small and not _ICON.search(node.get("src")):
            self.images += 1

    def _table(self, node: Node) -> None:
        """A table of data; text in it outside of rows (a caption) stands before it."""
        for child in node.elements():
            if child.tag == "caption":
                self._children(child)
                self._flush()
        matrix = []
        for row in rows_of(node):
            slots = []
            for cell in row:
                inner = Blocks({}, cell)
                lines = [line for block in inner.read(cell) for line in block.all_lines]
                self.images += inner.images
                self.attachments += inner.attachments if self._look.reason is None else []
                across, down = _integer(cell.get("colspan"), 1), _integer(cell.get("rowspan"), 1)
                slots.append(
                    Slot(
                        "\n".join(lines),
                        across=min(max(across, 1), 200),
                        down=min(down, 65534) if down > 0 else 65534,
                        head=cell.tag == "th",
                    )
                )
            if slots:
                matrix.append(tuple(slots))
        if any(slot.text for row in matrix for slot in row):
            look = self._look
            self.blocks.append(Block(matrix=tuple(matrix), reason=look.reason, inside=look.inside))

    def _words(self, node: Node) -> str:
        return "".join(child if isinstance(child, str) else self._words(child) for child in node.children)


def folded(raw: str) -> list[str]:
    """The lines of a paragraph with white space folded as a browser does, blank ones left out."""
    lines = [_SPACE.sub(" ", _WRAP.sub("", line)).strip() for line in raw.split(_BREAK)]
    return [line for line in lines if line]


def _with(outer: _Look, node: Node, reason: str | None, *, inside: bool) -> _Look:
    """How text is set inside `node`."""
    tag = node.tag
    if not node.attrs and tag not in _SET and reason is None and not inside:
        return outer
    size, heavy, middle, aligned = _set_by(node.get("style"), node.get("align"))
    bold = heavy or tag in ("b", "strong", "th") or tag in _HEADINGS
    centred = middle or tag == "center"
    if not (size or bold or centred or aligned or reason or inside or tag == "pre"):
        return outer
    return _Look(
        reason=reason or outer.reason,
        inside=inside or outer.inside,
        heading=_HEADINGS.get(tag, outer.heading),
        bold=bold or outer.bold,
        centred=centred or (outer.centred and not aligned),
        size=size or outer.size,
        pre=outer.pre or tag == "pre",
    )


@lru_cache(maxsize=4096)
def _set_by(style: str, align: str) -> tuple[float, bool, bool, bool]:
    """What a style attribute sets: the type size in points (0: none), bold, in the middle, aligned at all."""
    style = re.sub(r"\s+", "", style).lower()
    size = _SIZE.search(style)
    centred = align.lower() == "center" or "text-align:center" in style
    return (
        float(size[1]) * (1.0 if size[2] == "pt" else 0.75) if size else 0.0,
        _BOLD.search(style) is not None,
        centred,
        centred or bool(align) or "text-align:" in style,
    )


def _list_kind(node: Node) -> tuple[str | None, str]:
    """How a list is numbered, as `ingest.formats.numbers` names it, and the shape of its numbers."""
    style = node.style
    if re.search(r"list-style(?:-type)?:[^;]*none", style):
        return None, ""
    for name in node.get("class").split():
        if name in _EDITOR_LISTS:
            return _EDITOR_LISTS[name]
    named = re.search(r"list-style(?:-type)?:([a-z-]+)", style)
    kind = _LISTS.get(named[1] if named else node.get("type"), "decimal")
    return kind, "{}、" if kind == "chinese" else "{}. "


def _integer(text: str, default: int) -> int:
    found = re.match(r"\s*(-?\d{1,6})", text)
    return int(found[1]) if found else default
