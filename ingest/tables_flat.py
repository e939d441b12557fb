"""Tables that lost their shape: printed column by column, or row by row, with one cell a line.

A column of running numbers (序号) is the key: it says how many rows there are, and where it begins again at 1
how many groups. Every other column then needs that many cells, once broken cells are joined. Of all ways to
cut the lines around it into headers and cells, the one whose columns are most alike in themselves is taken;
where none is consistent there is no table and the text stays text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, islice, takewhile

from ingest.document import Span, merge
from ingest.lines import Line, width
from ingest.tables_cells import (
    CLOSERS,
    OPENERS,
    Cell,
    Grid,
    Kind,
    counts_up,
    inked,
    is_header_word,
    is_number_header,
    join,
    kind_of,
    line_cell,
    running_number,
)
from ingest.tables_columns import Column, ColumnSearch, Role, Unit

MAX_ROWS = 1000
MAX_COLUMNS = 24
_MAX_WIDTH = 40.0  # of a line that may be a cell, in full-width characters
_BUDGET = 6_000_000  # cells looked at in one text while columns are tried (some ten seconds)
_FIRST = re.compile(r"^[ \t\u3000*]*[（(]?[1１][)）.．、]?[ \t\u3000*]*\r?$", re.MULTILINE)
_SENTENCE = re.compile(r"[。！？!?；;]|[:：]$")
_HEADING = re.compile(r"[一二三四五六七八九十]+、|第[一二三四五六七八九十百\d]+[章条节编]")


def flat_tables(text: str, lines: Sequence[Line]) -> Iterator[Grid]:
    """The flattened tables of a text, in order. Time grows with the text and with `_BUDGET`, not faster."""
    starts = [line.start for line in lines] if _FIRST.search(text) else []
    budget, done = _BUDGET, 0
    for found in _FIRST.finditer(text):
        if found.start() < done or budget <= 0:
            continue
        at = bisect_right(starts, found.start()) - 1
        numbers = _numbers(text, lines, at)
        grid, budget = _by_columns(text, lines, at, numbers, done, budget)
        grid = grid or _by_rows(text, lines, at, done)
        done = max(lines[numbers[-1]].end, grid.spans[-1].end if grid else 0)
        if grid is not None:
            yield grid


def _numbers(text: str, lines: Sequence[Line], at: int) -> list[int]:
    """The lines from `at` on that hold one running number each and go on counting (or begin again at 1)."""
    found, last = [at], 1
    for here in _filled(text, lines, at + 1, 1):
        number = running_number(line_cell(text, lines[here]).text)
        if number is None or number not in (1, last + 1):
            break
        found.append(here)
        last = number
    return found


def _filled(text: str, lines: Sequence[Line], start: int, step: int) -> Iterator[int]:
    """The lines from `start` on, downwards or upwards, that hold more than white space and marks."""
    at = start
    while 0 <= at < len(lines):
        if line_cell(text, lines[at]).text:
            yield at
        at += step


def _by_columns(
    text: str, lines: Sequence[Line], at: int, numbers: Sequence[int], done: int, budget: int
) -> tuple[Grid | None, int]:
    """The table whose column of running numbers is `numbers`, and what is left of `budget`."""
    count = [running_number(line_cell(text, lines[here]).text) for here in numbers]
    groups = counts_up(count)
    if groups is None or not 2 <= len(numbers) <= MAX_ROWS or groups == len(numbers):
        return None, budget
    reach = (len(numbers) + 4) * MAX_COLUMNS
    above = [here for here in _stretch(text, lines, at - 1, -1, reach) if lines[here].start >= done][::-1]
    below = _stretch(text, lines, numbers[-1] + 1, 1, reach)
    left, right = _units(text, lines, above), _units(text, lines, below)
    header = 2 if [unit.cell.text for unit in left[-2:]] == ["序", "号"] else 1
    if len(left) < header or left[-1].kind is not Kind.TEXT or left[-1].widest > 6:
        return None, budget
    units = [*left, *_units(text, lines, numbers), *right]
    number_column = Column(len(left) - header, header, len(left) + len(numbers), frozenset(), Role.FULL, 0.0, False)
    search = ColumnSearch(units, len(numbers), groups, budget)
    before, gain = search.leftwards(number_column.first)
    after, more = search.rightwards(number_column.end, any(column.role is Role.GROUP for column in before))
    columns = [*before, number_column, *after]
    sure = is_number_header(number_column.heading(units).text)
    grouped = any(column.role is Role.GROUP for column in columns)
    needed = (1.0 if sure else 2.5) + (0.0 if groups == 1 or grouped else 1.0)
    guessed = any(column.wrapped for column in columns) and not all(_is_named(units, column) for column in columns)
    if search.budget <= 0 or guessed or gain + more < needed:
        return None, search.budget
    return _grid(text, units, columns, [number or 0 for number in count]), search.budget


def _is_named(units: Sequence[Unit], column: Column) -> bool:
    """Whether a column's header is one by its words, or by standing over numbers."""
    numbers = all(kind_of(cell.text) in (Kind.NUMBER, Kind.NONE) for cell in column.cells(units))
    return numbers or is_header_word(column.heading(units).text)


