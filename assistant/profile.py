"""A firm as matching sees it: read from free text, from a form, or from JSON; what could not be read stays unknown."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from errors import UsageError
from index.lexicon import Entry, Lexicon, load_lexicon
from index.provisions.sectors import DOMAINS, is_broad, terms_in
from index.provisions.words import find_all, measures_in, qualifications_in

MOST_CHARS = 20_000  # of a profile that is read; a firm is described in less
_ORGANISATIONS = ("大学", "科研院所", "投资机构", "金融机构", "医疗机构", "园区与孵化器", "行业组织")
_PLANNED = re.compile(
    r"(?:拟|计划|打算|准备|考虑|有意|希望|想)(?:要|在|把|将|来|到|去|迁|搬|落)[^，。；]{0,12}$"
    r"|(?:迁往|搬到|搬去|落户到?|迁到|迁入)[^，。；]{0,6}$"
)
_ABOUT = re.compile(
    r"市?(?:的|有关|相关|未来产业|产业|惠企|扶持)*政策"
)  # 想了解上海的政策 says nothing of where one is
_NOT = re.compile(
    r"(?:没有?|未|尚未|不是|并非|非|无|还没|不属于|从未|暂无|不具备|不在|没在)"
    r"(?:被|获得?|取得|通过|入选|评上|认定为?|有|在|任何)?[^，。；、]{0,6}$"
)
_FIRST = re.compile(r"(?:首次|初次|第一次|今年刚|新近|刚刚?)(?:获评|入选|认定|评上|获得|被认定|通过|评为|入围|被评)")
_AGAIN = re.compile(
    r"再次|第二次|连续[两二三\d]|多次|去年已|前年已?|早已|20\d\d年(?:已|就|首次)|已多年|此前已|复审"
    r"|已经?(?:入选|获评|领过|拿过|享受过|被认定)|曾(?:经|入选|获)"
)
_PEOPLE = re.compile(
    r"(?:员工|团队|职工|共|约|近|有|现有)?\s?(\d{1,6})\s?(?:余|多|来)?[名个]?(?:人|员工)(?!以上|机接口|工)"
)
_LEFT = re.compile(r"[\u4e00-\u9fff]{3,}|[A-Za-z][A-Za-z0-9]*(?:[-/.][A-Za-z0-9]+)*")
_ASKED = re.compile(
    r"要|想|需|求|找|寻|希望|打算|拟|计划|申请|争取|准备|关心|解决|缺|对接|参与|牵头|能否|有没有|怎么|如何|是否"
)
_PERSON = re.compile(
    r"^(?:我是|本人)?[^，。；公司企业]{0,12}(?:个人|毕业生|居民|市民|求职者|待业|打工|学生|退休|户籍|户口)"
    r"|想买房|我想(?:租房|买房|落户)"
)
_SPEAKER = re.compile(
    r"^(?:我(?!们|司|公司|院|校|单位|厂|店|中心|园)|本人|夫妻|家里)|(?:[一二三]孩|多子女|单亲|困难|新婚|双职工)[^，。；]{0,6}(?:家庭|夫妻|夫妇)"
)  # somebody speaks of himself or the family
_HOUSE = re.compile(r"公司|企业|工厂|机构|中心|合作社|事务所|工作室|集团|平台(?!上)|(?<![医学])院(?!子)|厂(?!上班)")
_TRADER = re.compile(r"个体(?:工商)?户|(?:开|经营)(?:了|着)?(?:一?[家间个])?[^，。；]{0,8}(?:店|馆|民宿|铺|摊|农家乐)")
_TEAM = re.compile(
    r"(?:创业|科研|科学家|教授|博士|课题组|高校|海归)[^，。；公司]{0,8}团队"
    r"|(?:未|尚未|还没有?|准备|拟|打算)(?:注册|成立)(?:公司|企业)?"
)
_DONE = re.compile(r"^(?:我们|公司|产品)?(?:已经?|完成|获得|拥有|取得)(?!.*(?:要|想|需|缺|找))")
_WISHED = re.compile(r"^(?:还|也|现在|目前|主要)?(?:想|要|需|求|找|寻|希望|缺|申请|争取|关心|能否|有没有)")
_JOINED = re.compile(r"(?<![A-Za-z])[A-Za-z]{2,12}(?=[\u4e00-\u9fff])")  # AI制药 is 药物发现 to the lexicon, and AI
_DEALS = re.compile(
    r"经销|代理商|代理公司|贸易(?:公司|企业|商)|批发|零售|门店|[4４]S店|代运营|(?:培训|中介)(?:机构|公司|学校)|(?:装修|安装|咨询|广告|外包)公司"
)
_SERVICE = re.compile(r"GB/T 4754-2017 [EFHJ-LOP]\d*")
_BARE = re.compile(
    r"(?:^|在|位于|，)(?P<name>[\u4e00-\u9fff]{2,3})(?=一家|的一?家?|某)"
)  # 金山一家…: a district without 区
_DISTRICT = re.compile(r"[\u4e00-\u9fff]{1,4}?[区县旗]")  # after a city: one that no table knows
_COUNTY = re.compile(
    r"(?:^|在|位于|，)(?P<name>(?:(?![在我是于的一家])[\u4e00-\u9fff]){2,8}?[县区旗市])(?=一家|的|某|有|，|。|做|开|工作|上班|户籍)"
)
_NO_DISTRICT = re.compile(
    r"[园社片地小厂景校城山郊港库矿辖市林牧]区$|大湾区$|(?:开发|高新|保税|自贸|示范|功能|集聚|先导|经济|合作|试验|旅游|度假|生活|工业)区$|^[各全本两哪该每某和与]"
)
_RUNS = re.compile(r"一家[^，。]{0,6}(?:孵化器|加速器|产业园|众创空间|园区)(?:[，。]|$)")
_OPENING = re.compile(r"^(?:我们|本公司|是|有|一家|某|专门|主要|从事|研发|生产|制造|做)+")
_TASK = re.compile(r"标准|专利|量产|产线|试点|示范|临床|攻关|出海|首台|首套|首批")
_OFFERED = frozenset({"measure", "housing", "employment"})  # kinds of terms that say what is wanted, as it is printed
_WANTED = _OFFERED | {"money", "people"}
_FIELDS = (
    *("text", "profile_text", "business", "sectors", "sector", "places", "place", "location", "stage", "size"),
    *("qualifications", "needs"),
)


@dataclass(frozen=True, slots=True)
class Residence:
    """An official place name; `planned` when the firm only thinks of going there."""

    place: str
    planned: bool = False


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A firm. An empty field is unknown, never a no; `lacks` are the qualifications it says it does not have.

    `sectors` are official terms; `words` are rarer words of its own that no table knows, compared with documents as
    they are. `kinds` are kinds of addressee (企业, 初创企业, 大学…); `stage` is 初创期, 成长期, 成熟期 or None.
    `serves` tells that it sells, installs or serves: what it names may be its customers' business and not its own.
    `first_time` tells whether the qualification is new: True, False, or None where nothing was said.
    """

    text: str
    sectors: tuple[str, ...]
    words: tuple[str, ...]
    places: tuple[Residence, ...]
    kinds: tuple[str, ...]
    serves: bool
    stage: str | None
    people: int | None
    qualifications: tuple[str, ...]
    lacks: tuple[str, ...]
    first_time: bool | None
    needs: tuple[str, ...]
    need_words: tuple[str, ...]
    ask: tuple[str, ...]


