"""Evidence → the words of an answer: each sentence with its label, its quote and its marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from assistant.difference import difference
from assistant.english import in_english
from assistant.evidence import Library, Unit, source_spans
from assistant.extract import Scored, has_number
from assistant.generate import Said
from assistant.items import Items
from assistant.question import Kind, Question
from assistant.reasons import Refusal, searched
from assistant.scope import Scope
from assistant.select import Found
from assistant.tables import Row
from assistant.text import bare, tidy, unmarked
from assistant.untold import unnamed
from assistant.validity import recognised, remarks
from assistant.verify import check
from index.catalogue import Entry
from ingest.document import Document, Section, Span

_MARK = re.compile(r"\[(\d+)\]")
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


_FULL = 1.6  # a score that leaves little doubt
_SURE = 0.85  # of headings that the question names
_APPROVED = 0.98  # of what a person has approved
_DOUBTED = 0.3  # at most, of what may answer something near only
_SHOWN = 2  # sentences that a refusal shows as the nearest
_FAR = 0.05  # where no sentence is near: coverage below which one has nothing to do with the question
_NEAR = 0.3  # coverage below which a sentence is not near


class Writer:
    """Writes one answer; numbers citations in the order they are first used."""

    def __init__(self, library: Library, question: Question, today: date) -> None:
        """`today` decides which plans have ended."""
        self._library = library
        self._question = question
        self._today = today
        self._english = question.language == "en"
        self._citations: list[Citation] = []

    def answer(self, found: Found) -> Draft:
        """The answer that `found.chosen`, `found.rows` and `found.items` make; what its source does not support is
        left out."""
        lines = [line for item in found.chosen if (line := self._sentence(item.unit))] if found.items else []
        lines += [self._items(listed) for listed in found.items]
        lines += [line for row in found.rows if (line := self._row(row))]
        if not found.items:
            lines += [line for item in found.chosen if (line := self._sentence(item.unit))]
            lines += self._compared(found) if len(lines) == 2 and not found.rows else []
        best = max([item.score for item in found.chosen] + [row.score for row in found.rows], default=0.0)
        sure = _SURE if found.items else min(0.98, max(0.05, best / _FULL))
        return Draft(
            text="\n".join(lines),
            citations=tuple(self._citations),
            notes=(*_doubts(found), *self._unnamed(found), *self._notes(), *self._others(found), *self._untold(found)),
            confidence=min(sure, _DOUBTED) if found.doubt else sure,
        )

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Everything cited so far."""
        return tuple(self._citations)

    def said(self, said: Said) -> str:
        """A sentence that a model wrote and the verifier let pass, with the marks of what it rests on."""
        if said.row is not None:
            return self._row(said.row)
        marks = ""
        for unit in said.units:
            document = self._library.reading(unit.doc).document
            marks += "".join(self._cite(document, span) for span in source_spans(unit, document))
        return _marked(said.text, marks)

    def finished(self, lines: Sequence[str], found: Found) -> Draft:
        """The draft that lines made by `said` come to."""
        best = max([item.score for item in found.chosen] + [row.score for row in found.rows], default=0.0)
        return Draft(
            text="\n".join(lines),
            citations=tuple(self._citations),
            notes=(*_doubts(found), *self._unnamed(found), *self._notes(), *self._others(found)),
            confidence=min(_DOUBTED if found.doubt else 0.98, max(0.05, best / _FULL)),
        )

    def approved(self, lines: Sequence[str], citations: Sequence[Citation], note: str) -> Draft:
        """The draft of lines that a person has approved, their citations as they stand now; `note` says who.

        Citations are numbered anew, in the order of their first marks.
        """
        text = "\n".join(lines)
        by_number = {citation.n: citation for citation in citations}
        order = [int(n) for n in dict.fromkeys(_MARK.findall(text))]
        self._citations = [replace(by_number[n], n=at) for at, n in enumerate(order, 1)]
        return Draft(
            text=_MARK.sub(lambda mark: f"[{order.index(int(mark[1])) + 1}]", text),
            citations=tuple(self._citations),
            notes=(note, *self._notes()),
            confidence=_APPROVED,
        )

    def refusal(self, refusal: Refusal, named: Scope, found: Found | None) -> Draft:
        """A refusal that names what was searched and, where it helps, shows what is nearest."""
        titles = searched(named, self._library)
        shown = "、".join(f"《{unmarked(tidy(title))}》" for title in titles[:6])
        where = f"已检索：{shown}" + (f"等{len(titles)}份文件" if len(titles) > 6 else "")
        says = in_english(refusal.says)
        lines = (
            [unmarked(f"The documents do not answer this: {says}."), in_english(f"{where}。")]
            if self._english
            else [unmarked(f"{refusal.says}。"), f"{where}。"]
        )
        rows = [line for row in found.rows[:1] if (line := self._row(row))] if found and refusal.nearest else []
        near: list[Unit] = []
        ranked = sorted(found.ranked, key=_shared, reverse=True) if found and refusal.nearest else []
        least = _NEAR if any(item.coverage >= _NEAR for item in ranked) else _FAR
        for item in ranked:
            if item.coverage >= least and not any(bare(item.unit.text) in bare(unit.text) for unit in near):
                near.append(item.unit)
        nearest = rows + [line for unit in near[: _SHOWN - len(rows)] if (line := self._sentence(unit))]
        if nearest:
            lines += ["Nearest passages:" if self._english else "最接近的内容：", *nearest]
        return Draft(
            text="\n".join(lines),
            citations=tuple(self._citations),
            notes=self._notes(),
            confidence=0.0,
            reason=refusal.reason,
        )

    def _compared(self, found: Found) -> list[str]:
        """How the two documents that are compared differ, when each has its one sentence."""
        units = [item.unit for item in found.chosen]
        if self._question.kind is not Kind.COMPARISON or len({unit.doc for unit in units}) != 2 or len(units) != 2:
            return []
        said = difference(self._question.text, units[0].text, units[1].text, english=self._english)
        marks = "".join(f"[{citation.n}]" for citation in self._citations)
        return [_marked(said, marks, "." if self._english else "。")] if said else []

    def _sentence(self, unit: Unit) -> str:
        document = self._library.reading(unit.doc).document
        spans = source_spans(unit, document)
        quotes = [tidy(document.text[span.start : span.end]) for span in spans]
        if not spans or check(unit.text, quotes):
            return ""
        marks = "".join(self._cite(document, span) for span in spans)
        said = unit.text
        lead = unit.leading
        if lead is not None:
            marks += "".join(self._cite(document, span) for span in source_spans(lead, document))
            said = f"{lead.text}{said}"
        label = self._label(document, place_name(unit.section))
        if self._english:
            body = unmarked(said).rstrip("。；;，,：: ")
            return f"{label}: {_marked(f'“{body}”', marks, '.')}"
        return f"{label}：{_marked(unmarked(said), marks)}"

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
            said.append(f"{unmarked(tidy(head.section.heading or head.text)).rstrip('。：:；')}{marks}")
        label = self._label(reading.document, place_name(items.section))
        return f"{label}: {'; '.join(said)}." if self._english else f"{label}（共{len(said)}项）：{'；'.join(said)}。"

    def _row(self, row: Row) -> str:
        span = row.table.labels[row.index]
        if span is None:
            return ""
        said = []
        for column, value in row.columns:
            cell = Cell(row=tidy(row.label), column=tidy(column), value=tidy(value))
            said.append(
                f"{unmarked(cell.column)}：{unmarked(cell.value)}{self._cite(row.document, span, cell, row.table.path)}"
            )
        label = self._label(row.document, row.table.path)
        if self._english:
            return f"{label}: {unmarked(tidy(row.label))}, {'; '.join(said)}."
        return f"{label}：{unmarked(tidy(row.label))} {'；'.join(said)}。"

    def _label(self, document: Document, place: str) -> str:
        title, place = unmarked(f"《{tidy(document.title)}》"), unmarked(place)
        return f"{title}, section {place}" if self._english else f"{title}{place}"

    def _cite(self, document: Document, span: Span, cell: Cell | None = None, table: str | None = None) -> str:
        for citation in self._citations:
            if (citation.doc, citation.start, citation.end, citation.cell) == (document.id, span.start, span.end, cell):
                return f"[{citation.n}]"
        section = None if table else self._library.reading(document.id).label(span.start)
        self._citations.append(
            Citation(
                n=len(self._citations) + 1,
                file=document.file,
                doc=document.id,
                title=tidy(document.title),
                doc_number=document.doc_number,
                section=table or (section.path if section else ""),
                heading=section.heading if section else None,
                quote=tidy(document.text[span.start : span.end]),
                start=span.start,
                end=span.end,
                page=document.page(span.start),
                cell=cell,
            )
        )
        return f"[{self._citations[-1].n}]"

    def _notes(self) -> tuple[str, ...]:
        """What a reader must know of the documents cited: a period that has ended, a talk that is not the text."""
        notes = []
        for doc in dict.fromkeys(citation.doc for citation in self._citations):
            entry = self._library.snapshot.entry(doc)
            title = f"《{tidy(entry.title)}》"
            notes += remarks(entry, self._library.snapshot, title, self._today)
            if _is_talk(entry):
                who = self._speakers(doc)
                notes.append(f"{title}是对政策的说明（{who or '答问人见各条出处'}），不是政策原文。")
        return (*notes, *self._unsure())

    def _unsure(self) -> list[str]:
        """Which citations were recognised in a scan with less than full confidence."""
        notes = []
        for citation in self._citations:
            document = self._library.reading(citation.doc).document
            least = recognised(document, citation.start, citation.end)
            if least is not None and self._english:
                notes.append(f"[{citation.n}] was read from a scan (confidence {least:.0%}): check the original.")
            elif least is not None:
                notes.append(f"[{citation.n}]处为扫描识别，置信度 {least:.0%}，请核对原件。")
        return notes

    def _speakers(self, doc: str) -> str:
        """Who says what is cited from a talk: 屈炜、裘薇所答; "" when the sections do not tell."""
        cited = (citation.section for citation in self._citations if citation.doc == doc)
        names = dict.fromkeys(name for section in cited for name in re.findall(r"（([^（）]{2,8})答）", section))
        return f"{'、'.join(names)}所答" if names else ""

    def _unnamed(self, found: Found) -> tuple[str, ...]:
        """What the question names and no document does, where the answer is about something more general or near."""
        names = "、".join(f"“{unmarked(name)}”" for name in unnamed(self._question, found, self._library))
        return (f"库内文件没有提到{names}，所答是相近或一般的规定。",) if names else ()

    def _untold(self, found: Found) -> tuple[str, ...]:
        """Parts of the question that the answer leaves open."""
        asked = [unmarked(clause.rstrip("，。；？！,; ")) for clause in found.untold]
        return tuple(f"“{clause}”这一问没有找到依据，请写明事项单独再问。" for clause in asked)

    def _others(self, found: Found) -> tuple[str, ...]:
        """Another document that gives a number on the same point."""
        if self._question.kind is not Kind.NUMBER or not found.chosen:
            return ()
        best = found.chosen[0]
        cited = {citation.doc for citation in self._citations}
        for item in found.ranked:
            if item.unit.doc not in cited and _as_good(item, best) and has_number(item.unit.text):
                title = tidy(self._library.reading(item.unit.doc).document.title)
                return (f"另一份文件《{title}》{place_name(item.unit.section)}就相近事项另有数字，引用时请分清。",)
        return ()


