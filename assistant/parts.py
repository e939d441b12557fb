"""A question that asks several things: each is answered from its own documents, with its own words first."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from assistant.question import Kind, Question, Term, kind_of
from assistant.scope import Scope
from assistant.text import bare

_CLAUSE = re.compile(r"[^，。；？！,;]+[，。；？！,;]*")
_ASKS = re.compile(r"哪|什么|多少|几|谁|何|怎|吗|是否|有没有|啥|各|分别|how|what|which|who|where|when|why", re.I)
_APART = re.compile(r"^(?:后来|现在|最新|目前|实际|真)")
_BESIDE = 0.35  # what the words of the other parts count


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing that is asked: the question with its own weights, and the documents to look in (empty: all)."""

    question: Question
    docs: frozenset[str]


def several_parts(text: str) -> bool:
    """Whether a question has two or more clauses that each ask."""
    return sum(_ASKS.search(clause) is not None for clause in _CLAUSE.findall(text)) > 1


def parts(question: Question, named: Scope) -> list[Part]:
    """The things a question asks; the question itself when it asks one thing of one set of documents."""
    if len(named.groups) > 1:
        return [Part(question=_weighted(question, named, docs), docs=docs) for docs in named.groups]
    clauses = [clause for clause in _CLAUSE.findall(question.focus) if _ASKS.search(clause)]
    if question.language != "zh" or len(clauses) < 2:
        return [Part(question=question, docs=named.docs)]
    found = []
    for clause in clauses:
        own = [term for term in question.terms if bare(term.text) in bare(clause)]
        if not own or len(bare(clause)) < 4:
            continue
        terms = tuple(term if term in own else replace(term, weight=term.weight * _BESIDE * 2) for term in question.terms)
        kind = kind_of(clause)
        docs = frozenset() if _APART.search(clause) else named.docs
        found.append(Part(question=replace(question, terms=terms, kind=question.kind if kind is Kind.OPEN else kind), docs=docs))
    return found or [Part(question=question, docs=named.docs)]


def _weighted(question: Question, named: Scope, docs: frozenset[str]) -> Question:
    """The question as it is put to `docs`: words in clauses that name other documents only count little."""
    near: list[str] = []
    for match in _CLAUSE.finditer(named.text):
        here = [m for m in named.mentions if match.start() <= m.start < match.end()]
        if not here or any(m.docs == docs for m in here):
            near.append(bare(match[0]))
    terms: list[Term] = []
    for term in question.terms:
        mine = any(bare(term.text) in clause for clause in near)
        terms.append(term if mine else replace(term, weight=term.weight * _BESIDE))
    return replace(question, terms=tuple(terms))
