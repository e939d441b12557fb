"""question → Answer: understand, search, gather evidence, choose, verify, write. One pipeline for every front door."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant import generate, refuse, select
from assistant.english import in_english
from assistant.evidence import Library, Shared
from assistant.followup import Turn
from assistant.models import LanguageModel, ModelError
from assistant.otherwise import likened
from assistant.parts import several_parts
from assistant.question import Kind, Question, gloss, understand
from assistant.reasons import Case, Doubt, Refusal
from assistant.scope import Scope, scope
from assistant.select import Found
from assistant.text import visible
from assistant.versions import passed_over, prefer
from assistant.write import Cell, Citation, Draft, Writer
from errors import ConfigError
from index.search import Hit, Searcher

if TYPE_CHECKING:  # approved answers are drafts, which are made of answers
    from assistant.approved import Approved, Kept

WRITER = "extractive"
_PLAINLY = 1.2  # times as well: what leans on the talk before it is not found much better without
_HITS = 40  # chunks that evidence is gathered from

__all__ = ["Answer", "Approval", "Cell", "Citation", "Sentence", "Turn", "answer_json", "ask", "stream"]


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Who has approved an answer, and when (ISO 8601, UTC); `id` is its number among the saved replies."""

    id: int
    by: str
    at: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is said, and where each sentence stands.

    `text` are sentences that each end in their [n] marks; `citations` holds every n once, in order. A refusal has
    `refused` set, a `reason` (not_covered, false_premise, out_of_scope, unclear), and may cite what is nearest.
    `understood` is the question as it was read (a follow-up is rewritten). `confidence` is in 0..1.
    `approved` is set where a person has approved these words for this question.
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
    approved: Approval | None = None


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A verified piece of an answer under way; its marks point into `citations`, which only grow."""

    text: str
    citations: tuple[Citation, ...]


def ask(
    searcher: Searcher,
    question: str,
    history: Sequence[Turn] = (),
    *,
    today: date | None = None,
    model: LanguageModel | None = None,
    approved: Approved | None = None,
) -> Answer:
    """Answer a question from the searcher's documents, or say that they do not answer it.

    `history` is the talk before the question, oldest first. `today` decides which documents are in force and which
    plans have ended; a question that names its own day (截至2024年) goes before it. Without a `model` the same
    question on the same index gives the same answer (`latency_ms` aside). What people have `approved` for the same
    question is given first, if it still stands in the documents and no `today` is set. Raises UsageError for a
    question that is empty or too long.
    """
    for event in stream(searcher, question, history, today=today, model=model, approved=approved):
        if isinstance(event, Answer):
            return event
    raise AssertionError("a stream ends with its answer")


def stream(
    searcher: Searcher,
    question: str,
    history: Sequence[Turn] = (),
    *,
    today: date | None = None,
    model: LanguageModel | None = None,
    approved: Approved | None = None,
) -> Iterator[Sentence | Answer]:
    """The answer's sentences as they are verified, then the whole Answer; the rest is as for `ask`.

    A `model` writes only what the documents answer: whether they do is decided without it. When it breaks down or
    nothing it writes holds, the answer is the extractive one, with a note.
    """
    started = time.perf_counter()
    asked = understand(question, history)
    library = Library(_shared(searcher))
    named = _scope(asked, library)
    day = asked.day or today or date.today()
    found, refusal = _evidence(searcher, library, asked, named, day)
    if asked.whole:  # the talk before it may have been about something else
        fresh = understand(question)
        scope_now = _scope(fresh, library)
        again, why = _evidence(searcher, library, fresh, scope_now, day)
        if why is None and (refusal is not None or _plainer(again, found)):
            asked, named, found, refusal = fresh, scope_now, again, None
    writer = Writer(library, asked, day)
    draft, by = None, WRITER
    kept: Kept | None = None
    trouble: tuple[str, ...] = ()
    if approved is not None and today is None:
        kept, draft, trouble = _approved(approved, asked, day, library, None if refusal else found)
        by = kept.reply.writer if kept else WRITER
    if draft is not None:
        yield from (Sentence(text=line, citations=draft.citations) for line in draft.text.splitlines())
    elif refusal is None and found is not None and model is not None:
        draft, failed = yield from _modelled(Writer(library, asked, day), asked, found, library, model)
        trouble += failed
        by = model.name if draft else WRITER
    if draft is None:
        writer = Writer(library, asked, day)
        if refusal is None and found is not None:
            draft = writer.answer(found)
        if draft is None or not draft.citations:
            draft = writer.refusal(refusal or refuse.nothing(), named, found)
        for line in draft.text.splitlines():
            yield Sentence(text=line, citations=draft.citations)
    notes = (*draft.notes, *trouble)
    yield Answer(
        question=question,
        understood=asked.text,
        text=draft.text,
        refused=draft.reason is not None,
        reason=draft.reason,
        citations=draft.citations,
        notes=tuple(map(in_english, notes)) if asked.language == "en" else notes,
        confidence=round(draft.confidence, 3),
        writer=by,
        latency_ms=round((time.perf_counter() - started) * 1000, 2),
        approved=Approval(id=kept.id, by=kept.steps[-1].by, at=kept.steps[-1].at) if kept else None,
    )


def _approved(
    approved: Approved, asked: Question, day: date, library: Library, found: Found | None
) -> tuple[Kept | None, Draft | None, tuple[str, ...]]:
    """The reply approved for the question as a draft, if it stands (else `None` twice); and what to note.

    `found` is what would be answered without it: a document that has come since may say something else.
    """
    try:
        kept = approved.find(asked)
        if kept is None:
            return None, None, ()
        usual = Writer(library, asked, day).answer(found).citations if found else ()
        standing = approved.standing(kept, library.snapshot, [citation.doc for citation in usual])
    except ConfigError as error:  # a question is answered all the same
        return None, None, (f"没有查已批准的答复：{error}。",)
    if standing.problems:
        more = f"等{len(standing.problems)}处" if len(standing.problems) > 1 else ""
        return None, None, (f"已批准的第{kept.id}号答复须复核，没有采用：{standing.problems[0]}{more}。",)
    by, at = kept.steps[-1].by, kept.steps[-1].at[:10]
    note = f"本答复由{by}于{at}批准（第{kept.id}号）。"
    return kept, Writer(library, asked, day).approved(kept.lines, standing.citations, note), ()


def _modelled(
    writer: Writer, asked: Question, found: Found, library: Library, model: LanguageModel
) -> Generator[Sentence, None, tuple[Draft | None, tuple[str, ...]]]:
    """Yields the model's sentences that hold; returns their draft (`None` without any) and what to note."""
    lines: list[str] = []
    trouble: tuple[str, ...] = ()
    try:
        for said in generate.write(asked, generate.passages(found, library, model.budget), model):
            if line := writer.said(said):
                lines.append(line)
                yield Sentence(text=line, citations=writer.citations)
    except ModelError as error:
        trouble = (f"{error}，以下只有已核对的部分。" if lines else f"{error}，改由摘录原文作答。",)
    if not lines:
        return None, trouble or ("模型写的话没有一句经得起核对，改由摘录原文作答。",)
    return writer.finished(lines, found), trouble


