"""Facts a document states about itself: number, issuers, days, kind, region, level, the documents it names.

Only what is printed is read; a fact that is not there is None. Terms follow GB/T 9704-2012
(发文字号、发文机关、成文日期). Each fact points at the words that it was read from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.contacts import contacts
from ingest.days import DAY, Term, iso, read_term
from ingest.document import Fact, Relation
from ingest.front import DOC_NUMBER, FACT
from ingest.named import named
from ingest.numbering import han_to_int
from ingest.organs import ENACTOR, ORGAN, enactor, level_of, organs, region_of
from ingest.outline import Outline
from ingest.paragraphs import Paragraph
from ingest.prose import Prose

_ISSUER_LABELS = ("发文机关", "发布机关", "发布机构", "发文单位", "发布单位", "制定机关", "印发机关", "颁布单位")
_DATE_LABELS = ("成文日期", "发文日期", "印发日期", "发布日期", "公布日期", "颁布日期", "发布时间", "公开日期")
_PUBLISH_LABELS = ("发布日期", "公布日期", "颁布日期", "发布时间", "公开日期")
_START_LABELS = ("施行日期", "实施日期", "生效日期")
_END_LABELS = ("失效日期", "废止日期", "有效期至")
_ISSUES = re.compile(r"(?:印发|发布|公布)《(.+)》|(?:印发|发布|公布)([^《》]{4,60})的(?:通知|公告|通告|决定|函)$")
_ORDER = re.compile(
    rf"（?{DAY}(?P<by>[\u4e00-\u9fff、]{{2,80}}?)(?:令|公告|第[\d〇一二三四五六七八九十百]+号|发布|公布|制定|印发)"
)
_NUMBER_LABELS = ("发文字号", "文号", "文件编号")
_DATE = re.compile(
    r"(?P<y>\d{4}|[二〇○零一三四五六七八九ＯO]{4})\s?[年\-/.]\s?(?P<m>\d{1,2}|[一二三四五六七八九十]{1,2})\s?[月\-/.]\s?(?P<d>\d{1,2}|[一二三四五六七八九十]{1,3})\s?日?"
)
_PERIOD = re.compile(r"(?P<a>20\d\d)\s?年?\s?(?:[-—–－~～至]|——)\s?(?P<b>20\d\d)\s?年")
_KINDS = (
    "行动方案",
    "实施方案",
    "工作方案",
    "实施细则",
    "管理办法",
    "实施办法",
    "暂行办法",
    "若干措施",
    "政策措施",
    "实施意见",
    "指导意见",
    "方案",
    "办法",
    "条例",
    "规定",
    "细则",
    "规则",
    "意见",
    "通知",
    "通告",
    "公告",
    "决定",
    "批复",
    "函",
    "报告",
    "规划",
    "计划",
    "纲要",
    "措施",
    "指南",
    "指引",
    "问答实录",
    "问答",
    "解读",
    "章程",
    "标准",
    "目录",
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """See `ingest.document.Document` for what each field holds."""

    title: str
    doc_number: str | None
    issuers: tuple[str, ...]
    issue_date: str | None
    publish_date: str | None
    effective_date: str | None
    valid_until: str | None
    kind: str | None
    region: str | None
    level: str | None
    period: tuple[str, str] | None
    relations: tuple[Relation, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A value, and the words that it was read from (`None` for what stands outside the text)."""

    value: str
    prose: Prose | None = None
    start: int = 0
    end: int = 0

    def fact(self, name: str) -> list[Fact]:
        """The fact of that name, if it has a place."""
        return [self.prose.fact(name, self.value, self.start, self.end)] if self.prose and self.end else []


