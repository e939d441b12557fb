"""Hits → what is going to be said: sentences, the items under a heading, or table rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant import article, extract, facts, items, tables
from assistant.evidence import Library, Unit
from assistant.extract import Scored, Wanted
from assistant.items import Items
from assistant.itself import told_of_itself
from assistant.parts import Part, parts
from assistant.question import Kind, Question
from assistant.scope import Scope
from assistant.tables import Row
from assistant.telling import composed, punished, telling
from assistant.text import bag, bare, clauses
from index.search import Hit
from ingest.clean import cut
from ingest.document import Section

_LISTED = 6  # documents whose outlines are looked at
_LONG = 110  # characters of a sentence that may be trimmed
_ALL = re.compile(r"分别|哪些|各是|列出|列举|哪几")  # all parts of a sentence are asked for
_TRIMMED = (Kind.NUMBER, Kind.WHEN, Kind.WHERE, Kind.WHO, Kind.OPEN, Kind.YES_NO)
_CASES = re.compile(r"[：:][^：:]{4,}")  # a first clause that leads up to cases and holds the first of them
_PLACES = re.compile(
    r"(?:哪|几|多少)[几些]?[个]?(?:处|条|款|章节|地方|部分|文件)[^，。？]{0,4}(?:提|写|说|讲|谈|涉及)|在哪几处"
)
_EVERYWHERE = 4  # sentences where it is asked in what places something is said
_ASKS = re.compile(r"[？?][”」』]?$")  # what asks itself (in a list of questions and answers) answers nothing
_ASKS_KINDS = re.compile(
    r"哪[几些][^，。？]{0,2}[类种]|(?:包括|包含|分为|分成|分)(?:了)?(?:哪|什么|几)|有哪些|所[称说]的?[^，。？]+包括"
)
_GOES_ON = re.compile(r"(?:具体|主要|一般)?(?:包括|分为|包含|分)")
_WEAK = 0.3  # share of the words of a part of a question below which it may be left untold
_MARGIN = 0.12  # a sentence that scores this much less than the best is not said
_CLOSE = 0.09  # the same where more than two may be said
_TELLING, _TELLS = 30, 0.4  # sentences among which one that can tell is looked for, and how far it may be behind
_SIDE = 0.6  # share of the words of one of two things compared in what speaks of it
_TIE = 0.03  # less than this tells nothing between two documents
_NAMES = (Kind.WHO, Kind.WHEN, Kind.WHERE, Kind.OPEN)  # what a line without a verb may answer
_VALUES = {Kind.NUMBER: extract.has_number, Kind.WHEN: extract.has_date}  # what a trimmed sentence must keep
_MOST = {
    Kind.NUMBER: 2,
    Kind.WHEN: 2,
    Kind.WHO: 2,
    Kind.WHERE: 2,
    Kind.LIST: 2,
    Kind.DEFINITION: 2,
    Kind.YES_NO: 2,
    Kind.OPEN: 2,
    Kind.COMPARISON: 4,
    Kind.APPLICABILITY: 4,
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a question brought up. `ranked` is best first; `chosen`, `rows` and `items` are what an answer would say.

    `untold` are the parts of the question that nothing answers but what answers another part. `recited` tells that
    the provision asked for, or what a document says of itself, was looked up and not searched for. `doubt` is a note
    that it may answer something near only; "" where nothing is in doubt.
    """

    ranked: tuple[Scored, ...]
    chosen: tuple[Scored, ...]
    rows: tuple[Row, ...]
    items: tuple[Items, ...] = ()
    untold: tuple[str, ...] = ()
    recited: bool = False
    doubt: str = ""


def _told(part: Part, found: Found, named: Scope, library: Library) -> float:
    """How much of the words of a part of a question stands in what was found for it or in its headings, 0..1."""
    own = [term for term in part.question.terms if bare(term.text) in bare(part.clause)]
    if not part.clause or not own or found.rows or found.items:
        return 1.0
    wants = extract.wanted(own, library.weight, named.naming)
    return max((extract.shares(wants, i.unit.grams, i.unit.place)[1] for i in found.chosen), default=0.0)


