"""The text of a file that is no plain text, written part by part with its layout."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.document import Attachment, Dropped, Span
from ingest.formats.grids import Matrix, ReadMatrix, Slot, read_matrix
from ingest.layout import Extract, Layout
from ingest.tables_cells import Grid

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)

_SPACED = re.compile(r"(?<!\S)[\u3400-\u9fff](?:\s+[\u3400-\u9fff]){2,}(?=\s|$|[：:）])")
_SPACED_PAIR = re.compile(r"^(第\S{1,4}[章节编篇]\s+)?([\u3400-\u9fff])\s+([\u3400-\u9fff])$")


def seen(text: str, *, keep: str = "") -> str:
    """`text` without characters that have no width, turn the direction of writing or are half of a pair, but `keep`."""
    return keep.join(_UNSEEN.sub("", part) for part in text.split(keep)) if keep else _UNSEEN.sub("", text)


def unspaced(line: str) -> str:
    """A line without the gaps that set single characters apart (`总 则`, `关 于 印 发`), which are no words."""
    return _SPACED_PAIR.sub(r"\1\2\3", _SPACED.sub(lambda run: re.sub(r"\s+", "", run[0]), line))


@dataclass
class Sheet:
    """Paragraphs, tables and discards in reading order; each ends its line."""

    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _paragraphs: list[tuple[Span, ...]] = field(default_factory=list)
    _styled: list[tuple[int, int]] = field(default_factory=list)
    _tables: list[Grid] = field(default_factory=list)
    _dropped: list[Dropped] = field(default_factory=list)

    def paragraph(self, lines: Sequence[str], *, styled: int = 0) -> None:
        """A paragraph, whose lines join without a break; blank ones are left out."""
        spans = [span for line in lines if (span := self._line(unspaced(line.strip())))]
        if not spans:
            return
        if styled:
            self._styled.append((len(self._paragraphs), styled))
        self._paragraphs.append(tuple(spans))

    def drop(self, lines: Sequence[str], reason: str) -> None:
        """Lines that belong to no section, and why."""
        for line in lines:
            span = self._line(line)
            if span is None:
                continue
            last = self._dropped[-1] if self._dropped else None
            if last and last.reason == reason and last.end + 1 == span.start:
                self._dropped[-1] = Dropped(start=last.start, end=span.end, reason=reason)
            else:
                self._dropped.append(Dropped(start=span.start, end=span.end, reason=reason))

    def table(self, matrix: Matrix) -> None:
        """A table: its cells are parted by tabs, its rows by line ends; a merged cell is written once.

        A title over the whole width is a paragraph before it, notes are paragraphs after it; a table of one row or
        column is text.
        """
        read = read_matrix(matrix)
        for cell in read.above:
            self.paragraph(cell.text.split("\n")) if len(cell.text) <= 60 else self._lines(cell)
        if read.is_text:
            for row in read.rows:
                for cell in row:
                    self._lines(cell)
        else:
            self._grid(read)
        for cell in read.below:
            self._lines(cell)

    def _lines(self, cell: Slot) -> None:
        for line in cell.text.split("\n"):
            self.paragraph([line])

    def _grid(self, read: ReadMatrix) -> None:
        places: dict[Slot, tuple[int, int]] = {}
        for row in read.rows:
            for number, cell in enumerate(row):
                self._put("\t" if number else "")
                places[cell] = (self._length, self._length + len(cell.text))
                self._put(cell.text)
            self._put("\n")
        self._tables.append(read.grid(places))

    def extract(
        self,
        encoding: str,
        *,
        labels: Sequence[tuple[str, str]] = (),
        attachments: Sequence[Attachment] = (),
        warnings: Sequence[str] = (),
    ) -> Extract:
        """All that was written."""
        return Extract(
            text="".join(self._parts),
            layout=Layout(
                paragraphs=tuple(self._paragraphs),
                styled=tuple(self._styled),
                tables=tuple(self._tables),
                dropped=tuple(self._dropped),
                labels=tuple(labels),
                attachments=tuple(attachments),
                warnings=tuple(warnings),
            ),
            encoding=encoding,
        )

    def _line(self, line: str) -> Span | None:
        text = line.strip()
        if not text:
            return None
        start = self._length
        self._put(text)
        self._put("\n")
        return Span(start, start + len(text))

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
