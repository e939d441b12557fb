"""The words of users (English or everyday Chinese) and the words that policy documents use for the same thing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from assistant.text import is_han

_LATIN = re.compile(r"[a-z0-9]+(?:[-&.'][a-z0-9]+)*%?")


@dataclass(frozen=True, slots=True)
class Match:
    """`text[start:end]` is in the table; `policy` are the documents' words for it, best first."""

    start: int
    end: int
    policy: tuple[str, ...]


@lru_cache(maxsize=1)
def table() -> Mapping[str, tuple[str, ...]]:
    """The shipped table: key (lower case) → policy words. Lines that start with # are remarks."""
    pairs: dict[str, tuple[str, ...]] = {}
    for line in files("assistant").joinpath("terms.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            key, policy = line.split("\t")
            pairs[key] = tuple(policy.split("|"))
    return MappingProxyType(pairs)


@lru_cache(maxsize=4)
def words(name: str) -> frozenset[str]:
    """A list of the shipped words.txt: `asking`, `kept` or `stop`."""
    text = files("assistant").joinpath("words.txt").read_text(encoding="utf-8")
    part = text.partition(f"# [{name}]")[2].partition("\n")[2].partition("\n# [")[0]
    return frozenset(part.split())


def pattern(name: str) -> re.Pattern[str]:
    """Any word of a list, longest first."""
    return re.compile("|".join(map(re.escape, sorted(words(name), key=lambda word: (-len(word), word)))))


@lru_cache(maxsize=1)
def _longest() -> int:
    return max(len(key) for key in table() if is_han(key[0]))


def everyday(text: str) -> list[Match]:
    """Everyday Chinese words in `text`, longest match first, left to right, without overlap."""
    words, found, at = table(), [], 0
    while at < len(text):
        if is_han(text[at]):
            for size in range(min(_longest(), len(text) - at), 0, -1):
                policy = words.get(text[at : at + size])
                if policy:
                    found.append(Match(at, at + size, policy))
                    at += size - 1
                    break
        at += 1
    return found


def latin(text: str) -> list[Match]:
    """Names in Latin letters (eVTOL, CAR-T) inside a Chinese text; common English words are not among them."""
    words = table()
    found = [(m, words.get(m[0].lower())) for m in re.finditer(r"[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]", text)]
    return [Match(m.start(), m.end(), policy) for m, policy in found if policy and not m[0].islower()]


def english(text: str) -> list[Match]:
    """English words and phrases (up to five words) in `text` that the table knows; plurals are forgiven."""
    words = table()
    pieces = [(m.start(), m.end(), m[0]) for m in _LATIN.finditer(text.lower())]
    found, at = [], 0
    while at < len(pieces):
        for size in range(min(5, len(pieces) - at), 0, -1):
            phrase = " ".join(piece[2] for piece in pieces[at : at + size])
            policy = next((words[form] for form in _forms(phrase) if form in words), None)
            if policy:
                found.append(Match(pieces[at][0], pieces[at + size - 1][1], policy))
                at += size - 1
                break
        at += 1
    return found


def _forms(phrase: str) -> list[str]:
    """The phrase and its likely dictionary forms (plural, possessive, -ing, -ed, hyphens)."""
    plain = phrase.removesuffix("'s")
    forms = [plain, plain.replace("-", " ")]
    for ending, repair in (
        ("ies", "y"),
        ("es", ""),
        ("s", ""),
        ("ed", ""),
        ("ed", "e"),
        ("d", ""),
        ("ing", ""),
        ("ing", "e"),
    ):
        if plain.endswith(ending) and len(plain) > len(ending) + 2:
            forms.append(plain.removesuffix(ending) + repair)
    return forms
