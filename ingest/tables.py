"""Tables in a text: found, named and given their place.

Three shapes are read: Markdown pipe tables, columns parted by tabs or gaps, and tables that extraction
flattened to one cell a line. What cannot be proved to be a table stays text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from ingest.document import Span, Table
from ingest.lines import Line, width
from ingest.tables_cells import Cell, Grid, Kind, is_number_header, kind_of, line_cell
from ingest.tables_flat import flat_tables
from ingest.tables_grid import gap_tables, pipe_tables

_NUMBERED = re.compile(r"(?:附|续)?表\s*[\d一二三四五六七八九十]+(?:[-—–.]\d+)*(?:[\s:：.、]|$)")
_TITLED = re.compile(r".{2,28}(?:表|一览|清单|目录)(?:[（(][^（()）]*[)）])?$")
_NAMED = re.compile(r"(.+?)名称(?:[（(][^（()）]*[)）])?$")
_LABEL = re.compile(
    r"(?:名称|姓名|名|项目|指标|内容|事项|任务|措施|单位|机构|类别|类型|对象|品种)(?:[（(][^（()）]*[)）])?$"
)


def find_tables(text: str, lines: Sequence[Line]) -> tuple[Table, ...]:
    """The tables of `text`, in order, none overlapping; `lines` are all its lines (`ingest.lines.split_lines`)."""
    taken: list[Grid] = []
    for grid in sorted(
        (*pipe_tables(text, lines), *gap_tables(text, lines), *flat_tables(text, lines)), key=lambda g: g.spans[0].start
    ):
        if not taken or taken[-1].spans[-1].end <= grid.spans[0].start:
            taken.append(grid)
    return name_tables(text, lines, taken)


def name_tables(text: str, lines: Sequence[Line], grids: Sequence[Grid]) -> tuple[Table, ...]:
    """The tables with their names, captions and row labels."""
    tables: list[Table] = []
    names: set[str] = set()
    for grid in grids:
        tables.append(_table(text, lines, grid, names))
        names.add(tables[-1].path)
    return tuple(tables)


def _table(text: str, lines: Sequence[Line], grid: Grid, names: set[str]) -> Table:
    """The table with its name, caption and row labels."""
    label = _label_column(grid)
    caption = _caption(text, lines, grid.spans[0].start)
    spans = grid.spans
    if caption is not None and _NUMBERED.match(caption.text):
        spans = (Span(caption.start, spans[0].end), *spans[1:])
    return Table(
        path=_name(grid.columns[label].text, caption, names),
        caption=caption.text if caption is not None else None,
        columns=tuple(column.text for column in grid.columns),
        rows=tuple(tuple(cell.text if cell is not None else "" for cell in row) for row in grid.rows),
        labels=tuple(Span(cell.start, cell.end) if (cell := row[label]) is not None else None for row in grid.rows),
        label_column=label,
        spans=spans,
    )


def _label_column(grid: Grid) -> int:
    """The column that names the rows: by its header, else the first of texts that differ, else the first."""
    columns = range(len(grid.columns))
    told_apart = [
        at
        for at in columns
        if not is_number_header(grid.columns[at].text)
        and len({cell.text for row in grid.rows if (cell := row[at]) is not None}) == len(grid.rows)
    ]
    named = [at for at in told_apart if _NAMED.match(grid.columns[at].text)]
    named += [at for at in columns if _NAMED.match(grid.columns[at].text)]
    named += [at for at in told_apart if _LABEL.search(grid.columns[at].text)]
    texts = [at for at in told_apart if all((c := row[at]) and kind_of(c.text) is Kind.TEXT for row in grid.rows)]
    return next(iter((*named, *texts, *told_apart)), 0)


def _caption(text: str, lines: Sequence[Line], start: int) -> Cell | None:
    """The line directly before a table, if it reads like a caption."""
    low = bisect_left(lines, start, key=lambda line: line.start)
    for line in reversed(lines[max(0, low - 4) : low]):
        if line.end > start:
            continue
        if text[line.end : start].strip():
            return None
        cell = line_cell(text, line)
        if cell.text:
            titled = _NUMBERED.match(cell.text) or _TITLED.match(cell.text)
            return cell if titled and width(cell.text) <= 40 else None
    return None


def _name(label: str, caption: Cell | None, names: set[str]) -> str:
    """`指标表` for rows named by 指标名称, else the caption, else 表1, 表2 …; never a name in use."""
    found = _NAMED.match(label)
    name = f"{found[1]}表" if found else (caption.text if caption is not None else "表")
    number = len(names) + 1 if name == "表" else 1
    while (unique := f"{name}{number}" if name == "表" or number > 1 else name) in names:
        number += 1
    return unique
