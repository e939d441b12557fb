"""question → Question: what is asked, of which documents, and what kind of answer would settle it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant import lexicon
from assistant.followup import Turn, standalone
from assistant.text import HAN, grams, is_english, is_han, tidy
from assistant.validity import set_day
from errors import UsageError
from index.lexicon import Match, load_lexicon

if TYPE_CHECKING:
    from opencc import OpenCC

_PROPER = re.compile(rf"[A-Z0-9{HAN}]")  # a name or a number in an English question
_NAMES = 3  # synonyms of an official term that an English word stands for
LONGEST = 4000  # characters of a question that are read; more is not a question


class Kind(Enum):
    """The kind of answer that settles a question."""

    NUMBER = "number"
    LIST = "list"
    DEFINITION = "definition"
    WHERE = "where"
    WHO = "who"
    WHEN = "when"
    COMPARISON = "comparison"
    YES_NO = "yes_no"
    APPLICABILITY = "applicability"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Term:
    """A stretch of content words asked about. `alternatives` are policy words for it; `weight` is 0..1.

    `searched` tells that search knows the alternatives by itself. `likened` are those of the alternatives that the
    question may only mean, each with how much it counts (0..1).
    """

    text: str
    alternatives: tuple[str, ...] = ()
    weight: float = 1.0
    searched: bool = False
    likened: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question, understood.

    `text` stands alone (history folded in, simplified characters), `focus` is what was said last; `query` is what is
    searched.
    `pieces` are the stretches of content words in `focus`.
    `told` are the grams of the answer before this question; `units` are the measure words a number should carry;
    `years` are four-digit years that are named; `quoted` are terms in quotation marks; `pasted` tells that the
    message carries orders or "documents" of its own; `day` is the day it asks about (截至2024年). `whole` tells that
    the last message may be a question of its own, whatever was said before.
    """

    text: str
    focus: str
    language: str
    kind: Kind
    terms: tuple[Term, ...]
    pieces: tuple[str, ...]
    query: str
    told: frozenset[str] = frozenset()
    years: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    pasted: bool = False
    day: date | None = None
    whole: bool = False


