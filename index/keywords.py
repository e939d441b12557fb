"""BM25 over our own tokens in tantivy: document i belongs to chunk i of the catalogue."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import tantivy
from numpy.typing import NDArray

from errors import SnapshotError

Tokens = Sequence[str] | Mapping[str, float]
"""The tokens of a question, repeats kept, or what each distinct one weighs (above 0)."""

_Key = tuple[tuple[str, float], ...]

_AT_ONCE = 10_000  # rows that are taken out together
_KEPT = 50_000  # tokens whose numbers of passages are kept, about 10 MB
_FEW = 2_000  # rows of an index of which it is kept what a token adds to the score of each
_BYTES = 32_000_000  # in which that is kept for the tokens asked for last
_ANSWERS = 8  # questions whose scores of all passages are kept
_HEAP = 256_000_000  # bytes; small collections then stay in one segment


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("tokens", tokenizer_name="whitespace", index_option="freq")
    builder.add_unsigned_field("row", indexed=True, fast=True)
    return builder.build()


class KeywordWriter:
    """Writes an inverted index. Nothing counts before `commit` and `close`. Raises OSError when the disk refuses."""

    def __init__(self, folder: Path, old: Path | None = None) -> None:
        """Begin in `folder`, which must not exist yet; from the finished index in `old`, which stays as it is."""
        self._name, self._schema = folder.name, _schema()
        folder.mkdir()
        with self._writing():
            if old is None:
                index = tantivy.Index(self._schema, path=str(folder))
            else:
                for file in old.iterdir():
                    if file.suffix == ".json":  # replaced at every commit; the other files never change
                        (folder / file.name).write_bytes(file.read_bytes())
                    elif file.suffix != ".lock":
                        os.link(file, folder / file.name)
                index = tantivy.Index.open(str(folder))
            self._writer = index.writer(heap_size=_HEAP, num_threads=1)  # one thread keeps the order of equal scores

    def remove(self, rows: Iterable[int]) -> None:
        """Take out the passages of `rows`, as far as they were added before."""
        listed = list(rows)
        with self._writing():
            for at in range(0, len(listed), _AT_ONCE):
                query = tantivy.Query.term_set_query(self._schema, "row", listed[at : at + _AT_ONCE])
                self._writer.delete_documents_by_query(query)

    def add(self, row: int, tokens: str) -> None:
        """Add a passage: its tokens, parted by blanks."""
        document = tantivy.Document()
        document.add_text("tokens", tokens)
        document.add_unsigned("row", row)
        with self._writing():
            self._writer.add_document(document)

    def commit(self) -> None:
        """Put down what was added and removed. tantivy then lays small segments together, in threads of its own."""
        with self._writing():
            self._writer.commit()

    def close(self) -> None:
        """Finish the index: wait for those threads."""
        with self._writing():
            self._writer.wait_merging_threads()

    def abandon(self) -> None:
        """Let go of the index without finishing it; after `close` nothing happens."""
        with suppress(ValueError, RuntimeError):  # what went wrong has been said; its threads have to end
            self._writer.wait_merging_threads()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, RuntimeError) as error:
            raise OSError(f"{self._name}: {error}") from error


def write_keywords(folder: Path, passages: Iterable[str]) -> None:
    """Write the tokens of every passage, parted by blanks, in row order. Raises OSError when they cannot be written."""
    writer = KeywordWriter(folder)
    for row, tokens in enumerate(passages):
        writer.add(row, tokens)
    writer.commit()
    writer.close()


class KeywordIndex:
    """An inverted index of `count` passages on disk, mapped into memory.

    Raises SnapshotError where a file turns out damaged.
    """

    def __init__(self, folder: Path) -> None:
        """Raises OSError when the folder holds no readable index. Writes nothing there: it may be read-only."""
        self._folder = folder
        try:
            # tantivy puts a lock file beside what it opens; links in a folder of our own keep that out of the index.
            # Once the searcher is there every file is mapped, and the links can go. Its lock file may come while they
            # do: what is left of the folder then is no reason to call the index damaged.
            with self._reading(), TemporaryDirectory(prefix="wence-", ignore_cleanup_errors=True) as links:
                for file in folder.resolve().iterdir():
                    if file.suffix != ".lock":
                        (Path(links) / file.name).symlink_to(file)
                index = tantivy.Index.open(links)
                index.config_reader(reload_policy="manual")
                self._schema = index.schema
                self._searcher = index.searcher()
                self._holding = lru_cache(maxsize=_KEPT)(self._held_by)
                self._every = lru_cache(maxsize=_ANSWERS)(self._scored)
                self.count = int(self._searcher.num_docs)
                self._last: tuple[_Key, Mapping[int, float]] = (), {}  # of the question asked last
                self._few = self._rows() if self.count <= _FEW else 0
                self._adding = lru_cache(maxsize=_BYTES // (4 * self._few + 256))(self._added)
        except SnapshotError as error:
            raise OSError(str(error)) from error

    def search(self, tokens: Tokens, limit: int) -> list[tuple[int, float]]:
        """The `limit` best rows with their BM25 scores (above 0, k1 1.2, b 0.75), best first; repeats weigh."""
        if not tokens or not self.count:
            return []
        if self._few:
            every = self._all(tokens)
            best = np.argsort(-every, kind="stable")[:limit]
            return [(row, score) for row, score in zip(best.tolist(), every[best].tolist(), strict=True) if score > 0]
        found = self._run(self._query(tokens), min(limit, self.count))
        self._last = _key(tokens), dict(found)
        return found

    def scores(self, tokens: Tokens, rows: Sequence[int]) -> dict[int, float]:
        """BM25 scores of those of `rows` that share a token with the question."""
        if not tokens or not rows:
            return {}
        if self._few:
            some = self._all(tokens).take([row for row in rows if row < self._few]).tolist()
            return {row: score for row, score in zip(rows, some, strict=False) if score > 0}
        asked, known = self._last
        known = known if asked == _key(tokens) else {}
        # One term query a row: a set of terms is matched against the whole dictionary of rows.
        among = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, "row", row, index_option="basic"))
            for row in rows
            if row not in known
        ]
        found = {row: known[row] for row in rows if row in known}
        if among:
            only = tantivy.Query.const_score_query(tantivy.Query.boolean_query(among), 0.0)
            both = [(tantivy.Occur.Must, self._query(tokens)), (tantivy.Occur.Must, only)]
            found.update(self._run(tantivy.Query.boolean_query(both), len(among)))
        return found

    def _rows(self) -> int:
        """The last row and one, if that is not many either."""
        hits = self._searcher.search(tantivy.Query.all_query(), max(1, self.count), count=False).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in hits])
        end = 1 + max((int(row) for row in rows if row is not None), default=-1)
        return end if end <= _FEW else 0

    def _all(self, tokens: Tokens) -> NDArray[np.float64]:
        """The score of every row, 0 where it shares no token with the question."""
        return self._every(_key(tokens))

    def _scored(self, weights: _Key) -> NDArray[np.float64]:
        added = np.array([self._adding(token) for token, _ in weights])
        scores: NDArray[np.float64] = np.array([weight for _, weight in weights], dtype=np.float64) @ added
        return scores

    def _added(self, token: str) -> NDArray[np.float32]:
        added = np.zeros(self._few, dtype=np.float32)
        for row, score in self._run(tantivy.Query.term_query(self._schema, "tokens", token, "freq"), self.count):
            added[row] = score
        return added

    def holding(self, tokens: Iterable[str]) -> dict[str, int]:
        """For each distinct token how many passages hold it."""
        with self._reading():
            return {token: self._holding(token) for token in dict.fromkeys(tokens)}

    def _held_by(self, token: str) -> int:
        return int(self._searcher.doc_freq("tokens", token))

    def _query(self, tokens: Tokens) -> tantivy.Query:
        terms = [
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, "tokens", token, "freq"), times),
            )
            for token, times in _key(tokens)
        ]
        return tantivy.Query.boolean_query(terms)

    def _run(self, query: tantivy.Query, limit: int) -> list[tuple[int, float]]:
        with self._reading():
            hits = self._searcher.search(query, limit, count=False).hits
            rows = self._searcher.fast_field_values("row", [address for _, address in hits])
            return [(int(row), float(score)) for row, (score, _) in zip(rows, hits, strict=True) if row is not None]

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """What tantivy makes of a damaged file becomes one clear line: an error, or a panic, which is no Exception."""
        try:
            yield
        except BaseException as error:
            if isinstance(error, (ValueError, RuntimeError)) or type(error).__name__ == "PanicException":
                raise SnapshotError(
                    f"索引文件已损坏：{self._folder}（{' '.join(str(error).split())[:200]}）；"
                    "请用 wence verify 核对，再重新运行 wence build"
                ) from None
            raise


def _key(tokens: Tokens) -> _Key:
    """What each token of a question weighs."""
    return tuple(tokens.items() if isinstance(tokens, Mapping) else Counter(tokens).items())
