"""question → Question: what is asked, of which documents, and what kind of answer would settle it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant import lexicon
from assistant.followup import Turn, standalone
from assistant.text import HAN, grams, han_share, tidy
from errors import UsageError

if TYPE_CHECKING:
    from opencc import OpenCC

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
    """A stretch of content words asked about. `alternatives` are policy words for it; `weight` is 0..1."""

    text: str
    alternatives: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question, understood.

    `text` stands alone (history folded in, simplified characters), `focus` is what was said last; `query` is what is searched.
    `pieces` are the stretches of content words in `focus`.
    `told` are the grams of the answer before this question; `units` are the measure words a number should carry; `years` are four-digit years that are named;
    `quoted` are terms in quotation marks; `pasted` tells that the message carries orders or "documents" of its own.
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
    rewritten: bool = False


# Words that carry the asking, not the asked; they are cut out before content words are compared.
_ASKING = re.compile(
    "|".join(
        sorted(
            """请问 请 麻烦 想问 想知道 想了解 告诉我 帮我 帮忙 查一下 看一下 说一下 问一下 一下 列一下 列出 列举 简述 介绍 说明 解释
            我们 我 咱们 咱 你们 你 您 他们 她们 它们 他 她 它 其中 其 自己 大家 人家
            是什么样的 是什么意思 什么意思 是个什么 指的是什么 指的是 讲的是 说的是 是指 指什么 是什么 为什么 什么样 什么 为何 怎么样 怎么办 怎么 怎样
            如何 何时 何地 何种 哪些 哪几个 哪几家 哪几类 哪几项 哪几条 哪几 哪个 哪一个 哪一年 哪一家 哪一 哪年 哪家 哪里 哪儿 哪位 哪种 哪份 哪条 哪
            谁 多少个 多少家 多少 多大 多长 多久 多高 几个 几家 几项 几条 几种 几类 几年 几 啥时候 啥 什么时候 时候 第几
            有没有 是不是 能不能 可不可以 要不要 会不会 行不行 算不算 是否 能否 可否 可以吗 对吗 吗 呢 吧 嘛 么 啊 呀 啦 哦
            分别 各自 各 下面 底下 分成 分为 分哪 拆成 拆分 列了 列的 列出的 叫什么 具体 主要 到底 究竟 大概 大约 目前 现在 当前 一共 总共 共有 共 全部 所有 都 也 还 就 又 再 才 只 更 最 很
            文件里 文件中 文件 材料里 资料里 原文 文中 里面 当中 里头 里 中的 之中 方面 情况 内容 东西 事情 事 问题 时
            提到过 提到 提出了 提出 写到 写了 写着 写 说到 说过 说了 说 讲到 讲 谈到 谈 指出 表示 介绍说 回答 规定 要求 明确 涉及 关于 有关 相关 对于 根据 按照 依据 按
            包括 包含 含有 含 属于 叫做 叫 称为 称 作为 成为 算是 算 要 想 能够 能 会 可以 可 应该 应当 需要 必须 得 打算 准备 计划在 将要 将
            了 的 地 着 过 是 有 在 和 与 跟 同 及 以及 或者 或 还是 对 从 到 把 被 给 让 使 为 于 向 往 上 下 内 外 这些 那些 这个 那个 这样 那样 这 那 该 此 每
            吗 一些 有些 某些 某 哪怕 如果 要是 假如 的话 但是 但 而且 而 并且 并 所以 因为 因 由 用 以 等等 等 之 所 者 个 做 搞 弄 拿 来 去 进行""".split(),
            key=len,
            reverse=True,
        )
    )
)
# Characters that end in a function word by accident are kept whole.
_KEEP = re.compile(
    "人工智能|智能|能源|核能|氢能|储能|功能|性能|产能|能力|节能|赋能|可控|可穿戴|可再生|可持续|共性|共享|共建|公共|共同|应用|中心|中试|中小|中介|"
    "其他|各类|各区|地区|地方|基地|土地|用地|高地|落地|产地|场地|策源地|集聚地|对接|对外|对象|和平|总和|饱和|共和|与会|参与|同济|协同|合同|同步|大同|"
    "及时|普及|以及|从业|成为|行为|华为|认为|为主|于是|由于|终于|对于|向量|方向|导向|面向|定向|取向|上海|上市|上位|海上|网上|线上|地上|以上|上限|"
    "下限|以下|下一步|下放|线下|天下|内部|国内|境内|室内|区内|外资|外籍|海外|境外|外商|国外|外高桥|对外|户外|每万人|每人|每年|每个|个人|个性|做强|做大|"
    "有限|国有|有效|有机|有序|占有|拥有量|拥有|特有|所有制|研究所|场所|事务所|所得|交易所|等级|高等|平等|中等|等离子|用户|用途|用品|用能|商用|民用|军用|通用|"
    "专用|利用|引用|费用|信用|使用|适用|公用|作用|以奖代补|以旧换新|以太|来源|未来|原来|去年|拿地|行业|得力|值得|取得|都市|首都|成都|还原|就业|就地|再生|再出发|再制造|"
    "人才|才能|只能|更新|更替|最高|最大|最低|最多|最少|最集聚|最灵活|主要目标|主要项目|写字楼|说明书|讲座|会议|会展|大会|社会|协会|委员会|学会|会计|机会|要素|要求|重要|需要|主要|概要|"
    "应急|应对|响应|效应|供应|适应|将来|叫停|称号|职称|名称|含量|包容|算力|算法|计算|运算|预算|结算|云计算|要点|想象|思想|理想|联想|可编程|可复制|可推广|"
    "地面|地理|地下|地球|本地|腹地|阵地|当地|各地|异地|的士|目的|标的|了解|着力|着眼|执着|过程|过渡|通过|超过|是非|存在|在建|在轨|在线|在校|内在|潜在|和谐|调和|"
    "对标|对口|从事|到位|达到|到期|把握|被动|给予|供给|给药|让利|转让|使命|大使|天使|为期|以为|属于|位于|关于|用于|基于|对比|者|学者|患者|业者|"
    "文件号|文号|规定动作|介绍信|问题导向|方案设计|大事|从事|故事|民事|人事|事权|事故|事业|事务|赛事|情况表|方面军|实时|及时|临时|同时|时代|时间|时效|时机|时序|小时|平时|长时|上门"
)
_UNIT = re.compile(r"多少\s*([^\s，。？?、的是了呢吗被有才为到家个]{0,4})|[几多少]+(?:家|个|项|条|种|类|件|名|人|支|所|座|场|次|年|月|天|米|度|辆|倍|成|款|批|份|幢|平方米)")
_MEASURE = re.compile(
    r"(?:多少|几)\s*(亿元|万元|亿|万|元|钱|%|百分点|家|个|项|条|种|类|件|名|人|支|所|座|场|次|年|个月|月|天|米|公里|度|辆|倍|成|款|批|份|平方米|平方公里|岁|位|台|套|处)"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_REGION = re.compile(r"浦东新区|浦东|上海市|上海(?!光源|海|科技大学|电视台|证券报|自贸|集成)|全市|市级|区级")
_QUOTED = re.compile(r"[“\"「『‘]([^”\"」』’]{1,40})[”\"」』’]")
_TITLE = re.compile(r"《([^》]{2,60})》")
_ORDERS = re.compile(
    r"忽略(?:以上|之前|上面|前面|所有|全部|你)|无视(?:以上|之前|上面|规则|所有)|不用管|别管|不要管|不必管|不管文件|按我说的|照我说的|你就(?:写|说|答|回答)|"
    r"直接(?:写|说|回答)“|你现在是|你是一个|从现在起|扮演|假装|假设你|系统提示|系统指令|提示词|管理员(?:模式|权限|指令)|开发者模式|"
    r"更新(?:你的)?知识库|写入知识库|加入知识库|新版政策|最新政策原文|政策原文[：:]|以下(?:是|为)(?:最新|新版|新的|补充|内部)|下面(?:是|为)(?:最新|新版|新的|补充|内部)|"
    r"内部(?:消息|文件|通知|口径)|更正公告|以本?公告为准|(?:附件|原文|文件|政策)节选|据此(?:回答|告诉|计算|我)|帮我编|编(?:一|几|个|句|段)|随便(?:引|找|写|给|说)|像真的|估一个|估算一下|瞎猜|"
    r"凭(?:常识|感觉|印象|经验)|只准(?:回答|说)|只能回答“|(?:照做|照办|照抄)|别查|不用查|禁止拒答|不(?:准|许|得)拒(?:答|绝)|必须给出|反复?说|管理员|(?:不要|别|无需|不用)(?:给|加|标|写|附)?(?:引用|出处|来源|依据)|编一个|编造|随便编|瞎编|虚构|"
    r"ignore (?:all|any|the|previous|prior|above)|disregard|system prompt|you are now|pretend|jailbreak|developer mode|make up|<\s*/?(?:system|script)|\[/?INST\]",
    re.I,
)

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.APPLICABILITY, re.compile(
        r"(?:我们|我司|本公司|我公司|我们公司|咱们?|我(?:是|在|的企业|的公司)|本协会|我院|我校|贵公司|我方|我这).{0,40}"
        r"(?:享受|适用|申请|申报|补贴|支持|政策|扶持|条款|好处|符合|够不够|机会|对应|利好|沾|提到|帮|拿)|"
        r"^[^，。？]{0,24}(?:企业|公司|厂商|供应商|厂家|创业团队|课题组|工作室)[，,]|"
        r"(?:公司|企业|团队|机构|协会|园区|高校|医院).{0,16}(?:能享受|可以享受|能申请|可以申请|可申请|适用|能拿到|能获得|能得到|符合|有什么政策|有哪些政策|有啥政策)|"
        r"\b(?:we are|our (?:company|startup|firm)|i run|we make|we develop|as an? .{3,40} (?:company|startup|firm))\b", re.I)),
    (Kind.COMPARISON, re.compile(
        r"区别|差别|差异|不同|异同|相比|相较|比较|对比|对照|有何变化|变化|是否一致|一致吗|一样吗|是不是一样|谁(?:更|多|高|大|早)|哪(?:个|一个|份)(?:更|多|高|大|早)|"
        r"(?:和|与|跟|同).{1,24}(?:比|相比|各自|分别|各)|共同点|相同点|重合|difference|compare|versus|\bvs\b|differ", re.I)),
    (Kind.DEFINITION, re.compile(
        r"什么意思|是指什么|指什么|指的是什么|指的是(?:哪|什么)|是(?:个|一个|一种|一项)?什么(?!时|样|单位|部门|地方|人|机构|年|级|区|文|日|数|领域|方向|产业|行业|基金|企业)|什么是|含义|定义|讲的?是(?:什么|啥)|说的?是(?:什么|啥)|"
        r"是(?:啥|何意|怎么回事)|怎么(?:理解|解释|定义|定位)|定位(?:是|为|成)|"
        r"what (?:is|are) (?:an? |the )?[^？]{2,40}？$|what does .+ mean|definition|define", re.I)),
    (Kind.WHO, re.compile(
        r"谁|哪(?:个|些|几个|一个)?(?:部门|单位|机构|委办|委|局|领导|领导小组|人|专家|主体|媒体|记者|官员)|哪(?:家|几家)(?:单位|机构|部门|媒体|报)|哪位|牵头|由哪|依托哪|什么(?:部门|单位|机构|人)|主管|发言人|负责(?:人|单位|部门)|"
        r"依托单位|主体是|\bwho\b|which (?:department|agency|body|organi[sz]ation|commission|unit)|responsible", re.I)),
    (Kind.WHEN, re.compile(
        r"什么时候|何时|啥时候|哪(?:一)?年|哪(?:几|些)年|几几年|到哪年|什么(?:时间|年份|日期|时机|时点|阶段|契机)|哪(?:天|一天|个月)|(?:几|多少)(?:年|个月|天)(?:内|之内)?|多久|多长时间|时间(?:表|节点|是)|期限|截止|"
        r"有效期|规划期|\bwhen\b|which year|what year|by what (?:year|date)|deadline|how long", re.I)),
    (Kind.WHERE, re.compile(
        r"(?:区|地区|区域|园区|镇|城市)(?:一共|都)?(?:有|是|包括|涉及)?(?:几个|哪)|哪里|哪儿|在哪|哪(?:个|些|几个|一个)?(?:区域|地区|区|园区|园|镇|街道|城市|省|地方|基地|地点|片区|地|县)|什么地方|位于|落在|落户(?:在)?(?:哪|什么)|选址|布局在|设在|坐落|\bwhere\b|which (?:district|area|place|city|zone|park|region)", re.I)),
    (Kind.NUMBER, re.compile(
        r"多少|几(?=家|个|项|条|种|类|件|名|人|支|所|座|场|次|成|倍|款|批|份|位|台|套|亿|万|米|度|块|期|版|轮)|百分之几|比例|占比|比重|金额|数额|规模(?:是|有|达|目标|多)|上限|下限|最高(?:能|可|多|给|支持|奖)|多(?:大|高|长|重|快)|数量|数值|"
        r"(?:指标|目标)(?:值)?是(?!什么|哪)|how (?:many|much|large|big|high|long|far)|what (?:number|percentage|share|amount|target|figure|value|percent)", re.I)),
    (Kind.LIST, re.compile(
        r"哪|有(?:什么|啥)|什么(?:方向|措施|领域|任务|内容|项目|技术|举措|要求|支持|政策|条件|目标|部分|环节|材料|产品|设备|手段|机制|平台|好处|办法|工具)|包括什么|包含什么|列举|列出|分别是|分为|由什么|几大|几方面|"
        r"\b(?:which|list|what are|what (?:kinds?|types?|measures|areas|fields|directions|technologies))\b", re.I)),
    (Kind.YES_NO, re.compile(
        r"吗|是否|有没有|能不能|可不可以|行不行|算不算|是不是|会不会|要不要|能否|可否|\b(?:does|do|is|are|can|did|has|have|will)\b", re.I)),
)


def understand(question: str, history: Sequence[Turn] = ()) -> Question:
    """Read a question; `history` is the talk before it, oldest first.

    Raises UsageError when the question is empty or has no letter or digit in it, or is longer than `LONGEST`.
    """
    if len(question) > LONGEST:
        raise UsageError(f"问题有 {len(question)} 个字，超过 {LONGEST} 字：请把要问的写短些，文件请用 wence build 加入索引")
    asked = _spell(question)
    if not re.search(r"\w", asked):
        raise UsageError("问题是空的：请写出要问的内容")
    turns = [Turn(role=turn.role, content=_spell(turn.content[:LONGEST])) for turn in history]
    pasted = _ORDERS.search(asked) is not None
    core = _without_orders(asked) if pasted else asked
    alone = standalone(core, turns)
    language = "zh" if han_share(asked) > 0.3 else "en"
    kind = kind_of(alone.focus)
    if kind is Kind.OPEN and alone.background:
        kind = kind_of(alone.background)
    terms = _terms(alone.focus if alone.background else alone.text, 1.0)
    if alone.background:
        known = "".join(term.text for term in terms)
        beside = 0.25 if re.match(r"[^，。？]{1,16}呢", core) else 0.45
        terms += tuple(term for term in _terms(alone.background, beside) if term.text not in known)
    extra = dict.fromkeys(word for term in terms for word in term.alternatives)
    query = alone.text if language == "zh" else " ".join(term.text for term in terms if not term.alternatives)
    return Question(
        text=alone.text,
        focus=alone.focus,
        language=language,
        kind=kind,
        terms=terms,
        pieces=tuple(_content(alone.focus)) if language == "zh" else tuple(extra),
        query=" ".join([query, *extra]).strip() or alone.text,
        told=frozenset(grams(turns[-1].content)) if turns and turns[-1].role == "assistant" and alone.background else frozenset(),
        years=_years(alone.focus) or _years(alone.text),
        units=tuple(dict.fromkeys(_MEASURE.findall(alone.text))),
        quoted=tuple(dict.fromkeys([*_QUOTED.findall(core), *_TITLE.findall(core)])),
        pasted=pasted,
        rewritten=alone.text != core,
    )


def kind_of(text: str) -> Kind:
    """The kind of answer that the words of a question ask for."""
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), Kind.OPEN)


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
    narrow = "".join(form if (form := unicodedata.normalize("NFKC", char)).isalnum() else char for char in text)
    flat = tidy(narrow.translate({ord("?"): "？", ord("!"): "！", ord("．"): "."}))
    flat = re.sub(r"(?<!\d)20(0|1|2|3|4|5)0?(\d)0?年", lambda m: m[0] if len(m[0]) == 5 else f"20{m[1]}{m[2]}年", flat)
    return str(_converter().convert(flat)) if any(map(_is_han, flat)) else flat


def _is_han(char: str) -> bool:
    return re.match(f"[{HAN}]", char) is not None


def _without_orders(text: str) -> str:
    """What is left to ask when orders and pasted "documents" are taken out; the whole text when nothing is left."""
    bare = re.sub(r"[“\"「『][^”\"」』]{12,}[”\"」』]|<[^>]{1,200}>", "，", text)
    parts = [part for part in re.split(r"[。！？；\n]|(?<=[^\d])[:：]|，", bare) if part.strip()]
    kept = [part for part in parts if not _ORDERS.search(part)]
    return "，".join(kept) if any(len(part.strip()) >= 4 for part in kept) else text


def _terms(text: str, weight: float) -> tuple[Term, ...]:
    """The content words of a text; what the lexicon knows carries the policy words for it."""
    if han_share(text) <= 0.3:
        return _english_terms(text, weight)
    terms: list[Term] = []
    for piece in _content(text):
        at = 0
        for match in lexicon.everyday(piece):
            if piece[at : match.start]:
                terms.append(Term(text=piece[at : match.start], weight=weight))
            terms.append(Term(text=piece[match.start : match.end], alternatives=match.policy, weight=weight))
            at = match.end
        if piece[at:]:
            terms.append(Term(text=piece[at:], weight=weight))
    return tuple(dict.fromkeys(terms))


def _english_terms(text: str, weight: float) -> tuple[Term, ...]:
    stop = set(
        "a an the of in on at to for from by with and or is are was were be been do does did what which who whom whose when where why how "
        "many much it its this that these those there as about under into their they we our us i my you your please tell me any all can could "
        "will would shall should has have had not no than then according document documents text mentioned mention say says said named name "
        "called call list give gives given main different each between during per up also only if so but s t".split()
    )
    terms: list[Term] = []
    covered: list[tuple[int, int]] = []
    for match in lexicon.english(text):
        covered.append((match.start, match.end))
        word = text[match.start : match.end]
        if word.lower() not in stop:
            terms.append(Term(text=word, alternatives=match.policy, weight=weight))
    for found in re.finditer(rf"[A-Za-z0-9][\w+.&-]*|[{HAN}]+", text):
        if any(left <= found.start() < right for left, right in covered) or found[0].lower() in stop:
            continue
        if re.search(rf"[A-Z0-9{HAN}]", found[0]):  # a name or number; an unknown common word says nothing here
            terms.append(Term(text=found[0].strip("."), weight=weight))
    return tuple(dict.fromkeys(terms))


def gloss(text: str) -> str:
    """An English question in the documents' words, in its own order, for finding out which documents it names."""
    if han_share(text) > 0.3:
        return text
    words: list[str] = []
    at = 0
    for match in lexicon.english(text):
        words += re.findall(rf"[\d{HAN}][\d{HAN}-]*", text[at : match.start])
        words.append(match.policy[0])
        at = match.end
    return "".join([*words, *re.findall(rf"[\d{HAN}][\d{HAN}-]*", text[at:])])


def _content(text: str) -> list[str]:
    """Stretches of content: the text without asking words, cut at punctuation."""
    kept = [match.span() for match in _KEEP.finditer(text)]
    cut = bytearray(len(text))
    for match in _ASKING.finditer(text):
        if not any(left < match.end() and match.start() < right for left, right in kept):
            cut[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    flat = "".join(" " if cut[i] else char for i, char in enumerate(text))
    flat = _REGION.sub(r" \g<0> ", flat)
    return [piece for piece in re.findall(rf"[{HAN}A-Za-z0-9.%+/-]+", flat) if re.search(r"\w", piece)]
