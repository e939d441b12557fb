"""What is asked about a thing that the documents name and do not tell: a price, a telephone, a meaning, a date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from assistant import facts
from assistant.evidence import Unit
from assistant.extract import has_count, has_number
from assistant.places import asks_where, tells_where
from assistant.question import Kind
from assistant.reasons import HAN_DIGITS, Case, Refusal
from assistant.telling import HAS_MONEY, HAS_PERCENT, MONEY, PERCENT, rated, sum_asked, telling
from assistant.text import bare, fold, grams
from index.lexicon import load_lexicon
from ingest.numerals import han_to_int

_EACH = re.compile(
    r"(?:每|一)(?:家|个(?!月|年|星期|季)|人|项|名|位|户)[^，。？]{0,8}(?:给|补|奖|发|拿|领|得)[^，。？]{0,6}(?:多少|几)"
)
_GIVES = re.compile(
    r"(?:给予|奖励|补贴|补助|资助|奖补|发放|每[家人个项名位户])[^。；]{0,30}\d|\d[^。；]{0,12}(?:奖励|补贴|补助|资助|奖补)"
)
_UNDEFINED = re.compile(r"内涵|全称|代表什么|各代表|什么意思|分别指|各指|含义|具体内容|缩写|英文名")
_ALL = re.compile(r"写全|列全|逐[个条一项]|全部列|都列|名单|一一列|列出来")
_TIME = re.compile(
    r"\d{4}|[一二三四五六七八九十]+五|[近中远长短]期|下一步|未来\s*\d|\d+\s*(?:年|个月|天|月|日)|近年|年中|期间|契机|每年|年度|"
    r"[一二两三四五六七八九十]+(?:年|个月|天|日|个?(?:工作日|小时))|\d+\s*(?:个?(?:小时|工作日)|周)|半年|"
    r"定期|目前|今后|当前|之日起|自[^，。；]{2,40}(?:起|开始)|至[^，。；]{2,40}止|届满|"
    r"当[日天场]|即时|立即|每[个半两]?[周月季年日天]"
)
_BODY_ASKED = re.compile(
    r"哪(?:个|些|几个|一个|家)?(?:部门|单位|委办|委员会|局|机关)|谁(?:来)?(?:负责|牵头|主管|审批|承担)|归(?:谁|哪)[^，。？]{0,4}管"
)
# Which authority is asked for: a firm that a sentence is about is none.
_AUTHORITY_ASKED = re.compile(r"部门|委办|委员会|局|机关")
_AUTHORITY = re.compile(
    r"委(?!托|派|任)|(?<![布格结])局(?!部|面|限)|厅|办公室|政府|部门|小组|中心|[学医研]院|研究所|协会|单位|机构"
)
_BODY = re.compile(rf"{_AUTHORITY.pattern}|公司|银行|大学|高校|企业|团队")
_SOMEONE = re.compile(r"谁(?:来)?(?:负责|承担)")
_PARTY = re.compile(rf"{_BODY.pattern}|[者人员方户商主](?:免费|应当|负责|承担|按|自行|履行)")
_TOPICS = frozenset(
    {"education", "elderly", "employment", "health", "housing", "money", "social"}
)  # kinds of term that name what is asked about; a firm, a place, a trade or a measure only surrounds it
_TRADES = frozenset({"industry", "technology"})
_SIZE = re.compile(r"产值|规模|营收|营业收入|增加值|销售额|出口额")
_HALF, _MOST, _NEARLY = 0.4, 0.6, 0.7  # shares of a term's pairs of characters
_MOSTLY = 0.55  # with so much of the question in the evidence, a term goes by another name there
_HEADED = 0.6  # or that it holds with its headings
_OWN = 0.35  # share of the question's words that a sentence must hold for its amount to be the one asked for

_CHAT = "这类信息"


def _named(words: str) -> str:
    """A pattern for a question that asks for one of the words (电话是多少, 有没有邮箱), and does not only hold it
    (电话预约系统)."""
    return (
        rf"(?:哪|什么|多少|有|给|留|告诉|提供|公布|打|拨|查|找|要|加)[^，。？]{{0,8}}(?:{words})(?=[？?，。；吗呢]|$)|"
        rf"(?:{words})(?:号码|地址)?(?=是|有|为|呢|给|发|告诉|多少|几|哪|什么|怎|谁|在哪|[？?，。；]|$)"
    )


# What a question may ask about a thing (its telephone, its rent) and how a text that tells it looks.
_ATTRIBUTES = tuple(
    (re.compile(asked), re.compile(told), name)
    for asked, told, name in (
        (_named("电话|联系方式|手机号码?|邮箱|微信号?|联系人"), r"电话|\d{7,}|@|联系人", "联系方式"),
        (
            r"(?:交|提交|准备|带|需要|要)[^，。？]{0,6}材料|(?:申请|申报)材料",
            r"(?:申请|申报|提交)[^，。]{0,60}[材资]料|[材资]料[^，。]{0,4}提交|"
            r"(?:提供|出具|提交|携带|持|凭)[^。；]{0,30}(?:证|证明|合同|发票|原件|复印件|申请表|申请书|委托书|[材资]料)",
            "申请材料",
        ),
        (
            r"工作日|多久(?:能)?批|几天(?:能)?批|审批(?:时间|时限)|办理时限",
            r"工作日|日内|个月内|小时|当[日天场]|即时|(?<!月)(?<![\d一二三四五六七八九十])[\d一二三四五六七八九十]+[日天]",
            "办理时限",
        ),
        (r"报名|申报(?:截止|时间|日期|窗口)|截止(?!到|至|\d)", r"报名|截止|申报(?:时间|期)|受理", "申报时间和办法"),
        (
            r"怎么(?:申报|申请|续签|办理|办(?!$|[？，。]))|(?<=[证照续记可案])怎么办|如何(?:申报|申请|办理)|(?:申报|申请|办理)(?:流程|程序|入口|网址)",
            r"申报|申请|办理|登记|受理|征集|遴选",
            "申报办法",
        ),
        (
            r"门槛|(?:认定|评选|入选)(?:标准|条件|要求)|(?:评选|认定|入选)要求",
            r"门槛|标准|条件|不低于[\d一二三]|符合",
            "认定标准",
        ),
        (
            r"(?:主任|局长|区长|市长|院长|所长|总经理|董事长|负责人|委员)(?:委员)?(?:是谁|叫|姓|是哪|名单)|叫什么名字|"
            rf"主任委员|{_named('姓名')}",
            r"(?:主任|局长|区长|市长|院长|所长|总经理|董事长)",
            "人员",
        ),
        (
            r"管理人(?:是|叫|为)?(?:谁|哪|什么)|管理公司(?:是|叫|为)|托管(?:给|方)?(?:是|叫|为)?(?:谁|哪|什么)|谁(?:来)?(?:运营|管理)|运营方(?:是|叫)|运营(?:单位|主体)是",
            r"管理人|托管|(?:由|委托)[^，。]{2,20}(?:运营|管理)|运营(?:主体|单位)|负责[^，。]{0,20}管理|主管",
            "管理或运营单位",
        ),
        (r"出资[方人](?:是|有|包括|为)?(?:谁|哪)|分几期出资|出资(?:比例|百分)", r"出资", "出资情况"),
        (r"谁(?:来)?出(?:的)?(?:资|钱)", r"出资|经费|费用|财政|承担|负担|支付", "出资情况"),
        (r"薪酬|工资|月薪|年薪|待遇(?:是|多少|怎)", r"薪酬|工资|年薪|报酬", "薪酬"),
        (
            r"(?:(?<![住租])房租|月租)(?!补|扣|减|免|[^，。？]{0,8}[涨降])|租金(?:是|多少|一)|(?:租金|房租)(?:(?![补扣减免奖抵提涨降]).){0,8}(?:几块|多少)|每平米?|"
            r"一个月.{0,6}多少",
            r"(?:租金|房租)[^，。、]{0,5}\d[\d.]*(?!\s*%|[\d.])|\d+\s*元[^，。]{0,6}平|每(?:月|年)\s*\d",
            "租金",
        ),
        (r"总投资|投资额|造价|投了多少|花了多少钱", r"(?:总投资|投资额|投资)[^，。]{0,8}\d", "投资额"),
        (r"多少亩|占地(?:面积|多)|用地面积", r"\d\s*亩|公顷|占地|[十百千]+(?:平方米|亩)", "面积"),
        (
            r"面积[^，。？]{0,8}多[大少]",
            r"[\d一二三四五六七八九十百千]\s*(?:[万余多]*平方米|平米|㎡|亩|公顷|平方公里)|占地",
            "面积",
        ),
        (
            r"起拍价|地价(?:是|多)|售价|单价|票价|收费标准(?:是|为|有|多|怎么算|$|？)",
            r"起拍|地价|售价|单价|元/",
            "价格",
        ),
        (r"税率|几个点|加计扣除.{0,6}(?:比例|多少|百分)", r"税率|\d\s*%", "税率或比例"),
        (r"增长率|增速|同比", r"增长|增速|同比|翻番|倍增", "增速"),
        (r"保证金|押金|罚款|滞纳金", r"保证金|押金|罚款|滞纳金", "该项收费"),
        (_named("网址|官网|网站|链接|公众号"), r"网址|网站|http|链接|平台|公众号|APP", "网址"),
        (
            r"(?:哪些|什么|谁)[^，。？]{0,10}(?<![黑红灰白信])名单|(?<![黑红灰白信])(?<!移出|列入|纳入|进入|退出)名单(?:是|有|包括|给|列|上有|在哪|$|[？。，])|名称(?:列|是什么|有哪些)|分别叫|列(?:出)?名",
            r"[、；].*[、；]|名单如下",
            "名单",
        ),
        (r"地址|门牌|几号楼", r"路\d+号|号楼|地址", "地址"),
        (r"哪(?:几|些|个)?所?(?:大学|高校|学校|学院)", r"[\u4e00-\u9fff]{2,8}(?:大学|学院)|[中小]学|学校", "学校"),
        (r"(?:哪|什么)[^，。？]{0,4}银行|银行(?:是|有)?(?:哪|谁)|银行名", r"银行", "银行"),
        (r"几折|折扣(?:是|有|多)", r"[\d一二三四五六七八九]折|优惠|减免|\d\s*%", "折扣"),
        (
            r"股票|股价|(?<!极端)(?<!恶劣)(?<!灾害性)天气|菜|餐厅|好吃|酒店|机票",
            r"股票|股价|天气|餐|酒店|机票|菜",
            _CHAT,
        ),
    )
)
_SIZES = frozenset({"薪酬", "租金", "投资额", "面积", "价格", "税率或比例", "增速"})
_ENGLISH_ATTRIBUTES = tuple(
    (re.compile(asked, re.I), re.compile(told), name)
    for asked, told, name in (
        (r"phone|e-?mail|contact", r"电话|@|联系人", "联系方式"),
        (r"(?:which|what|name of the) bank\b", r"银行", "银行"),
        (
            r"how much (?:subsid|money|reward|funding|grant|bonus)|subsidy (?:per|amount|rate)|"
            r"what subsid",
            r"\d\s*[百千万亿]*元|\d+%",
            "金额",
        ),
        (r"deadline|apply by|how (?:do|can|to) .{0,12}appl", r"截止|申报|申请", "申报办法"),
        (r"salary|wage|\brent\b(?! space| subsid)", r"薪酬|工资|租金[^，。]{0,10}\d", "该项数额"),
        (r"stock|weather|restaurant|hotel", r"股票|天气|餐|酒店", _CHAT),
    )
)


def _attributes(case: Case) -> Refusal | None:
    """What is asked about the thing (its telephone, its rent) is not told where the thing is."""
    said = case.evidence()
    who = case.question.kind is Kind.WHO
    for asked, told, name in _ATTRIBUTES if case.question.language == "zh" else _ENGLISH_ATTRIBUTES:
        if who and name in _SIZES:
            continue  # who sets the rent, not how much it is
        if (
            name == _CHAT
            and case.question.language == "zh"
            and case.found.chosen
            and case.found.chosen[0].coverage >= _MOSTLY
        ):
            continue  # 极端天气 on the motorway is no talk of the weather
        if asked.search(case.question.text) and not told.search(said):
            return Refusal(reason="not_covered", says=f"库内文件提到了相近内容，但没有载明所问的{name}")
    return None


def _whole_list(case: Case) -> Refusal | None:
    """All of many things are to be listed, and the evidence names far fewer."""
    found = case.found
    if found.items or found.rows or not _ALL.search(case.question.text):
        return None
    counts = re.findall(rf"([{HAN_DIGITS}]+|\d+)(?:个|条|项|家|支|种|类|大)", case.question.text)
    asked = max((int(count) if count.isdigit() else han_to_int(count) for count in counts), default=0)
    listed = 1 + max((item.unit.text.count("、") + item.unit.text.count("；") for item in found.chosen), default=0)
    if asked >= 4 and len(found.chosen) < asked and listed < 0.7 * asked:
        return Refusal(reason="not_covered", says=f"库内文件没有逐一列出所问的{asked}项")
    return None


def _when(case: Case) -> Refusal | None:
    """A time is asked for, and the evidence has none."""
    if case.question.kind is not Kind.WHEN or case.found.rows:
        return None
    if any(has_time(item.unit) for item in case.found.chosen):
        return None
    return Refusal(reason="not_covered", says="库内文件没有载明所问的时间")


def has_time(unit: Unit) -> bool:
    """Whether a sentence, or a heading above it, tells a time."""
    headings = " ".join(section.heading or "" for section in (unit.section, *unit.parents))
    return _TIME.search(unit.ruled + headings) is not None


def _where(case: Case) -> Refusal | None:
    """A place is asked for, and the evidence names none."""
    question, found = case.question, case.found
    if question.kind is not Kind.WHERE or not asks_where(question.focus) or found.rows or found.items:
        return None
    if any(tells_where(item.unit.headed, question.text) for item in found.chosen):
        return None
    return Refusal(reason="not_covered", says="库内文件没有载明所问的地点")


def _who(case: Case) -> Refusal | None:
    """An authority is asked for, and the evidence names no body of any kind."""
    question, found = case.question, case.found
    if not _BODY_ASKED.search(question.focus) or found.rows or found.items or facts.asked(question.text):
        return None
    told = _PARTY if _SOMEONE.search(question.focus) else _BODY
    told = _AUTHORITY if _AUTHORITY_ASKED.search(question.focus) else told
    bodies = [item.unit for item in found.chosen if told.search(item.unit.headed)]
    if not bodies:
        return Refusal(reason="not_covered", says="库内文件没有载明所问的部门或单位")
    said = " ".join(f"{unit.headed} {case.library.reading(unit.doc).document.title}" for unit in bodies)
    lost = _untold(case, said, _TOPICS | _TRADES, _HALF)
    return Refusal(reason="not_covered", says=f"库内文件没有载明“{lost}”由谁负责") if lost else None


def _row(case: Case) -> Refusal | None:
    """A number is asked for, and the row of a table that shares words with the question is of another thing."""
    question, found = case.question, case.found
    if question.kind is not Kind.NUMBER or not found.rows:
        return None
    rows = (
        (row.label, row.table.path, *row.table.columns, *row.table.rows[row.index], row.document.title)
        for row in found.rows
    )
    lost = _untold(case, " ".join(cell for row in rows for cell in row), _TOPICS | {"measure"}, _NEARLY)
    return Refusal(reason="not_covered", says=f"库内文件没有载明“{lost}”的数") if lost else None


def _size(case: Case) -> Refusal | None:
    """How large a trade is (its output, its turnover) is asked for, and the sums told are of others."""
    if case.question.kind is not Kind.NUMBER or not _SIZE.search(case.question.focus):
        return None
    summed = tuple(item for item in case.found.chosen if HAS_MONEY.search(item.unit.ruled))
    told = replace(case, found=replace(case.found, chosen=summed))
    lost = _untold(case, told.evidence(), _TRADES, _NEARLY)
    return Refusal(reason="not_covered", says=f"库内文件没有载明“{lost}”的数") if lost else None


def _untold(case: Case, evidence: str, kinds: frozenset[str], share: float) -> str:
    """The official term of three characters or more that a Chinese question names and the evidence does not, under any
    name nor by more than a `share` of its pairs of characters; "" when it tells one."""
    said, lost = bare(evidence), ""
    for match in load_lexicon().find(case.question.focus) if case.question.language == "zh" else ():
        named = [entry for entry, relation in match.entries if relation == "same" and entry.kind in kinds]
        text = case.question.focus[match.start : match.end]
        if not named or len(text) < 3:
            continue
        names = {text, *(word for entry in named for word in (entry.term, *entry.same, *entry.near))}
        if any(bare(name) in said for name in names) or _mostly(text, said, share):
            return ""
        lost = lost or text
    return lost


def _number(case: Case) -> Refusal | None:
    """A number is asked for, and the evidence has none."""
    if case.question.kind is not Kind.NUMBER or case.found.rows or case.found.items or facts.asked(case.question.text):
        return None
    said = [f"{item.unit.leading.text if item.unit.leading else ''}{item.unit.text}" for item in case.found.chosen]
    firms = [unit for unit in case.question.units if unit in ("家", "所", "座")]  # nothing else is counted by these
    if any(has_count(text, firms) if firms else has_number(text) for text in said):
        return None
    return Refusal(reason="not_covered", says="库内文件没有载明所问的数")


def _facts(case: Case) -> Refusal | None:
    """A document's number, date or issuer that the file does not print."""
    if not case.named.docs:
        return None
    lost = facts.missing(facts.asked(case.question.text), sorted(case.named.docs), case.library)
    return Refusal(reason="not_covered", says=f"{case.which()}的库内文本未载明{lost.name}") if lost else None