def select(question: Question, named: Scope, library: Library, hits: Sequence[Hit]) -> Found:
    """Score the evidence that `hits` bring up and choose from it, for each thing that is asked."""
    stated = _stated(question, named, library)
    if stated:
        return Found(ranked=tuple(stated), chosen=tuple(stated), rows=())
    provision = article.asked_for(question, named, library, hits) or told_of_itself(question, named, library, hits)
    if provision:
        whole = tuple(Scored(unit=unit, score=1.5, coverage=1.0, own=1.0) for unit in provision)
        return Found(ranked=whole, chosen=whole, rows=(), recited=True)
    asked = parts(question, named)
    found = [_one(part, named, library, hits, len(asked) > 1) for part in asked]
    if len(found) == 1:
        return found[0]
    told = [_told(part, one, named, library) for part, one in zip(asked, found, strict=True)]
    best: dict[int, Scored] = {}  # what answers two parts counts as it does for the one that it answers better
    rows: list[Row] = []
    for one in found:
        for item in one.chosen:
            key = id(item.unit)
            best[key] = item if key not in best or item.score > best[key].score else best[key]
        rows += [row for row in one.rows if row not in rows]
    untold = tuple(
        part.clause
        for part, one, share in zip(asked, found, told, strict=True)
        if share < _WEAK and all(best.get(id(item.unit)) is not item for item in one.chosen)
    )
    ranked = sorted((item for one in found for item in one.ranked), key=lambda item: -item.score)
    listed = tuple(dict.fromkeys(item for one in found for item in one.items))
    return Found(ranked=tuple(ranked), chosen=tuple(best.values()), rows=tuple(rows), items=listed, untold=untold)


def _one(part: Part, named: Scope, library: Library, hits: Sequence[Hit], several: bool) -> Found:
    question = part.question
    allowed = frozenset(_first(doc, library) for doc in part.docs)
    without = frozenset(_first(doc, library) for doc in part.without)
    near = [hit for hit in hits if (not allowed or hit.chunk.doc in allowed) and hit.chunk.doc not in without]
    if named.homes and not allowed:
        near = [hit for hit in near if any(library.speaks_of(home, hit.chunk.doc) for home in named.homes)]
    wants = tuple(extract.wanted(question.terms, library.weight, named.naming))
    best = max((hit.score for hit in near), default=0.0) or 1.0
    found: dict[tuple[str, str], float] = {}
    for hit in near:
        place = (hit.chunk.doc, hit.chunk.section)
        found[place] = max(found.get(place, 0.0), hit.score / best)
    wide = library.candidates(near, sorted(allowed) if len(allowed) <= 2 else ())
    units = [unit for unit in wide if not unit.is_heading or (question.kind is Kind.NUMBER and _counts(unit))]
    units = [unit for unit in units if not _ASKS.search(unit.text)] or units
    if question.kind not in _NAMES:
        units = [unit for unit in units if not extract.is_name(unit)] or units
    scored = [
        extract.score(
            question,
            wants,
            unit,
            library.title(unit.doc),
            found=found.get((unit.doc, unit.section.path), 0.0),
            meaning=meaning,
            level=unit.doc in named.prefer,
        )
        for unit, meaning in zip(units, library.meanings(question.query, units), strict=True)
    ]
    scored = _voted(question, scored, near)
    ranked = sorted(scored, key=lambda item: (-item.score, item.unit.doc, item.unit.order))
    most = 1 if several else _EVERYWHERE if _PLACES.search(question.focus) else _MOST[question.kind]
    if part.side:
        ranked = _beside(part, named, library, ranked) or ranked
    tells = telling(replace(question, focus=part.clause) if part.clause else question)
    near_best = [item for item in ranked[:_TELLING] if item.score >= ranked[0].score - _TELLS]
    able = [item for item in near_best if tells and tells(item.unit.ruled)] or items.steps(question, near_best)
    able = able or _defining(question, ranked) or _kinds(question, library, ranked) or _with_value(question, ranked)
    chosen = extract.choose(able, most, _MARGIN if most <= 2 else _CLOSE)
    if len(chosen) == 1 < most <= 2:
        chosen += extract.continued(question, ranked, chosen[0])
    if question.kind is Kind.LIST and len(chosen) == most > 1:
        chosen = max(chosen, extract.choose(able, most + 1, _TIE), key=len)
    if several and len(allowed) > 1 and chosen:
        tops = {item.unit.doc: item for item in reversed(ranked)}  # 浦东方案 may mean two: both are told when as near
        chosen += [top for doc, top in sorted(tops.items()) if doc != chosen[0].unit.doc and _near(top, chosen[0])]
    chosen = [_trimmed(question, wants, item) for item in chosen]
    count = _count(question)
    if chosen and question.kind in (Kind.LIST, Kind.NUMBER) and count > most:
        beside = [item for item in ranked if item.unit.section is chosen[0].unit.section]
        chosen = max(chosen, extract.choose(beside, count, _MARGIN), key=len)
    if chosen:
        reading = library.reading(chosen[0].unit.doc)
        body = items.statement(question, reading, chosen[0].unit)
        by_unit = {id(item.unit): item for item in ranked}
        chosen = [by_unit[id(unit)] for unit in body] or chosen
        docs = list(dict.fromkeys(hit.chunk.doc for hit in near))[:_LISTED]
        readings = [library.reading(doc) for doc in docs]
        listed: list[Items] = []
        if not composed(question.focus, chosen[0].unit.ruled):
            listed = items.under_heading(question, named, readings)
            if not listed and (whole := items.section_asked(question, named, readings)):
                listed = [whole]
        open_ended = items.introduced(question, library.reading(chosen[0].unit.doc), chosen[0].unit)
        if not open_ended and not listed and (whole_list := items.listed_with(question, reading, chosen[0].unit)):
            head, open_ended = whole_list
            chosen = [replace(chosen[0], unit=head)]
        if open_ended and not any(item.exact and _holds(item.section, open_ended.section) for item in listed):
            return Found(ranked=tuple(ranked[:60]), chosen=tuple(chosen[:1]), rows=(), items=(open_ended,))
        if listed and not body and not _enumerates(question, chosen[0].unit):
            return Found(ranked=tuple(ranked[:60]), chosen=(), rows=(), items=tuple(listed))
    rows = _rows(question, wants, library, near, best)
    lead = chosen[0].score if chosen else 0.0
    rows = [row for row in rows if _stands(row, rows[0], lead) and _values(question, row)][:10]
    if rows and (rows[0].score > lead + 0.05 or len(rows) > 1):
        chosen = []
    elif rows:
        chosen = chosen[:1]
    return Found(ranked=tuple(ranked[:60]), chosen=tuple(chosen), rows=tuple(rows))


