"""Lines that look like headings and are none: a table of contents, the note that names the attachments.

Both are parts of an official document (GB/T 9704-2012, 7.3.4 附件说明) and become a section of their own, whose lines
head nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.paragraphs import Paragraph

_CONTENTS = re.compile(r"目\s*[录次]")
_LEADER = re.compile(r"[\s.．…·—-]*\d{0,4}\s*$")
_ANNEX_NOTE = re.compile(r"附\s?(?:件|表|录)\s*[:：]\s*(?P<first>.*)$")
_ANNEX = re.compile(r"附\s?(?:件|表|录)\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})?\s*[:：]?$")
_ITEM = re.compile(r"\d{1,2}\s*[.．、]")
_FEW = 3  # lines that make a table of contents
_MOST_NOTES = 20


def contents(paragraphs: Sequence[Paragraph]) -> range:
    """The paragraphs of the table of contents, 目录 itself first; empty when there is none.

    Its lines are the headings that come again further down, page numbers and leaders aside.
    """
    keys = [_key(paragraph.text) for paragraph in paragraphs]
    for start, paragraph in enumerate(paragraphs):
        if not _CONTENTS.fullmatch(paragraph.text):
            continue
        end = start + 1
        while end < len(keys) and keys[end] and _comes_again(keys, end):
            end += 1
        if end - start > _FEW:
            return range(start, end)
    return range(0)


def annex_notes(paragraphs: Sequence[Paragraph]) -> list[range]:
    """The notes that name the attachments (附件：1.申请表), each with its further lines.

    `附件：` with nothing after it opens an attachment, unless numbered names follow.
    """
    found: list[range] = []
    for start, paragraph in enumerate(paragraphs):
        note = _ANNEX_NOTE.fullmatch(paragraph.text)
        if note is None:
            continue
        end = start + 1
        last = 1 if _ITEM.match(note["first"]) else 0
        while end < len(paragraphs) and end - start < _MOST_NOTES and _numbered(paragraphs[end].text) == last + 1:
            last, end = last + 1, end + 1
        if not note["first"].strip():
            if last == 0 or end == len(paragraphs):
                continue
        elif last == 0 and not any(_ANNEX.fullmatch(later.text) for later in paragraphs[end:]):
            continue
        found.append(range(start, end))
    return found


def _numbered(text: str) -> int:
    found = _ITEM.match(text)
    return int(re.sub(r"\D", "", found[0])) if found and len(text) <= 80 and not text.endswith("。") else 0


def _comes_again(keys: Sequence[str], at: int) -> bool:
    return any(later.startswith(keys[at]) for later in keys[at + 1 :])


def _key(text: str) -> str:
    return re.sub(r"\W", "", _LEADER.sub("", text))
