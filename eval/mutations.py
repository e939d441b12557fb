"""True sentences made false, and true ones said otherwise: the verifier's own known-answer set.

`FALSE` holds one function per kind of falsehood, `TRUE` one per honest rewording. Each takes a sentence and what
stands around it and gives a sentence that its passage does not (or still does) support; `None` where the kind does
not apply. Everything is chosen by a seeded generator: the same documents give the same trials.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence of a document. `passage` are the sentences of its section, `elsewhere` those of its other sections
    (same document), `foreign` some of other documents; `title` and `path` are what its label says."""

    text: str
    passage: tuple[str, ...]
    elsewhere: tuple[str, ...]
    foreign: tuple[str, ...]
    title: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What the verifier is asked: does `cited` support `sentence`? `context` is the label."""

    kind: str
    sentence: str
    cited: tuple[str, ...]
    context: tuple[str, ...]


Maker = Callable[[Sentence, Random], str | None]

_NUMBER = r"(?<![\d.〔\[（(第a-zA-Z/_%-])\d[\d,]*(?:\.\d+)?(?![\d.〕\]]|\s*[年月日a-zA-Z号版]|[-—]\d)"
_VERBS = (
    "支持|鼓励|推动|推进|加快|建设|打造|培育|开展|完善|建立|加强|提升|发展|构建|实施|引导|组织|给予|促进|探索|"
    "研究|深化|强化|优化|健全|落实|扩大|制定|负责|突破|攻关|布局"
)
_ITEM = re.compile(r"(?<=、)[\u4e00-\u9fff]{2,9}(?=、|等|和)")
_AGENCY = re.compile(
    r"[\u4e00-\u9fff]{1,7}?(?:委员会|发展改革委|科委|经信委|人民政府|办公室|管委会|税务局|公安局|管理局|商务局|财政局|[住建科技卫健]委)"
)
_QUOTED = re.compile(r"“([^”“]{2,12})”")
_BOOK = re.compile(r"《([^》《]{4,40})》")
_REGION = re.compile(
    r"(?:浦东|徐汇|杨浦|宝山|闵行|嘉定|青浦|金山|奉贤|松江|崇明|临港|张江|金桥|外高桥|黄浦|静安|天河|番禺|南沙)(?:新区|区)?"
)
_ABROAD = ("虹口", "普陀", "陆家嘴", "长宁", "海珠", "花都")
_PAIRS = {
    "提高": "降低",
    "增加": "减少",
    "扩大": "缩小",
    "加强": "削弱",
    "提升": "压降",
    "上升": "下降",
    "放宽": "收紧",
    "境内": "境外",
    "国内": "国外",
    "国际": "国内",
    "鼓励": "限制",
    "支持": "禁止",
    "优先": "暂缓",
    "增强": "减弱",
    "促进": "抑制",
    "集中": "分散",
    "公开": "保密",
    "前": "后",
    "个人": "单位",
    "承租人": "出租人",
    "买方": "卖方",
    "线上": "线下",
}
_BOUNDS = {
    "不低于": "不高于",
    "不少于": "不超过",
    "不超过": "不低于",
    "不高于": "不低于",
    "最高": "最低",
    "最低": "最高",
    "以上": "以下",
    "以下": "以上",
    "以内": "以上",
    "超过": "不足",
    "至少": "至多",
    "左右": "以上",
    "近": "超",
}


def swap(pattern: str, to: str | Callable[[re.Match[str]], str]) -> Maker:
    """A maker that changes one match of `pattern`, chosen at random."""
    compiled = re.compile(pattern)

    def make(sentence: Sentence, random: Random) -> str | None:
        found = list(compiled.finditer(sentence.text))
        if not found:
            return None
        match = random.choice(found)
        new = match.expand(to) if isinstance(to, str) else to(match)
        return sentence.text[: match.start()] + new + sentence.text[match.end() :]

    return make


def table(words: Mapping[str, str], before: str = "", after: str = "") -> Maker:
    """A maker that puts one word of a table in place of another."""
    pattern = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return swap(f"{before}(?:{pattern}){after}", lambda match: words[match[0]])


def another(pattern: re.Pattern[str], group: int = 0, extra: Sequence[str] = ()) -> Maker:
    """A maker that puts a match of `pattern` from elsewhere in the place of one here (the passage has neither)."""

    def make(sentence: Sentence, random: Random) -> str | None:
        found = list(pattern.finditer(sentence.text))
        pool = {match[group] for text in (*sentence.elsewhere, *sentence.foreign) for match in pattern.finditer(text)}
        choices = sorted(word for word in pool | set(extra) if word not in sentence.text)
        if not found or not choices:
            return None
        match = random.choice(found)
        start, end = match.span(group)
        new = random.choice(choices)
        if new in match[group] or match[group] in new:
            return None
        return sentence.text[:start] + new + sentence.text[end:]

    return make


def _times(factor: int) -> Callable[[re.Match[str]], str]:
    def change(match: re.Match[str]) -> str:
        value = match[0].replace(",", "")
        if factor > 0:
            return value + "0" * (factor // 10) if "." not in value else f"{float(value) * factor:g}"
        return f"{float(value) / 10:g}"

    return change


def _plus(match: re.Match[str]) -> str:
    value = match[0].replace(",", "")
    return f"{float(value) + 0.1:g}" if "." in value else str(int(value) + 1)


def _numbers_swapped(sentence: Sentence, random: Random) -> str | None:
    """Two numbers of one sentence in each other's place."""
    found = list(re.finditer(_NUMBER, sentence.text))
    pairs = [(a, b) for i, a in enumerate(found) for b in found[i + 1 :] if a[0] != b[0]]
    if not pairs:
        return None
    a, b = random.choice(pairs)
    text = sentence.text
    return text[: a.start()] + b[0] + text[a.end() : b.start()] + a[0] + text[b.end() :]


