"""Lines of business in a text or a heading, by the lexicon and by the documents' own headings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from index.lexicon import Entry, Lexicon

# Words for any industry: they say what a whole document is about, never what a firm does.
DOMAINS = frozenset(
    {
        "未来产业",
        "战略性新兴产业",
        "高技术产业",
        "先导产业",
        "支柱产业",
        "新经济",
        "实体经济",
        "民营经济",
        "高技术制造业",
    }
)
_EMPTY = frozenset(
    {
        "产业链",
        "产业集群",
        "供应链",
        "新产品",
        "先进制造业",
        "制造业",
        "第一产业",
        "第二产业",
        "第三产业",
        "研究和试验发展",
    }
    | {
        "现代服务业",
        "生产性服务业",
        "新兴服务业",
        "生活服务",
        "传统产业",
        "外贸",
        "服务贸易",
        "总部经济",
        "关键核心技术",
    }
    | {"前沿技术", "颠覆性技术", "共性技术", "技术路线", "新质生产力", "硬科技", "核心零部件", "工业强基", "首发经济"}
    | {"信息化", "数字化", "智能化", "自动化", "新型基础设施", "开源", "科技金融", "相关服务业", "专业服务业"}
    | {"前沿新材料", "科学仪器", "重大技术装备", "城市数字化转型", "人机交互", "数据库", "道路测试"}
)
_CLASSES = re.compile(r"GB/T 4754-2017 (?:C\d{0,2}|[ABD-T]\d*)")  # services, and the divisions of manufacturing
_KINDS = frozenset({"industry", "technology"})
_USE = re.compile(
    r"(?:/[A-Za-z0-9]+)?\s?(?:[^，。；、用\s]{0,4})用(?!于|户|场景|化|电|研|能)|[^，。；、]{0,5}膜|级芯片|靶材|光刻胶"
)
_FIRM = re.compile(r"(?P<trade>.{2,}?)(?:公司|企业|厂商|厂)")
_LEAD = re.compile(
    r"^(?:打造|发展|布局|培育|做强|壮大|加快|推动|聚焦|支持|建设|推进|大力|着力|关于|[一二三四五六七八九十]+是)+"
)
_TAIL = re.compile(r"(?:等?(?:产业集群|集群|产业|领域|技术|方向|赛道|行业|方面))+$")
_VERB = re.compile(
    r"^(?:加强|加快|加大|建设|建立|强化|推动|推进|打造|支持|鼓励|实施|完善|优化|落实|开展|探索|培育|引进|深化|提升|发挥|构建|形成|"
    r"树立|夯实|用好|营造|做优|健全|促进|扩大|制定|组织|布局|坚持|聚焦|明确|保障|积极|大力|着力|持续|进一步|全面|引导|发布|举办)"
)
_LONG = 4  # characters of a word that may hold a line of business and something else
_PLAIN = re.compile(
    r"(?:智能|信息|健康|能源|空间|材料|技术|产业|制造|科技|生物|数据|平台|网络|装备|设备|软件|服务|安全)?"
)


@dataclass(frozen=True, slots=True)
class Named:
    """`text[start:end]` names the business `value`; `used_for` when it is only what a product is for."""

    value: str
    start: int
    end: int
    used_for: bool


def terms_in(text: str, lexicon: Lexicon, *, spoken: bool = False) -> tuple[Named, ...]:
    """Every official term for a line of business that a text names, in its order; the words for any industry too.

    What people say loosely for one (仪器 for 医疗器械, 抖音 for 网络视听) counts in a `spoken` text, not in a document.
    """
    found: list[Named] = []
    for match in lexicon.find(text):
        named = [entry for entry, relation in match.entries if spoken or relation != "near"]
        if firm := _FIRM.fullmatch(text, match.start, match.end):
            parts = lexicon.find(firm["trade"])
            inner = [entry for part in parts for entry, relation in part.entries if spoken or relation != "near"]
            if _terms(inner, lexicon):  # 氢能公司 does 氢能, whatever group it is listed in
                named = [*(entry for entry in named if entry.kind != "firm"), *inner]
        terms = _terms(named, lexicon)
        if not terms and match.end - match.start >= _LONG:
            terms = _inside(text[match.start : match.end], lexicon)
        for term in terms:
            found.append(Named(term, match.start, match.end, _USE.match(text, match.end) is not None))
    return tuple(found)


def _inside(word: str, lexicon: Lexicon) -> list[str]:
    """The lines of business that a word begins or ends with: 未来产业 in 未来产业培育."""
    for size in range(len(word) - 1, 1, -1):
        for piece in (word[:size], word[-size:]):
            named = [entry for entry in lexicon.named(piece) if piece not in entry.near]
            if named and (terms := _terms(named, lexicon)):
                return terms
    return []


def is_broad(term: str, lexicon: Lexicon) -> bool:
    """Whether a term holds so much that belonging to it says nothing (制造业, 软件和信息技术服务业)."""
    entry = lexicon.entry(term)
    return term in DOMAINS or term in _EMPTY or (entry is not None and _CLASSES.fullmatch(entry.source) is not None)


def heading_words(heading: str) -> str:
    """A heading without the verbs before and the nouns of kind behind it: 打造未来健康产业集群 → 未来健康."""
    plain = re.sub(r"[（(][^）)]*[）)]|\s", "", heading).strip("：:。")
    return _TAIL.sub("", _LEAD.sub("", plain)) or plain


def core(words: str) -> str:
    """What a heading's words are about: 未来通信 → 通信, 新型储能 → 储能; "" when that is a word of all trades."""
    bare = re.sub(r"^(?:未来|新型|先进|高端|通用|现代|智慧|新一代|非)", "", words)
    return "" if _PLAIN.fullmatch(bare) or len(bare) < 2 else bare


def is_noun_heading(heading: str) -> bool:
    """Whether a heading could be the name of an industry: short, without a verb before or a comma in it."""
    plain = heading_words(heading)
    kind = _TAIL.search(re.sub(r"\s", "", heading)) is not None
    return 2 <= len(plain) <= 12 and (kind or not _VERB.match(heading)) and not re.search(r"[，,“”《》]|的", heading)


def _is_trade(entry: Entry | None) -> bool:
    return entry is not None and entry.kind in _KINDS and entry.term not in _EMPTY


def _terms(entries: Iterable[Entry], lexicon: Lexicon) -> list[str]:
    terms: list[str] = []
    for entry in entries:
        if entry.kind in _KINDS and entry.term not in _EMPTY and entry.broader != "未来产业":
            terms.append(entry.term)  # 未来健康 and its like are headings: each document sorts under them as it will
        elif entry.kind == "firm":
            terms += [other for other in entry.related if _is_trade(lexicon.entry(other))]
    return list(dict.fromkeys(terms))
