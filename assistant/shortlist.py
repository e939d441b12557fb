"""The matches of a firm with provisions: the records, and which of a document's are worth a line, in which order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.clauses import Clause
from assistant.profile import Profile
from assistant.write import Citation
from index.provisions.record import Provision

Verdict = Literal["applies", "maybe", "excluded"]
NOBODY = "条文没有写明对象"
GROUPS: tuple[Verdict, ...] = ("applies", "maybe", "excluded")


@dataclass(frozen=True, kw_only=True)
class Match:
    """A provision for a firm: its citation, what it offers to whom, and every condition with its verdict.

    `missing` is what must be confirmed (of a maybe), `why_not` what speaks against it (of an excluded one).
    `rank` is 0 when it names the firm's own business, or pays for a qualification it holds; 1 when it has the firm's
    own words of need; 2 for the rest. `score` orders matches within a rank, higher is more useful.
    """

    citation: Citation
    provision: Provision
    verdict: Verdict
    measure: str
    who: str
    amount: str | None
    why: tuple[str, ...]
    notes: tuple[str, ...]
    missing: tuple[str, ...]
    why_not: str | None
    clauses: tuple[Clause, ...]
    rank: int
    score: float

    @property
    def named(self) -> bool:
        """Whether the provision or its guide says whom it is for."""
        return self.who != NOBODY


@dataclass(frozen=True, kw_only=True)
class Matches:
    """What an index holds for a firm, each list the most useful first, by document within a rank."""

    profile: Profile
    applies: tuple[Match, ...]
    maybe: tuple[Match, ...]
    excluded: tuple[Match, ...]
    ask: tuple[str, ...]


def one_a_section(found: Sequence[Match]) -> Iterator[Match]:
    """The best of a section in each verdict, and every sum of money.

    A weaker verdict gives way to a stronger one, except for money and for what concerns the firm more closely.
    """
    sections: dict[str, list[Match]] = defaultdict(list)
    for item in found:
        sections[item.citation.section].append(item)
    for of_section in sections.values():
        highest = float("-inf")
        for verdict in GROUPS:
            here = [item for item in of_section if item.verdict == verdict]
            ranked = sorted(here, key=lambda item: (-item.score, item.provision.spans[0].start))
            for place, item in enumerate(ranked):
                if item.provision.amounts or (
                    place == 0 and (item.score > highest if verdict == "maybe" else highest == float("-inf"))
                ):
                    yield item
            highest = max([highest, *(item.score for item in here)])


def without_leads(found: Sequence[Match], sections: Iterable[str]) -> list[Match]:
    """Without the opening words of chapters, which the sections below them say in detail.

    What is kept of them is money, and what has the firm's own words of need while no section below says as much.
    """
    paths = list(sections)

    def led(item: Match) -> bool:
        path = item.citation.section
        if item.provision.amounts or not any(_below(other, path) for other in paths):
            return False
        below = [other for other in found if _below(other.citation.section, path)]
        if below and item.provision.text.endswith(("：", ":")):
            return True
        if not _asked(item):
            return True
        rank = GROUPS.index(item.verdict)
        return any(GROUPS.index(other.verdict) <= rank and _asked(other) for other in below)

    return [item for item in found if not led(item)]


def _below(path: str, above: str) -> bool:
    """Whether a section's path leads on from another's (二、（一）1. from 二、（一）)."""
    return path != above and path.startswith(above)


def ranked(found: Iterable[Match]) -> list[Match]:
    """By rank; within a rank the document with the best one first, and its best first."""
    items = list(found)
    best: dict[tuple[int, str], float] = {}
    for item in items:
        key = (item.rank, item.citation.doc)
        best[key] = max(best.get(key, item.score), item.score)
    return sorted(
        items,
        key=lambda item: (
            item.rank,
            -best[item.rank, item.citation.doc],
            item.citation.file,
            -item.score,
            item.provision.spans[0].start,
        ),
    )


def _asked(item: Match) -> bool:
    """Whether the firm asked for what a match offers."""
    return any(clause.field == "需求" and clause.status == "满足" for clause in item.clauses)
