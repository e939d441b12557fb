"""The body of a DOCX file → blocks, as a reader sees them with every tracked change accepted.

Deleted text is set aside with its reason. Text boxes and footnotes stand after the paragraph they belong to, so that
they stay in its section.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from lxml import etree

from ingest.formats.blocks import Block
from ingest.formats.docx_package import W
from ingest.formats.docx_styles import (
    Numbering,
    Style,
    Styles,
    child,
    heading_depth,
    inherit,
    number,
    properties,
    value,
)
from ingest.formats.docx_symbols import symbol
from ingest.formats.grids import Slot
from ingest.formats.numbers import count
from ingest.formats.sheet import seen
from ingest.numbering import marker

_BREAK = "\x01"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_VML = "{urn:schemas-microsoft-com:vml}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_EXTENT = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}extent"
_SMALL = 500_000  # EMU, about 1.4 cm: what is smaller on a side is an ornament
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_WRAPPERS = ("hyperlink", "smartTag", "customXml", "fldSimple", "ins", "moveTo", "bdo", "dir", "sdtContent")
_INSIDE = frozenset(f"{W}{name}" for name in _WRAPPERS)
_GONE = (f"{W}del", f"{W}moveFrom")


@dataclass
class _Words:
    """A paragraph while its runs are read."""

    style: Style
    parts: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)
    notes: list[tuple[str, etree._Element]] = field(default_factory=list)
    bold: bool = True
    size: float = 0.0

    def put(self, text: str, *, bold: bool, size: float) -> None:
        if text.strip():
            self.bold = self.bold and bold
            self.size = max(self.size, size)
        self.parts.append(text)


class Body:
    """Reads the blocks of a document; `images` counts pictures, `chunks` embedded documents that were not read."""

    def __init__(self, styles: Styles, numbering: Numbering, notes: dict[tuple[str, str], etree._Element]) -> None:
        """`notes` holds the footnotes and endnotes by kind (`footnote`, `endnote`) and id."""
        self.blocks: list[Block] = []
        self.images = self.chunks = 0
        self._styles, self._numbering, self._notes = styles, numbering, notes
        self._carried: _Words | None = None
        self._numbered = {"footnote": 0, "endnote": 0}
        self._endnotes: list[tuple[str, etree._Element]] = []
        self._handlers: dict[str, Callable[[etree._Element, _Words], None]] = {
            f"{W}r": self._run,
            f"{W}sdt": self._control,
            f"{W}del": self._deletion,
            f"{W}moveFrom": self._deletion,
            f"{_MC}AlternateContent": self._alternate,
            f"{_MATH}oMath": self._formula,
            f"{_MATH}oMathPara": self._formula,
        }
        self._handlers.update(dict.fromkeys(_INSIDE, self._inline))

    def read(self, container: etree._Element) -> list[Block]:
        """The blocks of `container` (`w:body`, a header, a comment), the endnotes after them."""
        self._contents(container)
        self._finish()
        for mark, note in self._endnotes:
            self._note(mark, note)
        self._endnotes = []
        return self.blocks

    def _contents(self, container: etree._Element) -> None:
        for node in container:
            tag = node.tag
            if tag == f"{W}p":
                self._paragraph(node)
            elif tag == f"{W}tbl":
                self._finish()
                self._table(node)
            elif tag == f"{W}sdt":
                content = child(node, "sdtContent")
                gallery = value(child(node, "sdtPr", "docPartObj", "docPartGallery"))
                if content is not None:
                    self._set_aside(content, "目录") if gallery == "Table of Contents" else self._contents(content)
            elif tag in _INSIDE:
                self._contents(node)
            elif tag in _GONE:
                self._set_aside(node, "修订删除")
            elif tag == f"{_MC}AlternateContent":
                self._contents(_choice(node))
            elif tag == f"{W}altChunk":
                self.chunks += 1

    def _set_aside(self, container: etree._Element, reason: str) -> None:
        """All text in `container` as a discard."""
        self._finish()
        start = len(self.blocks)
        self._contents(container)
        self._finish()
        self.blocks[start:] = [replace(block, reason=block.reason or reason) for block in self.blocks[start:]]

    def _paragraph(self, node: etree._Element) -> None:
        own = child(node, "pPr")
        named = value(child(own, "pStyle"))
        direct = properties(own, None)
        style = inherit([direct, self._styles.paragraph(named)], self._styles.paragraph(named).name)
        words = self._carried or _Words(style)
        words.style, self._carried = style, None
        self._inline(node, words)
        mark = child(own, "rPr")
        if mark is not None and any(mark.find(tag) is not None for tag in _GONE):
            self._carried = words  # its end was deleted: the next paragraph goes on with it
            return
        self._end(words, named)

    def _finish(self) -> None:
        """End a paragraph whose own end was deleted, where none follows."""
        words, self._carried = self._carried, None
        if words is not None:
            self._end(words, None)

    def _end(self, words: _Words, named: str | None) -> None:
        style = words.style
        lines = [" ".join(line.split(" ")).strip() for line in seen("".join(words.parts), keep=_BREAK).split(_BREAK)]
        lines = [line for line in lines if line]
        printed = self._numbering.printed(style.num, named)
        if lines and printed and not (marker(lines[0]) and lines[0].startswith(printed.strip())):
            lines[0] = printed + lines[0]
        if lines:
            contents = style.name.lower().startswith(("toc ", "目录"))
            self.blocks.append(
                Block(
                    lines=tuple(lines),
                    reason="目录" if contents else None,
                    inside=True,
                    heading=heading_depth(style),
                    bold=words.bold,
                    centred=bool(style.centred),
                    size=words.size,
                )
            )
        gone = seen("".join(words.deleted)).strip()
        if gone:
            self.blocks.append(Block(lines=(gone,), reason="修订删除"))
        for box in words.boxes:
            self._contents(box)
            self._finish()
        for label, note in words.notes:
            self._note(label, note)

    def _note(self, label: str, note: etree._Element) -> None:
        """A footnote or endnote, its mark before its first line."""
        start = len(self.blocks)
        self._contents(note)
        self._finish()
        if start < len(self.blocks) and self.blocks[start].lines:
            first = self.blocks[start]
            self.blocks[start] = replace(first, lines=(f"{label} {first.lines[0].strip()}", *first.lines[1:]))

    def _inline(self, node: etree._Element, words: _Words) -> None:
        for one in node:
            handler = self._handlers.get(one.tag)
            if handler is not None:
                handler(one, words)

    def _control(self, node: etree._Element, words: _Words) -> None:
        content = child(node, "sdtContent")
        if content is not None:
            self._inline(content, words)

    def _alternate(self, node: etree._Element, words: _Words) -> None:
        self._inline(_choice(node), words)

    def _formula(self, node: etree._Element, words: _Words) -> None:
        """The characters of a formula on one line; / parts numerator and denominator."""
        for one in node.iter(f"{_MATH}t", f"{_MATH}den"):
            words.parts.append("/" if one.tag == f"{_MATH}den" else one.text or "")

    def _deletion(self, node: etree._Element, words: _Words) -> None:
        words.deleted += [one.text or "" for one in node.iter(f"{W}delText", f"{W}t")]

    def _run(self, node: etree._Element, words: _Words) -> None:
        own = child(node, "rPr")
        style = words.style
        bold, size, hidden = style.bold, style.size, style.hidden
        if own is not None:
            if own.find(f"{W}del") is not None or own.find(f"{W}moveFrom") is not None:
                self._deletion(node, words)
                return
            direct = properties(None, own)
            named = value(child(own, "rStyle"))
            chain = [direct, self._styles.run(named)] if named else [direct]
            bold = next((one.bold for one in chain if one.bold is not None), bold)
            size = next((one.size for one in chain if one.size is not None), size)
            hidden = next((one.hidden for one in chain if one.hidden is not None), hidden)
        if hidden:
            return
        for one in node:
            text = self._glyphs(one, words)
            if text:
                words.put(text, bold=bool(bold), size=size or 0.0)

    def _glyphs(self, node: etree._Element, words: _Words) -> str:
        """What one child of a run prints."""
        tag = node.tag
        if tag == f"{W}t":
            return (node.text or "").replace("\n", " ")
        if tag in (f"{W}tab", f"{W}ptab"):
            return "\t"
        if tag in (f"{W}br", f"{W}cr"):
            return _BREAK if node.get(f"{W}type") in (None, "textWrapping") else ""
        if tag == f"{W}noBreakHyphen":
            return "-"
        if tag == f"{W}sym":
            return symbol(node)
        if tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
            return self._reference(node, words, "footnote" if tag == f"{W}footnoteReference" else "endnote")
        if tag == f"{W}delText":
            words.deleted.append(node.text or "")
        elif tag == f"{_MC}AlternateContent":
            chosen = _choice(node)
            return "".join(self._glyphs(one, words) for one in chosen)
        elif tag in (f"{W}drawing", f"{W}pict", f"{W}object"):
            self._drawing(node, words)
        elif tag == f"{W}ruby":
            return "".join(one.text or "" for one in node.iter(f"{W}t"))
        return ""

    def _reference(self, node: etree._Element, words: _Words, kind: str) -> str:
        note = self._notes.get((kind, node.get(f"{W}id") or ""))
        if note is None:
            return ""
        if node.get(f"{W}customMarkFollows") in ("1", "true", "on"):
            label = ""
        else:
            self._numbered[kind] += 1
            reached = self._numbered[kind]
            label = str(reached).translate(_RAISED) if kind == "footnote" else f"({count('lowerRoman', reached)})"
        (words.notes if kind == "footnote" else self._endnotes).append((label, note))
        return label

    def _drawing(self, node: etree._Element, words: _Words) -> None:
        """Text boxes of a drawing are kept for later, pictures counted."""
        pending = [node]
        while pending:
            at = pending.pop()
            if at.tag == f"{W}txbxContent":
                words.boxes.append(at)
            elif at.tag == f"{_MC}AlternateContent":
                pending.append(_choice(at))
            else:
                pending += reversed(at)
        if next(node.iter(f"{_DRAWING}blip", f"{_VML}imagedata"), None) is not None:
            sizes = [number(one.get(side), 0) for one in node.iter(_EXTENT) for side in ("cx", "cy")]
            self.images += not sizes or min(sizes) >= _SMALL or 0 in sizes

    def _table(self, node: etree._Element) -> None:
        """A table; one whose rows have a single cell each only places text."""
        rows = [(row, list(_cells(row))) for row in _rows(node)]
        if all(len(cells) <= 1 for _, cells in rows):
            for row, cells in rows:
                for cell in cells:
                    gone = _is_deleted(row)
                    self._set_aside(cell, "修订删除") if gone else self._contents(cell)
                    self._finish()
            return
        matrix: list[list[_Cell]] = []
        above: dict[int, _Cell] = {}
        deleted: list[str] = []
        for row, cells in rows:
            head = child(row, "trPr", "tblHeader") is not None
            column = number(value(child(row, "trPr", "gridBefore")), 0)
            line = [_Cell("", column)] if 0 < column < 64 else []
            current: dict[int, _Cell] = {}
            gone = _is_deleted(row)
            for cell in cells:
                across = min(max(number(value(child(cell, "tcPr", "gridSpan")), 1), 1), 64)
                merge = child(cell, "tcPr", "vMerge")
                goes_on = merge is not None and (value(merge) or "continue") == "continue"
                if goes_on and column in above:
                    current[column] = above[column]
                    above[column].down += 1
                else:
                    text, dropped = self._cell(cell)
                    deleted += dropped
                    if gone or child(cell, "tcPr", "cellDel") is not None:
                        deleted += [text] if text else []
                        text = ""
                    made = _Cell(text, across, head=head)
                    line.append(made)
                    if merge is not None:
                        current[column] = made
                column += across
            above = current
            matrix.append(line)
        slots = tuple(
            tuple(Slot(cell.text, across=cell.across, down=cell.down, head=cell.head) for cell in line)
            for line in matrix
        )
        if any(slot.text for row in slots for slot in row):
            self.blocks.append(Block(matrix=slots, inside=True))
        if deleted:
            self.blocks.append(Block(lines=tuple(" ".join(text.split()) for text in deleted), reason="修订删除"))

    def _cell(self, cell: etree._Element) -> tuple[str, list[str]]:
        """The lines of a cell, those of tables inside it too, and what was deleted from it."""
        outer, self.blocks = self.blocks, []
        self._contents(cell)
        self._finish()
        inner, self.blocks = self.blocks, outer
        kept = [line for block in inner if block.reason is None for line in block.all_lines]
        return "\n".join(kept), [line for block in inner if block.reason is not None for line in block.all_lines]


@dataclass
class _Cell:
    """A cell while its table is read."""

    text: str
    across: int
    down: int = 1
    head: bool = False


def _choice(node: etree._Element) -> etree._Element:
    """The first alternative that holds something."""
    options: Sequence[etree._Element] = [one for one in node if one.tag in (f"{_MC}Choice", f"{_MC}Fallback")]
    return next((one for one in options if len(one)), node if not options else options[0])


def _rows(node: etree._Element) -> list[etree._Element]:
    """The rows of a table, also those inside content controls."""
    return _unwrapped(node, f"{W}tr")


def _cells(node: etree._Element) -> list[etree._Element]:
    return _unwrapped(node, f"{W}tc")


def _unwrapped(node: etree._Element, wanted: str) -> list[etree._Element]:
    found: list[etree._Element] = []
    pending = list(reversed(node))
    while pending:
        one = pending.pop()
        if one.tag == wanted:
            found.append(one)
        elif one.tag == f"{W}sdt" or one.tag in _INSIDE:
            pending += reversed(one)
    return found


def _is_deleted(row: etree._Element) -> bool:
    return child(row, "trPr", "del") is not None
