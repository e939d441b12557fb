"""What a document is about when that is no industry (公租房, 居家养老), and whether a firm or person speaks of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.offers import is_rule
from index.lexicon import Entry, Lexicon, load_lexicon

_KINDS = frozenset({"education", "elderly", "employment", "health", "housing", "people", "social"})
_OF_RULES = _KINDS | {"science", "general"}  # what a rule is about counts whatever it is (行业标准, 易制毒化学品)
_RUN = 3  # characters of a title's word that a firm's words repeat when they speak of it


@dataclass(frozen=True, slots=True)
class _Said:
    """A topic and the words that say it."""

    entry: Entry
    words: str


class Topics:
    """What a firm or person speaks of, against what the titles of documents are about."""

    def __init__(self, text: str, *, person: bool) -> None:
        """`text` is what the firm says of itself; a `person` is concerned by all of a field (housing)."""
        self._lexicon, self._text, self._person = load_lexicon(), text, person
        said = [found.entry for found in _named(text, self._lexicon)]
        self._said = _around(said, self._lexicon)
        self._fields = {entry.kind for entry in said}

    def shared(self, title: str) -> str | None:
        """What a title is about (居家养老) that is spoken of, itself or a part of it; None when nothing of it is."""
        topics = self._topics(title)
        return next((t.words for t in topics if t.entry.term in self._said or self._repeats(t.words)), None)

    def foreign(self, title: str) -> bool:
        """Whether a title is about something of which nothing is spoken of, nor of what holds it."""
        topics = self._topics(title)
        if not topics or self.shared(title) or _around([t.entry for t in topics], self._lexicon) & self._said:
            return False
        return not (self._person and any(topic.entry.kind in self._fields for topic in topics))

    def _topics(self, title: str) -> list[_Said]:
        return _named(title, self._lexicon, _OF_RULES if is_rule(title) else _KINDS)

    def _repeats(self, words: str) -> bool:
        return any(words[at : at + _RUN] in self._text for at in range(len(words) - _RUN + 1))


def _named(text: str, lexicon: Lexicon, kinds: frozenset[str] = _OF_RULES) -> list[_Said]:
    return [
        _Said(entry, text[match.start : match.end])
        for match in lexicon.find(text)
        for entry, _ in match.entries
        if entry.kind in kinds and (entry.kind != "general" or entry.broader)
    ]


def _around(entries: Iterable[Entry], lexicon: Lexicon) -> set[str]:
    """The terms and those of the kinds of topics that hold them."""
    found: set[str] = set()
    for entry in entries:
        above = [wide for term in lexicon.broader(entry.term) if (wide := lexicon.entry(term))]
        found |= {entry.term, *(wide.term for wide in above if wide.kind in _KINDS)}
    return found
