"""What a question takes for granted and the documents do not have: a section, a place, a year, a number, a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.article import article
from assistant.evidence import Reading, Unit
from assistant.question import Kind
from assistant.reasons import HAN_DIGITS, Case, Refusal
from assistant.text import bare, fold, grams
from assistant.verify import quantities
from index.lexicon import load_lexicon
from ingest.numerals import han_to_int

_PATH = re.compile(
    rf"(?:[{HAN_DIGITS}]{{1,3}}、)?（[{HAN_DIGITS}]{{1,3}}）(?:\s?\d{{1,2}}[.．])?|[{HAN_DIGITS}]{{1,3}}、\d{{1,2}}[.．]"
)
_ARTICLE = re.compile(rf"第([{HAN_DIGITS}]{{1,4}}|\d{{1,3}})([编章节条页])(?:(?<=条)之([一二三四五六七八九]))?")
_BIG = re.compile(rf"([{HAN_DIGITS}]|\d{{1,2}})大([\u4e00-\u9fff]{{2,4}})")
_MEDIA = re.compile(r"[\u4e00-\u9fff]{2,4}(日报|晚报|电视台|时报|证券报|新闻网|通讯社|周刊|广播)")
_COUNTED = re.compile(
    rf"(?<![{HAN_DIGITS}\d第.])([{HAN_DIGITS}]{{1,3}}|\d{{1,4}})(家|个|所|座|项|条|支|位|名|处)([\u4e00-\u9fff]{{2,4}})"
)
_ORDINAL = re.compile(
    r"(?<=[\u4e00-\u9fff])(?:第[一二三四五六七八九十\d]+[届期批次]|(?<![近中远长短分十第])[一二三四五六][期届])"
)
_QUOTES = re.compile(r"[“「][^”」]*[”」]")
_CONFIRMS = re.compile(r"对吗|对吧|是不是|对不对|矛盾")
_SAYS = 0.3  # share of the question's words in a sentence that is about what is asked
_NEAR = 0.5  # ... in words and headings of one whose years are worth telling
_DATED = 0.25  # ... and in one that has the year and the number
_LIMIT = re.compile(
    r"(?:不低于|不少于|不高于|不超过|超过|低于|高于|达到|满)\s*\d[\d.]*\s*%|\d[\d.]*\s*%\s*(?:及|（含）)?以[上下]"
)
_OPENING = 300  # characters
_COMMON = 10
_LARGE = 1000  # a number in a question below this may be a count of the answer (哪六个) or a name (5G)


def _documents(case: Case) -> Refusal | None:
    """A title or number that no document bears, and that no evidence speaks of."""
    said = bare(case.evidence())
    name = next((name for name in case.named.unknown if bare(name) not in said), None)
    return Refusal(reason="not_covered", says=f"库内没有{name}这份文件，无法据此回答") if name else None


def _structure(case: Case) -> Refusal | None:
    """A section, article or page that the documents do not have."""
    if not _PATH.search(case.question.text) and not _ARTICLE.search(case.question.text):
        return None
    for match in _PATH.finditer(case.question.text):
        part = fold(match[0])
        if not any(part in fold(path) for path in _paths(case)):
            return Refusal(reason="false_premise", says=f"{case.which()}没有{match[0]}这一部分，提问的前提不成立")
    for match in _ARTICLE.finditer(case.question.text):
        word = match[2]
        unnamed = word in "条编节" and not case.named.docs and not case.question.pasted
        if unnamed and not any(re.search(rf"第[{HAN_DIGITS}\d]+{word}", path) for path in _paths(case)):
            continue  # 第二条 may mean the second point of something said before
        number = int(match[1]) if match[1].isdigit() else han_to_int(match[1])
        if word == "条" and any(article(case.library.reading(doc), number, match[3]) for doc in case.docs()):
            continue
        if not any(
            mark in path
            for path in _paths(case)
            for mark in (match[0], f"第{number}{case.question.text[match.end(1) : match.end()]}")
        ):
            return Refusal(reason="false_premise", says=f"{case.which()}没有{match[0]}，提问的前提不成立")
    return None


def _paths(case: Case) -> Iterator[str]:
    """The paths of the sections of the documents searched, which are read one by one: a question may name thousands."""
    for doc in case.docs():
        for section in case.library.reading(doc).document.walk():
            yield section.path


def _places(case: Case) -> Refusal | None:
    """A place that no document speaks of (going there from here aside)."""
    for place in case.named.places:
        abroad = re.search(rf"(?:去|赴|到|往|出海){re.escape(place)}", case.question.text)
        if not abroad and not case.library.mentions(place):
            return Refusal(reason="out_of_scope", says=f"库内文件没有关于{place}的内容，不在可答范围", nearest=False)
    return None


def _years(case: Case) -> Refusal | None:
    """Years for which the evidence says nothing."""
    cut = " ".join(case.named.cut)
    years = [year for year in case.question.years if year not in cut]
    if years and not any(year in case.evidence(wide=True) for year in years):
        return Refusal(reason="out_of_scope", says=f"库内文件没有{'、'.join(years)}年的相应内容{_told_years(case)}")
    found = case.found
    if not years or case.question.kind is not Kind.NUMBER or found.rows or found.items:
        return None
    dated = [item for item in found.chosen if any(year in _dated(item.unit) for year in years)]
    if dated and max(item.own for item in dated) < _DATED:
        return Refusal(reason="out_of_scope", says=f"库内文件没有{'、'.join(years)}年的这个数")
    return None


def _told_years(case: Case) -> str:
    """For which years the nearest sentence tells something of the kind."""
    near = next((item for item in case.found.ranked if item.coverage >= _NEAR), None)
    told = dict.fromkeys(re.findall(r"(?<!\d)(20\d\d)年", near.unit.text)) if near else {}
    return f"，最接近的内容说的是{'、'.join(told)}年" if told else ""


def _dated(unit: Unit) -> str:
    return " ".join([unit.text, *_headings(unit)])


def _quoted(case: Case) -> Refusal | None:
    """A term in quotation marks that stands nowhere in the documents searched."""
    if case.question.language != "zh":
        return None
    plain = {term.text for term in case.question.terms if term.alternatives}
    for term in case.question.quoted:
        pairs = set(grams(term))
        if len(bare(term)) < 3 or term in plain or not pairs:
            continue
        if sum(map(case.library.known, pairs)) / len(pairs) < 0.5:
            return Refusal(reason="not_covered", says=f"库内文件没有“{term}”这一提法")
    return None


def _elsewhere(case: Case) -> Refusal | None:
    """A name that the document asked about does not have, and that another one has in a heading (a quoted one in its
    text)."""
    question, named = case.question, case.named
    if len(named.groups) != 1 or question.kind is Kind.COMPARISON or question.language != "zh" or case.found.recited:
        return None
    wanted: list[tuple[str, list[str], int]] = []  # terms, their pairs of characters not met yet, how many may stay so
    for term in question.terms:
        own = _plain(term.text, named.cut)
        pairs = grams(own)
        if not term.alternatives and term.weight >= 1.0 and pairs:
            wanted.append((own, pairs, len(pairs) // 4))
    inside = ""
    for doc in sorted(named.docs):
        if wanted:  # read as far as is needed: a question may name thousands
            text = case.library.reading(doc).bared
            inside += text
            unmet = [(own, [pair for pair in pairs if pair not in text], spare) for own, pairs, spare in wanted]
            wanted = [(own, pairs, spare) for own, pairs, spare in unmet if len(pairs) > spare]
    outside = _outside(case) if wanted else []
    common = max(1, len(outside) // _COMMON)  # what so many documents have is no name
    cut = bare("".join(named.cut))
    for own, *_ in wanted:
        text = bare(_ARTICLE.sub("", own))
        quoted = any(bare(name) in text for name in question.quoted if bare(name))
        held = [reading.bared if quoted else reading.headings for reading in outside]
        runs = [text[at : at + 4] for at in range(len(text) - 3)]
        lost = [run for run in runs if not run.isascii() and run not in cut and run not in inside]
        if not quoted:  # 管理范围 is no name where 管理 and 范围 are there
            lost = [run for run in lost if run[:2] not in inside or run[2:] not in inside]
        if any(0 < sum(run in other for other in held) <= common for run in lost):
            return Refusal(reason="false_premise", says=f"{case.which()}没有“{own}”的内容，库内另一份文件有")
    return None


def _outside(case: Case) -> list[Reading]:
    """Documents that were brought up (in a small library all) and are not those that are named, one of each work."""
    named = case.named.docs
    others = [item.unit.doc for item in case.found.ranked if item.unit.doc not in named]
    others += [doc for doc in case.library.small() if doc not in named]
    works = dict.fromkeys(case.library.snapshot.renderings(doc)[0] for doc in others)
    return [case.library.reading(doc) for doc in works if doc not in named]


def _plain(text: str, cut: Sequence[str]) -> str:
    """A term without what names the document: 助餐办法有效期 → 有效期."""
    for name in cut:
        text = text.replace(name, "")
    return text


def _counts(case: Case) -> Refusal | None:
    """七大计划 where the documents have six."""
    counted = _BIG.findall(case.question.text)
    texts = [case.library.reading(doc).folded for doc in case.docs()] if counted else []
    for count, noun in counted:
        for size in range(len(noun), 1, -1):
            kind = noun[:size]
            have = {found for text in texts for found in re.findall(rf"([{HAN_DIGITS}]|\d{{1,2}})大{kind}", text)}
            if have:
                if han_to_int(count) not in {han_to_int(found) for found in have}:
                    says = f"文件中是{'、'.join(sorted(have))}大{kind}，没有{count}大{kind}，提问的前提不成立"
                    return Refusal(reason="false_premise", says=says)
                break
    return None


def _numbers(case: Case) -> Refusal | None:
    """An amount in the question that the evidence does not have."""
    question = case.question
    if question.kind is Kind.YES_NO or _CONFIRMS.search(question.text):
        return None  # the answer says what the number is
    asked = quantities(re.sub(r"(?:19|20)\d\d", "", question.text))
    if not asked:
        return None
    level = tuple(item for item in case.found.chosen if item.unit.doc in case.named.prefer)
    held = replace(case, found=replace(case.found, chosen=level)) if level else case
    said = held.evidence(wide=True)
    values = {value for quantity in quantities(said) for value in quantity.value}
    limits = {quantity.unit for quantity in quantities("".join(_LIMIT.findall(said)))}
    for quantity in asked:
        amount = quantity.unit in ("元", "家", "平方米", "") and any(value >= _LARGE for value in quantity.value)
        digits = re.match(r"\D*(\d[\d.]*)", quantity.text)
        bare_number = digits is not None and re.search(
            rf"(?<![\d.]){re.escape(digits[1])}(?![\d.])", said
        )  # 458（亿元）
        if (
            (amount or quantity.unit == "%")
            and quantity.unit not in limits  # 60% of one's own may be more than the 50%及以上 of the text
            and not bare_number
            and not any(value in values for value in quantity.value)
        ):
            return Refusal(reason="false_premise", says=f"库内文件没有“{quantity.text}”这个数，提问的前提不成立")
    return None


def _few(case: Case) -> Refusal | None:
    """那五家学院, where the sentence that speaks of them has another number; 已建成3家, where the table has 0."""
    question, found = case.question, case.found
    if question.kind in (Kind.YES_NO, Kind.COMPARISON) or _CONFIRMS.search(question.text):
        return None
    for match in _COUNTED.finditer(question.focus):
        count, unit, noun = match.groups()
        asked = int(count) if count.isdigit() else han_to_int(count)
        cells = [
            (row, value)
            for row in found.rows
            if noun in row.label and unit in row.label
            for column, value in row.columns
            if not question.years or any(year in column for year in question.years)
        ]
        if cells and all(value.strip().isdigit() and int(value) != asked for _, value in cells):
            row, value = cells[0]
            says = f"表中“{row.label}”是{value}，不是{count}{unit}，提问的前提不成立"
            return Refusal(reason="false_premise", says=says)
    return None


def _ordinals(case: Case) -> Refusal | None:
    """三期, 第四届: a numbered one of a kind that the evidence does not number so."""
    said = case.evidence(wide=True)
    for match in _ORDINAL.finditer(case.question.focus):
        if match[0] not in said and match[0].removeprefix("第") not in said:
            return Refusal(reason="not_covered", says=f"库内文件没有“{match[0]}”的内容")
    return None


def _media(case: Case) -> Refusal | None:
    """A newspaper or station that the documents do not have."""
    for match in _MEDIA.finditer(case.question.text):
        name = match[0][-len(match[1]) - 2 :]
        if not case.library.mentions(name):
            return Refusal(reason="false_premise", says=f"库内文件没有出现{name}，提问的前提不成立")
    return None


def _place_of_term(case: Case) -> Refusal | None:
    """Something is asked of a place (金桥), and the documents say it of another."""
    found = case.found
    if (
        case.question.kind in (Kind.APPLICABILITY, Kind.COMPARISON, Kind.YES_NO)
        or found.rows
        or found.items
        or not found.chosen
    ):
        return None
    regions = " ".join(entry.region or "" for entry in case.library.entries)
    said = case.first(2).evidence(wide=True)
    said += " ".join(_opening(case, item.unit.doc) for item in found.chosen[:2])
    for place in case.named.places:
        if place in regions or place in said or "还是" in case.question.text:
            continue
        if re.search(rf"{place}(?:的|为|作为|有|对|给|把|被|搞|要|在)", case.question.text):
            says = f"库内文件没有就{place}作出所问的规定，提问的前提不成立"
            return Refusal(reason="false_premise", says=says)
    return None


def _place_said(case: Case) -> Refusal | None:
    """临港为啥叫中国药谷, where the sentence that has the rest of the question says it of another place (张江)."""
    found, question = case.found, case.question
    if question.kind is Kind.COMPARISON or found.rows or found.items or not found.chosen or "还是" in question.text:
        return None
    lexicon = load_lexicon()
    named = lexicon.places_in(_QUOTES.sub("，", question.focus))  # “中国硅谷” is a name, no place
    asked = [place for place in named if not case.library.is_home(place)]
    best = found.chosen[0]
    if len(asked) != 1 or question.kind is Kind.APPLICABILITY or best.own < _SAYS:
        return None
    place = asked[0]
    told = lexicon.places_in(_QUOTES.sub("，", " ".join([best.unit.text, *_headings(best.unit)])))
    others = [other for other in told if not case.library.is_home(other)]
    if not others or any(lexicon.contains(place, other) or lexicon.contains(other, place) for other in others):
        return None
    says = f"文件说的是{'、'.join(others[:3])}，不是{place}，提问的前提不成立"
    return Refusal(reason="false_premise", says=says)


def _opening(case: Case, doc: str) -> str:
    """The file's name and first words, which name the office that issued it."""
    document = case.library.reading(doc).document
    return f"{document.file} {document.text[:_OPENING]}"


def _headings(unit: Unit) -> list[str]:
    return [unit.section.heading or "", *(parent.heading or "" for parent in unit.parents)]


CHECKS = (
    *(_documents, _structure, _places, _years, _quoted, _elsewhere),
    *(_counts, _numbers, _few, _ordinals, _media, _place_of_term, _place_said),
)
