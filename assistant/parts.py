"""A question that asks several things: each is answered from its own documents, with its own words first."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from assistant.question import Kind, Question, Term, kind_of
from assistant.scope import Scope
from assistant.text import bare

_CLAUSE = re.compile(r"[^，。；？！,;]+[，。；？！,;]*")
_ASKS = re.compile(
    r"哪|什么|多少|多[久大长高远重]|几|谁|何|怎|吗|是否|有没有|能不能|能否|可不可以|可否|要不要|啥|各|分别|how|what|which|who|where|when|why",
    re.I,
)
_APART = re.compile(r"^(?:后来|现在|最新|目前|实际|真)")
_COUPLED = re.compile(r"各(?=[写说提给有怎是])|分别|两份|两个方案|对照|、区|和区|与区")
_EACH = re.compile(
    r"(?P<a>[^，。；？、和与跟]{2,20})(?:和|与|跟|、)(?P<b>[^，。；？、]{2,20}?)[，,]?(?:分别|各自|各(?=[^地类区]))"
)
_BOTH = re.compile(r"[和与跟及]|以及|同|、")
_COMPARES = re.compile(r"区别|差别|差异|不同|不一样|异同|比较|对比|各|分别|相比")
_OTHER = 0.1  # what a word counts that belongs to the other half of A和B分别…
_SINCE = re.compile(r"(?:19|20)\d\d年?\s*[-–—~～至到]+\s*$")
_LEVELS = re.compile(r"市|区|全市|市里|区里|市级|区级|浦东|浦东新区|新区|上海市?|(?:两|三|几)份|方案|文件")
_BESIDE = 0.35  # what the words of the other parts count


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing that is asked: the question with its own weights, and the documents to look in (empty: all).

    `without` are documents that cannot tell it: what came of a plan (后来真设了吗) is not told by the plan. `clause`
    is the part of the question that asks it, "" for the whole. `side` are the words of the one of two things compared
    that it asks about.
    """

    question: Question
    docs: frozenset[str]
    without: frozenset[str] = frozenset()
    clause: str = ""
    side: tuple[Term, ...] = ()


def several_parts(text: str) -> bool:
    """Whether a question has two or more clauses that each ask, or asks about each of several."""
    return (
        _COUPLED.search(text) is not None
        or sum(_ASKS.search(clause) is not None for clause in _CLAUSE.findall(text)) > 1
    )


def parts(question: Question, named: Scope) -> list[Part]:
    """The things a question asks; the question itself when it asks one thing of one set of documents."""
    if len(named.groups) > 1:
        return [Part(question=_weighted(question, named, docs), docs=docs) for docs in named.groups]
    clauses = [clause for clause in _CLAUSE.findall(question.focus) if _ASKS.search(clause)]
    later = [clause for clause in _CLAUSE.findall(question.focus) if _APART.search(clause)]
    if question.language == "zh" and later and named.groups:
        clauses = list(dict.fromkeys([*(c for c in _CLAUSE.findall(question.focus) if c not in later), *later]))
    whole = Part(question=question, docs=named.docs)
    if question.language != "zh":
        return [whole]
    if len(clauses) < 2:
        return _compared(question, named) or _conjuncts(question, named) or [whole]
    found = []
    for clause in clauses:
        if clause in later:
            kind = kind_of(question.focus[question.focus.index(clause) :])
            asked = replace(question, kind=question.kind if kind in (Kind.OPEN, Kind.YES_NO) else kind)
            found.append(Part(question=asked, docs=frozenset(), without=named.docs))
            continue
        own = [term for term in question.terms if bare(term.text) in bare(clause)]
        if not own or len(bare(clause)) < 4 or all(_COMPARES.fullmatch(term.text) for term in own):
            continue
        terms = tuple(term if term in own else replace(term, weight=term.weight * _BESIDE) for term in question.terms)
        kind = kind_of(clause)
        asked = replace(question, terms=terms, kind=question.kind if kind is Kind.OPEN else kind)
        found.append(Part(question=asked, docs=named.docs, clause=clause))
    return _compared(question, named) or found or [whole] if len(found) < 2 else found


