"""Does the cited text say what the sentence says? A pure check: numbers, units, dates, bounds, negation, places, words.

`check` finds which runs of a sentence are copied from the cited text, and looks at three things: what is new, what
was skipped between two runs, and what governs a run in the cited text (a condition, a date, a not). It errs on the
side of rejecting: what it cannot find in the cited text is a problem. See docs/verifier.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from assistant.text import bare, fold, han_share
from assistant.verify_text import AFTER, BEFORE, UNIT, Quantity, Run, Text, align, plain, quantities, tokenize

__all__ = ["Problem", "Quantity", "check", "quantities"]

_NEGATION = (
    r"不得|不予|不能|不可(?!或缺|抗|分割)|不再|不含|不包括|不适用|不属于|"
    r"不(?!断|仅|但|同|少于|低于|超过|高于|多于|足|满|良|动产|锈|可|限于|限|忘|懈|孕|等|止|单)|"
    r"未(?!来|满|成年|必)|没有|无(?!人|线|限|形|机|论|缝|损|障碍|偿|菌|纸|创|缺陷|害化|形资产|锡|锈)|"
    r"禁止|严禁|取消|暂停|暂缓|除外|停止"
)
_DUTY = (
    "必须|应当|(?<![适反相供响对效])应(?!用|急|对|届|税|付|收|变|力|答|邀)|可以|"
    "可(?=申请|享受|给予|按|根据|结合|向|由|在|适当|依|将)"
)
_HEDGE = (
    "争取|力争|探索|有望|暂定|原则上|一般(?!性|公共)|拟(?!合|人|态)|试点|研究制订|研究制定|"
    "计划(?=在|到|于|建|投|实施|开|用)"
)
_STANCE = "支持|鼓励|引导|允许|限制|优先|逐步|适当|部分"
_MEASURE = (
    "最高|最低|最多|最长|不超过|不低于|不少于|不高于|至少|至多|累计|"
    "每年|每月|年均|总计|合计|人均|同比|首次|首套|一次性|预[估计]"
)
_GUARD = re.compile(rf"(?P<negation>{_NEGATION})|(?P<modality>{_DUTY}|{_HEDGE}|{_STANCE})|(?P<bound>{_MEASURE})")
_ADDED = re.compile(
    rf"(?P<negation>{_NEGATION}|不|非|无|未)|(?P<modality>{_DUTY}|{_HEDGE}|{_STANCE}|已|将|仅|只|均|都|全部|所有|强制|要求|计划)|"
    rf"(?P<bound>{_MEASURE}|{BEFORE}|{AFTER})"
)
_LEVEL = re.compile("全国|国家|省|市|区|县|镇|乡")
_LEAD = r"(?:第\d+条|\d{1,2}|[一二三四五六七八九十]{1,3})?"  # the number that stands before an item or article
_CONDITION = re.compile(
    rf"^{_LEAD}(?:对(?!接|外|标|口|应)|对于|凡|经(?!济|营|验)|符合|满足|具备|如(?!下|何)|若(?!干)|除|因|未(?!来)|首次|获(?:得)?|被|属于|有下列|连续|年满|持有).{{2,}}|"
    r".{3,}(?:的|者|时|后|外|前提下|情况下|条件下|期间|之日起)$"
)
_ANSWERED = re.compile(rf"^{_LEAD}对.*(?:给予|予以|实行|实施|奖励|补贴|补助|支持|不再|不予)")
_AIM = re.compile(rf"^{_LEAD}(?:对(?!接|外|标|口|应)|向|经(?!济|营|验)|凡|符合|给予|在|按|由)")
_LIMIT = re.compile(
    r"首次|首套|符合|满足|具备|经.{0,10}(?:认定|批准|同意|审核|备案|评定|评估|审查|核准)|通过.{0,8}(?:认定|审核|评审)|依法|连续|年满|未满|"
    r"非营利|全日制|一次性|获得?.{1,12}的|达到.{1,12}的|取得.{1,12}的|除.{1,20}外|合格|会同|"
    r"新(?:引进|设立|增|购|建|办|注册|认定|落户|就业|入选)|未(?!来)|已"
)
_DATE = re.compile(r"(?:到|至|截至|截止|在|自|于|从)?(?:19|20)\d\d年?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:底|末|初|前|起)?")
_TO = ("-", "至", "到")
_YEAR = re.compile(r"(?:19|20)\d\d(?!\d)")
_DATED = re.compile(rf"^{_LEAD}(?:力争|争取|预计|计划)?(?:到|至|截至|截止|在|自|于|从)?((?:19|20)\d\d)(?:年|[-至])")
_LINK = re.compile(
    "其中|此外|同时|以及|并且|另外|分别|明确|提出|根据|按照|依据|包括|即|还|也|并|和|与|及|为|是|的|了|在|将|对|等|共|有|中|该|其|由|以|于|而|且|则|之"
)
_MARK = re.compile(r"[\[［]\d+[\]］]|〔\d{1,3}〕")
_PAPER = "方案|规划|办法|通知|文件|条例|意见|措施|规定|政策|细则|计划|纲要"
_OPENING = re.compile(
    rf"(?:其中|此外|同时|另外|(?:根据|按照|依据)(?:该|本|上述|有关|相关)?(?:{_PAPER}))[，,：:]\s*|"
    rf"(?:该|本|这一|此)?(?:{_PAPER})(?:中|还|也)?(?:明确)?(?:提出|规定|明确|要求|指出)(?:了)?[，,：:]?\s*|"
    rf"(?:该|本)(?:{_PAPER})(?=有效期|自|由|所称)|"
    r"(?:具体|主要)(?:目标|任务|内容|措施|要求|举措)?(?:包括|如下|有)[，,：:]\s*"
)
_TOPIC = re.compile(
    r"(?:在|就)?([\u4e00-\u9fffA-Za-z0-9]{2,12})(?:方面|领域)[，,]\s*|([\u4e00-\u9fff]{2,6})提出[，,：:]?\s*"
)
_GETS = re.compile("(?:可以?|将)(?:获得|享受|得到)")
_QUOTED = re.compile(r"[“\"「][^”\"」]*[”\"」]")
_FRAME = re.compile(
    r"(?:的)?(?:规定|提出|明确|指出|要求|显示|强调|介绍|表示|中|说|答|回应|写明|载明|称)*(?:了)?[，,：:\s]*"
)
_ENGLISH_FRAME = frozenset(
    re.findall(
        r"\w+",
        "a according action also an and answer are article as at by clause says cited document documents does for "
        "from i ii in is it its no notice of on or passage plan plans policy provision provides part quote quoted "
        "reads regarding said same say section sections sets source specified specifies states stated stating "
        "statement text that the their there these this title titled to under which while with following",
    )
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What the cited text does not carry.

    `kind`: number, unit, bound, date, negation, modality, place, condition, order (parts put together that the text
    does not put together), words.
    """

    kind: str
    detail: str


