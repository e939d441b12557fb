"""Lines that look like headings and are none: a table of contents, the note that names the attachments.

Both are parts of an official document (GB/T 9704-2012, 7.3.4 附件说明) and become a section of their own, whose lines
head nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.numbering import marker
from ingest.paragraphs import Paragraph

_CONTENTS = re.compile(r"目\s*[录次]")
_LEADER = re.compile(r"[\s.．…·—-]*\d{0,4}\s*$")
_ANNEX_NOTE = re.compile(r"附\s?(?:件|表|录)\s*[:：]\s*(?P<first>.*)$")
_ANNEX = re.compile(r"附\s?(?:件|表|录)\s*(?:\d{1,2}(?:[-—–－]\d{1,2})?|[一二三四五六七八九十]{1,3})?\s*[:：]?$")
_ITEM = re.compile(r"(?:(?P<group>\d{1,2})[-—–－])?(?P<n>\d{1,2})\s*[.．、]")
_FEW = 3  # lines that make a table of contents, 目录 among them
_MOST_NOTES = 20


def is_contents(line: str) -> bool:
    """Whether a line is the word 目录 over a table of contents."""
    return _CONTENTS.fullmatch(line) is not None


def contents(paragraphs: Sequence[Paragraph]) -> range:
    """The paragraphs of the table of contents, 目录 itself first; empty when there is none.

    Its lines are the headings that come again further down, page numbers and leaders aside.
    """
    keys = [_key(paragraph.text) for paragraph in paragraphs]
    for start, paragraph in enumerate(paragraphs):
        if not is_contents(paragraph.text):
            continue
        end = start + 1
        while end < len(keys) and keys[end] and _comes_again(keys, end):
            end += 1
        if end - start >= _FEW:
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
        last = _item(note["first"])
        while end < len(paragraphs) and end - start < _MOST_NOTES:
            wrapped = end + 1 < len(paragraphs) and last is not None and _goes_on(paragraphs[end].text)
            size = 2 if wrapped and _follows(last, _numbered(paragraphs[end + 1].text)) else 1
            if not _follows(last, _numbered(paragraphs[end + size - 1].text)):
                break
            last, end = _numbered(paragraphs[end + size - 1].text), end + size
        if not note["first"].strip():
            if last is None or end == len(paragraphs):
                continue
        elif last is None and not any(_ANNEX.fullmatch(later.text) for later in paragraphs[end:]):
            continue
        found.append(range(start, end))
    return found


def _goes_on(text: str) -> bool:
    """Whether a line may be the rest of a name that was too long for its line."""
    return len(text) <= 40 and marker(text) is None and not re.search(r"[。；：:;]", text)


def _item(text: str) -> tuple[int, int] | None:
    """The number that an attachment's name begins with: `2.` → (0, 2), `1-2.` → (1, 2)."""
    found = _ITEM.match(text)
    return (int(found["group"] or 0), int(found["n"])) if found else None


def _numbered(text: str) -> tuple[int, int] | None:
    return _item(text) if len(text) <= 80 and not text.endswith("。") else None


def _follows(last: tuple[int, int] | None, number: tuple[int, int] | None) -> bool:
    """Whether an attachment's number is the next one: 2. after 1., 1-2. or 2-1. after 1-1."""
    if number is None or last is None:
        return number is not None and number[1] == 1
    return number == (last[0], last[1] + 1) or (number == (last[0] + 1, 1) and last[0] > 0)


def _comes_again(keys: Sequence[str], at: int) -> bool:
    return any(later.startswith(keys[at]) for later in keys[at + 1 :])


def _key(text: str) -> str:
    return re.sub(r"\W", "", _LEADER.sub("", text))
