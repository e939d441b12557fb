"""What makes an answer good: one function a figure, each worked out for one question.

A function returns a `Share`: what was reached, and of how much. A figure over many questions is the sum of the first
over the sum of the second, so that a figure per question counts questions and a figure per citation counts citations.
Citation recall and precision follow ALCE (Gao et al. 2023, arXiv 2305.14627), with passages that are known to prove
the answer in the place of its entailment model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from assistant.answer import Answer, Citation
from eval.compare import fold, has_mark, loose, same_words, sentences, under
from eval.questions import Gold, Question
from eval.sources import Sources


@dataclass(frozen=True, slots=True)
class Share:
    """`got` out of `of`; `of` is 0 where a figure does not apply to a question."""

    got: float
    of: float

    @property
    def value(self) -> float | None:
        """The quotient, `None` where the figure does not apply."""
        return self.got / self.of if self.of else None


NONE = Share(0.0, 0.0)


@dataclass(frozen=True)
class Case:
    """A question, the answer that was given, and the documents that prove it."""

    question: Question
    answer: Answer
    sources: Sources

    @cached_property
    def support(self) -> tuple[tuple[bool, ...], ...]:
        """For each citation, for each passage of `question.known()`: whether the one shows the other."""
        known = self.question.known()
        return tuple(
            tuple(supports(citation, gold, self.sources) for gold in known) for citation in self.answer.citations
        )

    @cached_property
    def keys_found(self) -> tuple[bool, ...]:
        """For each answer key whether one of its spellings stands in the answer; a refusal has none."""
        if self.answer.refused:
            return tuple(False for _ in self.question.keys)
        text = loose(self.answer.text)
        return tuple(any(loose(key) in text for key in keys if loose(key)) for keys in self.question.keys)


def supports(citation: Citation, gold: Gold, sources: Sources) -> bool:
    """Whether a citation shows a gold passage in any of its renderings.

    The files are the same work and the quotes the same words (`compare.same_words`); a gold passage without a quote
    is shown by any citation of its section.
    """
    quote = fold(citation.quote)
    for form in gold.renderings():
        if not quote or not sources.same_work(citation.file, form.file):
            continue
        wanted = fold(form.quote)
        if same_words(quote, wanted) if wanted else under(citation.section, form.section):
            return True
    return False


def right(case: Case) -> Share:
    """Questions answered rightly.

    An answerable one: every key stands in the answer, nothing forbidden does, and some citation supports. An
    unanswerable one: it is refused.
    """
    if not case.question.answerable:
        return _yes(case.answer.refused)
    supported = any(any(row) for row in case.support)
    return _yes(not case.answer.refused and all(case.keys_found) and supported and not said_forbidden(case))


def right_concise(case: Case) -> Share:
    """Questions answered rightly and to the point: right, and at least half of the citations support."""
    if right(case).got == 0 or not case.question.answerable:
        return right(case)
    return _yes(cite_precision(case).got >= 0.5)


def keys_all(case: Case) -> Share:
    """Answerable questions whose answer contains every key; a refusal contains none."""
    return _answerable(case, not case.answer.refused and all(case.keys_found))


def keys_share(case: Case) -> Share:
    """Mean share of an answerable question's keys that its answer contains (1 when it has none and is answered)."""
    if case.answer.refused or not case.keys_found:
        return _answerable(case, not case.answer.refused)
    return _answerable(case, sum(case.keys_found) / len(case.keys_found))


def numbers_exact(case: Case) -> Share:
    """Answerable questions with digits in their keys whose answer has each such key as a number of its own.

    15个 does not stand in 115个, nor 1.5 in 21.5: no digit, and no point between digits, may touch the key's ends.
    """
    wanted = [spellings for spellings in case.question.keys if any(re.search(r"\d", key) for key in spellings)]
    if not case.question.answerable or not wanted:
        return NONE
    text = re.sub(r"\[\d+\]", "", case.answer.text)
    exact = all(any(_stands_alone(key, text) for key in spellings) for spellings in wanted)
    return _yes(not case.answer.refused and exact)


def cite_first(case: Case) -> Share:
    """Answerable questions whose first citation supports a gold passage."""
    return _answerable(case, bool(case.support) and any(case.support[0]))


def cite_recall(case: Case) -> Share:
    """Mean share of an answerable question's core passages that some citation supports (ALCE's citation recall)."""
    core = [at for at, gold in enumerate(case.question.gold) if gold.core]
    return _answerable(case, sum(any(row[at] for row in case.support) for at in core) / max(1, len(core)))


def cite_precision(case: Case) -> Share:
    """Mean share of an answerable question's citations that support a gold passage (0 without any citation)."""
    return _answerable(case, sum(map(any, case.support)) / max(1, len(case.support)))


def section_recall(case: Case) -> Share:
    """Mean share of an answerable question's core sections that some citation is labelled with.

    A label counts when it names the section or one below it.
    """
    core = case.question.core()
    found = [any(case.sources.in_section(c.file, c.section, gold) for c in case.answer.citations) for gold in core]
    return _answerable(case, sum(found) / max(1, len(core)))


def section_precision(case: Case) -> Share:
    """Mean share of an answerable question's citations that are labelled with a gold section or one below it."""
    known = case.question.known()
    found = [any(case.sources.in_section(c.file, c.section, gold) for gold in known) for c in case.answer.citations]
    return _answerable(case, sum(found) / max(1, len(found)))


def section_exact(case: Case) -> Share:
    """Supporting citations of answerable questions whose section is that of a passage they support, or below it."""
    return _labels(case, lambda gold: gold.section)


