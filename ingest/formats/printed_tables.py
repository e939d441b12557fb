"""Tables of a page: those drawn with rules, and those that only line up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.formats.grids import Slot, read_matrix
from ingest.formats.printed import Piece, Rule, line_of, rows_of
from ingest.tables_cells import Kind, is_header_word, is_number_header, kind_of, running_number

_NEAR = 3.0  # points: rules this close are one
_MOST_RULES = 4000
_CELL_GAP = 1.5  # of the size: a narrower gap is a space in a cell


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """The lines of a cell, and the rows and columns `[first, end)` that it stands in."""

    lines: tuple[Piece, ...]
    row: int
    row_end: int
    column: int
    column_end: int


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A table: where its columns part (x), and the cells with text, row by row. `cut` says whether it is open at the
    top and at the bottom, as a table is that a page break cuts in the middle of a row."""

    left: float
    right: float
    top: float
    bottom: float
    edges: tuple[float, ...]
    rows: int
    cells: tuple[PrintedCell, ...]
    cut: tuple[bool, bool] = (False, False)

    @property
    def columns(self) -> int:
        """How many columns it has."""
        return len(self.edges) - 1

    def places(self) -> list[list[PrintedCell | None]]:
        """The cell that covers each place, row by row."""
        found: list[list[PrintedCell | None]] = [[None] * self.columns for _ in range(self.rows)]
        for cell in self.cells:
            for row in range(cell.row, cell.row_end):
                found[row][cell.column : cell.column_end] = [cell] * (cell.column_end - cell.column)
        return found

    def text(self, cell: PrintedCell) -> str:
        """The words of a cell; a line that ends early is parted by a space from the next, as one Latin word is from
        another."""
        wide = self.edges[cell.column_end] - self.edges[cell.column]
        margin = min(line.left for line in cell.lines) - self.edges[cell.column]
        parts = [cell.lines[0].text]
        for before, line in pairwise(cell.lines):
            room = wide - (before.right - before.left) - 2 * max(0.0, min(margin, line.size))
            latin = re.match(r"[A-Za-z0-9]", line.text) and re.match(r"[A-Za-z0-9]", before.text[-1])
            parts.append(f" {line.text}" if latin or room > 2.3 * line.size else line.text)
        return "".join(parts)

    def matrix(self) -> tuple[tuple[Slot, ...], ...]:
        """Its cells where they begin, for `ingest.formats.grids`."""
        rows = []
        for number, row in enumerate(self.places()):
            slots = []
            for column, cell in enumerate(row):
                if cell is None:
                    slots.append(Slot(""))
                elif (cell.row, cell.column) == (number, column):
                    slots.append(Slot(self.text(cell), cell.column_end - column, cell.row_end - number))
            rows.append(tuple(slots))
        return tuple(rows)

    def between(self, first: int, end: int) -> PrintedTable:
        """The rows `[first, end)` as a table of their own."""
        cells = tuple(
            replace(cell, row=cell.row - first, row_end=min(cell.row_end, end) - first)
            for cell in self.cells
            if first <= cell.row < end
        )
        lines = [line for cell in cells for line in cell.lines]
        top = self.top if first == 0 else min(line.top for line in lines)
        bottom = self.bottom if end == self.rows else max(line.bottom for line in lines)
        return replace(self, top=top, bottom=bottom, rows=end - first, cells=cells)


def peeled(table: PrintedTable) -> tuple[list[Piece], PrintedTable | None, list[Piece]]:
    """The lines above a table that stand in its first cells, the table, and the notes in its last; a table of one row
    or column is text."""
    read = read_matrix(table.matrix())
    above, below = len(read.above), len(read.below)
    if read.is_text:
        return [line for cell in table.cells for line in cell.lines], None, []
    first = [line for cell in table.cells if cell.row < above for line in cell.lines]
    last = [line for cell in table.cells if cell.row >= table.rows - below for line in cell.lines]
    return first, table.between(above, table.rows - below) if above or below else table, last


def ruled_tables(rules: Sequence[Rule], pieces: Sequence[Piece]) -> tuple[list[PrintedTable], list[Piece]]:
    """The tables that `rules` draw, and the pieces that stand in none."""
    if len(rules) > _MOST_RULES:
        return [], list(pieces)
    upright = _joined([rule for rule in rules if rule.upright and rule.bottom - rule.top > 4], upright=True)
    level = _joined([rule for rule in rules if not rule.upright and rule.right - rule.left > 4], upright=False)
    tables: list[PrintedTable] = []
    rest = list(pieces)
    for walls, floors in _groups(upright, level):
        if len(walls) < 2 or not floors:
            continue
        table, inside = _ruled(walls, floors, rest)
        if table is not None:
            tables.append(table)
            rest = [piece for piece in rest if id(piece) not in inside]
    return tables, rest


