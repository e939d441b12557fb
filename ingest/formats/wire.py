"""What a reader found as JSON and back: how it comes out of the process that read the file (`ingest.formats.apart`)."""

from __future__ import annotations

import json
from typing import Any

from ingest.document import Attachment, Doubt, Dropped, Span
from ingest.layout import Extract, Layout
from ingest.tables_cells import Cell, Grid


def dump(extract: Extract) -> str:
    """An extract as one line of ASCII."""
    layout = extract.layout
    value = {
        "text": extract.text,
        "encoding": extract.encoding,
        "paragraphs": [_spans(paragraph) for paragraph in layout.paragraphs],
        "styled": layout.styled,
        "tables": [
            [[_cell(cell) for cell in grid.columns], [[_cell(c) for c in row] for row in grid.rows], _spans(grid.spans)]
            for grid in layout.tables
        ],
        "dropped": [(one.start, one.end, one.reason) for one in layout.dropped],
        "pages": layout.pages,
        "labels": layout.labels,
        "attachments": [(one.name, one.target) for one in layout.attachments],
        "doubts": [(one.start, one.end, one.confidence) for one in layout.doubts],
        "warnings": layout.warnings,
    }
    return json.dumps(value, separators=(",", ":"))


def load(line: str) -> Extract:
    """What `dump` was given."""
    value = json.loads(line)
    layout = Layout(
        paragraphs=tuple(_read_spans(paragraph) for paragraph in value["paragraphs"]),
        styled=tuple((number, depth) for number, depth in value["styled"]),
        tables=tuple(_read_grid(*grid) for grid in value["tables"]),
        dropped=tuple(Dropped(start=start, end=end, reason=reason) for start, end, reason in value["dropped"]),
        pages=tuple(value["pages"]),
        labels=tuple((name, said) for name, said in value["labels"]),
        attachments=tuple(Attachment(name=name, target=target) for name, target in value["attachments"]),
        doubts=tuple(Doubt(start=start, end=end, confidence=sure) for start, end, sure in value["doubts"]),
        warnings=tuple(value["warnings"]),
    )
    return Extract(text=value["text"], layout=layout, encoding=value["encoding"])


def _spans(spans: tuple[Span, ...]) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in spans]


def _read_spans(values: Any) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in values)


def _cell(cell: Cell | None) -> tuple[str, int, int] | None:
    return None if cell is None else (cell.text, cell.start, cell.end)


def _read_grid(columns: Any, rows: Any, spans: Any) -> Grid:
    return Grid(
        columns=tuple(Cell(*cell) for cell in columns),
        rows=tuple(tuple(None if cell is None else Cell(*cell) for cell in row) for row in rows),
        spans=_read_spans(spans),
    )
