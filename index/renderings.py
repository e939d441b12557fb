"""Several files of one work: the same plan as Markdown and as plain text, a notice printed twice.

Files of one work are found by their texts (MinHash) or by a common 文号; within a work, a chunk that says nothing
its earlier rendering does not say is led back to that chunk, so that a search returns the passage once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from index.catalogue import Entry
from index.minhash import minhash
from index.words import fold
from ingest.document import Relation

_SIMILAR = 0.7  # Jaccard similarity of two texts' shingles
_BANDS, _BAND_ROWS = 14, 9  # of a signature: texts of that similarity agree in one of them, nearly always
_CONTAINED = 0.8  # share of a chunk's shingles that stand in another chunk
_SHINGLE = 5  # characters
_NEAREST = 16  # documents that agree in a band and are compared
_HEAD = 200_000  # characters of a text that are compared
_COMMON = 20  # a shingle found in more chunks than this tells nothing
_ISSUED = re.compile(r"(?:印发|发布|公布)《(.+)》")
_UNKNOWN = "9999"  # after every day
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def signature(text: str) -> bytes:
    """The MinHash of a text's shingles, white space and punctuation aside: 128 numbers of 4 bytes."""
    return minhash(list({shingle.encode() for shingle in _shingles(_plain(text[:_HEAD]))}))


def works(
    signatures: Sequence[bytes],
    doc_numbers: Sequence[str | None],
    apart: Callable[[int, int], bool] = lambda one, other: False,
    stated: Callable[[int], Hashable] = lambda number: number,
) -> list[int]:
    """For each document the number of the first document of its work (its own when it stands alone).

    Documents that are `apart` (versions of one text, see `index.versions`) are not one work however alike they are;
    those of which the same is `stated` are apart from the same others.
    """
    first = list(range(len(signatures)))

    def root(number: int) -> int:
        while first[number] != number:
            first[number] = first[first[number]]
            number = first[number]
        return number

    members: dict[int, dict[Hashable, int]] = {}  # of a work, one of each kind: a thousand copies are looked at as one

    def join(one: int, other: int) -> None:
        low, high = sorted((root(one), root(other)))
        if low == high:
            return
        lower, higher = (members.get(number) or {stated(number): number} for number in (low, high))
        if not any(apart(left, right) for left in lower.values() for right in higher.values()):
            first[high] = low
            members[low] = {**higher, **lower}

    alike: dict[int, set[int]] = {}
    for one, other in _alike(signatures):
        alike.setdefault(max(one, other), set()).add(min(one, other))
    bearers: dict[str, int] = {}
    for number, doc_number in enumerate(doc_numbers):
        for other in sorted(alike.get(number, ())):
            join(number, other)
        if doc_number:
            join(number, bearers.setdefault(_plain(doc_number), number))
    return [root(number) for number in range(len(first))]


