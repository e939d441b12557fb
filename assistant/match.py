"""A firm and the provisions of an index: which apply, which must be confirmed, which do not, each with its clause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from assistant.business import Business, Fit
from assistant.clauses import (
    INSTITUTIONS,
    Clause,
    Status,
    addressed,
    addressee_clauses,
    is_here,
    other_clauses,
    period_clauses,
    place_clauses,
    short,
)
from assistant.offers import is_internal, is_label, is_offer, is_rule, stands, whole
from assistant.profile import Profile
from assistant.shortlist import GROUPS, NOBODY, Match, Matches, Verdict, one_a_section, ranked, without_leads
from assistant.text import tidy
from assistant.topic import Topics
from assistant.write import Citation
from index.catalogue import Entry
from index.lexicon import load_lexicon
from index.provisions.record import Provision
from index.provisions.words import measures_in
from index.snapshot import Snapshot
from index.standing import standing
from ingest.document import Section, Span

__all__ = ["Match", "Matches", "match"]
_MOST_EXCLUDED = 60  # what is far from the firm is not worth a line
_MOST_MAYBE = 60
_MOST_UNKNOWN = 20  # before anything is known of the business
_TALK = re.compile(r"问答|实录|答记者问|访谈")
_FRAME = re.compile(r"保障|支撑体系")  # chapters that frame the measures of others
# Measures that are one thing: a chapter headed by one serves who asks for it (场景 and 空间 are many things).
_SINGLE = frozenset({"基金/融资", "税费", "住房", "就业创业", "知识产权", "标准"})
_PART = re.compile(
    r"^[^，。；：]{0,6}(?:标准|金额|内容|额度|方式|对象|范围|条件|要求|期限|费率)$"
)  # says nothing without its chapter
_SELF = re.compile(
    r"(?:(?<=^)|(?<=[，（；]))企业(?=在|现在|计划|需要|也提到|正需要|说明|处于)|本企业"
)  # a person is no firm


def match(snapshot: Snapshot, profile: Profile, *, today: date | None = None) -> Matches:
    """Match every provision of a snapshot with a firm, as of `today` (default: this day).

    Of several renderings of one document the first speaks. The same snapshot, firm and day give the same result.
    """
    return _Matcher(snapshot, profile, today or date.today()).run()


class _Matcher:
    """One firm against one snapshot."""

    def __init__(self, snapshot: Snapshot, profile: Profile, today: date) -> None:
        self._snapshot, self._profile, self._today = snapshot, profile, today
        self._entries = [entry for entry in snapshot.entries if entry.work == entry.number]
        self._single = _SINGLE & set(profile.needs)
        self._stands = {entry.id: standing(entry, snapshot.entries, today) for entry in self._entries}
        self._provisions = {entry.id: snapshot.provisions(entry.id) for entry in self._entries}
        self._business = Business(profile, self._provisions)
        topics = Topics(profile.text, person="个人" in profile.kinds)
        self._topic = {entry.id: topics.shared(entry.title) for entry in self._entries}
        self._foreign = {
            entry.id
            for entry in self._entries
            if topics.foreign(entry.title)
            and not any(self._business.fit(entry.id, item).direct for item in self._provisions[entry.id])
        }

    def run(self) -> Matches:
        """The result, ranked."""
        found: list[Match] = []
        for entry in self._entries:
            covered = sorted({p.value for item in self._provisions[entry.id] for p in item.places if p.where == "own"})
            judged = [self._judge(entry, item, covered) for item in whole(self._provisions[entry.id])]
            listed = list(one_a_section([item for item in judged if item]))
            found += without_leads(listed, {item.section for item in self._provisions[entry.id]})
        numbered = {verdict: ranked(item for item in found if item.verdict == verdict) for verdict in GROUPS}
        numbered["maybe"], numbered["excluded"] = (
            numbered["maybe"][: _MOST_MAYBE if self._business.known else _MOST_UNKNOWN],
            numbered["excluded"][:_MOST_EXCLUDED],
        )
        matches = self._cited([item for verdict in GROUPS for item in numbered[verdict]])
        split = {verdict: tuple(item for item in matches if item.verdict == verdict) for verdict in GROUPS}
        return Matches(
            profile=self._profile,
            applies=split["applies"],
            maybe=split["maybe"],
            excluded=split["excluded"],
            ask=self._profile.ask,
        )

    def _judge(self, entry: Entry, provision: Provision, covered: Sequence[str]) -> Match | None:
        """The verdict on one provision; None for what is no measure for anyone outside the administration."""
        if provision.strength == "target" or is_label(provision):
            return None
        provision = addressed(provision)
        fit = self._business.fit(entry.id, provision)
        needed = self._needed(provision)
        here = is_here(self._profile, provision)
        direct = fit.direct
        offered = is_offer(provision, entry.title)
        if not direct and (entry.id in self._foreign or is_internal(provision) or not offered):
            return None
        if fit.fits is None and "个人" in self._profile.kinds:
            return None  # a person has no line of business that could be asked for
        clauses = [
            self._trade(provision, fit),
            *place_clauses(self._profile, provision, covered),
            *addressee_clauses(self._profile, provision),
            *other_clauses(self._profile, provision),
            *period_clauses(provision, self._stands[entry.id], self._today),
        ]
        direct = direct or (here and fit.fits is not False)
        clauses += self._relevance(provision, direct, needed, clauses, entry)
        if "个人" in self._profile.kinds:
            clauses = [replace(clause, said=_SELF.sub("本人", clause.said)) for clause in clauses]
        if not offered and provision.strength != "statement":
            clauses.append(Clause("内容", "需核实", "条文讲的是管理或办理要求，没有写明给企业什么"))
        verdict = _verdict(clauses)
        failed = {clause.field for clause in clauses if clause.status == "不满足"}
        late = failed == {"期限"} and bool(provision.amounts)  # money that is over is worth knowing
        kindred = any(measure.value in self._profile.needs for measure in provision.measures)
        wanted = (late and kindred) or (bool(needed) and not failed & {"领域", "地点", "期限"})
        asked = _has(clauses, "资质", "满足") or wanted
        about = self._topic[entry.id] is not None and "地点" not in failed
        if fit.fits is None and not self._business.known and self._profile.needs and not _has(clauses, "需求", "满足"):
            return None  # neither its business nor its need speaks for it
        close = direct or (here and fit.fits) or asked or about
        if (verdict == "excluded" and not close) or (verdict == "maybe" and not close and self._far(provision)):
            return None
        return Match(
            citation=_uncited(provision, entry),
            provision=provision,
            verdict=verdict,
            measure="、".join(word.value for word in provision.measures[:3]) or "发展方向",
            who=_who(provision),
            amount="；".join(amount.text for amount in provision.amounts) or None,
            why=tuple(clause.said for clause in clauses if clause.status == "满足"),
            notes=self._notes(entry, provision),
            missing=tuple(clause.said for clause in clauses if clause.status == "需核实") if verdict == "maybe" else (),
            why_not="；".join(clause.said for clause in clauses if clause.status == "不满足") or None,
            clauses=tuple(clauses),
            rank=_rank(fit, clauses, bool(provision.amounts)),
            score=self._score(entry, provision, fit, here, needed),
        )

    def _far(self, provision: Provision) -> bool:
        """Whether a provision for anybody, of a document for any business, offers nothing that the firm asked for."""
        if any(sector.where == "document" for sector in provision.sectors):
            return False
        if "住房" not in self._profile.needs and any(measure.value == "住房" for measure in provision.measures):
            return True
        if not self._profile.needs:
            return provision.strength != "commitment"
        return not any(measure.value in self._profile.needs for measure in provision.measures)

    def _trade(self, provision: Provision, fit: Fit) -> Clause:
        asked = [kind.value for kind in provision.kinds if kind.value in INSTITUTIONS & set(self._profile.kinds)]
        if asked and not fit.specific:
            return Clause("领域", "满足", f"条文面向{'、'.join(asked)}，不要求主营业务")
        word = fit.word.value if fit.word else ""
        span = fit.word.span if fit.word else None
        own = "、".join(self._profile.sectors[:4])
        if fit.fits is None:
            return Clause("领域", "需核实", f"主营业务是否属于{word or '条文所说的领域'}", span)
        if not fit.fits:
            return Clause("领域", "不满足", f"条文面向{word or '别的领域'}，企业做{own}", span)
        if fit.specific:
            return Clause("领域", "满足", f"企业做{own}，条文写明{word}", span)
        return Clause("领域", "满足", f"企业属于{word}" if word else "条文不限具体领域", span)

    def _needed(self, provision: Provision) -> tuple[str, ...]:
        """The needs that the provision serves, the firm's own words first."""
        if "住房" not in self._profile.needs and any(measure.value == "住房" for measure in provision.measures):
            return ()  # 购房补贴 is not what a firm means by 补贴
        return tuple(word for word in self._profile.need_words if stands(word, provision.text))

    def _relevance(
        self, provision: Provision, direct: bool, needed: Sequence[str], clauses: Sequence[Clause], entry: Entry
    ) -> Iterator[Clause]:
        """What is for any firm serves this one when it asked for it, or holds the qualification it is for."""
        named = (INSTITUTIONS - {"个人"}) & set(self._profile.kinds) & {kind.value for kind in provision.kinds}
        topic = self._topic[entry.id]
        if needed and is_rule(entry.title) and not (topic or direct or provision.amounts):
            yield Clause("需求", "需核实", f"是否涉及条文所说的事项（条文只提到{'、'.join(_longest(needed))}）")
        elif needed:
            yield Clause("需求", "满足", f"企业需要{'、'.join(_longest(needed))}")
        elif kindred := [m.value for m in measures_in(provision.heading or "") if m.value in self._single]:
            yield Clause("需求", "满足", f"条文讲的是{'、'.join(kindred)}，企业正需要")
        elif topic and _has(clauses, "对象", "满足"):
            yield Clause("需求", "满足", f"文件讲的是{topic}，企业也提到")
        elif not direct and not named and not _has(clauses, "资质", "满足") and not _has(clauses, "条件", "满足"):
            names = "、".join(word.value for word in provision.measures[:3]) or "这方面的支持"
            yield Clause("需求", "需核实", f"是否需要{names}（条文不针对本企业的具体领域）")
        if provision.strength == "statement":
            yield Clause("内容", "需核实", "条文只介绍情况，没有写明支持措施，需向发文机关确认")

    def _score(self, entry: Entry, provision: Provision, fit: Fit, here: bool, needed: Sequence[str]) -> float:
        score = 0.0
        if fit.direct:
            score += 8 + min(6.0, 2 * fit.strength) + min(3.0, self._business.evidence(entry.id, provision.section) / 3)
        if here:
            score += 4
        if needed:
            score += 6 if any(word in (provision.heading or "") for word in needed) else 4
            if not any(word in self._profile.text for word in needed):
                score -= 2  # another word for what it asks for
        elif any(measure.value in self._profile.needs for measure in provision.measures):
            score += 2
        if provision.amounts and {word.value for word in provision.qualifications} & set(self._profile.qualifications):
            score += 10
        if provision.amounts:
            score += 3
        score += {"commitment": 2.0, "direction": 0.0, "target": -4.0, "statement": -4.0}[provision.strength]
        if self._topic[entry.id]:
            score += 5  # the document is about what the firm speaks of
        if any(kind.value == "企业" for kind in provision.kinds):
            score += 1
        if any(place.where == "document" and _is_local(place.value) for place in provision.places):
            score += 1  # the government next door first
        if _FRAME.search(provision.heading or ""):
            score -= 3
        if _TALK.search(f"{entry.kind or ''}{entry.title}"):
            score -= 0.5
        return score

    def _notes(self, entry: Entry, provision: Provision) -> tuple[str, ...]:
        notes: list[str] = []
        if provision.strength in ("direction", "statement"):
            notes.append("只是方向，没有写明兑现办法" if not provision.amounts else "方向性表述，金额以实施细则为准")
        if not provision.amounts:
            notes.append("未写金额")
        if _TALK.search(f"{entry.kind or ''}{entry.title}"):
            notes.append("这是问答中的口头说明，不是政策原文")
        if entry.period and entry.period[1][:4].isdigit() and int(entry.period[1][:4]) < self._today.year:
            notes.append(f"规划期（{entry.period[0]}—{entry.period[1]}）已结束")
        if provision.strength == "commitment":
            told = [
                guide for guide in provision.guides if guide.field != "申报条件"
            ]  # that is asked for as a condition
            notes += [f"{guide.field}：{short(guide.value)}" for guide in told]
        return tuple(dict.fromkeys(notes))

    def _cited(self, matches: Sequence[Match]) -> list[Match]:
        """The matches with full citations, numbered in their order."""
        cited: list[Match] = []
        for number, item in enumerate(matches, 1):
            document = self._snapshot.document(item.citation.doc)
            span = _quoted(item.provision.spans)
            chapter = (
                _chapter(document.sections, item.citation.section)
                if _PART.search(item.citation.heading or "")
                else None
            )
            citation = replace(
                item.citation,
                n=number,
                title=tidy(item.citation.title),
                quote=tidy(document.text[span.start : span.end]),
                start=span.start,
                end=span.end,
                page=document.page(span.start),
            )
            notes = (f"所属：{chapter}", *item.notes) if chapter else item.notes
            cited.append(replace(item, citation=citation, notes=notes))
        return cited


