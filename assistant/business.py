"""Whether a provision is for a firm's line of business: by the lexicon, by the documents' own headings, by its words.

A document's headings that name industries are its *trades* (未来通信, 合成生物). A firm belongs to the trades whose
heading or sentences name what it does; what a provision says is then compared with those.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.profile import Profile
from index.lexicon import load_lexicon
from index.provisions.record import Provision, Sector
from index.provisions.sectors import DOMAINS, core, is_broad

_EXACT, _NEAR, _WEAK = 3, 2, 1  # how closely a word names what the firm does
_HEAD = {_EXACT: 4.0, _NEAR: 2.0, _WEAK: 0.7, 0: 0.0}
_LEAST = 1.5  # evidence from which a firm belongs to a trade…
_SHARE = 0.45  # …if it is at least this share of the strongest in the document
_AREA = -1.0  # strength of a fit by the wider heading alone: it comes after what names the business
_STEPS = 2  # how far up the lexicon a wider term still means the firm
_COMMON = 4  # a rare word found in more sections than this is not rare
_AMONG = re.compile(r"等\d*个?(?:[^，。；]{0,4})(?:领域|方向|产业|赛道|行业)")  # further ones are not ruled out
# Divisions that say what a firm does; those of manufacturing, IT and research leave it open.
_SETTLED = re.compile(r"GB/T 4754-2017 [ABD-HJ-LN-S]\d*")
_SURE = 0.6  # share of the best evidence anywhere from which a trade's name is used in other documents
_COMMON_PAIRS = frozenset(
    ("药物", "治疗", "技术", "材料", "系统", "设备", "机器", "智能", "通信", "生物", "医疗", "产业", "制造", "研发")
) | frozenset(("装备", "服务", "数据", "网络", "能源", "新型", "电池", "芯片"))
_CROWD = 2  # other fields beside which a wide one says little
_MADE = "机|设备|装备|仪|炉|装置"
_MACHINE = re.compile(rf"([\u4e00-\u9fff]{{2,}}?)(?:{_MADE})")
_SHORTEST = 3  # characters of a rare word that are compared


@dataclass(frozen=True, slots=True)
class Fit:
    """How a provision's business fits: True, False, or None where it must be confirmed.

    `specific` tells that the provision names the firm's own business and not just any; `strength` orders such fits.
    `word` is what the provision says.
    """

    fits: bool | None
    specific: bool = False
    strength: float = 0.0
    word: Sector | None = None

    @property
    def direct(self) -> bool:
        """Whether the firm's own trade is named, and not only the wider heading it falls under."""
        return bool(self.fits and self.specific and self.strength > _AREA)


@dataclass(frozen=True, slots=True)
class _Trade:
    """Names of the trades that a firm belongs to in one document: `own` of the trades, `above` of what holds them."""

    own: frozenset[str] = frozenset()
    above: frozenset[str] = frozenset()
    score: float = 0.0

    @property
    def all(self) -> frozenset[str]:
        return self.own | self.above

    @property
    def cores(self) -> frozenset[str]:
        """What the trades are about: 通信 for 未来通信."""
        return frozenset(bare for name in self.own if (bare := core(name)))


