"""What provisions and firms are made of, as words: measures, addressees, stages, qualifications, conditions, sums.

The same patterns read a document ("支持企业建设中试基地") and a firm ("要找中试线"): both sides then speak of the same
things. Names of industries, places and qualifications come from the lexicon; only what is grammar stands here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from errors import ConfigError
from index.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class Found:
    """`text[start:end]` says `value`."""

    value: str
    start: int
    end: int


Patterns = tuple[tuple[str, re.Pattern[str]], ...]
_TABLE = Path(__file__).with_name("words.tsv")
_COLUMNS = "group\tvalue\tpattern"


@cache
def patterns(group: str) -> Patterns:
    """The values of a group of words.tsv (measure, kind, stage, guide, qualification) with their patterns, in order.

    Raises ConfigError when the table cannot be read.
    """
    try:
        lines = _TABLE.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"词表读不出：{_TABLE}（{error}）；请恢复该文件") from error
    rows = [line.split("\t") for line in lines[1:] if line]
    if lines[0] != _COLUMNS or any(len(row) != 3 for row in rows):
        raise ConfigError(f"词表格式不对：{_TABLE}；每行应为 {_COLUMNS.split()}，以制表符分隔")
    return tuple((value, re.compile(pattern, re.IGNORECASE)) for name, value, pattern in rows if name == group)


@cache
def qualification_names() -> frozenset[str]:
    """Official names of what a firm can be recognised as."""
    return frozenset(value for value, _ in patterns("qualification"))


_SPAN = r"[\d一二两三四五六七八九十半]+个?[年月天]"
CONDITIONS = re.compile(
    r"(?:初次|首次)(?:入选|认定|获评|通过|获得|购买|申请|取得|纳入)"
    r"|经[^，。；、]{0,10}(?:认定|评审|审定|备案|评选)"
    r"|(?<!不)符合[^，。；]{0,24}(?:条件|规定|要求|标准)"
    r"|(?:注册|登记|成立|工作(?![日机小专组台])|毕业(?!生)|经营(?!异常)|缴纳|缴存)[^，,。；、]{0,14}"
    rf"(?:满{_SPAN}|不超过{_SPAN}|{_SPAN}(?:以上|以内|之?内))"
    r"|(?:(?<!退休)年龄|营业收入|研发投入|年产值|从业人数|职工人数)[^，,。；]{1,16}"
    r"|(?:未被|不得被|没有被)?[^，,。；]{0,8}列入[^，,。；]{2,16}?(?:名单|目录|名录)”?"
)
_GIVEN = re.compile(
    r"(?<![针应相绝反])对(?!象|于|应|比|接|外|策|手|口|标(?!杆)|此|其|方)(?P<what>[^，,。；对：:]{2,40}?)"
    r"(?=(?:，?按[^，。；]{1,20})?(?:给予|实施|实行|予以|发放|进行)[^，。；]{0,20}(?:奖|补|资助|支持|元|%))"
)
# 年交易额在500万元以上的，给予…: the clause before is what must be so.
_IF = re.compile(
    r"(?:(?:^|[；：:。])(?:对|凡)?(?P<all>[^。；：:]{4,110}?)|(?:^|[，,；：:。、])(?:对|凡|且|并且?|或)?(?P<what>[^，,。；：:]{4,60}))的[，,]"
    r"(?=[^。；]{0,40}(?:给予|予以|奖|补|资助|减|免|享受|发放|可以?申请))"
)
AMOUNT = re.compile(
    r"(?P<before>最高(?:不超过)?|不超过|最多|上限|不低于|不少于|至少|约|每[人套年月户家][^\d，。；]{0,6})?"
    r"(?P<sum>(?:\d[\d,.]*(?:亿|千万|百万|十万|万|千|百)?元\s?[—\-~至]\s?)?\d[\d,]*(?:\.\d+)?\s?(?:[—\-~至]\s?\d+(?:\.\d+)?\s?)?(?:(?:万亿|亿|千万|百万|十万|万|千|百)?元|%|％|‰)"
    r"|[一二三四五六七八九十百千两]+(?:亿|万)元)"
    r"(?P<after>以上|以内|以下|左右|/[人年月户套])?"
)
DATES = re.compile(
    r"(?:自|从)?(?P<a>20\d\d年(?:\d{1,2}月)?(?:\d{1,2}日)?)(?:起)?(?:至|到|—|-|~)(?P<b>20\d\d年(?:\d{1,2}月)?(?:\d{1,2}日)?)"
    r"|(?:有效期(?:限)?(?:自[^，。；]{0,24})?(?:至|到)|截至|截止(?:时间|日期)?[为到至：:]?)(?P<c>20\d\d年(?:\d{1,2}月)?(?:\d{1,2}日)?)"
)
_LIST_ENDS = re.compile(r"[^，。；]{0,6}等(?!级)")


def find_all(group: str, text: str) -> tuple[Found, ...]:
    """Every value of a group that a text says, once each, where it is said first; earlier patterns take their words."""
    found: list[Found] = []
    taken: list[tuple[int, int]] = []
    for name, pattern in patterns(group):
        free = (
            hit
            for hit in pattern.finditer(text)
            if not any(hit.start() < end and start < hit.end() for start, end in taken)
        )
        hits = list(free)
        taken += [(hit.start(), hit.end()) for hit in hits]
        if hits:
            found.append(Found(name, hits[0].start(), hits[0].end()))
    return tuple(found)


def measures_in(text: str) -> tuple[Found, ...]:
    """Every kind of measure that a text speaks of, in the order of the table (money first)."""
    hits = ((name, pattern.search(text)) for name, pattern in patterns("measure"))
    return tuple(Found(name, hit.start(), hit.end()) for name, hit in hits if hit)


def qualifications_in(text: str, lexicon: Lexicon) -> tuple[Found, ...]:
    """Official names of the qualifications that a text names, once each."""
    found: dict[str, Found] = {}
    for match in lexicon.find(text):
        for entry, relation in match.entries:
            if relation == "same" and entry.term in qualification_names():
                found.setdefault(entry.term, Found(entry.term, match.start, match.end))
    return tuple(found.values())


def conditions_in(text: str, qualifications: tuple[Found, ...]) -> Iterator[Found]:
    """What must be so beyond place, business and qualification: 初次入选, 经认定, 对标杆示范场景 (给予奖励)."""
    stated = [*CONDITIONS.finditer(text)]
    yield from (Found(hit[0], hit.start(), hit.end()) for hit in stated)
    taken = [hit.span() for hit in stated]
    given = _GIVEN.finditer(text) if "对" in text else ()
    supposed = _IF.finditer(text) if "的，" in text or "的," in text else ()
    for hit in (*given, *supposed):
        start, end = hit.span("what") if hit["what"] else hit.span("all")
        plain = any(pattern.fullmatch(text, start, end) for _, pattern in patterns("kind"))
        told = any(start < stop and begin < end for begin, stop in taken)
        if not plain and not told and not any(start <= held.start < end for held in qualifications):
            taken.append((start, end))
            yield Found(text[start:end], start, end)


def list_goes_on(text: str, end: int) -> bool:
    """Whether the list that a word at `[…, end)` belongs to ends in 等, so that others are not ruled out."""
    stop = re.compile(r"[。；]").search(text, end)
    return _LIST_ENDS.search(text[end : min(len(text), end + 40, stop.start() if stop else len(text))]) is not None
