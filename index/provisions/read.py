"""A document → its provisions: every sentence that offers or directs something, with what the headings above add."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.lexicon import Lexicon, Match, load_lexicon
from index.provisions import words
from index.provisions.guide import read_guides
from index.provisions.record import Amount, Place, Provision, Sector, Strength, Word
from index.provisions.sectors import DOMAINS, heading_words, is_broad, is_noun_heading, terms_in
from ingest.chunks import section_text
from ingest.document import CleanText, Document, Section, Span

_STOP = re.compile(r"[。！？!?；;\n]+[”’」』）]*")
_EACH = re.compile(r"，(?=对[^，。；]{2,30}?(?:给予|予以|实行|发放|奖励|补贴|补助))")
_DOES = re.compile(
    r"支持|鼓励|给予|奖励|补贴|补助|资助|推动|建设|打造|发展|布局|探索|加快|加强|引导|开展|组织|发放|享受|申请|减免|免征|建立|"
    r"完善|实施|培育|引进|提供|推进|突破|攻关|研制|开发|研发|构建|设立|聚焦|发布|优化|发挥|促进|深化|放宽|落实|加大|强化|征集|遴选|"
    r"启动|形成|拓展|提升|汇聚|集聚|搭建|用好|适当|提高|降低|减征|缓缴|贴息|发起|瞄准|允许|扣除|可参加|按照?居民标准"
)
_GIVES = re.compile(
    r"给予|奖励|奖补|以奖代补|返还|报销|补贴|补助|资助|发放|减免|减征|免征|缓缴|贴息|可享受|可以?(?:向[^，。；]{1,20})?申请|免费|退还|不收取|优惠利率|按[^，。；]{1,16}支持"
    r"|(?:定额|据实|加计|税前)扣除|(?:额度|比例|利率|价款|租金|标准|费)[^，。；]{0,12}(?:提高|上浮|降低|下调|下浮|调减|调整)[至到为]?\d|的\d+%(?:计算|收取|缴纳|返还)"
    r"|允许[^，。；]{2,40}(?:转让|销售|申请|缴纳|设置|经营)|按照?居民标准|均可(?:参加|申请|享受)"
)
_BIDS = re.compile(r"^(?:支持|鼓励|引导|推动|允许|给予|对[^，。；]{2,20}给予)")
_SOFT = re.compile(r"探索|研究(?:制定|制订|出台|建立|论证)|鼓励|引导|争取|推动|有条件|积极|可结合")
_TARGET = re.compile(r"^(?:——)?(?:到|力争到?|争取到?)\s?20\d\d\s?年|^20\d\d\s?年[，,]?\s?(?:建成|形成|达到)|目标")
_PAST = re.compile(
    r"已经?[^，。；]{0,10}(?:达|建|成立|形成|设立|完成|出台|实现|落地|启动|成功|在)|^目前|近年来|成功[治研实]|自\s?20\d\d\s?年起|先后|拥有|增加值|占全|比重|规模(?:超过|达)"
    r"|是[^，。；]{0,30}(?:组成部分|关键|重镇|增长点|主阵地)|始终|位居|凸显|力争实现|^[^，。；]{4,24}持续(?:提升|增强|扩大)[，,]"
    r"|(?:支持|推动|出台|启动|组织|开展|研发|构建|建成|实施|完成|推出|刷新|研制|布局|打造)了"
)
_ORDERS = re.compile(
    r"(?:^|[，,：:；、（”]|将|要|着力|积极|大力|进一步|持续|全面|同时|并|也将|先导|统筹|更|通过|以|可|应|须|不得|深入|科学有序|有序|重点)"
    r"(?:支持|鼓励|推[动进行广出]|加[快强大速]|给予|建[设立成]|打造|布局|引[导进]|探索|组[织建]|启动|优化|完善|实施|培育|发[展布挥]|"
    r"开展|落实|构建|设立|聚焦|促进|深化|放宽|强化|征集|遴选|形成|拓展|提[升供高]|汇[聚集]|集聚|搭建|用好|营造|突破|攻[关克]|研[制发究]|开发|"
    r"瞄准|申请|享受|做[优强大]|依托|针对|围绕|对|按照|树立|夯实|前瞻|依法|不断|保障|协同|创建|壮大|争取|编制|注重|放大|联动|筹划|谋划|"
    r"统筹|健全|适当|凡|发放|奖励|补贴|资助|出台|制定|保持|推荐|认定|参与|承担|牵头|联合|投资|面向|挂图|定期|紧跟|主动|直接投资)"
)
_GOAL_HEADING = re.compile(r"目标|愿景")
_EMPTY_HEADING = re.compile(r"指导思想|基本原则|总体要求|总体思路|工作原则|附件|引言|红头|通知$")
_QUOTED = re.compile(r"“[^”]*”")
_BOUND = re.compile(r"最高|不超过|补|奖|资助|按")
_RATIO = re.compile(
    r"占比?[^，。；\d]{0,6}$|比[重例率][^，。；\d]{0,4}$|增长[^，。；\d]{0,4}$|(?<![利费税收])率[^，。；\d]{0,6}$"
)
_REACHED = re.compile(r"(?:达到?|超过|实现|完成|[额入资]在)[^，。；\d]{0,4}$")  # …300万元以上: a condition, and no sum
_LISTED = re.compile(r"(?<=[、在])[\u4e00-\u9fff]{2,3}?(?=、|等|和)")
_WITH = re.compile(r"[与同]$")  # 与张江科学城联动: a partner, not where the provision holds
_COUNTRY = "中国"  # within it lies everybody: naming it says nothing of where a provision holds
_DISTRICT = re.compile(r"(?:[市区县旗州盟])$")
_MADE = re.compile(r"(?:设置|设立|未来|取得)$")
_OPENING = 300  # characters in which a text without facts says whose it is
_SENTENCE = 20  # characters from which a heading that gives something is a sentence
_SHORT = 8  # characters below which a sentence says nothing


@dataclass(frozen=True, kw_only=True)
class _Context:
    """What stands above a section: sectors and places of the headings, and of the document."""

    sectors: tuple[Sector, ...]
    places: tuple[Place, ...]
    goal: bool = False
    empty: bool = False


def read_provisions(document: Document) -> tuple[Provision, ...]:
    """Every provision of a document, in reading order; the same document gives the same provisions everywhere."""
    return tuple(_Reader(document, load_lexicon()).read())


class _Reader:
    """Reads one document."""

    def __init__(self, document: Document, lexicon: Lexicon) -> None:
        self._document, self._lexicon = document, lexicon
        self._guides = read_guides(document)

    def read(self) -> Iterator[Provision]:
        """The provisions in reading order."""
        context = _Context(sectors=self._domains(), places=self._region())
        top = self._document.sections
        trade = self._are_trades(top)
        for section in top:
            yield from self._section(section, context, trade)

    def _domains(self) -> tuple[Sector, ...]:
        """What the title says the document is for."""
        title = self._document.title
        names = dict.fromkeys(named.value for named in terms_in(title, self._lexicon))
        specific = [name for name in names if name in DOMAINS or not is_broad(name, self._lexicon)]
        return tuple(Sector(name, self._find(name, title), "document") for name in specific)

    def _region(self) -> tuple[Place, ...]:
        """Where the document holds: the place in its title, else its issuer's, else the one its facts name."""
        own = self._document.region or ""
        if _DISTRICT.search(own) and not any(self._ends(place, own) for place in self._lexicon.find(own)):
            at = self._document.text.find(own)
            return (Place(own, Span(at, at + len(own)) if at >= 0 else None, "document"),)
        facts = (self._document.title, self._document.issuer or "", own)
        opening = "" if self._document.level == "国家" else self._document.text[:_OPENING]
        for text in (*facts, opening, self._document.file):
            named = self._lexicon.places_in(_QUOTED.sub(lambda quoted: "　" * len(quoted[0]), text))
            if named:
                inner = max(named, key=lambda place: len(self._lexicon.broader(place)))
                return (Place(inner, self._find(inner, text), "document"),)
        return ()

    def _ends(self, match: Match, text: str) -> bool:
        """Whether a text ends with a place that the lexicon knows, and not with one that it does not (浦江县)."""
        return match.end == len(text) and any(entry.kind == "place" for entry, _ in match.entries)

    def _find(self, name: str, said_in: str) -> Span | None:
        """Where the text has the word for `name` that `said_in` uses."""
        for match in self._lexicon.find(said_in):
            if any(name == entry.term or name in entry.related for entry, _ in match.entries):
                word = said_in[match.start : match.end]
                at = self._document.text.find(word)
                if at >= 0:
                    return Span(at, at + len(word))
        return None

    def _section(self, section: Section, context: _Context, trade: bool) -> Iterator[Provision]:
        """The provisions of a section and all below it; `trade`: the headings on its level name industries."""
        clean = section_text(self._document, section)
        found = self._heading_sectors(section, clean)
        if trade and section.heading and is_noun_heading(section.heading):
            found = (*found, *self._plain_sector(section.heading, clean))
        own = self._heading_context(section, context, found)
        guides = self._guides[section.start]
        yield from (replace(provision, guides=guides) for provision in self._provisions(section, clean, own))
        if section.children:
            below, trades = self._below(own, clean), self._are_trades(section.children)
            for child in section.children:
                yield from self._section(child, below, trades)

    def _are_trades(self, sections: Sequence[Section]) -> bool:
        """Whether the headings on a level are names of industries: mostly nouns, and the lexicon knows one of them."""
        nouns = [heading for section in sections if is_noun_heading(heading := section.heading or "")]
        return len(nouns) * 2 >= len(sections) and any(map(self._is_trade, nouns))

    def _is_trade(self, heading: str) -> bool:
        """Whether the lexicon knows an industry in a heading, other than words for any industry."""
        entries = [entry for match in self._lexicon.find(heading) for entry, _ in match.entries]
        return any(entry.kind in ("industry", "technology") and entry.term not in DOMAINS for entry in entries)

    def _heading_context(self, section: Section, context: _Context, found: tuple[Sector, ...]) -> _Context:
        heading = section.heading or section.path.rsplit("/", 1)[-1]
        empty = context.empty or (_EMPTY_HEADING.search(heading) is not None and section.number != "附件")
        return _Context(
            sectors=(*context.sectors, *found),
            places=context.places,
            goal=context.goal or _GOAL_HEADING.search(heading) is not None,
            empty=empty,
        )

    def _below(self, context: _Context, clean: CleanText) -> _Context:
        """The context of a section's children: its headings now stand above, and so do the areas it names."""
        sectors = tuple(replace(s, where="above") if s.where == "heading" else s for s in context.sectors)
        return replace(context, sectors=sectors, places=(*context.places, *self._areas(clean, context)))

    def _areas(self, clean: CleanText, context: _Context) -> Iterator[Place]:
        """Places that a section's words set for all below it: 在浦东、宝山等区域, or the one place it is about."""
        named = self._own_places(clean, 0, len(clean.text), context, "above")
        listed = re.search(r"在[^。；]*?等?(?:区域|地区|区)，", clean.text)
        if listed:
            spans = clean.locate(listed.start(), listed.end(), self._document.text)
            if spans:
                low, high = spans[0].start, spans[-1].end
                yield from (
                    replace(p, others="等" in listed[0]) for p in named if p.span and low <= p.span.start < high
                )
            return
        counts = Counter(place.value for place in named)
        value, count = counts.most_common(1)[0] if counts else ("", 0)
        if count >= 2 and count * 10 >= 6 * len(named):
            yield next(place for place in named if place.value == value)

    def _heading_sectors(self, section: Section, clean: CleanText) -> tuple[Sector, ...]:
        """The official terms that a heading names."""
        heading = section.heading or ""
        at = clean.text.find(heading) if heading else -1
        found: list[Sector] = []
        for named in terms_in(heading, self._lexicon):
            spans = clean.locate(at + named.start, at + named.end, self._document.text) if at >= 0 else ()
            found.append(Sector(named.value, spans[0] if spans else None, "heading"))
        return tuple(found)

    def _plain_sector(self, heading: str, clean: CleanText) -> Iterator[Sector]:
        """A heading's own words, where it stands among headings that name industries."""
        name = heading_words(heading)
        at = clean.text.find(name)
        if at >= 0:
            spans = clean.locate(at, at + len(name), self._document.text)
            yield Sector(name, spans[0] if spans else None, "heading")

    def _provisions(self, section: Section, clean: CleanText, context: _Context) -> Iterator[Provision]:
        label = re.sub(r"\W", "", section.heading or "")
        headed = len(label) < _SENTENCE or not _GIVES.search(
            section.heading or ""
        )  # else its heading is its first sentence
        for start, end in _pieces(clean.text):
            if section.number and clean.text.startswith(section.number, start):
                start = _trim(clean.text, start + len(section.number), end)[0]
            text = clean.text[start:end]
            if (
                context.empty
                or len(text) < _SHORT
                or text[-1] in "？?"
                or (headed and re.sub(r"\W", "", text) == label)
            ):
                continue
            if _DOES.search(text) or words.AMOUNT.search(text):
                provision = self._provision(section, clean, start, end, context)
                if provision:
                    yield provision

    def _provision(
        self, section: Section, clean: CleanText, start: int, end: int, context: _Context
    ) -> Provision | None:
        text = clean.text[start:end]
        source = self._document.text
        spans = clean.locate(start, end, source)
        measures = self._words(clean, start, words.measures_in(text))
        sectors = _once((*self._own_sectors(clean, start, end), *context.sectors))
        strength = _strength(text, context.goal)
        kinds = self._words(clean, start, self._kinds(text))
        if not spans or not (measures or sectors or (kinds and strength == "commitment")):
            return None
        held = words.qualifications_in(text, self._lexicon)
        dates = words.DATES.search(text)
        return Provision(
            section=section.path,
            heading=section.heading,
            spans=spans,
            text=text,
            strength=strength,
            measures=measures,
            kinds=kinds,
            qualifications=self._words(clean, start, held),
            stages=self._words(clean, start, words.find_all("stage", text)),
            sectors=sectors,
            places=(*self._own_places(clean, start, end, context, "own"), *context.places),
            conditions=self._words(clean, start, words.conditions_in(text, held)),
            amounts=self._amounts(clean, start, text) if _pays(text, strength) else (),
            period=self._word(clean, start, words.Found(dates[0], *dates.span())) if dates else None,
            guides=(),
        )

    def _kinds(self, text: str) -> Iterator[words.Found]:
        """The kinds of addressee; not what one of them is to set up (设置医疗机构), and a person where he is taxed."""
        for found in words.find_all("kind", text):
            if _MADE.search(text, 0, found.start):
                continue
            taxed = "个人所得税" in self._document.title and text[found.start : found.end] == "纳税人"
            yield replace(found, value="个人") if taxed else found

    def _own_sectors(self, clean: CleanText, start: int, end: int) -> Iterator[Sector]:
        text = clean.text[start:end]
        for named in terms_in(text, self._lexicon):
            if named.value in DOMAINS or not is_broad(named.value, self._lexicon):
                word = self._word(clean, start, words.Found(named.value, named.start, named.end))
                yield Sector(word.value, word.span, "own", named.used_for)

    def _own_places(self, clean: CleanText, start: int, end: int, context: _Context, where: str) -> tuple[Place, ...]:
        """The places named that lie within the document's, or beside it in the same city."""
        region = next((place.value for place in context.places if place.where == "document"), None)
        city = self._city(region) if region else None
        text = clean.text[start:end]
        found: list[Place] = []
        end_of_last = -1
        for match in self._lexicon.find(text):
            names = [entry.term for entry, _ in match.entries if entry.kind == "place"]
            inner = min(names, key=lambda name: len(self._lexicon.broader(name)), default=None)
            if inner is None or inner == _COUNTRY or (city and not self._lexicon.contains(city, inner)):
                continue
            if (region and self._lexicon.contains(inner, region)) or _WITH.search(text, 0, match.start):
                continue
            word = self._word(clean, start, words.Found(inner, match.start, match.end))
            more = words.list_goes_on(text, match.end)
            if end_of_last == match.start and self._lexicon.contains(found[-1].value, inner):
                found.pop()  # 浙江省湖州市 is one place
            end_of_last = match.end
            found.append(Place(word.value, word.span, "own" if where == "own" else "above", more))
        if city and len(found) >= 2:
            found += self._districts(clean, start, text, city, found)
        return tuple(found)

    def _districts(
        self, clean: CleanText, start: int, text: str, city: str, beside: Sequence[Place]
    ) -> Iterator[Place]:
        """Districts that a list of places names without 区 (浦东、金山、奉贤): alone, such a word may mean anything."""
        known = {place.value for place in beside}
        for hit in _LISTED.finditer(text):
            entry = self._lexicon.entry(f"{hit[0]}区")
            if entry and entry.kind == "place" and entry.term not in known and entry.broader == city:
                word = self._word(clean, start, words.Found(entry.term, *hit.span()))
                yield Place(word.value, word.span, beside[0].where, words.list_goes_on(text, hit.end()))

    def _city(self, region: str) -> str:
        """The province or city of province rank that a place lies in."""
        known = region if self._lexicon.entry(region) else next(iter(self._lexicon.places_in(region)), region)
        chain = (known, *self._lexicon.broader(known))
        inside = [place for place in chain if place != _COUNTRY]
        return inside[-1] if inside else region

    def _amounts(self, clean: CleanText, start: int, text: str) -> tuple[Amount, ...]:
        found: list[Amount] = []
        for hit in words.AMOUNT.finditer(text):
            spans = clean.locate(start + hit.start(), start + hit.end(), self._document.text)
            reached = hit["after"] in ("以上", "以下") and _REACHED.search(text, 0, hit.start())
            if spans and not reached and not _RATIO.search(text, 0, hit.start()):
                bound = re.sub(r"^每.*", "", hit["before"] or "") or hit["after"] or ""
                found.append(Amount(hit[0], bound.strip("/"), Span(spans[0].start, spans[-1].end)))
        return tuple(found)

    def _words(
        self, clean: CleanText, start: int, found: Sequence[words.Found] | Iterator[words.Found]
    ) -> tuple[Word, ...]:
        return tuple(self._word(clean, start, item) for item in found)

    def _word(self, clean: CleanText, start: int, found: words.Found) -> Word:
        spans = clean.locate(start + found.start, start + found.end, self._document.text)
        return Word(found.value, Span(spans[0].start, spans[-1].end) if spans else None)


