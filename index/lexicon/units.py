"""What words are compared by: units. A Chinese character is one, a run of Latin letters or digits is one, in small
letters and without the plural s; blanks and hyphens do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

_UNIT = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+(?:\.\d+)?|['’]s\b|[-\s]+|.", re.DOTALL)
_FIRST_HAN, _LAST_HAN = "\u3400", "\u9fff"
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


def units_of(text: str) -> tuple[list[str], list[int], list[int]]:
    """The units of a text, and where the first and the last character of each stand in it."""
    folded = text.translate(_folds())
    origin: Sequence[int] = range(len(text))
    if len(folded) != len(text):  # no character folds into nothing
        origin = [at for at, character in enumerate(text) for _ in _folds()[ord(character)]]
    units: list[str] = []
    firsts: list[int] = []
    lasts: list[int] = []
    for run in _UNIT.finditer(folded):
        unit = run.group()
        start, end = run.span()
        if _FIRST_HAN <= unit[0] <= _LAST_HAN:
            units += unit
            firsts += origin[start:end]
            lasts += origin[start:end]
            continue
        if end - start > 1:
            if unit.isspace() or unit.strip("- ") == "" or _POSSESSIVE(unit):
                continue
            unit = _singular(unit)
        elif unit == "-" or unit.isspace():
            continue
        units.append(unit)
        firsts.append(origin[start])
        lasts.append(origin[end - 1])
    return units, firsts, lasts


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
    units, _, _ = units_of(word)
    return units, "".join(map(part, units))