def _kind_of_value(case: Case) -> Refusal | None:
    """An amount of money or a percentage is asked for, and the evidence has none."""
    of = sum_asked(case.question.focus)
    said = " ".join(
        item.unit.ruled
        for item in case.found.chosen
        if item.own >= _OWN
        or item.coverage >= _HEADED
        or (of and of in item.unit.ruled)
        or MONEY.search(item.unit.section.heading or "")
    )
    said += " ".join(f"{value}亿元" for row in case.found.rows for _, value in row.columns)
    if _EACH.search(case.question.focus) and not _GIVES.search(said):
        return Refusal(reason="not_covered", says="库内文件没有载明给每家（每人）多少")
    if MONEY.search(case.question.text) and not HAS_MONEY.search(said):
        return Refusal(reason="not_covered", says="库内文件没有载明所问的金额")
    if PERCENT.search(case.question.text) and not HAS_PERCENT.search(said):
        return Refusal(reason="not_covered", says="库内文件没有载明所问的比例")
    return None


def _rate(case: Case) -> Refusal | None:
    """A rate, a frequency or an area is asked for, and the evidence has other numbers only."""
    told = rated(case.question.focus) if case.question.language == "zh" else None
    if told is None or case.found.rows or case.found.items:
        return None
    if any(told.search(item.unit.ruled) for item in case.found.chosen):
        return None
    return Refusal(reason="not_covered", says="库内文件没有载明所问的标准、次数或面积")


