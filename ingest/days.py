"""Days in Chinese documents: as printed, and when a document comes into force and ends (施行日期、有效期)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.document import Fact
from ingest.numbering import marker
from ingest.numerals import DIGITS, han_to_int, last_day
from ingest.prose import Prose

NOUN = (
    "办法|规定|细则|条例|规则|通知|意见|措施|方案|政策|规划|计划|纲要|预案|文件|标准|规范|公告|通告|决定|指南|指引|规程|令|批复|"
    "章程|目录|清单|名录|程序|准则|守则|大纲|条款|决议|要求|制度|法|函"
)
_SELF = re.compile(
    rf"本(?!条[^例]|[市省区县级地人年次款项章轮批单州镇街乡校院所局]|公(?!告|约))[\u4e00-\u9fff]{{0,6}}?(?:{NOUN})|本《[^《》]{{1,30}}》"
)
_YEAR = r"(?:(?:19|20)\d\d|[一二][〇○零ＯO0一二三四五六七八九]{3})"
_HAN = "[一二三四五六七八九十]"
DAY = rf"{_YEAR}年(?:\d{{1,2}}|{_HAN}{{1,2}})月(?:\d{{1,2}}|{_HAN}{{1,3}})日"
_PART = re.compile(rf"(?P<y>{_YEAR})(?:年(?:(?P<m>\d{{1,2}}|{_HAN}{{1,2}})月(?:(?P<d>\d{{1,2}}|{_HAN}{{1,3}})日)?)?)?")
_IN_FORCE = "(?:施行|实施|执行|生效|实行|试行|起效)"
_STARTS = re.compile(
    rf"(?:自|从|于|在)?(?:(?P<day>{DAY})|本?(?:{NOUN}|文)?(?P<issue>(?:印发|发布|公布|下发|签发|颁布|发文|发出)之日))(?:起|开始|后)*"
    rf"(?:满?(?P<days>\d{{1,3}}|{_HAN}{{1,3}})日(?:后|起)?)?，?(?:正式|开始)?{_IN_FORCE}"
    r"(?:至(?P<to>[^，。；）]{5,12}?)止?)?(?=[，。.；！、）]|$|有效|至|" + _HAN + r"年|\d年)"
)
_UNTIL_DAY = rf"(?P<end>{_YEAR}年(?:(?:\d{{1,2}}|{_HAN}{{1,2}})月(?:(?:\d{{1,2}}|{_HAN}{{1,3}})日)?)?)(?:底|末)?"
_ENDS = re.compile(
    rf"(?:有效期(?:限)?(?:为|是|暂定为?)?[：，]?(?:自[^，。；]{{2,20}}?)?(?:截?至|截止(?:至|到)?|到|—|-|－)|"
    rf"(?:^|，|{_IN_FORCE}|有效)(?:期?限?)?(?:截至|截止至?到?|至|到)){_UNTIL_DAY}(?:24时)?(?=[，。.；！、）（止]|$|自行|自动|失效|废止|有效|期满|届满)"
)
_SPANS = re.compile(  # 执行期限为2024年1月1日至2025年12月31日
    rf"(?:执行|实施|施行|试行|有效)(?:期限|期间|期|时间)(?:为|是|：)?(?:自|从)?(?P<day>{DAY})起?(?:至|到|—|-|－)+"
    r"(?P<to>(?:\d{4}年)?\d{1,2}月\d{1,2}日)"
)
_LASTS = re.compile(
    r"(?:有效期(?:限)?|(?:试行|暂行|执行|实施|施行)(?:期限|期|时间)?)(?:暂定)?(?:为|是)?[：]?(?P<n>\d{1,2}|[一二三四五六七八九十两]{1,2})(?P<half>年半)?(?P<unit>年|个?月)"
    r"(?=[，。.；！、）（]|$|自行|自动|期满|届满)"
)
_TRIGGER = re.compile(r"施行|实施|执行|生效|实行|试行|有效|起效|失效")
_STOP = re.compile(r"[。；！？：]")
_LABEL = re.compile(
    r"(?:[\u4e00-\u9fff]{0,6}(?:施行|实施|执行|生效|有效)(?:日期|时间|期限|期)?|附则|以上(?:政策|措施|政策措施|规定|条款|意见)|上述(?:政策|措施|政策措施))"
)
_ADVERBS = re.compile(r"(?:并|现|将|即|拟|统一|应当|经批准后|现予发布|现予公布)?")
_JOINED = re.compile(r"[，。；、]?(?:并|其|且)?(?:本[\u4e00-\u9fff]{2,8})?")
_ENACTED = re.compile(rf"（?{DAY}")
_FRONT = 8  # paragraphs after the title among which a line of enactment stands


@dataclass(frozen=True, kw_only=True)
class Term:
    """From when to when a document holds, as ISO days, and the words that say so; `counted` names the days that are
    counted from another one (有效期5年), not printed."""

    effective: str | None = None
    until: str | None = None
    facts: tuple[Fact, ...] = ()
    counted: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class _Said:
    """A statement about the document itself: how surely (higher is surer), its words, and what they say."""

    rank: int
    prose: Prose
    at: tuple[int, int]
    found: re.Match[str]


def iso(text: str) -> str | None:
    """`2024年7月1日`, `二〇二四年七月一日` as `2024-07-01`; `None` for a day that does not exist."""
    found = _PART.match(text)
    day = last_day(*_parts(found)) if found and found["d"] else None
    return day.isoformat() if day else None


def read_term(
    prose: Sequence[Prose], names: Sequence[str], issued: str | None, printed: str | None, annex: Sequence[bool]
) -> Term:
    """When the document of these paragraphs holds.

    `names` are what it calls itself; `issued` is the day that it was signed or made public, `printed` the one that
    印发之日 means; `annex[i]` tells paragraphs of annexes,
    which may speak of themselves. What others' documents, certificates or subsidies are said to hold is not its own.
    """
    starts: list[_Said] = []
    ends: list[_Said] = []
    for number, one in enumerate(prose):
        if not _TRIGGER.search(one.paragraph.text):
            continue
        low = -2 if annex[number] else 0
        enacted = number < _FRONT and _ENACTED.match(one.text) is not None
        begun = -1
        for found in _STARTS.finditer(one.text):
            rank = (2 if enacted else _rank(one, found.start(), names)) + low
            if rank > 0:
                starts.append(_Said(rank=rank, prose=one, at=found.span(), found=found))
                begun = found.end()
                if found["to"] and (last := re.match(_UNTIL_DAY, found["to"])):
                    at = (found.start("to"), found.start("to") + last.end())
                    ends.append(_Said(rank=rank, prose=one, at=at, found=last))
        for found in _SPANS.finditer(one.text):
            rank, to = _rank(one, found.start(), names) + low, found["to"]
            last = re.match(_UNTIL_DAY, to if "年" in to else found["day"].partition("年")[0] + "年" + to)
            if rank > 0 and last:
                starts.append(_Said(rank=rank, prose=one, at=found.span("day"), found=found))
                ends.append(_Said(rank=rank, prose=one, at=found.span("to"), found=last))
        for pattern in (_ENDS, _LASTS):
            for found in pattern.finditer(one.text):
                rank = _end_rank(one, found, begun, names) + low
                if rank > 0:
                    ends.append(_Said(rank=rank, prose=one, at=found.span(), found=found))
    return _term(_best(starts), _best(ends), issued, printed)


def _end_rank(one: Prose, found: re.Match[str], begun: int, names: Sequence[str]) -> int:
    """How surely `found` says when the document ends; `begun` is where the words on its beginning end (-1: none).

    Words that may speak of anything (执行至…, 执行期2年) need a subject.
    """
    if 0 <= begun <= found.start() and _JOINED.fullmatch(one.text[begun : found.start()]):
        return 3
    rank = _rank(one, found.start(), names)
    return rank if found.group().startswith(("有效期", "试行")) or rank >= 2 else 0


def _best(said: Sequence[_Said]) -> _Said | None:
    return max(reversed(said), key=lambda one: one.rank, default=None)


def _rank(one: Prose, at: int, names: Sequence[str]) -> int:
    """How surely the sentence around `at` speaks of the document itself: 0 no, 1 it names no subject, 2 yes, 3 by its
    kind."""
    text, head = one.text, marker(one.paragraph.text)
    number = len("".join(one.paragraph.text[: head.end].split())) if head else 0
    stops = [number, *(stop.end() for stop in _STOP.finditer(text, number, at))]
    before = text[stops[-1] : at]
    if not before:
        told = len(stops) == 1 or text[stops[-1] - 1] != "：" or _LABEL.fullmatch(text[stops[-2] : stops[-1] - 1])
        return 1 if told else 0
    own = list(_SELF.finditer(before))
    named = [(before.rfind(f"《{name}》"), f"《{name}》") for name in names if f"《{name}》" in before]
    if named and (not own or max(named)[0] > own[-1].start()):
        place, name = max(named)
        rest, rank = before[place + len(name) :], 2
    elif own:
        itself = own[-1].group().endswith(tuple(name[-2:] for name in names))
        rest, rank = before[own[-1].end() :], 3 if itself else 2
    else:
        return 1 if _LABEL.fullmatch(before.rstrip("：，")) else 0
    if "《" in rest and not any(f"《{name}》" in rest for name in names):
        return 0
    clause = rest.rpartition("，")[2]
    return rank if _ADVERBS.fullmatch(re.sub(r"（[^（）]*）", "", clause)) else 0


def _term(start: _Said | None, end: _Said | None, issued: str | None, printed: str | None) -> Term:
    facts: list[Fact] = []
    effective = until = None
    counted: set[str] = set()
    if start:
        said = start.found.groupdict(default="")
        meant = issued if "布" in said.get("issue", "") else printed
        day = iso(said["day"]) if said["day"] else meant or issued
        if day and said.get("days"):
            day = (date.fromisoformat(day) + timedelta(days=han_to_int(said["days"]))).isoformat()
        effective = day
        if day:
            facts.append(start.prose.fact("effective_date", day, *start.at))
        elif not said["day"]:
            facts.append(start.prose.fact("effective_rule", start.prose.printed(*start.at), *start.at))
    if end:
        groups = end.found.groupdict()
        if groups.get("end"):
            until = _last(groups["end"])
        elif since := effective or (issued if start is None else None):
            until = _after(since, han_to_int(groups["n"]), groups["unit"], groups["half"] is not None)
            counted.add("valid_until")
        if until and until >= (effective or issued or until):
            facts.append(end.prose.fact("valid_until", until, *end.at))
        else:
            until = None
            facts.append(end.prose.fact("validity_rule", end.prose.printed(*end.at), *end.at))
    return Term(effective=effective, until=until, facts=tuple(facts), counted=frozenset(counted))


def _parts(found: re.Match[str]) -> tuple[str, str | None, str | None]:
    """Year, month and day of a match of `_PART`, in Arabic figures."""
    year = found["y"]
    if not year.isdecimal():
        year = "".join(str(DIGITS.index(char)) if char in DIGITS else "0" for char in year)
    month, day = (str(han_to_int(part)) if part else None for part in (found["m"], found["d"]))
    return year, month, day


def _last(text: str) -> str | None:
    """The last day of a year, month or day as printed, in ISO 8601."""
    found = _PART.match(text)
    day = last_day(*_parts(found)) if found else None
    return day.isoformat() if day else None


def _after(since: str, count: int, unit: str, half: bool) -> str | None:
    """The last day of `count` years or months that begin on `since`."""
    first = date.fromisoformat(since)
    months = first.month - 1 + (count * 12 + 6 * half if unit == "年" else count)
    year, month = first.year + months // 12, months % 12 + 1
    try:
        return (date(year, month, first.day) - timedelta(days=1)).isoformat()
    except ValueError:  # there is no such day in that month: its last one
        return _last(f"{year}年{month}月")
