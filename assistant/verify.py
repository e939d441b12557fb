"""Does the cited text say what the sentence says? A pure check: numbers, units, dates, bounds, negation, places, words.

`check` compares each clause of a sentence with the passage of the cited text that is closest to it. It errs on the
side of rejecting: what it cannot find in the cited text is a problem.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.text import HAN, bare, fold, is_han

_SCALE = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_NUMERAL = {char: i for i, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = [
    "平方公里",
    "平方米",
    "立方米",
    "百分点",
    "个百分点",
    "公里",
    "千米",
    "厘米",
    "毫米",
    "微米",
    "纳米",
    "小时",
    "分钟",
    "个月",
    "工作日",
    "皮秒",
    "拍瓦",
    "年度",
    "元",
    "家",
    "个",
    "项",
    "条",
    "种",
    "类",
    "件",
    "名",
    "人",
    "支",
    "所",
    "座",
    "场",
    "次",
    "年",
    "月",
    "日",
    "天",
    "米",
    "度",
    "辆",
    "台",
    "套",
    "倍",
    "成",
    "款",
    "批",
    "份",
    "期",
    "位",
    "亩",
    "吨",
    "岁",
    "级",
    "届",
    "nm",
    "g",
    "pb",
    "%",
]
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_BEFORE = "不低于|不少于|不超过|不高于|不多于|至少|至多|最高|最低|超过|高于|低于|突破|接近|约|近|逾"
_AFTER = "左右|以上|以下|以内|以外|上下|余"
_QUANTITY = re.compile(
    rf"(?P<before>{_BEFORE})?(?:为|达到?|有)?(?P<number>\d[\d,]*(?:\.\d+)?(?:(?:[-—–~～至到]|"
    rf"[-—–]{{2}})\d[\d,]*(?:\.\d+)?)?)"
    rf"(?P<scale>[百千万亿]*)(?P<more>余|多)?(?P<unit>{_UNIT})?(?P<after>{_AFTER})?"
)
_CHINESE_NUMBER = re.compile(
    r"(?P<digits>[一二三四五六七八九两十百千]+)(?:(?P<scale>[万亿]+)(?P<money>元)?|(?P<unit>大类|大|家|个|项|条|种|类|件|名|年|支|倍|成|批|元))"
)
_NEGATION = re.compile(
    r"不得|不予|不能|不可|不再|不含|不包括|不适用|不属于|不支持|不鼓励|不|未(?!来|经|必)|没有|无(?!人|线|限|形|机|论|缝|损|障碍)|非(?!侵入|硅|"
    r"编码|常|共识|上海)|禁止|严禁|取消|暂停|除外|停止"
)
_MODAL = [
    "支持",
    "鼓励",
    "探索",
    "推动",
    "推进",
    "加快",
    "引导",
    "争取",
    "力争",
    "应当",
    "应",
    "必须",
    "可以",
    "可",
    "不得",
    "研究制订",
    "研究制定",
    "计划",
    "拟",
    "试点",
    "预估",
    "预计",
    "暂定",
    "原则上",
    "适当",
    "逐步",
    "已",
    "将",
    "实现",
    "完成",
    "建成",
    "强制",
    "要求",
    "允许",
    "禁止",
    "限制",
    "放宽",
    "优先",
]
_HEDGES = ("争取", "力争", "探索", "预估", "预计", "暂定", "原则上", "拟", "试点", "研究制订", "研究制定", "计划")
_LEVELS = (
    "全国",
    "国家级",
    "国家",
    "全省",
    "省级",
    "全市",
    "市级",
    "本市",
    "我市",
    "全区",
    "区级",
    "新区",
    "市",
    "区",
    "县",
    "镇",
)
_LEVEL = re.compile("|".join(_LEVELS))


@dataclass(frozen=True, slots=True)
class Problem:
    """What the cited text does not carry. `kind`: number, unit, bound, date, negation, modality, place, words."""

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it stands. `value` is scaled (3000亿 → 300000000000); a range keeps both ends."""

    value: tuple[Decimal, ...]
    unit: str
    bound: str
    text: str


