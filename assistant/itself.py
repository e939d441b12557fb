"""What a document says of itself: why it was made, what it applies to, from and until when, who explains it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.article import meant, without_title
from assistant.evidence import Library, Unit
from assistant.question import Question, content_words
from assistant.scope import Scope
from assistant.text import bare
from index.search import Hit

_BESIDE = 2  # characters beside what is asked and the document's name that do not make it a question of its own
_SELF = re.compile(
    r"(?:这|那|本|该)?(?:[个部份项套])?(?:文件|政策|通知|办法|规定|条例|细则|规则|意见|方案|措施|法规|法)"
)
_LIGHT = re.compile(r"正式|全文|现在|目前|如今|开始|起(?=$|[，。？\s])|主要|负责|制定|期限?")
_WHEN = r"(?:什么时候|什么时间|何时|啥时候|哪一?[年天月]|几月几?[日号]|几[月号])"
_DOCUMENT = r"本(?:办法|条例|规定|细则|规则|意见|方案|措施|通知|法|决定|指南|标准|预案|规程|制度|政策)"


@dataclass(frozen=True, slots=True)
class _Aspect:
    """A question about a document as a whole, and the sentences that tell it: the surer form first. A document
    without a sentence that `hints` at it does not tell it. `name` is what a refusal calls it."""

    name: str
    asked: re.Pattern[str]
    told: tuple[re.Pattern[str], ...]
    hints: re.Pattern[str]


_ASPECTS = (
    _Aspect(
        "施行日期",
        re.compile(
            rf"(?:从|自|是|于|在)?{_WHEN}[^，。？]{{0,6}}(?:实施|施行|实行|执行|生效)|(?:实施|施行|实行|执行|生效)(?:的)?(?:日期|时间)"
            rf"(?:是{_WHEN})?|(?:实施|施行|实行|执行|生效)[^，。？]{{0,4}}{_WHEN}"
        ),
        (
            re.compile(rf"{_DOCUMENT}[^，。；]{{0,8}}(?:自|从)[^，。；]{{2,30}}(?:施行|实施|实行|执行|生效)"),
            re.compile(r"(?:自|从)[^，。；]{2,30}起?(?:施行|实施|实行|执行|生效)"),
        ),
        re.compile(
            r"(?:施行|实施|实行|执行|生效)[^。；]{0,10}(?:\d{4}\s*年|之日)|起(?:施行|实施|实行|执行|生效)|"
            r"(?:\d{4}\s*年|[之即]日|公布后|发布后)[^。；]{0,16}(?:施行|实施|实行|执行|生效)"
        ),
    ),
    _Aspect(
        "有效期",
        re.compile(
            rf"有效期(?:是|为|有|到|至)?(?:多久|多长(?:时间)?|几年|{_WHEN})|{_WHEN}[^，。？]{{0,4}}(?:失效|到期|作废)|"
            rf"(?:有效|执行)到{_WHEN}|有效期限?是?(?:多少年)?$|"
            rf"(?<!时候)(?:管|用|持续|延续|执行|实行|施行)到{_WHEN}(?:为止)?|(?:管|持续|延续|执行|实行|施行)(?:多久|几年|多长时间)(?=$|[？，。])|"
            r"(?:还|仍|是否|是不是)+(?:有效|管用|作数|能用)|有效吗|(?:过期|失效|作废)了?(?:吗|没)"
        ),
        (
            re.compile(rf"{_DOCUMENT}[^。；]{{0,40}}有效期(?!内|间|满)"),
            re.compile(r"(?:施行|实施|执行|印发|发布)[^。；]{0,12}有效期|有效期(?:至|为)?\s*[\d一二三五十]+年"),
        ),
        re.compile(r"有效|失效|废止|到期|期限|届满|(?:至|到)[^。；]{0,12}\d{4}\s*年|\d{4}\s*年[^。；]{0,12}(?:止|前)"),
    ),
    _Aspect(
        "解释机关",
        re.compile(
            r"由?(?:谁|哪[个些]?(?:部门|单位|机构|机关))(?:来|负责)*解释|解释(?:权|机关|部门|单位)(?:归|是|属于)?(?:谁|哪[个些]?(?:部门|单位|机构|机关)?)"
        ),
        (re.compile(r"(?:由|授权)[^。；]{2,80}(?:负责)?解释"),),
        re.compile(r"由[^。；]{2,}解释|负责[^。；]{0,8}解释|解释(?:权|机关)"),
    ),
    _Aspect(
        "制定目的或依据",
        re.compile(
            r"(?:目的|宗旨|立法目的|制定目的|主要目标)(?:是|有)?(?:什么|啥|哪些)|为什么(?:要)?(?:制定|出台)|(?:制定|立法)(?:的)?(?:依据|根据)|(?:根据|依据)(?:什么|哪些?)[^，。？]{0,8}制定"
        ),
        (re.compile(rf"(?:为|为了|根据)[^。；]{{4,}}(?:制定{_DOCUMENT}|制定本)"),),
        re.compile(
            r"(?:为|根据|依据|依照|按照)[^。；]{4,}(?:制定[了出]?(?:本|此|如下|以下|《)|特制定|特作|如下|进行了?规范)|旨在|"
            rf"(?:立法|制定|出台|{_DOCUMENT})[^。；]{{0,12}}(?:目的|宗旨|目标)|(?:主要|总体|工作|发展|建设|行动)目标|目标任务"
        ),
    ),
    _Aspect(
        "适用范围",
        re.compile(
            r"适用(?:的)?(?:范围|对象)(?:是|有|包括)?(?:什么|啥|哪些|谁)?|适用于?(?:谁|什么|哪些?[\u4e00-\u9fff]{0,4})"
        ),
        (
            re.compile(rf"适用{_DOCUMENT}|{_DOCUMENT}[^，。；]{{0,4}}适用于"),
            re.compile(rf"{_DOCUMENT}所称|适用于"),
        ),
        re.compile(r"适用(?:于|本|范围|对象)|(?:在|凡)[^。；]{4,60}(?:遵守|执行|按照|依照)本|凡在"),
    ),
)


def told_of_itself(question: Question, named: Scope, library: Library, hits: Sequence[Hit]) -> list[Unit]:
    """The sentences in which the document asked about tells such things of itself; [] when the question asks anything
    besides, or none does.

    The documents are those that are named, or the one whose title has most of the rest of the question.
    """
    aspects, docs = _asked(question, named, library, hits)
    found: list[Unit] = []
    for doc in docs:
        units = [unit for unit in library.reading(doc).units if not unit.is_heading]
        for aspect in aspects:
            telling = (
                [unit for unit in units if form.search(unit.text) and not unit.text.endswith(("：", ":"))]
                for form in aspect.told
            )
            found += next((some for some in telling if some), [])[:1]
    return list(dict.fromkeys(found))


def untold_of_itself(question: Question, named: Scope, library: Library, hits: Sequence[Hit]) -> str:
    """What is asked of a document as a whole that no sentence of it as much as hints at, by name (适用范围); "" when
    something does, and for all other questions."""
    aspects, docs = _asked(question, named, library, hits)
    if not docs or any(library.snapshot.entry(doc).period for doc in docs):
        return ""
    texts = [unit.text for doc in docs for unit in library.reading(doc).units]
    return next((aspect.name for aspect in aspects if not any(map(aspect.hints.search, texts))), "")


def _asked(
    question: Question, named: Scope, library: Library, hits: Sequence[Hit]
) -> tuple[Sequence[_Aspect], Sequence[str]]:
    """What a question asks of documents as a whole, and of which; nothing twice when it asks anything besides."""
    rest = question.focus
    aspects = [aspect for aspect in _ASPECTS if aspect.asked.search(question.focus)]
    if not aspects or question.language != "zh":
        return (), ()
    for aspect in aspects:
        rest = aspect.asked.sub(" ", rest)
    docs = sorted(named.docs) or meant(rest, library, hits)
    for name in named.cut:
        rest = rest.replace(name, " ")
    for doc in docs:
        rest = without_title(rest, library.snapshot.entry(doc).title)
    if sum(len(bare(word)) for word in content_words(_LIGHT.sub(" ", _SELF.sub(" ", rest)))) > _BESIDE:
        return (), ()
    return aspects, list(dict.fromkeys(library.snapshot.renderings(doc)[0] for doc in docs))