def _voted(question: Question, scored: list[Scored], hits: Sequence[Hit]) -> list[Scored]:
    """The same with what the re-ranker thinks of each section, where the question is asked in the documents' words.

    It knows people's own words less well than the lexicon does, and nothing of firms.
    """
    plain = question.language == "zh" and not any(term.alternatives for term in question.terms)
    if not plain or question.kind is Kind.APPLICABILITY:
        return scored
    votes: dict[tuple[str, str], float] = {}
    for hit in hits:
        place, vote = (hit.chunk.doc, hit.chunk.section), dict(hit.parts).get("rerank")
        if vote is not None:
            votes[place] = max(votes.get(place, vote), vote)
    if not votes or max(item.own for item in scored) < extract.PRINTED:
        return scored
    best, least = max(votes.values()), min(votes.values())
    behind = [votes.get((item.unit.doc, item.unit.section.path), least) - best for item in scored]
    return [replace(item, score=item.score + extract.VOTE * by) for item, by in zip(scored, behind, strict=True)]


def _beside(part: Part, named: Scope, library: Library, ranked: Sequence[Scored]) -> list[Scored]:
    """Those that speak of the one thing of two compared that the part asks about, in the sentence or above it."""
    wants = extract.wanted(part.side, library.weight, named.naming)
    return [
        item
        for item in ranked
        if extract.shares(wants, item.unit.grams | item.unit.place | library.title(item.unit.doc))[0] >= _SIDE
    ]


def _holds(section: Section, part: Section) -> bool:
    """Whether `part` stands under `section`, which the question names: then all that stands there is asked about."""
    return any(below is part for child in section.children for below in child.walk())


def _defining(question: Question, ranked: Sequence[Scored]) -> list[Scored]:
    """The sentences that say what the thing asked about is, where a question asks for a definition; else []."""
    if question.kind is not Kind.DEFINITION:
        return []
    return [item for item in ranked if extract.calls(question, item.unit)]


def _kinds(question: Question, library: Library, ranked: Sequence[Scored]) -> list[Scored]:
    """Where it is asked what kinds of a thing there are: the sentence that says it after the thing's definition (本办法
    所称家电，是指……。包括……), which does not name it again; else []."""
    if question.kind is not Kind.LIST or not _ASKS_KINDS.search(question.focus):
        return []
    for item in ranked:
        if extract.calls(question, item.unit):
            units = library.reading(item.unit.doc).of(item.unit.section.path)
            after = next((unit for unit in units if unit.order > item.unit.order), None)
            if after is not None and _GOES_ON.match(after.text):
                return [replace(item, unit=after)]
    return []


