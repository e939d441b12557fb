"""What changed between two versions of a document, section by section, with the words that changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from ingest.clean import clean
from ingest.document import Document

Op = Literal["equal", "delete", "insert"]
Status = Literal["changed", "added", "removed", "renumbered"]
_TOKEN = re.compile(r"\d+(?:[.,．]\d+)*|[A-Za-z]+|\s+|.", re.DOTALL)
_ALIKE = 0.4  # share of common character pairs from which two sections may be versions of one
_SAME_PLACE = 0.15  # the same for two sections of one path
_LONGEST = 4000  # tokens up to which words are compared one by one
_PAIRS = 500_000  # sections of the one times sections of the other
_FACTS = ("title", "doc_number", "issue_date", "effective_date", "valid_until", "issuer")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of text that both versions have (equal), or only the older (delete) or the newer (insert)."""

    op: Op
    text: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """One section that is not the same in both; the path and place of a side that has none are `None`.

    `marks` put together without the inserts are the older text, without the deletes the newer one. `renumbered`: only
    its path changed. Places are `[start, end)` in the sources.
    """

    status: Status
    before: str | None
    after: str | None
    heading: str | None
    marks: tuple[Mark, ...]
    span_before: tuple[int, int] | None
    span_after: tuple[int, int] | None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """All that changed, in the order of the newer document (what was removed stands where it was).

    `facts` are (name, older value, newer value) of facts that differ; `same` counts the sections that do not.
    """

    facts: tuple[tuple[str, str | None, str | None], ...]
    changes: tuple[Change, ...]
    same: int


@dataclass(frozen=True, eq=False)
class _Part:
    """A section's own text or a table: `bare` is what is compared, without number and white space."""

    path: str
    heading: str | None
    text: str
    bare: str
    span: tuple[int, int]


def compare(before: Document, after: Document) -> Difference:
    """What changed from the older document to the newer one."""
    old, new = _parts(before), _parts(after)
    pairs = _pairs(old, new)
    partner = {id(right): left for left, right in pairs}
    kept = {id(left) for left, _ in pairs}
    places = {id(one): place for place, one in enumerate(old)}
    changes: list[Change] = []
    same = at = 0
    for right in new:
        left = partner.get(id(right))
        if left is not None:
            place = places[id(left)]
            changes += [_change("removed", one, None) for one in old[at:place] if id(one) not in kept]
            at = max(at, place)
        if left is None:
            changes.append(_change("added", None, right))
        elif left.bare != right.bare:
            changes.append(_change("changed", left, right))
        elif left.path != right.path:
            changes.append(_change("renumbered", left, right))
        else:
            same += 1
    changes += [_change("removed", one, None) for one in old[at:] if id(one) not in kept]
    facts = [(name, getattr(before, name), getattr(after, name)) for name in _FACTS]
    return Difference(facts=tuple(fact for fact in facts if fact[1] != fact[2]), changes=_once(changes), same=same)


def _once(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Without repetitions: what was removed before two sections that changed places is named once."""
    return tuple(dict.fromkeys(changes))


def _parts(document: Document) -> list[_Part]:
    parts: list[_Part] = []
    for section in document.walk():
        text = "\n".join(clean(document.text, spans)[0].text for spans in section.paragraphs)
        parts.append(_part(section.path, section.number, section.heading, text, section.start, section.end))
    for table in document.tables:
        rows = [table.columns, *table.rows]
        start, end = min(s.start for s in table.spans), max(s.end for s in table.spans)
        parts.append(_part(table.path, None, table.caption, "\n".join("｜".join(row) for row in rows), start, end))
    return sorted(parts, key=lambda part: part.span[0])


def _part(path: str, number: str | None, heading: str | None, text: str, start: int, end: int) -> _Part:
    own = text.removeprefix(number) if number else text
    return _Part(path, heading, text, "".join(own.split()), (start, end))


def _pairs(old: Sequence[_Part], new: Sequence[_Part]) -> list[tuple[_Part, _Part]]:
    """Which sections are versions of each other: the same text in the same order, the same text elsewhere, the same
    path, the most alike."""
    pairs: list[tuple[_Part, _Part]] = []
    blocks = SequenceMatcher(None, [one.bare for one in old], [one.bare for one in new], autojunk=False)
    for block in blocks.get_matching_blocks():
        pairs += zip(old[block.a : block.a + block.size], new[block.b : block.b + block.size], strict=True)

    def left_over() -> tuple[list[_Part], list[_Part]]:
        taken = {id(one) for pair in pairs for one in pair}
        return [one for one in old if id(one) not in taken], [one for one in new if id(one) not in taken]

    rest, fresh = left_over()
    by_text = {one.bare: one for one in reversed(fresh) if len(one.bare) > 4}
    for one in rest:
        if (twin := by_text.pop(one.bare, None)) is not None:
            pairs.append((one, twin))
    rest, fresh = left_over()
    grams = {id(one): {one.bare[at : at + 2] for at in range(len(one.bare) - 1)} for one in (*rest, *fresh)}
    reach = _PAIRS // max(1, len(rest))  # documents of many thousand sections are compared near by only
    by_path = {one.path: one for one in reversed(fresh)}
    scored: list[tuple[float, int, int]] = []
    for row, one in enumerate(rest):
        for column, other in enumerate(fresh[max(0, row - reach) : row + reach], max(0, row - reach)):
            least = _SAME_PLACE if by_path.get(one.path) is other else _ALIKE
            alike = _alike(grams[id(one)], grams[id(other)])
            if alike >= least:
                scored.append((alike + (0.2 if one.path == other.path else 0.0), -row, -column))
    used: set[tuple[str, int]] = set()
    for _, row, column in sorted(scored, reverse=True):
        if ("old", row) not in used and ("new", column) not in used:
            used |= {("old", row), ("new", column)}
            pairs.append((rest[-row], fresh[-column]))
    return pairs


def _alike(one: set[str], other: set[str]) -> float:
    """The share of common character pairs, 0 to 1 (Dice); texts without pairs are never alike."""
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0


def _change(status: Status, left: _Part | None, right: _Part | None) -> Change:
    shown = right or left
    assert shown is not None
    whole = (Mark("insert" if right else "delete", shown.text),)
    return Change(
        status=status,
        before=left.path if left else None,
        after=right.path if right else None,
        heading=shown.heading,
        marks=_marks(left.text, right.text) if left and right else whole,
        span_before=left.span if left else None,
        span_after=right.span if right else None,
    )


def _marks(before: str, after: str) -> tuple[Mark, ...]:
    """The words that went and came. A single common character between two changes counts as changed."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if max(len(old), len(new)) > _LONGEST:  # by sentence
        old, new = re.findall(r"[^。；\n]*[。；\n]?", before), re.findall(r"[^。；\n]*[。；\n]?", after)
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    marks: list[Mark] = []
    gone = come = ""
    for number, (op, i1, i2, j1, j2) in enumerate(codes):
        left, right = "".join(old[i1:i2]), "".join(new[j1:j2])
        inner = 0 < number < len(codes) - 1
        if op == "equal" and not (inner and len(left) == 1 and re.match(r"\w", left)):
            marks += [Mark("delete", gone)] if gone else []
            marks += [Mark("insert", come)] if come else []
            marks.append(Mark("equal", left))
            gone = come = ""
        else:
            gone, come = gone + left, come + right
    marks += [Mark("delete", gone)] if gone else []
    marks += [Mark("insert", come)] if come else []
    return tuple(marks)
