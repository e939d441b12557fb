"""Tables as formats mark them up → grids: merged cells repeated, header rows found, headings over the whole width cut.

A table whose first row heads no columns (a form, pairs of label and value) has columns without a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.document import Span
from ingest.lines import width
from ingest.tables_cells import Cell, Grid, Kind, is_header_word, is_number_header, kind_of

MAX_AREA = 200_000
"""Places in the grid of one table; in a larger one no cell is repeated."""

_SENTENCE = re.compile(r"[。！？；]")
_LATIN = re.compile(r"[A-Za-z0-9]")
_NOTE = re.compile(r"\s*(?:注|说明|备注|资料来源|数据来源|填表说明)\s*\d?\s*[：:.．、]")
_HEAD_WIDTH = 24
_HEAD_CHARS = 80


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """A cell where it begins: its lines, the columns and rows it covers, and whether it is marked as a heading."""

    text: str
    across: int = 1
    down: int = 1
    head: bool = False

    @property
    def words(self) -> str:
        """Its lines on one line, parted by spaces."""
        return " ".join(self.text.split())

    @property
    def name(self) -> str:
        """Its lines as the name of a column: a space parts two Latin words, nothing parts Chinese ones."""
        lines = [" ".join(line.split()) for line in self.text.split("\n") if line.strip()]
        out = lines[0] if lines else ""
        for line in lines[1:]:
            out += " " * bool(_LATIN.match(out[-1:]) and _LATIN.match(line)) + line
        return out


Matrix = Sequence[Sequence[Slot]]


@dataclass(frozen=True, kw_only=True)
class ReadMatrix:
    """A table read: cells over the whole width that stand `above` it and, as notes, `below` it, its `rows` as they are
    written, the places of every cell, and how many of the rows are its header. `is_text`: it has one row or one column
    only."""

    above: tuple[Slot, ...]
    below: tuple[Slot, ...]
    rows: tuple[tuple[Slot, ...], ...]
    places: tuple[tuple[Slot | None, ...], ...]
    headed: int
    is_text: bool

    def grid(self, at: Mapping[Slot, tuple[int, int]]) -> Grid:
        """The grid; `at` says where in the text each slot of `rows` stands."""

        def cell(slot: Slot | None) -> Cell | None:
            return Cell(slot.words, *at[slot]) if slot is not None and slot.text else None

        columns = tuple(_column([row[n] for row in self.places[: self.headed]], at) for n in range(len(self.places[0])))
        inked = [at[slot] for row in self.rows for slot in row if slot.text]
        return Grid(
            columns=columns,
            rows=tuple(tuple(cell(slot) for slot in row) for row in self.places[self.headed :]),
            spans=(Span(min(start for start, _ in inked), max(end for _, end in inked)),),
        )


def _column(slots: Sequence[Slot | None], at: Mapping[Slot, tuple[int, int]]) -> Cell:
    """A column's name out of its header cells, each once, outermost first."""
    named = [slot for n, slot in enumerate(slots) if slot is not None and slot.text and slot not in slots[:n]]
    if not named:
        return Cell("", 0, 0)
    return Cell(" ".join(slot.name for slot in named), at[named[0]][0], at[named[-1]][1])


def read_matrix(matrix: Matrix) -> ReadMatrix:
    """The table in `matrix`, whose rows hold each cell where it begins."""
    rows = [list(row) for row in matrix]
    above: list[Slot] = []
    below: list[Slot] = []
    while len(rows) > 1 and (one := _alone(rows[0])) is not None and _spans_all(one, rows[1:]):
        above.append(one)
        rows = rows[1:]
    while (
        len(rows) > 2 and (one := _alone(rows[-1])) is not None and _NOTE.match(one.text) and _spans_all(one, rows[:-1])
    ):
        below.insert(0, one)
        rows = rows[:-1]
    places = _without_blanks(_placed(rows))
    is_text = len(places) < 2 or len(places[0]) < 2
    return ReadMatrix(
        above=tuple(above),
        below=tuple(below),
        rows=tuple(kept for row in rows if (kept := tuple(row)) and any(slot.text for slot in kept)),
        places=places,
        headed=0 if is_text else _header_rows(places),
        is_text=is_text,
    )