def _once(sectors: Sequence[Sector]) -> tuple[Sector, ...]:
    """Each sector once a place; a use of it is kept only when it is named in no other way."""
    kept = {(s.value, s.where): s for s in sorted(sectors, key=lambda s: s.used_for, reverse=True)}
    return tuple(dict.fromkeys(kept[s.value, s.where] for s in sectors))


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Sentences, parted at ； too, and before each 对…给予… that follows another."""
    start = 0
    for stop in [*_STOP.finditer(text), None]:
        end = stop.end() if stop else len(text)
        at = start
        for each in _EACH.finditer(text, start, end):
            if words.AMOUNT.search(text, at, each.start()):
                yield _trim(text, at, each.start())
                at = each.end()
        if at < end:
            yield _trim(text, at, end)
        start = end


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _pays(text: str, strength: Strength) -> bool:
    """Whether a sum in a sentence is what it offers, and not a size or a goal."""
    return strength == "commitment" or (strength == "direction" and _BOUND.search(text) is not None)


def _strength(text: str, goal: bool) -> Strength:
    if goal or _TARGET.search(text[:16]):
        return "target"
    gives = _GIVES.search(text) is not None
    if not gives and not _BIDS.match(text) and (_PAST.search(text) or not _ORDERS.search(text)):
        return "statement"
    if gives and (words.AMOUNT.search(text) or not _SOFT.search(text)):
        return "commitment"
    return "direction"
