"""When not to answer, and why: evidence that only shares words is not evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.evidence import Library, Unit
from assistant.question import Kind, Question
from assistant.scope import Scope
from assistant.select import Found
from assistant.text import bare, fold, grams
from assistant.verify import quantities
from ingest.numbering import han_to_int

LEAST_COVERAGE = 0.12

_HAN = "一二三四五六七八九十百"
_PATH = re.compile(rf"(?:[{_HAN}]{{1,3}}、)?（[{_HAN}]{{1,3}}）(?:\s?\d{{1,2}}[.．])?|[{_HAN}]{{1,3}}、\d{{1,2}}[.．]")
_ARTICLE = re.compile(rf"第([{_HAN}]{{1,4}}|\d{{1,3}})([编章节条页])")
_BIG = re.compile(rf"([{_HAN}]|\d{{1,2}})大([\u4e00-\u9fff]{{2,4}})")
_MONEY = re.compile(r"多少钱|几块|几万|几千|几百万?|多少(?:亿|万|元|块|资金|补贴|奖励|奖金|补助)|补(?:贴|助)?多少|奖(?:励)?多少|给多少|起拍价|租金(?:是|多少)|薪酬|保证金|房租")
_HAS_MONEY = re.compile(r"\d\s*[百千万亿]*元|\d\s*[百千]?[万亿](?![平人家辆个户条台公吨亩件张项千瓦])|[一二三四五六七八九十百千]+[万亿]元")
_PERCENT = re.compile(r"百分之(?:几|多少)|几个点|多少个?(?:百分点|%)|比例(?:是|为)?多少")
_HAS_PERCENT = re.compile(r"\d\s*%|百分之|分之[一二三四五六七八九十]|[一二三四五六七八九]成")
_UNDEFINED = re.compile(r"内涵|全称|代表什么|各代表|什么意思|分别指|各指|含义|具体内容|缩写|英文名")


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """`reason` is one of the contract's; `says` is one Chinese sentence without its full stop."""

    reason: str
    says: str
    nearest: bool = True


def unclear() -> Refusal:
    """The question names nothing that could be looked up."""
    return Refusal(reason="unclear", says="问题没有说明要问什么，无法查找：请补充文件、事项或名称", nearest=False)


def nothing() -> Refusal:
    """No evidence at all."""
    return Refusal(reason="not_covered", says="库内文件没有载明所问内容")


