"""Judged sets in BEIR layout, gzipped: `corpus.jsonl.gz`, `queries.jsonl.gz`, `qrels/test.tsv`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from errors import UsageError
from index.training.measure import read_records
from ingest.document import Chunk, CleanText, Document, Run, Section, Span
from ingest.files import Found


@dataclass(frozen=True)
class Judgements:
    """`questions` are (text, places of the passages in the corpus that answer it)."""

    questions: Sequence[tuple[str, frozenset[int]]]


def read_judgements(folder: Path) -> Judgements:
    """Questions that have an answer. Raises UsageError when the set cannot be read."""
    places = {record["_id"]: place for place, record in enumerate(read_records(folder / "corpus.jsonl.gz"))}
    relevant: dict[str, set[int]] = {}
    try:
        for line in (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
            query, document, grade = line.split("\t")
            if int(grade) > 0:
                relevant.setdefault(query, set()).add(places[document])
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"评测集的 qrels/test.tsv 读不出来：{folder}（{error}）；应为 BEIR 格式") from error
    queries = read_records(folder / "queries.jsonl.gz")
    return Judgements([(q["text"], frozenset(relevant[q["_id"]])) for q in queries if q["_id"] in relevant])


def read_passages(found: Found) -> Document:
    """A whole corpus as one document: each passage a section, its place in the corpus the path."""
    sections: list[Section] = []
    texts: list[str] = []
    at = 0
    for place, record in enumerate(read_records(found.path)):
        text, heading = record["text"], record.get("title")
        shown = text or heading or " "
        span = Span(at, at + len(shown))
        title = heading if text and heading else None
        sections.append(Section(path=str(place), number=None, heading=title, level=1, paragraphs=((span,),)))
        texts.append(shown)
        at = span.end
    return Document(
        id="corpus", file=found.file, sha256="", text="".join(texts), title=found.file, doc_number=None,
        issuer=None, issue_date=None, kind=None, region=None, period=None, relations=(), sections=tuple(sections),
        tables=(), dropped=(), repairs=(),
    )  # fmt: skip


def passages(document: Document) -> list[Chunk]:
    """Chunk i is passage i."""
    return [
        Chunk(
            doc=document.id,
            section=section.path,
            headings=(section.heading,) if section.heading else (),
            clean=CleanText(
                document.text[section.start : section.end], (Run(0, section.start, section.end - section.start),)
            ),
        )
        for section in document.sections
    ]