def _chapter(sections: Sequence[Section], path: str, above: str | None = None) -> str | None:
    """The heading above a section that is only a part of what it gives (补贴标准)."""
    for section in sections:
        if section.path == path:
            return above
        found = _chapter(section.children, path, section.heading or above)
        if found:
            return found
    return None


def _is_local(place: str) -> bool:
    """Whether a place lies within a province or a city of that rank."""
    return len(load_lexicon().broader(place)) >= 2


def _longest(words: Sequence[str]) -> list[str]:
    """The words without those that stand in another of them."""
    return [word for word in words if not any(word != other and word in other for other in words)]


def _rank(fit: Fit, clauses: Sequence[Clause], paid: bool) -> int:
    if fit.direct or (paid and _has(clauses, "资质", "满足")):
        return 0
    return 1 if _has(clauses, "需求", "满足") else 2


def _uncited(provision: Provision, entry: Entry) -> Citation:
    return Citation(
        n=0,
        file=entry.file,
        doc=entry.id,
        title=entry.title,
        doc_number=entry.doc_number,
        section=provision.section,
        heading=provision.heading,
        quote="",
        start=0,
        end=0,
    )


def _quoted(spans: Sequence[Span]) -> Span:
    """The span that is quoted: the first, or the longest when the first is a mere beginning."""
    longest = max(spans, key=lambda span: span.end - span.start)
    return spans[0] if (spans[0].end - spans[0].start) * 2 >= longest.end - longest.start else longest


def _verdict(clauses: Iterable[Clause]) -> Verdict:
    statuses: set[Status] = {clause.status for clause in clauses}
    if "不满足" in statuses:
        return "excluded"
    return "maybe" if "需核实" in statuses else "applies"


def _has(clauses: Iterable[Clause], field: str, status: Status) -> bool:
    return any(clause.field == field and clause.status == status for clause in clauses)


def _who(provision: Provision) -> str:
    named = [word.value for word in (*provision.qualifications, *provision.kinds, *provision.stages)]
    stated = next((guide.value for guide in provision.guides if guide.field == "惠及对象"), None)
    return "、".join(dict.fromkeys(named)) or stated or NOBODY