def _plainer(alone: Found | None, joined: Found | None) -> bool:
    """Whether what is found for the question alone fits it plainly better than what is found with the talk before."""
    return _best(alone) > _PLAINLY * _best(joined)


def _best(found: Found | None) -> float:
    if found is None:
        return 0.0
    return max([item.score for item in found.chosen] + [row.score for row in found.rows], default=0.0)


@lru_cache(maxsize=2)
def _shared(searcher: Searcher) -> Shared:
    return Shared(searcher.snapshot, searcher.words)


def _scope(asked: Question, library: Library) -> Scope:
    """What the question itself names; failing that, what the talk before it named."""
    several = asked.kind is Kind.COMPARISON or several_parts(asked.focus)
    own = scope(gloss(asked.focus), library.shelf, several=several)
    if own.mentions or own.prefer or asked.focus == asked.text:
        return own
    return scope(gloss(asked.text), library.shelf, several=several)


def _evidence(
    searcher: Searcher, library: Library, asked: Question, named: Scope, day: date
) -> tuple[Found | None, Refusal | None]:
    """What was found (`None` when there was nothing to look for), and why it is no answer (`None` when it is).

    Where a document is there in several versions, the one that holds on `day` goes before the others.
    """
    if not asked.terms and not named.groups:
        return None, refuse.unclear()
    asked, hits = _searched(searcher, asked)
    passed = passed_over(library.snapshot, day)
    if passed:
        scope, kept = prefer(named, hits, passed)
        found, refusal = _decided(_case(library, asked, scope, kept))
        if refusal is None or len(kept) == len(hits):
            return found, refusal
    return _decided(_case(library, asked, named, hits))


def _decided(case: Case) -> tuple[Found, Refusal | None]:
    """What was found, with the doubt about it if there is one, and why it is no answer."""
    verdict = refuse.judge(case)
    if isinstance(verdict, Doubt):
        return replace(case.found, doubt=verdict.says), None
    return case.found, verdict


def _searched(searcher: Searcher, asked: Question) -> tuple[Question, Sequence[Hit]]:
    """The question with the official terms that search found in its words, and what search found."""
    query = searcher.read(asked.query)
    return likened(asked, query.expansions, searcher.written), searcher.search(query, k=_HITS)


def _case(library: Library, asked: Question, named: Scope, hits: Sequence[Hit]) -> Case:
    found = select.select(asked, named, library, hits)
    return Case(question=asked, named=named, library=library, found=found, hits=hits)


def case_of(searcher: Searcher, question: str, today: date) -> Case | None:
    """What a question that stands alone brings up, before it is decided whether that answers it; `None` for a question
    that names nothing to look for. For those who train or measure what decides."""
    asked = understand(question)
    library = Library(_shared(searcher))
    named = _scope(asked, library)
    if not asked.terms and not named.groups:
        return None
    asked, hits = _searched(searcher, asked)
    if passed := passed_over(library.snapshot, asked.day or today):
        named, hits = prefer(named, hits, passed)
    return _case(library, asked, named, hits)


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
    if answer.approved is not None:
        whole["approved"] = asdict(answer.approved)
    return visible(json.dumps(whole, ensure_ascii=False))
