"""Where every door asks: the open index, and what is kept beside it (approved answers, the history).

The index follows rebuilds; each request works on one snapshot from end to end.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from assistant.answer import Answer, Sentence, Turn, ask, stream
from assistant.approved import Approved
from assistant.audit import History
from assistant.models import LanguageModel
from errors import WenceError
from index.embedding import Embedding, open_embedding
from index.manifest import MANIFEST
from index.search import Searcher
from index.snapshot import open_snapshot
from settings import Settings

_FIRST = "有哪些支持措施？"
_Stamp = tuple[int, int, int]
_log = logging.getLogger("wence")


class Desk:
    """Hands out the searcher of the newest index; safe to use from several threads.

    A rebuild publishes its manifest in one rename, so a new file there means a new snapshot. Whoever notices opens
    it while the others go on with the old one, which stays open for as long as somebody holds it.
    """

    def __init__(
        self,
        settings: Settings,
        model: LanguageModel | None = None,
        *,
        warm: bool = True,
        told: Callable[[Answer], object] | None = None,
    ) -> None:
        """Opens the index at once, and reads what is read once (`warm`): only a process of one question need not.

        `told` hears of every answer that is given.

        Raises SnapshotError when it is missing, damaged, or made with another embedding.
        """
        self.index_dir, self.store = settings.index, settings.store
        self.embedding: Embedding = open_embedding(settings.embedding, settings.threads)
        self.approved = Approved(settings.approved_file, two_persons=settings.two_persons)
        self.model = model
        self._history, self._keeping = History(settings.audit_file), settings.audit
        self._warm, self._told, self._log_questions = warm, told, settings.log_questions
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

    def stream(
        self, question: str, history: Sequence[Turn] = (), *, who: str, today: date | None = None
    ) -> Iterator[Sentence | Answer]:
        """`assistant.answer.stream` over the newest index; `who` asks.

        The answer stands in the history, if one is kept, before it is given: raises ConfigError when it cannot.
        """
        if self._log_questions:
            _log.info("question", extra={"fields": {"question": question}})
        searcher = self.searcher()
        for event in stream(searcher, question, history, today=today, model=self.model, approved=self.approved):
            if isinstance(event, Answer):
                self._history.append(event, who, self._keeping)
                if self._told is not None:
                    self._told(event)
            yield event

    def ask(self, question: str, history: Sequence[Turn] = (), *, who: str, today: date | None = None) -> Answer:
        """The Answer that `stream` ends with."""
        return next(e for e in self.stream(question, history, who=who, today=today) if isinstance(e, Answer))

    def _open(self) -> Searcher:
        searcher = Searcher(open_snapshot(self.index_dir, self.embedding, self.store))
        if self._warm:
            ask(searcher, _FIRST)  # what is read once is read now, not by fifty visitors at once
        return searcher

    def _manifest_stamp(self) -> _Stamp | None:
        try:
            seen = (self.index_dir / MANIFEST).stat()
        except OSError:
            return None  # the index was taken away; the open files still serve
        return seen.st_ino, seen.st_mtime_ns, seen.st_size
