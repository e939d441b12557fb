"""The search for columns in a stretch of lines that hold one cell each, when the number of rows is known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from ingest.document import Span
from ingest.lines import width
from ingest.tables_cells import Cell, Kind, is_header_word, join

_WORTH = 2.0  # what a column brings; it is taken if it costs less
_MARGIN = 0.5  # by how much a cut must beat every other
_STATES = 400
_HEADING = re.compile(r"(?:[（(]?[一二三四五六七八九十]+[、)）]|第[一二三四五六七八九十百\d]+[章条节编])")
_NOTE = re.compile(r"[（(][^（()）]*[)）]$")
_OPEN_END, _OPEN_START = re.compile(r"[、，,/与及的]$"), re.compile(r"[、，,)）/%]")
_WORD = re.compile(r"[!-~]+")
_YEAR = re.compile(r"(?:19|20)\d\d$")


@dataclass(frozen=True, slots=True)
class Unit:
    """One line, or several held together by an unclosed bracket.

    `widest` and `last` are widths of its lines; `gap` says how many blank lines stand above it.
    """

    cell: Cell
    inked: Span
    kind: Kind
    widest: float
    last: float
    gap: int


class Role(Enum):
    """What a column's cells belong to."""

    FULL = "a cell for every row"
    GROUP = "a cell for every group of rows"
    SHORT = "fewer cells than rows: which row each belongs to cannot be proved"


@dataclass(frozen=True, slots=True)
class Column:
    """`header` units from `first`, then cells up to `end`; a unit in `joins` goes on in the next one.

    `wrapped` says that lines were joined for no other reason than that they fill the column.
    """

    first: int
    header: int
    end: int
    joins: frozenset[int]
    role: Role
    gain: float
    wrapped: bool

    def heading(self, units: Sequence[Unit]) -> Cell:
        """The header, its wraps undone."""
        return join([unit.cell for unit in units[self.first : self.first + self.header]])

    def cells(self, units: Sequence[Unit]) -> list[Cell]:
        """The cells, their wraps undone."""
        return _cells(units, self.first + self.header, self.end, self.joins)


@dataclass(frozen=True, slots=True)
class _State:
    """How far a chain of columns has come, whether it has the group column, and whether it ends in a short one."""

    at: int
    grouped: bool
    short: bool


