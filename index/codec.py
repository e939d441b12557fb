"""The records of ingest as JSON values and back: what the catalogue's columns hold.

Positions are short lists (`[start, end]`), since there are many of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ingest.document import Attachment, Doubt, Dropped, Fact, Relation, Repair, Run, Section, Span, Table


def dump(value: object) -> str:
    """Compact JSON; equal values give equal text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def dump_runs(runs: Sequence[Run]) -> str:
    """Runs of a clean text."""
    return dump([[run.at, run.source, run.length] for run in runs])


def load_runs(text: str) -> tuple[Run, ...]:
    """What `dump_runs` wrote."""
    return tuple(Run(at, source, length) for at, source, length in json.loads(text))


def dump_sections(sections: Sequence[Section]) -> str:
    """A section tree."""
    return dump([_section(section) for section in sections])


def load_sections(text: str) -> tuple[Section, ...]:
    """What `dump_sections` wrote."""
    return tuple(_read_section(value) for value in json.loads(text))


def dump_tables(tables: Sequence[Table]) -> str:
    """Tables with their cells."""
    return dump(
        [
            {
                "path": table.path,
                "caption": table.caption,
                "columns": table.columns,
                "rows": table.rows,
                "labels": [None if label is None else _span(label) for label in table.labels],
                "label_column": table.label_column,
                "spans": _spans(table.spans),
            }
            for table in tables
        ]
    )


def load_tables(text: str) -> tuple[Table, ...]:
    """What `dump_tables` wrote."""
    return tuple(
        Table(
            path=value["path"],
            caption=value["caption"],
            columns=tuple(value["columns"]),
            rows=tuple(tuple(row) for row in value["rows"]),
            labels=tuple(None if label is None else Span(*label) for label in value["labels"]),
            label_column=value["label_column"],
            spans=_read_spans(value["spans"]),
        )
        for value in json.loads(text)
    )


def dump_relations(relations: Sequence[Relation]) -> str:
    """Documents named by a document."""
    return dump(
        [
            [one.type, one.title, one.doc, one.doc_number, None if one.span is None else _span(one.span)]
            for one in relations
        ]
    )


def load_relations(text: str) -> tuple[Relation, ...]:
    """What `dump_relations` wrote."""
    if text == "[]":  # of most documents of a large index
        return ()
    return tuple(
        Relation(type=kind, title=title, doc=doc, doc_number=number, span=None if span is None else Span(*span))
        for kind, title, doc, number, span in json.loads(text)
    )


def dump_facts(facts: Sequence[Fact]) -> str:
    """Facts with their places."""
    return dump([[one.name, one.value, one.start, one.end] for one in facts])


def load_facts(text: str) -> tuple[Fact, ...]:
    """What `dump_facts` wrote."""
    return tuple(Fact(*value) for value in json.loads(text))


def dump_dropped(dropped: Sequence[Dropped]) -> str:
    """Declared discards."""
    return dump([[part.start, part.end, part.reason] for part in dropped])


def load_dropped(text: str) -> tuple[Dropped, ...]:
    """What `dump_dropped` wrote."""
    return tuple(Dropped(start=start, end=end, reason=reason) for start, end, reason in json.loads(text))


def dump_repairs(repairs: Sequence[Repair]) -> str:
    """Recorded repairs."""
    return dump([[part.start, part.end, part.kind] for part in repairs])


def load_repairs(text: str) -> tuple[Repair, ...]:
    """What `dump_repairs` wrote."""
    return tuple(Repair(start=start, end=end, kind=kind) for start, end, kind in json.loads(text))


def dump_pages(pages: Sequence[int]) -> str:
    """Where pages begin."""
    return dump(list(pages))


def load_pages(text: str) -> tuple[int, ...]:
    """What `dump_pages` wrote."""
    return tuple(json.loads(text))


def dump_attachments(attachments: Sequence[Attachment]) -> str:
    """Files offered beside the text."""
    return dump([[one.name, one.target] for one in attachments])


def load_attachments(text: str) -> tuple[Attachment, ...]:
    """What `dump_attachments` wrote."""
    return tuple(Attachment(name=name, target=target) for name, target in json.loads(text))


def dump_doubts(doubts: Sequence[Doubt]) -> str:
    """Uncertain recognitions."""
    return dump([[one.start, one.end, one.confidence] for one in doubts])


def load_doubts(text: str) -> tuple[Doubt, ...]:
    """What `dump_doubts` wrote."""
    return tuple(Doubt(start=start, end=end, confidence=value) for start, end, value in json.loads(text))


def _span(span: Span) -> list[int]:
    return [span.start, span.end]


def _spans(spans: Sequence[Span]) -> list[list[int]]:
    return [_span(span) for span in spans]


def _read_spans(values: Sequence[Sequence[int]]) -> tuple[Span, ...]:
    return tuple([Span(start, end) for start, end in values])


def _section(section: Section) -> list[object]:
    return [
        section.path,
        section.number,
        section.heading,
        section.level,
        [_spans(paragraph) for paragraph in section.paragraphs],
        [_section(child) for child in section.children],
    ]


def _read_section(value: list[Any]) -> Section:
    path, number, heading, level, paragraphs, children = value
    return Section(
        path=path,
        number=number,
        heading=heading,
        level=level,
        paragraphs=tuple([_read_spans(paragraph) for paragraph in paragraphs]),
        children=tuple([_read_section(child) for child in children]) if children else (),
    )
