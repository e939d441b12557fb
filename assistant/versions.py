"""Which version of a document answers: the one that holds on the day that is asked about, unless another is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from assistant.scope import Scope
from index.search import Hit
from index.snapshot import Snapshot

_NEXT = ("replaces", "supersedes")


def passed_over(snapshot: Snapshot, day: date) -> dict[str, str]:
    """Documents that another version of them stands in for on `day`: their ids → that version's id.

    The newer version stands in from the day it is in force (a version that states no day always), the older one until
    then.
    """
    today = day.isoformat()
    found: dict[str, str] = {}
    for entry in snapshot.ended:
        if entry.ended_by is None or entry.ended_how not in _NEXT:
            continue
        newer = snapshot.entries[entry.ended_by]
        if entry.ended_from and entry.ended_from > today:
            found[newer.id] = entry.id
        else:
            found[entry.id] = newer.id
    return found


def prefer(named: Scope, hits: Sequence[Hit], passed: dict[str, str]) -> tuple[Scope, list[Hit]]:
    """The scope and the hits without versions that others stand in for.

    A question that names only such a version is answered from it; one whose words fit both means the other.
    """
    meant = named.docs
    gone = {doc for doc, other in passed.items() if doc not in meant or other in meant}
    mentions = [replace(one, docs=one.docs - gone or one.docs) for one in named.mentions]
    scope = replace(named, mentions=tuple(mentions), prefer=named.prefer - gone)
    return scope, [hit for hit in hits if hit.chunk.doc not in gone]
