"""The documents that answers are checked against: their texts, and which files are renderings of one work."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from eval.compare import fold, under
from eval.questions import Gold
from index.snapshot import Snapshot
from ingest.document import Document, Span
from ingest.reader import spans_of


@dataclass(frozen=True)
class Source:
    """One document. Sources of equal `work` are renderings of one text."""

    document: Document
    work: int

    @property
    def name(self) -> str:
        """The file's name without its folders."""
        return PurePath(self.document.file).name

    @cached_property
    def folded(self) -> str:
        """The whole text as quotes are compared."""
        return self._folding[0]

    def find(self, quote: str) -> list[Span]:
        """Where a quote stands in the text, white space and layout aside; [] when it stands nowhere."""
        folded, places = self._folding
        wanted = fold(quote)
        found: list[Span] = []
        at = folded.find(wanted) if wanted else -1
        while at >= 0:
            found.append(Span(places[at], places[at + len(wanted) - 1] + 1))
            at = folded.find(wanted, at + 1)
        return found

    def sections(self, span: Span) -> list[str]:
        """The paths of the sections and tables (discards aside) that share a visible character with a span."""
        text = self.document.text
        here = (
            path
            for part, path in self._spans
            if text[max(part.start, span.start) : max(0, min(part.end, span.end))].strip()
        )
        return list(dict.fromkeys(here))

    @cached_property
    def _spans(self) -> list[tuple[Span, str]]:
        dropped = {(part.start, part.end) for part in self.document.dropped}
        return [(span, path) for span, path in spans_of(self.document) if (span.start, span.end) not in dropped]

    @cached_property
    def _folding(self) -> tuple[str, list[int]]:
        """The folded text, and for each of its characters the place in the source."""
        parts: list[str] = []
        places: list[int] = []
        for place, char in enumerate(self.document.text):
            folded = char.lower() if char.isascii() else fold(unicodedata.normalize("NFKC", char))
            if folded and not folded.isspace() and folded != "*":
                parts.append(folded)
                places.extend([place] * len(folded))
        return "".join(parts), places


class Sources:
    """Documents by file name."""

    def __init__(self, sources: Sequence[Source]) -> None:
        """Of two sources of one name the first counts."""
        self.all = tuple(sources)
        self._by_name = {source.name: source for source in reversed(self.all)}

    def get(self, file: str) -> Source | None:
        """The document of that file name."""
        return self._by_name.get(PurePath(file).name)

    def named(self, beginning: str) -> list[Source]:
        """The documents whose file name begins so."""
        return [source for source in self.all if source.name.startswith(beginning)]

    def same_work(self, file: str, beginning: str) -> bool:
        """Whether a file is one that a gold passage names, or another rendering of one."""
        if PurePath(file).name.startswith(beginning):
            return True
        source = self.get(file)
        return source is not None and any(source.work == other.work for other in self.named(beginning))

    def in_section(self, file: str, section: str, gold: Gold) -> bool:
        """Whether a section of a file is the one that a gold passage names in any of its renderings, or lies below."""
        forms = gold.renderings()
        return any(self.same_work(file, form.file) and under(section, form.section) for form in forms)


def sources_of(snapshot: Snapshot) -> Sources:
    """The documents of an index."""
    return Sources([Source(snapshot.document(entry.id), entry.work) for entry in snapshot.entries])