_LINKS = re.compile(
    "其中|此外|同时|以及|并且|另外|分别|即|文件|规定|明确|提出|指出|根据|按照|包括|具体|还|也|并|和|与|及|为|是|的|了|在|将|对|等|共|有|中"
)


def quantities(text: str) -> list[Quantity]:
    """Every number of a text, in order, with its unit and bound (左右, 不低于, 最高 …); "" where it has none."""
    flat = unicodedata.normalize("NFKC", re.sub(r"\s+", "", text)).lower()
    found = []
    for match in _QUANTITY.finditer(flat):
        scale = 1
        for char in match["scale"]:
            scale *= _SCALE[char]
        ends = re.split(r"[-—–~～至到]+", match["number"])
        value = tuple(Decimal(end.replace(",", "")) * scale for end in ends if end)
        bound = "".join(filter(None, (match["before"], match["more"], match["after"])))
        found.append(Quantity(value, match["unit"] or "", bound, match[0]))
    for match in _CHINESE_NUMBER.finditer(flat):
        scale = 1
        for char in match["scale"] or "":
            scale *= _SCALE[char]
        found.append(
            Quantity((Decimal(_chinese(match["digits"]) * scale),), match["unit"] or match["money"] or "", "", match[0])
        )
    return found


def check(
    sentence: str, cited: Sequence[str], context: Sequence[str] = (), coverage: float = 0.75
) -> tuple[Problem, ...]:
    """Problems of a sentence whose cited texts are `cited`; () when they support it.

    `context` holds what the citations' labels say (document title, section heading): names, places and words may
    come from there, numbers, negation and modality may not unless they stand in the same words. [n] marks and a
    label before them are ignored. `coverage` is the least share (0..1) of the sentence's character pairs that the
    cited text and context hold.
    """
    said = re.sub(r"\[\d+\]|〔\d{1,3}〕", "", sentence)
    for label in sorted(context, key=len, reverse=True):
        said = said.removeprefix(label) if label else said
    evidence = "\n".join(cited)
    if not bare(said):
        return ()
    if fold(said).strip('。；;，,：:“”"') in fold(evidence):
        return tuple(_hidden(said, evidence))
    return (
        *_numbers(said, evidence),
        *_polarity(said, evidence),
        *_places(said, evidence, context),
        *_words(said, evidence, context, coverage),
    )


def _hidden(said: str, evidence: str) -> Iterator[Problem]:
    """Problems of a sentence that stands word for word: it may have been cut beside a not, a bound or an estimate."""
    flat, part = fold(evidence), fold(said).strip('。；;，,：:“”"')
    at = flat.find(part)
    before, after = flat[:at][-4:], flat[at + len(part) :][:6]
    if hedge := re.search(rf"(?:{'|'.join(_HEDGES)})$", before):
        yield Problem("modality", f"原文“{hedge[0]}”被略去")
    if re.search(r"(?:不|未|不得|禁止|严禁|不予)$", before):
        yield Problem("negation", f"原文“{before}”被略去")
    if (re.search(r"\d$", part) and re.match(r"[\d.,]*\d", after)) or (
        re.match(r"\d", part) and re.search(r"\d[.,]?$", before)
    ):
        yield Problem("number", "数字被截断")
    if re.search(rf"(?:[\d亿万千百]|{_UNIT})$", part) and (hedge := re.match(rf"(?:{_AFTER})|[（(]预[估计]", after)):
        yield Problem("bound", f"原文“{hedge[0]}”被略去")
    if re.match(r"\d", part) and (bound := re.search(rf"(?:{_BEFORE})$", before)):
        yield Problem("bound", f"原文“{bound[0]}”被略去")