def _joined(rules: Sequence[Rule], *, upright: bool) -> list[Rule]:
    """Rules that lie on one another, or follow each other on one line, as one."""

    def place(rule: Rule) -> tuple[float, float, float]:
        return (rule.left, rule.top, rule.bottom) if upright else (rule.top, rule.left, rule.right)

    lanes: list[list[tuple[float, float, float]]] = []
    for at, start, end in sorted(map(place, rules)):
        if lanes and at - lanes[-1][-1][0] < 1.5:
            lanes[-1].append((at, start, end))
        else:
            lanes.append([(at, start, end)])
    found: list[Rule] = []
    for lane in lanes:
        here = lane[0][0]
        parts: list[list[float]] = []
        for _, start, end in sorted(lane, key=lambda part: part[1]):
            if parts and start <= parts[-1][1] + _NEAR:
                parts[-1][1] = max(parts[-1][1], end)
            else:
                parts.append([start, end])
        found += [Rule(here, start, here, end) if upright else Rule(start, here, end, here) for start, end in parts]
    return found


def _groups(upright: Sequence[Rule], level: Sequence[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Rules that touch each other."""
    parent = list(range(len(upright) + len(level)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for one, wall in enumerate(upright):
        for other, floor in enumerate(level):
            if (
                wall.top - _NEAR <= floor.top <= wall.bottom + _NEAR
                and floor.left - _NEAR <= wall.left <= floor.right + _NEAR
            ):
                parent[root(one)] = root(len(upright) + other)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for number, rule in enumerate((*upright, *level)):
        groups.setdefault(root(number), ([], []))[number >= len(upright)].append(rule)
    return sorted(groups.values(), key=lambda group: min((rule.top for rule in group[1]), default=0.0))


def _marks(values: Sequence[float]) -> list[float]:
    """Sorted places, those close together as one."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _NEAR:
            found.append(value)
    return found


def _ruled(
    walls: Sequence[Rule], floors: Sequence[Rule], pieces: Sequence[Piece]
) -> tuple[PrintedTable | None, set[int]]:
    """The table between touching rules with the pieces in it; `None` for a frame or what holds no two columns."""
    xs = _marks([wall.left for wall in walls])
    left, right = min(floor.left for floor in floors), max(floor.right for floor in floors)
    xs = [*([left] if xs[0] - left > 2 * _NEAR else []), *xs, *([right] if right - xs[-1] > 2 * _NEAR else [])]
    ys = _marks([floor.top for floor in floors])
    top, bottom = min(wall.top for wall in walls), max(wall.bottom for wall in walls)
    cut = (ys[0] - top > 2 * _NEAR, bottom - ys[-1] > 2 * _NEAR)
    ys = [*([top] if cut[0] else []), *ys, *([bottom] if cut[1] else [])]
    if len(xs) < 3 or len(ys) < 2:
        return None, set()
    spans = _merged(xs, ys, walls, floors)
    places = {(row, column): cell for cell in spans for row in range(cell[0], cell[1]) for column in range(*cell[2:])}
    held: dict[tuple[int, int, int, int], list[Piece]] = {cell: [] for cell in spans}
    inside: set[int] = set()
    for piece in pieces:
        middle, centre = (piece.top + piece.bottom) / 2, (piece.left + piece.right) / 2
        if not (xs[0] <= centre <= xs[-1] and ys[0] <= middle <= ys[-1]):
            continue
        row = next(at for at in range(len(ys) - 1) if middle <= ys[at + 1])
        column = next(at for at in range(len(xs) - 1) if centre <= xs[at + 1])
        held[places[row, column]].append(piece)
        inside.add(id(piece))
    cells = [
        PrintedCell(tuple(line_of(line) for line in rows_of(held[cell])), *cell) for cell in sorted(spans) if held[cell]
    ]
    if len({cell.column for cell in cells}) < 2 or len({cell.row for cell in cells}) < 2:
        return None, set()
    table = PrintedTable(xs[0], xs[-1], ys[0], ys[-1], tuple(xs), len(ys) - 1, tuple(cells), cut)
    return _without_blanks(table), inside


def _merged(
    xs: Sequence[float], ys: Sequence[float], walls: Sequence[Rule], floors: Sequence[Rule]
) -> list[tuple[int, int, int, int]]:
    """The cells (first row, end, first column, end): neighbours with no rule between them are one."""
    rows, columns = len(ys) - 1, len(xs) - 1

    def walled(x: float, row: int) -> bool:
        middle = (ys[row] + ys[row + 1]) / 2
        return any(abs(wall.left - x) <= _NEAR and wall.top <= middle <= wall.bottom for wall in walls)

    def floored(y: float, column: int) -> bool:
        middle = (xs[column] + xs[column + 1]) / 2
        return any(abs(floor.top - y) <= _NEAR and floor.left <= middle <= floor.right for floor in floors)

    right = [[column + 1 == columns or walled(xs[column + 1], row) for column in range(columns)] for row in range(rows)]
    below = [[row + 1 == rows or floored(ys[row + 1], column) for column in range(columns)] for row in range(rows)]
    taken = [[False] * columns for _ in range(rows)]
    found: list[tuple[int, int, int, int]] = []
    for row in range(rows):
        for column in range(columns):
            if taken[row][column]:
                continue
            end = column + 1
            while not right[row][end - 1] and not taken[row][end]:
                end += 1
            last = row + 1
            while last < rows and not any(below[last - 1][at] or taken[last][at] for at in range(column, end)):
                last += 1
            for at in range(row, last):
                taken[at][column:end] = [True] * (end - column)
            found.append((row, last, column, end))
    return found


def _without_blanks(table: PrintedTable) -> PrintedTable:
    """The table without rows and columns in which nothing stands."""
    rows = sorted({cell.row for cell in table.cells})
    columns = sorted({cell.column for cell in table.cells})
    cells = tuple(
        PrintedCell(
            cell.lines,
            rows.index(cell.row),
            sum(row < cell.row_end for row in rows),
            columns.index(cell.column),
            sum(column < cell.column_end for column in columns),
        )
        for cell in table.cells
    )
    edges = (*(table.edges[column] for column in columns), table.edges[-1])
    return replace(table, edges=edges, rows=len(rows), cells=cells)


def aligned_tables(rows: Sequence[tuple[Piece, ...] | PrintedTable]) -> list[tuple[Piece, ...] | PrintedTable]:
    """The rows of a column, with those that line up under a header as tables."""
    found: list[tuple[Piece, ...] | PrintedTable] = []
    parted = [() if isinstance(row, PrintedTable) else _parted(row) for row in rows]
    at = 0
    while at < len(rows):
        table, used = _aligned(parted, at) if len(parted[at]) > 1 else (None, 1)
        found.append(table if table is not None else rows[at])
        at += used if table is not None else 1
    return found


def _parted(row: Sequence[Piece]) -> tuple[Piece, ...]:
    """A row in which only wide gaps part pieces."""
    groups: list[list[Piece]] = []
    for piece in row:
        if groups and piece.left - groups[-1][-1].right < _CELL_GAP * piece.size:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return tuple(map(line_of, groups))


def _aligned(rows: Sequence[tuple[Piece, ...]], at: int) -> tuple[PrintedTable | None, int]:
    """The table whose header is row `at`, and how many rows it takes; () is a row that is none."""
    header = rows[at]
    columns = [[piece.left, piece.right] for piece in header]
    held: list[list[list[Piece]]] = [[[piece] for piece in header]]
    last, used = header[0], 1
    for row in rows[at + 1 :]:
        if not row:
            break
        places = _places(row, columns)
        if places is None or (len(row) == 1 and row[0].top - last.bottom > 0.7 * last.size):
            break
        if len(row) > 1:
            held.append([[] for _ in header])
        for piece, column in zip(row, places, strict=True):
            held[-1][column].append(piece)
            columns[column] = [min(columns[column][0], piece.left), max(columns[column][1], piece.right)]
        last = row[0]
        used += 1
    if len(held) < 3 or not _is_headed(held):
        return None, 1
    pieces = [piece for line in held for cell in line for piece in cell]
    left, right = min(piece.left for piece in pieces), max(piece.right for piece in pieces)
    inner = [(one[1] + other[0]) / 2 for one, other in pairwise(columns)]
    cells = [
        PrintedCell(tuple(cell), row, row + 1, column, column + 1)
        for row, line in enumerate(held)
        for column, cell in enumerate(line)
        if cell
    ]
    bounds = (min(piece.top for piece in pieces), max(piece.bottom for piece in pieces))
    return PrintedTable(left, right, *bounds, (left, *inner, right), len(held), tuple(cells)), used


def _places(row: Sequence[Piece], columns: Sequence[Sequence[float]]) -> list[int] | None:
    """The column of each piece: the one it stands under, or its place in a full row; `None` if it bridges two."""
    under = [
        [at for at, (left, right) in enumerate(columns) if piece.left < right and piece.right > left] for piece in row
    ]
    if any(len(each) > 1 for each in under):
        return None
    if len(row) == len(columns):
        fits = all(not each or each[0] == at for at, each in enumerate(under))
        return list(range(len(row))) if fits else None
    places = [each[0] for each in under if each]
    return places if len(places) == len(row) and len(set(places)) == len(places) else None


def _is_headed(rows: Sequence[Sequence[Sequence[Piece]]]) -> bool:
    """Whether the first row names the columns below it."""
    header = [cell[0].text for cell in rows[0]]
    if any((kind_of(words) in (Kind.NUMBER, Kind.NONE) and len(words) != 4) or len(words) > 20 for words in header):
        return False
    named = sum(is_header_word(words) for words in header)
    numbers = 0
    for column, words in enumerate(header):
        below = [row[column][0].text for row in rows[1:] if row[column]]
        numbers += bool(below) and all(kind_of(each) in (Kind.NUMBER, Kind.NONE) for each in below)
        if is_number_header(words) and below and all(running_number(each) for each in below):
            return True
    return 2 * named >= len(header) or numbers > 0