def _english_value(case: Case) -> Refusal | None:
    """An English question asks how much, how long, at what temperature, and the evidence has no such value."""
    tells = telling(case.question) if case.question.language != "zh" else None
    if tells is None or case.found.items:
        return None
    rows = [f"{name} {value}" for row in case.found.rows for name, value in row.columns]
    if any(map(tells, [*(item.unit.ruled for item in case.found.chosen), *rows])):
        return None
    return Refusal(reason="not_covered", says="库内文件没有载明所问的数额、期限或数值")


def _sum(case: Case) -> Refusal | None:
    """A sum of one kind (奖金) is asked for, and the evidence speaks of others (罚款) only."""
    of = sum_asked(case.question.focus)
    if len(of) < 2 or case.found.rows or case.found.items:
        return None
    said = bare(case.evidence())
    words = case.library.words(of) or [of]
    if any(word in said for word in (of, *words)):
        return None
    names = {word for m in load_lexicon().find(of) for e, _ in m.entries for word in (e.term, *e.same, *e.near)}
    if any(bare(name) in said for name in names):
        return None
    return Refusal(reason="not_covered", says=f"库内文件没有载明所问的{of}")


def _undefined(case: Case) -> Refusal | None:
    """A name whose meaning is asked for, and which the documents only use."""
    text = case.question.text
    if case.found.items or case.found.rows:
        return None
    terms = [term for term in case.question.quoted if len(bare(term)) >= 2]
    counted = re.search(
        rf"([\u4e00-\u9fffA-Za-z0-9+]{{2,12}}?)[”」]?是哪(?:[{HAN_DIGITS}]+|\d+)(?:个|条|项|种|类|大|家)", text
    )
    if counted:
        terms.append(counted[1])
    elif not _UNDEFINED.search(text):
        return None
    for term in terms:
        uses = list(_uses(term, case))
        if uses and not any(defines(term, unit) for unit in uses):
            return Refusal(reason="not_covered", says=f"库内文件只使用了“{term}”这一说法，没有说明它的具体内容")
    return None


