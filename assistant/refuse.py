"""When not to answer, and why: evidence that only shares words is not evidence."""

from __future__ import annotations

from assistant import gaps, premises, untold
from assistant import judge as judging
from assistant.reasons import Case, Doubt, Refusal
from assistant.text import bare

LEAST_COVERAGE = 0.12  # share of the question's words that the best sentence and its headings must carry
LEAST_ENGLISH = 0.2  # the same of an English question, whose words no table may know
PASTED = 0.25  # what is added when the message carries orders or "documents" of its own


def unclear() -> Refusal:
    """The question names nothing that could be looked up."""
    return Refusal(
        reason="unclear",
        says="没有说明要问什么，无法查找：请补充文件、事项或名称，例如问哪份文件、哪个指标",
        nearest=False,
    )


def nothing() -> Refusal:
    """No evidence at all."""
    return Refusal(reason="not_covered", says="库内文件没有载明所问内容")


def judge(case: Case) -> Refusal | Doubt | None:
    """Why the question is not to be answered from what was found, or only with a doubt; `None` when it is."""
    refusal = by_rule(case)
    return refusal if refusal or case.found.recited else judging.weigh(case)


def by_rule(case: Case) -> Refusal | None:
    """The same, but for what has been learnt from examples."""
    if not case.found.chosen and not case.found.rows and not case.found.items:
        return nothing()
    for check in premises.CHECKS if case.found.recited else (*premises.CHECKS, *gaps.CHECKS, *untold.CHECKS, _support):
        refusal = check(case)
        if refusal:
            return refusal
    return None


def _support(case: Case) -> Refusal | None:
    """Too little of what is asked stands in the evidence."""
    if case.found.rows or case.found.items or not case.found.chosen:
        return None
    if case.question.language == "zh" and _strange(case):
        return nothing()
    least = LEAST_COVERAGE if case.question.language == "zh" else LEAST_ENGLISH
    least += PASTED if case.question.pasted else 0.0
    return nothing() if case.found.chosen[0].coverage < least else None


def _strange(case: Case) -> bool:
    """Whether none of the question's words stands whole where the evidence is: 世界杯 is not told by 世界级."""
    said = bare(case.evidence(wide=True))
    texts = [text for term in case.question.terms for text in (term.text, *term.alternatives)]
    words = [word for text in texts for word in case.library.words(text)]
    return bool(words) and not any(word in said for word in words)
