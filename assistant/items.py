"""Answers that are an outline: the items under a heading, or a section's own statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.evidence import Reading, Unit
from assistant.extract import HEADED, NEAR, Wanted, shares
from assistant.question import Kind, Question
from assistant.text import bare, grams
from ingest.document import Section

_MOST = 12
_STATEMENT = 5  # sentences of a section that is told whole, at most


@dataclass(frozen=True, kw_only=True)
class Items:
    """The children of `section`, each as its heading and, for the quote, its first sentence.

    `coverage` (0..1) is the share of the question's words that the heading and those above it carry.
    """

    section: Section
    heads: tuple[tuple[Unit, Unit | None], ...]
    coverage: float


def under_heading(wants: Sequence[Wanted], reading: Reading) -> Items | None:
    """The section of the document whose heading says most of what is asked, with the items under it."""
    title = frozenset(grams(reading.document.title))
    best: Items | None = None
    for section in reading.document.walk():
        named = [child for child in section.children if child.heading]
        if not 2 <= len(named) <= _MOST:
            continue
        own = frozenset(grams(f"{section.heading or ''}"))
        above = frozenset(grams(" ".join(parent.heading or "" for parent in reading.parents[section.path])))
        mine, headed, near = shares(wants, own, above, title)
        coverage = (HEADED * headed + NEAR * near) / (HEADED + NEAR)
        if mine > 0.2 and (best is None or coverage > best.coverage):
            heads = tuple(pair for child in named if (pair := _head(child, reading)))
            best = Items(section=section, heads=heads, coverage=coverage)
    return best


def _head(section: Section, reading: Reading) -> tuple[Unit, Unit | None] | None:
    units = reading.by_path.get(section.path, ())
    if not units:
        return None
    if not units[0].is_heading:
        return units[0], None
    return units[0], units[1] if len(units) > 1 else None


def statement(question: Question, reading: Reading, unit: Unit) -> list[Unit]:
    """The sentences of the section that `unit` is in, when the question asks what the section's heading names."""
    heading = bare(unit.section.heading or "")
    named = [term for term in question.quoted if len(bare(term)) >= 3 and bare(term) in heading]
    if question.kind not in (Kind.DEFINITION, Kind.OPEN, Kind.LIST) or not named:
        return []
    body = [other for other in reading.by_path[unit.section.path] if not other.is_heading]
    return body if len(body) <= _STATEMENT else []
