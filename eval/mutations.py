"""True sentences made false: the verifier's own known-answer set.

`FALSE` holds one maker per kind of falsehood (`eval.rewordings.TRUE` one per honest rewording): each makes of a
sentence and what stands around it one that its passage does not support.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from eval import rearranged
from eval.makers import ITEM, NUMBER, VERBS, Maker, another, other, prefixed, swap, table

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


FALSE: dict[str, Maker] = {
    "number ×10": swap(NUMBER, _times(10)),
    "number ÷10": swap(NUMBER, _times(-10)),
    "number + 1": swap(NUMBER, _plus),
    "numbers of a sentence swapped": rearranged.numbers_swapped,
    "number of another sentence": rearranged.number_of_another,
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
    "year of another sentence": rearranged.years_swapped,
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
        rf"(?<!最高)(?<!超过)(?<!不低于)(?={NUMBER})(?<=[为达到给予成立有建设培育])", lambda m: "不低于"
    ),
    "yearly or in all added": swap(
        rf"(?:建设|培育|给予|打造|形成|推出|发展|达到)(?=[\u4e00-\u9fff]{{0,2}}{NUMBER})", lambda m: f"每年{m[0]}"
    ),
    "negation added": swap(rf"(?:^|(?<=[，；、。]))(?={VERBS}|可以|应当|可)", lambda m: "不"),
    "negation dropped": swap(
        r"不得|不予|不再|不能|不可|未经|不(?=[\u4e00-\u9fff])(?!断|仅|但|同|少于|低于|超过|高于|良|动产|足|等)", ""
    ),
    "cut behind a not": rearranged.cut_negation,
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
    "target year dropped": rearranged.dated_out,
    "opposite": table(_PAIRS),
    "all for some": table(
        {"一批": "全部", "部分": "全部", "若干": "所有", "各类": "个别", "有关": "所有", "一定": "全额", "逐步": "立即"}
    ),
    "only added": swap(rf"(?:^|(?<=[，；]))(?={VERBS})", "仅"),
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
    "list item": another(ITEM),
    "list item of the passage": rearranged.item_of_passage,
    "list item added": rearranged.item_added,
    "objects swapped": rearranged.objects_swapped,
    "cause and effect": rearranged.reversed,
    "glued clauses": rearranged.glued,
    "spliced sentences": rearranged.spliced,
    "condition dropped": rearranged.condition_dropped,
    "condition of another": rearranged.condition_of_another,
    "exception dropped": rearranged.exception_dropped,
    "limit dropped": rearranged.limit_dropped,
    "speaker invented": prefixed(("王建国表示，", "市发展改革委主任指出，", "新闻发言人介绍说，")),
    "clause invented": rearranged.invented,
    "article invented": prefixed(
        ("根据第九十八条规定，", "依据沪府规〔2031〕77号，", "经国务院批准，", "按照《补贴管理办法》，")
    ),
    "wrong section": other(lambda sentence: sentence.elsewhere),
    "lookalike section": rearranged.lookalike,
    "wrong document": other(lambda sentence: sentence.foreign),
}