def check(
    sentence: str, cited: Sequence[str], context: Sequence[str] = (), coverage: float = 0.75
) -> tuple[Problem, ...]:
    """Problems of a sentence whose cited texts are `cited`; () when they support it.

    `context` holds what the citations' labels say (document title, section heading): names, places and words may
    come from there, numbers, negation and modality may not unless they stand in the same words. [n] marks and a
    label before them are ignored. `coverage` is the least share (0..1) of the sentence's characters that are copied
    from the cited text and context.
    """
    said = _MARK.sub("", sentence)
    if not bare(said):
        return ()
    evidence, flat = _prepare(tuple(cited))
    label = bare("\n".join(context))
    said = _unframed(said, context, flat)
    if "给予" in flat and not _GETS.search(flat):
        said = _GETS.sub("给予", said)
    told = tokenize([said])
    if not told.tokens:
        return ()
    runs = align(told, evidence)
    whole = len(runs) == 1 and runs[0].end - runs[0].start == len(told.tokens)
    if whole and min(evidence.marks[runs[0].at], evidence.marks[runs[0].stop]) >= 4:
        return ()
    if not whole and re.search(r"[A-Za-z]{2}", said) and han_share(_QUOTED.sub("", said)) < 0.3:
        return tuple(dict.fromkeys(_english(said, cited, label)))
    return tuple(
        dict.fromkeys(
            (
                *_new(told, evidence, runs, label, coverage),
                *_joined(told, evidence, runs),
                *_spliced(told, evidence, runs),
                *_guarded(told, evidence, runs),
                *_numbers(told, evidence, runs),
                *_dates(told, evidence, runs),
            )
        )
    )