def read_profile(text: str) -> Profile:
    """A profile from free text or JSON (`{"text": …, "sectors": […], "places": […], "stage": …, …}`).

    Of a text longer than MOST_CHARS the beginning is read. Raises UsageError for an empty one, or for JSON whose
    fields are not text or lists of text.
    """
    if not text.strip():
        raise UsageError("企业情况是空的；请写明做什么、在哪里、什么阶段、有什么资质、需要什么")
    if text.lstrip().startswith("{"):
        return _from_json(text)
    return _read(text[:MOST_CHARS])


def profile_form(
    *, business: str, place: str = "", stage: str = "", size: str = "", qualifications: str = "", needs: str = ""
) -> Profile:
    """A profile from a form's fields; an empty field is unknown. Raises UsageError when all are empty."""
    parts = (business, place and f"在{place}", stage, size, qualifications, needs and f"需要{needs}")
    return read_profile("，".join(part.strip() for part in parts if part.strip()))


def _from_json(text: str) -> Profile:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError('企业情况不是完整的 JSON；请写成 {"text": "…"} 或直接写一段话') from None
    fields = {name: _words(value, name) for name in _FIELDS}
    place = "、".join(filter(None, (fields["places"], fields["place"], fields["location"])))
    said = [fields["text"] or fields["profile_text"], fields["business"], fields["sectors"], fields["sector"]]
    said += [place and f"在{place}", fields["stage"], fields["size"], fields["qualifications"]]
    said += [fields["needs"] and f"需要{fields['needs']}"]
    text = "，".join(part for part in said if part)
    if not text.strip():
        raise UsageError("企业情况是空的；请写明做什么、在哪里、什么阶段、有什么资质、需要什么")
    return _read(text[:MOST_CHARS])