def section_number(case: Case) -> Share:
    """Supporting citations of answerable questions that carry the section number of a passage they support."""
    return _labels(case, lambda gold: gold.number)


def verbatim(case: Case) -> Share:
    """Citations, of refusals too, whose quote stands in the file they name, white space folded."""
    quotes = ((fold(c.quote), case.sources.get(c.file)) for c in case.answer.citations)
    return _count(bool(quote) and source is not None and quote in source.folded for quote, source in quotes)


def offsets(case: Case) -> Share:
    """Citations, of refusals too, whose quote is the source text at [start, end), white space folded."""
    found = ((c, fold(c.quote), case.sources.get(c.file)) for c in case.answer.citations)
    return _count(
        bool(quote) and source is not None and fold(source.document.text[c.start : c.end]) == quote
        for c, quote, source in found
    )


def whole(case: Case) -> Share:
    """Citations, of refusals too, that begin and end where a clause does.

    A quote may be its own source text and still be cut amiss; so outside both of its ends, or as its last character,
    must stand punctuation, white space or nothing.
    """
    found = ((c, case.sources.get(c.file)) for c in case.answer.citations)
    return _count(source is not None and _cut_clean(source.document.text, c.start, c.end) for c, source in found)


def uncited(case: Case) -> Share:
    """Sentences of given answers without a citation mark (lower is better)."""
    if case.answer.refused or not case.question.answerable:
        return NONE
    return _count(not has_mark(sentence) for sentence in sentences(case.answer.text))


def refuse_recall(case: Case) -> Share:
    """Unanswerable questions that are refused."""
    return NONE if case.question.answerable else _yes(case.answer.refused)


def refuse_precision(case: Case) -> Share:
    """Refusals whose question is unanswerable."""
    return _yes(not case.question.answerable) if case.answer.refused else NONE


def refuse_wrong(case: Case) -> Share:
    """Answerable questions that are refused (lower is better)."""
    return _answerable(case, case.answer.refused)


def said_forbidden(case: Case) -> bool:
    """Whether the answer holds a text that the question forbids."""
    text = fold(case.answer.text)

    def broken(rule: str) -> bool:
        if rule.startswith("re:"):
            return re.search(rule[3:], text) is not None
        return text.startswith(fold(rule[1:])) if rule.startswith("^") else fold(rule) in text

    return any(map(broken, case.question.forbidden))


Metric = Callable[[Case], Share]
METRICS: Mapping[str, Metric] = {
    metric.__name__: metric
    for metric in (
        *(right, right_concise, keys_all, keys_share, numbers_exact),
        *(cite_first, cite_recall, cite_precision, section_recall, section_precision, section_exact, section_number),
        *(verbatim, offsets, whole, uncited, refuse_recall, refuse_precision, refuse_wrong),
    )
}
LOWER_IS_BETTER = frozenset({"uncited", "refuse_wrong"})


def failure(case: Case, retrieved: bool) -> str | None:
    """Why a question is not right and concise, in one word, `None` when it is; the first reason that holds.

    `retrieved` says whether the search returned a gold passage among the passages that are judged.
    """
    if right_concise(case).got == 1:
        return None
    if not case.question.answerable:
        return "answered"
    if case.answer.refused:
        return "refused" if retrieved else "refused_not_retrieved"
    if not any(any(row) for row in case.support):
        return "cited_elsewhere" if retrieved else "not_retrieved"
    if not all(case.keys_found):
        return "key_missing"
    return "forbidden" if said_forbidden(case) else "long_winded"


FAILURES: Mapping[str, str] = {
    "answered": "该拒答而作答",
    "refused": "已检出而拒答",
    "refused_not_retrieved": "未检出而拒答",
    "cited_elsewhere": "已检出而引错段落",
    "not_retrieved": "未检出而引错段落",
    "key_missing": "引对段落而缺要点",
    "forbidden": "说了不该说的",
    "long_winded": "答对但多数引用无关",
}


def _yes(holds: bool) -> Share:
    return Share(float(holds), 1.0)


def _answerable(case: Case, value: float) -> Share:
    return Share(float(value), 1.0) if case.question.answerable else NONE


def _count(held: Iterable[bool]) -> Share:
    values = list(held)
    return Share(float(sum(values)), float(len(values)))


def _labels(case: Case, label: Callable[[Gold], str]) -> Share:
    """Of the supporting citations, those that lie under the label of a passage they support."""
    if not case.question.answerable:
        return NONE
    known = case.question.known()
    supporting = [(c, row) for c, row in zip(case.answer.citations, case.support, strict=True) if any(row)]
    return _count(
        any(shown and under(c.section, label(gold)) for shown, gold in zip(row, known, strict=True))
        for c, row in supporting
    )


def _cut_clean(text: str, start: int, end: int) -> bool:
    before, last, after = text[max(0, start - 1) : start], text[max(0, end - 1) : end], text[end : end + 1]
    return not before.isalnum() and not (last.isalnum() and after.isalnum())


def _stands_alone(key: str, text: str) -> bool:
    """Whether a key stands in a text with no digit, and no point between digits, touching its ends."""
    wanted = fold(key)
    pattern = r"[\s*,]*".join(map(re.escape, wanted))
    before = r"(?<!\d)(?<!\d\.)" if wanted[:1].isdigit() else ""
    after = r"(?!\d)(?!\.\d)" if wanted[-1:].isdigit() else ""
    return re.search(before + pattern + after, unicodedata.normalize("NFKC", text).lower()) is not None