def _compared(question: Question, named: Scope) -> list[Part]:
    """甲和乙的期限有什么不同: one part for 甲, one for 乙; [] when no two things side by side are compared."""
    if not _COMPARES.search(question.focus):
        return []
    pairs = list(zip(question.pieces, question.pieces[1:], strict=False))
    beside = [pair for pair in pairs if _BOTH.fullmatch(_between(question.focus, *pair))]
    for one, other in beside if len(beside) == 1 else ():  # of three things each is no half of the question
        sides = (bare(one), bare(other))
        mine = [[term for term in question.terms if bare(term.text) and bare(term.text) in side] for side in sides]
        if not all(mine):
            continue
        shared = [term for term in question.terms if term not in mine[0] and term not in mine[1]]
        kind = kind_of(_COMPARES.sub("", question.focus))
        found = []
        for own, others in (mine, mine[::-1]):
            less = [replace(term, weight=term.weight * _OTHER) for term in others if term not in own]
            terms = tuple(term for term in (*own, *shared, *less) if not _COMPARES.fullmatch(term.text))
            asked = replace(question, terms=terms, kind=question.kind if kind is Kind.OPEN else kind)
            found.append(Part(question=asked, docs=named.docs, side=tuple(own)))
        return found
    return []


def _between(text: str, one: str, other: str) -> str:
    return text.partition(one)[2].partition(other)[0]


def _conjuncts(question: Question, named: Scope) -> list[Part]:
    """A和B分别…: one part for A, one for B; [] when nothing is coupled like that."""
    match = _EACH.search(question.focus)
    if not match:
        return []
    sides = (bare(match["a"]), bare(match["b"]))
    mine = [[term for term in question.terms if bare(term.text) and bare(term.text) in side] for side in sides]
    if not all(mine):
        return []
    found = []
    for own, other in (mine, mine[::-1]):
        terms = tuple(
            replace(term, weight=term.weight * _OTHER) if term in other and term not in own else term
            for term in question.terms
        )
        found.append(Part(question=replace(question, terms=terms), docs=named.docs))
    return found


def _weighted(question: Question, named: Scope, docs: frozenset[str]) -> Question:
    """The question as it is put to `docs`: words in clauses that name other documents only count little."""
    near: list[str] = []
    years: list[str] = []
    kinds: list[Kind] = []
    bodies = _without(named)
    for match in _CLAUSE.finditer(named.text):
        here = [m for m in named.mentions if match.start() <= m.start < match.end()]
        if not here or any(m.docs == docs for m in here):
            near.append(bare(match[0]))
            years += [year for year in question.years if year in bodies[match.start() : match.end()]]
            if here and (kind := kind_of(match[0])) is not Kind.OPEN:
                kinds.append(kind)
    terms: list[Term] = []
    for term in question.terms:
        if _LEVELS.fullmatch(term.text) or any(bare(term.text) in bare(cut) for cut in named.cut):
            continue  # it says where to look, not what for
        mine = any(bare(term.text) in clause for clause in near)
        terms.append(term if mine else replace(term, weight=term.weight * _BESIDE))
    years = years or [year for year in question.years if year in bodies]
    kind = kinds[0] if kinds and kinds[0] is not Kind.COMPARISON else question.kind
    return replace(question, terms=tuple(terms) or question.terms, years=tuple(dict.fromkeys(years)), kind=kind)


def _without(named: Scope) -> str:
    """The question with the names of documents blanked: their years (2023年方案) are not asked about."""
    text = named.text
    for mention in named.mentions:
        since = _SINCE.search(text[: mention.start])  # 2020—|2025倍增方案
        start = since.start() if since else mention.start
        text = text[:start] + " " * (mention.end - start) + text[mention.end :]
    return text