# Words that carry the asking are cut out before content words are compared, but not from within other words.
_ASKING, _KEEP = (lexicon.pattern(name) for name in ("asking", "kept"))
_MEASURE = re.compile(
    r"(?:多少|(?<!哪)几)\s*(亿元|万元|亿|万|元|钱|%|百分点|家|个|项|条|种|类|件|名|人|支|所|座|场|次|年|个月|月|天|米|公里|度|辆|倍|成|款|批|份|平方米|平方公里|岁|位|台|套|处)"
)
_SHARE = re.compile(r"占(?:到|了|全[市国区省]的?)?(?:多少|几)(?!家|个|亿|万|平)|百分之(?:几|多少)|几个百分点")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d|\.\d|\s*[多余]?[元万亿家人个项台套辆吨平公亩米户名件次%])")
_REGION = re.compile(r"浦东新区|浦东|上海市|上海(?!光源|海|科技大学|电视台|证券报|自贸|集成)|全市|市级|区级")
_QUOTED = re.compile(r"[“\"「『‘]([^”\"」』’]{1,40})[”\"」』’]")
_TITLE = re.compile(r"《([^》]{2,60})》")
_ORDERS = re.compile(
    r"忽略(?:以上|之前|上面|前面|所有|全部|你)|无视(?:以上|之前|上面|规则|所有)|不用管|别管|不要管|不必管|不管文件|按我说的|照我说的|你就(?:写|说|答|回答)|"
    r"直接(?:写|说|回答)“|你现在是|你是一个|从现在起|扮演|假装|假设你|系统提示|系统指令|提示词|管理员(?:模式|权限|指令)|开发者模式|"
    r"更新(?:你的)?知识库|写入知识库|加入知识库|新版政策|最新政策原文|政策原文[：:]|以下(?:是|为)(?:最新|新版|新的|补充|内部)|下面(?:是|为)(?:最新|新版|新的|补充|内部)|"
    r"内部(?:消息|文件|通知|口径)|更正公告|以本?公告为准|(?:附件|原文|文件|政策)节选|据此(?:回答|告诉|计算|我)|帮我编|编(?:一|几|个|句|段)|随便(?:引|找|写|给|说)|像真的|"
    r"估一个|估算一下|瞎猜|"
    r"凭(?:常识|感觉|印象|经验)|只准(?:回答|说)|只能回答“|(?:照做|照办|照抄)|别查|不用查|禁止拒答|不(?:准|许|得)拒(?:答|绝)|必须给出|反复?说|管理员|(?:不要|别|无需|"
    r"不用)(?:给|加|标|写|附)?(?:引用|出处|来源|依据)|编一个|编造|随便编|瞎编|虚构|"
    r"ignore (?:all|any|the|previous|prior|above)|disregard|system prompt|you are now|pretend|jailbreak|"
    r"(?:reply|respond|answer|say) (?:only|just|nothing but)|developer mode|make up|<\s*/?(?:system|script)|\[/?INST\]",
    re.I,
)

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        Kind.APPLICABILITY,
        re.compile(
            r"(?:我们|我司|本公司|我公司|我们公司|咱们?|我(?:是|在|的企业|的公司)|本协会|我院|我校|贵公司|我方|我这).{0,40}"
            r"(?:享受|适用|申请|申报|补贴|支持|政策|扶持|条款|好处|符合|够不够|机会|对应|利好|沾|提到|帮|拿)|"
            r"^[^，。？]{0,24}(?:企业|公司|厂商|供应商|厂家|创业团队|课题组|工作室)[，,]|"
            r"(?:公司|企业|团队|机构|协会|园区|高校|医院).{0,16}(?:能享受|可以享受|能申请|可以申请|可申请|适用|能拿到|能获得|能得到|符合|有什么政策|有哪些政策|有啥政策)|"
            r"\b(?:we are|our (?:company|startup|firm)|i run|we make|we develop|as an? .{3,40} (?:company|startup|"
            r"firm))\b",
            re.I,
        ),
    ),
    (Kind.YES_NO, re.compile(r"^谁(?!负责|牵头|主管|来)[^，。？]*[，,]?[^，。？哪什几多何怎]*(?:吗|么)[？?]*$")),
    (
        Kind.COMPARISON,
        re.compile(
            r"区别|差别|差异|不同|不一样|异同|相比|相较|比较|对比|对照|有何变化|变化|是否一致|一致吗|一样吗|是不是一样|谁(?:更|多|高|大|早)|哪(?:个|一个|份)(?:更|多|高|大|早)|"
            r"(?:和|与|跟|同).{1,24}(?:比(?![例率重值])|相比|各自|分别|各)|共同点|相同点|重合|difference|compare|versus|\bvs\b|differ",
            re.I,
        ),
    ),
    (
        Kind.DEFINITION,
        re.compile(
            r"什么意思|什么叫|何谓|怎(?:样|么)才算|是指什么|指什么|指的是什么|指的是(?:哪|什么)|是(?:个|一个|一种|一项)?什么(?!时|样|单位|部门|地方|人|机构|年|级|区|文|日|数|领域|方向|产业|行业|基金|企业)|"
            r"什么是|含义|定义|讲的?是(?:什么|啥)|说的?是(?:什么|啥)|"
            r"是(?:啥|何意|怎么回事)|怎么(?:理解|解释|定义|定位)|定位(?:是|为|成)|"
            r"what (?:is|are) (?:an? |the )?[^？]{2,40}？$|what does .+ mean|definition|define",
            re.I,
        ),
    ),
    (
        Kind.WHO,
        re.compile(
            r"谁|哪(?:个|些|几个|一个)?(?:部门|单位|机构|委办|委|局|领导|领导小组|人|专家|主体|媒体|记者|官员)|哪(?:家|几家)(?:单位|机构|部门|媒体|报)|哪位|牵头|由哪|依托哪|"
            r"什么(?:部门|单位|机构|人)|主管|发言人|负责(?:人|单位|部门)|"
            r"依托单位|主体是|\bwho\b|which (?:department|agency|body|organi[sz]ation|commission|unit)|responsible",
            re.I,
        ),
    ),
    (
        Kind.WHEN,
        re.compile(
            r"什么时候|何时|啥时候|哪(?:一)?年|哪(?:几|些)年|几几年|到哪年|什么(?:时间|年份|日期|时机|时点|阶段|契机)|哪(?:天|一天|个月)|(?:几|多少)(?:年|个月|天)(?:内|"
            r"之内)?|多久|多长时间|时间(?:表|节点|是)|期限(?![内届满后前中的])|截止|"
            r"有效期(?![内届满后前中的])|规划期(?![内届满后前中的])|"
            r"\bwhen\b|which year|what year|by what (?:year|date)|deadline|how long|"
            r"how many (?:more |working |calendar )?(?:year|month|week|day|hour|minute)s?\b",
            re.I,
        ),
    ),
    (
        Kind.WHERE,
        re.compile(
            r"(?:区|地区|区域|园区|镇|城市)(?:一共|都)?(?:(?:是|包括|涉及)?几个|有几个[、，](?:分别)?是?哪|(?:有|是|包括|涉及)?哪)|哪里|哪儿|(?:在|放|落)哪(?!(?:个|几|两|些|\d|[一二三四五六七八九十])*[大项]?[^，。？个]{0,6}(?:领域|方面|行业|环节|载体|产业|赛道|场景|技术|学科|部分|[类项条家所处]|出现|提到|写))|哪(?:个|些|几个|一个)?(?:区域|地区|区|园区|园|镇|街道|城市|省|"
            r"地方|基地|地点|片区|地|县)|什么地方|位于|落在|落户(?:在)?(?:哪|什么)|选址|布局在|设在|坐落|"
            r"\bwhere\b|which (?:district|area|place|city|"
            r"zone|park|region)",
            re.I,
        ),
    ),
    (
        Kind.NUMBER,
        re.compile(
            r"多少|(?:给|具体|什么|个)数字|(?<!哪)几(?=家|个|项|条|种|类|件|名|人|支|所|座|场|次|成|倍|款|批|份|位|台|套|亿|万|米|度|块|期|版|轮)|百分之几|比例|占比|比重|金额|数额|规模(?:是|有|达|目标|"
            r"多)|上限|下限|最高(?:能|可|多|给|支持|奖)|多(?:大|高|长|重|快)|数量|数值|"
            r"(?:指标|目标)(?:值)?是(?!什么|哪)|"
            r"how (?:many|much|large|big|high|long|far)|what (?:number|percentage|share|"
            r"amount|target|figure|value|percent|temperature|price|rate|fee|fine)",
            re.I,
        ),
    ),
    (
        Kind.LIST,
        re.compile(
            r"哪|有(?:什么|啥)|什么(?:方向|措施|领域|任务|内容|项目|技术|举措|要求|支持|政策|条件|目标|部分|环节|材料|产品|设备|手段|机制|平台|好处|办法|工具)|包括什么|包含什么|"
            r"列举|列出|分别是|分为|由什么|几大|几方面|"
            r"\b(?:which|list|what are|what (?:kinds?|types?|measures|areas|fields|directions|technologies))\b",
            re.I,
        ),
    ),
    (
        Kind.YES_NO,
        re.compile(
            r"吗|是否|有没有|能不能|可不可以|行不行|算不算|是不是|会不会|要不要|能否|可否|\b(?:does|do|is|are|can|did|has|have|will)\b",
            re.I,
        ),
    ),
)


