"""The records ingest produces: what a file is made of, and where each part stands in it.

Every offset counts characters of the source text *as decoded* (`Document.text`); an end is exclusive.
Repairs never change the source: a repaired text is a `CleanText`, which keeps the way back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `[start, end)` of a source text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Run:
    """`length` characters that stand at `at` in a clean text and at `source` in the source."""

    at: int
    source: int
    length: int


@dataclass(frozen=True, slots=True)
class CleanText:
    """A repaired text and the way back to the source.

    `runs` are sorted by `at` and do not overlap. A character outside every run was put in by the repair
    (a paragraph break, 和 for a stray ` and `) and has no place of its own in the source.
    """

    text: str
    runs: tuple[Run, ...]

    def locate(self, start: int, end: int, source: str) -> tuple[Span, ...]:
        """The source spans of `text[start:end]`, in reading order.

        Neighbouring runs melt into one span when nothing but white space, Markdown marks or the
        characters of a recorded repair (no more than eight) lies between them in `source`.
        """
        first = max(0, bisect_right(self.runs, start, key=lambda run: run.at) - 1)
        spans: list[Span] = []
        for at in range(first, len(self.runs)):
            run = self.runs[at]
            if run.at >= end:
                break
            left, right = max(start, run.at), min(end, run.at + run.length)
            if left >= right:
                continue
            here = Span(run.source + left - run.at, run.source + right - run.at)
            if spans and 0 <= here.start - spans[-1].end <= 8 and not _has_ink(source[spans[-1].end : here.start]):
                here = Span(spans.pop().start, here.end)
            spans.append(here)
        return tuple(spans)


def _has_ink(between: str) -> bool:
    """Whether a gap holds text that a reader would miss (` and ` stands for 和 and is not missed)."""
    return between.strip(" \t\r\n\f\v\u3000\xa0*#_`") not in ("", "and")


@dataclass(frozen=True, kw_only=True)
class Section:
    """One node of the outline.

    `paragraphs` are the section's own, children excluded, in reading order; the heading is the first one
    or the start of it. A paragraph is the source lines (spans) that join into one line of text: a hard
    wrap or page break inside a paragraph separates two of its spans.
    """

    path: str
    number: str | None
    heading: str | None
    level: int
    paragraphs: tuple[tuple[Span, ...], ...]
    children: tuple[Section, ...] = ()

    @property
    def start(self) -> int:
        """Where the section begins: its first own character in the source."""
        return min(span.start for paragraph in self.paragraphs for span in paragraph)

    @property
    def end(self) -> int:
        """Where the section with all that hangs under it ends."""
        own = max(span.end for paragraph in self.paragraphs for span in paragraph)
        return max([own, *(child.end for child in self.children)])

    def walk(self) -> Iterator[Section]:
        """This section and all below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table read from the text. Every row has one value a column; "" where the source has none.

    `labels[i]` is where the label of row i stands (its first telling cell), `None` if it was not found.
    """

    path: str
    caption: str | None
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    labels: tuple[Span | None, ...]
    label_column: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A document named by this one. `doc` is its id when it is in the same index.

    `type` is names, based_on, amends, repeals, replaces (repeals an older one of the same title), or supersedes (a
    newer version, found by comparing; no words say so and `span` is None). `doc_number` is the number printed behind
    the title, `span` where the name stands.
    """

    type: str
    title: str
    doc: str | None = None
    doc_number: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that a document states of itself, and the characters `[start, end)` that it was read from.

    `name` is that of the document's field (`issuer` once for each), or one of `effective_rule` and `validity_rule`
    (a day counted from an issue date that is not printed), `contact` (`办公室：021-12345678`).
    """

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """Source text that belongs to no section, and why."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Repair:
    """Something undone that extraction had done to the text (a wrap joined, a column moved)."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that the document offers beside its text: its printed name and where it is, as the source says it."""

    name: str
    target: str


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Characters `[start, end)` that were recognised (OCR) with `confidence`, 0 to 1."""

    start: int
    end: int
    confidence: float


NOTHING_TO_CITE = "没有可引用的正文"
"""The warning of a document that has neither a section nor a table."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A source file, read. Facts that the file does not state are `None`, never guessed.

    `issue_date` (成文日期, failing that 发布日期) and the other days are ISO 8601 (`2023-07-13`); `period` is the first
    and last year or day a plan covers. `issuer` is the first of `issuers`; `level` is 国家, 省级, 市级, 区级 or 乡镇级.
    `effective_date` is the first day in force, `valid_until` the last. `facts` say where the file states them; what a
    file states outside its text has no place. `pages[i]` is where page i + 1 begins, empty where the format has no
    pages. `warnings` name what could not be read.
    """

    id: str
    file: str
    sha256: str
    text: str
    title: str
    doc_number: str | None
    issuer: str | None
    issue_date: str | None
    kind: str | None
    region: str | None
    period: tuple[str, str] | None
    relations: tuple[Relation, ...]
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    dropped: tuple[Dropped, ...]
    repairs: tuple[Repair, ...]
    pages: tuple[int, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    warnings: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    publish_date: str | None = None
    effective_date: str | None = None
    valid_until: str | None = None
    level: str | None = None
    facts: tuple[Fact, ...] = ()

    def page(self, at: int) -> int | None:
        """The page, from 1, on which the character `at` stands; `None` where the format has no pages."""
        return bisect_right(self.pages, at) or 1 if self.pages else None

    def walk(self) -> Iterator[Section]:
        """Every section, in reading order."""
        for section in self.sections:
            yield from section.walk()


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A passage of one section (or one table row) that is indexed and quoted.

    `text` is clean and quotable; `headings` lead from the document's title (outermost) to the section.
    For a table row `table` is the table's path and `row` its number from 0, and `text` reads
    `label：column value；column value`, of which only the label has runs.
    """

    doc: str
    section: str
    headings: tuple[str, ...]
    clean: CleanText
    table: str | None = None
    row: int | None = None

    @property
    def text(self) -> str:
        """What is shown and quoted."""
        return self.clean.text

    @property
    def id(self) -> str:
        """The same source, place and words give the same id on every machine (16 hexadecimal digits)."""
        place = self.clean.runs[0].source if self.clean.runs else -1
        return sha256(f"{self.doc}\0{self.section}\0{self.row}\0{place}\0{self.text}".encode()).hexdigest()[:16]

    @property
    def embed_text(self) -> str:
        """What is indexed: the headings, then the text. Never quoted."""
        return "\n".join((*self.headings, self.text))


def document_id(file: str, sha256_: str) -> str:
    """The id of a document: the same name and bytes give the same id on every machine (12 hexadecimal digits)."""
    return sha256(f"{file}\0{sha256_}".encode()).hexdigest()[:12]


def merge(spans: Sequence[Span], text: str) -> tuple[Span, ...]:
    """Join neighbouring spans, in the order given, that have only white space between them."""
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].end <= span.start and not text[joined[-1].end : span.start].strip():
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return tuple(joined)
