"""Facts a document states about itself: number, issuers, days, kind, region, level, the documents it names.

Only what is printed is read; a fact that is not there is None. Terms follow GB/T 9704-2012
(发文字号、发文机关、成文日期). Each fact points at the words that it was read from.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from ingest.contacts import contacts, listed_contacts
from ingest.days import DAY, Term, iso, read_term
from ingest.document import Fact, Relation, Table
from ingest.front import DOC_NUMBER, NUMBERED_TITLE, ORDER_COUNT, ORDER_HEAD, ORDER_NUMBER
from ingest.named import named
from ingest.numerals import NARROW
from ingest.organs import ENACTOR, ORGAN, enactor, level_of, organs, region_of, short_place
from ingest.outline import Outline
from ingest.paragraphs import Paragraph
from ingest.prose import Prose
from ingest.stated import DATE, Stated, block_of, day_of, each_of, first_of, label_of, printed_on, signature_of
from ingest.titles import kind_of, own_names, period_of, title_fact, title_place, within_title

_ISSUER_LABELS = ("发文机关", "发布机关", "发布机构", "发文单位", "发布单位", "制定机关", "印发机关", "颁布单位")
_DATE_LABELS = (
    "成文日期",
    "发文日期",
    "印发日期",
    "发布日期",
    "公布日期",
    "颁布日期",
    "发布时间",
    "发表时间",
    "公开日期",
)
_PUBLISH_LABELS = ("发布日期", "公布日期", "颁布日期", "发布时间", "发表时间", "公开日期")
_START_LABELS = ("施行日期", "实施日期", "生效日期")
_END_LABELS = ("失效日期", "废止日期", "有效期至")
_ORDER = re.compile(
    rf"（?{DAY}(?P<by>[\u4e00-\u9fff、]{{2,80}}?)(?:令|公告|第[\d〇一二三四五六七八九十百]+号|发布|公布|制定|印发)"
)
_SOURCE_LABELS = ("来源", "信息来源", "文章来源", "稿源")
_NUMBER_LABELS = ("发文字号", "文号", "文件编号")


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


def read_facts(
    outline: Outline, paragraphs: Sequence[Paragraph], tables: Sequence[Table], labels: Mapping[str, str], source: str
) -> Facts:
    """The facts of a document with this outline; `paragraphs` are its own in reading order, `source` the decoded text,
    `labels` what its format states outside the text (`ingest.layout.Layout.labels`); what is printed goes before."""
    front = [Prose(paragraph, source) for paragraph in outline.front]
    tail = [Prose(paragraph, source) for paragraph in outline.tail]
    prose = [Prose(paragraph, source) for paragraph in paragraphs]
    block = {**{label: label_of(label, value, source) for label, value in labels.items()}, **block_of(front)}
    for bare in ("日期", "时间"):  # of the line under the title of a page
        if bare in block and bare in labels and "发布日期" not in block:
            block["发布日期"] = block[bare]
    signature = signature_of(prose)
    printed = outline.title if outline.titled else labels.get("标题", outline.title)
    title = re.sub(r"^(?:\s|\ufeff|Title[:：]|标题[:：])+", "", printed).rstrip() or printed.strip()
    place, says = title_place(front, title), _says(front)
    number = _doc_number(block, front, title)
    told = _issuers(block, front, tail, signature, place)
    if not told and says and (several := organs(says.value)):
        told = each_of(several, says)
    if not told and (source_of := first_of(block, _SOURCE_LABELS)) and not re.match(r"[省市区县]", source_of.value):
        told = each_of(organs(source_of.value), source_of)  # 区民政局 does not say of which place
    issuers = [one for at, one in enumerate(told) if one.value not in [before.value for before in told[:at]]]
    published = _publish_date(block, front)
    issued = _issue_date(block, front, tail, signature) or published
    kind = kind_of(title)
    region = _region(issuers, says, place, prose)
    term = _term(outline, prose, front, block, title, issued)
    period = period_of(title)
    level = level_of(issuers[0].value if issuers else None, region.value if region else None)
    facts = [
        *title_fact(front, place),
        *(number.fact("doc_number") if number else ()),
        *(fact for issuer in issuers for fact in issuer.fact("issuer")),
        *(issued.fact("issue_date") if issued else ()),
        *(published.fact("publish_date") if published else ()),
        *term.facts,
        *(within_title(place, kind, "kind") if kind else ()),
        *(region.fact("region") if region else ()),
        *([Fact("level", level, at.start, at.end) for at in issuers[0].fact("issuer")] if level and issuers else ()),
        *(within_title(place, period[2], "period") if period else ()),
        *contacts(prose),
        *listed_contacts(tables, source),
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


def _says(front: Sequence[Prose]) -> Stated | None:
    """The organ or place in 【】 before the title, as sites that gather documents print it."""
    for one in front[:3]:
        found = re.match(r"【([\u4e00-\u9fff]{2,30})】", one.text)
        if found:
            return Stated(found[1], one, *found.span(1))
    return None


def _doc_number(block: Mapping[str, Stated], front: Sequence[Prose], title: str) -> Stated | None:
    """A number on a line of its own, or after its label; numbers cited in a sentence are others' numbers."""
    labelled = first_of(block, _NUMBER_LABELS)
    if labelled and (found := DOC_NUMBER.search(labelled.value) or ORDER_NUMBER.fullmatch(labelled.value.strip())):
        at = labelled.prose.text.find(_narrow(found.group())) if labelled.prose else -1
        value = _narrow(found.group())
        return Stated(value, labelled.prose, at, at + len(value)) if at >= 0 else Stated(value)
    for number, one in enumerate(front):
        text = one.paragraph.text
        if len(text) <= 60 and not re.search(r"[，。；《]", text):
            found = DOC_NUMBER.search(text)
            if found and found.group() not in title:
                inside = DOC_NUMBER.search(one.text)
                value = _narrow(found.group())
                return Stated(value, one, *inside.span()) if inside else Stated(value)
            if order := _order_number(one, front[number + 1] if number + 1 < len(front) else None):
                return order
    return None


