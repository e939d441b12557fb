"""Versions of one document: the rules of 2019 and those of 2024, the draft and what became of it.

Two texts that are nearly the same are renderings of one document, unless they bear different numbers or days: then the
later one supersedes the earlier, when both have the same title and may be of the same issuer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import numpy as np

from index import renderings
from index.catalogue import Entry
from index.words import fold
from ingest.document import Relation

_SIMILAR = 0.2  # Jaccard similarity of two versions' shingles: a version may be rewritten, its title is the same
_DAYS = 45  # a rendering may be dated by the day it was put on a site
_DRAFT = re.compile(r"征求意见|草案|送审稿")
_ISSUES = re.compile(r"(?:印发|发布|公布)《?(.+?)》?的?(?:通知|公告|通告|决定|函|令)?$")
_SUFFIX = re.compile(r"[（(][^（）()]{0,12}(?:试行|暂行|修订|修正|修改|征求意见|草案|送审|版|年本)[^（）()]{0,8}[）)]")


def works(entries: Sequence[Entry]) -> list[int]:
    """For each document the number of the first of its renderings; versions are works of their own."""
    return renderings.works(
        [entry.signature for entry in entries],
        [entry.doc_number for entry in entries],
        lambda one, other: apart(entries[one], entries[other]),
        lambda number: _stated(entries[number]),
    )


def apart(one: Entry, other: Entry) -> bool:
    """Whether two documents cannot be renderings of one, by what they state of themselves."""
    if one.doc_number and other.doc_number:
        return _plain(one.doc_number) != _plain(other.doc_number)
    if bool(_DRAFT.search(one.title)) != bool(_DRAFT.search(other.title)):
        return True
    days = [(one.effective_date, other.effective_date), (one.issue_date, other.issue_date)]
    return any(
        left and right and abs((date.fromisoformat(left) - date.fromisoformat(right)).days) > _DAYS
        for left, right in days
    )


def _stated(entry: Entry) -> tuple[str | None, bool, str | None, str | None]:
    """All of a document that `apart` looks at."""
    return entry.doc_number, _DRAFT.search(entry.title) is not None, entry.effective_date, entry.issue_date


def add(
    entries: Sequence[Entry], works: Sequence[int], linked: Sequence[tuple[int, tuple[Relation, ...]]]
) -> list[tuple[int, tuple[Relation, ...]]]:
    """`linked` (document number, its relations) with `supersedes` added where a document is the next version of
    another and does not say so itself."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.number == works[entry.number]:
            groups[_name(entry.title)].append(entry)
    found = dict(linked)
    for group in groups.values():
        if len(group) == 1:
            continue
        for older, newer in pairwise(sorted(group, key=_age)):
            if not _follows(older, newer) or any(relation.doc == older.id for relation in _ending(found[newer.number])):
                continue
            relation = Relation(type="supersedes", title=older.title, doc=older.id, doc_number=older.doc_number)
            found[newer.number] = (*found[newer.number], relation)
    return list(found.items())


def _ending(relations: Sequence[Relation]) -> list[Relation]:
    return [relation for relation in relations if relation.type in ("repeals", "replaces")]


def _age(entry: Entry) -> tuple[bool, str, int]:
    """Sorts drafts before all, then by day."""
    return (_DRAFT.search(entry.title) is None, entry.issue_date or entry.effective_date or "", entry.number)


def _follows(older: Entry, newer: Entry) -> bool:
    """Whether `newer`, of the same name, is a version of `older`."""
    drafted = _DRAFT.search(older.title) is not None and _DRAFT.search(newer.title) is None
    dated = (older.issue_date or older.effective_date), (newer.issue_date or newer.effective_date)
    if not drafted and (None in dated or dated[0] == dated[1]):
        return False
    issuers, others = _issuers(older), _issuers(newer)
    if issuers and others and not issuers & others and older.region != newer.region:
        return False
    if older.region and newer.region and not (older.region in newer.region or newer.region in older.region):
        return False
    return _similarity(older.signature, newer.signature) >= _SIMILAR


def _issuers(entry: Entry) -> set[str]:
    return set(entry.issuers) | ({entry.issuer} if entry.issuer else set())


def _similarity(one: bytes, other: bytes) -> float:
    """The Jaccard similarity that two MinHashes estimate."""
    left, right = (np.frombuffer(value, dtype="<u4") for value in (one, other))
    return float((left == right).mean()) if left.size == right.size and left.size else 0.0


def _name(title: str) -> str:
    """What versions of a document share of their titles: 关于印发《某办法（试行）》的通知 → 某办法."""
    found = _ISSUES.search(title) if "布" in title or "发" in title else None
    return _plain(_SUFFIX.sub("", found[1] if found else title))


def _plain(text: str) -> str:
    folded = fold(text)
    return folded if folded.isalnum() else re.sub(r"[\W_]+", "", folded)
