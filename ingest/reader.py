"""One file → one `Document`."""

from __future__ import annotations

from pathlib import Path

from errors import IngestError
from ingest.document import NOTHING_TO_CITE, Document, Span, document_id
from ingest.facts import read_facts
from ingest.files import SourceText, load, unforeseen
from ingest.layout import Layout
from ingest.lines import split_lines
from ingest.outline import read_outline
from ingest.paragraphs import given_paragraphs, read_paragraphs
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
    layout = source.layout or Layout(paragraphs=())
    lines = split_lines(text)
    alone = {paragraph[0].start for paragraph in layout.paragraphs if len(paragraph) == 1}
    captions = [line for line in lines if line.start in alone]  # only a whole paragraph is one
    tables = find_tables(text, lines) if source.layout is None else name_tables(text, captions, layout.tables)
    taken = [span for table in tables for span in table.spans]
    if source.layout is None:
        paragraphs, dropped, repairs = read_paragraphs(text, lines, taken)
    else:
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


def spans_of(document: Document) -> list[tuple[Span, str]]:
    """Every span of the document with what holds it, by place: a section's path, a table's path, or 弃."""
    found: list[tuple[Span, str]] = []
    for section in document.walk():
        found += [(span, section.path) for paragraph in section.paragraphs for span in paragraph]
    for table in document.tables:
        found += [(span, table.path) for span in table.spans]
    found += [(Span(item.start, item.end), "弃") for item in document.dropped]
    return sorted(found)
