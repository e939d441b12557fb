"""Tables whose rows still stand on one line: Markdown pipe tables, and columns parted by tabs or wide gaps."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from ingest.document import merge
from ingest.lines import Line, width
from ingest.tables_cells import (
    Cell,
    Grid,
    Kind,
    counts_up,
    inked,
    is_header_word,
    is_number_header,
    kind_of,
    line_cell,
    running_number,
)

_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*$")
_GAP = re.compile(r"\t|[ \u3000]{2,}")
_INNER_GAP = re.compile(r"(?<=[^\s])(?:[ \u3000]*\t[ \u3000\t]*|[ \u3000]{2,})(?=[^\s])")
_SECTION = re.compile(  # 一、　申报条件 is a heading, not a header
    r"[（(]?(?:[一二三四五六七八九十百]{1,4}|\d{1,3})[、．.)）]|[①-⑳㈠-㈩⑴-⒛]|第[一二三四五六七八九十百\d]{1,5}(?:章|节|条|编|篇|部分)|(?:附件|专栏)\d*"
)
_SENTENCE = re.compile(r"[。！？；]")


def pipe_tables(text: str, lines: Sequence[Line]) -> Iterator[Grid]:
    """The tables written with `|`: below their header stands a rule (`|---|---|`), or every line is shut in bars.

    Blank lines between rows are passed over where each row is shut in bars.
    """
    for block in _blocks(text, lines, _BAR):
        at = 0
        while at + 1 < len(block):
            header = _bar_cells(text, lines[block[at]])
            ruled = block[at + 1] == block[at] + 1 and _is_rule(text, lines[block[at + 1]], len(header))
            end = at + 1 + ruled
            rows: list[tuple[Cell | None, ...]] = []
            while len(header) > 1 and end < len(block):
                shut = _is_shut(text, lines[block[end]]) and _is_shut(text, lines[block[end - 1]])
                cells = _bar_cells(text, lines[block[end]])
                if not (shut and len(cells) == len(header)) and not (ruled and block[end] == block[end - 1] + 1):
                    break
                rows.append(_fit(cells, len(header)))
                end += 1
            if len(rows) > (0 if ruled else 1):
                spans = [inked(text, lines[here]) for here in block[at:end]]
                yield Grid(columns=tuple(header), rows=tuple(rows), spans=merge(spans, text))
                at = end
            else:
                at += 1


def gap_tables(text: str, lines: Sequence[Line]) -> Iterator[Grid]:
    """The tables whose cells are parted by tabs, or by two spaces or more.

    Every line has as many cells as the header; an empty cell is one that tabs leave empty, or one whose place
    under the header stays free. To tell a table from a list of names the header must name its columns, or
    stand over numbers.
    """
    for block in _blocks(text, lines, _GAP):
        at = 0
        while at < len(block):
            header = _gap_cells(text, lines[block[at]])
            below = _rows_under(text, lines, header, block, at)
            first = list(islice(below, 1)) if len(header) > 1 else []
            if first and _is_headed(header, first):
                first += islice(below, 8)
            if len(first) > 1 and _is_headed(header, first):
                rows = [*first, *below]
                spans = [inked(text, lines[here]) for here in block[at : at + len(rows) + 1]]
                yield Grid(columns=tuple(header), rows=tuple(rows), spans=merge(spans, text))
                at += len(rows) + 1
            else:
                at += 1


def _rows_under(
    text: str, lines: Sequence[Line], header: Sequence[Cell], block: Sequence[int], at: int
) -> Iterator[tuple[Cell | None, ...]]:
    """The rows of the lines that follow line `at` of a block, up to the first that does not fit the header."""
    for index in range(at + 1, len(block)):
        row = _under(text, lines[block[at]], header, lines[block[index]])
        if row is None or block[index] > block[index - 1] + 2:
            return
        yield row


def _blocks(text: str, lines: Sequence[Line], mark: re.Pattern[str]) -> Iterator[list[int]]:
    """The lines that hold `mark` between words, in runs that only blank lines interrupt."""
    starts = [line.start for line in lines] if mark.search(text) else []
    block: list[int] = []
    at, found = -1, mark.search(text)
    while found is not None and starts:
        at = bisect_right(starts, found.start(), at + 1) - 1
        line = lines[at]
        if mark.search(text[line.start : line.end].strip()):
            if block and not _is_blank(text, lines, block[-1] + 1, at):
                yield block
                block = []
            block.append(at)
        found = mark.search(text, line.end)
    if block:
        yield block


def _is_blank(text: str, lines: Sequence[Line], first: int, end: int) -> bool:
    return end - first < 4 and not text[lines[first].start : lines[end].start].strip()


def _is_shut(text: str, line: Line) -> bool:
    words = text[line.start : line.end].strip()
    return len(words) > 2 and words.startswith("|") and words.endswith("|")


def _is_rule(text: str, line: Line, columns: int) -> bool:
    words = text[line.start : line.end]
    return _RULE.match(words) is not None and "|" in words and words.strip().strip("|").count("|") + 1 == columns


def _bar_cells(text: str, line: Line) -> list[Cell]:
    """The cells of a line between bars; a bar at either end only shuts the line in."""
    span = inked(text, line)
    bars = [found.start() for found in _BAR.finditer(text, span.start, span.end)]
    edges = [span.start - 1, *bars, span.end]
    if bars and bars[0] == span.start:
        del edges[0]
    if bars and bars[-1] == span.end - 1:
        del edges[-1]
    return [_cell(text, left + 1, right) for left, right in pairwise(edges)]


def _cell(text: str, start: int, end: int) -> Cell:
    cell = line_cell(text, Line(start, end))
    words = re.sub(r"\s*<br\s*/?>\s*", "", cell.text.replace("\\|", "|"))
    return Cell(words, cell.start, cell.end)


def _fit(cells: Sequence[Cell], columns: int) -> tuple[Cell | None, ...]:
    """A row of `columns` cells: what is too much goes to the last one, what is missing is `None`."""
    kept: list[Cell | None] = [cell if cell.text else None for cell in cells[:columns]]
    extra = [cell for cell in cells[columns - 1 :] if cell.text]
    if len(cells) > columns and extra:
        kept[-1] = Cell(" | ".join(cell.text for cell in extra), extra[0].start, extra[-1].end)
    return (*kept, *[None] * (columns - len(kept)))


def _gap_cells(text: str, line: Line) -> list[Cell]:
    """The cells of a line between tabs or wide gaps. A tab at the start is an indent; two in a row part three cells."""
    span = inked(text, line)
    cells, start = [], span.start
    for gap in _INNER_GAP.finditer(text, span.start, span.end):
        cells.append(line_cell(text, Line(start, gap.start())))
        cells += [Cell("", gap.end(), gap.end())] * (gap[0].count("\t") - 1)
        start = gap.end()
    return [*cells, line_cell(text, Line(start, span.end))]


def _under(text: str, top: Line, header: Sequence[Cell], line: Line) -> tuple[Cell | None, ...] | None:
    """The cells of a line under the header's; `None` if they do not fit it."""
    cells = _gap_cells(text, line)
    if any(_SENTENCE.search(cell.text) for cell in cells):
        return None
    if _SECTION.fullmatch(cells[0].text) and not is_number_header(header[0].text):
        return None
    tabs = "\t" in text[line.start : line.end]
    if len(cells) == len(header) or (tabs and 1 < len(cells) < len(header)):
        row: list[Cell | None] = [cell if cell.text else None for cell in cells]
        return (*row, *[None] * (len(header) - len(row)))
    if tabs or not 1 < len(cells) < len(header):
        return None
    placed: list[Cell | None] = [None] * len(header)
    for cell in cells:
        left, right = width(text[line.start : cell.start]), width(text[line.start : cell.end])
        over = [
            at
            for at, head in enumerate(header)
            if left < width(text[top.start : head.end]) and width(text[top.start : head.start]) < right
        ]
        if len(over) != 1 or placed[over[0]] is not None:
            return None
        placed[over[0]] = cell
    return tuple(placed)


def _is_headed(header: Sequence[Cell], rows: Sequence[Sequence[Cell | None]]) -> bool:
    """Whether a line heads the columns below it: by its words, by running numbers, or by numbers under words."""
    if any(not head.text or (kind_of(head.text) is Kind.NUMBER and len(head.text) != 4) for head in header):
        return False
    if _SECTION.fullmatch(header[0].text):
        return False
    if any(_SENTENCE.search(head.text) or width(head.text) > 20 for head in header):
        return False
    named = sum(is_header_word(head.text) for head in header)
    numeric = 0
    for at, head in enumerate(header):
        words = [cell.text for row in rows if (cell := row[at]) is not None]
        if is_number_header(head.text) and counts_up([running_number(each) for each in words]):
            return True
        kinds = [kind_of(each) for each in words]
        over = kind_of(head.text) in (Kind.TEXT, Kind.DATE)
        numeric += over and bool(words) and all(kind in (Kind.NUMBER, Kind.NONE) for kind in kinds)
    return 2 * named >= len(header) or numeric > 0
