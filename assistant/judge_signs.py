"""Signs of whether what was found tells what is asked: one row of numbers for a case."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant import extract
from assistant.evidence import Unit
from assistant.judge_aspects import ASPECTS, Aspect
from assistant.question import Kind, Question
from assistant.reasons import Case
from assistant.telling import punished, telling
from assistant.text import bag, bare, grams
from index.lexicon import load_lexicon

_APART = (Kind.APPLICABILITY, Kind.COMPARISON)  # answered from several places, none of which tells all
_NEAR = 0.12  # a sentence elsewhere that scores this much less is as good
_BEHIND, _BEST, _AS_GOOD = 8, 5, 20  # sentences of other sections that are looked at
_LOOKED = 30  # sentences among which a word is rare or common
_COMMON = 1.02  # a word that all of them hold counts for 0.02
_AROUND = 25  # characters around what tells an aspect in which the question's words are looked for
_PURPOSE = re.compile(r"为(?:了)?[^。]{4,}(?:制定|特制定)|根据[^。]{4,}制定|适用(?:于)?本")
_BREAKS = re.compile(r"违反本|违反第|有下列[^。]{0,12}行为之一")

RISING = (
    "score", "cover", "own", "lead", "lead_cover", "lead_own", "bm25", "bm25_share", "rerank", "rerank_lead",
    "words_said", "words_all", "words_document", "pairs_first", "pairs_rare", "pairs_rare_first", "run", "told",
    "told_any", "calls", "aspects_told", "aspects_tell", "near_told",
)  # fmt: skip
"""Signs that speak for an answer the more, the higher they are: a model must not learn otherwise."""
FALLING = ("missing", "as_good", "others", "rank", "purpose", "breaks")
"""Signs that speak against it."""
FREE = (
    "pairs_best", "rerank_best", "rerank_second", "length", "question_length", "listed", "sentences", "numbers",
    "named", *(f"is_{aspect.name}" for aspect in ASPECTS),
)  # fmt: skip
"""Signs that say what the others are worth. `is_…`: 1 asked for and told in what is said, -1 asked for and not told,
0 not asked for."""
NAMES = RISING + FALLING + FREE


def judged(case: Case) -> bool:
    """Whether the signs mean anything: a Chinese question that stands alone, of at most one document, that would be
    answered with sentences or a list, from passages that the re-ranker has put in order."""
    question, found = case.question, case.found
    if question.language != "zh" or question.kind in _APART or question.pasted or question.focus != question.text:
        return False
    if question.told or len(case.named.groups) > 1 or found.rows or found.untold or not found.chosen:
        return False
    return bool(case.hits) and "rerank" in dict(case.hits[0].parts)


def asked_for(question: Question) -> Aspect | None:
    """An aspect that a question asks for and a refusal may name; `None` where there is none. What something is comes
    last: 设置渡口的条件是什么 asks for conditions."""
    asked = [one for one in ASPECTS if one.says and one.asked.search(question.focus)]
    return max(asked, key=lambda one: one.name != "meaning", default=None)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    weight: float
    names: tuple[str, ...]

    def within(self, text: str) -> bool:
        return self.text in text or any(name in text for name in self.names)


class Signs:
    """The signs of one case that may be `judged`."""

    def __init__(self, case: Case) -> None:
        """Nothing is worked out yet."""
        self.case = case
        self._first = case.found.chosen[0]
        self._unit = self._first.unit
        self._reading = case.library.reading(self._unit.doc)

    @cached_property
    def own_words(self) -> float:
        """Share (0..1) of the question's words, by weight, that stand in the document under one of their names."""
        return self._told(self._reading.bared)

    def row(self) -> list[float]:
        """A number for each of `NAMES`."""
        columns = {**self._scores(), **self._search(), **self._sharing(), **self._aspects()}
        return [float(columns[name]) for name in NAMES]

    def _scores(self) -> Mapping[str, float]:
        """How the best sentence stands against those of other sections."""
        first, chosen = self._first, self.case.found.chosen
        others = [
            item
            for item in self.case.found.ranked
            if (item.unit.doc, item.unit.section.path) != (self._unit.doc, self._unit.section.path)
        ]
        best = [item.score for item in others[:_BEST]]
        return {
            "score": first.score,
            "cover": max(item.coverage for item in chosen),
            "own": first.own,
            "lead": first.score - (others[0].score if others else 0.0),
            "lead_cover": first.coverage - max((item.coverage for item in others[:_BEHIND]), default=0.0),
            "lead_own": first.own - max((item.own for item in others[:_BEHIND]), default=0.0),
            "as_good": sum(item.score > first.score - _NEAR for item in others[:_AS_GOOD]),
            "others": sum(best) / len(best) if best else 0.0,
        }

    def _search(self) -> Mapping[str, float]:
        """What search says of the passage, and of those it found first."""
        parts = [dict(hit.parts) for hit in self.case.hits]
        here = (self._unit.doc, self._unit.section.path)
        at = next((n for n, hit in enumerate(self.case.hits) if (hit.chunk.doc, hit.chunk.section) == here), len(parts))
        own = parts[at] if at < len(parts) else {}
        ranks = [part.get("rerank", 0.0) for part in parts]
        rank = own.get("rerank", 0.0)
        lexical = [part.get("bm25", 0.0) for part in parts]
        behind = ranks[1:6]
        return {
            "bm25": own.get("bm25", 0.0) / max(1, len(bare(self.case.question.focus))),
            "bm25_share": own.get("bm25", 0.0) / (max(lexical) or 1.0),
            "rerank": rank,
            "rerank_lead": rank - max((value for n, value in enumerate(ranks) if n != at), default=0.0),
            "rerank_best": ranks[0] - (sum(behind) / len(behind) if behind else 0.0),
            "rerank_second": ranks[0] - ranks[1] if len(ranks) > 1 else 0.0,
            "rank": at,
        }

    def _sharing(self) -> Mapping[str, float]:
        """How much of the question's words stands in what would be said, and around it."""
        unit, found, library = self._unit, self.case.found, self.case.library
        above = bare(" ".join(section.heading or "" for section in (unit.section, *unit.parents)))
        said = bare(" ".join(item.unit.ruled for item in found.chosen)) + above
        paths = dict.fromkeys((unit.section.path, *(parent.path for parent in unit.parents[-1:])))
        around = bare(" ".join(other.text for path in paths for other in self._reading.of(path)))
        whole = said + around + bare(library.snapshot.entry(unit.doc).title)
        bags = [item.unit.grams | item.unit.place for item in found.ranked[:_LOOKED]]
        told = frozenset().union(*(item.unit.grams | item.unit.place for item in found.chosen))
        first = bag(unit.ruled)
        rare = self._rare(bags)
        total = sum(rare.values()) or 1.0
        core = bare("".join(self.case.question.pieces))
        return {
            "words_said": self._told(said),
            "words_all": self._told(whole),
            "words_document": self.own_words,
            "missing": max((round(word.weight, 1) for word in self._words if not word.within(whole)), default=0.0),
            "pairs_first": self._share(self._pairs, first),
            "pairs_rare": self._share(rare, told),
            "pairs_rare_first": self._share(rare, first),
            "pairs_best": max((sum(v for g, v in rare.items() if g in held) / total for held in bags), default=0.0),
            "run": _run(core, bare(unit.ruled)) / max(1, len(core)),
            "length": math.log1p(len(unit.text)),
            "question_length": math.log1p(len(bare(self.case.question.focus))),
            "listed": unit.text.count("、") + unit.text.count("；"),
            "sentences": len(found.chosen),
            "numbers": extract.has_number(unit.ruled),
            "named": bool(self.case.named.docs),
        }

    def _aspects(self) -> Mapping[str, float]:
        """Whether the aspects asked for are told, and by the question's words."""
        question, unit = self.case.question, self._unit
        units = [item.unit for item in self.case.found.chosen]
        ruled = [one.ruled for one in units]
        asked = [aspect for aspect in ASPECTS if aspect.asked.search(question.focus)]
        tells = telling(question)
        row: dict[str, float] = {f"is_{aspect.name}": 0 for aspect in ASPECTS}
        for aspect in asked:
            row[f"is_{aspect.name}"] = 1 if any(map(aspect.told.search, ruled)) else -1
        return {
            **row,
            "told": -1 if tells is None else tells(unit.ruled),
            "told_any": -1 if tells is None else any(map(tells, ruled)),
            "calls": any(extract.calls(question, one) for one in units),
            "aspects_told": sum(value < 0 for value in row.values()) * -1,
            "aspects_tell": sum(any(map(aspect.tells.search, ruled)) for aspect in asked) - len(asked),
            "near_told": self._near_told(asked, units),
            "purpose": _PURPOSE.search(unit.text) is not None,
            "breaks": _BREAKS.search(unit.ruled) is not None and not punished(question.focus),
        }

    def _near_told(self, asked: Sequence[Aspect], units: Sequence[Unit]) -> float:
        """The most of the question's pairs that stand close to what tells the first aspect asked for."""
        best = 0.0
        for unit in units if asked else ():
            text = unit.ruled
            for match in asked[0].tells.finditer(text):
                close = bag(text[max(0, match.start() - _AROUND) : match.end() + _AROUND])
                best = max(best, self._share(self._pairs, close))
        return best

    @cached_property
    def _words(self) -> tuple[_Word, ...]:
        """The question's words that name no document, with their other names in the lexicon."""
        naming = bare(" ".join(self.case.named.naming))
        library = self.case.library
        found = []
        for text in dict.fromkeys(word for piece in self.case.question.pieces for word in library.words(piece)):
            if text in naming:
                continue
            pairs = grams(text)
            entries = [entry for match in load_lexicon().find(text) for entry, _ in match.entries]
            names = {bare(name) for entry in entries for name in (entry.term, *entry.same, *entry.near)} - {""}
            found.append(_Word(text, sum(map(library.weight, pairs)) / max(1, len(pairs)), tuple(sorted(names))))
        return tuple(found)

    @cached_property
    def _pairs(self) -> Mapping[str, float]:
        """The pairs of characters of the question that name no document, with their weights."""
        naming = bare(" ".join(self.case.named.naming))
        pairs = [pair for piece in self.case.question.pieces for pair in grams(piece) if pair not in naming]
        return {pair: self.case.library.weight(pair) for pair in pairs}

    def _rare(self, bags: Sequence[frozenset[str]]) -> Mapping[str, float]:
        """The pairs, weighed also by how few of the best sentences hold them."""
        held = {pair: sum(pair in one for one in bags) / max(1, len(bags)) for pair in self._pairs}
        return {pair: weight * (_COMMON - held[pair]) for pair, weight in self._pairs.items()}

    def _told(self, text: str) -> float:
        """Share of the question's words, by weight, that stand in a text under one of their names; 1 without any."""
        total = sum(word.weight for word in self._words)
        return sum(word.weight for word in self._words if word.within(text)) / total if total else 1.0

    @staticmethod
    def _share(pairs: Mapping[str, float], held: frozenset[str]) -> float:
        total = sum(pairs.values())
        return sum(weight for pair, weight in pairs.items() if pair in held) / total if total else 1.0


def _run(text: str, within: str) -> int:
    """Characters of the longest run of `text` that stands in `within`."""
    best = 0
    for at in range(len(text)):
        while at + best < len(text) and text[at : at + best + 1] in within:
            best += 1
    return best