def understand(question: str, history: Sequence[Turn] = ()) -> Question:
    """Read a question; `history` is the talk before it, oldest first.

    Raises UsageError when the question is empty or has no letter or digit in it, or is longer than `LONGEST`.
    """
    if len(question) > LONGEST:
        raise UsageError(
            f"问题有 {len(question)} 个字，超过 {LONGEST} 字：请把要问的写短些，文件请用 wence build 加入索引"
        )
    asked = _spell(question)
    if not re.search(r"\w", asked):
        raise UsageError("问题是空的：请写出要问的内容")
    turns = [Turn(role=turn.role, content=_spell(turn.content[:LONGEST])) for turn in history]
    pasted = _ORDERS.search(asked) is not None
    core = _without_orders(asked) if pasted else asked
    day, core = set_day(core)
    alone = standalone(core, turns)
    language = "en" if is_english(asked) else "zh"
    kind = kind_of(alone.focus)
    if kind is Kind.OPEN and alone.background:
        kind = kind_of(alone.background)
    terms = _terms(alone.focus if alone.background else alone.text, 1.0)
    if alone.background:
        known = "".join(term.text for term in terms)
        beside = 0.25 if re.match(r"[^，。？]{1,16}呢", core) else 0.45
        terms += tuple(term for term in _terms(alone.background, beside) if term.text not in known)
    extra = dict.fromkeys(word for term in terms if not term.searched for word in term.alternatives)
    every = tuple(dict.fromkeys(word for term in terms for word in term.alternatives))
    said = " ".join(
        term.text for term in terms if term.searched or (not term.alternatives and _PROPER.search(term.text))
    )
    query = alone.text if language == "zh" else said
    return Question(
        text=alone.text,
        focus=alone.focus,
        language=language,
        kind=kind,
        terms=terms,
        pieces=tuple(content_words(alone.focus)) if language == "zh" else every,
        query=" ".join([query, *extra]).strip() or alone.text,
        told=frozenset(grams(turns[-1].content))
        if turns and turns[-1].role == "assistant" and alone.background
        else frozenset(),
        years=_years(alone.focus) or _years(alone.text),
        units=_units(alone.text),
        quoted=tuple(dict.fromkeys([*_QUOTED.findall(core), *_TITLE.findall(core)])),
        pasted=pasted,
        day=day,
        whole=alone.whole,
    )