class ColumnSearch:
    """Cuts units into columns of `rows` cells (or `groups` cells, one column at most) so that the gain is greatest."""

    def __init__(self, units: Sequence[Unit], rows: int, groups: int, budget: int) -> None:
        """`budget` is how many cells may be looked at; it counts down, and the search stops at 0."""
        self.units, self.rows, self.groups, self.budget = units, rows, groups, budget

    def rightwards(self, start: int, grouped: bool) -> tuple[list[Column], float]:
        """The best columns that begin at `start` and follow each other, and what they bring.

        `grouped` says that the group column is known already.
        """
        return self._best(_State(start, grouped, False), 1)

    def leftwards(self, end: int) -> tuple[list[Column], float]:
        """The best columns that follow each other up to `end`, and what they bring."""
        columns, gain = self._best(_State(end, False, False), -1)
        return columns[::-1], gain

    def _best(self, origin: _State, step: int) -> tuple[list[Column], float]:
        """The chain of columns from `origin` with the greatest sum of gains, as far as no other comes near.

        Dynamic programming, once outwards (`head`: the best sum up to a state) and once back (`tail`: from it on).
        A column is kept while every chain that cuts its lines otherwise is worse by `_MARGIN`.
        """
        edges: dict[_State, list[tuple[Column, _State]]] = {}
        head = {origin: 0.0}
        pending = {origin}
        while pending and self.budget > 0 and len(edges) < _STATES:
            state = min(pending, key=lambda item: (item.at * step, item.grouped, item.short))
            pending.remove(state)
            edges[state] = list(self._columns_at(state, step))
            for column, reached in edges[state]:
                pending.add(reached)
                head[reached] = max(head.get(reached, -9.0), head[state] + column.gain)
        tail: dict[_State, float] = {}
        through: list[tuple[float, Column, _State, _State]] = []
        for state in reversed(edges):
            for column, reached in edges[state]:
                rest = column.gain + max(-self._end_cost(column, step), tail.get(reached, -9.0))
                tail[state] = max(tail.get(state, -9.0), rest)
                through.append((head[state] + rest, column, state, reached))
        chain: list[Column] = []
        state, done = origin, tail.get(origin, 0.0) <= 0
        while not done:
            total, column, _, reached = max((item for item in through if item[2] == state), key=lambda item: item[0])
            near = [(item[0], item[1]) for item in through if item[1].first < column.end and column.first < item[1].end]
            if any(other is not column and total - rival < _MARGIN for rival, other in near):
                break
            chain.append(column)
            state, done = reached, tail.get(reached, -9.0) < -self._end_cost(column, step)
        while chain and chain[-1].role is Role.SHORT:
            chain.pop()
        return chain, tail[origin] if done and chain else sum(column.gain for column in chain)

    def _end_cost(self, column: Column, step: int) -> float:
        """What it costs that the last column may not end here: the next line could be one more of its cells."""
        if column.role is Role.SHORT:
            return 2 * _WORTH
        if step < 0:
            return 0.0
        if column.end == len(self.units):
            return -0.5
        missed = 0.5 * sum(_is_header(unit.cell.text) for unit in self.units[column.end :])
        body, following = self.units[column.first + column.header : column.end], self.units[column.end]
        words = following.cell.text
        apart = following.gap > max(unit.gap for unit in body)
        if following.kind is not body[-1].kind or apart or _HEADING.match(words):
            return missed
        return missed + 2.0 * (following.widest <= 2 + 1.5 * max(unit.widest for unit in body))

    def _is_named(self, column: Column) -> bool:
        return column.header == 1 and _is_header(column.heading(self.units).text)

    def _columns_at(self, state: _State, step: int) -> Iterator[tuple[Column, _State]]:
        """Every acceptable column that begins (or, for step -1, ends) at a state, and the state it leads to."""
        room = len(self.units) - state.at if step > 0 else state.at
        counts = [(self.rows, Role.FULL)]
        if self.groups > 1 and not state.grouped:
            counts.append((self.groups, Role.GROUP))
        if step > 0 and not state.short:
            counts += [(rows, Role.SHORT) for rows in range(max(2, self.rows // 2), self.rows)][-3:]
        for count, role in counts:
            most = 0 if role is Role.SHORT else count
            for header in (1, 2, 3):
                for joins in range(min(most, room - header - count) + 1):
                    length = header + count + joins
                    first = state.at if step > 0 else state.at - length
                    column = self._column(first, header, first + length, count, role) if length <= room else None
                    if column is not None and not (state.short and not self._is_named(column)):
                        reached = column.end if step > 0 else column.first
                        grouped = state.grouped or role is Role.GROUP
                        yield column, _State(reached, grouped, role is Role.SHORT)

    def _column(self, first: int, header: int, end: int, count: int, role: Role) -> Column | None:
        """The column made of these units, if it is worth taking."""
        self.budget -= 10
        above = self._header_cost(first, header)
        if above >= _WORTH:
            return None
        self.budget -= end - first
        joined = self._joins(first + header, end, count)
        if joined is None:
            return None
        joins, cost, wrapped = joined
        cost += above + self._body_cost(first, header, end, joins, role)
        gain = _WORTH - cost
        if role is Role.SHORT:
            gain -= _WORTH + 0.3 * (self.rows - count)
            short = Column(first, header, end, joins, role, gain, wrapped)
            return short if cost < _WORTH / 2 and self._is_named(short) else None
        return Column(first, header, end, joins, role, gain, wrapped) if gain > 0 else None

    def _header_cost(self, first: int, count: int) -> float:
        """How little the units look like a column's header."""
        parts = self.units[first : first + count]
        text = join([part.cell for part in parts]).text
        wide = sum(part.widest for part in parts)
        around = self.units[max(0, first - self.rows) : first + count + self.rows]
        cost = 1.5 * (sum(unit.cell.text == text for unit in around) > (count == 1))
        cost += 0.5 * (count - 1) + 0.1 * max(0.0, wide - 10) + 1.5 * ("，" in text) + 2 * bool(_HEADING.match(text))
        values = [part for part in parts if part.kind in (Kind.NUMBER, Kind.NONE)]
        if any(not _YEAR.match(part.cell.text) for part in values):
            cost += 2 * _WORTH
        if _is_header(text):
            return cost - 0.3 * count
        return cost + 0.8 * (count > 1)

    def _joins(self, start: int, end: int, count: int) -> tuple[frozenset[int], float, bool] | None:
        """Which units go on in the next one so that `count` cells come out, and what that costs.

        A note or a line that ends open goes on where that helps. Lines that fill the column go on all together
        or not at all, because nothing says which of them would.
        """
        wanted = end - start - count
        body = list(enumerate(pairwise(self.units[start:end]), start))
        loose = [at for at, (unit, following) in body if _is_loose(unit, following)]
        cost = 0.4 * len(loose)
        if wanted <= len(loose):
            return frozenset(loose[:wanted]), cost - 0.4 * wanted, False
        full = max(unit.widest for unit in self.units[start:end])
        filled = [at for at, (unit, following) in body if at not in loose and _is_filled(unit, following, full)]
        if wanted != len(loose) + len(filled):
            return None
        return frozenset((*loose, *filled)), 0.9 + 0.8 * (len(filled) == 1), True

    def _body_cost(self, first: int, header: int, end: int, joins: frozenset[int], role: Role) -> float:
        """How little the cells look like one column's."""
        body = self.units[first + header : end]
        heads = [self.units[at] for at in range(first + header, end) if at - 1 not in joins]
        kinds = Counter(unit.kind for unit in heads if unit.kind is not Kind.NONE)
        if not kinds:
            return 1.0
        main, most = kinds.most_common(1)[0]
        others = kinds.total() - most
        mixed = 3.0 if kinds[Kind.NUMBER] else 1.5
        cost = min(1.2, 0.5 * others) if 5 * others <= kinds.total() else mixed * others / kinds.total()
        if main is Kind.NUMBER and not others:
            cost -= 0.3
        texts = [unit.cell.text for unit in heads]
        long = sorted(len(cell.text) for cell in _cells(self.units, first + header, end, joins))
        cost += sum(size > max(12, 3 * long[len(long) // 2]) for size in long)
        cost += sum(0.5 for text in texts if len(text) <= 6 and texts.count(text) == 1 and is_header_word(text))
        cost += 0.6 * (len(texts[0]) <= 2 and is_header_word(texts[0]))
        cost += sum(1.2 * ("，" in text) + 2 * bool(_HEADING.match(text)) for text in texts) / len(texts)
        if main is Kind.TEXT:
            named = _is_header(join([unit.cell for unit in self.units[first : first + header]]).text)
            cost += 0.3 * (1 - _kinship(texts)) + (0.0 if named else 0.4 + 0.6 * bool(joins))
            following = self.units[end : end + 1]
            if role is not Role.GROUP and not joins:
                cost += _fullness(body, following[0] if following else None)
        return cost


def _cells(units: Sequence[Unit], start: int, end: int, joins: frozenset[int]) -> list[Cell]:
    body: list[list[Cell]] = []
    for at in range(start, end):
        if at - 1 in joins:
            body[-1].append(units[at].cell)
        else:
            body.append([units[at].cell])
    return [join(pieces) for pieces in body]


def _is_header(words: str) -> bool:
    return len(words) <= 10 and is_header_word(words)


def _is_loose(unit: Unit, following: Unit) -> bool:
    """Whether the next line seems to belong to the same cell: a note in brackets, or the line ends open."""
    text, then = unit.cell.text, following.cell.text
    if Kind.NONE in (unit.kind, following.kind):
        return False
    return bool((_NOTE.match(then) and not _NOTE.match(text)) or _OPEN_END.search(text) or _OPEN_START.match(then))


def _is_filled(unit: Unit, following: Unit, full: float) -> bool:
    """Whether a line reaches the edge of its column, so that the next may be its rest."""
    word = _WORD.match(following.cell.text)
    room = full - (width(word[0]) if word else 1.0) - 0.5
    return full >= 4 and unit.kind is Kind.TEXT and unit.last > room


def _fullness(body: Sequence[Unit], following: Unit | None) -> float:
    """What it costs that cells are filled to the edge, as the lines of a paragraph or of broken cells are."""
    full = max(unit.widest for unit in body)
    if full < 5:
        return 0.0
    texts = {unit.cell.text for unit in body}
    edge = [unit for unit in body if unit.kind is Kind.TEXT and unit.widest >= full - 0.5]
    filled = {unit.cell.text for unit in edge if not unit.cell.text.isascii()}
    cost = 5 * max(0.0, len(filled) / len(texts) - 0.25) if len(filled) > 1 else 0.0
    return cost + 0.7 * (following is not None and _is_filled(body[-1], following, full))


def _kinship(texts: Sequence[str]) -> float:
    """Share of the cells that have two characters in a row, or the last one, in common with another cell."""
    marks = [{text[-1:], *(text[i : i + 2] for i in range(len(text) - 1))} for text in texts]
    seen = Counter(mark for each in marks for mark in each)
    return sum(any(seen[mark] > 1 for mark in each) for each in marks) / len(texts)