def _years_swapped(sentence: Sentence, random: Random) -> str | None:
    """The year of another sentence of the passage."""
    own = re.findall(r"(?:19|20)\d\d(?=\s*年)", sentence.text)
    others = sorted(
        {year for text in sentence.passage for year in re.findall(r"(?:19|20)\d\d(?=\s*年)", text)} - set(own)
    )
    if not own or not others:
        return None
    return sentence.text.replace(random.choice(own), random.choice(others), 1)


def _objects_swapped(sentence: Sentence, random: Random) -> str | None:
    """支持A，推动B → 支持B，推动A."""
    pattern = rf"({_VERBS})([\u4e00-\u9fff]{{4,25}})，({_VERBS})([\u4e00-\u9fff]{{4,25}})(?=[，。；])"
    for match in re.finditer(pattern, sentence.text):
        if match[1] != match[3]:
            return (
                sentence.text[: match.start()]
                + f"{match[1]}{match[4]}，{match[3]}{match[2]}"
                + sentence.text[match.end() :]
            )
    return None


def _reversed(sentence: Sentence, random: Random) -> str | None:
    """A推动B → B推动A, 以A促B → 以B促A."""
    pattern = (
        r"(?:^|(?<=[，；]))([\u4e00-\u9fff]{2,12})(带动|推动|促进|引领|支撑|服务|赋能|负责|委托|报)"
        r"([\u4e00-\u9fff]{2,14})(?=[，。；])"
    )
    match = re.search(pattern, sentence.text)
    if not match:
        return None
    return sentence.text[: match.start()] + match[3] + match[2] + match[1] + sentence.text[match.end() :]


def _glued(sentence: Sentence, random: Random) -> str | None:
    """The verb of one clause with the object of a later one."""
    clauses = [part for part in re.split("[，；。]", sentence.text) if part]
    heads = [(i, m[0]) for i, part in enumerate(clauses) if (m := re.match(rf"(?:{_VERBS})", part))]
    made = [
        f"{head}{re.sub(rf'^(?:{_VERBS})+', '', clauses[j])}。"
        for i, head in heads
        for j in range(i + 1, len(clauses))
        if re.match(rf"(?:{_VERBS})", clauses[j]) and not clauses[j].startswith(head) and len(clauses[j]) > 6
    ]
    made = [text for text in made if text.rstrip("。") not in "".join(sentence.passage)]
    return random.choice(made) if made else None


def _cut_negation(sentence: Sentence, random: Random) -> str | None:
    """What stands behind a not, as if the not were not there."""
    match = re.search(r"(?:不得|不再|不予|不能|不可|未经|严禁|禁止)([^，。；、]{4,})", sentence.text)
    return f"{match[1]}。" if match else None


