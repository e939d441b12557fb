"""One condition of a provision against a firm: 满足, 不满足 or 需核实. What is not known is never 满足."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from assistant.places import holds, may_hold
from assistant.profile import Profile
from index.provisions.record import Place, Provision, Word
from index.provisions.words import DATES, find_all
from index.standing import OUT, Standing
from ingest.document import Span

Status = Literal["满足", "不满足", "需核实"]
_SITES = "空间/园区"
_SERVICES = frozenset({"平台/中试", _SITES, "基金/融资", "人才", "场景", "标准", "企业培育", "攻关", "知识产权"})
_SPECIAL = {
    "龙头企业": "是否为龙头、链主或生态主导型企业",
    "国有企业": "是否为国有企业",
    "外资企业": "是否为外商投资企业",
    "中小企业": "是否属于中小微企业（按行业划型标准）",
    "初创企业": "是否为初创企业",
}
_ALSO = {"专精特新小巨人企业": ("专精特新企业",), "独角兽企业": ("高成长企业",), "瞪羚企业": ("高成长企业",)}
_PERSONAL = frozenset({"住房", "就业创业", "人才", "税费"})
INSTITUTIONS = frozenset(  # what they do is said by what they are
    {"大学", "科研院所", "投资机构", "金融机构", "医疗机构", "园区与孵化器", "行业组织", "个人"}
)
_HOSTS = frozenset({"大学", "科研院所", "园区与孵化器", "投资机构"})
_PEOPLE = frozenset({"个人", "人才与团队"})
_FOR_STAFF = frozenset({"人才", "住房", "就业创业"})
_VAGUE = re.compile(r"符合(?:规定|上述|相关|以下|下列)?(?:的)?条件")  # where the conditions are written out beside it
_LONG = 120  # characters of a condition that are said; the citation has all
_FEW = 3
_FIRST = re.compile(r"初次|首次")
_DATE = re.compile(r"(20\d\d)年(?:(\d{1,2})月)?(?:(\d{1,2})日)?")


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition and whether the firm meets it. `said` is a sentence for people; `span` where the words stand."""

    field: str
    status: Status
    said: str
    span: Span | None = None


def place_clauses(profile: Profile, provision: Provision, covered: Sequence[str]) -> Iterator[Clause]:
    """Where the provision holds. `covered` are places that its document names beside its own region."""
    region = next((place for place in provision.places if place.where == "document"), None)
    if region is not None and region.value != "中国":
        yield _region(profile, region, covered)
    for where in ("above", "own"):
        named = [place for place in provision.places if place.where == where]
        if named:
            yield _named(profile, provision, named, region, covered)


def is_here(profile: Profile, provision: Provision) -> bool:
    """Whether the provision itself names a place that the firm is in, alone or among few."""
    own = {place.value for place in provision.places if place.where == "own"}
    return len(own) <= _FEW and any(_inside(home, sorted(own)) for home in _homes(profile))


def _region(profile: Profile, region: Place, covered: Sequence[str]) -> Clause:
    homes = _homes(profile)
    if not homes:
        return Clause("地点", "需核实", f"是否在{region.value}（文件适用于{region.value}）", region.span)
    if any(holds(region.value, home) for home in homes) or any(_inside(home, covered) for home in homes):
        return Clause("地点", "满足", f"{_at(profile)}，文件适用于{region.value}", region.span)
    if any(residence.planned and holds(region.value, residence.place) for residence in profile.places):
        return Clause("地点", "需核实", f"是否已落户{region.value}（企业现在{'、'.join(homes)}）", region.span)
    if any(holds(home, region.value) or may_hold(region.value, home) for home in homes):
        return Clause("地点", "需核实", f"是否在{region.value}（只知道在{'、'.join(homes)}）", region.span)
    return Clause("地点", "不满足", f"文件适用于{region.value}，企业在{'、'.join(homes)}", region.span)