def _with_value(question: Question, ranked: list[Scored]) -> list[Scored]:
    """Those with a number or time, when the best has none and one of them holds more of the question; else `ranked`."""
    holds = _VALUES.get(question.kind)
    if not holds or not ranked or holds(ranked[0].unit.ruled) or question.years:
        return ranked
    near = [item for item in ranked[:_TELLING] if item.score >= ranked[0].score - _TELLS]
    return [i for i in near if i.coverage > ranked[0].coverage and holds(i.unit.ruled)] or ranked


def _stands(row: Row, best: Row, lead: float) -> bool:
    """Whether a row is said beside the best one: it scores as well, or the question prints both their labels."""
    if row.score >= best.score - _MARGIN and row.score >= lead - 0.1:
        return True
    printed = row.fit >= 1 and best.fit >= 1 and row.table is best.table
    return printed and best.score >= lead - 0.1 and row.score >= best.score - 3 * _MARGIN


def _values(question: Question, row: Row) -> bool:
    """Whether a row holds a number or time where one is asked for."""
    said = [part for column in row.columns for part in column]
    if question.kind is Kind.NUMBER:
        return any(extract.has_number(part) for part in said)
    return question.kind is not Kind.WHEN or any(re.search(r"\d|[一二三四五六七八九十]", part) for part in said)


def _near(top: Scored, best: Scored) -> bool:
    return top.score >= best.score - _TIE and top.own >= best.own - _TIE


def _counts(heading: Unit) -> bool:
    """Whether a heading tells how many (实施六大计划)."""
    return re.search(r"[二三四五六七八九十]大|\d+\s*[个项家]", heading.section.heading or "") is not None


def _stated(question: Question, named: Scope, library: Library) -> list[Scored]:
    """Where the documents named print the number, date or issuer that is asked for."""
    wanted = facts.asked(question.text)
    docs = sorted({_first(doc, library) for doc in named.docs}) if wanted else []
    return [Scored(unit=unit, score=1.5, coverage=1.0, own=1.0) for unit in facts.stated(wanted, docs, library)]


def _trimmed(question: Question, wants: Sequence[Wanted], item: Scored) -> Scored:
    """The part between semicolons that says all of what is asked, where one alone does and the sentence is long."""
    text = item.unit.clean.text
    spans = list(clauses(text))
    if question.kind not in _TRIMMED or len(text) < _LONG or len(spans) < 2 or _ALL.search(question.focus):
        return item
    if punished(question.focus):
        return item  # 给予警告；拒不改正的，处……罚款
    holds = _VALUES.get(question.kind)
    able = []
    for start, end in spans:
        part = bag(text[start:end])
        if holds and holds(text) and not holds(text[start:end]):
            continue  # the number or time that is asked for stands in another part
        if extract.shares(wants, part)[0] >= item.own - 1e-9:
            able.append((start, end, part))
    if len(able) != 1 or (able[0][0] == spans[0][0] and _CASES.search(text[slice(*spans[0])])):
        return item  # the question's words do not tell which of several cases is meant
    start, end, part = able[0]
    return replace(item, unit=replace(item.unit, clean=cut(item.unit.clean, start, end), grams=part))


def _count(question: Question) -> int:
    """How many things are asked for (哪六个 → 6, at most 8); 0 when it is not said."""
    found = re.search(r"哪?(?:分)?([二两三四五六七八]|[2-8])(?:个|项|条|类|种|家|大|处|方面|层)", question.focus)
    return (
        (int(found[1]) if found[1].isdigit() else 2 + "二三四五六七八".find(found[1].replace("两", "二")))
        if found
        else 0
    )


def _enumerates(question: Question, unit: Unit) -> bool:
    """Whether a sentence prints the number of things that are asked for (哪4大领域) and lists things."""
    counted = re.search(r"(?:[二两三四五六七八九十]|\d+)(?:大|个|项|类|条|种)[\u4e00-\u9fff]{2,4}", question.focus)
    return counted is not None and counted[0] in bare(unit.text) and unit.text.count("、") >= 2


def _first(doc: str, library: Library) -> str:
    return library.snapshot.renderings(doc)[0]


def _rows(question: Question, wants: Sequence[Wanted], library: Library, hits: Sequence[Hit], best: float) -> list[Row]:
    rows: list[Row] = []
    for doc in list(dict.fromkeys(hit.chunk.doc for hit in hits))[:_LISTED]:
        near = {
            (hit.chunk.section, hit.chunk.text.partition("：")[0]): hit.score / best
            for hit in reversed(hits)
            if hit.chunk.doc == doc
        }
        rows += tables.find_rows(question, wants, library.reading(doc).document, library.weight, near)
    return sorted(rows, key=lambda row: -row.score)
