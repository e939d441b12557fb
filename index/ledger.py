"""What a snapshot must know of an engine that holds its passages: their keys there, and how often each token stands.

An engine finds candidates; it does not say how rare a word is, and shards of it count for themselves. With the counts
of the whole collection beside the catalogue, BM25 is worked out here, alike on every store.
"""

from __future__ import annotations

import math
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

from errors import SnapshotError
from index.catalogue import Catalogue
from index.words import grams

_K1, _B = 1.2, 0.75
_FREE = 24  # lengths below it, and 16 above it, are kept as they are
_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (first INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, count INTEGER NOT NULL);
CREATE TABLE terms (term TEXT PRIMARY KEY, holding INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """A document in an engine: the row of its first passage, its key there, how many passages it has (at least 1)."""

    first: int
    key: str
    count: int


def write_ledger(
    path: Path,
    collection: str,
    documents: Iterable[Placed],
    fresh: Iterable[tuple[str, str]],
    *,
    old: Path | None = None,
    gone: Iterable[tuple[str, str]] = (),
) -> None:
    """Write the file `path`, which must not exist, for all `documents` of a collection.

    `fresh` are the words and embedded text of every passage, in any order; with an `old` ledger of the same collection
    those that it does not count yet, and `gone` those that no longer count. Raises OSError when it cannot be written.
    """
    holding: Counter[str] = Counter()
    count = length = 0
    for passages, sign in ((gone, -1), (fresh, 1)):
        for words, text in passages:
            tokens = tokens_in(words, text)
            holding.update(dict.fromkeys(tokens, sign))
            count, length = count + sign, length + sign * len(tokens)
    facts = {"collection": collection, "count": "0", "length": "0"}
    try:
        if old:
            shutil.copyfile(old, path)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")
            if old is None:
                connection.executescript(_SCHEMA)
                connection.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
            connection.execute("BEGIN")
            more = ((count, "count"), (length, "length"))
            connection.executemany("UPDATE facts SET value = CAST(value + ? AS TEXT) WHERE name = ?", more)
            connection.execute("DELETE FROM documents")
            placed = ((one.first, one.key, one.count) for one in documents)
            connection.executemany("INSERT INTO documents VALUES (?, ?, ?)", placed)
            connection.executemany(
                "INSERT INTO terms VALUES (?, ?) ON CONFLICT DO UPDATE SET holding = holding + excluded.holding",
                sorted((term, more) for term, more in holding.items() if more),
            )
            connection.execute("DELETE FROM terms WHERE holding = 0")
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise OSError(f"{path.name}: {error}") from error


def tokens_in(words: str, text: str) -> list[str]:
    """All tokens of a passage: its words (parted by blanks), and the characters and pairs of its embedded text."""
    return [*words.split(), *grams(text)]


class Ledger:
    """Reads a ledger; safe to use from several threads. Raises SnapshotError where the file turns out damaged."""

    def __init__(self, path: Path) -> None:
        """Open a finished file."""
        self._path = path
        self._lock = Lock()
        uri = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
        try:
            self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._damaged(error) from error
        facts = dict(self._all("SELECT name, value FROM facts"))
        try:
            self.collection = str(facts["collection"])
            self.count = int(facts["count"])
            self._mean = int(facts["length"]) / self.count if self.count else 1.0
        except (KeyError, ValueError) as error:
            self.close()
            raise self._damaged(error) from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def documents(self) -> Iterator[Placed]:
        """Every document, in order."""
        return (Placed(*row) for row in self._all("SELECT first, key, count FROM documents ORDER BY first"))

    def places(self, rows: Sequence[int]) -> list[tuple[str, int]]:
        """The document's key and the place in it (from 0) of each row. Raises KeyError for a row that is none."""
        found: list[tuple[str, int]] = []
        for row in rows:
            select = "SELECT first, key, count FROM documents WHERE first <= ? ORDER BY first DESC LIMIT 1"
            [(first, key, count)] = self._all(select, row) or [(0, "", 0)]
            if row - first >= count:
                raise KeyError(row)
            found.append((key, row - first))
        return found

    def keys(self, firsts: Iterable[int]) -> list[str]:
        """The keys of the documents whose first passages are the rows `firsts`."""
        return [key for first in firsts for (key,) in self._all("SELECT key FROM documents WHERE first = ?", first)]

    def firsts(self, keys: Iterable[str]) -> dict[str, int]:
        """The row of the first passage of each key that is known."""
        wanted = list(dict.fromkeys(keys))
        marks = ", ".join("?" * len(wanted))
        return dict(self._all(f"SELECT key, first FROM documents WHERE key IN ({marks})", *wanted))

    def holding(self, tokens: Iterable[str]) -> dict[str, int]:
        """For each distinct token how many passages hold it."""
        wanted = dict.fromkeys(tokens, 0)
        listed = list(wanted)
        for at in range(0, len(listed), 900):  # SQLite takes some thousand values at most
            part = listed[at : at + 900]
            marks = ", ".join("?" * len(part))
            wanted.update(self._all(f"SELECT term, holding FROM terms WHERE term IN ({marks})", *part))
        return wanted

    def scores(self, tokens: Mapping[str, float], rows: Sequence[int], catalogue: Catalogue) -> dict[int, float]:
        """BM25 of those of `rows` that hold one of `tokens`, each with its weight: the scores that tantivy gives.

        The inverse document frequency is Robertson's with 1 added under the logarithm; a passage's length is rounded
        down to three bits after the first, as tantivy keeps it.
        """
        held = self.holding(tokens)
        worth = {
            token: weight * (_K1 + 1) * math.log(1 + (self.count - held[token] + 0.5) / (held[token] + 0.5))
            for token, weight in tokens.items()
            if held[token]
        }
        found: dict[int, float] = {}
        for row, words, text in catalogue.tokens_at(rows):
            present = tokens_in(words, text)
            damping = _K1 * (1 - _B + _B * rounded(len(present)) / self._mean)
            times = Counter(token for token in present if token in worth)
            if times:
                found[row] = sum(worth[token] * often / (often + damping) for token, often in times.items())
        return found

    def _all(self, statement: str, *values: object) -> list[Any]:
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> SnapshotError:
        return SnapshotError(f"索引文件已损坏：{self._path}（{error}）；请用 wence verify 核对，再重新运行 wence build")


def rounded(length: int) -> int:
    """A length as a byte can hold it: below 40 exact, then the first four bits of what exceeds 24 (Lucene, tantivy)."""
    over = length - _FREE
    shift = max(0, over.bit_length() - 4) if over > 0 else 0
    return _FREE + (over >> shift << shift) if over > 0 else length