def _named(
    profile: Profile, provision: Provision, named: Sequence[Place], region: Place | None, covered: Sequence[str]
) -> Clause:
    homes, names = _homes(profile), [place.value for place in named]
    shown = "、".join(dict.fromkeys(names))
    span = named[0].span
    if any(_inside(home, names) for home in homes):
        return Clause("地点", "满足", f"条文点名{shown}，{_at(profile)}", span)
    open_list = named[0].where == "above" and any(place.others for place in named)
    if homes and open_list:
        return Clause("地点", "满足", f"条文列举{shown}等，没有点名{'、'.join(homes)}，但不排除其他区域", span)
    if not homes or any(holds(home, name) or may_hold(name, home) for home in homes for name in names):
        return Clause("地点", "需核实", f"是否在{shown}（条文点名这些地方）", span)
    sites = any(measure.value == _SITES for measure in provision.measures)
    around = [region.value, *covered] if region else covered
    near = any(_inside(home, around) for home in homes)
    if sites and near and named[0].where == "own":
        return Clause("地点", "需核实", f"是否在{shown}或愿意落户（企业在{'、'.join(homes)}）", span)
    return Clause("地点", "不满足", f"条文只点名{shown}，企业在{'、'.join(homes)}", span)


def addressed(provision: Provision) -> Provision:
    """The provision with the addressees that its guide names, where it names none itself."""
    if provision.kinds or provision.qualifications:
        return provision
    kinds = {
        found.value: Word(found.value, guide.span)
        for guide in provision.guides
        if guide.field == "惠及对象"
        for found in find_all("kind", guide.value)
    }
    return replace(provision, kinds=tuple(kinds.values()))


def addressee_clauses(profile: Profile, provision: Provision) -> Iterator[Clause]:
    """Whom it is for: kind of organisation, qualification, stage."""
    if provision.qualifications:
        yield _qualified(profile, provision.qualifications)
    elif provision.kinds:
        yield _kind(profile, provision)
    elif profile.kinds == ("个人",) and not any(word.value in _PERSONAL for word in provision.measures):
        yield Clause("对象", "不满足", "条文没有面向个人的措施")
    if provision.stages and not provision.qualifications and all(k.value != "初创企业" for k in provision.kinds):
        yield from _stage(profile, provision)


def _qualified(profile: Profile, asked: Sequence[Word]) -> Clause:
    names = [word.value for word in asked]
    held = {name for own in profile.qualifications for name in (own, *_ALSO.get(own, ()))}
    shown = "、".join(names)
    if held & set(names):
        own = "、".join(name for name in names if name in held)
        return Clause("资质", "满足", f"企业是{own}，条文支持{shown}", asked[0].span)
    if set(names) <= set(profile.lacks) or "企业" not in profile.kinds:
        return Clause("资质", "不满足", f"条文只支持{shown}，企业不是", asked[0].span)
    return Clause("资质", "需核实", f"是否为{shown}", asked[0].span)


def _kind(profile: Profile, provision: Provision) -> Clause:
    asked = {word.value: word for word in provision.kinds}
    shown, span = "、".join(asked), provision.kinds[0].span
    own = set(profile.kinds) & set(asked)
    if own:
        return Clause("对象", "满足", f"条文面向{shown}", asked[sorted(own)[0]].span)
    if "企业" not in profile.kinds:
        if "个体工商户" in profile.kinds and set(asked) & {"企业", "中小企业", "初创企业"}:
            return Clause("对象", "需核实", f"条文面向{shown}，是否包括个体工商户", span)
        offered = {measure.value for measure in provision.measures} & set(profile.needs) & _SERVICES
        if "人才与团队" in profile.kinds and set(asked) & _HOSTS and offered:
            return Clause("对象", "满足", f"条文由{shown}承办，团队可作为使用方", span)
        if "企业" in asked and "人才与团队" in profile.kinds:
            return Clause("对象", "需核实", f"是否已成立企业（条文面向{shown}）", span)
        return Clause("对象", "不满足", f"条文面向{shown}，不包括{'、'.join(profile.kinds)}", span)
    if "初创企业" in asked and profile.stage:
        young = profile.stage == "初创期"
        return Clause("对象", "满足" if young else "不满足", f"条文面向初创企业，企业处于{profile.stage}", span)
    special = [name for name in asked if name in _SPECIAL]
    if special:
        if profile.stage == "初创期" and set(special) <= {"龙头企业", "国有企业"}:
            return Clause("对象", "不满足", f"条文面向{shown}，企业处于初创期", span)
        return Clause("对象", "需核实", "；".join(_SPECIAL[name] for name in special), span)
    measures = {measure.value for measure in provision.measures}
    wanted = measures & set(profile.needs)
    if set(asked) == {"人才与团队"} and wanted & _FOR_STAFF:
        return Clause("对象", "满足", f"条文面向{shown}，企业引进或现有的人员可以申请", span)
    if set(asked) <= _PEOPLE and wanted & _FOR_STAFF and any(word in provision.text for word in profile.need_words):
        return Clause("对象", "需核实", f"条文面向{shown}，是否为企业的人员申请", span)
    if not set(asked) <= _PEOPLE and "个人" not in asked and wanted & _SERVICES:
        return Clause(
            "对象", "满足", f"条文由{'、'.join(k for k in asked if k not in _PEOPLE)}承办，企业可作为使用方", span
        )
    return Clause("对象", "不满足", f"条文面向{shown}，不是企业", span)


