"""When a document holds: issued, in force, expired, its period over; and the day that a question asks about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.catalogue import Entry
from index.snapshot import Snapshot
from index.standing import standing
from ingest.document import Document
from ingest.numerals import last_day

_SURE = 0.9  # confidence; what was recognised with less is to be looked up in the original
_AS_OF = re.compile(
    r"(?:截至|截止(?:到|至)?|站在|\bas of|\bas at)\s*(?P<year>(?:19|20)\d\d)(?:年|-|\b)(?:(?P<month>\d{1,2})(?:月|-)?)?"
    r"(?:(?P<day>\d{1,2})日?)?(?:底|末|时)?(?P<aside>[，,、]|来看|的时点)?",
    re.I,
)


def set_day(question: str) -> tuple[date | None, str]:
    """The day that a question asks about (截至2024年6月, as of 2023), and the question without it.

    A month or year means its last day. Where the day is no aside but a part of what is asked (截至2024年有几家), the
    question stays as it is.
    """
    found = _AS_OF.search(question)
    if not found:
        return None, question
    day = last_day(found["year"], found["month"], found["day"])
    rest = question[: found.start()] + question[found.end() :]
    alone = found["aside"] or found.end() >= len(question.rstrip("？?。. "))
    return day, rest if day and alone and re.search(r"\w", rest) else question


def parse_day(text: str) -> date | None:
    """2024, 2024-06 or 2024-06-30 as a day, a month or year as its last one; `None` for anything else."""
    found = re.fullmatch(r"((?:19|20)\d\d)(?:-(\d{1,2}))?(?:-(\d{1,2}))?", text.strip())
    return last_day(*found.groups()) if found else None


def remarks(entry: Entry, snapshot: Snapshot, title: str, today: date) -> list[str]:
    """What a reader must know of `entry`, one of the snapshot's, on `today`: not issued or in force yet, expired, ended
    by another document, its planning period over."""
    day = today.isoformat()
    found = standing(entry, snapshot.entries, today)
    said: list[str] = []
    if found.state == "已废止" and found.by:
        said.append(f"{title}{found.why}：请以现行规定为准。")
    elif found.state == "已有新版" and found.by:
        said.append(f"{title}不是最新的版本（{found.why}）：请以新版为准。")
    said += _stands_in(entry, snapshot.ended, title, day)
    if entry.issue_date and entry.issue_date > day:
        said.append(f"{title}于{entry.issue_date}才印发，{day}时尚未印发。")
    elif entry.effective_date and entry.effective_date > day:
        said.append(f"{title}自{entry.effective_date}起施行，{day}时尚未施行。")
    if entry.valid_until and entry.valid_until < day:
        said.append(f"{title}的有效期到{entry.valid_until}为止，已经过期：请核实是否有新的规定。")
    if entry.period and entry.period[1][:4].isdigit() and int(entry.period[1][:4]) < today.year:
        span = f"{entry.period[0]}—{entry.period[1]}年"
        said.append(f"{title}的规划期（{span}）已经结束：所列目标是当时的目标，不是完成情况。")
    return said


def _stands_in(entry: Entry, ended: Sequence[Entry], title: str, day: str) -> list[str]:
    """That an older version of the document, one of those `ended`, is in the index too, which it stands in for."""
    older = [
        one
        for one in ended
        if one.ended_by == entry.number
        and one.ended_how in ("replaces", "supersedes")
        and one.work == one.number
        and (one.ended_from is None or one.ended_from <= day)
    ]
    names = "、".join(f"{one.doc_number or one.issue_date or one.file}" for one in older)
    return [f"{title}另有旧版（{names}），以上依新版。"] if older else []


def recognised(document: Document, start: int, end: int) -> float | None:
    """The least confidence, below 0.9, with which characters of `[start, end)` were recognised in a scan; `None` where
    nothing there was less sure than that."""
    least = min((one.confidence for one in document.doubts if one.start < end and start < one.end), default=1.0)
    return least if least < _SURE else None