def _doubts(found: Found) -> tuple[str, ...]:
    """The note that goes before the others: that what is said may answer something near only."""
    return (unmarked(found.doubt),) if found.doubt else ()


def _shared(item: Scored) -> float:
    """How near a sentence is to a question that it does not answer: by its words more than by the kind of thing that
    it tells (a sum, a date)."""
    return item.coverage + item.own + 0.5 * item.score


def _as_good(item: Scored, best: Scored) -> bool:
    return item.own >= 0.9 * best.own and item.coverage >= 0.9 * best.coverage


def _is_talk(entry: Entry) -> bool:
    return (
        re.search(r"问答|实录|答记者问|访谈", entry.kind or "") is not None
        or re.search(r"问答实录|答记者问", entry.title) is not None
    )


def place_name(section: Section) -> str:
    """How answers name a section: its path, with the heading behind it where the path does not say it."""
    heading = section.heading or ""
    return tidy(section.path if heading in section.path else f"{section.path} {heading}")


def _ink(between: str) -> bool:
    return between.strip(" \t\r\n\u3000*#_") != ""


def _marked(text: str, marks: str, stop: str = "。") -> str:
    """`text` with `marks` before every full stop in it, and a full stop at its end."""
    body = text.rstrip("。；;，,：: ")
    marked = _INNER_STOP.sub(lambda found: marks + found[0], body)
    return marked if re.search(r"[！？!?]$", body) else f"{marked}{marks}{stop}"