def _stage(profile: Profile, provision: Provision) -> Iterator[Clause]:
    names = [word.value for word in provision.stages]
    if profile.stage in names:
        yield Clause("阶段", "满足", f"企业处于{profile.stage}", provision.stages[0].span)
    elif profile.stage is None:
        yield Clause("阶段", "需核实", f"是否处于{'、'.join(names)}", provision.stages[0].span)


def other_clauses(profile: Profile, provision: Provision) -> Iterator[Clause]:
    """Further conditions; only a grant waits for them, a direction has nothing to be refused."""
    asked = [guide for guide in provision.guides if guide.field == "申报条件"]
    for condition in provision.conditions:
        if _FIRST.search(condition.value):
            if profile.first_time is None:
                yield Clause("条件", "需核实", f"是否{condition.value}", condition.span)
            elif profile.first_time:
                yield Clause("条件", "满足", f"企业说明是{condition.value}", condition.span)
            else:
                yield Clause("条件", "不满足", f"只支持{condition.value}，企业已不是第一次", condition.span)
        elif provision.strength == "commitment" and not (_VAGUE.fullmatch(condition.value) and asked):
            vague = _VAGUE.fullmatch(condition.value)
            said = "是否符合规定的条件（条文没有写明）" if vague else f"是否符合：{condition.value}"
            yield Clause("条件", "需核实", said, condition.span)
    if provision.strength == "commitment":
        for guide in asked:
            yield Clause("条件", "需核实", f"是否符合申报条件：{short(guide.value)}", guide.span)


def period_clauses(provision: Provision, stands: Standing, today: date) -> Iterator[Clause]:
    """Whether the document is in force, and the application window open, on `today`."""
    if stands.state == "未施行":
        yield Clause("期限", "需核实", f"文件尚未施行（{stands.why}），是否已正式印发")
    elif stands.state == "规划期已过":
        yield Clause("期限", "不满足", f"{stands.why}已结束")
    elif stands.state in OUT:
        yield Clause("期限", "不满足", f"文件{stands.state}（{stands.why}）")
    for field in ("申报时间", "实施期限"):
        windows = [guide for guide in provision.guides if guide.field == field]
        dated = [(_end(guide.value), guide.span) for guide in windows if _DATE.search(guide.value)]
        if dated and max(end for end, _ in dated) < today:
            yield Clause("期限", "不满足", f"{field}已过（{max(end for end, _ in dated)}）", dated[0][1])
    for guide in provision.guides:
        within = DATES.search(guide.value) if guide.field in ("惠及对象", "申报条件") else None
        if within and _end(within[0]) < today:
            yield Clause("期限", "不满足", f"{guide.field}写明的期间已过（{within[0]}）", guide.span)
            break
    if provision.period and _end(provision.period.value) < today:
        yield Clause("期限", "不满足", f"条文写明的期限已过（{provision.period.value}）", provision.period.span)


def short(text: str) -> str:
    """A condition as it is said: without breaks, and no longer than a reader takes in."""
    flat = re.sub(r"\s+", "", text).rstrip("。；;")
    return flat if len(flat) <= _LONG else f"{flat[:_LONG]}…"


def _end(text: str) -> date:
    """The last day that a text names; the last of all days when it names none."""
    found = list(_DATE.finditer(text))
    iso = re.search(r"(20\d\d)-(\d\d)-(\d\d)", text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if not found:
            return date.max
        year, month, day = found[-1].groups()
        return date(int(year), int(month or 12), int(day or 28)) if month else date(int(year), 12, 31)
    except ValueError:
        return date.max


def _homes(profile: Profile) -> list[str]:
    """Where the firm is; where it will be, when it is nowhere yet."""
    settled = [residence.place for residence in profile.places if not residence.planned]
    return settled or [residence.place for residence in profile.places]


def _at(profile: Profile) -> str:
    planned = all(residence.planned for residence in profile.places)
    return f"企业{'计划' if planned else ''}在{'、'.join(_homes(profile))}{'（以落户为准）' if planned else ''}"


def _inside(home: str, places: Sequence[str]) -> bool:
    return any(holds(place, home) for place in places)
