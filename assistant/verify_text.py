"""What `assistant.verify` compares and finds: numbers in one form, tokens and marks, copied runs, problems."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_SCALE = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_NUMERAL = {char: i for i, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = re.findall(
    r"\S+",
    "平方公里 平方米 立方米 百分点 个百分点 公里 千米 厘米 毫米 微米 纳米 小时 分钟 个月 个工作日 工作日 皮秒 拍瓦 "
    "年度 美元 欧元 港元 元 家 个 项 条 种 类 件 名 人 支 所 座 场 次 年 月 日 "
    "天 米 度 辆 台 套 倍 成 款 批 份 期 位 亩 吨 岁 级 届 户 周岁 周年 间 宗 门 只 张 章 编 节 nm g pb %",
)
UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
BEFORE = (
    "不低于|不少于|不超过|不高于|不多于|不足|不满|未满|至少|至多|最高|最低|最多|最少|最长|超过|高于|低于|少于|多于|"
    "突破|接近|大约|约|近|逾|累计|每年|年均|平均|合计|总计|人均"
)
AFTER = "左右|以上|以下|以内|以外|上下|余"
_DASH = r"[-—–~～至到]"
_QUANTITY = re.compile(
    rf"(?P<before>(?:{BEFORE})*)(?:为|达到?|有)?(?P<number>\d[\d,]*(?:\.\d+)?(?:(?:{_DASH}|"
    rf"[-—–]{{2}})\d[\d,]*(?:\.\d+)?)?)"
    rf"(?P<scale>[百千万亿]*)(?P<more>余|多)?(?P<unit>{UNIT})?(?P<after>{AFTER})?"
)
_CHINESE_NUMBER = re.compile(
    rf"[一二三四五六七八九两十百千][零一二三四五六七八九两十百千]*(?=[万亿]|大类|大|{UNIT})|[〇零一二三四五六七八九]{{4}}(?=年)"
)
_PERCENT = re.compile(r"百分之(?=[\d一二三四五六七八九十])([\d.一二三四五六七八九十百点]+)")
_NOT_A_NUMBER = re.compile(
    r"统一|唯一|之一|第一(?=[^条章项款批期年十百千])|一致|一般|万一|一定|一体|一律|进一步|一旦|一方面|一站式|一次性|一揽子|一系列|单一|专一"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What the cited text does not carry.

    `kind`: number, unit, bound, date, negation, modality, place, condition, order (parts put together that the text
    does not put together), words.
    """

    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it stands. `value` is scaled (3000亿 → 300000000000); a range keeps both ends."""

    value: tuple[Decimal, ...]
    unit: str
    bound: str
    text: str


def plain(text: str) -> str:
    """One form for what is only written differently: NFKC, lower case, no spaces, numerals as digits.

    A full-width comma stays one, so that it is told from the comma inside 5,000; so does the end of a line.
    """
    flat = re.sub(r"\s*\n\s*", "\n", re.sub(r"[^\S\n]+|\*", "", text)).strip()
    flat = unicodedata.normalize("NFKC", flat.replace("，", "\x01")).replace("\x01", "，").lower()
    flat = re.sub(r"(?<=\d)[—–~]+(?=\d)", "-", flat)
    flat = _PERCENT.sub(lambda found: _digits(found[1]) + "%", flat)
    kept = [found.span() for found in _NOT_A_NUMBER.finditer(flat)]

    def digits(found: re.Match[str]) -> str:
        at = bisect_right(kept, (found.start(), len(flat))) - 1
        return found[0] if at >= 0 and found.start() < kept[at][1] else _digits(found[0])

    return _CHINESE_NUMBER.sub(digits, flat)


def quantities(text: str) -> list[Quantity]:
    """Every number of a text, in order, with its unit and bound (左右, 不低于, 最高 …); "" where it has none."""
    return list(_quantities(plain(text)))


def _quantities(flat: str) -> list[Quantity]:
    found = []
    for match in _QUANTITY.finditer(flat):
        scale = _scale(match["scale"])
        ends = re.split(rf"{_DASH}+", match["number"])
        value = tuple(Decimal(end.replace(",", "")) * scale for end in ends if end.strip(","))
        bound = "".join(filter(None, (match["before"], match["more"], match["after"])))
        found.append(Quantity(value, match["unit"] or "", bound, match[0]))
    return found


_TOKEN = re.compile(
    r"(?P<number>(?<![a-z])\d(?:[\d]|,(?=\d{3}(?!\d)))*(?:\.\d+)?(?P<scale>[百千万亿]*)(?![\da-z]))|(?P<word>[a-z0-9.+\-]*[a-z0-9])|(?P<one>.)",
    re.S,
)
_PARTICLES = frozenset("和与及的了并为是在将等中其以于")
_STRENGTH = (
    dict.fromkeys("、/·()[]", 1) | dict.fromkeys("，,:—…", 2) | dict.fromkeys(";\n", 3) | dict.fromkeys("。!?", 4)
)


@dataclass(frozen=True)
class Text:
    """Tokens without marks. `marks[i]` is the strongest mark before token i (0 none, 1 、, 2 comma, 3 semicolon,
    4 full stop), `marks[-1]` the one at the end. `clause`, `segment` and `sentence` number the parts a token is in."""

    tokens: tuple[str, ...]
    marks: tuple[int, ...]
    clause: tuple[int, ...]
    segment: tuple[int, ...]
    sentence: tuple[int, ...]
    places: dict[tuple[str, str], tuple[int, ...]]
    single: dict[str, tuple[int, ...]]
    starts: tuple[int, ...]  # first token of every clause

    def words(self, start: int, end: int) -> str:
        """Tokens from `start` to before `end`, run together."""
        return "".join(self.tokens[start:end])

    def clause_span(self, clause: int) -> tuple[int, int]:
        """Where a clause begins and ends."""
        end = self.starts[clause + 1] if clause + 1 < len(self.starts) else len(self.tokens)
        return self.starts[clause], end

    def clause_text(self, clause: int) -> str:
        """A clause's tokens, run together."""
        return self.words(*self.clause_span(clause))


