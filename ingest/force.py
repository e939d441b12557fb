"""When a document holds, by its own last words on it: 自2023年7月1日起施行, 有效期至2025年12月31日."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from ingest.numbering import han_to_int

_DAY = r"((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})日"
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_STARTS = re.compile(rf"自(?:{_DAY}|(?P<issue>(?:发布|印发|公布)之日))起(?:正式)?(?:施行|实施|执行|生效)")
_ENDS = re.compile(rf"有效期(?:限)?(?:截?至|到)(?:{_DAY}|(?P<year>(?:19|20)\d\d)年)")
_LASTS = re.compile(r"有效期(?:限)?为?(?P<years>[一二三四五六七八九十]|\d{1,2})年")


@dataclass(frozen=True, kw_only=True)
class Force:
    """Days that a document prints of itself; `None` where it prints none. `ends` is the last day in force."""

    issued: date | None = None
    starts: date | None = None
    ends: date | None = None


def force(text: str, issue_date: str | None) -> Force:
    """The days in a document's text, which was issued on `issue_date` (ISO 8601, `None` when that is unknown)."""
    flat = re.sub(r"[\s*]+", "", unicodedata.normalize("NFKC", text))
    given = _ISO.fullmatch(issue_date or "")
    issued = _day(given[1], given[2], given[3]) if given else None
    starts = ends = None
    if found := _last(_STARTS, flat):
        starts = issued if found["issue"] else _day(found[1], found[2], found[3])
    if found := _last(_ENDS, flat):
        ends = date(int(found["year"]), 12, 31) if found["year"] else _day(found[1], found[2], found[3])
    elif (found := _last(_LASTS, flat)) and (since := starts or issued):
        years = int(found["years"]) if found["years"].isdigit() else han_to_int(found["years"])
        ends = _day(str(since.year + years), str(since.month), str(min(since.day, 28)))
    return Force(issued=issued, starts=starts, ends=ends)


def last_day(year: str, month: str | None, day: str | None) -> date | None:
    """The day, or the last one of the month or year; `None` when there is no such day."""
    if month is None:
        return date(int(year), 12, 31)
    if day is None:
        return _day(year, month, str(monthrange(int(year), int(month))[1])) if 1 <= int(month) <= 12 else None
    return _day(year, month, day)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(reversed(list(pattern.finditer(text))), None)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:  # 2月30日: the file prints no such day
        return None
