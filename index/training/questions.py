"""Questions made by rule from headings and clauses of official passages.

对重点企业给予补贴 answers 重点企业有什么补贴; 由市科委负责申报 answers 申报由谁负责. The clause gives
the subject of the question and the rule gives its form, so the question differs from the passage as people's do.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from index.training.pairs import OTHER, Group, PairSet

GROUP = Group("rule questions", ("rule_",), 0.05, False)
_OFFICIAL = ("law", "policy", OTHER.name)  # groups whose passages are official texts
_LOOKED_AT = 400  # characters at the beginning of a passage
_MOST = 2  # questions to a passage
_SHORTEST, _LONGEST = 4, 30  # characters of a subject
_OFTEN = 3  # questions about one subject: 法律责任 tells no passage from another
_CLAUSES = re.compile(r"[^。；;！？\n]+")
_LEAD = re.compile(
    r"^(?:[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．]|第[一二三四五六七八九十百\d]+[章节条款]|[①-⑩])\s*"
)
_MONEY = "补贴|补助|奖励|资助|贴息|扶持|支持|优惠|减免|补偿|津贴"

_RULES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (
        re.compile(
            rf"(?:对于?|向|给)(?P<x>[^，,。]+?)[，,]?(?:按[^，,]+[，,])?(?:给予|予以|发放|提供|安排)[^。]*?(?P<y>{_MONEY})"
        ),
        ("{x}有什么{y}", "{x}能拿到多少{y}", "{x}可以申请什么{y}", "{x}有{y}吗", "我们是{x}，能给多少钱"),
    ),
    (
        re.compile(r"(?:支持|鼓励|引导|推动|加快|加强|促进|完善|推进)(?P<x>[^，,。]+)"),
        ("{x}有什么支持政策", "怎么支持{x}", "想做{x}，有什么政策", "在{x}方面有哪些措施", "{x}有什么扶持"),
    ),
    (
        re.compile(r"由(?P<y>[^，,。]{2,20}?)(?:负责|牵头|承担|组织)(?P<x>[^，,。]+)"),
        ("{x}由谁负责", "{x}归哪个部门管", "{x}找谁", "哪个部门负责{x}"),
    ),
    (
        re.compile(
            r"(?P<x>[^，,。]+?)(?:[，,])?(?:应当|应|须|需|必须)(?:同时)?(?:符合|具备|满足)[^。]*?(?:条件|要求|情形)"
        ),
        ("{x}要什么条件", "{x}需要满足哪些条件", "怎样才能{x}", "{x}有什么门槛"),
    ),
    (
        re.compile(r"(?P<x>[^，,。]+?)(?:[，,])?(?:应当|应|须|需)(?:提交|提供|出具|携带)"),
        ("{x}要交哪些材料", "{x}需要带什么", "{x}要准备什么"),
    ),
    (
        re.compile(
            r"(?:在|自)[^，,。]{2,30}?\d*[一二三四五六七八九十\d]+(?:个)?(?:工作)?[日天月年](?:之?内|前)[，,]?(?P<x>[^，,。]+)"
        ),
        ("{x}要多久", "多长时间内{x}", "{x}的期限是多久"),
    ),
    (
        re.compile(r"(?:禁止|不得|严禁)(?P<x>[^，,。]+)"),
        ("可以{x}吗", "能不能{x}", "{x}行不行", "允许{x}吗"),
    ),
    (
        re.compile(r"(?P<x>[^，,。]+?)的[，,][^。]*?(?:罚款|处罚|处分|没收)"),
        ("{x}怎么处罚", "{x}要罚多少钱", "{x}会怎么样"),
    ),
    (
        re.compile(r"到(?P<y>\d{4}年(?:底|末)?)[，,]?(?P<x>[^，,。\d]+?)(?:达到|超过|突破|不低于|力争)"),
        ("{y}{x}的目标是多少", "{x}要达到多少", "{y}{x}要做到什么程度"),
    ),
)
_HEADINGS = (
    "{x}有哪些规定",
    "{x}是怎么规定的",
    "关于{x}有什么要求",
    "{x}有哪些政策",
    "{x}有什么措施",
    "{x}怎么办",
    "{x}包括哪些内容",
)
_NO_SUBJECT = re.compile("[吗呢？?：:“”《（(]|什么|哪|如何|怎|多少|是否")


def rule_questions(texts: list[str], groups: Sequence[PairSet], seed: int) -> PairSet:
    """Pairs of a question made by rule and the passage that it is from.

    `groups` are pairs over `texts`, to which the new questions are appended. The same input and seed give the same
    pairs.
    """
    draw = random.Random(seed)
    official = [group for group in groups if group.group.name.startswith(_OFFICIAL)]
    headings: dict[int, int] = {}
    for group in official:
        for anchor, positive in zip(group.anchors, group.positives, strict=True):
            if group.group.name in ("policy", "law heading"):
                headings.setdefault(positive, anchor)
            else:
                headings.setdefault(positive, -1)
    places = {text: place for place, text in enumerate(texts)}
    made = PairSet(GROUP, [], [])
    used: Counter[str] = Counter()
    order = sorted(headings)
    draw.shuffle(order)
    for place in order:
        heading = texts[headings[place]] if headings[place] >= 0 else ""
        for question in _questions(heading, texts[place][:_LOOKED_AT], used, draw):
            number = places.setdefault(question, len(texts))
            if number == len(texts):
                texts.append(question)
            made.anchors.append(number)
            made.positives.append(place)
    return made


def _questions(heading: str, passage: str, used: Counter[str], draw: random.Random) -> list[str]:
    """At most `_MOST` questions that the passage answers, each from another clause or the heading."""
    found = [one for one in _subjects(heading, passage) if used[one[0]] < _OFTEN]
    chosen = draw.sample(found, min(_MOST, len(found)))
    used.update(x for x, _, _ in chosen)
    return [draw.choice(forms).format(x=x, y=y) for x, y, forms in chosen]


def _subjects(heading: str, passage: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    *path, last = heading.split(" ")
    subject = _LEAD.sub("", last)
    if path and _fits(subject):
        yield subject, "", _HEADINGS
    for clause in _CLAUSES.findall(passage):
        for rule, forms in _RULES:
            match = rule.search(clause)
            if match is None:
                continue
            subject = _LEAD.sub("", match["x"].lstrip("的、和与或且并及等 ").rstrip())
            if _fits(subject):
                yield subject, match.groupdict().get("y") or "", forms
                break


def _fits(subject: str) -> bool:
    return _SHORTEST <= len(subject) <= _LONGEST and not _NO_SUBJECT.search(subject)