def _alike(signatures: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Pairs of documents whose texts are alike, among those that agree in a band of their signatures.

    Of very many that agree each is compared with the nearest ones: enough to join them.
    """
    if not signatures:
        return
    values = np.frombuffer(b"".join(signatures), dtype="<u4").reshape(len(signatures), -1)
    told = np.flatnonzero((values != np.iinfo(np.uint32).max).any(axis=1))  # texts of a few characters have none
    factors = np.random.default_rng(0).integers(1, 2**63, size=_BAND_ROWS, dtype=np.uint64) | np.uint64(1)
    for band in range(_BANDS):
        part = values[told, band * _BAND_ROWS : (band + 1) * _BAND_ROWS].astype(np.uint64)
        keys = (part * factors).sum(axis=1)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        for step in range(1, _NEAREST + 1):
            at = np.flatnonzero(ordered[step:] == ordered[:-step])
            if not len(at):
                break
            one, other = told[order[at]], told[order[at + step]]
            similar = (values[one] == values[other]).mean(axis=1) >= _SIMILAR
            yield from zip(one[similar].tolist(), other[similar].tolist(), strict=True)


def passages(renderings: Iterable[Sequence[tuple[int, str]]]) -> list[tuple[int, int]]:
    """Which chunks of one work's documents repeat a chunk of an earlier one.

    `renderings` holds the (row, text) of each document's chunks, documents in order. The pairs are (row, row of the
    chunk that stands for it); chunks whose numbers are not all in the other never count as repeats.
    """
    pairs: list[tuple[int, int]] = []
    texts: dict[int, str] = {}
    same: dict[str, int] = {}
    postings: dict[str, list[int]] = defaultdict(list)
    for chunks in renderings:
        fresh: list[tuple[int, str]] = []
        for row, text in chunks:
            plain = _plain(text)
            twin = same.get(plain)
            if twin is None:
                twin = _container(plain, postings, texts)
            if twin is None:
                fresh.append((row, plain))
            else:
                pairs.append((row, twin))
        for row, plain in fresh:
            same.setdefault(plain, row)
            texts[row] = plain
            for shingle in set(_shingles(plain)):
                postings[shingle].append(row)
    return pairs


def link(
    entries: Sequence[Entry], works: Sequence[int], relations: Sequence[Sequence[Relation]]
) -> list[tuple[int, tuple[Relation, ...]]]:
    """Relations with `doc` set where the index holds the document named: by its number where one is printed behind the
    title, else by the title (of several documents of that title the newest, of several renderings the first).

    A document bears its title, and the title in 《》 when it is a notice that issues it; itself and its other
    renderings are never linked to.
    """
    printed = [relation for its in relations for relation in its]
    plain = {name: _plain(name) for relation in printed for name in (relation.title, relation.doc_number) if name}
    wanted = set(plain.values())
    bearers: dict[str, list[Entry]] = defaultdict(list)
    numbers: dict[str, Entry] = {}
    for entry in entries if wanted else ():
        titles = {_plain(entry.title)}
        if issued := _ISSUED.search(entry.title):
            titles.add(_plain(issued[1]))
        for title in titles & wanted:
            bearers[title].append(entry)
        if entry.doc_number and (number := _plain(entry.doc_number)) in wanted:
            numbers.setdefault(number, entry)
    linked: list[tuple[int, tuple[Relation, ...]]] = []
    for entry, its in zip(entries, relations, strict=True):
        told: list[Relation] = []
        for relation in its:
            if relation.type == "supersedes":  # found by an earlier build
                continue
            named = plain[relation.doc_number] if relation.doc_number else None
            fitting = bearers.get(plain[relation.title], ())
            bearer = _bearer(relation, entry, named, numbers.get(named or ""), fitting, works)
            doc = bearer.id if bearer else None
            told.append(relation if relation.doc == doc else replace(relation, doc=doc))
        linked.append((entry.number, tuple(told)))
    return linked


def ends(
    entries: Sequence[Entry], works: Sequence[int], linked: Sequence[tuple[int, Sequence[Relation]]]
) -> list[tuple[int, int, str, str | None]]:
    """Which documents others end: number, number of the document that ends it, its relation, from which day; each with
    all its renderings, once: by the first in time."""
    by_id = {entry.id: entry for entry in entries}
    ended: dict[int, tuple[str, int, str]] = {}
    for number, named in linked:
        for relation in named:
            target = by_id.get(relation.doc or "")
            if target and relation.type in ("repeals", "replaces", "supersedes"):
                since = entries[number].effective_date or entries[number].issue_date
                told = (since or _UNKNOWN, number, relation.type)
                work = works[target.number]
                ended[work] = min(ended.get(work, told), told)
    return [
        (entry.number, by, how, None if since == _UNKNOWN else since)
        for entry in entries
        if works[entry.number] in ended
        for since, by, how in [ended[works[entry.number]]]
    ]


def _bearer(
    relation: Relation,
    entry: Entry,
    number: str | None,
    numbered: Entry | None,
    titled: Sequence[Entry],
    works: Sequence[int],
) -> Entry | None:
    """The document that a relation of `entry` names: the one of its `number`, else the best of its title."""
    if numbered is not None:
        fitting: Sequence[Entry] = [numbered]
    else:
        fitting = [
            one
            for one in titled
            if not (number and one.doc_number) and not (relation.type == "replaces" and _later(one, entry))
        ]
    others = [one for one in fitting if works[one.number] != works[entry.number]]
    return max(others, key=lambda one: (one.issue_date or "", -one.number), default=None)


def _later(one: Entry, other: Entry) -> bool:
    """Whether `one` was issued after `other`, or on the same day (what nobody dates is not)."""
    return bool(one.issue_date and other.issue_date and one.issue_date >= other.issue_date)


def _container(plain: str, postings: dict[str, list[int]], texts: dict[int, str]) -> int | None:
    """The row whose text holds nearly all shingles and all numbers of `plain`, if there is one."""
    shingles = set(_shingles(plain))
    shared: Counter[int] = Counter()
    for shingle in shingles:
        rows = postings.get(shingle, [])
        if len(rows) <= _COMMON:
            shared.update(rows)
    numbers = set(_NUMBER.findall(plain))
    for row, count in sorted(shared.items(), key=lambda item: (-item[1], item[0]))[:3]:
        if count >= _CONTAINED * len(shingles) and numbers <= set(_NUMBER.findall(texts[row])):
            return row
    return None


def _plain(text: str) -> str:
    folded = fold(text)
    return folded if folded.isalnum() else re.sub(r"[^\w.]+|_", "", folded)


def _shingles(plain: str) -> list[str]:
    return [plain[at : at + _SHINGLE] for at in range(len(plain) - _SHINGLE + 1)]