def tokenize(parts: Sequence[str]) -> Text:
    """`parts` as one text; between two of them stands the mark the first one ends in."""
    tokens: list[str] = []
    marks: list[int] = []
    pending = 4
    for part in parts:
        for match in _TOKEN.finditer(plain(part)):
            if match["number"]:
                token = f"{Decimal(match['number'].rstrip('百千万亿').replace(',', '')) * _scale(match['scale']):f}"
                token = token.rstrip("0").rstrip(".") if "." in token else token
            elif match["word"]:
                token = match["word"]
            elif (token := match["one"]) in _STRENGTH:
                pending = max(pending, _STRENGTH[token])
                continue
            elif not (token.isalnum() or token in "%~～-+"):
                continue
            tokens.append(token)
            marks.append(pending)
            pending = 0
    clause, segment, sentence, starts = [], [], [], []
    c = s = p = -1
    for at, mark in enumerate(marks):
        c, s, p = c + (mark >= 2), s + (mark >= 3), p + (mark >= 4)
        if mark >= 2:
            starts.append(at)
        clause.append(c)
        segment.append(s)
        sentence.append(p)
    places: dict[tuple[str, str], list[int]] = {}
    single: dict[str, list[int]] = {}
    for at, token in enumerate(tokens):
        single.setdefault(token, []).append(at)
        if at + 1 < len(tokens):
            places.setdefault((token, tokens[at + 1]), []).append(at)
    return Text(
        tuple(tokens),
        (*marks, max(pending, 4)),
        tuple(clause),
        tuple(segment),
        tuple(sentence),
        {pair: tuple(where) for pair, where in places.items()},
        {token: tuple(where) for token, where in single.items()},
        tuple(starts),
    )


@dataclass(frozen=True, slots=True)
class Run:
    """`said.tokens[start:end]` stands in the evidence from token `at` on."""

    start: int
    end: int
    at: int

    @property
    def stop(self) -> int:
        """The evidence token behind the run."""
        return self.at + self.end - self.start


