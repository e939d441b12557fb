"""question → Answer: understand, search, gather evidence, choose, verify, write. One pipeline for every front door."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache

from assistant import refuse, select
from assistant.evidence import Library
from assistant.followup import Turn
from assistant.parts import several_parts
from assistant.question import Kind, Question, gloss, understand
from assistant.reasons import Case
from assistant.scope import Scope, scope
from assistant.text import visible
from assistant.write import Cell, Citation, Draft, Writer
from index.search import Searcher

WRITER = "extractive"
_HITS = 40  # chunks that evidence is gathered from

__all__ = ["Answer", "Cell", "Citation", "Turn", "answer_json", "ask"]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is said, and where each sentence stands.

    `text` are sentences that each end in their [n] marks; `citations` holds every n once, in order. A refusal has
    `refused` set, a `reason` (not_covered, false_premise, out_of_scope, unclear), and may cite what is nearest.
    `understood` is the question as it was read (a follow-up is rewritten). `confidence` is in 0..1.
    """

    question: str
    understood: str
    text: str
    refused: bool
    reason: str | None
    citations: tuple[Citation, ...]
    notes: tuple[str, ...]
    confidence: float
    writer: str
    latency_ms: float


def ask(searcher: Searcher, question: str, history: Sequence[Turn] = (), *, today: date | None = None) -> Answer:
    """Answer a question from the searcher's documents, or say that they do not answer it.

    `history` is the talk before the question, oldest first; `today` decides which plans have ended. The same
    question on the same index gives the same answer (`latency_ms` aside). Raises UsageError for a question that is
    empty or too long.
    """
    started = time.perf_counter()
    asked = understand(question, history)
    library = _library(searcher)
    named = _scope(asked, library)
    draft = _draft(searcher, library, asked, named, today or date.today())
    return Answer(
        question=question,
        understood=asked.text,
        text=draft.text,
        refused=draft.reason is not None,
        reason=draft.reason,
        citations=draft.citations,
        notes=draft.notes,
        confidence=round(draft.confidence, 3),
        writer=WRITER,
        latency_ms=round((time.perf_counter() - started) * 1000, 2),
    )


@lru_cache(maxsize=2)
def _library(searcher: Searcher) -> Library:
    return Library(searcher.snapshot)


def _scope(asked: Question, library: Library) -> Scope:
    """What the question itself names; failing that, what the talk before it named."""
    several = asked.kind is Kind.COMPARISON or several_parts(asked.focus)
    own = scope(gloss(asked.focus), library.entries, several=several)
    if own.mentions or own.prefer or asked.focus == asked.text:
        return own
    return scope(gloss(asked.text), library.entries, several=several)


def _draft(searcher: Searcher, library: Library, asked: Question, named: Scope, today: date) -> Draft:
    writer = Writer(library, asked, today)
    if not asked.terms and not named.groups:
        return writer.refusal(refuse.unclear(), named, None)
    hits = searcher.search(asked.query, k=_HITS)
    found = select.select(asked, named, library, hits)
    refusal = refuse.judge(Case(question=asked, named=named, library=library, found=found))
    if refusal:
        return writer.refusal(refusal, named, found)
    draft = writer.answer(found)
    return draft if draft.citations else writer.refusal(refuse.nothing(), named, found)


def answer_json(answer: Answer, id: object = None) -> str:
    """The answer as one line of JSON. `id` is the caller's own, handed back as it came (any JSON value)."""
    citations = []
    for citation in answer.citations:
        fields = asdict(citation)
        if citation.cell is None:
            del fields["cell"]
        citations.append(fields)
    whole = {
        "id": id,
        "question": answer.question,
        "understood": answer.understood,
        "answer": answer.text,
        "refused": answer.refused,
        "reason": answer.reason,
        "citations": citations,
        "notes": list(answer.notes),
        "confidence": answer.confidence,
        "writer": answer.writer,
        "latency_ms": answer.latency_ms,
    }
    return visible(json.dumps(whole, ensure_ascii=False))