def _uses(term: str, case: Case) -> Iterator[Unit]:
    """Units that print `term`."""
    key = bare(term)
    for doc in case.docs():
        for unit in case.library.reading(doc).units:
            if key in bare(unit.text):
                yield unit


def defines(term: str, unit: Unit) -> bool:
    """Whether a sentence says what `term` is: 是/指/即/：/（…）/—— after it, or a heading that bears it."""
    text, key = fold(unit.text), re.escape(fold(term))
    heading = unit.section.heading or ""
    if fold(term) in fold(heading) and not re.search(r"用好|发挥|落实|推进", heading):
        return True
    told = rf"{key}[”」》]?[^，。；、]{{0,6}}(?:是指|指的是|是|指|即|：|:|——|[（(]|包括|分为|主要有)"
    return re.search(rf"{told}|(?:即|就是|称为|简称|叫做)[“「《]?{key}", text) is not None


def _mostly(term: str, said: str, share: float) -> bool:
    """Whether a text holds more than a share of a term in pieces: 二孩家庭 in 二孩、三孩的家庭."""
    pairs = grams(term)
    return sum(pair in said for pair in pairs) > share * len(pairs)


def _concept(case: Case) -> Refusal | None:
    """An official term (公共租赁住房) that the evidence has under none of its names: it shares other words only."""
    question, found = case.question, case.found
    if question.kind in (Kind.APPLICABILITY, Kind.COMPARISON) or found.rows or found.items or not found.chosen:
        return None
    if found.chosen[0].coverage >= _MOSTLY:
        return None
    lost = _untold(case, case.evidence(wide=True), _TOPICS, _MOST)
    return Refusal(reason="not_covered", says=f"库内文件没有关于“{lost}”的内容") if lost else None


CHECKS = (
    _whole_list,
    _when,
    _where,
    _who,
    _number,
    _row,
    _size,
    _facts,
    _attributes,
    _kind_of_value,
    _rate,
    _english_value,
    _sum,
    _undefined,
    _concept,
)
