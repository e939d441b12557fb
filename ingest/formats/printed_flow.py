"""The reading order of a page: one column or several, and what stands across them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from ingest.formats.printed import Piece, line_of, overlap, rows_of
from ingest.formats.printed_tables import PrintedTable

_SUPPORT = 4  # rows that must show the same gap; fewer do where next to nothing crosses it
_MANY = 600  # pieces: beyond it a page is read in one column


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one column, top to bottom; `left` and `right` are its edges; `column`: it has others beside it."""

    rows: tuple[tuple[Piece, ...] | PrintedTable, ...]
    left: float
    right: float
    column: bool = False


Gutter = tuple[float, float]
"""The x between which no text of two columns stands."""


def blocks_of(pieces: Sequence[Piece], tables: Sequence[PrintedTable], usual: Gutter | None = None) -> list[Block]:
    """The columns of a page in reading order; `usual` parts the columns of other pages of the document."""
    own = gutter_of(pieces, tables)
    gutter = own or usual
    if gutter is None:
        return [_block(pieces, tables)] if pieces or tables else []
    low, high = gutter
    things: list[Piece | PrintedTable] = sorted([*pieces, *tables], key=lambda thing: thing.top)
    bands: list[list[Piece | PrintedTable]] = [[]]
    flags = [False]
    for thing in things:
        spans = thing.left < low - 1 and thing.right > high + 1
        if spans != flags[-1]:
            bands.append([])
            flags.append(spans)
        bands[-1].append(thing)
    found: list[Block] = []
    single: list[Piece | PrintedTable] = []
    for band, spans in zip(bands, flags, strict=True):
        left = [thing for thing in band if thing.right <= high]
        right = [thing for thing in band if thing.right > high]
        if spans or not (own is None or _is_columns(left, right, low, high)):
            single += band
            continue
        if single:
            found.append(_mixed(single))
            single = []
        for side in (left, right):
            found += [replace(block, column=True) for block in blocks_of(*_kinds(side))]
    if single:
        found.append(_mixed(single))
    return found


def _kinds(things: Sequence[Piece | PrintedTable]) -> tuple[list[Piece], list[PrintedTable]]:
    return (
        [thing for thing in things if isinstance(thing, Piece)],
        [thing for thing in things if isinstance(thing, PrintedTable)],
    )


def _mixed(things: Sequence[Piece | PrintedTable]) -> Block:
    return _block(*_kinds(things))


def _block(pieces: Sequence[Piece], tables: Sequence[PrintedTable]) -> Block:
    rows: list[tuple[Piece, ...] | PrintedTable] = [*map(tuple, rows_of(pieces)), *tables]
    rows.sort(key=lambda row: row.top if isinstance(row, PrintedTable) else row[0].top)
    lefts = sorted(row[0].left for row in rows if not isinstance(row, PrintedTable))
    rights = sorted((row[-1].right for row in rows if not isinstance(row, PrintedTable)), reverse=True)
    if not lefts:
        return Block(tuple(rows), tables[0].left, tables[0].right)
    em = median(piece.size for piece in pieces)
    left = _edge(lefts, em)
    left = next((value for value in lefts if 1.7 * em <= left - value <= 2.4 * em), left)
    return Block(tuple(rows), left, _edge(rights, em))


def _edge(values: Sequence[float], em: float) -> float:
    """The outermost of sorted `values` that is not alone, if there are many."""
    need = max(2, len(values) // 20) if len(values) > 5 else 1
    for at, value in enumerate(values[: len(values) - need + 1]):
        if abs(values[at + need - 1] - value) < 0.6 * em:
            return value
    return values[0]


def gutter_of(pieces: Sequence[Piece], tables: Sequence[PrintedTable]) -> Gutter | None:
    """The gap between two columns of running text, `None` where there is none."""
    if len(pieces) > _MANY:
        return None
    things = [*pieces, *(Piece("", table.left, table.right, table.top, table.bottom, 0.0) for table in tables)]
    gaps = [(one.right, other.left) for one, other in _neighbours(things)]
    while len(gaps) > 1:
        at = max((end - 0.1 for _, end in gaps), key=lambda x: sum(left < x < right for left, right in gaps))
        over = [gap for gap in gaps if gap[0] < at < gap[1]]
        if len(over) < 2:
            return None
        lows, highs = sorted(gap[0] for gap in over), sorted(gap[1] for gap in over)
        low, high = lows[-1 - len(lows) // 20], highs[len(highs) // 20]
        everything: list[Piece | PrintedTable] = [*pieces, *tables]
        beside = [thing for thing in everything if thing.right <= low + 1 or thing.left >= high - 1]
        left = [thing for thing in beside if thing.right <= high]
        right = [thing for thing in beside if thing.right > high]
        wide = high - low >= 0.7 * median(piece.size for piece in pieces)
        crossing = len(things) - len(beside)
        wide = wide and (len(over) >= _SUPPORT or crossing <= 0.2 * len(pieces))
        if wide and _is_columns(left, right, low, high):
            return low, high
        gaps = [gap for gap in gaps if gap not in over]
    return None


def _neighbours(pieces: Sequence[Piece]) -> list[tuple[Piece, Piece]]:
    """Each piece with the next to its right beside it."""
    ordered = sorted(pieces, key=lambda piece: piece.left)
    found = []
    for at, piece in enumerate(ordered):
        for other in ordered[at + 1 :]:
            if other.left >= piece.right - 0.2 * piece.size and overlap(piece, other) >= 0.3:
                found.append((piece, other))
                break
    return found


def _is_columns(
    left: Sequence[Piece | PrintedTable], right: Sequence[Piece | PrintedTable], low: float, high: float
) -> bool:
    """Whether both sides of a gap are running text: lines that fill their side."""
    if len(left) < 2 or len(right) < 2:
        return False
    if min(thing.bottom for thing in left) > max(thing.bottom for thing in right):
        return False
    lines = [line_of(row) for row in rows_of(_kinds(left)[0])]
    others: list[Piece | PrintedTable] = [*(line_of(row) for row in rows_of(_kinds(right)[0])), *_kinds(right)[1]]
    if len(lines) < 2:
        return False
    em = median(line.size for line in lines)
    wide = median(line.right - line.left for line in lines) >= 8 * em
    full = sum(line.right >= low - 2.5 * em for line in lines)
    starts = sum(line.left <= high + 2.8 * em for line in others)
    if full < max(2, 0.25 * len(lines)) or (starts < 0.6 * len(others) and full < 0.4 * len(lines)):
        return False
    return wide and median(line.right - line.left for line in others) >= 5 * em
