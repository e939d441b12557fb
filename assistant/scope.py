"""Which documents, places and years a question speaks of, and whether the collection has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import PurePath

from assistant.shelf import RUN, SHORT_RUN, TALK, Shelf
from assistant.text import HAN, bare, fold

_WORD = (
    r"行动方案|实施方案|工作方案|方案|行动计划|规划纲要|规划|若干措施|政策措施|措施|指导意见|实施意见|意见|管理办法|办法|实施细则|细则|"
    r"条例|规定|通知|指南|问答实录|新闻发布会|发布会|通气会|问答|采访|实录|答记者问|文件|"
    r"plan|q&a|press conference|measures"
)
_NAMED = re.compile(rf"(?P<name>[{HAN}A-Za-z0-9“”年\s]{{0,16}}?)(?P<word>{_WORD})", re.I)
_TITLE = re.compile(r"《([^》]{2,80})》")
_NUMBER = re.compile(rf"[{HAN}]{{0,8}}[〔\[(（](\d{{4}})[〕\])）]第?(\d+)号")
_CITY = re.compile(r"市级|市里|市方案|全市|上海市?(?!浦东)|本市|\bshanghai\b|municipal", re.I)
_DISTRICT = re.compile(r"浦东新区|浦东|新区|区级|区里|全区|\bpudong\b", re.I)
_YEAR = re.compile(r"(?:19|20)\d\d(?=年|\D|$)")
_SAID = re.compile(
    r"((?:19|20)\d\d)年?(?:的(?=[和与跟、，）)]|$)|[^，。；？]{0,6}?(?:说|讲|提|启动|发布|公布|介绍|透露))"
)
_CITY_LEVEL = re.compile(r"市里|市级|全市|本市|市(?=[和与、跟及]区|、区)")
_DISTRICT_LEVEL = re.compile(r"区里|区级|全区|浦东(?:新区)?|新区|(?<=[和与、跟及])区(?=[各分怎有的两都])")
_FILE_NAMED = 8  # characters of a title that a file's name may stand for
_INSIDE = re.compile(r"(?:里面|里|当中|中(?!心|国|小|期|试|央|型|学))")
_LONG_TITLE = 4  # characters of a title that part of another is
_MOST_OF = 0.8  # of the pairs of characters of a title
_FILLER = re.compile(r"^(?:.*[的在里中和与跟比按看说讲对从到把被给是有做问查请这那份个此该])(?=.)")


@dataclass(frozen=True, slots=True)
class Mention:
    """`question[start:end]` names the documents `docs`."""

    start: int
    end: int
    docs: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The documents a question names.

    `mentions` are the documents, or kinds of document, that are named, in the order of the question; () when none
    is. `unknown` are titles and numbers that no document bears. `prefer` are documents of the level (city, district)
    the question speaks of. `places` are the places it names, `homes` those of them that a
    document is of: what other places' documents say is no answer. `apart` are the homes of few documents, which
    say where to look and not what for.
    """

    text: str = ""
    mentions: tuple[Mention, ...] = ()
    unknown: tuple[str, ...] = ()
    prefer: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[frozenset[str], ...]:
        """The sets of documents that are named, each once."""
        return tuple(dict.fromkeys(mention.docs for mention in self.mentions))

    @property
    def cut(self) -> tuple[str, ...]:
        """The stretches of the question that name documents."""
        return tuple(self.text[mention.start : mention.end] for mention in self.mentions)

    @property
    def naming(self) -> tuple[str, ...]:
        """What of the question only says where to look."""
        return (*self.cut, *self.apart)

    @property
    def docs(self) -> frozenset[str]:
        """All documents that are named; empty when none is."""
        return frozenset().union(*self.groups)