def _numbers(said: str, evidence: str) -> Iterator[Problem]:
    held = quantities(evidence)
    mine = quantities(said)
    for quantity in mine:
        same = [other for other in held if other.value == quantity.value]
        alike = [other for other in same if other.unit == quantity.unit or not quantity.unit]
        if not same:
            date = quantity.unit in ("年", "月", "日") or re.fullmatch(r"(?:19|20)\d\d", quantity.text)
            yield Problem("date" if date else "number", quantity.text)
        elif not alike:
            yield Problem("unit", quantity.text)
        elif not any(other.bound == quantity.bound for other in alike):
            yield Problem("bound", quantity.text)
        elif sum(other.value == quantity.value for other in mine) > len(same):
            yield Problem("number", f"{quantity.text}多于原文")
    if re.search(r"[（(]?预[估计]", evidence) and not re.search("预[估计]", said):
        for quantity in quantities(said):
            if re.search(re.escape(quantity.text.strip("约近")) + r"[^，。；\d]{0,3}[（(]预[估计]", fold(evidence)):
                yield Problem("bound", "预估")


def _polarity(said: str, evidence: str) -> Iterator[Problem]:
    parts = [part for part in re.split(r"[，,；;。：:\n]", fold(evidence)) if part]
    for clause in (part for part in re.split(r"[，,；;。：:\n]", fold(said)) if len(part) >= 4):
        nearest = max(parts, key=lambda part: _shared(clause, part), default="")
        if _shared(clause, nearest) < 0.3:
            continue
        mine, theirs = _NEGATION.findall(clause), _NEGATION.findall(nearest)
        if len(mine) > len(theirs) or (len(mine) < len(theirs) and _shared(nearest, clause) > 0.6):
            yield Problem("negation", clause)
        words = [word for word in _MODAL if word in clause and word not in nearest]
        if any(
            word not in fold(evidence) or any(other in nearest and other not in clause for other in _MODAL)
            for word in words
        ):
            yield Problem("modality", "、".join(words))
    told, source = fold(said), fold(evidence)
    for hedge in _HEDGES:
        for match in re.finditer(re.escape(hedge), source):
            after = source[match.end() : match.end() + 4]
            if len(bare(after)) >= 3 and after in told and hedge not in told[: told.find(after)][-6:]:
                yield Problem("modality", f"原文“{hedge}”被略去")
                return


def _places(said: str, evidence: str, context: Sequence[str]) -> Iterator[Problem]:
    held, mine = fold(evidence + "".join(context)), fold(said)
    for match in _LEVEL.finditer(mine):
        around = mine[max(0, match.start() - 2) : match.end() + 1]
        core = mine[max(0, match.start() - 1) : match.end()]
        if mine.count(match[0]) > held.count(match[0]) or (core not in held and re.search(rf"[{HAN}]", around)):
            yield Problem("place", around)


def _words(said: str, evidence: str, context: Sequence[str], coverage: float) -> Iterator[Problem]:
    held = bare(evidence + "\n" + "\n".join(context))
    text = bare(said)
    pairs = [text[i : i + 2] for i in range(len(text) - 1)]
    if pairs and sum(pair in held for pair in pairs) / len(pairs) < coverage:
        yield Problem("words", "大部分文字不见于依据")
        return
    for new in _new(text, held):
        rest = _LINKS.sub("", new)
        if len(rest) >= 2 or (rest and not is_han(rest[0])):
            yield Problem("words", new)


def _new(text: str, held: str) -> Iterator[str]:
    """Stretches of `text` of which no two neighbouring characters stand together in `held`."""
    start = None
    for at in range(len(text) + 1):
        inside = at < len(text) and ((text[max(0, at - 1) : at + 1] in held and at > 0) or text[at : at + 2] in held)
        if at < len(text) and not inside:
            start = at if start is None else start
        elif start is not None:
            yield text[start:at]
            start = None


def _shared(a: str, b: str) -> float:
    """Share of the character pairs of `a` that `b` holds."""
    pairs = {a[i : i + 2] for i in range(len(a) - 1)}
    return sum(pair in b for pair in pairs) / len(pairs) if pairs else 0.0


def _chinese(digits: str) -> int:
    """三十五 → 35 (up to 9999)."""
    total, current = 0, 0
    for char in digits:
        if char in "十百千":
            total += (current or 1) * {"十": 10, "百": 100, "千": 1000}[char]
            current = 0
        else:
            current = _NUMERAL[char]
    return total + current