def _alone(row: Sequence[Slot]) -> Slot | None:
    """The only cell of a row that holds text."""
    inked = [slot for slot in row if slot.text]
    return inked[0] if len(inked) == 1 and len(row) == 1 else None


def _spans_all(slot: Slot, rows: Sequence[Sequence[Slot]]) -> bool:
    """Whether a cell alone in its row covers a table of several columns."""
    wide = max(sum(cell.across for cell in row) for row in rows)
    return slot.down == 1 and wide > 1 and slot.across >= min(wide, 2)


def _placed(rows: Sequence[Sequence[Slot]]) -> list[list[Slot | None]]:
    """Every place of the table with the cell that covers it."""
    widest = max((sum(max(1, slot.across) for slot in row) for row in rows), default=0)
    whole = widest * len(rows) <= MAX_AREA
    grid: list[dict[int, Slot]] = [{} for _ in rows]
    for number, row in enumerate(rows):
        column = 0
        for slot in row:
            while column in grid[number]:
                column += 1
            down = range(number, min(len(rows), number + max(1, slot.down))) if whole else (number,)
            across = range(column, column + (max(1, slot.across) if whole else 1))
            for line in down:
                for place in across:
                    grid[line].setdefault(place, slot)
            column = across[-1] + 1
    columns = max((max(line, default=-1) for line in grid), default=-1) + 1
    if columns * len(rows) > 4 * MAX_AREA:
        columns = max(1, 4 * MAX_AREA // len(rows))
    return [[line.get(place) for place in range(columns)] for line in grid]


def _without_blanks(places: Sequence[Sequence[Slot | None]]) -> tuple[tuple[Slot | None, ...], ...]:
    """The places without rows and columns that hold no text, or only what covers the column before too."""
    rows = [row for row in places if any(slot is not None and slot.text for slot in row)]
    if not rows:
        return ()
    kept: list[int] = []
    for column in range(len(rows[0])):
        inked = any((slot := row[column]) is not None and slot.text for row in rows)
        again = bool(kept) and all(row[column] is row[kept[-1]] for row in rows)
        if inked and not again:
            kept.append(column)
    return tuple(tuple(row[column] for column in kept) for row in rows)


def _header_rows(places: Sequence[Sequence[Slot | None]]) -> int:
    """How many rows at the top head the columns, 0 to 3; at least one row is left below."""
    first = places[0]
    marked = 0
    while marked < min(3, len(places) - 1) and _is_marked(places[marked]):
        marked += 1
    if not marked and not _may_head(places):
        return 0
    rows = max(1, marked)
    reach = max((slot.down for slot in first if slot is not None), default=1)
    across = any(slot is not None and slot.across > 1 for slot in first)
    if across and rows < reach <= 3 and reach < len(places) and any(s is not None and s.down == 1 for s in first):
        rows = reach
    return rows


def _is_marked(row: Sequence[Slot | None]) -> bool:
    """Whether every cell of a row is marked as a heading and could be one."""
    return all(slot is not None and slot.head and len(slot.text) <= _HEAD_CHARS for slot in row)


def _may_head(places: Sequence[Sequence[Slot | None]]) -> bool:
    """Whether the words of the first row name columns rather than being a row of their own."""
    first = [slot.name if slot is not None else "" for slot in places[0]]
    if sum(map(bool, first)) < 2 or not all(first[1:]):
        return False
    if any(width(words) > _HEAD_WIDTH or _SENTENCE.search(words) for words in first):
        return False
    if any(words and kind_of(words) in (Kind.NUMBER, Kind.NONE) for words in first):
        return False
    if is_number_header(first[0]) or sum(map(is_header_word, first)) * 2 >= len(first):
        return True
    below = [[slot.words if slot is not None else "" for slot in row] for row in places[1:]]
    figures = any(
        all(kind_of(row[column]) in (Kind.NUMBER, Kind.DATE, Kind.NONE) for row in below)
        and any(row[column] for row in below)
        for column in range(1, len(first))
    )
    longer = sum(width(row[-1]) for row in below) > 2 * len(below) * width(first[-1])
    return figures or (len(below) > 1 and (longer or len(first) > 2))
