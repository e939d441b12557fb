"""What a title tells of its document: where it stands, the kind and the years it names, what it may be called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.document import Fact
from ingest.prose import Prose
from ingest.stated import Stated

_ISSUES = re.compile(r"(?:印发|发布|公布)《(.+)》|(?:印发|发布|公布)([^《》]{4,60})的(?:通知|公告|通告|决定|函)$")
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
    "预案",
    "规程",
    "规范",
    "准则",
    "通报",
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
    "解答",
    "解读",
    "章程",
    "标准",
    "目录",
)


def title_place(front: Sequence[Prose], title: str) -> Stated | None:
    """Where the title stands: in one paragraph, or from the first to the last of several."""
    bare = "".join(title.split())
    for one in front if bare else ():
        text = "".join(one.paragraph.text.split())
        at = text.find(bare)
        if at >= 0:
            return Stated(title, one, at, at + len(bare))
    lines = [(one, "".join(one.paragraph.text.split())) for one in front]
    first = next((one for one, text in lines if len(text) > 3 and bare.startswith(text)), None)
    return Stated(title, first, 0, len(first.text)) if first else None


def title_fact(front: Sequence[Prose], place: Stated | None) -> list[Fact]:
    """The title's fact, to the end of its last line."""
    if place is None or place.prose is None or place.end <= place.start:
        return []
    fact = place.prose.fact("title", place.value, place.start, place.end)
    rest = "".join(place.value.split())[place.end - place.start :]
    for one in front[front.index(place.prose) + 1 :]:
        text = "".join(one.paragraph.text.split())
        if not rest or not rest.startswith(text):
            break
        rest, last = rest[len(text) :], one.span(0, len(one.text))
        fact = replace(fact, end=max(fact.end, last.end))
    return [fact]


def within_title(place: Stated | None, part: str, name: str) -> list[Fact]:
    """A fact that is a part of the title."""
    if place is None or place.prose is None:
        return []
    at = place.prose.text.rfind("".join(part.split()), place.start, place.end)
    return [place.prose.fact(name, part, at, at + len(part))] if at >= 0 else []


def kind_of(title: str) -> str | None:
    """The kind of document that the title ends (or, before a colon, begins) with."""
    bare = re.sub(r"[（(][^（）()]*[）)]$", "", title)
    return next((k for k in _KINDS if bare.endswith(k)), None) or next(
        (k for k in _KINDS if re.match(rf"{k}[:：]", bare)), None
    )


def period_of(title: str) -> tuple[str, str, str] | None:
    """The years a plan covers, where its title says so (（2020-2025年）), and the words that do."""
    found = _PERIOD.search(title)
    return (found["a"], found["b"], found.group()) if found and found["a"] < found["b"] else None


def own_names(front: Sequence[Prose], title: str) -> list[str]:
    """What the document calls itself in 《》: its title, the title that it issues, what either is called for short."""
    bare = "".join(title.split())
    names = [bare, re.sub(r"[（(][^（）()]*[）)]$", "", bare)]
    names += [one[1] or one[2] for one in _ISSUES.finditer(bare)]
    text = "".join(one.text for one in front)
    for match in re.finditer(r"《([^《》]+)》[^，。；]{0,30}?（[^（）]{0,12}?简称：?[《“]([^《》“”]{2,20})[》”]", text):
        if match[1] in names:
            names.append(match[2])
    return list(dict.fromkeys(names))
