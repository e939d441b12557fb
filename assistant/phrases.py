"""Lines of Wence's own in English: a table of Chinese lines, each with its English below it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

_HOLE = re.compile(r"\{\}")
_LONGEST = 2000  # characters


@dataclass(frozen=True)
class Phrasebook:
    """`lines` alternate between Chinese and English; `{}` stands for a value, the same number of times in both.

    Of a line that fits several, the first is taken. `names` are the values that are Wence's own words.
    """

    lines: str
    names: Mapping[str, str] = field(default_factory=dict)

    def english(self, line: str) -> str:
        """The English of a line; a line that is not known, or very long, stays as it is."""
        if len(line) > _LONGEST:
            return line
        found = next(((match, english) for known, english in self._table if (match := known.fullmatch(line))), None)
        if found is None:
            return line
        values = iter([self._named(value) for value in found[0].groups()])
        return _HOLE.sub(lambda _: next(values, ""), found[1])

    @cached_property
    def _table(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        lines = [line.strip() for line in self.lines.splitlines()]
        known = (re.compile(re.escape(line).replace(r"\{\}", "(.*?)"), re.DOTALL) for line in lines[::2])
        return tuple(zip(known, lines[1::2], strict=True))

    def _named(self, value: str) -> str:
        for mark, joined in (("或", " or "), ("、", ", ")):
            parts = value.split(mark)
            if all(part in self.names for part in parts):
                return joined.join(self.names[part] for part in parts)
        return value.replace("、", ", ")