def _stretch(text: str, lines: Sequence[Line], start: int, step: int, most: int) -> list[int]:
    """At most `most` filled lines from `start` on, up to the first that is too long for a cell or ends a sentence."""
    found = []
    for here in islice(_filled(text, lines, start, step), most):
        words = line_cell(text, lines[here]).text
        if len(words) > 2 * _MAX_WIDTH or _SENTENCE.search(words) or width(words) > _MAX_WIDTH:
            break
        found.append(here)
    return found


def _units(text: str, lines: Sequence[Line], chosen: Sequence[int]) -> list[Unit]:
    """The chosen lines; those between an opening bracket and its close (at most three further on) are one unit."""
    cells = [line_cell(text, lines[here]) for here in chosen]
    units, at = [], 0
    while at < len(cells):
        depths = list(accumulate(_depth(cell.text) for cell in cells[at : at + 4]))
        size = next((i + 1 for i, depth in enumerate(depths) if depth <= 0), 1)
        cell = join(cells[at : at + size])
        span = Span(inked(text, lines[chosen[at]]).start, inked(text, lines[chosen[at + size - 1]]).end)
        widths = [width(piece.text) for piece in cells[at : at + size]]
        gap = chosen[at] - chosen[at - 1] - 1 if at else 0
        units.append(Unit(cell, span, kind_of(cell.text), max(widths), widths[-1], gap))
        at += size
    return units


def _depth(words: str) -> int:
    """How many brackets `words` leaves open (below 0: closes)."""
    return sum((char in OPENERS) - (char in CLOSERS) for char in words)


def _grid(text: str, units: Sequence[Unit], columns: Sequence[Column], numbers: Sequence[int]) -> Grid:
    """The table that the columns make; a group's cell stands in each row of the group."""
    group = list(accumulate(int(number == 1) for number in numbers))
    filled: list[list[Cell | None]] = []
    spans: list[Span] = []
    for column in columns:
        cells = column.cells(units)
        if column.role is Role.SHORT:
            filled.append([None] * len(numbers))
        elif column.role is Role.GROUP:
            filled.append([cells[index - 1] for index in group])
        else:
            filled.append(list(cells))
        taken = column.first + column.header if column.role is Role.SHORT else column.end
        spans += [unit.inked for unit in units[column.first : taken]]
    headers = tuple(column.heading(units) for column in columns)
    return Grid(columns=headers, rows=tuple(zip(*filled, strict=True)), spans=merge(spans, text))


def _by_rows(text: str, lines: Sequence[Line], at: int, done: int) -> Grid | None:
    """The table printed row by row whose first row begins with the running number at line `at`.

    The numbers 1, 2, 3 … must stand at one distance all through, and the headers before them at the same.
    """
    above: list[Cell] = []
    for here in islice(_filled(text, lines, at - 1, -1), MAX_COLUMNS + 1):
        if lines[here].start < done:
            return None
        above.insert(0, line_cell(text, lines[here]))
        if above[0].text == "序" and len(above) > 1 and above[1].text == "号":
            above[:2] = [join(above[:2])]
        if is_number_header(above[0].text):
            break
    size = len(above)
    if size < 2 or not _heads(above):
        return None
    rows: list[list[int]] = []
    further = _filled(text, lines, at, 1)
    while len(rows) < MAX_ROWS:
        row = list(islice(further, size))
        if len(row) < size or running_number(line_cell(text, lines[row[0]]).text) != len(rows) + 1:
            break
        rows.append(row)
    if rows and any(running_number(line_cell(text, lines[here]).text) == len(rows) + 1 for here in rows[-1][1:]):
        rows.pop()  # it seems to lack a cell: what follows it may be the next row
    if len(rows) < 2 or any(_HEADING.match(line_cell(text, lines[here]).text) for row in rows for here in row):
        return None
    heads = list(takewhile(lambda line: line < at, _filled(text, lines, here, 1)))
    spans = [inked(text, lines[line]) for line in chain(heads, *rows)]
    return Grid(
        columns=tuple(above),
        rows=tuple(tuple(line_cell(text, lines[here]) for here in row) for row in rows),
        spans=merge(spans, text),
    )


def _heads(above: Sequence[Cell]) -> bool:
    """Whether the cells are headers of a table that begins with running numbers."""
    return is_number_header(above[0].text) and all(
        width(cell.text) <= 12 and not _SENTENCE.search(cell.text) and kind_of(cell.text) is not Kind.NUMBER
        for cell in above
    )