def kind_of(text: str) -> Kind:
    """The kind of answer that the words of a question ask for."""
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), Kind.OPEN)


def _units(text: str) -> tuple[str, ...]:
    """The measure words that the number asked for should carry; a share is told in %."""
    return tuple(dict.fromkeys([*_MEASURE.findall(text), *(["%"] if _SHARE.search(text) else [])]))


def _years(text: str) -> tuple[str, ...]:
    """Years that are named, four digits each: 2018年, 18年; a span (从2018到2025) as its ends."""
    short = [f"20{year}" for year in re.findall(r"(?<![\d.])([0-3]\d)(?=年(?!内|间|以|期))", text)]
    return tuple(dict.fromkeys([*_YEAR.findall(text), *short]))


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


def _spell(text: str) -> str:
    """Simplified characters, half-width forms, one line."""
    text = text.encode("utf-8", "replace").decode()  # a lone surrogate is no character
    narrow = "".join(form if (form := unicodedata.normalize("NFKC", char)).isalnum() else char for char in text)
    flat = tidy(narrow.translate({ord("?"): "？", ord("!"): "！", ord("．"): "."}))
    flat = re.sub(r"(?<!\d)200([1-5]\d)年", r"20\1年", flat)  # 20030年
    flat = re.sub(r"(?<!\d)20(0|1|2|3|4|5)0?(\d)0?年", lambda m: m[0] if len(m[0]) == 5 else f"20{m[1]}{m[2]}年", flat)
    return str(_converter().convert(flat)) if any(map(is_han, flat)) else flat


def _without_orders(text: str) -> str:
    """What is left to ask when orders and pasted "documents" are taken out; the whole text when nothing is left."""
    bare = re.sub(r"[“\"「『][^”\"」』]{8,}[”\"」』]|<[^>]{1,200}>", "，", text)
    parts = [part for part in re.split(r"[。！？；;\n]|(?<=[^\d])[:：]|，|(?<=[a-z\"'][.!?]) ", bare) if part.strip()]
    kept = [part for part in parts if not _ORDERS.search(part)]
    return "，".join(kept) if any(len(part.strip()) >= 4 for part in kept) else text


def _terms(text: str, weight: float) -> tuple[Term, ...]:
    """The content words of a text; what the lexicon knows carries the policy words for it."""
    if is_english(text):
        return _english_terms(text, weight)
    terms: list[Term] = []
    for piece in content_words(text):
        at = 0
        official = [match for match in load_lexicon().find(piece) if all(how == "same" for _, how in match.entries)]
        for match in sorted([*lexicon.everyday(piece), *lexicon.latin(piece)], key=lambda match: match.start):
            if any(_inside(match, other) and piece[other.start : other.end] not in match.policy for other in official):
                continue  # 租房 in 公租房 is not what people call renting
            if piece[at : match.start]:
                terms.append(Term(text=piece[at : match.start], weight=weight))
            terms.append(Term(text=piece[match.start : match.end], alternatives=match.policy, weight=weight))
            at = match.end
        if piece[at:]:
            terms.append(Term(text=piece[at:], weight=weight))
    return tuple(dict.fromkeys(terms))


