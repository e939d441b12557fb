"""Answers that are an outline: the items under a heading, or a section's own statement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.evidence import ALL_OF, Reading, Unit
from assistant.extract import Scored
from assistant.question import Kind, Question, content_words
from assistant.scope import Scope
from assistant.text import bare
from ingest.document import Section

_MOST = 12
_LONG = 20  # items that a sentence may lead up to
_SAYS, _ALIKE = 4, 0.65  # characters of a heading that says something; its likeness to what is asked (Jaccard)
_COUNT = re.compile(r"([二两三四五六七八九十]|1[0-2]|[2-9])(?:个|大|项|条|类|种)")
_EMPTY = "的了和与及或等是有"
_STATEMENT = 5  # sentences of a section that is told whole, at most


@dataclass(frozen=True, kw_only=True)
class Items:
    """The children of `section`, each as its heading and, for the quote, its first sentence.

    `exact` tells that the question prints the heading's core.
    """

    section: Section
    heads: tuple[tuple[Unit, Unit | None], ...]
    exact: bool


_PARTS = re.compile(
    "(?:细分|重点|主要)?(?:赛道|方向|领域|部分|章节|小节|章|节|条|款|项|工程|原则|措施|任务|计划(?![在要搞建打培引设到推实新])|举措|集群|方面|目标|愿景|名称|要点|内容|板块|环节|工作)"
)
_ASKS_PARTS = re.compile(
    rf"(?:哪|几|什么|啥|多少|名称|下面|底下|包含|包括|分|列|[二三四五六七八九十]大?)[^，。？]{{0,6}}{_PARTS.pattern}|"
    rf"{_PARTS.pattern}[^，。？]{{0,8}}(?:哪|几|什么|啥|名称|多少|列)"
)
_LEADS = re.compile(r"(?:下列|以下|如下)[^，。；]{0,14}[：:。]?$|(?:包括|分为)[：:]$")
_ANY = (Kind.LIST, Kind.OPEN, Kind.DEFINITION, Kind.YES_NO, Kind.APPLICABILITY)  # what no single value answers
_LISTS = re.compile("材料|资料|证件|手续|条件|情形|程序|步骤|职责|行为|方式|渠道|义务|对象|事项|内容")
_PAPERS = re.compile(r"材料|资料|证件|证明")
_STEPS = re.compile(r"流程|程序|步骤|手续|(?:哪|几|多少)个?几?(?:步|道)")
_IN_STEPS = re.compile(r"流程|程序|步骤")
_LIGHT = re.compile(
    r"浦东新区|浦东|新区|上海市?|全市|市里?|区里?|本市|第?[一二三四五六七八九十两几\d]+(?:个|大|项|条|年)?|到|产业|一共|细分|实施|加强|打造"
)


_CLASS = re.compile(
    r"(?:哪|是|有|分|设|的|这|那|实施|打造|布局|聚焦|^|[，。、：“”「」])*?"
    r"(?P<count>[二两三四五六七八九十]|1[0-2]|[2-9]|几|哪些)\s*(?:个|大|项|条|类|种|方面的?)?"
    r"(?P<noun>[\u4e00-\u9fff]{2,8})"
)
_PATH = re.compile(
    r"(?<![一二三四五六七八九十、])([一二三四五六七八九十]{1,3}、(?:（[一二三四五六七八九十]{1,3}）)?)(?=[讲里中的下有写说包分部列])"
)
_NUMERAL = {char: at for at, char in enumerate("一二三四五六七八九十", 1)} | {"两": 2}


def classed(question: Question, section: Section) -> str:
    """The class name that all children share and the question counts (六大计划, 五个产业集群); "" when there is none.

    Every child must bear the name, and there must be as many as the question says, where it says a number.
    """
    heads = [bare(child.heading or "") for child in section.children]
    best = ""
    counted = list(_CLASS.finditer(question.focus))
    if (
        len(counted) > 2
        or (len(counted) == 2 and counted[0]["noun"][:2] != counted[1]["noun"][:2])
        or (question.kind is Kind.NUMBER and question.years)
    ):
        return ""  # of a year a sentence tells how many
    for match in counted:
        count = match["count"]
        wanted = int(count) if count.isdigit() else _NUMERAL.get(count, 0)
        if wanted and wanted != len(heads):
            continue
        noun = re.split(r"是|分别|有|叫|各|包|都|，|在|和|与|怎", match["noun"])[0]
        for at in range(len(noun) - 1):
            if all(noun[at:] in head for head in heads):
                best = max(best, noun[at:], key=len)
                break
    return best


def _lead(section: Section, reading: Reading) -> str:
    """The first sentence of a section without a heading, when it leads up to the items under it."""
    units = reading.of(section.path) if section.heading is None else ()
    return units[0].text if units and units[0].text.endswith(("：", ":")) else ""


def under_heading(question: Question, named: Scope, readings: Sequence[Reading]) -> list[Items]:
    """The items under the headings that the question names, when it asks for parts of them (赛道, 措施, 工程).

    Several headings may be named (未来能源、未来空间各有什么赛道). [] when none is, or when the question asks for more
    than headings say.
    """
    if question.kind not in (Kind.LIST, Kind.NUMBER, Kind.OPEN, Kind.DEFINITION):
        return []
    of_parts = _ASKS_PARTS.search(question.focus) is not None
    asked = bare(question.focus)
    content = question.focus
    for name in named.cut:
        content = content.replace(name, " ")
    paths = set(_PATH.findall(question.focus)) if named.docs else set()
    names = {bare(_core(section)) for reading in readings for section in reading.document.walk() if section.children}
    named_here = sorted((name for name in names if len(name) >= 3 and name in asked), key=len, reverse=True)
    found: list[tuple[float, Items]] = []
    for reading in readings:
        for section in reading.document.walk():
            children = [child for child in section.children if child.heading]
            if not 2 <= len(children) <= _MOST or len(children) < len(section.children):
                continue
            core = bare(_core(section)) or bare(_lead(section, reading))
            if len(core) < 3:  # 目标, 任务: every plan has them
                continue
            run = _common(core, asked)
            by_number = section.path in paths or (
                section.number is not None and any(form in asked for form in _spoken(section.number))
            )
            alike = classed(question, section)
            if not of_parts and not alike:
                continue
            if not alike and not by_number and len(run) < max(3, 0.6 * len(core)) and run != core:
                continue
            if alike and any(_told_apart(child, section.children) in asked for child in children):
                continue  # one of them is asked about
            if any(
                len(bare(below.heading or "")) >= 3 and bare(below.heading or "") in asked for below in _below(section)
            ):
                continue  # a part of it is asked about
            rest = bare(content)
            for name in (*named_here, run, alike):
                rest = rest.replace(name, "") if len(name) > 1 else rest
            rest = _PARTS.sub("", _LIGHT.sub("", bare(" ".join(content_words(rest)))))
            if len(rest) > max(2, 0.25 * len(bare("".join(question.pieces)))):
                continue
            level = 0.5 if reading.document.id in named.prefer else 0.0
            score = len(run) / max(1, len(core)) + 0.1 * max(len(run), 2 * len(alike)) + level + by_number
            heads = tuple(pair for child in children if (pair := _head(child, reading)))
            found.append((score, Items(section=section, heads=heads, exact=run == core)))
    found.sort(key=lambda pair: -pair[0])
    if not found:
        return []
    best = found[0][1]
    doc = best.heads[0][0].doc
    others = [item for _, item in found[1:] if best.exact and item.exact and item.heads[0][0].doc == doc]
    inside = [
        item
        for item in others
        if not _nested(item.section, best.section) and bare(_core(item.section)) != bare(_core(best.section))
    ]
    return sorted([best, *inside], key=lambda item: item.section.start)[:4]


def section_asked(question: Question, named: Scope, readings: Sequence[Reading]) -> Items | None:
    """The items of the section whose heading says what the question says (失业保险金领取需要什么条件); `None` when
    none does, or it has no items."""
    if question.kind not in (Kind.LIST, Kind.OPEN, Kind.DEFINITION) or question.language != "zh":
        return None
    content = question.focus
    for name in (*named.cut, *named.places):
        content = content.replace(name, " ")
    asked = set(bare("".join(content_words(content)))) - set(_EMPTY)
    counts = {_NUMERAL.get(count) or int(count) for count in _COUNT.findall(question.focus)}
    best: tuple[float, Items] | None = None
    said = bare(question.focus)
    for reading in readings:
        title = set(bare(reading.document.title))
        over = {id(child): section for section in reading.document.walk() for child in section.children}
        for section in reading.document.walk():
            size = len(section.children)
            if len(section.heading or "") < _SAYS or not 2 <= size <= _MOST or (counts and size not in counts):
                continue
            if any(child.number is None and bare(child.heading or "\n") in said for child in section.children):
                continue  # a label under it is asked about: 优秀项目资助的补贴标准
            above = over.get(id(section))
            heading = section.heading or ""
            if section.number is None and above and bare(above.heading or "\n") in said and bare(heading) in said:
                heading = f"{above.heading}{heading}"  # 创业补贴 + 补贴条件
            if len(asked & set(bare(heading))) < _ALIKE * len(asked - title):
                continue  # not near enough whatever its content words are, which take long to find
            own = set(bare("".join(content_words(heading)))) - set(_EMPTY)
            alike = len(own & asked) / max(1, len(own | (asked - title)))
            if len(own) >= _SAYS and alike >= _ALIKE and (best is None or alike > best[0]):
                heads = tuple(pair for child in section.children if (pair := _head(child, reading)))
                if len(heads) == len(section.children):
                    best = alike, Items(section=section, heads=heads, exact=True)
    return best[1] if best else None


def introduced(question: Question, reading: Reading, unit: Unit) -> Items | None:
    """The items that a sentence only leads up to (应当符合下列条件：); `None` when it says something itself.

    A longer one (有下列情形之一的，可以终止：) tells of itself what a value or a body answers.
    """
    children = unit.section.children
    leads = _LEADS.search(unit.text) or (question.kind in _ANY and ALL_OF.search(unit.text))
    if not leads or not 2 <= len(children) <= _LONG:
        return None
    section = unit.section
    deeper = [child for child in children if len(child.children) > 1]
    if len(deeper) == 1 and _PAPERS.search(unit.text) and _PAPERS.search(question.focus):
        section = deeper[0]  # 办理时须携带以下资料：（1）申请 1… 2… （2）审查 （3）发放
    heads = tuple(pair for child in section.children if (pair := _head(child, reading)))
    return Items(section=section, heads=heads, exact=True)


def steps(question: Question, ranked: Sequence[Scored]) -> list[Scored]:
    """The sentences that steps follow (…程序如下：), of those given, where a question asks how a thing goes."""
    if not _STEPS.search(question.focus):
        return []
    return [
        item
        for item in ranked
        if _IN_STEPS.search(item.unit.headed) and _LEADS.search(item.unit.text) and len(item.unit.section.children) > 1
    ]


def listed_with(question: Question, reading: Reading, unit: Unit) -> tuple[Unit, Items] | None:
    """The list that an item is of, after its first sentence, when the question asks for what that one says it lists
    (需提供的材料：to 要带哪些材料); else `None`."""
    lead = unit.lead
    if lead is None or question.kind is not Kind.LIST or not 2 <= len(lead.section.children) <= _LONG:
        return None
    if not any(noun in question.focus for noun in _LISTS.findall(lead.text)[-1:]):
        return None
    heads = tuple(pair for child in lead.section.children if (pair := _head(child, reading)))
    return lead, Items(section=lead.section, heads=heads, exact=True)


def _core(section: Section) -> str:
    """What a heading is about: without 打造/实施/加强 before it and 产业集群/工程 behind; of a turn, who answers."""
    answers = re.search(r"（([^（）]+?)答）$", section.path)
    if answers:
        return answers[1]
    return re.sub(
        r"^(?:打造|实施|加强|落实|布局|构建|完善|优化|明确|推进|培育)|(?:产业集群|产业|集群|工程|领域)$",
        "",
        section.heading or "",
    )


def _told_apart(section: Section, beside: Sequence[Section]) -> str:
    """What of a heading no heading beside it has: its longest run of two or more characters; "\n" when none."""
    own = bare(section.heading or "")
    others = [bare(other.heading or "") for other in beside if other is not section]
    for size in range(len(own), 1, -1):
        for at in range(len(own) - size + 1):
            run = own[at : at + size]
            if not any(run[i : i + 2] in other for other in others for i in range(size - 1)):
                return run
    return "\n"


def _spoken(number: str) -> tuple[str, ...]:
    """How people name a top-level part: 四、 → 第四部分, 第四章."""
    digit = re.fullmatch(r"([一二三四五六七八九十]{1,2})[、.．]", number)
    return tuple(f"第{digit[1]}{word}" for word in ("部分", "章", "条", "块")) if digit else ()


def _common(core: str, asked: str) -> str:
    """The longest run of `core` that stands in `asked`."""
    for size in range(len(core), 1, -1):
        for at in range(len(core) - size + 1):
            if core[at : at + size] in asked:
                return core[at : at + size]
    return ""


def _below(section: Section) -> list[Section]:
    return [below for child in section.children for below in child.walk()]


def _nested(one: Section, other: Section) -> bool:
    return one in list(other.walk()) or other in list(one.walk())


def _head(section: Section, reading: Reading) -> tuple[Unit, Unit | None] | None:
    units = reading.of(section.path)
    if not units:
        return None
    if not units[0].is_heading:
        return units[0], None
    return units[0], units[1] if len(units) > 1 else None


def statement(question: Question, reading: Reading, unit: Unit) -> list[Unit]:
    """The sentences of the section that `unit` is in, when the question asks what the section's heading names."""
    heading = bare(unit.section.heading or "")
    named = [term for term in question.quoted if len(bare(term)) >= 3 and bare(term) in heading]
    if question.kind not in (Kind.DEFINITION, Kind.OPEN, Kind.LIST) or not named:
        return []
    body = [other for other in reading.of(unit.section.path) if not other.is_heading]
    return body if len(body) <= _STATEMENT else []
