"""Which sentences answer: every unit is scored against the question, then one to a few are chosen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assistant.evidence import Unit
from assistant.question import Kind, Question, Term
from assistant.text import bag, bare, grams
from index.lexicon import load_lexicon

# Fitted on the questions of eval/ (pairwise logistic regression, five folds): what the question's words count in the
# sentence, in it or its headings, anywhere about it; how the kind of answer, search and the sentence's vector count.
OWN, HEADED, NEAR = 0.17, 0.67, 0.33
FIT, FOUND, MEANING, LEVEL = 0.37, 0.27, 0.26, 0.16
VOTE = 0.02  # what the re-ranker's vote counts, chosen on judged sets it had not learnt from (docs/benchmarks.md)
PRINTED = 0.6  # share of the question's own words that a sentence must hold for the vote to count
TOLD = 0.3
NAMED = 0.75  # what a name counts that the lexicon has for a word of the question
FRESH = 0.7  # share of its grams that a sentence must have beyond the question's to be said alone
GOES_ON = 0.62  # how much less the sentence after such a one may score
_OTHER = 0.92  # what another word counts for a term

_PLACE = re.compile(
    r"[\u4e00-\u9fff]{2,}(?:区域|区|园|镇|街道|港|岛|谷|城|基地|片区|地区|商务楼宇|廊|带)|张江|临港|浦东|上海"
)
_ORGAN = re.compile(
    r"委员会|委|局|办公室|办|部门|院|所|小组|公司|中心|政府|管委会|机构|单位|协会|大学|企业|专家组|专家|团队"
)
_DATE = re.compile(
    r"\d{4}\s*年|20\d\d|[十一二三四五]{2,3}五|“十[一二三四五]五”|近年|下一步|未来\s*\d|(?:\d+|[一二两三四五六七八九十]+)\s*(?:年|个月|天|日|个?(?:工作日|小时))(?!份)|期间|近期|中期|远期|届满|契机"
)
_NUMBER = re.compile(
    r"\d[\d.,]*(?:\s?[-—~～至]\s?\d[\d.,]*)?\s*(?:余|多)?[百千万亿]*\s*[\u4e00-\u9fff%A-Za-z]?|"
    r"[一二三四五六七八九十百]+分之[一二三四五六七八九十百]+|"
    r"(?:[二三四五六七八九十百两]|十[一二三四五六七八九])+(?:[百千万亿]|个|家|项|条|种|类|件|名|人|支|所|座|大|成|倍|年|期|位|代|"
    r"平方米|元|日|天|月|周岁|岁|次|份|米|公里|亩|吨|户|小时)"
)
_HALF = re.compile(r"半(?:个?[年月天]|[^，。；]{0,2}数)")
_BODIES = ("家", "个", "所", "座", "处")  # 几家创新中心 is answered by 5个
_NAMING = re.compile(r"^[二三四五六七八九十]+大$")  # 三大先导产业 is a name, not a figure
_MEANS = re.compile(r"是指|指的是|即|定位为|是|简单来说|主要目标|具体是指|为主|“|——|以.{2,20}为")
_LABEL = re.compile(r"(?:[\d.]+|[（(]?[一二三四五六七八九十\d]+[）)、.])?\s*([^：:，。；]{2,16})[：:](?=.{8})")
_CALLED = re.compile(r"所称的?([^，。；]{2,30}?)，?(?:是指|系指|指|包括)")
_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
_LISTED = re.compile(r"哪些|包括(?:哪|什么)|有什么|哪几")
_MUST = re.compile(r"支持|鼓励|给予|奖励|补贴|资助|推动|加快|培育|建设|打造|提供|引导|探索")


_EMPTY = re.compile(r"[？?][”」』]?$|^现[将就予][^。]{0,80}(?:如下|印发给你们)|^特此(?:通知|通告|公告|函复)")
_PASSED = re.compile(
    r"^[（(](?:[^（）()]|[（(][^（）()]*[）)])*(?:通过|公布|发布|修订|修正|批准)(?:[^（）()]|[（(][^（）()]*[）)])*[）)]$"
)
_ASKS_PASSED = re.compile(r"通过|公布|发布|颁布|出台|制定|修订|修正|修改|批准|令|什么时候|何时|哪[年天]|版本")
_MAY = re.compile(
    r"可不可以|能不能|能否|可否|是否(?:可以|需要|允许|必须)|(?:可以|能|允许|准|需要|必须|得|要)[^，。？]{0,24}吗|要不要|让不让|准不准"
)
_MODAL = re.compile(r"可以|不得|禁止|不予|不能|应当|必须|无[需须]|不需|允许|方可|不再|严禁|免予")
_BOUNDS = (
    (
        re.compile(r"最[多高长大迟晚]|上限|封顶|顶多"),
        re.compile(r"最[高多长大迟晚]|上限|封顶|不(?:得)?超过|限额|以[下内]"),
    ),
    (
        re.compile(r"最[少低短小]|至少|起码|下限"),
        re.compile(r"最[低少短小]|至少|下限|不(?:得)?(?:低|少|小|短)于|以上|满"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A unit and how well it answers. Of the question's content words `own` (0..1) stand in the sentence itself, other
    names aside; `coverage` (0..1) in it, in its headings or, counting less, beside it."""

    unit: Unit
    score: float
    coverage: float
    own: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """Grams with their weights, `keys` the grams alone, `whole` the sum of the weights."""

    pairs: tuple[tuple[str, float], ...]
    keys: frozenset[str]
    whole: float