@lru_cache(maxsize=64)
def _prepare(cited: tuple[str, ...]) -> tuple[Text, str]:
    unmarked = [_MARK.sub("", text) for text in cited]
    return tokenize(unmarked), bare("\n".join(unmarked))


def _unframed(said: str, context: Sequence[str], evidence: str) -> str:
    """`said` without the label, the 根据《…》 or the speaker in front of it."""
    labels = [label for label in sorted(context, key=len, reverse=True) if label.strip()]
    known = bare("".join(context)) + "\n" + evidence
    rest, found = said.strip(), False
    for _ in range(2):
        opened, topic = _OPENING.match(rest), _TOPIC.match(rest)
        if opened and bare(opened[0]) not in evidence:
            said = rest = rest[opened.end() :]
        elif topic and bare(topic[0]) not in evidence and bare(topic[1] or topic[2]) in known:
            said = rest = rest[topic.end() :]
    opening = re.match(r"(?:根据|按照|依据|依照|在)?\s*", rest)
    body = rest[opening.end() :] if opening else rest
    for _ in range(4):
        label = next((text for one in labels for text in (one, f"《{one}》") if body.startswith(text)), "")
        title = re.match(r"《([^》]{4,80})》", body)
        if not label and title and bare(title[1]) in known:
            label = title[0]
        if label:
            body, found = body[len(label) :].lstrip(), True
    speaker = re.match(r"([\u4e00-\u9fff]{2,8})(?=(?:表示|介绍|指出|说|回应|答)[，,：:])", body)
    if speaker and bare(speaker[1]) in known:
        body, found = body[speaker.end() :], True
    if not found:
        return said
    frame = _FRAME.match(body)
    return body[frame.end() :] if frame else body


def _new(told: Text, held: Text, runs: Sequence[Run], label: str, coverage: float) -> Iterator[Problem]:
    """What was not copied."""
    stretches = _stretches(told, runs)
    fresh = 0
    for start, end in stretches:
        words = told.words(start, end)
        rest = words
        if told.marks[start] >= 2 or told.marks[end] >= 2:
            rest = _without(words, label)
        added = _ADDED.search(re.sub("将", "", rest) if not _reached(held, runs, end) else rest)
        rest = _LINK.sub("", rest)
        fresh += len(rest) if added or rest else 0
        if added:
            yield Problem(added.lastgroup or "words", words)
        elif rest:
            after = told.words(end, end + 2)
            if re.search(r"\d", rest):
                date = (
                    after[:1] in ("年", "月", "日")
                    or re.search(r"年|月|日", words)
                    or re.fullmatch(r"(?:19|20)\d\d", rest)
                )
                yield Problem("date" if date else "number", words + after[:1])
            elif (
                start
                and re.fullmatch(r"[\d.]+", told.tokens[start - 1])
                and re.match(rf"(?:{UNIT}|百分点)", words + after)
            ):
                yield Problem("unit", told.tokens[start - 1] + words)
            elif _LEVEL.search(words + after[:1]):
                yield Problem("place", words + after)
            else:
                yield Problem("words", words)
    if fresh > (1 - coverage) * len(told.tokens):
        yield Problem("words", "大部分文字不见于依据")


