"""Which documents a search is limited to: by document, region, year, or the day they are in force."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from index.catalogue import Entry

_YEAR = re.compile(r"(?:19|20)\d\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
ALWAYS = (0, 99_991_231)
"""The days of a document that prints none."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What a document has to fit; `None` is anything.

    docs: numbers of documents; regions: as documents write theirs; years: one of them (`years_of`); day: in force on it
    (`days_of`), as YYYYMMDD.
    """

    docs: frozenset[int] | None = None
    regions: frozenset[str] | None = None
    years: frozenset[int] | None = None
    day: int | None = None

    def fits(self, entry: Entry) -> bool:
        """Whether a document is among those."""
        if self.docs is not None and entry.number not in self.docs:
            return False
        if self.regions is not None and entry.region not in self.regions:
            return False
        if self.years is not None:
            years = years_of(entry)
            if years is None or not any(years[0] <= year <= years[1] for year in self.years):
                return False
        if self.day is None:
            return True
        first, last = days_of(entry)
        return first <= self.day <= last


def years_of(entry: Entry) -> tuple[int, int] | None:
    """The first and last year of a plan, else the year of issue twice; `None` when neither is known."""
    if entry.period and all(_YEAR.match(part) for part in entry.period):
        return int(entry.period[0][:4]), int(entry.period[1][:4])
    if entry.issue_date and _YEAR.match(entry.issue_date):
        return int(entry.issue_date[:4]), int(entry.issue_date[:4])
    return None


def days_of(entry: Entry) -> tuple[int, int]:
    """The first and last day in force as YYYYMMDD, by what the document says of itself; open ends as in `ALWAYS`.

    It begins when it is issued, or later if it says so; it ends with its term, with the last year of its plan, or on
    the day before another document ends it (which may state no day: then it never was in force, as far as is known).
    """
    begins = [as_number(day) for day in (entry.issue_date, entry.effective_date) if day and _DAY.fullmatch(day)]
    ends = [as_number(entry.valid_until)] if entry.valid_until else []
    if entry.period and _YEAR.match(entry.period[1]):
        ends.append(int(entry.period[1][:4]) * 10_000 + 1231)
    if entry.ended_by is not None:
        ends.append(as_number(date.fromisoformat(entry.ended_from) - timedelta(days=1)) if entry.ended_from else 0)
    return max(begins, default=ALWAYS[0]), min(ends, default=ALWAYS[1])


def as_number(day: date | str) -> int:
    """A day as YYYYMMDD."""
    return int(str(day).replace("-", ""))