def _condition_dropped(sentence: Sentence, random: Random) -> str | None:
    """对A的，给予B → 给予B; likewise 凡/经/符合/未 …的，."""
    text = sentence.text
    match = re.search(
        r"(?:^|(?<=[。；：]))(?:对|凡|经(?!济)|符合|满足|因|未(?!来))[^，。；：]{4,40}?的?，(?=[^。；]{4,})", text
    )
    if match:
        return text[: match.start()] + text[match.end() :]
    match = re.search(
        r"(?:^|(?<=[，。；：]))对[^，。；：]{3,30}(?=(?:给予|实行|实施|予以|奖励|补贴|补助|按|处)[^，。；：]{6,})(?=给予|实行|实施|予以|奖励|补贴|补助|按|处)",
        text,
    )
    return text[: match.start()] + text[match.end() :] if match else None


def _limit_dropped(sentence: Sentence, random: Random) -> str | None:
    """首次, 符合条件的, 经认定的 and the like left out."""
    pattern = r"首次|首套|新引进的?|符合条件的|符合规定的|"
    pattern += r"(?<!未)经[\u4e00-\u9fff]{0,8}(?:认定|批准|同意|审核)(?:通过)?(?:的|后)?，?|"
    pattern += r"非营利性?|全日制|未满\d+周岁的?|年满\d+周岁的?|一次性"
    found = swap(pattern, "")(sentence, random)
    return found if found != sentence.text else None


def _dated_out(sentence: Sentence, random: Random) -> str | None:
    """到2030年，X达到Y → X达到Y: a target said as if it were reached."""
    match = re.search(r"(?:^|(?<=[，。；：]))(?:到|至|力争到)\s*20\d\d\s*年底?，(?=[^。；]*\d)", sentence.text)
    return sentence.text[: match.start()] + sentence.text[match.end() :] if match else None


def _item_added(sentence: Sentence, random: Random) -> str | None:
    """A、B等 → A、B、C等 with an item of another section."""
    pool = sorted({m[0] for text in sentence.elsewhere for m in _ITEM.finditer(text) if m[0] not in sentence.text})
    match = _ITEM.search(sentence.text)
    if not match or not pool:
        return None
    return sentence.text[: match.end()] + "、" + random.choice(pool) + sentence.text[match.end() :]


def _invented(sentence: Sentence, random: Random) -> str | None:
    added = random.choice(
        (
            "并给予每家企业100万元补贴",
            "并免征三年企业所得税",
            "由市财政全额承担",
            "逾期不予受理",
            "相关企业可直接申领",
        )
    )
    return f"{sentence.text.rstrip('。；')}，{added}。"


def _prefixed(words: Sequence[str]) -> Maker:
    """An article, number or authority in front that the passage does not print."""

    def make(sentence: Sentence, random: Random) -> str | None:
        made = random.choice(words) + sentence.text
        return made if len(sentence.text) > 10 else None

    return make


def _other(texts: Callable[[Sentence], Sequence[str]]) -> Maker:
    """A whole sentence that stands, but elsewhere (wrong section or document cited)."""

    def make(sentence: Sentence, random: Random) -> str | None:
        held = "".join(sentence.passage)
        pool = [
            text for text in texts(sentence) if len(text) >= 15 and text.rstrip("。；") not in held + sentence.title
        ]
        return random.choice(pool) if pool else None

    return make


def _lookalike(sentence: Sentence, random: Random) -> str | None:
    """The sentence elsewhere in the document that shares most characters with this one."""
    held = "".join(sentence.passage)
    own = {sentence.text[i : i + 2] for i in range(len(sentence.text) - 1)}
    pool = [text for text in sentence.elsewhere if len(text) >= 15 and text.rstrip("。；") not in held + sentence.title]
    if not pool:
        return None
    best = max(pool, key=lambda text: (len(own & {text[i : i + 2] for i in range(len(text) - 1)}) / len(text), text))
    return best


def _spliced(sentence: Sentence, random: Random) -> str | None:
    """The beginning of this sentence with the end of another of the same passage."""
    others = [text for text in sentence.passage if text != sentence.text and "，" in text]
    if not others or "，" not in sentence.text:
        return None
    other = random.choice(others)
    head = sentence.text[: sentence.text.index("，")]
    tail = other[other.rindex("，") + 1 :]
    cut = re.match(rf"(?:{_VERBS})", tail)
    if len(head) < 6 or len(tail) < 8 or not cut:
        return None
    joined = head + tail[cut.end() :]
    return None if joined in "".join(sentence.passage) else joined


def _number_of_another(sentence: Sentence, random: Random) -> str | None:
    """A number with the unit it has here, taken from another sentence of the passage."""
    pattern = re.compile(_NUMBER + r"(?=([万亿]*(?:[家个项件元名人户%]|平方)))")
    found = list(pattern.finditer(sentence.text))
    others = [m for text in sentence.passage if text != sentence.text for m in pattern.finditer(text)]
    pairs = [(a, b[0]) for a in found for b in others if a[1] == b[1] and a[0] != b[0] and b[0] not in sentence.text]
    if not pairs:
        return None
    match, new = random.choice(pairs)
    return sentence.text[: match.start()] + new + sentence.text[match.end() :]


