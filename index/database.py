"""A finished SQLite file, opened read-only."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import quote

from errors import SnapshotError

T = TypeVar("T")


class Database:
    """Reads a finished file; safe to use from several threads. Raises SnapshotError where it turns out damaged."""

    def __init__(self, path: Path) -> None:
        """Raises SnapshotError when the file is missing or no SQLite file."""
        self._path = path
        self._lock = Lock()
        try:
            uri = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
            self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._damaged(error) from error
        try:
            # Reads the first pages: from here on the file is open, even when its name is removed.
            self.all(only, "SELECT 1 FROM documents LIMIT 1")
        except SnapshotError:
            self.close()
            raise

    def all(self, read: Callable[[tuple[Any, ...]], T], statement: str, *values: object) -> list[T]:
        """Every row of a statement, read."""
        try:
            with self._lock:
                rows = self._connection.execute(statement, values).fetchall()
            return [read(row) for row in rows]
        except (sqlite3.DatabaseError, ValueError, TypeError, KeyError) as error:
            raise self._damaged(error) from error

    def sound(self) -> bool:
        """Whether SQLite finds its own file whole (reads all of it)."""
        return self.all(only, "PRAGMA integrity_check") == ["ok"]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _damaged(self, error: Exception) -> SnapshotError:
        return SnapshotError(f"索引文件已损坏：{self._path}（{error}）；请用 wence verify 核对，再重新运行 wence build")


def only(row: tuple[Any, ...]) -> Any:
    """The one column of a row."""
    return row[0]