def scope(question: str, shelf: Shelf, *, several: bool = False) -> Scope:
    """What a question's own words say about where to look.

    With `several` (a comparison) a level (市里, 区里) or a year of issue (2025年说的) that stands without the word
    for a document names documents, too.
    """
    found: list[Mention] = []
    unknown: list[str] = []
    rest = question
    for match in _TITLE.finditer(question):
        docs = _titled(match[1], shelf)
        if docs:
            found.append(Mention(*match.span(), docs))
        else:
            unknown.append(match[0])
        rest = _blank(rest, *match.span())
    for match in _NUMBER.finditer(question):
        key = f"{match[1]}{match[2]}号"
        docs = frozenset(doc for number, doc in shelf.numbers if number.endswith(bare(key)))
        if docs:
            found.append(Mention(*match.span(), docs))
        else:
            unknown.append(match[0])
        rest = _blank(rest, *match.span())
    for match in _NAMED.finditer(rest):
        name = match["name"]
        while (shorter := _FILLER.sub("", name)) != name:
            name = shorter
        docs = _described(name, match["word"], shelf)
        if docs:
            found.append(Mention(match.end() - len(name + match["word"]), match.end(), docs))
    for mention in found:
        rest = _blank(rest, mention.start, mention.end)
    if not found:
        found += _by_title(rest, shelf)
    if several or found:
        weak = _weak(rest, shelf)
        if several and len({mention.docs for mention in (*found, *weak)}) > 1:
            found = _parted(found, weak)
    return Scope(
        text=question,
        mentions=tuple(sorted(found, key=lambda mention: mention.start)),
        unknown=tuple(unknown),
        prefer=_of_place(rest, shelf),
        places=tuple(dict.fromkeys(place for place in gazetteer().findall(question))),
        homes=tuple(home for home in shelf.homes if home in question),
        apart=tuple(home for home in shelf.rare_homes if home in question),
    )


def _by_title(text: str, shelf: Shelf) -> list[Mention]:
    """Documents of whose title the question prints a long run."""
    best: list[Mention] = []
    runs = {text[at : at + RUN] for at in range(len(text) - RUN + 1)}
    runs |= {
        text[at : at + size]
        for size in range(SHORT_RUN, RUN)
        for at in range(len(text) - size)
        if _INSIDE.match(text, at + size)
    }
    whole = {
        number
        for size in range(SHORT_RUN, RUN)
        for at in range(len(text) - size + 1)
        for number in shelf.short.get(text[at : at + size], ())
    }
    for number in sorted({*shelf.printing(runs), *whole}):
        entry, core = shelf.entries[number], shelf.plain.texts[number]
        if number in whole:
            best.append(Mention(text.index(core), text.index(core) + len(core), frozenset({entry.id})))
            continue
        for at in range(len(text) - SHORT_RUN):
            size = SHORT_RUN
            while at + size < len(text) and text[at : at + size + 1] in core:
                size += 1
            long = size >= RUN or _INSIDE.match(text, at + size) is not None
            if long and text[at : at + size] in core:
                if not best or size > best[0].end - best[0].start:
                    best = [Mention(at, at + size, frozenset({entry.id}))]
                elif (best[0].start, best[0].end) == (at, at + size):
                    best = [Mention(at, at + size, best[0].docs | {entry.id})]
                break
    return best


def _parted(found: list[Mention], weak: list[Mention]) -> list[Mention]:
    """Strong and weak mentions together: 市、区两份行动方案 is one set of documents in two parts."""
    for strong in found:
        parts = [Mention(w.start, w.end, w.docs & strong.docs) for w in weak if w.docs & strong.docs]
        if len({part.docs for part in parts}) > 1:
            return [other for other in found if other is not strong] + parts
    return found + [w for w in weak if not any(w.docs <= other.docs for other in found)]


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + "，" * (end - start) + text[end:]


def _weak(text: str, shelf: Shelf) -> list[Mention]:
    """Levels and years of issue that stand for documents in a comparison."""
    found = []
    for match in _SAID.finditer(text):
        docs = frozenset(
            entry.id
            for entry in shelf.entries
            if (entry.issue_date or "").startswith(match[1]) or (entry.period and entry.period[0] == match[1])
        )
        if docs:
            found.append(Mention(match.start(), match.start() + 5, docs))
    taken = {mention.start for mention in found}
    for pattern, docs in ((_CITY_LEVEL, shelf.others), (_DISTRICT_LEVEL, shelf.districts)):
        for match in pattern.finditer(text):
            if docs and not any(abs(match.start() - at) < 12 for at in taken):
                found.append(Mention(*match.span(), docs))
                break
    return found


