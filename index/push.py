"""Bring the passages of a snapshot to Milvus: what is new goes in before it is published, what is old out after."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from errors import SnapshotError
from index.catalogue import Catalogue, Entry
from index.filter import days_of, years_of
from index.ledger import Ledger, Placed, tokens_in, write_ledger
from index.manifest import LEDGER
from index.milvus import Passages, answering, connect, document_key, read_address, stored_tokens
from index.old import Old
from index.snapshot import Snapshot
from index.store import Floats, LocalStore

_BATCH = 1000  # passages of one request: some 6 MB
_FORM = "1"  # of what is stored; another one goes into another collection
_REGION = 128  # characters; no place is called by more
_OWNER = "engine.id"
_Whole = tuple[str, int, tuple[str | int, ...]]


class Push:
    """Keeps one collection the same as the newest snapshot of an index. Killed at any moment, it can be run again."""

    def __init__(self, index_dir: Path, setting: str, dimension: int, embedding_digest: str) -> None:
        """`setting` as in WENCE_STORE. Raises ConfigError or SnapshotError."""
        self._digest = embedding_digest
        self._address = read_address(setting)
        self._client = connect(self._address)
        self._mine = f"{self._address.name}_{_owner(index_dir)}_"
        # What is stored otherwise, and vectors of another embedding, go into another collection.
        self._name = f"{self._mine}{embedding_digest[:8]}_{_FORM}"
        self._passages = Passages(self._address, self._client, self._name)
        self._passages.make(dimension)
        self._old: list[Placed] = []
        self._new: dict[str, int] = {}

    def holds(self, folder: Path) -> bool:
        """Whether the snapshot in `folder` has its passages there, all and no others."""
        if not (folder / LEDGER).exists():
            return False
        ledger = Ledger(folder / LEDGER)
        try:
            return ledger.collection == self._name and ledger.count == self._passages.count()
        finally:
            ledger.close()

    def bring(self, snapshot: Snapshot, folder: Path, old: Old | None) -> None:
        """Put in what is missing, and write the ledger of the snapshot in `folder`; `old` is the index before."""
        if old is not None and (old.folder / LEDGER).exists():
            ledger = Ledger(old.folder / LEDGER)
            self._old = list(ledger.documents()) if ledger.collection == self._name else []
            ledger.close()
        entries = {entry.first_chunk: entry for entry in snapshot.entries if entry.chunk_count}
        known = self._known(old)
        placed = [
            Placed(first, known.get(_whole(entry)) or self._key(entry, snapshot), entry.chunk_count)
            for first, entry in entries.items()
        ]
        self._new = {one.key: one.count for one in placed}
        were = {one.key for one in self._old} if known else set[str]()
        fresh = [one for one in placed if one.key not in were]
        for batch in _batches(fresh):
            there = self._passages.held([one.key for one in batch])
            self._put([(entries[one.first], one.key) for one in batch if one.key not in there], snapshot)
        self._passages.settle()
        stale = sum(one.count for one in self._old if one.key not in self._new)
        if self._passages.count() != sum(self._new.values()) + stale:
            self._mend(placed, entries, snapshot)
        if old is None or not known:
            write_ledger(folder / LEDGER, self._name, placed, snapshot.catalogue.tokens())
            return
        gone = _tokens(old.catalogue, (one for one in self._old if one.key not in self._new))
        write_ledger(
            folder / LEDGER,
            self._name,
            placed,
            _tokens(snapshot.catalogue, fresh),
            old=old.folder / LEDGER,
            gone=gone,
        )

    def clear(self) -> None:
        """After the new snapshot is published: take out what it does not have."""
        for one in self._old:
            if one.key not in self._new:
                self._passages.take_out([f"{one.key}:{at}" for at in range(one.count)])
        expected = sum(self._new.values())
        if self._passages.count() != expected:
            found = self._passages.ids()
            self._passages.take_out([one for one in found if one.partition(":")[0] not in self._new])
        if (count := self._passages.count()) != expected:
            raise SnapshotError(f"Milvus 里应有 {expected} 段，实有 {count} 段：{self._name}；请再运行一次 wence build")
        with answering(self._address):
            for name in self._client.list_collections():
                if name.startswith(self._mine) and name != self._name:
                    self._client.drop_collection(name)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _mend(self, placed: list[Placed], entries: dict[int, Entry], snapshot: Snapshot) -> None:
        """Put in the documents of which passages got lost: counts them all, so only when the sum is wrong."""
        there = Counter(one.partition(":")[0] for one in self._passages.ids())
        for batch in _batches([one for one in placed if there[one.key] != one.count]):
            self._put([(entries[one.first], one.key) for one in batch], snapshot)
        self._passages.settle()

    def _known(self, old: Old | None) -> dict[_Whole, str]:
        """The keys of documents that were there before: what these are made of is not read again."""
        if old is None or not old.current:
            return {}
        keys = {one.first: one.key for one in self._old}
        return {_whole(entry): keys[entry.first_chunk] for entry in old.entries if entry.first_chunk in keys}

    def _key(self, entry: Entry, snapshot: Snapshot) -> str:
        texts = (chunk.embed_text for chunk in snapshot.catalogue.chunks(entry.first_chunk, entry.chunk_count))
        facts = (self._digest, snapshot.manifest.tokens, entry.id, repr(_facts(entry)))
        return document_key(*facts, *texts)

    def _put(self, documents: list[tuple[Entry, str]], snapshot: Snapshot) -> None:
        """Put documents in, the first passage of each when all others are there."""
        firsts: list[dict[str, Any]] = []
        rest: list[dict[str, Any]] = []
        for entry, key in documents:
            for passage in self._stored(entry, key, snapshot):
                (firsts if passage["id"].endswith(":0") else rest).append(passage)
                if len(rest) >= _BATCH:
                    self._passages.put(rest)
                    rest = []
        self._passages.put(rest)
        for at in range(0, len(firsts), _BATCH):
            self._passages.put(firsts[at : at + _BATCH])

    def _stored(self, entry: Entry, key: str, snapshot: Snapshot) -> Iterator[dict[str, Any]]:
        """The passages of a document as Milvus keeps them."""
        facts = {"key": key, **_facts(entry)}
        end = entry.first_chunk + entry.chunk_count
        for first in range(entry.first_chunk, end, _BATCH):
            rows = list(range(first, min(first + _BATCH, end)))
            vectors = self._vectors_of(snapshot, rows)
            for (row, words, text), vector in zip(snapshot.catalogue.tokens_at(rows), vectors, strict=True):
                place = {"id": f"{key}:{row - entry.first_chunk}"}
                yield {**place, **facts, "tokens": stored_tokens(tokens_in(words, text)), "vector": vector}

    @staticmethod
    def _vectors_of(snapshot: Snapshot, rows: list[int]) -> Floats:
        store = snapshot.retrieval.store
        assert isinstance(store, LocalStore)  # a build has just written its files
        return store.vectors.rows(rows)


def _owner(index_dir: Path) -> str:
    """What tells the collections of this index from those of others."""
    path = index_dir / _OWNER
    known = path.read_bytes().decode(errors="replace") if path.exists() else ""
    if not re.fullmatch("[0-9a-f]{8}", known):
        known = secrets.token_hex(4)
        path.write_text(known, encoding="ascii")
    return known


def _facts(entry: Entry) -> dict[str, str | int]:
    """What passages are filtered by. A document without years has none that a filter could name."""
    years, days = years_of(entry) or (1, 0), days_of(entry)
    return {
        "region": (entry.region or "")[:_REGION],
        "first_year": years[0],
        "last_year": years[1],
        "first_day": days[0],
        "last_day": days[1],
    }


def _whole(entry: Entry) -> _Whole:
    """What a key is made of, as long as files are read and cut in the same way."""
    return entry.id, entry.chunk_count, tuple(_facts(entry).values())


def _tokens(catalogue: Catalogue, placed: Iterable[Placed]) -> Iterator[tuple[str, str]]:
    """Words and embedded text of the passages of documents."""
    for one in placed:
        yield from ((words, text) for _, words, text in catalogue.tokens_at(range(one.first, one.first + one.count)))


def _batches(placed: Iterable[Placed]) -> Iterator[list[Placed]]:
    """Documents in runs of about _BATCH passages."""
    batch: list[Placed] = []
    for one in placed:
        batch.append(one)
        if sum(each.count for each in batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
