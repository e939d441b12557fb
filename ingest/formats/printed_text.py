"""Pages → one text and its layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from ingest.document import Doubt, Dropped, Span
from ingest.formats.grids import read_matrix
from ingest.formats.printed import Page, Piece, line_of, rows_of
from ingest.formats.printed_flow import Block, Gutter, blocks_of, gutter_of
from ingest.formats.printed_paragraphs import Line, Style, footnotes_from, is_leader, is_note, paragraphs_of, style_of
from ingest.formats.printed_running import running
from ingest.formats.printed_tables import PrintedCell, PrintedTable, aligned_tables, peeled, ruled_tables
from ingest.layout import Extract, Layout
from ingest.lines import ends_sentence
from ingest.numbering import Kind, marker
from ingest.tables_cells import Cell, Grid, join

_SURE = 0.999
_SAMPLE = 200  # blocks that the edges of columns are judged by
_SAME_EDGE = 8.0  # points: columns of a table that goes on stand this close to those on the page before


@dataclass
class _Sheet:
    """One page while it is read: what runs above it, its body in reading order, its footnotes, what is set aside."""

    header: list[tuple[Piece, str]] = field(default_factory=list)
    body: list[Line | PrintedTable] = field(default_factory=list)
    notes: list[Line] = field(default_factory=list)
    aside: list[tuple[Piece, str]] = field(default_factory=list)


@dataclass
class _Writer:
    """The text while it grows, and what is less than sure or no body text in it."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    doubts: list[Doubt] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)

    def put(self, piece: Piece, after: str = "\n") -> Span:
        """Write a piece and what parts it from the next; where it stands."""
        span = Span(self.length, self.length + len(piece.text))
        self.parts.append(piece.text + after)
        self.length = span.end + len(after)
        if piece.confidence < _SURE:
            self.doubts.append(Doubt(start=span.start, end=span.end, confidence=round(piece.confidence, 3)))
        return span

    def drop(self, piece: Piece, reason: str, after: str = "\n") -> None:
        """Write a piece that is no body text."""
        span = self.put(piece, after)
        self.dropped.append(Dropped(start=span.start, end=span.end, reason=reason))