def _order_number(one: Prose, below: Prose | None) -> Stated | None:
    """The number of an order or announcement: `某市人民政府令第107号` on one line, or on two."""
    text = one.paragraph.text.strip("（）() ")
    if titled := NUMBERED_TITLE.match(one.paragraph.text):
        number = _narrow(titled["number"])
        return Stated(number, one, 0, len(number))
    if ORDER_NUMBER.fullmatch(text):
        return Stated(_narrow(text), one, 0, len(one.text))
    if below is not None and ORDER_HEAD.fullmatch(text) and ORDER_COUNT.fullmatch(below.paragraph.text):
        count = _narrow(re.sub(r"^[（(]|[）)]$", "", below.paragraph.text))
        return Stated(_narrow(text) + count, below, 0, len(below.text))
    return None


def _narrow(number: str) -> str:
    """A number without blanks, its digits in half width: as it is cited."""
    return "".join(number.split()).translate(NARROW)


def _issuers(
    block: Mapping[str, Stated],
    front: Sequence[Prose],
    tail: Sequence[Prose],
    signature: tuple[list[Stated], Stated] | None,
    title: Stated | None,
) -> list[Stated]:
    """The labelled issuers, the letterhead, the signatures, those that enacted it, or those that open the title."""
    labelled = first_of(block, _ISSUER_LABELS)
    if labelled:
        several = organs(labelled.value)
        return each_of(several, labelled) if several else [labelled]
    alone = [(one, found) for one in front if len(one.text) <= 60 and (found := _letterhead(one))]
    for start, (one, _) in enumerate(alone[:1]):
        at = front.index(one)
        run = [found for follower, found in alone[start:] if front.index(follower) - at < 6]
        return [item for found in run for item in found]
    if signature:
        return signature[0]
    signed = [(one, organs(one.paragraph.text)) for one in tail if not DATE.match(one.paragraph.text)]
    if any(found for _, found in signed):
        return [item for one, found in signed for item in each_of(found, Stated(one.text, one, 0, len(one.text)))]
    loose = [one for one in tail if not DATE.match(one.paragraph.text) and ORGAN.search(one.text)]
    if loose:
        return [Stated(re.sub(r"文件$", "", loose[0].paragraph.text).strip(), loose[0], 0, len(loose[0].text))]
    for one in front:
        enacted = ENACTOR.search(one.text) if len(one.text) <= 400 and re.match(rf"（?{DAY}", one.text) else None
        if enacted:
            return [Stated(enactor(enacted), one, *enacted.span())]
        ordered = _ORDER.match(one.text) if len(one.text) <= 400 else None
        if ordered and (several := organs(ordered["by"])):
            return each_of(several, Stated(one.text, one, *ordered.span("by")))
    if title and title.prose:
        opened = re.match(r"(.{4,80}?)关于", title.value)
        several = organs(opened[1]) if opened else ()
        if several:
            return each_of(several, title)
    return []


