"""The open index of a long-running process. It follows rebuilds; each request works on one snapshot from end to end."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from assistant.answer import ask
from errors import WenceError
from index.embedding import Embedding
from index.manifest import MANIFEST
from index.search import Searcher
from index.snapshot import open_snapshot

_FIRST = "有哪些支持措施？"
_Stamp = tuple[int, int, int]
_log = logging.getLogger("wence")


class Desk:
    """Hands out the searcher of the newest index; safe to use from several threads.

    A rebuild publishes its manifest in one rename, so a new file there means a new snapshot. Whoever notices opens
    it while the others go on with the old one, which stays open for as long as somebody holds it.
    """

    def __init__(self, index_dir: Path, embedding: Embedding) -> None:
        """Opens the index at once. Raises SnapshotError when it is missing, damaged, or made with another embedding."""
        self.index_dir = index_dir
        self.embedding = embedding
        self._opening = threading.Lock()
        self._stamp = self._manifest_stamp()
        self._searcher = self._open()

    @property
    def opened(self) -> Searcher:
        """The searcher that serves now, without a look at whether there is a newer index."""
        return self._searcher

    def searcher(self) -> Searcher:
        """The searcher of the newest index that could be opened."""
        stamp = self._manifest_stamp()
        if stamp is not None and stamp != self._stamp and self._opening.acquire(blocking=False):
            try:
                self._searcher = self._open()
                self._stamp = stamp
            except WenceError as error:
                self._stamp = stamp  # not tried again before the next rebuild: the old one still serves
                _log.error("index not opened, the old one still serves: %s", error)
            finally:
                self._opening.release()
        return self._searcher

    def _open(self) -> Searcher:
        searcher = Searcher(open_snapshot(self.index_dir, self.embedding))
        ask(searcher, _FIRST)  # what is read once is read now, not by fifty visitors at once
        return searcher

    def _manifest_stamp(self) -> _Stamp | None:
        try:
            seen = (self.index_dir / MANIFEST).stat()
        except OSError:
            return None  # the index was taken away; the open files still serve
        return seen.st_ino, seen.st_mtime_ns, seen.st_size