@dataclass
class _Grid:
    """A table while it grows over pages: its header rows, the columns that are kept, whether its last row is cut."""

    edges: tuple[float, ...]
    headed: int
    kept: tuple[int, ...]
    cut: bool = False
    rows: list[list[Cell | None]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    def add(self, rows: Sequence[list[Cell | None]], table: PrintedTable) -> None:
        """Put the rows of a further part to it; the first may go on with the last row of the part before."""
        if self.rows and rows and self.cut and table.cut[0]:
            last = [_continued(one, other) for one, other in zip(self.rows[-1], rows[0], strict=True)]
            self.rows[-1], rows = last, rows[1:]
        self.rows += rows
        self.cut = table.cut[1]

    def close(self) -> Grid:
        """The finished table; header rows become the names of the columns."""
        columns = []
        for column in range(len(self.kept)):
            parts = [row[column] for row in self.rows[: self.headed]]
            named = [cell for at, cell in enumerate(parts) if cell is not None and cell not in parts[:at]]
            words = " ".join(cell.text for cell in named)
            columns.append(
                Cell(words, named[0].start, named[-1].end) if named else Cell("", *[self.spans[0].start] * 2)
            )
        return Grid(
            columns=tuple(columns),
            rows=tuple(tuple(row) for row in self.rows[self.headed :]),
            spans=tuple(self.spans),
        )


def _continued(one: Cell | None, other: Cell | None) -> Cell | None:
    """A cell that a page break cuts: its place is that of its first part."""
    if one is None or other is None:
        return one or other
    return Cell(join([one, other]).text, one.start, one.end)


def compose(pages: Sequence[Page], warnings: Sequence[str] = ()) -> Extract:
    """The text of `pages` in reading order, with its paragraphs, tables, pages and discards."""
    sheets, style = _sheets(pages)
    flow = [thing for sheet in sheets for thing in sheet.body]
    contents = _contents(flow)
    lines = [thing if isinstance(thing, Line) and at not in contents else None for at, thing in enumerate(flow)]
    writer = _Writer()
    starts: list[int] = []
    spans: list[Span | None] = []
    grids: list[_Grid] = []
    notes: list[tuple[int, tuple[Span, ...]]] = []
    open_grid: _Grid | None = None
    for sheet in sheets:
        starts.append(writer.length)
        for piece, reason in sheet.header:
            writer.drop(piece, reason)
        for thing in sheet.body:
            if isinstance(thing, PrintedTable):
                grid = _write_table(writer, thing, open_grid)
                if grid is not open_grid:
                    grids.append(grid)
                open_grid = grid
                spans.append(None)
                continue
            open_grid = None
            if len(spans) in contents:
                writer.drop(thing.piece, "目录")
                spans.append(None)
            else:
                spans.append(writer.put(thing.piece))
        for group in _note_groups(sheet.notes):
            notes.append((len(spans), tuple(writer.put(line.piece) for line in group)))
        for piece, reason in sheet.aside:
            if reason:
                writer.drop(piece, reason)
            else:
                notes.append((len(spans), (writer.put(piece),)))
    paragraphs, styled = _ordered(paragraphs_of(lines, style), spans, lines, notes, style)
    layout = Layout(
        paragraphs=tuple(paragraphs),
        styled=tuple(styled),
        tables=tuple(grid.close() for grid in grids),
        dropped=tuple(writer.dropped),
        pages=tuple(starts),
        doubts=tuple(writer.doubts),
        warnings=tuple(warnings),
    )
    return Extract(text="".join(writer.parts), layout=layout, encoding="utf-8")


def _sheets(pages: Sequence[Page]) -> tuple[list[_Sheet], Style]:
    """The pages taken apart, and what is usual in them."""
    sheets: list[_Sheet] = []
    bodies: list[tuple[list[Piece], list[PrintedTable]]] = []
    for page, marks in zip(pages, running(pages), strict=True):
        sheet = _Sheet(aside=list(page.aside))
        for row in rows_of(piece for piece in page.pieces if id(piece) in marks):
            line, reason = line_of(row), marks[id(row[0])]
            (sheet.header if line.top < page.height / 2 else sheet.aside).append((line, reason))
        tables, rest = ruled_tables(page.rules, [piece for piece in page.pieces if id(piece) not in marks])
        bodies.append((rest, tables))
        sheets.append(sheet)
    usual = _usual_gutter([gutter_of(*body) for body in bodies])
    blocks = [[_with_aligned(block) for block in blocks_of(*body, usual)] for body in bodies]
    _settle(sheets, blocks, pages)
    lines = [thing for sheet in sheets for thing in sheet.body if isinstance(thing, Line)]
    style = style_of(lines) if lines else Style(12.0, 18.0, True)
    for sheet, page in zip(sheets, pages, strict=True):
        tail = [thing for thing in sheet.body if isinstance(thing, Line)]
        at = footnotes_from(tail, style, page.height)
        sheet.notes = tail[at:]
        taken = {id(line) for line in sheet.notes}
        sheet.body = [thing for thing in sheet.body if id(thing) not in taken]
    return sheets, style


def _usual_gutter(gutters: Sequence[Gutter | None]) -> Gutter | None:
    """The gutter of most pages, if half of them have one."""
    found = [gutter for gutter in gutters if gutter is not None]
    if not found or 2 * len(found) < len(gutters):
        return None
    low, high = median(gutter[0] for gutter in found), median(gutter[1] for gutter in found)
    alike = sum(abs(gutter[0] - low) < 15 and abs(gutter[1] - high) < 15 for gutter in found)
    return (low, high) if 2 * alike > len(found) else None


def _with_aligned(block: Block) -> Block:
    return Block(tuple(aligned_tables(block.rows)), block.left, block.right, block.column)


def _settle(sheets: Sequence[_Sheet], blocks: Sequence[Sequence[Block]], pages: Sequence[Page]) -> None:
    """Fill in the bodies; a column's edges are those that columns at its place have over the document."""
    known = [(block, len(block.rows)) for each in blocks for block in each]
    known = known[:: 1 + len(known) // _SAMPLE]
    found: dict[tuple[bool, int, int], tuple[float, float]] = {}
    for number, (sheet, own) in enumerate(zip(sheets, blocks, strict=True)):
        for block in own:
            paper = pages[number].width
            rows = [row for row in block.rows if not isinstance(row, PrintedTable)]
            place = (block.column, round(block.left), round(block.right))
            if rows and place not in found:
                found[place] = _edges(block, known, median(row[0].size for row in rows), paper)
            left, right = found.get(place, (0.0, 0.0))
            last: Piece | None = None
            for row in block.rows:
                if isinstance(row, PrintedTable):
                    above = (
                        sheets[number - 1].body[-1] if number and not sheet.body and sheets[number - 1].body else None
                    )
                    sheet.body += _opened(row, above, number, paper / 2)
                    last = None
                    continue
                piece = line_of(row)
                sheet.body.append(
                    Line(piece, number, left, right, paper / 2, piece.bottom - last.bottom if last else None)
                )
                last = piece


def _opened(
    table: PrintedTable, above: Line | PrintedTable | None, page: int, middle: float
) -> list[Line | PrintedTable]:
    """A table with the lines that stand in its outer cells before and after it, unless it goes on from `above`."""
    if isinstance(above, PrintedTable) and goes_on(above.edges, table):
        return [table]
    before, own, after = peeled(table)

    def line(piece: Piece) -> Line:
        return Line(piece, page, table.left, table.right, middle, None)

    return [*map(line, before), *([own] if own is not None else []), *map(line, after)]


def goes_on(edges: Sequence[float], table: PrintedTable) -> bool:
    """Whether a table stands where one with columns at `edges` stood."""
    return len(edges) == len(table.edges) and all(
        abs(one - other) <= _SAME_EDGE for one, other in zip(edges, table.edges, strict=True)
    )


def _edges(block: Block, known: Sequence[tuple[Block, int]], em: float, paper: float) -> tuple[float, float]:
    """Left and right edge of the column that a block is part of.

    Where no lines break off in mid-sentence at the right edge, a page of one column has its right margin as its left.
    """
    alike = [(other, rows) for other, rows in known if other.column == block.column and other is not block]
    alike.append((block, len(block.rows)))
    lefts: dict[float, int] = {}
    for other, rows in alike:
        if -2.7 * em <= other.left - block.left <= 0.6 * em:
            lefts[other.left] = lefts.get(other.left, 0) + rows
    left = max(lefts, key=lambda each: (lefts[each], -each))
    near = [other.right for other, _ in alike if abs(other.left - left) <= 2.7 * em]
    most = 0.8 * (max(near) - left)
    wide = sorted(right for right in near if right - left >= most)
    right = max(wide[len(wide) // 2], block.right)
    lines = [row for other, _ in alike for row in other.rows if not isinstance(row, PrintedTable)]
    broken = sum(abs(row[-1].right - right) < 2.2 * em and not ends_sentence(row[-1].text) for row in lines)
    if block.column:
        right = max(right, left + max(other.right - other.left for other, _ in alike))
    elif broken < max(2, len(lines) // 12):
        if right > paper - left + 0.5 * em:
            left -= 2 * em  # every line is indented
        right = max(right, paper - left)
    return left, right


def _contents(flow: Sequence[Line | PrintedTable]) -> set[int]:
    """Which lines are a table of contents: three or more entries with leaders, and the line that says so."""
    entries = {at for at, thing in enumerate(flow) if isinstance(thing, Line) and is_leader(thing.piece.text)}
    if len(entries) < 3:
        return set()
    before = flow[min(entries) - 1] if min(entries) else None
    if isinstance(before, Line) and before.piece.text.replace(" ", "") in ("目录", "目次"):
        entries.add(min(entries) - 1)
    return entries


def _is_annex(line: Line | None) -> bool:
    """Whether a line is the number of an annex, whose title follows."""
    found = marker(line.piece.text) if line is not None else None
    return found is not None and found.kind is Kind.ANNEX


def _note_groups(lines: Sequence[Line]) -> list[list[Line]]:
    """Footnotes: each line that opens with a mark begins one."""
    groups: list[list[Line]] = []
    for line in lines:
        if groups and not is_note(line.piece.text):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _ordered(
    groups: Sequence[Sequence[int]],
    spans: Sequence[Span | None],
    lines: Sequence[Line | None],
    notes: Sequence[tuple[int, tuple[Span, ...]]],
    style: Style,
) -> tuple[list[tuple[Span, ...]], list[tuple[int, int]]]:
    """All paragraphs in reading order, a footnote after the paragraph that its page ends in; those set in larger
    type, with their depth."""
    sizes = sorted(
        {round(line.piece.size) for line in lines if line and line.piece.size > 1.15 * style.size}, reverse=True
    )
    ends = {group[-1]: number for number, group in enumerate(groups)}
    owner: list[int] = []
    for at in range(len(spans)):
        owner.append(ends.get(at, owner[-1] if owner else -1))
    firsts = {at: number for number, group in enumerate(groups) for at in group}
    after: dict[int, list[tuple[Span, ...]]] = {}
    for place, note in notes:
        number = firsts.get(place - 1, owner[place - 1] if place else -1)
        after.setdefault(number, []).append(note)
    paragraphs: list[tuple[Span, ...]] = list(after.get(-1, ()))
    styled: list[tuple[int, int]] = []
    for number, group in enumerate(groups):
        first = lines[group[0]]
        own = tuple(span for at in group if (span := spans[at]) is not None)
        large = first is not None and first.piece.size > 1.15 * style.size and not ends_sentence(first.piece.text)
        if first is not None and large and not _is_annex(lines[group[0] - 1] if group[0] else None):
            styled.append((len(paragraphs), 1 + sizes.index(round(first.piece.size))))
        paragraphs.append(own)
        paragraphs += after.get(number, ())
    return paragraphs, styled


def _write_table(writer: _Writer, table: PrintedTable, before: _Grid | None) -> _Grid:
    """Write a table row by row; one that goes on from the page before is put to it."""
    places = table.places()
    skipped = 0
    if before is not None and goes_on(before.edges, table):
        grid = before
        skipped = before.headed if _repeats(before, table) else 0
    else:
        grid = _Grid(table.edges, read_matrix(table.matrix()).headed, _kept(places))
    cells: dict[int, Cell] = {}
    start = writer.length
    for number in range(table.rows):
        own = sorted((cell for cell in table.cells if cell.row == number), key=lambda cell: cell.column)
        for at, cell in enumerate(own):
            piece = replace(cell.lines[0], text=table.text(cell), confidence=_confidence(cell))
            after = "\n" if at + 1 == len(own) else "\t"
            if number < skipped:
                writer.drop(piece, "重复表头", after)
                start = writer.length
            else:
                span = writer.put(piece, after)
                cells[id(cell)] = Cell(piece.text, span.start, span.end)
    grid.add([[cells.get(id(row[at])) for at in grid.kept] for row in places[skipped:]], table)
    if writer.length > start:
        grid.spans.append(Span(start, writer.length - 1))
    return grid


def _kept(places: Sequence[Sequence[PrintedCell | None]]) -> tuple[int, ...]:
    """The columns with text of their own, rather than that of the column before."""
    columns = range(len(places[0]))
    return tuple(
        at
        for at in columns
        if any(row[at] for row in places) and (at == 0 or any(row[at] is not row[at - 1] for row in places))
    )


def _repeats(before: _Grid, table: PrintedTable) -> bool:
    """Whether the first rows of a table are the header of the one before it."""
    header = {cell.text for row in before.rows[: before.headed] for cell in row if cell is not None}
    own = {table.text(cell) for cell in table.cells if cell.row < before.headed}
    return bool(header) and own == header and table.rows > before.headed


def _confidence(cell: PrintedCell) -> float:
    """How sure the lines of a cell are, by their length."""
    weight = sum(len(line.text) for line in cell.lines)
    return sum(line.confidence * len(line.text) for line in cell.lines) / weight