def _item_of_passage(sentence: Sentence, random: Random) -> str | None:
    """A list item of another sentence of the same passage in the place of one."""
    pool = sorted(
        {m[0] for text in sentence.passage for m in _ITEM.finditer(text) if text != sentence.text}
        - {m[0] for m in _ITEM.finditer(sentence.text)}
    )
    pool = [item for item in pool if item not in sentence.text]
    match = _ITEM.search(sentence.text)
    if not match or not pool:
        return None
    return sentence.text[: match.start()] + random.choice(pool) + sentence.text[match.end() :]


def _condition_of_another(sentence: Sentence, random: Random) -> str | None:
    """对A的，给予B。对C的，给予D。 → 对A的，给予D."""
    pattern = r"(?:^|(?<=[。；：]))((?:对|凡|经(?!济)|符合|满足|未(?!来))?[^，。；：]{4,40}的，)([^。；]{8,})"
    here, others = re.search(pattern, sentence.text), []
    for text in (*sentence.passage, *sentence.elsewhere[:30]):
        if text != sentence.text:
            others += [m[1] for m in re.finditer(pattern, text)]
    others = [other for other in others if other not in sentence.text]
    return f"{random.choice(others)}{here[2]}。" if here and others else None


def _exception_dropped(sentence: Sentence, random: Random) -> str | None:
    """但…除外 left out, 除…外 left out."""
    match = re.search(r"，(?:但|但是)[^。；]{2,60}(?=[。；]|$)|除[^，。；]{2,30}外，", sentence.text)
    return sentence.text[: match.start()] + sentence.text[match.end() :] if match else None


