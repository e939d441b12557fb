"""One file → one `Document`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from errors import IngestError
from ingest.document import NOTHING_TO_CITE, Document, Dropped, Span, document_id
from ingest.facts import read_facts
from ingest.files import SourceText, load, unforeseen
from ingest.layout import Layout
from ingest.lines import outside, split_lines
from ingest.outline import read_outline
from ingest.paragraphs import given_paragraphs, read_paragraphs
from ingest.saved import saved_page
from ingest.tables import find_tables, name_tables


def read(path: Path) -> Document:
    """Read a file. Raises IngestError (missing, empty, binary, too large, undecodable), and nothing else."""
    try:
        return parse(load(path))
    except IngestError:
        raise
    except Exception as error:
        raise unforeseen(error, path) from error


def parse(source: SourceText) -> Document:
    """The document in a decoded text.

    A text that is read but says nothing (page marks around pages in which no text was found) is a document all of
    whose characters are declared discards, and says so in its warnings: nothing of it can be cited.
    """
    text = source.text
    lines = split_lines(text)
    if source.layout is None:
        layout = saved_page(text, lines) or Layout(paragraphs=())
        tables = tuple(table for table in find_tables(text, lines) if not _within(table.spans[0], layout.dropped))
        taken = [span for table in tables for span in table.spans]
        paragraphs, dropped, repairs = read_paragraphs(text, outside(lines, layout.dropped), layout, taken)
    else:
        layout = source.layout
        alone = {paragraph[0].start for paragraph in layout.paragraphs if len(paragraph) == 1}
        captions = [line for line in lines if line.start in alone]  # only a whole paragraph is one
        tables = name_tables(text, captions, layout.tables)
        taken = [span for table in tables for span in table.spans]
        paragraphs, dropped, repairs = given_paragraphs(text, layout, taken)
    outline = read_outline(text, paragraphs)
    said = () if outline.sections or tables else (NOTHING_TO_CITE,)
    facts = read_facts(outline, paragraphs, tables, dict(layout.labels), text)
    return Document(
        id=document_id(source.file, source.sha256),
        file=source.file,
        sha256=source.sha256,
        text=text,
        title=facts.title or source.file,
        doc_number=facts.doc_number,
        issuer=facts.issuers[0] if facts.issuers else None,
        issue_date=facts.issue_date,
        kind=facts.kind,
        region=facts.region,
        period=facts.period,
        relations=facts.relations,
        sections=outline.sections,
        tables=tables,
        dropped=tuple(sorted((*dropped, *outline.dropped), key=lambda item: item.start)),
        repairs=tuple(sorted((*repairs, *outline.repairs), key=lambda item: item.start)),
        pages=layout.pages,
        attachments=layout.attachments,
        doubts=layout.doubts,
        warnings=(*layout.warnings, *said),
        issuers=facts.issuers,
        publish_date=facts.publish_date,
        effective_date=facts.effective_date,
        valid_until=facts.valid_until,
        level=facts.level,
        facts=facts.facts,
    )


def _within(span: Span, dropped: Sequence[Dropped]) -> bool:
    return any(item.start <= span.start < item.end for item in dropped)


def spans_of(document: Document) -> list[tuple[Span, str]]:
    """Every span of the document with what holds it, by place: a section's path, a table's path, or 弃."""
    found: list[tuple[Span, str]] = []
    for section in document.walk():
        found += [(span, section.path) for paragraph in section.paragraphs for span in paragraph]
    for table in document.tables:
        found += [(span, table.path) for span in table.spans]
    found += [(Span(item.start, item.end), "弃") for item in document.dropped]
    return sorted(found)