class Business:
    """A firm's business against the provisions of a snapshot."""

    def __init__(self, profile: Profile, provisions: Mapping[str, Sequence[Provision]]) -> None:
        """`provisions` by document."""
        self._profile, self._lexicon = profile, load_lexicon()
        self._terms = tuple(term for term in profile.sectors if not is_broad(term, self._lexicon))
        self._settled = any(
            _SETTLED.fullmatch(entry.source) for s in profile.sectors if (entry := self._lexicon.entry(s))
        )
        self._wider = frozenset(wide for term in self._terms for wide in self._wide(term))
        self._beside = frozenset(
            other
            for term in profile.sectors
            if (entry := self._lexicon.entry(term))
            for other in entry.related
            if not self._is_any(other)
        )
        self._relations: dict[str, int] = {}
        self._evidence: dict[tuple[str, str], float] = {}
        self._members: set[tuple[str, str]] = set()
        self._trades: dict[str, _Trade] = {}
        self._rare = self._rare_words([p for of_doc in provisions.values() for p in of_doc])
        self._stems = self._machines([p for of_doc in provisions.values() for p in of_doc])
        for doc, of_doc in provisions.items():
            self._learn(doc, of_doc)
        highest = max((trade.score for trade in self._trades.values()), default=0.0)
        best = [trade for trade in self._trades.values() if trade.score >= _SURE * highest]
        # Documents without trades of their own are read by those that fit best anywhere.
        self._usual = _Trade(
            own=frozenset(name for trade in best for name in trade.own),
            above=frozenset(name for trade in best for name in trade.above),
        )

    @property
    def known(self) -> bool:
        """Whether it is known what the firm does: a trade of the documents, or any that is no mere 制造业 or 软件业."""
        return bool(self._terms or self._members or self._settled)

    def evidence(self, doc: str, section: str) -> float:
        """How strongly a section is about the firm's business, 0 or more."""
        return self._evidence.get((doc, section), 0.0)

    def fit(self, doc: str, provision: Provision) -> Fit:
        """How a provision's own words, its headings and its document's title fit the firm's business."""
        by_place = {
            where: [s for s in provision.sectors if s.where == where and s.value not in DOMAINS]
            for where in ("own", "heading", "above")
        }
        trade = self._trades.get(doc, self._usual)
        own = self._own(provision, by_place["own"], trade)
        if by_place["heading"]:
            found = self._headed(doc, provision, by_place["heading"], own, trade)
        elif by_place["own"]:
            found = own
        elif by_place["above"]:
            found = self._best(by_place["above"], trade)
        else:
            found = own if own.fits else Fit(True)
        within = self._within(provision, found)
        if (
            within.fits
            and self._profile.serves
            and any(s.value in DOMAINS or s.where != "document" for s in provision.sectors)
        ):
            return Fit(None, word=within.word)  # who sells or installs a thing is not who makes it
        return within

    def _within(self, provision: Provision, found: Fit) -> Fit:
        """The fit, given that the document or the provision itself is for one domain only (未来产业, 生物医药产业)."""
        domains = [s for s in provision.sectors if s.where == "document" or s.value in DOMAINS]
        if not domains or found.fits is False or (found.fits and found.specific):
            return found
        verdicts = [self._domain(sector) for sector in domains]
        if False in verdicts:
            return Fit(False, word=domains[verdicts.index(False)])
        return Fit(None, word=domains[0]) if None in verdicts else found

    def _domain(self, sector: Sector) -> bool | None:
        if sector.value in DOMAINS:
            if self._members:
                return True
            return None if not self.known or any(self._evidence.values()) else False
        relation = self._relation(sector.value)
        if relation >= _NEAR:
            return True
        return None if relation == _WEAK or not self.known else False

    def _headed(self, doc: str, provision: Provision, heads: Sequence[Sector], own: Fit, trade: _Trade) -> Fit:
        key = (doc, provision.section)
        if key in self._members:
            word = own.word if own.fits and own.word else max(heads, key=lambda s: self._relation(s.value))
            return Fit(True, True, self._evidence[key], word)
        named = next((s for s in heads if s.value in trade.all), None)
        if named:
            listed = [s for s in provision.sectors if s.where == "own" and s.value not in DOMAINS]
            return own if listed or own.fits else Fit(True, True, _AREA, named)
        if self._evidence.get(key):
            return Fit(None, False, 0.0, own.word or heads[0])
        return Fit(False if self.known else None, word=heads[0])

    def _own(self, provision: Provision, sectors: Sequence[Sector], trade: _Trade) -> Fit:
        """What the provision itself names; a name of the firm's trade in its words counts as naming it."""
        best = self._best([s for s in sectors if not s.used_for], trade)
        if best.fits:
            return best
        names = trade.own if sectors else trade.own | trade.cores
        for name, strength in [*((n, _NEAR) for n in sorted(names)), *((n, _AREA) for n in sorted(trade.above))]:
            if name in provision.text and not self._is_any(name):
                return Fit(True, True, strength, Sector(name, provision.spans[0], "own"))
        if best.fits is False and _AMONG.search(provision.text):
            return Fit(None, word=best.word)
        return best

    def _best(self, sectors: Sequence[Sector], trade: _Trade) -> Fit:
        if not sectors:
            return Fit(None if not self.known else False)
        closeness = {s.value: max(self._relation(s.value), _NEAR if s.value in trade.all else 0) for s in sectors}
        best = max(sectors, key=lambda s: closeness[s.value])
        close = closeness[best.value]
        if close >= _NEAR:
            distinct = [value for value, found in closeness.items() if found >= _NEAR]
            others = len(closeness) - len(distinct)
            if close == _NEAR and others >= (_CROWD if self._is_industry(best.value) else 2 * _CROWD):
                return Fit(True, True, _AREA, best)  # one wide field among many: nobody's in particular
            return Fit(True, True, close + 0.5 * (len(distinct) - 1) - min(2.5, 0.5 * max(0, others - 2)), best)
        return Fit(None if close == _WEAK or not self.known else False, word=best)

    def _relation(self, value: str) -> int:
        """How closely a sector names what the firm does, by the lexicon, or by the firm's own words."""
        if value not in self._relations:
            self._relations[value] = self._relate(value)
        return self._relations[value]

    def _relate(self, value: str) -> int:
        entry = self._lexicon.entry(value)
        if value in self._terms:
            return _EXACT
        if value in self._wider and value in self._profile.text:
            return _EXACT  # 固态电池, said by a maker of 硫化物固态电池
        if value in self._wider or value in self._beside:
            return _NEAR
        if entry is not None:
            if any(term in entry.related for term in self._terms):
                return _NEAR
            return _WEAK if any(term in self._lexicon.broader(value) for term in self._terms) else 0
        bare = core(value)
        if value in self._profile.text:
            return _EXACT
        return _NEAR if bare and bare in self._profile.text else 0

    def _learn(self, doc: str, provisions: Sequence[Provision]) -> None:
        """The trades of a document that the firm belongs to, and their names."""
        sections: dict[str, list[Provision]] = defaultdict(list)
        for provision in provisions:
            if any(s.where == "heading" and s.value not in DOMAINS for s in provision.sectors):
                sections[provision.section].append(provision)
        scores = {path: self._score(of_section) for path, of_section in sections.items()}
        highest = max(scores.values(), default=0.0)
        self._evidence |= {(doc, path): score for path, score in scores.items()}
        members = [path for path, score in scores.items() if score >= max(_LEAST, _SHARE * highest)]
        if members:
            self._members |= {(doc, path) for path in members}
            named = [s for path in members for p in sections[path] for s in p.sectors if s.value not in DOMAINS]
            above = frozenset(s.value for s in named if s.where == "above")
            # A park's heading (未来能源领域) may repeat what a chapter is called: then it is no trade.
            own = frozenset(s.value for s in named if s.where == "heading") - above
            self._trades[doc] = _Trade(own, above, highest)

    def _score(self, provisions: Sequence[Provision]) -> float:
        heads = {s.value for p in provisions for s in p.sectors if s.where == "heading" and s.value not in DOMAINS}
        close = max((_NEAR if self._is_kin(value) else self._relation(value) for value in heads), default=0)
        said = Counter(s.value for p in provisions for s in p.sectors if s.where == "own" and not s.used_for)
        score = _HEAD[close]
        for value, times in said.items():
            relation = self._relation(value)
            if relation == _EXACT:
                score += 1.5 + 0.5 * min(times - 1, 2)
            elif relation == _NEAR:
                score += 0.7
        text = "".join(p.text for p in provisions)
        score += _HEAD[_NEAR] if any(stem.search(text) for stem in self._stems) else 0.0
        return score + sum(min(2.0, 0.25 + 0.25 * len(word)) for word in self._rare if word in text)

    def _is_kin(self, value: str) -> bool:
        """Whether a term stands beside the firm's under one parent and shares a word with it (干细胞, 细胞治疗)."""
        entry = self._lexicon.entry(value)
        if entry is None or not entry.broader or self._is_any(entry.broader) or self._relation(value) == _EXACT:
            return False
        names = [name.removesuffix("产业") for name in (value, *entry.same)]
        pairs = {name[at : at + 2] for name in names for at in range(len(name) - 1)}
        return any(
            own.broader == entry.broader and any(pair in own.term for pair in pairs - _COMMON_PAIRS)
            for term in self._terms
            if (own := self._lexicon.entry(term))
        )

    def _rare_words(self, provisions: Sequence[Provision]) -> tuple[str, ...]:
        """Words of the firm that no table knows and few sections have, the longest that occur."""
        joined = [provision.text for provision in provisions]
        found: list[str] = []
        for word in self._profile.words:
            for size in range(len(word), _SHORTEST - 1 if not word.isascii() else len(word) - 1, -1):
                pieces = [word[at : at + size] for at in range(len(word) - size + 1)]
                hits = [piece for piece in pieces if 0 < sum(piece in text for text in joined) <= _COMMON]
                if hits:
                    found += hits[:1]
                    break
        return tuple(dict.fromkeys(found))

    def _machines(self, provisions: Sequence[Provision]) -> tuple[re.Pattern[str], ...]:
        """What the machines do that a firm makes (光刻 for 光刻机), where few sections speak of that by itself."""
        names = dict.fromkeys(hit[1] for term in self._terms if (hit := _MACHINE.fullmatch(term)))
        stems = [re.compile(f"{re.escape(name)}(?!{_MADE})") for name in names]
        return tuple(s for s in stems if 0 < sum(s.search(p.text) is not None for p in provisions) <= _COMMON)

    def _wide(self, term: str) -> list[str]:
        """What a term is a kind of: technologies two steps up, industries, which are wider, one."""
        steps = enumerate(self._lexicon.broader(term)[:_STEPS])
        return [wide for step, wide in steps if not self._is_any(wide) and (step == 0 or not self._is_industry(wide))]

    def _is_industry(self, term: str) -> bool:
        entry = self._lexicon.entry(term)
        return entry is not None and entry.kind == "industry"

    def _is_any(self, term: str) -> bool:
        return is_broad(term, self._lexicon)
