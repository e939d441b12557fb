"""What words are compared by: units. A Chinese character is one, a run of Latin letters or digits is one, in small
letters and without the plural s; blanks and hyphens do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

_UNIT = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+(?:\.\d+)?|['’]s\b|[-\s]+|.", re.DOTALL)
_POSSESSIVE = re.compile(r"['’]s").fullmatch
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]*").fullmatch


class _Folds(dict[int, str]):
    """What each character is when it is compared; filled as characters are met."""

    def __missing__(self, point: int) -> str:
        self[point] = unicodedata.normalize("NFKC", chr(point)).lower()
        return self[point]


@cache
def _folds() -> _Folds:
    return _Folds()


def units_of(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    """The units of a text and where each stands in it, as (start, end)."""
    folded = text.translate(_folds())
    origin: Sequence[int] = range(len(text))
    if len(folded) != len(text):  # no character folds into nothing
        origin = [at for at, character in enumerate(text) for _ in _folds()[ord(character)]]
    units: list[str] = []
    spans: list[tuple[int, int]] = []
    for run in _UNIT.finditer(folded):
        unit = run.group()
        start, end = run.span()
        if unit > "\u3400" and end - start == 1:  # a Chinese character, as most are
            units.append(unit)
            spans.append((origin[start], origin[start] + 1))
            continue
        if unit.isspace() or unit.strip("- ") == "" or _POSSESSIVE(unit):
            continue
        units.append(_singular(unit))
        spans.append((origin[start], origin[end - 1] + 1))
    return units, spans


def _singular(unit: str) -> str:
    if not (unit.isascii() and unit.isalpha() and len(unit) > 2 and unit.endswith("s")):
        return unit
    if unit.endswith("ies"):
        return unit[:-3] + "y"
    if unit.endswith(("sses", "shes", "ches", "xes")):
        return unit[:-2]
    return unit if unit.endswith(("ss", "us", "is")) else unit[:-1]


def part(unit: str) -> str:
    """What a unit adds to a key."""
    return unit if len(unit) == 1 and not unit.isascii() else f" {unit} "


def key_of(word: str) -> str:
    """What a word is compared by."""
    return units_and_key(word)[1]


def units_and_key(word: str) -> tuple[list[str], str]:
    """The units of a word and its key."""
    if _PLAIN(word):  # most English names; the same units, at a tenth of the cost
        units = [_singular(unit) if unit[-1] == "s" else unit for unit in word.lower().replace("-", " ").split()]
        return units, f" {'  '.join(units)} "
    units, _ = units_of(word)
    return units, "".join(map(part, units))