def _reached(held: Text, runs: Sequence[Run], start: int) -> bool:
    """Whether the clause that the run at `start` is copied from tells of what has been done (将 would undo it)."""
    run = next((run for run in runs if run.start == start), None)
    return run is not None and re.match(".{0,6}(?:已|成功|完成)", held.clause_text(held.clause[run.at])) is not None


def _without(words: str, label: str) -> str:
    """`words` without the stretches of two characters or more that the label holds."""
    kept, at = "", 0
    while at < len(words):
        length = 0
        while at + length < len(words) and words[at : at + length + 1] in label:
            length += 1
        if length < 2 or re.search(r"\d", words[at : at + length]):
            kept, at = kept + words[at], at + 1
        else:
            at += length
    return kept


def _stretches(told: Text, runs: Sequence[Run]) -> list[tuple[int, int]]:
    """`[start, end)` of the tokens between runs."""
    edges = [0, *(edge for run in runs for edge in (run.start, run.end)), len(told.tokens)]
    return [(edges[i], edges[i + 1]) for i in range(0, len(edges), 2) if edges[i] < edges[i + 1]]


def _joined(told: Text, held: Text, runs: Sequence[Run]) -> Iterator[Problem]:
    """Two runs that stand together in the sentence and not in the text."""
    firm = [run for k, run in enumerate(runs) if not (_movable(run, told, held) and _moved(runs, k))]
    used: dict[int, int] = {}
    for run in runs:
        for i in range(run.start, run.end):
            at = run.at + i - run.start
            if used.get(at) == told.clause[i] and run.end - run.start > 1:
                yield Problem("order", f"{told.words(run.start, run.end)}重复")
                break
        used |= {run.at + i - run.start: told.clause[i] for i in range(run.start, run.end)}
    for a, b in pairwise(firm):
        pause = max(told.marks[a.end : b.start + 1])
        if pause >= 2:
            continue
        around = f"{told.words(max(a.start, a.end - 6), a.end)}|{told.words(b.start, min(b.end, b.start + 6))}"
        if b.at >= a.stop:
            between = max(held.marks[a.stop : b.at + 1])
            opens = held.clause_span(held.clause[b.at])[0]
            whole = held.marks[a.stop] >= 2 and not _LINK.sub("", held.words(opens, b.at))
            if between >= 3 or (between == 2 and not whole):
                yield Problem("order", around)
            elif held.marks[a.stop] >= 1 and held.marks[b.at] >= 1:
                continue  # items or clauses left out whole
            elif b.at > a.stop and (limit := _lost(held.words(a.stop, b.at), told.words(a.end, b.start))):
                yield Problem(limit, f"原文“{held.words(a.stop, b.at)}”被略去")
        elif not (pause == 1 and held.clause[a.stop - 1] == held.clause[b.at] and held.marks[b.at] >= 1):
            yield Problem("order", around)


def _movable(run: Run, told: Text, held: Text) -> bool:
    """Whether a run is a date that opens a clause of the text: it may stand elsewhere in the sentence."""
    if not _DATE.fullmatch(told.words(run.start, run.end)):
        return False
    return held.marks[run.at] >= 2 or (run.at > 0 and held.marks[run.at - 1] >= 2)


