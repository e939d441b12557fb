"""Facts a document states about itself: number, issuer, date, kind, region, period, the documents it names.

Only what is printed is read; a fact that is not there is None. Terms follow GB/T 9704-2012
(发文字号、发文机关、成文日期).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.document import Relation
from ingest.front import DOC_NUMBER, facts_block
from ingest.numbering import DIGITS, han_to_int
from ingest.outline import Outline
from ingest.paragraphs import TITLE

_ISSUER_LABELS = ("发文机关", "发布机关", "发布机构", "发文单位", "发布单位", "制定机关", "印发机关", "颁布单位")
_DATE_LABELS = ("成文日期", "发文日期", "印发日期", "发布日期", "公布日期", "颁布日期", "发布时间", "公开日期")
_NUMBER_LABELS = ("发文字号", "文号", "文件编号")
_ORGAN = re.compile(
    r"(?:[\u4e00-\u9fff]{2,30}?(?:人民政府(?:办公厅|办公室)?|委员会(?:办公室)?|办公厅|办公室|管理局|总局|局|厅|部|党委|市委|区委|县委|国务院|法院|检察院|银行|公积金管理中心))"
)
_DATE = re.compile(
    r"(?P<y>\d{4}|[二〇○零一三四五六七八九ＯO]{4})\s?[年\-/.]\s?(?P<m>\d{1,2}|[一二三四五六七八九十]{1,2})\s?[月\-/.]\s?(?P<d>\d{1,2}|[一二三四五六七八九十]{1,3})\s?日?"
)
_PERIOD = re.compile(r"(?P<a>20\d\d)\s?年?\s?(?:[-—–－~～至]|——)\s?(?P<b>20\d\d)\s?年")
_NAMED = re.compile(r"《([^《》\n]{2,120}(?:《[^《》]{2,60}》[^《》]{0,20})?)》")
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
_PROVINCES = (
    "北京",
    "天津",
    "上海",
    "重庆",
    "河北",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "台湾",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
)
_BASIS = re.compile(r"(?:根据|依据|按照|贯彻落实|贯彻|落实|遵照|执行)[^。；]{0,40}$")
_REPEALS = re.compile(r"^[^。；]{0,30}(?:同时废止|予以废止|停止执行|同时失效)")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """See `ingest.document.Document` for what each field holds."""

    title: str
    doc_number: str | None
    issuer: str | None
    issue_date: str | None
    kind: str | None
    region: str | None
    period: tuple[str, str] | None
    relations: tuple[Relation, ...]


def read_facts(outline: Outline, texts: Sequence[str], labels: Mapping[str, str]) -> Facts:
    """The facts of a document with this outline; `texts` are its paragraphs in reading order, `labels` what its format
    states outside the text (`ingest.layout.Layout.labels`), which what is printed overrules."""
    block = {**labels, **facts_block(outline.front)}
    front = [paragraph.text for paragraph in outline.front]
    title = re.sub(r"^[\s\ufeff]+|[\s]+$", "", outline.title)
    return Facts(
        title=title,
        doc_number=_doc_number(block, front, title),
        issuer=_issuer(block, outline, front, title),
        issue_date=_issue_date(block, outline, front),
        kind=_kind(title),
        region=_region(title, _issuer(block, outline, front, title)),
        period=_period(title),
        relations=_relations(texts, title),
    )


def _kind(title: str) -> str | None:
    """The kind of document that the title ends (or, before a colon, begins) with."""
    bare = re.sub(r"[（(][^（）()]*[）)]$", "", title)
    return next((k for k in _KINDS if bare.endswith(k)), None) or next(
        (k for k in _KINDS if re.match(rf"{k}[:：]", bare)), None
    )


def _first(block: dict[str, str], labels: Sequence[str]) -> str | None:
    return next((block[label] for label in labels if label in block), None)


def _doc_number(block: dict[str, str], front: Sequence[str], title: str) -> str | None:
    """A number on a line of its own, or after its label; numbers cited in a sentence are others' numbers."""
    labelled = _first(block, _NUMBER_LABELS)
    for text in ([labelled] if labelled else []) + [
        t for t in front if len(t) <= 60 and not re.search(r"[，。；《]", t)
    ]:
        found = DOC_NUMBER.search(text)
        if found and found.group() not in title:
            return re.sub(r"\s", "", found.group())
    return None


def _issuer(block: dict[str, str], outline: Outline, front: Sequence[str], title: str) -> str | None:
    """The labelled issuer, the letterhead, the signature, or the organ that opens the title."""
    labelled = _first(block, _ISSUER_LABELS)
    if labelled:
        return labelled
    signed = [p.text for p in outline.tail if not _DATE.match(p.text) and _ORGAN.search(p.text)]
    alone = [text for text in front if len(text) <= 40 and _ORGAN.fullmatch(re.sub(r"文件$", "", text))]
    for text in (*alone, *signed):
        return re.sub(r"文件$", "", text).strip()
    opened = re.match(rf"({_ORGAN.pattern})(?=.{{0,20}}关于)", title)
    return opened.group(1) if opened else None


def _issue_date(block: dict[str, str], outline: Outline, front: Sequence[str]) -> str | None:
    """The signed date, the labelled date, or the first date that stands alone in the front matter."""
    labelled = _first(block, _DATE_LABELS)
    for text in [p.text for p in outline.tail] + ([labelled] if labelled else []) + list(front):
        found = _DATE.match(text.strip("（）() "))
        enacted = re.search(r"(?:通过|公布|发布|印发)(?:[）)]|$)", text) is not None and len(text) <= 60
        if found and (len(text) <= 22 or text == labelled or enacted):
            return _iso(found)
    return None


def _iso(found: re.Match[str]) -> str | None:
    year = found["y"]
    if not year.isdigit():
        year = "".join(str(DIGITS.index(char)) if char in DIGITS else "0" for char in year)
    month, day = han_to_int(found["m"]), han_to_int(found["d"])
    return f"{year}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else None


def _region(title: str, issuer: str | None) -> str | None:
    """The place that issuer or title names, as printed."""
    for text in (issuer or "", title):
        place = re.match(
            r"(?:[\u4e00-\u9fff]{2,7}?(?:特别行政区|自治区|自治州|省|市|新区|县|区))+",
            re.sub(r"^(?:中共|关于)", "", text),
        )
        if place:
            return place.group()
        province = next((name for name in _PROVINCES if text.startswith(name)), None)
        if province:
            return province
    return None


def _period(title: str) -> tuple[str, str] | None:
    """The years a plan covers, where its title says so: （2020-2025年）."""
    found = _PERIOD.search(title)
    return (found["a"], found["b"]) if found and found["a"] < found["b"] else None


def _relations(texts: Sequence[str], own: str) -> tuple[Relation, ...]:
    """Every document named in 《…》, once, with the strongest relation that its context states."""
    rank = {"names": 0, "based_on": 1, "repeals": 2}
    found: dict[str, str] = {}
    for text in texts:
        for match in _NAMED.finditer(text):
            name = match.group(1).strip()
            if _bare(name) == _bare(own) or not (TITLE.search(name) or name.endswith(("法", "法》"))):
                continue
            before, after = text[: match.start()], text[match.end() :]
            kind = "repeals" if _REPEALS.match(after) else "based_on" if _BASIS.search(before) else "names"
            if rank[kind] >= rank[found.get(name, "names")]:
                found[name] = kind
    short = {name for name in found if any(other != name and other.endswith(name) for other in found)}
    return tuple(Relation(type=kind, title=name) for name, kind in found.items() if name not in short)


def _bare(title: str) -> str:
    return re.sub(r"[\W_]+", "", title)