def align(said: Text, held: Text) -> list[Run]:
    """The runs of `said` that are copied from `held`, in order; what lies between them is new.

    Of several places the longest copy is taken, and of equal ones the place that goes on from the last run.
    """
    runs: list[Run] = []
    i, n = 0, len(said.tokens)
    home = _home(said, held)
    while i < n:
        last = runs[-1] if runs else None
        best: tuple[float, int, int] | None = None
        pair = said.tokens[i : i + 2]
        sites: Sequence[int] = held.places.get((pair[0], pair[1]), ()) if len(pair) == 2 else ()
        if not sites and not (said.marks[i] >= 2 and said.marks[i + 1] >= 2):
            sites = [at for at in held.single.get(said.tokens[i], ()) if _beside(at, last, held, said, i)]
        if last is not None and said.tokens[i] in _PARTICLES and said.marks[i] < 2:
            edge = held.clause[last.stop - 1]
            sites = [at for at in sites if at >= last.stop and (held.clause[at] == edge or at == last.stop)]
        for at in sites:
            length = 1
            while (
                i + length < n
                and at + length < len(held.tokens)
                and said.tokens[i + length] == held.tokens[at + length]
            ):
                length += 1
            score = length + _nearness(at, last, held) + (2.0 if held.sentence[at] == home[said.sentence[i]] else 0)
            score += 0.5 * (said.marks[i] >= 2 and held.marks[at] >= said.marks[i])
            score += 0.5 * (said.marks[i + length] >= 2 and held.marks[at + length] >= said.marks[i + length])
            if best is None or score > best[0]:
                best = (score, at, length)
        if best is None:
            i += 1
        else:
            runs.append(Run(i, i + best[2], best[1]))
            i += best[2]
    return _settled(runs, said, held)


def _settled(runs: list[Run], said: Text, held: Text) -> list[Run]:
    """Runs that met in the middle of a clause meet at its edge instead, where both places have the tokens for it."""
    for k in range(len(runs) - 1):
        a, b = runs[k], runs[k + 1]
        if a.end != b.start or said.marks[b.start] >= 2:
            continue
        back = 0
        while a.end - back - 1 > a.start and b.at - back - 1 >= 0:
            if held.tokens[b.at - back - 1] != said.tokens[a.end - back - 1]:
                break
            back += 1
            if said.marks[a.end - back] >= 1:
                runs[k], runs[k + 1] = Run(a.start, a.end - back, a.at), Run(b.start - back, b.end, b.at - back)
                break
    return runs


def _home(said: Text, held: Text) -> list[int]:
    """For each sentence said, the sentence of the evidence that shares most pairs with it."""
    homes: list[dict[int, int]] = [{} for _ in range((said.sentence[-1] + 1) if said.sentence else 0)]
    for i in range(len(said.tokens) - 1):
        for at in held.places.get((said.tokens[i], said.tokens[i + 1]), ()):
            count = homes[said.sentence[i]]
            count[held.sentence[at]] = count.get(held.sentence[at], 0) + 1
    return [max(count, key=lambda key: (count[key], -key)) if count else -1 for count in homes]


def _beside(at: int, last: Run | None, held: Text, said: Text, i: int) -> bool:
    """Whether a lone token may be taken for the one at `at`: it goes on in the same clause as the last run, or the
    next token said is not far behind it."""
    if last is not None and at == last.stop and last.end == i:
        return True
    if said.tokens[i] in _PARTICLES:
        return False
    if last is not None and last.stop <= at and held.clause[at] == held.clause[last.stop - 1]:
        return True
    follow = said.tokens[i + 1] if i + 1 < len(said.tokens) else None
    return follow is not None and follow in held.tokens[at + 1 : at + 6] and said.marks[i + 1] < 2


def _nearness(at: int, last: Run | None, held: Text) -> float:
    if last is None:
        return 0.0
    if at == last.stop:
        return 3.0
    before = last.stop - 1
    if at > last.stop and held.clause[at] == held.clause[before]:
        return 1.5
    if held.sentence[at] == held.sentence[before]:
        return 1.0 if at > last.stop else 0.4
    return 0.0


def _scale(marks: str | None) -> int:
    scale = 1
    for mark in marks or "":
        scale *= _SCALE[mark]
    return scale


def _digits(numeral: str) -> str:
    """三十五 → 35, 二〇二五 → 2025, 三点五 → 3.5 (up to 9999 without 万)."""
    if re.fullmatch(r"[\d.]+", numeral):
        return numeral
    if re.search(r"[\d.]", numeral):
        return numeral
    whole, _, part = numeral.partition("点")
    tail = "." + "".join(str(_NUMERAL[char]) for char in part if char in _NUMERAL) if part else ""
    if len(whole) > 1 and not re.search("[十百千]", whole):
        return "".join(str(_NUMERAL[char]) for char in whole) + tail
    total, current = 0, 0
    for char in whole:
        if char in "十百千":
            total += (current or 1) * {"十": 10, "百": 100, "千": 1000}[char]
            current = 0
        else:
            current = _NUMERAL[char]
    return str(total + current) + tail
