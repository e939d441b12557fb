"""What governs the copied words in the cited text must be said with them: a not, a bound, a condition, a year."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from assistant.verify_text import AFTER, Problem, Run, Text, quantities
from assistant.verify_words import AIM, ANSWERED, CONDITION, DATE, DATED, GUARD, YEAR


def guarded(told: Text, held: Text, runs: Sequence[Run]) -> Iterator[Problem]:
    """A not, a hedge, a bound or a condition that governs what was copied and was left behind."""
    for clause, used in _clauses(held, runs).items():
        start, end = held.clause_span(clause)
        if len(used) < 3 and len(used) < (end - start) / 2:
            continue
        segments = {told.segment[i] for i, _ in used}
        near = "".join(told.clause_text(i) for i in sorted({told.clause[i] for i, _ in used}))
        kept = Counter(guard[0].removesuffix("以") for guard in GUARD.finditer(near))
        for guard in GUARD.finditer(held.clause_text(clause)):
            kept[guard[0].removesuffix("以")] -= 1
            if kept[guard[0].removesuffix("以")] < 0:
                yield Problem(guard.lastgroup or "words", f"原文“{guard[0]}”被略去")
        first, last = min(at for _, at in used), max(at for _, at in used) + 1
        prefix = held.words(start, first)
        if len(prefix) >= 3 and AIM.match(prefix):
            yield Problem("condition", f"原文“{prefix}”被略去")
        if last < end and (cut := re.match(rf"(?:{AFTER})|%|[\d.]", held.words(last, min(end, last + 3)))):
            yield Problem("bound", f"原文“{cut[0]}”被略去")
        governor = _governor(held, clause, CONDITION)
        if governor is not None and ANSWERED.search(held.clause_text(governor)):
            governor = None  # 对A给予B，对C给予D: the first says what A gets and does not govern C
        if governor is not None and not _held(held, governor, runs, told, segments):
            yield Problem("condition", f"原文“{held.clause_text(governor)}”被略去")


def _clauses(held: Text, runs: Sequence[Run]) -> dict[int, list[tuple[int, int]]]:
    """For each clause of the text, the tokens copied from it: where each stands in the sentence, and in the text."""
    found: dict[int, list[tuple[int, int]]] = {}
    for run in runs:
        for i in range(run.start, run.end):
            at = run.at + i - run.start
            found.setdefault(held.clause[at], []).append((i, at))
    return found


def _governor(held: Text, clause: int, kind: re.Pattern[str]) -> int | None:
    """The clause before this one, between the same semicolons, that says when or for whom it holds."""
    segment = held.segment[held.starts[clause]]
    for before in range(clause - 1, -1, -1):
        if held.segment[held.starts[before]] != segment:
            return None
        if kind.search(held.clause_text(before)):
            return before
    return None


def _held(held: Text, clause: int, runs: Sequence[Run], told: Text, segments: set[int]) -> bool:
    """Whether most of a clause of the text is said in these parts of the sentence."""
    start, end = held.clause_span(clause)
    if held.tokens[start] == "第" and held.tokens[start + 2 : start + 3] == ("条",):
        start += 3  # a label in front may have said it
    said = sum(
        start <= run.at + i - run.start < end and told.segment[i] in segments
        for run in runs
        for i in range(run.start, run.end)
    )
    return said >= 0.6 * (end - start)


def numbers(told: Text, held: Text, runs: Sequence[Run]) -> Iterator[Problem]:
    """Numbers that the clauses copied from do not print with this unit and bound."""
    for clause, start in enumerate(told.starts):
        end = told.clause_span(clause)[1]
        mine = quantities(told.words(start, end))
        if not mine:
            continue
        sources = {
            held.clause[at] for run in runs for at in range(run.at, run.stop) if start <= run.start + at - run.at < end
        }
        theirs = [quantity for source in sorted(sources) for quantity in quantities(held.clause_text(source))]
        for quantity in mine:
            same = [other for other in theirs if other.value == quantity.value]
            alike = [other for other in same if other.unit == quantity.unit or not quantity.unit]
            if not same:
                date = quantity.unit in ("年", "月", "日") or re.fullmatch(r"(?:19|20)\d\d", quantity.text)
                yield Problem("date" if date else "number", quantity.text)
            elif not alike:
                yield Problem("unit", quantity.text)
            elif not any(other.bound == quantity.bound for other in alike):
                yield Problem("bound", quantity.text)


def dates(told: Text, held: Text, runs: Sequence[Run]) -> Iterator[Problem]:
    """The year that governs a clause in the text must govern it in the sentence."""
    for clause, used in _clauses(held, runs).items():
        text = held.clause_text(clause)
        if len(used) < 4 or DATE.fullmatch(text):
            continue
        last, segments = max(i for i, _ in used) + 1, {told.segment[i] for i, _ in used}
        said = [
            told.tokens[i]
            for i in range(last)
            if told.segment[i] in segments and YEAR.fullmatch(told.tokens[i]) and told.tokens[i + 1 : i + 2] == ("年",)
        ]
        governor = clause if DATED.match(text) else _governor(held, clause, DATED)
        if governor is not None:
            year = YEAR.search(held.clause_text(governor))
            if year and year[0] not in told.tokens[:last]:
                yield Problem("date", f"原文“{held.clause_text(governor)[:12]}”被略去")
        elif said and said[-1] not in text:
            before = re.findall(r"(?:19|20)\d\d(?=年)", "".join(held.tokens[: held.starts[clause]]))
            if said[-1] not in before[-1:]:
                yield Problem("date", said[-1])
