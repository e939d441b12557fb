"""Where a document stands on a day: in force, not yet, expired, ended by another, its planning period over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from index.catalogue import Entry

State = Literal["现行有效", "未施行", "已过有效期", "已废止", "已有新版", "规划期已过", "未载明"]
OUT = ("未施行", "已过有效期", "已废止", "已有新版", "规划期已过")
"""The states of documents that are not in force."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_DRAFT = re.compile(r"征求意见稿|公开征求|草案")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A document's state on a day; `why` are the words for it (the day, or the document that ended it), in Chinese.

    `by` is the document that ended it, when one did.
    """

    state: State
    why: str
    by: Entry | None = None


def standing(entry: Entry, entries: Sequence[Entry], day: date) -> Standing:
    """Where `entry` stands on `day`; `entries` are all of its index, in order. What no document states is 未载明."""
    today = day.isoformat()
    if ended := _ended(entry, entries, today):
        return ended
    if entry.issue_date and entry.issue_date > today:
        return Standing(state="未施行", why=f"{entry.issue_date}印发")
    if entry.effective_date and entry.effective_date > today:
        return Standing(state="未施行", why=f"自{entry.effective_date}起施行")
    if entry.valid_until and entry.valid_until < today:
        return Standing(state="已过有效期", why=f"有效期至{entry.valid_until}")
    if entry.period and _YEAR.match(entry.period[1]):
        span = f"规划期{entry.period[0]}—{entry.period[1]}年"
        return Standing(state="规划期已过" if int(entry.period[1][:4]) < day.year else "现行有效", why=span)
    if _DRAFT.search(entry.title):
        return Standing(state="未施行", why="征求意见稿")
    said = [f"自{entry.effective_date}起施行"] if entry.effective_date else []
    said += [f"有效期至{entry.valid_until}"] if entry.valid_until else []
    if said:
        return Standing(state="现行有效", why="，".join(said))
    return Standing(state="未载明", why=f"{entry.issue_date}印发" if entry.issue_date else "")


def _ended(entry: Entry, entries: Sequence[Entry], today: str) -> Standing | None:
    """What ended the document by `today`, if anything did."""
    if entry.ended_by is None or (entry.ended_from and entry.ended_from > today):
        return None
    by = entries[entry.ended_by]
    name = f"《{by.title}》" + (f"（{by.doc_number}）" if by.doc_number else "")
    since = f"{entry.ended_from}起" if entry.ended_from else ""
    if entry.ended_how == "supersedes":
        return Standing(state="已有新版", why=f"{since}有{name}", by=by)
    return Standing(state="已废止", why=f"{since}被{name}{'代替' if entry.ended_how == 'replaces' else '废止'}", by=by)
