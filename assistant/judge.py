"""Whether what was found tells what is asked, by many small signs at once (docs/refusals.md).

No single sign tells the provision that answers from its neighbour, which shares most words of the question. The judge
has learnt from questions whose provision was taken out, and speaks only where it has been shown to know, of questions
in the document's words: it refuses where it is sure that what is asked for is not told, and doubts an answer where it
is less sure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant import extract, judge_trees
from assistant.judge_signs import Signs, asked_for, judged
from assistant.question import Kind
from assistant.reasons import Case, Doubt, Refusal

_WHAT = re.compile(r"([\w、]{2,24}的[\w、]{2,8})是什么[？?]?$")  # 工作的方针是什么 asks for no meaning

_SEVERAL = re.compile(r"[，。；？！,;?!].*\w")  # a case is put first, or more is asked

DOUBTED = "没有找到直接写明"
"""What every doubt says, to be told from other notes."""

_FIGURES = ("span", "money")  # people ask for them in words of their own (几天能批下来)

OWN_WORDS = 0.7
"""Share of the question's words that the document must hold, or it is asked in other words."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of question that the judge speaks of, and what it asks for ("" without a name).

    `below` are the values of the model below which it is refused and below which its answer is doubted (0..1, 0:
    never); `otherwise` are those for a question that is asked in other words than the document's.
    """

    name: str
    says: str
    below: tuple[float, float]
    otherwise: tuple[float, float] = (0.0, 0.0)


def weigh(case: Case) -> Refusal | Doubt | None:
    """A refusal where what is asked for is most likely not told, a doubt where it may well not be; `None` where it is,
    or nobody knows."""
    form = form_of(case) if judged(case) else None
    if form is None:
        return None
    signs = Signs(case)
    refused, doubted = form.below if signs.own_words >= OWN_WORDS else form.otherwise
    if not doubted:
        return None
    value = judge_trees.shipped().value(signs.row())
    if value < refused:
        return Refusal(reason="not_covered", says=f"库内文件提到了相近内容，但没有载明所问的{form.says or '内容'}")
    if value < doubted:
        what = form.says or "所问内容"
        return Doubt(says=f"文件中{DOUBTED}{what}的条文，以下是最接近的内容，请核对原文。")
    return None


def form_of(case: Case) -> Form | None:
    """The form of a question; `None` for one that the judge does not speak of.

    A set aspect of a matter, what is done and how (OPEN), a list told in sentences; and an aspect told in the items
    under a heading. The last two are never refused, and a question of several clauses seldom.
    """
    question = case.question
    aspect, several = asked_for(question), _SEVERAL.search(question.focus) is not None
    if aspect is not None:
        meaning = aspect.name == "meaning"
        if meaning and any(extract.calls(question, item.unit) for item in case.found.chosen):
            return None
        named = _WHAT.search(question.focus) if meaning else None
        says = f"“{named[1]}”" if named else aspect.says
        if case.found.items:
            return Form("items", says, (0.0, 0.2))
        if several:
            return Form("aspects", says, (0.15, 0.25))
        return Form("aspect", says, (0.25, 0.3), (0.0, 0.0) if aspect.name in _FIGURES else (0.1, 0.1))
    if case.found.items:
        return None
    if question.kind is Kind.OPEN:
        return Form("open", "", (0.15 if several else 0.2, 0.25))
    return Form("list", "", (0.0, 0.15)) if question.kind is Kind.LIST and not several else None
