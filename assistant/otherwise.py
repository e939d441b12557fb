"""What a question says a little otherwise than people usually say it: the official terms belong to its words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.question import Question, Term
from index.lexicon import WEIGHTS, Expansion

_MOST_OF = 2 / 3  # of a term's characters that a phrase must hold for the term to belong to it
_LEAST = 0.45  # what an official term must count for to be meant
_COUNTS = 0.9  # what an official term counts for the words of a phrase that is said as it stands


def likened(question: Question, added: Sequence[Expansion], written: Callable[[str], bool]) -> Question:
    """The question with the official terms that search added for phrases it says a little otherwise (拿去干别的).

    Each stands as an alternative of the terms of the question that its phrase is made of, where documents do not
    write them themselves (`written`): coverage and scores count it as far as the phrase is said.
    """
    meant: dict[str, dict[str, float]] = defaultdict(dict)
    for one in added:
        if one.relation == "alike":
            names = meant[one.phrase]
            names[one.added] = _COUNTS * one.weight / WEIGHTS["alike"]
    if not meant:
        return question
    best = {phrase: max(names.values()) for phrase, names in meant.items()}
    likely = {phrase: dict.fromkeys(meant[phrase], counts) for phrase, counts in best.items() if counts >= _LEAST}
    return replace(
        question, terms=tuple(term if written(term.text) else _with(term, likely) for term in question.terms)
    )


def _with(term: Term, phrases: dict[str, dict[str, float]]) -> Term:
    said = set(term.text)
    names: dict[str, float] = {}
    for phrase, offered in phrases.items():
        if len(said.intersection(phrase)) < _MOST_OF * len(said):
            continue
        for name, counts in offered.items():
            if name not in term.alternatives:
                names[name] = max(names.get(name, 0.0), counts)
    return replace(term, alternatives=(*term.alternatives, *names), likened=tuple(names.items())) if names else term
