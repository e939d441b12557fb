"""What an application guide says beside its provisions: for whom, on what terms, how fast, where, which telephone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from index.provisions.record import Guide
from index.provisions.words import Patterns, patterns
from ingest.chunks import section_text
from ingest.document import CleanText, Document, Section, Span

_BEFORE, _AFTER = r"(?<![\w，、])[（(【]?", r"[^：:。；，\n]{0,12}[：:]\s*(?P<value>[^。；\n]{2,160})"
_SCOPE = re.compile(
    r"(?:本|该)(?:办法|细则|政策|措施|规定|通知|意见|方案)[^。；，]{0,6}适用于(?P<value>[^。；\n]{2,160})"
)
_TELEPHONE = re.compile(r"(?<!\d)(?:\(?0\d{2,3}\)?[-—－ ]?\d{7,8}|1[23]\d{3}|[48]00[- ]?\d{3}[- ]?\d{4})(?!\d)")
_LONGEST = 200  # characters of a value that stands under a heading
_MOST = 3  # of each field


@cache
def _labelled() -> Patterns:
    """`咨询电话：…` within a text."""
    fields = patterns("guide")
    return tuple((field, re.compile(f"{_BEFORE}(?:{names.pattern}){_AFTER}")) for field, names in fields)


@cache
def _headed() -> Patterns:
    """A heading that is the label."""
    fields = patterns("guide")
    return tuple(
        (field, re.compile(f"^[^，。；：]{{0,10}}(?:{names.pattern})[^，。；：]{{0,6}}$")) for field, names in fields
    )


def read_guides(document: Document) -> tuple[tuple[Guide, ...], ...]:
    """For each top section of a document the guide fields that hold there, at most three of each.

    Those the section states itself; of fields that it does not state, those that one other section alone states.
    """
    stated = [_stated(document, section) for section in document.sections]
    stating = Counter(field for part in stated for field in {guide.field for guide in part})
    alone = [guide for part in stated for guide in part if stating[guide.field] == 1]
    held: list[tuple[Guide, ...]] = []
    for own in stated:
        fields = {guide.field for guide in own}
        held.append((*own, *(guide for guide in alone if guide.field not in fields)))
    return tuple(held)


def _stated(document: Document, top: Section) -> tuple[Guide, ...]:
    found: list[Guide] = []
    for section in top.walk():
        for guide in _of(document, section):
            same = [other for other in found if other.field == guide.field]
            if len(same) < _MOST and all(other.span.start != guide.span.start for other in same):
                found.append(guide)
    return tuple(found)


def _of(document: Document, section: Section) -> Iterator[Guide]:
    clean = section_text(document, section)
    heading = (section.heading or "").strip("。：: ")
    for field, names in patterns("guide"):
        if re.search(f"(?:^|\\n)(?:{names.pattern})[：:]\\s*$", clean.text):
            for child in section.children:
                yield from _under(document, child, field, "")
    scope = _SCOPE.search(clean.text)
    if scope:
        yield from _guide(document, clean, "惠及对象", *scope.span("value"))
    for field, pattern in _headed():
        if heading and pattern.match(heading):
            yield from _under(document, section, field, heading)
    for field, pattern in _labelled():
        for hit in pattern.finditer(clean.text):
            yield from _guide(document, clean, field, *hit.span("value"))


def _under(document: Document, section: Section, field: str, heading: str) -> Iterator[Guide]:
    """What stands below a heading: the section's own words, else those of the sections below it."""
    for part in section.walk():
        clean = section_text(document, part)
        start = clean.text.find(heading) + len(heading) if part is section and heading in clean.text else 0
        while start < len(clean.text) and clean.text[start] in "。：:）) \n":
            start += 1
        if start < len(clean.text):
            stop = clean.text.find("\n", start)
            end = min(len(clean.text) if stop < 0 else stop, start + _LONGEST)
            yield from _guide(document, clean, field, start, end)


def _guide(document: Document, clean: CleanText, field: str, start: int, end: int) -> Iterator[Guide]:
    if field == "咨询电话":
        number = _TELEPHONE.search(clean.text, start, min(end + 40, len(clean.text)))
        if number is None:
            return
        start, end = number.span()
    spans = clean.locate(start, end, document.text)
    if spans:
        yield Guide(field, clean.text[start:end].strip(), Span(spans[0].start, spans[-1].end))
