"""Evidence → the words of an answer: each sentence with its label, its quote and its marks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from assistant.evidence import Library, Unit, source_spans
from assistant.items import Items
from assistant.question import Question
from assistant.refuse import Refusal
from assistant.select import Found
from assistant.tables import Row
from assistant.text import tidy
from ingest.document import Document, Span

_INNER_STOP = re.compile(r"[。！？!?](?![”」』])")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A table cell that a citation stands for."""

    row: str
    column: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Citation:
    """A passage that is quoted: `quote` is the source text at `[start, end)` with white space and wraps folded."""

    n: int
    file: str
    doc: str
    title: str
    doc_number: str | None
    section: str
    heading: str | None
    quote: str
    start: int
    end: int
    page: int | None = None
    cell: Cell | None = None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The words of an answer or refusal, before they are stamped."""

    text: str
    citations: tuple[Citation, ...]
    notes: tuple[str, ...]
    confidence: float
    reason: str | None = None


class Writer:
    """Writes one answer; numbers citations in the order they are first used."""

    def __init__(self, library: Library, question: Question, today: date) -> None:
        self._library = library
        self._question = question
        self._today = today
        self._citations: list[Citation] = []

    def answer(self, found: Found) -> Draft:
        """The answer that `found.chosen` and `found.rows` make."""
        lines: list[str] = []
        lead = max([item.score for item in found.chosen] + [row.score for row in found.rows], default=0.0)
        if found.items:
            lines.append(self._items(found.items))
        lines += [line for row in found.rows if (line := self._row(row))]
        lines += [line for item in found.chosen if (line := self._sentence(item.unit))]
        return Draft(
            text="\n".join(lines), citations=tuple(self._citations), notes=(), confidence=max(0.0, min(1.0, lead / 1.5))
        )

    def refusal(self, refusal: Refusal, found: Found | tuple[()]) -> Draft:
        """A refusal that names what was searched."""
        titles = dict.fromkeys(entry.title for entry in self._library.entries)
        text = f"{refusal.says}。已检索：" + "、".join(f"《{title}》" for title in list(titles)[:8]) + "。"
        return Draft(text=text, citations=(), notes=(), confidence=0.0, reason=refusal.reason)

    def _sentence(self, unit: Unit) -> str:
        document = self._library.reading(unit.doc).document
        marks = "".join(self._cite(document, span) for span in source_spans(unit, document))
        if not marks:
            return ""
        heading = f"{unit.section.path}"
        if unit.section.heading and unit.section.heading not in heading:
            heading += f" {unit.section.heading}"
        label = f"《{tidy(document.title)}》{tidy(heading)}"
        return f"{label}：{_marked(unit.text, marks)}"

    def _items(self, items: Items) -> str:
        """One sentence with all headings, each marked; the quote takes in the first sentence under the heading."""
        reading = self._library.reading(items.heads[0][0].doc)
        said = []
        for head, first in items.heads:
            spans = list(source_spans(head, reading.document))
            more = source_spans(first, reading.document) if first else ()
            if more and len(spans) == 1 and not _ink(reading.document.text[spans[0].end : more[0].start]):
                spans = [Span(spans[0].start, more[0].end)]
            marks = "".join(self._cite(reading.document, span) for span in spans)
            said.append(f"{_title(head)}{marks}")
        label = tidy(f"{items.section.path} {items.section.heading or ''}")
        return f"《{tidy(reading.document.title)}》{label}：{'；'.join(said)}。"

    def _row(self, row: Row) -> str:
        span = row.table.labels[row.index]
        if span is None:
            return ""
        document = row.document
        said = []
        for column, value in row.columns:
            cell = Cell(row=tidy(row.label), column=tidy(column), value=tidy(value))
            said.append(f"{cell.column}：{cell.value}{self._cite(document, span, cell, row.table.path)}")
        return f"《{tidy(document.title)}》{row.table.path}：{tidy(row.label)}，{'；'.join(said)}。"

    def _cite(self, document: Document, span: Span, cell: Cell | None = None, table: str | None = None) -> str:
        for citation in self._citations:
            if (citation.doc, citation.start, citation.end, citation.cell) == (document.id, span.start, span.end, cell):
                return f"[{citation.n}]"
        section = None if table else self._library.reading(document.id).label(span.start)
        quote = tidy(document.text[span.start : span.end])
        self._citations.append(
            Citation(
                n=len(self._citations) + 1,
                file=document.file,
                doc=document.id,
                title=tidy(document.title),
                doc_number=document.doc_number,
                section=table or (section.path if section else ""),
                heading=None if table or not section else section.heading,
                quote=quote,
                start=span.start,
                end=span.end,
                page=span.page,
                cell=cell,
            )
        )
        return f"[{self._citations[-1].n}]"


def _title(head: Unit) -> str:
    return tidy(head.section.heading or head.text).rstrip("。：:；")


def _ink(between: str) -> bool:
    return between.strip(" \t\r\n\u3000*#_") != ""


def _marked(text: str, marks: str) -> str:
    """`text` with `marks` before every full stop in it, and a full stop at its end."""
    body = text.rstrip("。；;，,：: ")
    return _INNER_STOP.sub(lambda stop: marks + stop[0], body) + (f"{marks}。" if not re.search(r"[！？!?]$", body) else "")