def read_facts(outline: Outline, paragraphs: Sequence[Paragraph], labels: Mapping[str, str], source: str) -> Facts:
    """The facts of a document with this outline; `paragraphs` are its own in reading order, `source` the decoded text,
    `labels` what its format states outside the text (`ingest.layout.Layout.labels`); what is printed goes before."""
    front = [Prose(paragraph, source) for paragraph in outline.front]
    tail = [Prose(paragraph, source) for paragraph in outline.tail]
    prose = [Prose(paragraph, source) for paragraph in paragraphs]
    block = {**{label: _Found(value) for label, value in labels.items()}, **_block(front)}
    title = re.sub(r"^[\s\ufeff]+|[\s]+$", "", outline.title)
    place, says = _title_place(front, title), _says(front, title)
    number = _doc_number(block, front, title)
    told = _issuers(block, front, tail, place)
    issuers = [one for at, one in enumerate(told) if one.value not in [before.value for before in told[:at]]]
    published = _publish_date(block, front)
    issued = _issue_date(block, front, tail) or published
    kind = _kind(title)
    region = _region(issuers, says, place)
    term = _term(outline, prose, front, block, title, issued)
    period = _period(title)
    level = level_of(issuers[0].value if issuers else None, region.value if region else None)
    facts = [
        *_title_fact(front, place),
        *(number.fact("doc_number") if number else ()),
        *(fact for issuer in issuers for fact in issuer.fact("issuer")),
        *(issued.fact("issue_date") if issued else ()),
        *(published.fact("publish_date") if published else ()),
        *term.facts,
        *(_within(place, kind, "kind") if kind else ()),
        *(region.fact("region") if region else ()),
        *([Fact("level", level, at.start, at.end) for at in issuers[0].fact("issuer")] if level and issuers else ()),
        *(_within(place, period[2], "period") if period else ()),
        *contacts(prose),
    ]
    return Facts(
        title=title,
        doc_number=number.value if number else None,
        issuers=tuple(issuer.value for issuer in issuers),
        issue_date=issued.value if issued else None,
        publish_date=published.value if published else None,
        effective_date=term.effective,
        valid_until=term.until,
        kind=kind,
        region=region.value if region else None,
        level=level,
        period=period[:2] if period else None,
        relations=named(prose, title),
        facts=tuple(facts),
    )


def _block(front: Sequence[Prose]) -> dict[str, _Found]:
    """Label → value of the key-value lines (`发布日期: 2025-10-13`) of the front matter."""
    found: dict[str, _Found] = {}
    for one in front:
        match = FACT.fullmatch(one.paragraph.text)
        if match:
            value = match["value"].strip()
            end = len(one.text)
            size = len("".join(value.split()))
            found.setdefault(match["label"], _Found(value, one, max(0, end - size), end))
    return found


def _first(block: Mapping[str, _Found], labels: Sequence[str]) -> _Found | None:
    return next((block[label] for label in labels if label in block), None)


def _title_place(front: Sequence[Prose], title: str) -> _Found | None:
    """Where the title stands: in one paragraph, or from the first to the last of several."""
    bare = "".join(title.split())
    for one in front:
        text = "".join(one.paragraph.text.split())
        at = text.find(bare)
        if at >= 0:
            return _Found(title, one, at, at + len(bare))
    lines = [(one, "".join(one.paragraph.text.split())) for one in front]
    first = next((one for one, text in lines if len(text) > 3 and bare.startswith(text)), None)
    return _Found(title, first, 0, len(first.text)) if first else None


def _title_fact(front: Sequence[Prose], place: _Found | None) -> list[Fact]:
    """The title's fact, to the end of its last line."""
    if place is None or place.prose is None:
        return []
    [fact] = place.fact("title")
    rest = "".join(place.value.split())[place.end - place.start :]
    for one in front[front.index(place.prose) + 1 :]:
        text = "".join(one.paragraph.text.split())
        if not rest or not rest.startswith(text):
            break
        rest, last = rest[len(text) :], one.span(0, len(one.text))
        fact = replace(fact, end=max(fact.end, last.end))
    return [fact]


def _says(front: Sequence[Prose], title: str) -> _Found | None:
    """The organ or place in 【】 before the title, as sites that gather documents print it."""
    for one in front[:3]:
        found = re.match(r"【([\u4e00-\u9fff]{2,30})】", one.text)
        if found:
            return _Found(found[1], one, *found.span(1))
    return None


def _within(place: _Found | None, part: str, name: str) -> list[Fact]:
    """A fact that is a part of the title."""
    if place is None or place.prose is None:
        return []
    at = place.prose.text.rfind("".join(part.split()), place.start, place.end)
    return [place.prose.fact(name, part, at, at + len(part))] if at >= 0 else []


