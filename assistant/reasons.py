"""What the checks of a refusal share: the case they judge, the refusal they may give, the words of the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.evidence import Library
from assistant.question import Question
from assistant.scope import Scope
from assistant.select import Found
from index.search import Hit

HAN_DIGITS = "一二三四五六七八九十百"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """`reason` is one of the contract's; `says` is one Chinese sentence without its full stop. `nearest` tells
    whether the nearest passages help."""

    reason: str
    says: str
    nearest: bool = True


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """An answer that may be to something near what is asked only; `says` is the Chinese note that tells it."""

    says: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """A question, the documents it names, what was found for it, and the passages it was found in, best first."""

    question: Question
    named: Scope
    library: Library
    found: Found
    hits: Sequence[Hit] = ()

    def docs(self) -> list[str]:
        """The documents searched, one of each work: those named, or else those that were brought up."""
        if self.named.docs:
            return sorted(self.named.docs)
        near = [item.unit.doc for item in self.found.ranked] + [row.document.id for row in self.found.rows]
        near += [listed.heads[0][0].doc for listed in self.found.items]
        return list(dict.fromkeys(near))

    def first(self, most: int) -> Case:
        """The same case with the first `most` sentences only."""
        return replace(self, found=replace(self.found, chosen=self.found.chosen[:most]))

    def evidence(self, *, wide: bool = False) -> str:
        """What the chosen evidence says with its headings, titles and dates; `wide` adds the rest of its sections."""
        parts: list[str] = []
        for item in self.found.chosen:
            unit = item.unit
            reading = self.library.reading(unit.doc)
            parts += [
                unit.ruled,
                unit.section.path,
                unit.section.heading or "",
                *(p.heading or "" for p in unit.parents),
            ]
            parts += self._about(unit.doc)
            if wide:
                for path in (unit.section.path, *(parent.path for parent in unit.parents[-1:])):
                    parts += [other.text for other in reading.of(path)]
        for listed in self.found.items:
            parts += self._about(listed.heads[0][0].doc)
            for unit, first in listed.heads:
                parts += [unit.text, first.text if first else "", *(p.heading or "" for p in unit.parents)]
        for row in self.found.rows:
            parts += [*self._about(row.document.id), *row.table.columns, *row.table.rows[row.index]]
        return " ".join(parts)

    def _about(self, doc: str) -> list[str]:
        entry = self.library.snapshot.entry(doc)
        return [entry.title, entry.issue_date or "", entry.region or "", *(entry.period or ())]

    def which(self) -> str:
        """The document searched, or 库内文件 when there are several."""
        titles = searched(self.named, self.library)
        return f"《{titles[0]}》" if len(titles) == 1 else "库内文件"


def searched(named: Scope, library: Library) -> Sequence[str]:
    """Titles of the documents that were searched, each once."""
    docs = named.docs or frozenset(entry.id for entry in library.entries)
    return tuple(dict.fromkeys(entry.title for entry in library.entries if entry.id in docs))