def _letterhead(one: Prose) -> list[Stated]:
    """The organs of a line that names nothing else."""
    text = re.sub(r"文件$|(?:令|公告)$", "", one.paragraph.text)
    several = organs(text) if ORGAN.fullmatch(text) or re.search(r"[\s、]", text) else ()
    return each_of(several, Stated(one.text, one, 0, len(one.text)))


def _issue_date(
    block: Mapping[str, Stated],
    front: Sequence[Prose],
    tail: Sequence[Prose],
    signature: tuple[list[Stated], Stated] | None,
) -> Stated | None:
    """The signed date, the labelled date, or the first date that stands alone in the front matter."""
    if signature:
        return signature[1]
    labelled = first_of(block, _DATE_LABELS)
    texts = [(one, one.paragraph.text, False) for one in tail]
    for one, text, named_so in [*texts, *([(labelled.prose, labelled.value, True)] if labelled else [])] + [
        (one, one.paragraph.text, False) for one in front
    ]:
        found = DATE.match(text.strip("（）()—– "))
        enacted = re.search(r"(?:通过|公布|发布|印发|会议上)(?:[）)]|$)", text) is not None and len(text) <= 60
        if found and (len(text) <= 22 or named_so or enacted) and (day := day_of(found)):
            printed = _narrow(found.group())
            at = one.text.find(printed) if one else -1
            return Stated(day, one, at, at + len(printed)) if at >= 0 else Stated(day)
    return None


def _publish_date(block: Mapping[str, Stated], front: Sequence[Prose]) -> Stated | None:
    """The labelled day of publication, or that of the line of enactment (…年…月…日…令第…号公布)."""
    labelled = first_of(block, _PUBLISH_LABELS)
    if labelled and (found := DATE.match(labelled.value)) and (day := day_of(found)):
        at = labelled.prose.text.find("".join(found.group().split())) if labelled.prose else -1
        return Stated(day, labelled.prose, at, labelled.end) if at >= 0 else Stated(day)
    for one in front:
        said = re.match(rf"（?(?P<day>{DAY})[^，。；）]{{0,100}}?(?:公布|发布)(?=[，。；）]|$|自|根据|\d)", one.text)
        if said and (day := iso(said["day"])):
            return Stated(day, one, said.start("day"), said.end())
    return None


def _region(
    issuers: Sequence[Stated], says: Stated | None, title: Stated | None, prose: Sequence[Prose]
) -> Stated | None:
    """The place that issuer, source or title names, as printed; in full where the source does (某省某市某县)."""
    told = [one for one in (*issuers[:1], says, title) if one]
    found = region_of([one.value for one in told])
    if not found:
        short = short_place(title.value, (one.text for one in prose)) if title and not issuers else None
        return Stated(short[0], prose[short[1]], short[2], short[2] + len(short[0])) if short else None
    value, number = found
    if says and (full := region_of([says.value])) and full[0].endswith(value):
        value, number = full[0], told.index(says)
    one = told[number]
    at = one.prose.text.find(value, one.start) if one.prose else -1
    return Stated(value, one.prose, at, at + len(value)) if at >= 0 else Stated(value)


def _term(
    outline: Outline,
    prose: Sequence[Prose],
    front: Sequence[Prose],
    block: Mapping[str, Stated],
    title: str,
    issued: Stated | None,
) -> Term:
    """When the document holds: what its text says, failing that what a label says."""
    annexes = sorted((s.start, s.end) for s in outline.sections if s.path.startswith(("附件", "附录", "附表")))
    ends = list(accumulate((end for _, end in annexes), max, initial=0))
    begins = [one.paragraph.spans[0].start for one in prose]
    annex = [at < ends[bisect_right(annexes, at, key=lambda one: one[0])] for at in begins]
    labelled = {
        name: (found, day)
        for name, labels in (("effective_date", _START_LABELS), ("valid_until", _END_LABELS))
        if (found := first_of(block, labels)) and (date := DATE.match(found.value)) and (day := day_of(date))
    }
    since = labelled["effective_date"][1] if "effective_date" in labelled else printed_on(prose)
    told = issued.value if issued else None
    term = read_term(prose, own_names(front, title), told, since or told, annex)
    effective, until, facts = term.effective, term.until, list(term.facts)
    if "effective_date" in labelled and effective is None:
        found, effective = labelled["effective_date"]
        facts += replace(found, value=effective).fact("effective_date")
    if "valid_until" in labelled and (until is None or "valid_until" in term.counted):
        found, until = labelled["valid_until"]
        facts = [fact for fact in facts if fact.name not in ("valid_until", "validity_rule")]
        facts += replace(found, value=until).fact("valid_until")
    return Term(effective=effective, until=until, facts=tuple(facts))