def _spliced(told: Text, held: Text, runs: Sequence[Run]) -> Iterator[Problem]:
    """A condition in front of what it does not govern, and the second half of a range for the whole."""
    source = {i: run.at + i - run.start for run in runs for i in range(run.start, run.end)}
    for i, token in enumerate(told.tokens):
        at = source.get(i)
        if at is None:
            continue
        if token[0].isdigit() and at > 1 and held.tokens[at - 1] in _TO and told.tokens[max(0, i - 1)] not in _TO:
            yield Problem("date" if _YEAR.fullmatch(token) else "number", f"{held.words(max(0, at - 3), at + 1)}")
        before = source.get(i - 1)
        if 2 <= told.marks[i] < 3 and before is not None and held.segment[before] != held.segment[at]:
            clause = held.clause[before]
            if _CONDITION.search(held.clause_text(clause)) and held.marks[before + 1] < 3:
                yield Problem("condition", f"“{held.clause_text(clause)}”另有所指")


def _moved(runs: Sequence[Run], k: int) -> bool:
    """Whether a run stands in another order in the text than in the sentence."""
    before = k > 0 and runs[k].at < runs[k - 1].stop
    return before or (k + 1 < len(runs) and runs[k + 1].at < runs[k].stop)


def _lost(skipped: str, instead: str) -> str:
    """The kind of what was skipped between two runs, when it matters."""
    guard = next((found for found in _GUARD.finditer(skipped) if found[0] not in instead), None)
    if guard:
        return guard.lastgroup or "words"
    return "condition" if _LIMIT.search(skipped) else ""


def _guarded(told: Text, held: Text, runs: Sequence[Run]) -> Iterator[Problem]:
    """A not, a hedge, a bound or a condition that governs what was copied and was left behind."""
    for clause, used in _clauses(held, runs).items():
        start, end = held.clause_span(clause)
        if len(used) < 3 and len(used) < (end - start) / 2:
            continue
        segments = {told.segment[i] for i, _ in used}
        near = "".join(told.clause_text(i) for i in sorted({told.clause[i] for i, _ in used}))
        kept = Counter(guard[0].removesuffix("以") for guard in _GUARD.finditer(near))
        for guard in _GUARD.finditer(held.clause_text(clause)):
            kept[guard[0].removesuffix("以")] -= 1
            if kept[guard[0].removesuffix("以")] < 0:
                yield Problem(guard.lastgroup or "words", f"原文“{guard[0]}”被略去")
        first, last = min(at for _, at in used), max(at for _, at in used) + 1
        prefix = held.words(start, first)
        if len(prefix) >= 3 and _AIM.match(prefix):
            yield Problem("condition", f"原文“{prefix}”被略去")
        if last < end and (cut := re.match(rf"(?:{AFTER})|%|[\d.]", held.words(last, min(end, last + 3)))):
            yield Problem("bound", f"原文“{cut[0]}”被略去")
        governor = _governor(held, clause, _CONDITION)
        if governor is not None and _ANSWERED.search(held.clause_text(governor)):
            governor = None  # 对A给予B，对C给予D: the first says what A gets and does not govern C
        if governor is not None and not _held(held, governor, runs, told, segments):
            yield Problem("condition", f"原文“{held.clause_text(governor)}”被略去")


def _clauses(held: Text, runs: Sequence[Run]) -> dict[int, list[tuple[int, int]]]:
    """For each clause of the text, the tokens copied from it: where each stands in the sentence, and in the text."""
    found: dict[int, list[tuple[int, int]]] = {}
    for run in runs:
        for i in range(run.start, run.end):
            at = run.at + i - run.start
            found.setdefault(held.clause[at], []).append((i, at))
    return found


def _governor(held: Text, clause: int, kind: re.Pattern[str]) -> int | None:
    """The clause before this one, between the same semicolons, that says when or for whom it holds."""
    segment = held.segment[held.starts[clause]]
    for before in range(clause - 1, -1, -1):
        if held.segment[held.starts[before]] != segment:
            return None
        if kind.search(held.clause_text(before)):
            return before
    return None


