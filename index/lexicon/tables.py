"""The tables of the lexicon: lines of names, of which only those that a text may name become entries.

A question names a handful of twenty thousand names. So a line is not taken apart when it is read: its names are put
together with the others that begin with the same character, and looked at when that character appears in a text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from errors import ConfigError
from index.lexicon.units import units_and_key

Relation = Literal["same", "near", "translation", "broader", "related", "alike"]
COLUMNS = ("term", "same", "near", "english", "broader", "related", "kind", "source")
_NAMES = 4  # columns of names
_GUARDS = "guards.tsv"
_ODD = re.compile(r"[^A-Za-z0-9\u3400-\u9fff]").match


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One concept. `term` is its official name; `same` are exact synonyms and abbreviations, `near` what people say.

    `broader` is the official name of the concept that contains this one, "" at the top; `related` are official names.
    `source` names a classification and its code, or is "".
    """

    term: str
    same: tuple[str, ...]
    near: tuple[str, ...]
    english: tuple[str, ...]
    broader: str
    related: tuple[str, ...]
    kind: str
    source: str


class Table:
    """All entries, in order, by number. Safe to share."""

    def __init__(self, lines: Sequence[str]) -> None:
        """`lines` have the fields of `COLUMNS`, parted by tabs."""
        self.lines = lines
        self._made: dict[int, Entry] = {}

    def entry(self, number: int) -> Entry:
        """The entry of a line, the same object each time."""
        made = self._made.get(number)
        return made if made is not None else self._made.setdefault(number, _entry(self.lines[number]))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry."""
        return tuple(map(self.entry, range(len(self.lines))))

    def of_kind(self, kind: str) -> list[int]:
        """The numbers of the entries of a kind, in order."""
        return [number for number, line in enumerate(self.lines) if line.rsplit("\t", 2)[1] == kind]

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each official term."""
        return {line.partition("\t")[0]: number for number, line in enumerate(self.lines)}

    def names(self, character: str) -> list[tuple[str, int]]:
        """Every name whose first unit begins with a character (a small letter stands for the capital too), with the
        number of its entry, in order."""
        found = [] if _ODD(character) else list(self._by_first.get(character, ()))
        if character.isascii() and character.isalpha():
            found += self._by_first.get(character.upper(), ())
        found += self._odd.get(character, ())
        return sorted(found, key=lambda pair: pair[1])

    @cached_property
    def _by_first(self) -> Mapping[str, Sequence[tuple[str, int]]]:
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for number, line in enumerate(self.lines):
            for word in "|".join(line.split("\t", _NAMES)[:_NAMES]).split("|"):
                if word:
                    found[word[0]].append((word, number))
        return found

    @cached_property
    def _odd(self) -> Mapping[str, Sequence[tuple[str, int]]]:
        """Names that begin with a mark or a letter that is written otherwise when it is compared."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for first, pairs in self._by_first.items():
            if _ODD(first):
                for word, number in pairs:
                    found[units_and_key(word)[0][0][0]].append((word, number))
        return found


def line_of(entry: Entry) -> str:
    """An entry as a line of a table."""
    cells = (getattr(entry, column) for column in COLUMNS)
    return "\t".join(cell if isinstance(cell, str) else "|".join(cell) for cell in cells)


def read_tables(folder: Path) -> tuple[Table, frozenset[str]]:
    """Every table of a folder, in the order of the file names, and the words of `guards.tsv`.

    Raises ConfigError for a table without the columns of `COLUMNS` or with a line that has more or fewer fields.
    """
    lines = [line for path in sorted(folder.glob("*.tsv")) if path.name != _GUARDS for line in _lines(path, COLUMNS)]
    return Table(lines), frozenset(line.partition("\t")[0] for line in _lines(folder / _GUARDS, ("word", "reason")))


def _lines(path: Path, columns: tuple[str, ...]) -> list[str]:
    try:
        head, *rest = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"词表读不出：{path}（{error}）；请恢复该文件") from error
    if head.split("\t") != list(columns):
        raise ConfigError(f"词表首行不对：{path}；应为 {' '.join(columns)}，以制表符分隔")
    lines = [line for line in rest if line]
    for number, line in enumerate(lines, 2):
        if (fields := line.count("\t") + 1) != len(columns):
            raise ConfigError(f"词表第 {number} 行有 {fields} 栏，应为 {len(columns)} 栏：{path}；请补齐制表符")
    return lines


def _entry(line: str) -> Entry:
    term, same, near, english, broader, related, kind, source = line.split("\t")
    return Entry(
        term=term,
        same=_words(same),
        near=_words(near),
        english=_words(english),
        broader=broader,
        related=_words(related),
        kind=kind,
        source=source,
    )


def _words(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()