@lru_cache(maxsize=1)
def gazetteer() -> re.Pattern[str]:
    """Place names outside any one document: provinces, cities, countries, districts (longest first)."""
    lines = files("assistant").joinpath("places.txt").read_text(encoding="utf-8").splitlines()
    names = [name for line in lines if not line.startswith("#") for name in line.split()]
    return re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)), re.I)


def _titled(title: str, shelf: Shelf) -> frozenset[str]:
    """Documents whose title holds `title`, or most of it; documents about a text (its Q&A) only if none bears it."""
    key = bare(title)
    cores = shelf.cores
    own = [
        shelf.entries[number] for number in cores.holding(key) if len(key) >= _LONG_TITLE or cores.texts[number] == key
    ]
    named = [entry for entry in own if not re.search(rf"《[^》]*{re.escape(title)}", entry.title)]
    chosen = named or own or [shelf.entries[number] for number in cores.sharing(sorted(_pairs(key)), _MOST_OF)]
    if not chosen and len(key) >= _FILE_NAMED:  # a title over two lines may be known by its second only
        chosen = [entry for entry in shelf.entries if key in bare(PurePath(entry.file).stem)]
    return frozenset(entry.id for entry in chosen)


def _described(name: str, word: str, shelf: Shelf) -> frozenset[str]:
    """Documents that 2023年浦东方案 or 倍增方案 can mean: kind, place, year and title words must all fit."""
    talk = TALK.search(word) is not None
    everything = range(len(shelf.entries))
    numbers = sorted(shelf.talks) if talk else [number for number in everything if number not in shelf.talks]
    if word == "文件":
        numbers = list(everything)
    elif not talk and word != "plan":
        last = "措施" if "措施" in word else word[-2:]
        numbers = sorted(shelf.called(last) - shelf.talks)
        if not numbers and "措施" in word:  # the text is not here: what is said about it is
            numbers = shelf.titles.holding(last)
    fitting = [shelf.entries[number] for number in numbers]
    plain = name
    given = False
    for year in _YEAR.findall(plain):
        dated = [
            e for e in fitting if (e.issue_date or "").startswith(year) or (e.period and e.period[0].startswith(year))
        ]
        if dated:
            fitting, given = dated, True
    plain = re.sub(r"\d{4}年?", "", plain)
    if _DISTRICT.search(plain):
        fitting, given = [e for e in fitting if e.id in shelf.districts], True
        plain = _DISTRICT.sub("", plain)
    elif _CITY.search(plain) or plain.endswith("市"):
        fitting, given = [e for e in fitting if e.id in shelf.others], True
        plain = re.sub(r"市$", "", _CITY.sub("", plain))
    pairs = _pairs(bare(plain))
    if pairs:
        shares = {entry.id: sum(pair in shelf.flat[entry.id] for pair in pairs) / len(pairs) for entry in fitting}
        best = max(shares.values(), default=0.0)
        if best >= 0.5:
            fitting, given = [entry for entry in fitting if shares[entry.id] >= best - 1e-9], True
        elif not given and not talk:
            return frozenset()
    if not given and not talk and not (word == "若干措施" and fitting):
        return frozenset()
    return frozenset(entry.id for entry in fitting)


def _of_place(question: str, shelf: Shelf) -> frozenset[str]:
    """Documents of the level (city or district) the question speaks of, when it speaks of one only."""
    city, district = _CITY.search(question), _DISTRICT.search(question)
    if bool(city) == bool(district):
        return frozenset()
    return shelf.districts if district else shelf.others


def _pairs(text: str) -> set[str]:
    flat = fold(text)
    return {flat[i : i + 2] for i in range(len(flat) - 1)}