def _words(value: Any, name: str) -> str:
    said = value.get(name) if isinstance(value, dict) else None
    if said is None:
        return ""
    if isinstance(said, str | int | float):
        return str(said)
    if isinstance(said, list) and all(isinstance(item, str) for item in said):
        return "、".join(said)
    raise UsageError(f"企业情况的 {name} 应是文字或文字的列表；请改正")


def _read(text: str) -> Profile:
    lexicon = load_lexicon()
    named = {found.value: bool(_NOT.search(_before(text, found.start))) for found in qualifications_in(text, lexicon)}
    people = _PEOPLE.search(text)
    needs, said = _needs(text, lexicon)
    profile = Profile(
        text=text,
        sectors=_sectors(text, lexicon),
        words=_rare(text, lexicon),
        places=_places(text, lexicon),
        kinds=_kinds(text),
        serves=_serves(text, lexicon),
        stage=next((found.value for found in find_all("stage", text)), None),
        people=int(people[1]) if people else None,
        qualifications=tuple(name for name, denied in named.items() if not denied),
        lacks=tuple(name for name, denied in named.items() if denied),
        first_time=_first(text),
        needs=needs,
        need_words=said,
        ask=(),
    )
    return replace(profile, ask=tuple(_questions(profile)))


def _sectors(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """What the firm does, as official terms; of what it only wishes for, technologies, or all when it says no more.

    Words for any industry do not count, nor what it denies."""
    told: dict[str, None] = {}
    wished: dict[str, None] = {}
    for clause in re.split(r"[，,。；;！!？?\n]", text):
        found = told if not _WISHED.search(clause) else wished
        clause += "".join(f"，{part}" for part in _JOINED.findall(clause))
        names = (
            named.value
            for named in terms_in(clause, lexicon, spoken=True)
            if not _NOT.search(_before(clause, named.start))
        )
        found |= dict.fromkeys(name for name in names if name not in DOMAINS)
    kept = {name: None for name in wished if not told or _is_technology(lexicon.entry(name))}
    return tuple({**told, **kept}) or _by_industry(text, lexicon)


def _by_industry(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Industries whose name begins a word that no table knows: 半导体 of 半导体产业 in 半导体刻蚀设备企业."""
    found: dict[str, None] = {}
    for run in _rare(text, lexicon):
        word = _OPENING.sub("", run)
        for end in range(min(len(word), 6), 1, -1):
            name = f"{word[:end]}产业"
            for match in lexicon.find(name):
                if (match.start, match.end) == (0, len(name)):
                    found |= {entry.term: None for entry, _ in match.entries if entry.kind == "industry"}
    return tuple(found)


def _is_technology(entry: Entry | None) -> bool:
    return entry is not None and entry.kind == "technology"


def _before(text: str, at: int) -> str:
    """The words before `at` that can deny or plan what stands there."""
    return text[max(0, at - 24) : at]


def _rare(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Words that the lexicon does not know: pieces of three characters and more between those it does."""
    blank = list(text)
    for match in lexicon.find(text):
        blank[match.start : match.end] = "，" * (match.end - match.start)
    return tuple(dict.fromkeys(_LEFT.findall("".join(blank))))


def _places(text: str, lexicon: Lexicon) -> tuple[Residence, ...]:
    """The places named, without those that another one named lies in, and without those denied."""
    found: dict[str, bool] = {}
    for match in lexicon.find(text):
        names = [entry.term for entry, relation in match.entries if entry.kind == "place" and relation != "near"]
        if not names or _NOT.search(_before(text, match.start)) or _ABOUT.match(text, match.end):
            continue
        inner = min(names, key=lambda name: len(lexicon.broader(name)))
        planned = _PLANNED.search(_before(text, match.start)) is not None
        found[inner] = found.get(inner, True) and planned
    for match in lexicon.find(text):
        city = next((e.term for e, relation in match.entries if e.kind == "place" and relation != "near"), "")
        hit = _DISTRICT.match(text, match.end) if city in found else None
        if hit and not lexicon.entry(hit[0]) and not _NO_DISTRICT.search(hit[0]):
            found[f"{city}{hit[0]}"] = found.pop(city)
    county = None if found else _COUNTY.search(text)
    if county and not _NO_DISTRICT.search(county["name"]):
        found[county["name"]] = _PLANNED.search(_before(text, county.start("name"))) is not None
    for hit in _BARE.finditer(text):
        entry = lexicon.entry(f"{hit['name']}区")
        if entry and entry.kind == "place":
            found.setdefault(entry.term, _PLANNED.search(_before(text, hit.start("name"))) is not None)
    inside = [name for name in found if not any(other != name and lexicon.contains(name, other) for other in found)]
    return tuple(Residence(name, found[name]) for name in inside)


def _kinds(text: str) -> tuple[str, ...]:
    """What kind of addressee it is; a firm unless it says otherwise."""
    opening = re.split(r"[。；]", text)[0]
    if _PERSON.search(text) and not re.search(r"公司|企业", opening):
        return ("个人",)
    if _SPEAKER.search(opening) and not _HOUSE.search(re.split(r"[，,。；]", text)[0]):
        return ("个人", "个体工商户") if _TRADER.search(text) else ("个人",)
    if _TEAM.search(text):
        return ("人才与团队",)
    if _RUNS.search(opening):
        return ("园区与孵化器",)
    own = [kind for kind in _values(re.split(r"[，,。；]", text)[0]) if kind in _ORGANISATIONS]
    if own and not re.search(r"公司|企业", re.split(r"[，,。；]", text)[0]):
        return tuple(own)
    special = [kind for kind in _values(text) if kind not in (*_ORGANISATIONS, "企业", "个人", "人才与团队")]
    return ("企业", *special, *(kind for kind in own if kind in ("投资机构", "园区与孵化器", "金融机构")))


def _values(text: str) -> list[str]:
    return [found.value for found in find_all("kind", text)]


def _serves(text: str, lexicon: Lexicon) -> bool:
    """Whether the first sentence tells of dealing or of a service that any trade buys."""
    opening = re.split(r"[。；]", text)[0]
    if _DEALS.search(opening):
        return True
    first = next(
        (entry for match in lexicon.find(opening) for entry, _ in match.entries if entry.kind == "industry"), None
    )
    return first is not None and _SERVICE.fullmatch(first.source) is not None


def _first(text: str) -> bool | None:
    if _AGAIN.search(text):
        return False
    return True if _FIRST.search(text) else None


def _needs(text: str, lexicon: Lexicon) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The measures that a firm asks for, and the words it asks in: of clauses that ask, or that tell of a task."""
    needs: dict[str, None] = {}
    said: dict[str, None] = {}
    for clause in re.split(r"[，,。；;！!？?\n]", text):
        if _DONE.search(clause) or not (_ASKED.search(clause) or _TASK.search(clause)):
            continue
        named = [entry for match in lexicon.find(clause) for entry, _ in match.entries]
        official = "，".join(entry.term for entry in named if entry.kind in _WANTED)
        for found in measures_in(clause):
            needs[found.value] = None
            said[clause[found.start : found.end]] = None
        needs |= dict.fromkeys(found.value for found in measures_in(official))
        said |= {word: None for entry in named if entry.kind in _OFFERED for word in (entry.term, *entry.same)}
        if re.search(r"资金|缺钱|钱", clause):
            needs |= {"资金奖励": None, "基金/融资": None}
    return tuple(needs), tuple(said)


def _questions(profile: Profile) -> list[str]:
    """What to ask the firm: only what is unknown and could change the result."""
    lexicon = load_lexicon()
    questions: list[str] = []
    if "个人" not in profile.kinds and all(is_broad(sector, lexicon) for sector in profile.sectors):
        questions.append("主营业务或技术方向是什么（例如脑机接口、固态电池、合成生物）？")
    if not any(not residence.planned for residence in profile.places):
        questions.append("在哪个市、哪个区，是否在某个园区内（企业看注册和经营地）？")
    if profile.stage is None and "企业" in profile.kinds:
        questions.append("处于什么阶段（初创期、成长期、成熟期），最近一轮融资是哪一轮？")
    if not profile.qualifications and "企业" in profile.kinds:
        questions.append("有没有高新技术企业、专精特新、瞪羚、独角兽等资质，是不是初次获得？")
    if profile.people is None and "企业" in profile.kinds:
        questions.append("有多少员工，年营业收入多少（用来判断是不是中小企业）？")
    if not profile.needs:
        questions.append("最想解决什么：资金、场地、中试、应用场景、人才、融资，还是标准和准入？")
    return questions
