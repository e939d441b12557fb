"""Sections and table rows → the passages that are indexed and quoted.

A passage belongs to one section and never reaches into another. A long section is cut at sentence ends;
a heading alone, whose children carry it in their heading path, is no passage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.clean import clean, cut, join
from ingest.document import Chunk, CleanText, Document, Section, Table
from ingest.lines import full_width

MAX_CHARS = 360
_SENTENCE_END = re.compile(r"[。！？；\n]+[”’」』）]*")


def chunk(document: Document) -> list[Chunk]:
    """Every passage of a document, in reading order: sections first, then table rows."""
    passages: list[Chunk] = []
    for section in document.sections:
        passages += _section_chunks(document, section, (document.title,))
    for table in document.tables:
        passages += _row_chunks(document, table)
    return passages


def section_text(document: Document, section: Section) -> CleanText:
    """A section's own clean text, one line a paragraph, children excluded."""
    return join([clean(document.text, paragraph)[0] for paragraph in section.paragraphs])


def _section_chunks(document: Document, section: Section, above: tuple[str, ...]) -> Iterator[Chunk]:
    label = f"{section.number or ''}{section.heading or ''}"
    headings = (*above, label) if label else above
    text = section_text(document, section)
    heading_only = section.children and "".join(full_width(text.text).split()) == "".join(full_width(label).split())
    if not heading_only:
        for start, end in _pieces(text.text):
            part = cut(text, start, end)
            if part.runs:
                yield Chunk(doc=document.id, section=section.path, headings=headings, clean=part)
    for child in section.children:
        yield from _section_chunks(document, child, headings)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Cuts of at most about MAX_CHARS at sentence ends; a longer sentence stays whole up to three times that."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    if not ends or ends[-1] < len(text):
        ends.append(len(text))
    parts = -(-len(text) // MAX_CHARS)
    aim = len(text) / parts if parts else 0
    start = last = 0
    for end in ends:
        if last > start and (end - start > MAX_CHARS * 1.25 or last - start >= aim):
            yield start, last
            start = last
        while end - start > 3 * MAX_CHARS:
            yield start, start + 3 * MAX_CHARS
            start += 3 * MAX_CHARS
        last = end
    if start < len(text):
        yield start, len(text)


def _row_chunks(document: Document, table: Table) -> Iterator[Chunk]:
    """One passage a row: `label：column value；column value`. Only the label has a place in the source."""
    headings = (document.title, table.caption or table.path)
    for number, (row, span) in enumerate(zip(table.rows, table.labels, strict=True)):
        label = row[table.label_column]
        cells = "；".join(
            f"{column} {value}"
            for place, (column, value) in enumerate(zip(table.columns, row, strict=True))
            if place != table.label_column and value
        )
        name = clean(document.text, [span])[0] if span else CleanText(label, ())
        text = CleanText(f"{name.text}：{cells}", name.runs)
        yield Chunk(doc=document.id, section=table.path, headings=headings, clean=text, table=table.path, row=number)