def _kind(title: str) -> str | None:
    """The kind of document that the title ends (or, before a colon, begins) with."""
    bare = re.sub(r"[（(][^（）()]*[）)]$", "", title)
    return next((k for k in _KINDS if bare.endswith(k)), None) or next(
        (k for k in _KINDS if re.match(rf"{k}[:：]", bare)), None
    )


def _doc_number(block: Mapping[str, _Found], front: Sequence[Prose], title: str) -> _Found | None:
    """A number on a line of its own, or after its label; numbers cited in a sentence are others' numbers."""
    labelled = _first(block, _NUMBER_LABELS)
    if labelled and (found := DOC_NUMBER.search(labelled.value)):
        at = labelled.prose.text.find(re.sub(r"\s", "", found.group())) if labelled.prose else -1
        value = re.sub(r"\s", "", found.group())
        return _Found(value, labelled.prose, at, at + len(value)) if at >= 0 else _Found(value)
    for one in front:
        text = one.paragraph.text
        if len(text) <= 60 and not re.search(r"[，。；《]", text):
            found = DOC_NUMBER.search(text)
            if found and found.group() not in title:
                inside = DOC_NUMBER.search(one.text)
                value = re.sub(r"\s", "", found.group())
                return _Found(value, one, *inside.span()) if inside else _Found(value)
    return None


def _issuers(
    block: Mapping[str, _Found], front: Sequence[Prose], tail: Sequence[Prose], title: _Found | None
) -> list[_Found]:
    """The labelled issuers, the letterhead, the signatures, those that enacted it, or those that open the title."""
    labelled = _first(block, _ISSUER_LABELS)
    if labelled:
        several = organs(labelled.value)
        return _each(several, labelled) if several else [labelled]
    alone = [(one, found) for one in front if len(one.text) <= 60 and (found := _letterhead(one))]
    for start, (one, _) in enumerate(alone[:1]):
        at = front.index(one)
        run = [found for follower, found in alone[start:] if front.index(follower) - at < 6]
        return [item for found in run for item in found]
    signed = [(one, organs(one.paragraph.text)) for one in tail if not _DATE.match(one.paragraph.text)]
    if any(found for _, found in signed):
        return [item for one, found in signed for item in _each(found, _Found(one.text, one, 0, len(one.text)))]
    loose = [one for one in tail if not _DATE.match(one.paragraph.text) and ORGAN.search(one.text)]
    if loose:
        return [_Found(re.sub(r"文件$", "", loose[0].paragraph.text).strip(), loose[0], 0, len(loose[0].text))]
    for one in front:
        enacted = ENACTOR.search(one.text) if len(one.text) <= 400 and re.match(rf"（?{DAY}", one.text) else None
        if enacted:
            return [_Found(enactor(enacted), one, *enacted.span())]
        ordered = _ORDER.match(one.text) if len(one.text) <= 400 else None
        if ordered and (several := organs(ordered["by"])):
            return _each(several, _Found(one.text, one, *ordered.span("by")))
    if title and title.prose:
        opened = re.match(r"(.{4,80}?)关于", title.value)
        several = organs(opened[1]) if opened else ()
        if several:
            return _each(several, title)
    return []


def _letterhead(one: Prose) -> list[_Found]:
    """The organs of a line that names nothing else."""
    text = re.sub(r"文件$", "", one.paragraph.text)
    several = organs(text) if ORGAN.fullmatch(text) or re.search(r"[\s、]", text) else ()
    return _each(several, _Found(one.text, one, 0, len(one.text)))


def _each(names: Sequence[str], at: _Found) -> list[_Found]:
    """Several organs of one stretch of text, each with its own place."""
    found: list[_Found] = []
    place = at.start
    for name in names:
        start = at.prose.text.find(name, place, at.end) if at.prose else -1
        if start >= 0:
            place = start + len(name)
            found.append(_Found(name, at.prose, start, place))
        else:
            found.append(_Found(name))
    return found


