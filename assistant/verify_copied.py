"""Copied runs and what lies between them: words that are new, words left out, parts put together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from assistant.verify_text import UNIT, Problem, Run, Text
from assistant.verify_words import ADDED, CONDITION, DATE, GUARD, LIMIT, YEAR

_LEVEL = re.compile("全国|国家|省|市|区|县|镇|乡")
_TO = ("-", "至", "到")
_LINK = re.compile(
    "其中|此外|同时|以及|并且|另外|分别|明确|提出|根据|按照|依据|包括|即|还|也|并|和|与|及|为|是|的|了|在|将|对|等|共|有|中|该|其|由|以|于|而|且|则|之"
)


def new(told: Text, held: Text, runs: Sequence[Run], label: str, coverage: float) -> Iterator[Problem]:
    """What was not copied."""
    stretches = _stretches(told, runs)
    fresh = 0
    for start, end in stretches:
        words = told.words(start, end)
        rest = words
        if told.marks[start] >= 2 or told.marks[end] >= 2:
            rest = _without(words, label)
        added = ADDED.search(re.sub("将", "", rest) if not _reached(held, runs, end) else rest)
        rest = _LINK.sub("", rest)
        fresh += len(rest) if added or rest else 0
        if added:
            yield Problem(added.lastgroup or "words", words)
        elif rest:
            after = told.words(end, end + 2)
            if re.search(r"\d", rest):
                date = (
                    after[:1] in ("年", "月", "日")
                    or re.search(r"年|月|日", words)
                    or re.fullmatch(r"(?:19|20)\d\d", rest)
                )
                yield Problem("date" if date else "number", words + after[:1])
            elif (
                start
                and re.fullmatch(r"[\d.]+", told.tokens[start - 1])
                and re.match(rf"(?:{UNIT}|百分点)", words + after)
            ):
                yield Problem("unit", told.tokens[start - 1] + words)
            elif _LEVEL.search(words + after[:1]):
                yield Problem("place", words + after)
            else:
                yield Problem("words", words)
    if fresh > (1 - coverage) * len(told.tokens):
        yield Problem("words", "大部分文字不见于依据")


def _reached(held: Text, runs: Sequence[Run], start: int) -> bool:
    """Whether the clause that the run at `start` is copied from tells of what has been done (将 would undo it)."""
    run = next((run for run in runs if run.start == start), None)
    return run is not None and re.match(".{0,6}(?:已|成功|完成)", held.clause_text(held.clause[run.at])) is not None


def _without(words: str, label: str) -> str:
    """`words` without the stretches of two characters or more that the label holds."""
    kept, at = "", 0
    while at < len(words):
        length = 0
        while at + length < len(words) and words[at : at + length + 1] in label:
            length += 1
        if length < 2 or re.search(r"\d", words[at : at + length]):
            kept, at = kept + words[at], at + 1
        else:
            at += length
    return kept


def _stretches(told: Text, runs: Sequence[Run]) -> list[tuple[int, int]]:
    """`[start, end)` of the tokens between runs."""
    edges = [0, *(edge for run in runs for edge in (run.start, run.end)), len(told.tokens)]
    return [(edges[i], edges[i + 1]) for i in range(0, len(edges), 2) if edges[i] < edges[i + 1]]


def joined(told: Text, held: Text, runs: Sequence[Run]) -> Iterator[Problem]:
    """Two runs that stand together in the sentence and not in the text."""
    firm = [run for k, run in enumerate(runs) if not (_movable(run, told, held) and _moved(runs, k))]
    used: dict[int, int] = {}
    for run in runs:
        for i in range(run.start, run.end):
            at = run.at + i - run.start
            if used.get(at) == told.clause[i] and run.end - run.start > 1:
                yield Problem("order", f"{told.words(run.start, run.end)}重复")
                break
        used |= {run.at + i - run.start: told.clause[i] for i in range(run.start, run.end)}
    for a, b in pairwise(firm):
        pause = max(told.marks[a.end : b.start + 1])
        if pause >= 2:
            continue
        around = f"{told.words(max(a.start, a.end - 6), a.end)}|{told.words(b.start, min(b.end, b.start + 6))}"
        if b.at >= a.stop:
            between = max(held.marks[a.stop : b.at + 1])
            opens = held.clause_span(held.clause[b.at])[0]
            whole = held.marks[a.stop] >= 2 and not _LINK.sub("", held.words(opens, b.at))
            if between >= 3 or (between == 2 and not whole):
                yield Problem("order", around)
            elif held.marks[a.stop] >= 1 and held.marks[b.at] >= 1:
                continue  # items or clauses left out whole
            elif b.at > a.stop and (limit := _lost(held.words(a.stop, b.at), told.words(a.end, b.start))):
                yield Problem(limit, f"原文“{held.words(a.stop, b.at)}”被略去")
        elif not (pause == 1 and held.clause[a.stop - 1] == held.clause[b.at] and held.marks[b.at] >= 1):
            yield Problem("order", around)


def _movable(run: Run, told: Text, held: Text) -> bool:
    """Whether a run is a date that opens a clause of the text: it may stand elsewhere in the sentence."""
    if not DATE.fullmatch(told.words(run.start, run.end)):
        return False
    return held.marks[run.at] >= 2 or (run.at > 0 and held.marks[run.at - 1] >= 2)


def _moved(runs: Sequence[Run], k: int) -> bool:
    """Whether a run stands in another order in the text than in the sentence."""
    before = k > 0 and runs[k].at < runs[k - 1].stop
    return before or (k + 1 < len(runs) and runs[k + 1].at < runs[k].stop)


def _lost(skipped: str, instead: str) -> str:
    """The kind of what was skipped between two runs, when it matters."""
    guard = next((found for found in GUARD.finditer(skipped) if found[0] not in instead), None)
    if guard:
        return guard.lastgroup or "words"
    return "condition" if LIMIT.search(skipped) else ""


def spliced(told: Text, held: Text, runs: Sequence[Run]) -> Iterator[Problem]:
    """A condition in front of what it does not govern, and the second half of a range for the whole."""
    source = {i: run.at + i - run.start for run in runs for i in range(run.start, run.end)}
    for i, token in enumerate(told.tokens):
        at = source.get(i)
        if at is None:
            continue
        if token[0].isdigit() and at > 1 and held.tokens[at - 1] in _TO and told.tokens[max(0, i - 1)] not in _TO:
            yield Problem("date" if YEAR.fullmatch(token) else "number", f"{held.words(max(0, at - 3), at + 1)}")
        before = source.get(i - 1)
        if 2 <= told.marks[i] < 3 and before is not None and held.segment[before] != held.segment[at]:
            clause = held.clause[before]
            if CONDITION.search(held.clause_text(clause)) and held.marks[before + 1] < 3:
                yield Problem("condition", f"“{held.clause_text(clause)}”另有所指")
