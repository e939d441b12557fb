"""When a document holds: issued, in force, expired, its period over; and the day that a question asks about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from assistant.text import fold
from index.catalogue import Entry
from ingest.document import Document
from ingest.numbering import han_to_int

_DAY = r"((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})日"
_STARTS = re.compile(rf"自(?:{_DAY}|(?P<issue>(?:发布|印发|公布)之日))起(?:正式)?(?:施行|实施|执行|生效)")
_ENDS = re.compile(rf"有效期(?:限)?(?:截?至|到)(?:{_DAY}|(?P<year>(?:19|20)\d\d)年)")
_LASTS = re.compile(r"有效期(?:限)?为?(?P<years>[一二三四五六七八九十]|\d{1,2})年")
_AS_OF = re.compile(
    r"(?:截至|截止(?:到|至)?|站在|\bas of|\bas at)\s*(?P<year>(?:19|20)\d\d)(?:年|-|\b)(?:(?P<month>\d{1,2})(?:月|-)?)?"
    r"(?:(?P<day>\d{1,2})日?)?(?:底|末|时)?(?P<aside>[，,、]|来看|的时点)?",
    re.I,
)


@dataclass(frozen=True, kw_only=True)
class Validity:
    """Days that a document prints of itself; `None` where it prints none. `ends` is the last day in force."""

    issued: date | None = None
    starts: date | None = None
    ends: date | None = None


def set_day(question: str) -> tuple[date | None, str]:
    """The day that a question asks about (截至2024年6月, as of 2023), and the question without it.

    A month or year means its last day. Where the day is no aside but a part of what is asked (截至2024年有几家), the
    question stays as it is.
    """
    found = _AS_OF.search(question)
    if not found:
        return None, question
    day = _last_day(found["year"], found["month"], found["day"])
    rest = question[: found.start()] + question[found.end() :]
    alone = found["aside"] or found.end() >= len(question.rstrip("？?。. "))
    return day, rest if day and alone and re.search(r"\w", rest) else question


def parse_day(text: str) -> date | None:
    """2024, 2024-06 or 2024-06-30 as a day, a month or year as its last one; `None` for anything else."""
    found = re.fullmatch(r"((?:19|20)\d\d)(?:-(\d{1,2}))?(?:-(\d{1,2}))?", text.strip())
    return _last_day(*found.groups()) if found else None


def validity(document: Document, entry: Entry) -> Validity:
    """What the document's last words on it say (自…起施行，有效期至…)."""
    text = fold(document.text)
    issued = date.fromisoformat(entry.issue_date) if entry.issue_date else None
    starts = ends = None
    if found := _last(_STARTS, text):
        starts = issued if found["issue"] else _day(found[1], found[2], found[3])
    if found := _last(_ENDS, text):
        ends = _last_day(found["year"], None, None) if found["year"] else _day(found[1], found[2], found[3])
    elif (found := _last(_LASTS, text)) and (since := starts or issued):
        years = int(found["years"]) if found["years"].isdigit() else han_to_int(found["years"])
        ends = _day(str(since.year + years), str(since.month), str(min(since.day, 28)))
    return Validity(issued=issued, starts=starts, ends=ends)


def remarks(document: Document, entry: Entry, title: str, today: date) -> list[str]:
    """What a reader must know on `today`: not issued or in force yet, expired, its planning period over."""
    told = validity(document, entry)
    said: list[str] = []
    if told.issued and told.issued > today:
        said.append(f"{title}于{told.issued.isoformat()}才印发，{today.isoformat()}时尚未印发。")
    elif told.starts and told.starts > today:
        said.append(f"{title}自{told.starts.isoformat()}起施行，{today.isoformat()}时尚未施行。")
    if told.ends and told.ends < today:
        said.append(f"{title}的有效期到{told.ends.isoformat()}为止，已经过期：请核实是否有新的规定。")
    if entry.period and entry.period[1][:4].isdigit() and int(entry.period[1][:4]) < today.year:
        span = f"{entry.period[0]}—{entry.period[1]}年"
        said.append(f"{title}的规划期（{span}）已经结束：所列目标是当时的目标，不是完成情况。")
    return said


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(reversed(list(pattern.finditer(text))), None)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:  # 2月30日: the file prints no such day
        return None


def _last_day(year: str, month: str | None, day: str | None) -> date | None:
    if month is None:
        return date(int(year), 12, 31)
    if day is None:
        first = _day(str(int(year) + int(month) // 12), str(int(month) % 12 + 1), "1")
        return date.fromordinal(first.toordinal() - 1) if first and 1 <= int(month) <= 12 else None
    return _day(year, month, day)