def _issue_date(block: Mapping[str, _Found], front: Sequence[Prose], tail: Sequence[Prose]) -> _Found | None:
    """The signed date, the labelled date, or the first date that stands alone in the front matter."""
    labelled = _first(block, _DATE_LABELS)
    texts = [(one, one.paragraph.text, False) for one in tail]
    for one, text, named_so in [*texts, *([(labelled.prose, labelled.value, True)] if labelled else [])] + [
        (one, one.paragraph.text, False) for one in front
    ]:
        found = _DATE.match(text.strip("（）() "))
        enacted = re.search(r"(?:通过|公布|发布|印发)(?:[）)]|$)", text) is not None and len(text) <= 60
        if found and (len(text) <= 22 or named_so or enacted) and (day := _iso(found)):
            printed = "".join(found.group().split())
            at = one.text.find(printed) if one else -1
            return _Found(day, one, at, at + len(printed)) if at >= 0 else _Found(day)
    return None


def _publish_date(block: Mapping[str, _Found], front: Sequence[Prose]) -> _Found | None:
    """The labelled day of publication, or that of the line of enactment (…年…月…日…令第…号公布)."""
    labelled = _first(block, _PUBLISH_LABELS)
    if labelled and (found := _DATE.match(labelled.value)) and (day := _iso(found)):
        at = labelled.prose.text.find("".join(found.group().split())) if labelled.prose else -1
        return _Found(day, labelled.prose, at, labelled.end) if at >= 0 else _Found(day)
    for one in front:
        said = re.match(rf"（?(?P<day>{DAY})[^，。；）]{{0,40}}?(?:公布|发布)(?=[，。；）]|$|自|根据|\d)", one.text)
        if said and (day := iso(said["day"])):
            return _Found(day, one, said.start("day"), said.end())
    return None


def _iso(found: re.Match[str]) -> str | None:
    month, day = han_to_int(found["m"]), han_to_int(found["d"])
    return iso(f"{found['y']}年{month}月{day}日")


def _region(issuers: Sequence[_Found], says: _Found | None, title: _Found | None) -> _Found | None:
    """The place that issuer, source or title names, as printed."""
    told = [one for one in (*issuers[:1], says, title) if one]
    found = region_of([one.value for one in told])
    if not found:
        return None
    value, number = found
    one = told[number]
    at = one.prose.text.find(value, one.start) if one.prose else -1
    return _Found(value, one.prose, at, at + len(value)) if at >= 0 else _Found(value)


def _term(
    outline: Outline,
    prose: Sequence[Prose],
    front: Sequence[Prose],
    block: Mapping[str, _Found],
    title: str,
    issued: _Found | None,
) -> Term:
    """When the document holds: what its text says, failing that what a label says."""
    annexes = [(s.start, s.end) for s in outline.sections if s.path.startswith(("附件", "附录", "附表"))]
    annex = [any(low <= one.paragraph.spans[0].start < high for low, high in annexes) for one in prose]
    term = read_term(prose, _own_names(front, title), issued.value if issued else None, annex)
    effective, until, facts = term.effective, term.until, list(term.facts)
    for name, labels in (("effective_date", _START_LABELS), ("valid_until", _END_LABELS)):
        labelled = _first(block, labels)
        found = _DATE.match(labelled.value) if labelled else None
        day = _iso(found) if found else None
        if labelled is None or day is None or (effective if name == "effective_date" else until):
            continue
        effective, until = (day, until) if name == "effective_date" else (effective, day)
        facts += _Found(day, labelled.prose, labelled.start, labelled.end).fact(name)
    return Term(effective=effective, until=until, facts=tuple(facts))


def _own_names(front: Sequence[Prose], title: str) -> list[str]:
    """What the document calls itself in 《》: its title, the title that it issues, what either is called for short."""
    bare = "".join(title.split())
    names = [bare, re.sub(r"[（(][^（）()]*[）)]$", "", bare)]
    names += [one[1] or one[2] for one in _ISSUES.finditer(bare)]
    text = "".join(one.text for one in front)
    for match in re.finditer(r"《([^《》]+)》[^，。；]{0,30}?（[^（）]{0,12}?简称：?[《“]([^《》“”]{2,20})[》”]", text):
        if match[1] in names:
            names.append(match[2])
    return list(dict.fromkeys(names))


def _period(title: str) -> tuple[str, str, str] | None:
    """The years a plan covers, where its title says so (（2020-2025年）), and the words that do."""
    found = _PERIOD.search(title)
    return (found["a"], found["b"], found.group()) if found and found["a"] < found["b"] else None
