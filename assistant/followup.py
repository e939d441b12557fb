"""A follow-up question, rewritten so that it stands alone: 那2035年呢？ 第二条里支持哪些？ 它的依托单位呢？"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.text import bare

_WHOLE = 10  # characters: a question that points at nothing and is as long may stand alone
_DIGIT = {char: i for i, char in enumerate("零一二三四五六七八九十")} | {"两": 2}
_ORDINAL = re.compile(r"第\s*([一二三四五六七八九十]|\d{1,2})\s*(?:个|条|项|点|类|种|方面|赛道|部分)?")
_PROVISION = re.compile(  # 违反第二条的: an article of a document, not a point of the answer before
    r"(?:违反|依据|根据|按照?|依照|适用|办法|条例|细则|规定|规则|方案|》)了?的?\s*第\s*[一二三四五六七八九十百\d]+\s*条"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d|\s*[多余]?[元万亿])年?")
_LEAD = re.compile(
    r"^(?:那么|那|再|还有|另外|换成|如果是|要是|要说|至于|and\s+(?:for|in)?|what about|how about)[，,\s]*", re.I
)
_ENDING = re.compile(r"(?:又|都)?(?:是)?(?:怎么样|怎样|如何|是什么情况|有吗)?[呢吗嘛]?[？?。！!]*$")
_POINTER = re.compile(
    r"它们|它的|它|其中|他们|他的|她的|他|她|该(?!怎|如)|此|上述|上面|前面|刚才|这(?:些|个|项|条|份|几个|几项|里|类|家)?|"
    r"那(?:些|个|项|条|份|几个|几项|里|类|家|部分)|前者|后者|\b(?:it|its|they|their|them|this|that|these|those)\b",
    re.I,
)
_ASKS = re.compile(
    r"哪|什么|多少|几|谁|何|怎|吗|是否|有没有|能不能|可不可以|啥|为啥|how|what|which|who|where|when|why|does|is\b|are\b",
    re.I,
)
_TAILS = (
    "部分",
    "方面",
    "领域",
    "计划",
    "产业",
    "方案",
    "行动",
    "工程",
    "集群",
    "赛道",
    "地区",
    "年",
    "区",
    "市",
    "园",
    "表",
    "项",
    "条",
)
_PLACE = re.compile(
    r"(?:上海|全市|市里|市级|浦东|新区|全区|区里|区级|国家|本市|本区|[市区](?=方案|行动方案|计划|规划|文件)|张江|临港|金桥|外高桥)"
)
_OTHER = re.compile(  # 市里的呢，也是这么多 / 物理学呢，分哪几项: the same question about something else
    r"([^，。？]{1,16}?)呢[，,？ ]+(?:也|又|是|都|有|分|这么多|那么多|一样|怎么样|如何|什么|多少|哪|些|"
    r"几|个|项|条|家|种|吗|没有|的|呢|说法|情况)*$"
)
_RUN = re.compile(
    r"([^的，,。、；;：:？?！! 里中在到对有是“”《》（）()]{2,14})"
    r"(?=(?:有|是|分|包括|涉及|要|能|会|该|可以|主要|一共|都)*(?:哪|什么|多少|几|"
    r"谁|怎|如何|啥))"
)
_LIGHT = re.compile(r"目标值?|是|为|到|达|多少|几|个|家|什么|的|了|有|呢|数|实际|又|又是|分别")
_BREAK = "的，,。、；;：:？?！! 在到对和与及里中是有“”《》「」（）()"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One message of the talk before the question; `role` is `user` or `assistant`."""

    role: str
    content: str


@dataclass(frozen=True, kw_only=True)
class Standalone:
    """A question that needs no history.

    `focus` is what the user said last; `background` is what was added from earlier turns ("" if nothing was).
    `whole` tells that the user's words may well be a whole question of their own.
    """

    text: str
    focus: str
    background: str = ""
    whole: bool = False


