"""What an application guide says beside its provisions: for whom, on what terms, how fast, where, which telephone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from index.provisions.record import Guide
from index.provisions.words import AMOUNT, Patterns, patterns
from ingest.chunks import section_text
from ingest.document import CleanText, Document, Section, Span

_BEFORE, _AFTER = r"(?<![\w，、])[（(【]?", r"[^：:。；，\n]{0,12}[：:]\s*(?P<value>[^。；\n]{2,160})"
_SCOPE = re.compile(
    r"(?:本|该)(?:办法|细则|政策|措施|规定|通知|意见|方案)[^。；，]{0,6}适用于(?P<value>[^。；\n]{2,160})"
)
_ACTIVITY = re.compile(r"(?:工作|活动|管理|行为|应对|监督)[。；]?$")  # what is regulated, not who is served
_APPLYING = re.compile(r"申[请报]|办理|受理|咨询|联系|指南|其他|附则")
_TELEPHONE = re.compile(r"(?<!\d)(?:\(?0\d{2,3}\)?[-—－ ]?\d{7,8}|1[23]\d{3}|[48]00[- ]?\d{3}[- ]?\d{4})(?!\d)")
_LONGEST = 600  # characters of a value that stands under a heading
_MOST = 3  # of each field
_CONTACTS = frozenset({"咨询电话", "受理部门", "申报时间", "兑现时限"})


@dataclass(frozen=True, slots=True)
class _Stated:
    """A guide and the section that it holds for with all below it.

    `whole` tells that a section does nothing but guide, so that what it says may hold everywhere; `scope` that it does.
    """

    guide: Guide
    home: Section
    whole: bool = False
    scope: bool = False


@cache
def _labelled() -> Patterns:
    """`咨询电话：…` within a text."""
    fields = patterns("guide")
    return tuple((field, re.compile(f"{_BEFORE}(?:{names.pattern}){_AFTER}")) for field, names in fields)


@cache
def _ended() -> Patterns:
    """A text that ends in the label, of what stands below."""
    fields = patterns("guide")
    return tuple((field, re.compile(f"(?:^|\\n)(?:{names.pattern})[：:]\\s*$")) for field, names in fields)


@cache
def _headed() -> Patterns:
    """A heading that is the label."""
    fields = patterns("guide")
    return tuple(
        (field, re.compile(f"^[^，。；：]{{0,10}}(?:{names.pattern})[^，。；：]{{0,6}}$")) for field, names in fields
    )


def read_guides(document: Document) -> dict[int, tuple[Guide, ...]]:
    """For each section of a document, by where it starts, the guide fields that hold there: at most three of each.

    What stands under a label (补贴对象) holds for all that the label's neighbours say, what a section says within its
    text for the section and all below it; the nearest statement counts. What a top section or the document's scope
    states, and whom to ask, holds everywhere when nothing else states it.
    """
    stated: list[_Stated] = []
    for top in document.sections:
        _collect(document, top, None, stated)
    by_home: dict[int, list[_Stated]] = {}
    for one in stated:
        by_home.setdefault(one.home.start, []).append(one)
    homes = Counter(field for _, field in {(one.home.start, one.guide.field) for one in stated})
    alone = [
        one.guide
        for one in stated
        if one.scope or (homes[one.guide.field] == 1 and (one.whole or one.guide.field in _CONTACTS))
    ]
    held: dict[int, tuple[Guide, ...]] = {}
    for top in document.sections:
        _hand_down(top, tuple(_first_three(alone)), by_home, held)
    return held


def _hand_down(
    section: Section, above: tuple[Guide, ...], by_home: dict[int, list[_Stated]], held: dict[int, tuple[Guide, ...]]
) -> None:
    own = _first_three(one.guide for one in by_home.get(section.start, ()) if not one.scope)
    fields = {guide.field for guide in own}
    held[section.start] = (*own, *(guide for guide in above if guide.field not in fields))
    for child in section.children:
        _hand_down(child, held[section.start], by_home, held)


def _first_three(guides: Iterable[Guide]) -> list[Guide]:
    found: list[Guide] = []
    for guide in guides:
        same = [other for other in found if other.field == guide.field]
        if len(same) < _MOST and all(other.span.start != guide.span.start for other in same):
            found.append(guide)
    return found


def _collect(document: Document, section: Section, parent: Section | None, stated: list[_Stated]) -> None:
    clean = section_text(document, section)
    heading = (section.heading or "").strip("。：: ")
    labels = [field for field, pattern in _headed() if heading and pattern.match(heading)]
    alone = (parent is None and not section.children) or _is_guide(document, section)
    for field in labels:
        found = _under(document, section, field, heading)
        whole = parent is None or _is_guide(document, parent)
        stated += [_Stated(guide, parent or section, whole) for guide in found]
    for field, pattern in _ended() if clean.text.rstrip().endswith(("：", ":")) else ():
        if field not in labels and pattern.search(clean.text):
            stated += [_Stated(guide, section, alone) for guide in _under(document, section, field, clean.text)]
    scope = _SCOPE.search(clean.text)
    if scope and not _ACTIVITY.search(scope["value"]):
        found = _guide(document, clean, "惠及对象", *scope.span("value"))
        stated += [_Stated(guide, section, scope=True) for guide in found]
    for field, pattern in _labelled() if "：" in clean.text or ":" in clean.text else ():
        if field not in labels:
            for hit in pattern.finditer(clean.text):
                stated += [
                    _Stated(guide, section, alone) for guide in _guide(document, clean, field, *hit.span("value"))
                ]
    for child in section.children:
        _collect(document, child, section, stated)


def _is_guide(document: Document, section: Section) -> bool:
    """Whether a section tells how to apply (二、申报) and gives nothing itself."""
    text = document.text[section.start : section.end]
    return _APPLYING.search(section.heading or "") is not None and AMOUNT.search(text) is None


def _under(document: Document, section: Section, field: str, label: str) -> Iterator[Guide]:
    """What stands below a label, as one: the section's own words and those of the sections below it, while few."""
    said: list[str] = []
    spans: list[Span] = []
    for part in section.walk():
        clean = section_text(document, part)
        start = clean.text.find(label) + len(label) if part is section and label in clean.text else 0
        while start < len(clean.text) and clean.text[start] in "。：:）) \n":
            start += 1
        text = clean.text[start:].strip()
        located = clean.locate(start, start + len(clean.text[start:].rstrip()), document.text) if text else ()
        if not located:
            continue
        if field == "咨询电话":
            yield from _guide(document, clean, field, start, len(clean.text))
            return
        if said and sum(map(len, said)) + len(text) > _LONGEST:
            break
        said.append(text[:_LONGEST])
        spans += located
    if said:
        end = spans[-1].end if len("".join(said)) < _LONGEST or len(said) > 1 else spans[0].end
        yield Guide(field, "".join(said), Span(spans[0].start, end))


def _guide(document: Document, clean: CleanText, field: str, start: int, end: int) -> Iterator[Guide]:
    if field == "咨询电话":
        number = _TELEPHONE.search(clean.text, start, min(end + 40, len(clean.text)))
        if number is None:
            return
        start, end = number.span()
    spans = clean.locate(start, end, document.text)
    if spans:
        yield Guide(field, clean.text[start:end].strip(), Span(spans[0].start, spans[-1].end))
