"""Whether what was found tells what is asked, by many small signs at once (docs/refusals.md).

No single sign tells the provision that answers from its neighbour, which shares most words of the question. The judge
has learnt from questions whose provision was taken out, and speaks only where it has been shown to know: where a set
aspect of a matter (its conditions, its penalty, who is in charge) is asked for in the document's words.
"""

from __future__ import annotations

import re

from assistant import extract, judge_trees
from assistant.judge_signs import Signs, asked_for, judged
from assistant.reasons import Case, Refusal

_WHAT = re.compile(r"([\w、]{2,24}的[\w、]{2,8})是什么[？?]?$")  # 工作的方针是什么 asks for no meaning

OWN_WORDS = 0.7
"""Share of the question's words that the document must hold, or it is asked in other words."""


def check(case: Case) -> Refusal | None:
    """A refusal where the aspect that is asked for is most likely not told; `None` where it is, or nobody knows."""
    aspect = asked_for(case.question) if judged(case) else None
    if aspect is None:
        return None
    if aspect.name == "meaning" and any(extract.calls(case.question, item.unit) for item in case.found.chosen):
        return None
    signs, trees = Signs(case), judge_trees.shipped()
    if signs.own_words < OWN_WORDS or trees.value(signs.row()) >= trees.limit:
        return None
    named = _WHAT.search(case.question.focus) if aspect.name == "meaning" else None
    says = f"“{named[1]}”" if named else aspect.says
    return Refusal(reason="not_covered", says=f"库内文件提到了相近内容，但没有载明所问的{says}")