def _held(held: Text, clause: int, runs: Sequence[Run], told: Text, segments: set[int]) -> bool:
    """Whether most of a clause of the text is said in these parts of the sentence."""
    start, end = held.clause_span(clause)
    if held.tokens[start] == "第" and held.tokens[start + 2 : start + 3] == ("条",):
        start += 3  # a label in front may have said it
    said = sum(
        start <= run.at + i - run.start < end and told.segment[i] in segments
        for run in runs
        for i in range(run.start, run.end)
    )
    return said >= 0.6 * (end - start)


def _numbers(told: Text, held: Text, runs: Sequence[Run]) -> Iterator[Problem]:
    """Numbers that the clauses copied from do not print with this unit and bound."""
    for clause, start in enumerate(told.starts):
        end = told.clause_span(clause)[1]
        mine = quantities(told.words(start, end))
        if not mine:
            continue
        sources = {
            held.clause[at] for run in runs for at in range(run.at, run.stop) if start <= run.start + at - run.at < end
        }
        theirs = [quantity for source in sorted(sources) for quantity in quantities(held.clause_text(source))]
        for quantity in mine:
            same = [other for other in theirs if other.value == quantity.value]
            alike = [other for other in same if other.unit == quantity.unit or not quantity.unit]
            if not same:
                date = quantity.unit in ("年", "月", "日") or re.fullmatch(r"(?:19|20)\d\d", quantity.text)
                yield Problem("date" if date else "number", quantity.text)
            elif not alike:
                yield Problem("unit", quantity.text)
            elif not any(other.bound == quantity.bound for other in alike):
                yield Problem("bound", quantity.text)


def _dates(told: Text, held: Text, runs: Sequence[Run]) -> Iterator[Problem]:
    """The year that governs a clause in the text must govern it in the sentence."""
    for clause, used in _clauses(held, runs).items():
        text = held.clause_text(clause)
        if len(used) < 4 or _DATE.fullmatch(text):
            continue
        last, segments = max(i for i, _ in used) + 1, {told.segment[i] for i, _ in used}
        said = [
            told.tokens[i]
            for i in range(last)
            if told.segment[i] in segments and _YEAR.fullmatch(told.tokens[i]) and told.tokens[i + 1 : i + 2] == ("年",)
        ]
        governor = clause if _DATED.match(text) else _governor(held, clause, _DATED)
        if governor is not None:
            year = _YEAR.search(held.clause_text(governor))
            if year and year[0] not in told.tokens[:last]:
                yield Problem("date", f"原文“{held.clause_text(governor)[:12]}”被略去")
        elif said and said[-1] not in text:
            before = re.findall(r"(?:19|20)\d\d(?=年)", "".join(held.tokens[: held.starts[clause]]))
            if said[-1] not in before[-1:]:
                yield Problem("date", said[-1])


def _english(said: str, cited: Sequence[str], label: str) -> Iterator[Problem]:
    """An English sentence: its Chinese quotes stand word for word, its frame says nothing by itself."""
    quotes = [quote for quote in re.findall(r"[“\"「]([^”\"」]*)[”\"」]", said) if han_share(quote) > 0.3]
    whole = [fold(text) for text in cited]
    for quote in quotes:
        if not any(fold(quote).strip("。；;，,.") in text for text in whole):
            yield Problem("words", quote)
        yield from check(quote, cited)
    if not any(len(bare(quote)) >= 6 for quote in quotes):
        yield Problem("words", "没有原文引语")
    frame = re.sub(r"[“\"「][^”\"」]*[”\"」]", " ", said)
    held = bare("".join(cited)) + label
    numbers = {quantity.value for text in cited for quantity in quantities(text)}
    for quantity in quantities(frame):
        if quantity.value not in numbers and plain(quantity.text) not in label:
            yield Problem("number", quantity.text)
    for word in re.findall(r"[A-Za-z][A-Za-z'-]*", frame):
        if word.lower() not in _ENGLISH_FRAME and word.lower() not in held:
            yield Problem("words", word)
    for run in re.findall(r"[\u3400-\u9fff]+", frame):
        if run not in held:
            yield Problem("words", run)