def standalone(question: str, history: Sequence[Turn]) -> Standalone:
    """Rewrite `question` with what it leaves out. A question that stands alone comes back unchanged."""
    earlier = [turn.content for turn in history if turn.role == "user" and turn.content.strip()]
    if not earlier:
        return Standalone(text=question, focus=question)
    before = earlier[-1]
    if bare(before) == bare(question):  # asked again: it is read as it was then
        at = max(i for i, turn in enumerate(history) if turn.role == "user" and turn.content.strip())
        return standalone(question, history[:at])
    if len(before) <= 12 and len(earlier) > 1:  # an earlier follow-up: it leans on the one before it
        before = standalone(before, [Turn(role="user", content=text) for text in earlier[:-1]]).text
    said = next((turn.content for turn in reversed(history) if turn.role == "assistant" and turn.content.strip()), "")
    core = _ENDING.sub("", _LEAD.sub("", question.strip())).strip("，,？? ")
    other = _OTHER.match(core)
    if other:
        core = other[1].removesuffix("的")
    asks = _ASKS.search(core) is not None
    item = _nth_item(question, said)
    if item:
        text = _ORDINAL.sub(item, question, count=1)
        return Standalone(text=text, focus=text, background=before)
    year = _YEAR.search(core)
    only_year = year is not None and len(_LIGHT.sub("", _YEAR.sub("", core, count=1))) == 0
    if (not asks or only_year) and (swapped := _swap(year[0] if only_year and year else core, before)):
        return Standalone(text=swapped, focus=swapped)
    if not asks or _POINTER.search(question) or len(core) <= 18:
        extra = before if len(said) > 40 or not _POINTER.search(question) else f"{before} {said}"
        whole = asks and len(core) >= _WHOLE and not _POINTER.search(question) and not _LEAD.match(question.strip())
        return Standalone(text=f"{before.rstrip('？?。 ')}；{question}", focus=question, background=extra, whole=whole)
    return Standalone(text=question, focus=question, background=before if len(core) <= 30 else "")


def _nth_item(question: str, said: str) -> str:
    """The item of the last answer that 第二条 points at; "" when there is no such list."""
    found = _ORDINAL.search(question)
    if not found or not said or _PROVISION.search(question):
        return ""
    mark = found[1]
    n = int(mark) if mark.isdigit() else _DIGIT[mark]
    plain = re.sub(r"[\[〔]\d+[\]〕]", "", said).strip().rstrip("。.")
    plain = re.sub(r"^[^：:\n]{0,30}[：:]", "", plain) if "\n" not in plain else plain
    separator = "\n" if plain.count("\n") >= 1 else "；" if "；" in plain else "、" if "、" in plain else "，"
    items = [
        re.sub(r"^(?:[-•·]|\d+[.、)）]|[（(]?[一二三四五六七八九十]+[)）、])\s*|^(?:和|及|以及)", "", part.strip())
        for part in plain.split(separator)
        if part.strip()
    ]
    if len(items) < 2 or n > len(items):
        return ""
    return items[n - 1].strip("。；， ")[:60]


def _swap(core: str, before: str) -> str:
    """`before` with the part that `core` is the counterpart of replaced; "" when no part is."""
    core = re.sub(r"^(?:在|到|对于|对|按|按照)|(?<=.)那(?=部分|方面|个|一)|(?:的)?(?:话|情况)$", "", core)
    year = _YEAR.search(core)
    if year and len(core) <= len(year[0]) + 3:
        mine = year[0].removesuffix("年") + "年"
        return _YEAR.sub(mine, before, count=1) if _YEAR.search(before) else f"{mine}，{before}"
    place = _PLACE.search(core)
    if place and len(core) <= len(place[0]) + 3 and _PLACE.search(before):
        return _PLACE.sub(core, before, count=1)
    if place and len(core) <= len(place[0]) + 1:
        return f"{core}，{before}"
    for tail in _TAILS:
        if core.endswith(tail) and len(core) > len(tail):
            at = before.find(tail)
            if at <= 0:
                continue
            start = at
            while start > 0 and before[start - 1] not in _BREAK and at - start < 12:
                start -= 1
            if start < at:
                return before[:start] + core + before[at + len(tail) :]
    run = _RUN.search(before)
    return before[: run.start()] + core + before[run.end() :] if run and len(core) <= 14 else ""
