"""The documents that a document names, and what it does to them: based on, amended, repealed, replaced."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.document import Relation
from ingest.front import DOC_NUMBER
from ingest.numbering import Marker, marker
from ingest.paragraphs import TITLE
from ingest.prose import Prose

_NAMED = re.compile(r"《([^《》\n]{2,120}(?:《[^《》]{2,60}》[^《》]{0,20})?)》")
_DOCUMENT = re.compile(
    r".{2,}(?:法|法》|法>|预案|规程|规范|决议|公约|总则|宣言|大纲|制度|细则|要求|条件|十条|条|令|宪法|名录)$"
)
_RANK = {"names": 0, "based_on": 1, "amends": 2, "repeals": 3, "replaces": 4}
_BASIS = re.compile(r"(?:根据|依据|按照|贯彻落实|贯彻|落实|遵照|执行)[^。；]{0,40}$")
_ENDED = re.compile(
    r"[^。；！？]{0,30}?(?:同时|予以|相应|即行|自行|自动|一并|均|全部)?(?:废止|失效|停止执行|停止施行|不再执行)(?!的|后|前|日期|之日)"
)
_ENDS = re.compile(r"(?<!不)(?:废止|停止执行|取消)(?:[^。；，《]{0,20}(?:等)?)$")
_AMENDS = re.compile(r"(?:修改|修订|修正)(?:[^。；，、《根据]{0,12})$")
_AMENDED = re.compile(
    r"(?:作出?(?:如下)?(?:修改|修订|修正)|进行(?:如下)?(?:修改|修订)|(?:第[^，。；]{1,12}[条款项])[^。；]{0,20}?修改为)"
)
_REPLACES = re.compile(r"(?:替代|代替|取代)(?:原|了)?(?:[^。；，《]{0,8})$")
_REPLACED = re.compile(r"(?:由|被|以)本[^，。；]{1,12}(?:替代|代替|取代)")
_NESTED = re.compile(r"《[^《》]*(?:《[^《》]*》[^《》]*)?》|（[^（）]*）|〔[^〔〕]*〕")
_LISTS = re.compile(  # 废止下列文件：, 下列文件予以废止：, 对下列规章作出修改：
    r"(?:(?P<ends>废止|停止执行|宣布失效|失效)|修改|修订|修正)[^。；《]{0,30}(?:下列|以下|如下)[^。；《]{0,30}：|"
    r"[^。；《]{0,30}(?:下列|以下)[^。；《]{0,30}(?:(?P<ended>废止|停止执行|失效)|修改|修订|修正)[^。；《]{0,10}："
)
_NUMBERED = re.compile(r"(?:的[\u4e00-\u9fff]{2,4})?（([^（）]{4,40})")


def named(prose: Sequence[Prose], own: str) -> tuple[Relation, ...]:
    """Every document named in 《…》, once, with the strongest relation that its context states.

    `own` is the document's title: an older document of that title that is repealed counts, other mentions of itself
    don't.
    """
    found: dict[str, Relation] = {}
    over: tuple[str, Marker | None] | None = None  # what the sentence over a list does, and its number
    for one in prose:
        if over or one.paragraph.text.endswith(("：", ":")):
            over = _over(one, over)
        if "《" not in one.paragraph.text:
            continue
        for match in _NAMED.finditer(one.text):
            title = one.printed(*match.span(1)).strip()
            if not (TITLE.search(title) or _DOCUMENT.fullmatch(title)):
                continue
            kind = _kind(one.text[: match.start()], one.text[match.end() :])
            if over and kind == "names" and not re.search(r"《|[^\W\d]{9}", one.text[: match.start()]):
                kind = over[0]
            same = _bare(title) == _bare(own)
            if same and kind != "repeals":
                continue
            relation = Relation(
                type="replaces" if same else kind,
                title=title,
                doc_number=_number(one.text[match.end() :]),
                span=one.span(*match.span()),
            )
            before = found.get(title)
            if before is None or _RANK[relation.type] >= _RANK[before.type]:
                number = relation.doc_number or (before.doc_number if before else None)
                found[title] = replace(relation, doc_number=number)
    short = {title for title in found if any(other != title and other.endswith(title) for other in found)}
    return tuple(relation for title, relation in found.items() if title not in short or _RANK[relation.type] > 1)


def _over(one: Prose, over: tuple[str, Marker | None] | None) -> tuple[str, Marker | None] | None:
    """What the sentence over the list that `one` belongs to does to the documents listed, and that sentence's number;
    `one` may be that sentence, or the first paragraph that is not listed under `over`."""
    if one.text.endswith("：") and (said := _LISTS.search(one.text)):
        return ("repeals" if said["ends"] or said["ended"] else "amends"), marker(one.text)
    if over is None:
        return None
    number = marker(one.text)
    listed = one.text.startswith("《") or (number is not None and (over[1] is None or number.kind > over[1].kind))
    return over if listed else None


def _kind(before: str, after: str) -> str:
    """What the words around a title say of it."""
    rest = _NESTED.sub("", after)
    close = _NESTED.sub("", before)
    if _REPLACES.search(close) or _REPLACED.match(rest.lstrip("，")):
        return "replaces"
    ended = _ENDED.match(rest)
    if (ended and "已" not in ended.group()) or _ENDS.search(close):
        return "repeals"
    if _AMENDS.search(close) or (_AMENDED.match(rest) or re.match(r"[^。；，]{0,8}，?" + _AMENDED.pattern, rest)):
        return "amends"
    return "based_on" if _BASIS.search(close) else "names"


def _number(after: str) -> str | None:
    """The 文号 in brackets behind a title."""
    behind = _NUMBERED.match(after)
    found = DOC_NUMBER.search(behind[1]) if behind else None
    return re.sub(r"\s", "", found.group()) if found else None


def _bare(title: str) -> str:
    return re.sub(r"[\W_]+", "", title)