@dataclass(frozen=True, slots=True)
class Renamed:
    """A word of a term as grams, and its other names."""

    grams: Weighed
    names: tuple[Weighed, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A term as grams, its alternatives with what each counts (0..1), the words in it that have other names, and its
    share of the question."""

    grams: Weighed
    alternatives: tuple[tuple[Weighed, float], ...]
    named: tuple[Renamed, ...]
    total: float
    weight: float


def wanted(terms: Sequence[Term], weight: Callable[[str], float], cut: Sequence[str] = ()) -> list[Wanted]:
    """The question's terms as weighted grams; what names a document (`cut`) counts little.

    A word in a term may go by another name that the policy lexicon has for it (落户: 入户), for a little less.
    """
    naming = {gram for text in cut for gram in grams(text)}
    found = []
    for term in terms:
        own = _weighed(
            (gram, weight(gram) * (0.15 if gram in naming else 0.6 if len(gram) == 1 else 1.0))
            for gram in dict.fromkeys(grams(term.text))
        )
        likened = dict(term.likened)
        others = tuple(_named(word, weight) for word in term.alternatives if word not in likened)
        alike = tuple((_named(word, weight), share) for word, share in term.likened)
        total = own.whole
        if others:
            wholes = [other.whole for other in others]
            total = min(total, *wholes) if own.pairs[0][0] >= "\u3400" else max(wholes)
        named: tuple[Renamed, ...] = ()
        if not others:
            named = tuple(
                Renamed(
                    _weighed((gram, value) for gram, value in own.pairs if gram in inside),
                    tuple(_named(name, weight) for name in names),
                )
                for inside, names in _names(term.text)
            )
        if total > 0:
            found.append(Wanted(own, (*((other, _OTHER) for other in others), *alike), named, total, term.weight))
    return found


def _named(word: str, weight: Callable[[str], float]) -> Weighed:
    return _weighed((gram, weight(gram)) for gram in dict.fromkeys(grams(word)))


def _weighed(pairs: Iterable[tuple[str, float]]) -> Weighed:
    pairs = tuple(pairs)
    return Weighed(pairs, frozenset(gram for gram, _ in pairs), sum(value for _, value in pairs))


def _names(text: str) -> list[tuple[frozenset[str], list[str]]]:
    """The words in a text that the lexicon has other names for: their grams, and those names."""
    found = []
    for match in load_lexicon().find(text):
        word = text[match.start : match.end]
        entries = [entry for entry, how in match.entries if how != "same" or entry.kind != "place"]
        names = dict.fromkeys(name for entry in entries for name in (entry.term, *entry.same) if name != word)
        if names:
            found.append((frozenset(grams(word)), list(names)))
    return found


def score(
    question: Question,
    wants: Sequence[Wanted],
    unit: Unit,
    title: frozenset[str],
    *,
    found: float,
    meaning: float,
    level: bool,
) -> Scored:
    """How well `unit` answers: about 0 to 2.

    `found` is its section's search score (0..1), `meaning` the cosine of sentence and question, `level` whether the
    document is of the level (city, district) that the question speaks of.
    """
    own, headed, near = shares(wants, unit.grams, unit.place, unit.around | title)
    value = OWN * own + HEADED * headed + NEAR * near
    value += FIT * _fits(question, wants, unit) + FOUND * found + MEANING * meaning + LEVEL * level
    if unit.is_heading or (len(unit.text) < 10 and not _MODAL.search(unit.text)):
        value -= 0.1
    if len(unit.grams & title) > 0.85 * len(unit.grams) or is_name(unit) or _nothing(question, unit.text):
        value -= TOLD  # it only repeats the document's title, is a name (who issues it, to whom), asks or announces
    told = len(question.told & unit.grams)
    if told and told >= max(0.7 * len(question.told), 0.25 * len(unit.grams)):
        value -= TOLD  # the user has been told this already
    coverage = (HEADED * headed + NEAR * near) / (HEADED + NEAR)
    printed = shares(wants, unit.grams, renamed=False)[0] if any(want.named for want in wants) else own
    return Scored(unit=unit, score=value, coverage=coverage, own=printed)


def _nothing(question: Question, text: str) -> bool:
    """Whether a sentence asks or announces, or tells only when the document was passed, which is not asked."""
    if _EMPTY.search(text):
        return True
    return _PASSED.search(text) is not None and not _ASKS_PASSED.search(question.focus)


def is_name(unit: Unit) -> bool:
    """Whether it is a line of what stands before the first section or of a signature, and no sentence."""
    if unit.section.path == "落款":
        return True
    return unit.section.path == "引言" and len(unit.text) <= 40 and not re.search(r"[，,。；;：:！？]", unit.text)


def shares(wants: Sequence[Wanted], *bags: frozenset[str], renamed: bool = True) -> tuple[float, ...]:
    """For each bag the share (0..1) of the question's words that stand in it or in a bag before it.

    An alternative counts a little less than the user's own word, another name (where `renamed`) less still.
    """
    total = sum(want.total * want.weight for want in wants) or 1.0
    got = [0.0] * len(bags)
    for want in wants:
        best = _share(want.grams, bags)
        for other, counts in want.alternatives:
            best = [max(mine, counts * theirs) for mine, theirs in zip(best, _share(other, bags), strict=True)]
        if renamed and want.named:
            best = [mine + more for mine, more in zip(best, _gained(want, bags), strict=True)]
        for at, share in enumerate(best):
            got[at] += share * want.total * want.weight
    return tuple(value / total for value in got)


def _gained(want: Wanted, bags: Sequence[frozenset[str]]) -> list[float]:
    """What the other names of the words in a term add to its share in each bag, 0..1."""
    whole = want.grams.whole
    gained = [0.0] * len(bags)
    for word in want.named:
        found = [name for name in word.names if any(not name.keys.isdisjoint(held) for held in bags)]
        if not found:
            continue
        worth = word.grams.whole
        best = own = _share(word.grams, bags)
        for name in found:
            best = [max(mine, NAMED * theirs) for mine, theirs in zip(best, _share(name, bags), strict=True)]
        gained = [got + (new - old) * worth / whole for got, new, old in zip(gained, best, own, strict=True)]
    return gained


def _share(wanted: Weighed, bags: Sequence[frozenset[str]]) -> list[float]:
    whole = wanted.whole
    got = [0.0] * len(bags)
    if all(wanted.keys.isdisjoint(held) for held in bags):
        return got
    for gram, value in wanted.pairs:
        for at, held in enumerate(bags):
            if gram in held:
                for rest in range(at, len(bags)):
                    got[rest] += value
                break
    return [value / whole if whole else 0.0 for value in got]


def _fits(question: Question, wants: Sequence[Wanted], unit: Unit) -> float:
    """Whether the sentence holds the kind of thing that is asked for: about -1 to +1."""
    text, kind, value = unit.text, question.kind, 0.0
    if (lead := unit.leading) is not None and kind in (Kind.NUMBER, Kind.WHEN) and has_number(lead.text):
        text = lead.text + text
    if kind is Kind.NUMBER:
        value += _number_fit(question, wants, text)
    elif kind is Kind.WHEN:
        value += 0.12 if _DATE.search(text) else -0.12
    elif kind is Kind.WHERE:
        value += 0.1 if _PLACE.search(text) else -0.1
    elif kind is Kind.WHO:
        value += 0.1 if _ORGAN.search(text) else -0.1
    elif kind is Kind.LIST:
        value += min(0.12, 0.03 * (text.count("、") + text.count("；")))
    elif kind is Kind.COMPARISON and question.units:
        carried = any(_has_unit(match[0], unit) for match in _NUMBER.finditer(text) for unit in question.units)
        value -= 0.0 if carried else 0.5
    elif kind is Kind.DEFINITION:
        value += 0.06 if _MEANS.search(text) else 0.0
        value += 0.08 if unit.first else 0.0
        value += 0.8 if _defines(question, unit) else 0.0
    elif kind is Kind.APPLICABILITY:
        value += 0.06 if _MUST.search(text) else -0.04
    if kind in (Kind.NUMBER, Kind.WHEN):
        value += sum(0.15 for asked, told in _BOUNDS if asked.search(question.focus) and told.search(text))
    if kind in (Kind.YES_NO, Kind.APPLICABILITY) and _MAY.search(question.focus):
        value += 0.15 if _MODAL.search(text) else -0.05
    if _LISTED.search(question.focus) and text.endswith(("：", ":")) and len(unit.section.children) > 1:
        value += 0.6
    if not question.years:
        return value
    own = set(re.findall(r"(?<!\d)20\d\d(?!\d)", text))
    above = {gram[:4] for gram in unit.place if re.match(r"20\d\d", gram)}
    for year in question.years:
        if year in own:
            value += 0.3
        elif year in above:
            value += 0.25
        elif own or above:
            value -= 0.3
    return value


def _defines(question: Question, unit: Unit) -> bool:
    """Whether a sentence says what the thing asked about is: 国家级（Ⅰ级）：……, 自住住房，是指……"""
    label = _LABEL.match(unit.text)
    if label and len(name := bare(_BRACKETS.sub("", label[1]))) >= 2 and name in bare(question.focus):
        return True
    if calls(question, unit):
        return True
    pieces = (re.escape(piece) for piece in question.pieces if len(piece) > 2)
    return any(re.search(rf"{piece}[”」》]?[^。；，]{{0,4}}，?(?:是指|指的是|系指)", unit.text) for piece in pieces)


def calls(question: Question, unit: Unit) -> bool:
    """Whether a sentence says what the document calls the thing asked about: 本办法所称困难职工，包括……"""
    called = _CALLED.search(unit.text)
    name = bare(_BRACKETS.sub("", called[1])).replace("的", "") if called else ""
    return name != "" and name in bare(question.focus).replace("的", "")


def _number_fit(question: Question, wants: Sequence[Wanted], text: str) -> float:
    """A number of the right unit, and the question's words close to it: -1 to 0.6."""
    units = [unit for unit in question.units if unit not in ("年", "月", "天")]
    numbers = [match for match in _NUMBER.finditer(text) if units or not _NAMING.search(match[0])]
    if not numbers:
        return -1.0
    fitting = [match for match in numbers if any(_has_unit(match[0], unit) for unit in units)]
    if units and not fitting:
        return -0.15
    near = max(shares(wants, bag(text[max(0, m.start() - 16) : m.end() + 16]))[0] for m in fitting or numbers)
    return (0.3 if fitting else 0.1) + 0.3 * near


def _has_unit(number: str, unit: str) -> bool:
    if "分之" in number:
        return unit in ("%", "成", "人", "名", "家")
    if unit in ("钱", "元", "万元", "亿元", "万", "亿"):
        return re.search(r"[万亿元]", number) is not None
    if unit in ("天", "日"):
        return re.search(r"[天日]$", number) is not None
    if unit == "%":
        return re.search(r"%|成$", number) is not None
    if unit in _BODIES:
        return any(other in number for other in _BODIES)
    return unit in number


def has_number(text: str) -> bool:
    """Whether a text tells a number (that of an article or a document aside)."""
    return _HALF.search(text) is not None or (
        _NUMBER.search(re.sub(r"第[一二三四五六七八九十百\d]+[条章款项]|〔\d+〕\d+号|^[（(]?\d+[.．、）)]", "", text))
        is not None
    )


def has_count(text: str, units: Sequence[str]) -> bool:
    """Whether a text tells a number of one of the measure words asked for (所 and 个 count the same), or a bare one."""
    numbers = (match[0] for match in _NUMBER.finditer(text))
    return any(number[-1].isdigit() or any(_has_unit(number, unit) for unit in units) for number in numbers)


def has_date(text: str) -> bool:
    """Whether a text tells a time."""
    return _DATE.search(text) is not None


def choose(ranked: Sequence[Scored], most: int, margin: float) -> list[Scored]:
    """The best units, without repeats of the same words: one, or up to `most` where the next are within `margin`."""
    if not ranked:
        return []
    best = ranked[0]
    chosen = [best]
    for other in ranked[1:12]:
        if len(chosen) >= most:
            break
        if any(_alike(other.unit, picked.unit) for picked in chosen):
            continue
        if other.score >= best.score - margin:
            chosen.append(other)
    return chosen


def continued(question: Question, ranked: Sequence[Scored], best: Scored) -> list[Scored]:
    """The sentence after the best one, where that says little that the question does not say: it tells the rest."""
    asked = bag(question.focus)
    if len(best.unit.grams - asked) > FRESH * len(best.unit.grams):
        return []
    section, place = best.unit.section, best.unit.order[1] + 1
    return [
        item
        for item in ranked
        if item.unit.section is section
        and item.unit.order[1] == place
        and item.score >= best.score - GOES_ON
        and not (_nothing(question, item.unit.text) or _alike(item.unit, best.unit))
    ]


def _alike(a: Unit, b: Unit) -> bool:
    """Whether two sentences say the same in (nearly) the same words."""
    if bare(a.text) in bare(b.text) or bare(b.text) in bare(a.text):
        return True
    return len(a.grams & b.grams) / max(1, min(len(a.grams), len(b.grams))) > 0.85