FALSE: dict[str, Maker] = {
    "number ×10": swap(_NUMBER, _times(10)),
    "number ÷10": swap(_NUMBER, _times(-10)),
    "number + 1": swap(_NUMBER, _plus),
    "numbers of a sentence swapped": _numbers_swapped,
    "number of another sentence": _number_of_another,
    "document number": swap(r"(?<=〔)(20\d\d)〕\s*(\d+)", lambda m: f"{m[1]}〕{int(m[2]) + 10}"),
    "scale 万/亿": swap(
        r"(?<=\d)(\s*)(万亿|万|亿)(?=元|平方|人|家|吨|户|$|[，。])",
        lambda m: m[1] + {"万": "亿", "亿": "万", "万亿": "亿"}[m[2]],
    ),
    "currency": swap(r"(?<=[\d万亿])元", "美元"),
    "unit": swap(
        r"(?<=\d)(\s*)(家|个|项|件|人|平方米|公里|天|名|户)(?!月|工作|百分)",
        lambda m: (
            m[1]
            + {
                "家": "个",
                "个": "家",
                "项": "家",
                "件": "万件",
                "人": "万人",
                "平方米": "亩",
                "公里": "米",
                "天": "个月",
                "名": "家",
                "户": "人",
            }[m[2]]
        ),
    ),
    "percent and points": swap(r"(?<=\d)\s*(%|个百分点)", lambda m: "个百分点" if m[1] == "%" else "%"),
    "range cut": swap(r"(\d+)(?:-|—|~|～|至)(\d+)(?=\s*[家个项%万亿天])", r"\2"),
    "year ± 1": swap(r"(?:19|20)\d\d(?=\s*年)", lambda m: str(int(m[0]) + 1)),
    "year of another sentence": _years_swapped,
    "month or day": swap(r"(\d{1,2})(?=\s*[月日](?![期常均]))", lambda m: str(int(m[1]) % 12 + 1)),
    "length of time": table(
        {"个月": "年", "年内": "个月内", "工作日": "个月", "个工作日": "天", "周年": "个月", "小时": "天"},
        before=r"(?<=\d)",
    ),
    "bound turned": table(_BOUNDS, before=r"(?:(?<=[\d%元家个万亿年人天月日岁])|(?!以))"),
    "bound dropped": swap(
        r"(?<=\d[万亿元家个项人%年])(?:左右|以上|以下|以内)|左右(?=[\u4e00-\u9fff])|(?:不低于|不少于|不超过|不高于|最高|最低|超过|至少|累计|每年|年均|约)(?=[\u4e00-\u9fff]{0,3}\d)",
        "",
    ),
    "bound added": swap(
        rf"(?<!最高)(?<!超过)(?<!不低于)(?={_NUMBER})(?<=[为达到给予成立有建设培育])", lambda m: "不低于"
    ),
    "yearly or in all added": swap(
        rf"(?:建设|培育|给予|打造|形成|推出|发展|达到)(?=[\u4e00-\u9fff]{{0,2}}{_NUMBER})", lambda m: f"每年{m[0]}"
    ),
    "negation added": swap(rf"(?:^|(?<=[，；、。]))(?={_VERBS}|可以|应当|可)", lambda m: "不"),
    "negation dropped": swap(
        r"不得|不予|不再|不能|不可|未经|不(?=[\u4e00-\u9fff])(?!断|仅|但|同|少于|低于|超过|高于|良|动产|足|等)", ""
    ),
    "cut behind a not": _cut_negation,
    "may and must not": table({"可以": "不得", "不得": "可以", "应当": "可以", "必须": "可以", "不予": "给予"}),
    "made a duty": swap(r"支持|鼓励|探索|引导|可以", lambda m: "必须" if m[0] != "可以" else "应当"),
    "duty softened": table({"应当": "鼓励", "必须": "探索", "禁止": "限制", "严禁": "不鼓励", "负责": "支持"}),
    "promise hardened": table({"支持": "保证", "鼓励": "要求", "推动": "完成", "探索": "全面实施", "研究": "实施"}),
    "hedge dropped": swap(
        r"争取|力争|探索|预计|拟|原则上|一般|试点|研究(?=制定|制订)|（预[估计]）|有望|暂定|计划(?=建设|到|在|于)", ""
    ),
    "target reached": table(
        {
            "将建成": "已建成",
            "建成": "已建成",
            "达到": "已达到",
            "形成": "已形成",
            "推动": "已推动",
            "打造": "已建成",
            "建设": "已建成",
            "实现": "已实现",
            "突破": "已突破",
        },
        before=r"(?:^|(?<=[，；、。\u4e00-\u9fff]))(?<!已)(?<!已经)",
    ),
    "target year dropped": _dated_out,
    "opposite": table(_PAIRS),
    "all for some": table(
        {"一批": "全部", "部分": "全部", "若干": "所有", "各类": "个别", "有关": "所有", "一定": "全额", "逐步": "立即"}
    ),
    "only added": swap(rf"(?:^|(?<=[，；]))(?={_VERBS})", "仅"),
    "level": table(
        {
            "全市": "全区",
            "市级": "区级",
            "本市": "本区",
            "我市": "我区",
            "全区": "全市",
            "全省": "全市",
            "全国": "全市",
            "国家级": "市级",
            "省级": "市级",
            "区级": "市级",
            "新区": "新城",
            "县级": "乡级",
            "市、县": "市、区",
            "国家": "地方",
            "各区": "各市",
            "区政府": "市政府",
            "市政府": "省政府",
            "市人民政府": "区人民政府",
        }
    ),
    "district": another(_REGION, extra=_ABROAD),
    "district added": swap(
        _REGION.pattern + r"(?=、|和|等)", lambda m: f"{m[0]}、{_ABROAD[len(m.string) % len(_ABROAD)]}"
    ),
    "agency": another(_AGENCY, extra=("市气象局", "市体育局", "区档案局", "市民政局")),
    "quoted name": another(_QUOTED, 1),
    "document named": another(_BOOK, 1, extra=("中华人民共和国档案法", "城市绿化条例")),
    "list item": another(_ITEM),
    "list item of the passage": _item_of_passage,
    "list item added": _item_added,
    "objects swapped": _objects_swapped,
    "cause and effect": _reversed,
    "glued clauses": _glued,
    "spliced sentences": _spliced,
    "condition dropped": _condition_dropped,
    "condition of another": _condition_of_another,
    "exception dropped": _exception_dropped,
    "limit dropped": _limit_dropped,
    "speaker invented": _prefixed(("王建国表示，", "市发展改革委主任指出，", "新闻发言人介绍说，")),
    "clause invented": _invented,
    "article invented": _prefixed(
        ("根据第九十八条规定，", "依据沪府规〔2031〕77号，", "经国务院批准，", "按照《补贴管理办法》，")
    ),
    "wrong section": _other(lambda sentence: sentence.elsewhere),
    "lookalike section": _lookalike,
    "wrong document": _other(lambda sentence: sentence.foreign),
}
