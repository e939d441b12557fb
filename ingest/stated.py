"""What a document states, with the words that it was read from: labels, signatures, the imprint."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.clean import clean
from ingest.days import DAY, iso
from ingest.document import Fact, Span
from ingest.front import FACT
from ingest.numerals import NARROW, han_to_int
from ingest.organs import organs
from ingest.paragraphs import Paragraph
from ingest.prose import Prose

DATE = re.compile(
    r"(?P<y>\d{4}|[二〇○零一三四五六七八九ＯO]{4})\s?[年\-/.]\s?(?P<m>\d{1,2}|[一二三四五六七八九十]{1,2})\s?[月\-/.]\s?(?P<d>\d{1,2}|[一二三四五六七八九十]{1,3})\s?日?"
)
_IMPRINT = re.compile(rf"({DAY}|\d{{4}}-\d\d?-\d\d?)印发(?:（|$)")
_SIGNED = re.compile(rf"(?P<by>[^\d，。；：]{{3,60}}?) (?P<day>{DATE.pattern})")  # 某局　　2024年2月6日


@dataclass(frozen=True, slots=True)
class Stated:
    """A value, and the words that it was read from (`None` for what stands outside the text)."""

    value: str
    prose: Prose | None = None
    start: int = 0
    end: int = 0

    def fact(self, name: str) -> list[Fact]:
        """The fact of that name, if it has a place."""
        return [self.prose.fact(name, self.value, self.start, self.end)] if self.prose and self.end else []


def block_of(front: Sequence[Prose]) -> dict[str, Stated]:
    """Label → value of the key-value lines (`发布日期: 2025-10-13`) of the front matter."""
    found: dict[str, Stated] = {}
    for one in front:
        match = FACT.fullmatch(one.paragraph.text)
        if match:
            value = match["value"].strip()
            end = len(one.text)
            size = len("".join(value.split()))
            found.setdefault(match["label"], Stated(value, one, max(0, end - size), end))
    return found


def label_of(label: str, value: str, source: str) -> Stated:
    """A label that stands outside the paragraphs, with its place where the text prints it too."""
    spaced = r"\s*".join(map(re.escape, label))
    at = re.search(rf"{spaced}[\s:：]*(?P<value>{re.escape(value)})", source)
    if at is None:
        return Stated(value)
    span = Span(*at.span("value"))
    cleaned, _ = clean(source, (span,))
    prose = Prose(Paragraph((span,), cleaned), source)
    return Stated(value, prose, 0, len(prose.text))


def first_of(block: Mapping[str, Stated], labels: Sequence[str]) -> Stated | None:
    """The value of the first of `labels` that is there."""
    return next((block[label] for label in labels if label in block), None)


def signature_of(prose: Sequence[Prose]) -> tuple[list[Stated], Stated] | None:
    """The first lines that name organs and nothing else before a line that is a date, or on one with it: who signed,
    and when."""
    for at, one in enumerate(prose):
        text = one.text
        line = _SIGNED.fullmatch(one.paragraph.text) if text[-1:] == "日" and len(text) <= 72 else None
        if line and (names := organs(line["by"])):
            place = text.find("".join(line["day"].split()).translate(NARROW))
            if place > 0 and (found := DATE.fullmatch(text, place)) and (day := day_of(found)):
                return each_of(names, Stated(text, one, 0, place)), Stated(day, one, place, len(text))
        found = DATE.fullmatch(text) if 8 <= len(text) <= 12 else None
        day = day_of(found) if found else None
        signed: list[Stated] = []
        for before in reversed(prose[max(0, at - 6) : at] if day else ()):
            names = organs(before.paragraph.text) if len(before.text) <= 80 else ()
            if not names:
                break
            signed = [*each_of(names, Stated(before.text, before, 0, len(before.text))), *signed]
        if day and signed:
            return signed, Stated(day, one, 0, len(one.text))
    return None


def each_of(names: Sequence[str], at: Stated) -> list[Stated]:
    """Several organs of one stretch of text, each with its own place."""
    found: list[Stated] = []
    place = at.start
    for name in names:
        start = at.prose.text.find(name, place, at.end) if at.prose else -1
        if start >= 0:
            place = start + len(name)
            found.append(Stated(name, at.prose, start, place))
        else:
            found.append(Stated(name))
    return found


def printed_on(prose: Sequence[Prose]) -> str | None:
    """The day of printing in the imprint (…办公厅秘书处 2024年7月29日印发)."""
    for one in reversed(prose):
        found = _IMPRINT.search(one.text) if len(one.text) <= 80 else None
        if found and (day := DATE.match(found[1])):
            return day_of(day)
    return None


def day_of(found: re.Match[str]) -> str | None:
    """What `DATE` found, in ISO 8601; `None` when there is no such day."""
    month, day = han_to_int(found["m"]), han_to_int(found["d"])
    return iso(f"{found['y'].translate(NARROW)}年{month}月{day}日")