def judge(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """Why the question is not to be answered from `found`; `None` when it is."""
    if not found.chosen and not found.rows and not found.items:
        return nothing()
    for check in (
        *(_documents, _structure, _places, _years, _quoted, _elsewhere, _counts, _numbers),
        *(_media, _whole_list, _place_of_term, _when, _facts, _attributes, _kind_of_value, _undefined, _support),
    ):
        refusal = check(question, named, library, found)
        if refusal:
            return refusal
    return None


def searched(named: Scope, library: Library) -> Sequence[str]:
    """Titles of the documents that were searched, each work once."""
    docs = named.docs or frozenset(entry.id for entry in library.entries)
    return tuple(dict.fromkeys(entry.title for entry in library.entries if entry.id in docs))


def _documents(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """A title or number that no document bears, and that no evidence speaks of."""
    said = bare(_evidence(library, found))
    for name in named.unknown:
        if bare(name) not in said:
            return Refusal(reason="not_covered", says=f"库内没有{name}这份文件，无法据此回答")
    return None


def _structure(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """A section, article or page that the documents do not have."""
    text = question.text
    docs = sorted(named.docs) or [entry.id for entry in library.entries]
    paths = [section.path for doc in docs for section in library.reading(doc).document.walk()]
    flat = {fold(path) for path in paths}
    for match in _PATH.finditer(text):
        asked = fold(match[0])
        if not any(path == asked or path.endswith(asked) or path.startswith(asked) or asked in path for path in flat):
            return Refusal(reason="false_premise", says=f"{_which(named, library)}没有{match[0]}这一部分，提问的前提不成立")
    for match in _ARTICLE.finditer(text):
        number = int(match[1]) if match[1].isdigit() else han_to_int(match[1])
        marks = {f"第{match[1]}{match[2]}", f"第{number}{match[2]}"}
        numbered = [path for path in paths if re.match(rf"第[{_HAN}\d]+{match[2]}", path.rsplit("/", 1)[-1]) or f"{match[2]}" in path and re.search(rf"第[{_HAN}\d]+{match[2]}", path)]
        if match[2] in "条编节" and not numbered and not named.docs and not question.pasted:
            continue  # 第二条 may mean the second point of something said before
        if not any(mark in path for mark in marks for path in paths):
            return Refusal(reason="false_premise", says=f"{_which(named, library)}没有{match[0]}，提问的前提不成立")
    return None


def _places(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """A place that no document speaks of (going there from here aside)."""
    for place in named.places:
        abroad = re.search(rf"(?:去|赴|到|往|出海){re.escape(place)}", question.text)
        if not abroad and not library.mentions(place):
            return Refusal(reason="out_of_scope", says=f"库内文件没有关于{place}的内容，不在可答范围", nearest=False)
    return None


def _years(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """Years for which the evidence says nothing."""
    cut = " ".join(named.cut)
    years = [year for year in question.years if year not in cut]
    said = _evidence(library, found, wide=True)
    if years and not any(year in said for year in years):
        return Refusal(reason="out_of_scope", says=f"库内文件没有{'、'.join(years)}年的相应内容")
    return None


def _quoted(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """A term in quotation marks that stands nowhere in the documents searched."""
    if question.language != "zh":
        return None
    known = {term.text for term in question.terms if term.alternatives}
    for term in question.quoted:
        pairs = set(grams(term))
        if len(bare(term)) < 3 or term in known or not pairs:
            continue
        if sum(map(library.known, pairs)) / len(pairs) < 0.5:
            return Refusal(reason="not_covered", says=f"库内文件没有“{term}”这一提法")
    return None


def _elsewhere(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """A term that the document asked about does not have, and another one has."""
    if not named.groups or question.kind is Kind.COMPARISON or len(named.groups) > 1 or question.language != "zh":
        return None
    inside = "".join(bare(library.reading(doc).document.text) for doc in sorted(named.docs))
    outside = "".join(bare(library.reading(e.id).document.text) for e in library.entries if e.id not in named.docs)
    cut = bare("".join(named.cut))
    for term in question.terms:
        text = bare(term.text)
        if term.alternatives or term.weight < 1.0:
            continue
        for at in range(len(text) - 3):
            run = text[at : at + 4]
            pairs = grams(term.text)
            held = sum(pair in inside for pair in pairs) / max(1, len(pairs))
            if held < 0.75 and not run.isascii() and run not in cut and run in outside and run not in inside:
                return Refusal(reason="false_premise", says=f"{_which(named, library)}没有“{term.text}”的内容，库内另一份文件有")
    return None


def _counts(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """七大计划 where the documents have six."""
    texts = [fold(library.reading(doc).document.text) for doc in sorted(named.docs) or [e.id for e in library.entries]]
    for count, noun in _BIG.findall(question.text):
        for size in range(len(noun), 1, -1):
            kind = noun[:size]
            have = {m for text in texts for m in re.findall(rf"([{_HAN}]|\d{{1,2}})大{kind}", text)}
            if have:
                if count not in have and str(han_to_int(count)) not in {str(han_to_int(m)) for m in have}:
                    return Refusal(reason="false_premise", says=f"文件中是{'、'.join(sorted(have))}大{kind}，没有{count}大{kind}，提问的前提不成立")
                break
    return None


def _numbers(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """An amount in the question that the evidence does not have."""
    if question.kind is Kind.YES_NO or re.search(r"对吗|对吧|是不是|对不对", question.text):
        return None  # the answer says what the number is
    held = found
    if named.prefer and any(item.unit.doc in named.prefer for item in found.chosen):
        held = replace(found, chosen=tuple(item for item in found.chosen if item.unit.doc in named.prefer))
    said = quantities(_evidence(library, held, wide=True))
    values = {value for quantity in said for value in quantity.value}
    for quantity in quantities(re.sub(r"(?:19|20)\d\d", "", " ".join([question.text]))):
        if quantity.unit in ("元", "%", "家", "平方米", "") and any(value >= 1000 for value in quantity.value) or quantity.unit == "%":
            if not any(value in values for value in quantity.value):
                return Refusal(reason="false_premise", says=f"库内文件没有“{quantity.text}”这个数，提问的前提不成立")
    return None


def _kind_of_value(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """An amount of money or a percentage is asked for, and the evidence has none."""
    near = [item.unit.text for item in found.chosen if item.own >= 0.35]
    said = " ".join(near) + " ".join(" ".join(f"{n}{v}亿元" for n, v in row.columns) for row in found.rows)
    if _MONEY.search(question.text) and not _HAS_MONEY.search(said):
        return Refusal(reason="not_covered", says="库内文件没有载明所问的金额")
    if _PERCENT.search(question.text) and not _HAS_PERCENT.search(said):
        return Refusal(reason="not_covered", says="库内文件没有载明所问的比例")
    return None


# What a question may ask about a thing (its telephone, its rent) and how a text that tells it looks.
_ATTRIBUTES = tuple(
    (re.compile(asked), re.compile(told), name)
    for asked, told, name in (
        (r"电话|联系方式|手机号|邮箱|微信|联系人", r"电话|\d{7,}|@|联系人", "联系方式"),
        (r"(?:交|提交|准备|带|需要|要)[^，。？]{0,6}材料|(?:申请|申报)材料", r"(?:申请|申报|提交)[^，。]{0,8}材料|材料[^，。]{0,4}提交", "申请材料"),
        (r"工作日|多久(?:能)?批|几天(?:能)?批|审批(?:时间|时限)|办理时限", r"工作日|日内|个月内", "办理时限"),
        (r"报名|申报(?:截止|时间|日期|窗口)|截止(?!到|至|\d)", r"报名|截止|申报(?:时间|期)|受理", "申报时间和办法"),
        (r"怎么(?:申报|申请|续签|办理|办)|如何(?:申报|申请|办理)|(?:申报|申请|办理)(?:流程|程序|入口|网址)", r"申报|申请|办理|登记|受理|征集|遴选", "申报办法"),
        (r"门槛|(?:认定|评选|入选)(?:标准|条件|要求)|(?:评选|认定|入选)要求", r"门槛|标准|条件|不低于[\d一二三]|符合", "认定标准"),
        (r"(?:主任|局长|区长|市长|院长|所长|总经理|董事长|负责人|委员)(?:委员)?(?:是谁|叫|姓|是哪|名单)|叫什么名字|姓名|主任委员", r"(?:主任|局长|区长|市长|院长|所长|总经理|董事长)", "人员"),
        (r"管理人|管理公司|托管|谁(?:来)?(?:运营|管理)|运营方|运营(?:单位|主体)是", r"管理人|托管|由[^，。]{2,20}(?:运营|管理)|运营(?:主体|单位)", "管理或运营单位"),
        (r"出资方|出资人|谁出(?:的)?(?:资|钱)|分几期出资|出资(?:比例|百分)", r"出资", "出资情况"),
        (r"薪酬|工资|月薪|年薪|待遇(?:是|多少|怎)", r"薪酬|工资|年薪|报酬", "薪酬"),
        (r"房租|月租|租金(?:是|多少|一)|(?:租金|房租).{0,8}(?:几块|多少)|每平米?|一个月.{0,6}多少", r"(?:租金|房租)[^，。、]{0,5}\d|\d+\s*元[^，。]{0,6}平", "租金"),
        (r"总投资|投资额|造价|投了多少|花了多少钱", r"(?:总投资|投资额|投资)[^，。]{0,8}\d", "投资额"),
        (r"多少亩|占地|用地面积", r"\d\s*亩|公顷|占地", "面积"),
        (r"起拍价|地价|售价|单价|票价|收费标准", r"起拍|地价|售价|单价|元/", "价格"),
        (r"税率|几个点|加计扣除.{0,6}(?:比例|多少|百分)", r"税率|\d\s*%", "税率或比例"),
        (r"增长率|增速|同比", r"增长|增速|同比|翻番|倍增", "增速"),
        (r"保证金|押金|罚款|滞纳金", r"保证金|押金|罚款|滞纳金", "该项收费"),
        (r"网址|官网|网站|链接|公众号", r"网址|网站|http|链接", "网址"),
        (r"名单|名称(?:列|是什么|有哪些)|分别叫|列(?:出)?名", r"[、；].*[、；]|名单如下", "名单"),
        (r"地址|门牌|几号楼", r"路\d+号|号楼|地址", "地址"),
        (r"哪(?:几|些|个)?所?(?:大学|高校|学校|学院)", r"[\u4e00-\u9fff]{2,8}(?:大学|学院)", "学校"),
        (r"银行", r"银行", "银行"),
        (r"股票|股价|天气|菜|餐厅|好吃|酒店|机票", r"股票|股价|天气|餐|酒店|机票", "这类信息"),
    )
)
_ENGLISH_ATTRIBUTES = tuple(
    (re.compile(asked, re.I), re.compile(told), name)
    for asked, told, name in (
        (r"phone|e-?mail|contact", r"电话|@|联系人", "联系方式"),
        (r"\bbank\b", r"银行", "银行"),
        (r"how much (?:subsid|money|reward|funding|grant|bonus)|subsidy (?:per|amount|rate)|what subsid", r"\d\s*[百千万亿]*元|\d+%", "金额"),
        (r"deadline|apply by|how (?:do|can|to) .{0,12}appl", r"截止|申报|申请", "申报办法"),
        (r"salary|wage|\brent\b(?! space)", r"薪酬|工资|租金[^，。]{0,10}\d", "该项数额"),
        (r"stock|weather|restaurant|hotel", r"股票|天气|餐|酒店", "这类信息"),
    )
)


def _attributes(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """What is asked about the thing (its telephone, its rent) is not told where the thing is."""
    said = _evidence(library, found)
    for asked, told, name in _ATTRIBUTES if question.language == "zh" else _ENGLISH_ATTRIBUTES:
        if asked.search(question.text) and not told.search(said):
            return Refusal(reason="not_covered", says=f"库内文件提到了相近内容，但没有载明所问的{name}")
    return None


_FACTS = (
    (re.compile(r"文号|发文字号|document number", re.I), "doc_number", "发文字号"),
    (re.compile(r"(?:印发|发布|成文|发文|公布)(?:日期|时间)|什么时候(?:印发|发布|出台|公布)|哪(?:一)?[年天](?:印发|发布|出台|公布)"), "issue_date", "成文日期"),
    (re.compile(r"发文机关|谁(?:印发|发布|发的)|哪个(?:部门|单位|机关)(?:印发|发布|发的)"), "issuer", "发文机关"),
)


_MEDIA = re.compile(r"[\u4e00-\u9fff]{2,4}(?:日报|晚报|电视台|时报|证券报|新闻网|通讯社|周刊|广播)")


def _media(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """A newspaper or station that the documents do not have."""
    for name in _MEDIA.findall(question.text):
        tail = re.search(r"(?:日报|晚报|电视台|时报|证券报|新闻网|通讯社|周刊|广播)$", name)
        short = name[-len(tail[0]) - 2 :] if tail else name
        if not library.mentions(short):
            return Refusal(reason="false_premise", says=f"库内文件没有出现{short}，提问的前提不成立")
    return None


def _whole_list(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """All of many things are to be listed, and the evidence names far fewer."""
    if found.items or found.rows or not re.search(r"写全|列全|逐[个条一项]|全部列|都列|名单|一一列|列出来", question.text):
        return None
    counts = re.findall(rf"([{_HAN}]+|\d+)(?:个|条|项|家|支|种|类|大)", question.text)
    asked = max((int(count) if count.isdigit() else han_to_int(count) for count in counts), default=0)
    listed = max((unit.unit.text.count("、") + unit.unit.text.count("；") for unit in found.chosen), default=0) + 1
    if asked >= 4 and len(found.chosen) < asked and listed < 0.7 * asked:
        return Refusal(reason="not_covered", says=f"库内文件没有逐一列出所问的{asked}项")
    return None


def _place_of_term(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """Something is asked of a place (金桥), and the documents say it of another."""
    if question.kind in (Kind.APPLICABILITY, Kind.COMPARISON, Kind.YES_NO) or found.rows or found.items or not found.chosen:
        return None
    regions = " ".join(entry.region or "" for entry in library.entries)
    own = _evidence(library, replace(found, chosen=found.chosen[:2]), wide=True)
    for place in named.places:
        if place in regions or "还是" in question.text or place in own:
            continue
        if re.search(rf"{place}(?:的|为|作为|有|对|给|把|被|搞|要|在)", question.text):
            return Refusal(reason="false_premise", says=f"库内文件没有就{place}作出所问的规定，提问的前提不成立")
    return None


def _when(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """A time is asked for, and the evidence has none."""
    if question.kind is Kind.WHEN and not found.rows and not any(has_time(item.unit) for item in found.chosen):
        return Refusal(reason="not_covered", says="库内文件没有载明所问的时间")
    return None


def has_time(unit: Unit) -> bool:
    """Whether a sentence, or a heading above it, tells a time."""
    headings = " ".join(section.heading or "" for section in (unit.section, *unit.parents))
    return re.search(r"\d{4}|[一二三四五六七八九十]+五|[近中远长短]期|下一步|未来\s*\d|\d+\s*(?:年|个月|天|月|日)|近年|年中|期间|契机|每年|年度|定期|目前|今后|当前", unit.text + headings) is not None


def _facts(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """A document's number, date or issuer that the file does not print."""
    docs = [entry for entry in library.entries if entry.id in named.docs]
    for asked, field, name in _FACTS:
        if docs and asked.search(question.text) and all(getattr(entry, field) is None for entry in docs):
            return Refusal(reason="not_covered", says=f"{_which(named, library)}的库内文本未载明{name}")
    return None


def _undefined(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """A name whose meaning is asked for, and which the documents only use."""
    text = question.text
    terms = [term for term in question.quoted if len(bare(term)) >= 2]
    counted = re.search(rf"([\u4e00-\u9fffA-Za-z0-9+]{{2,12}}?)[”」]?是哪(?:[{_HAN}]+|\d+)(?:个|条|项|种|类|大|家)", text)
    if found.items or found.rows:
        return None
    if counted:
        terms.append(counted[1])
    elif not _UNDEFINED.search(text):
        return None
    for term in terms:
        uses = [unit for unit in _uses(term, named, library)]
        if uses and not any(defines(term, unit) for unit in uses):
            return Refusal(reason="not_covered", says=f"库内文件只使用了“{term}”这一说法，没有说明它的具体内容")
    return None


def _uses(term: str, named: Scope, library: Library) -> Iterator[Unit]:
    """Units that print `term`."""
    key = bare(term)
    for doc in sorted(named.docs) or [entry.id for entry in library.entries]:
        for unit in library.reading(doc).units:
            if key in bare(unit.text):
                yield unit


def defines(term: str, unit: Unit) -> bool:
    """Whether a sentence says what `term` is: 是/指/即/：/（…）/—— after it, or a heading that bears it."""
    text, key = fold(unit.text), re.escape(fold(term))
    if fold(term) in fold(unit.section.heading or "") and not re.search(r"用好|发挥|落实|推进", unit.section.heading or ""):
        return True
    return re.search(rf"{key}[”」》]?[^，。；、]{{0,6}}(?:是指|指的是|是|指|即|：|:|——|[（(]|包括|分为|主要有)|(?:即|就是|称为|简称|叫做)[“「《]?{key}", text) is not None


def _support(question: Question, named: Scope, library: Library, found: Found) -> Refusal | None:
    """Too little of what is asked stands in the evidence."""
    best = found.chosen[0] if found.chosen else None
    if found.rows or best is None:
        return None
    least = LEAST_COVERAGE + (0.25 if question.pasted else 0.0)
    if best.coverage < least:
        return nothing()
    return None


def _evidence(library: Library, found: Found, wide: bool = False) -> str:
    """What the chosen evidence says with its headings and titles; `wide` adds the rest of its sections."""
    parts: list[str] = []
    for item in found.chosen:
        unit = item.unit
        document = library.reading(unit.doc).document
        parts += [unit.text, unit.section.path, unit.section.heading or "", *(p.heading or "" for p in unit.parents)]
        parts += [document.title, document.issue_date or "", document.region or "", *(document.period or ())]
        if wide:
            reading = library.reading(unit.doc)
            for path in (unit.section.path, *(parent.path for parent in unit.parents[-1:])):
                parts += [other.text for other in reading.by_path.get(path, ())]
    for listed in found.items:
        document = library.reading(listed.heads[0][0].doc).document
        parts += [document.title, document.issue_date or "", document.region or "", *(document.period or ())]
        for unit, first in listed.heads:
            parts += [unit.text, first.text if first else "", *(p.heading or "" for p in unit.parents)]
    for row in found.rows:
        parts += [row.document.title, row.document.region or "", *row.table.columns, *row.table.rows[row.index]]
    return " ".join(parts)


def _which(named: Scope, library: Library) -> str:
    titles = searched(named, library)
    return f"《{titles[0]}》" if len(titles) == 1 else "库内文件"