def _english_terms(text: str, weight: float) -> tuple[Term, ...]:
    stop = lexicon.words("stop")
    terms: list[Term] = []
    covered: list[tuple[int, int]] = []
    own = set(lexicon.english(text))
    for match in _english(text):
        covered.append((match.start, match.end))
        word = text[match.start : match.end]
        if word.lower() not in stop:
            terms.append(Term(text=word, alternatives=match.policy, weight=weight, searched=match not in own))
    for found in re.finditer(rf"[A-Za-z0-9][\w+.&-]*|[{HAN}]+", text):
        if any(left <= found.start() < right for left, right in covered) or found[0].lower() in stop:
            continue
        terms.append(Term(text=found[0].strip("."), weight=weight))
    return tuple(dict.fromkeys(terms))


def _english(text: str) -> list[lexicon.Match]:
    """What the tables know of an English text, from left to right: the longest phrases, the assistant's own first."""
    found = lexicon.english(text)
    for match in load_lexicon().find(text):
        entries = [entry for entry, how in match.entries if how == "translation"]
        inside = [other for other in found if other.start < match.end and match.start < other.end]
        if not entries or any(other.end - other.start >= match.end - match.start for other in inside):
            continue
        names = dict.fromkeys(name for entry in entries for name in (entry.term, *entry.same[:_NAMES]))
        found = [other for other in found if other not in inside]
        found.append(lexicon.Match(match.start, match.end, tuple(names)))
    return sorted(found, key=lambda match: match.start)


def _inside(part: lexicon.Match, whole: Match) -> bool:
    """Whether a word is only a part of a longer one."""
    longer = whole.end - whole.start > part.end - part.start
    return longer and whole.start <= part.start and part.end <= whole.end


def gloss(text: str) -> str:
    """An English question in the documents' words, in its own order, for finding out which documents it names."""
    if not is_english(text):
        return text
    words: list[str] = []
    at = 0
    for match in _english(text):
        words += re.findall(rf"[\d{HAN}][\d{HAN}-]*", text[at : match.start])
        words.append(match.policy[0])
        at = match.end
    return "".join([*words, *re.findall(rf"[\d{HAN}][\d{HAN}-]*", text[at:])])


def _guards(kept: tuple[int, int], asking: tuple[int, int]) -> bool:
    """Whether a kept word overlaps an asking one and is no mere part of it (时间 in 时间节点)."""
    overlap = kept[0] < asking[1] and asking[0] < kept[1]
    return overlap and not (asking[0] <= kept[0] and kept[1] <= asking[1] and kept != asking)


def _named(text: str) -> Iterator[tuple[int, int]]:
    """Where official terms of three characters or more stand: 地 in 房地产 asks nothing; 个 in 三个阶段 does."""
    for match in load_lexicon().find(text):
        official = any(how == "same" and entry.kind != "time" for entry, how in match.entries)
        if official and match.end - match.start > 2 and "个" not in text[match.start : match.end]:
            yield match.start, match.end


def content_words(text: str) -> list[str]:
    """Stretches of content: the text without asking words, cut at punctuation."""
    kept = [match.span() for match in _KEEP.finditer(text)]
    named = list(_named(text))
    cut = bytearray(len(text))
    for match in _ASKING.finditer(text):
        start, end = match.span()
        inside = end - start == 1 and any(left < start and end < right for left, right in named)
        if not inside and not any(_guards(span, match.span()) for span in kept):
            cut[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    flat = "".join(" " if cut[i] else char for i, char in enumerate(text))
    flat = _REGION.sub(r" \g<0> ", flat)
    return [piece for piece in re.findall(rf"[{HAN}A-Za-z0-9.%+/-]+", flat) if re.search(r"\w", piece)]
