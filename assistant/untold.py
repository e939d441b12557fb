"""What the evidence must say before it answers: the meaning that is asked for, the fee, the penalty, the thing done."""

from __future__ import annotations

import re

from assistant.evidence import Library, Unit
from assistant.itself import untold_of_itself
from assistant.question import Kind, Question, content_words
from assistant.reasons import Case, Refusal
from assistant.select import Found
from assistant.text import bare, fold, is_han
from index.lexicon import load_lexicon
from index.words import grams

_MEANING = re.compile(
    r"(?:^|[，。])(?:请问)?什么(?:是|叫)(?P<after>[^，。？的]{2,20})[？?]?$|"
    r"(?:^|[中里，。]|所称的?)(?P<before>[^，。？的中里]{2,20}?)(?:具体)?(?:是什么意思|是指什么|指的是什么|指什么|是什么|是啥意思|是啥)[？?]?$"
)
_WHOSE = re.compile(r"^.*(?:所称的?|提到的?|规定的?|里面?|中)")
_SIDE = re.compile(
    r"(?:目标|任务|职责|条件|标准|范围|原则|措施|内容|程序|流程|依据|期限|要求|对象|目的|作用|意义|思路|逻辑|定位|方向|重点|政策|"
    r"办法|方式|方法|特点|后果|责任|理由|原因|主体|材料|电话|地址|名称|路径|关系|区别|编号|类型|种类|时间|日期|口号|主题|单位|部门|这|那)$"
)
_FACTS = tuple(
    (re.compile(asked), re.compile(told), name)
    for asked, told, name in (
        (
            r"有效期(?:限)?(?:是|为|有)?(?:多|几|什么时候|到)|(?:能|可以)?(?:用|管)(?:几|多少)年|有效多久",
            r"有效期(?!限?届?满|限?[内间])|[年月日天]有效|长期有效|有效(?:至|到)|(?<!有效)期限|失效",
            "有效期",
        ),
        (
            r"(?:保存|保管|留存|存放|归档)[^，。？]{0,6}(?:多久|几年|多长|多少年)|(?:多久|几年|多长时间)[^，。？]{0,4}(?:保存|保管)",
            r"(?:保存|保管|留存|存放|存档)[^。；]{0,30}(?:[\d一二两三四五六七八九十半]+\s*(?:年|个月|日|天)|长期|永久)|"
            r"[\d一二两三四五六七八九十]\s*年[^。；]{0,6}(?:保存|保管|留存)",
            "保存期限",
        ),
        (
            r"有[^，。？]{0,10}(?:补贴|补助|津贴|奖金)(?:吗|么|没有?|不)?[？?]?$",
            r"补贴|补助|津贴|资助|奖|资金|经费|元|减免|优惠|租金|专项|基金|券|贴息",
            "补贴",
        ),
        (
            r"手续费|服务费|工本费|(?:收|付|交|要|缴)费(?:吗|么|不)|要(?:不要)?(?:花|交|付)?钱吗|免费吗|收不收费|多少费用",
            r"费|元|免收|收取|有偿|无偿",
            "费用",
        ),
        (
            r"(?:受到?|面临)[^，。？]{0,8}(?:处罚|惩罚|处分)|(?:怎么|如何|怎样)[^，。？]{0,4}(?:处罚|惩处|罚款|罚)|罚多少",
            r"罚|处分|警告|吊销|没收|责令|刑|拘留|撤销|取消|赔偿|终止|通报|失信|约谈|注销|暂停|追究|不得|退回|追回|从重|监察|"
            r"公安机关|依法(?:处理|查处)|不予|降级|开除|批评|处理|公布|不再|公开",
            "处罚",
        ),
    )
)
_MODAL = re.compile(
    r"(?:能不能|可不可以|可以|能否|可否|是否|允许|准许|能够|能|会不会|要不要|用不用|需要|需不需要|得不得|行不行|有没有)(?P<rest>[^，。？]{2,14}?)"
    r"(?:吗|么|嘛|不)?[？?]?$"
)
_IS = (  # what follows a word that is explained
    r"[”」》]?(?:[（(][^（）()]*[）)])?[^，。；]{0,6}[，,]?"
    r"(?:是|指|系指|为|即|：|:|——|[（(]|包括|分为|由[^，。；]{2,40}[组构]成)"
)
_TRADES = frozenset({"industry", "science", "technology"})  # kinds of term for what a firm does
_HELP = re.compile(r"支持|扶持|补贴|补助|资助|奖励|政策|优惠|减免|好处|享受|申请|申报|能拿|鼓励")
_CHARACTERS = 0.5  # share of a predicate's characters that tell it in other words (养狗, 饲养犬只)


def _meaning(case: Case) -> Refusal | None:
    """What a word means is asked for, and the documents only use it."""
    found = _MEANING.search(case.question.focus)
    if found is None or case.question.language != "zh" or case.found.rows or case.found.items:
        return None
    term = _WHOSE.sub("", found["after"] or found["before"]).strip("“”「」《》")
    if len(bare(term)) < 2 or case.question.quoted or _SIDE.search(term) or content_words(term) != [term]:
        return None
    uses = [unit for doc in case.docs() for unit in case.library.reading(doc).units if bare(term) in bare(unit.text)]
    if not uses or any(_explains(term, unit) for unit in uses):
        return None
    return Refusal(reason="not_covered", says=f"库内文件只使用了“{term}”这一说法，没有说明它的含义")


def _explains(term: str, unit: Unit) -> bool:
    """Whether a sentence says what `term` is, or stands under a heading that is `term`."""
    text, name = fold(unit.text), fold(term)
    key = re.escape(name)
    heading = "" if unit.section.children else fold(unit.section.heading or "")
    if name in heading or any(f"所称{name[at:]}" in text for at in range(len(name) - 2)):
        return True
    return re.search(rf"{key}{_IS}|(?:即|就是|称为?|简称|叫做?)[“「《]?{key}", text) is not None


def _itself(case: Case) -> Refusal | None:
    """What is asked of a document as a whole (from when it holds, what it applies to) is not told anywhere in it."""
    name = untold_of_itself(case.question, case.named, case.library, case.hits)
    return Refusal(reason="not_covered", says=f"库内文件没有载明它的{name}") if name else None


def _fact(case: Case) -> Refusal | None:
    """What is asked of the thing (how long it holds, what it costs, how it is punished) is not told where it is."""
    if case.question.language != "zh" or case.found.rows or case.found.items:
        return None
    said = case.evidence(wide=True)
    for asked, told, name in _FACTS:
        if asked.search(case.question.focus) and not told.search(said):
            return Refusal(reason="not_covered", says=f"库内文件提到了相近内容，但没有载明所问的{name}")
    return None


def _predicate(case: Case) -> Refusal | None:
    """Whether something may be done is asked for, and nothing of the doing is told."""
    question = case.question
    match = _MODAL.search(question.focus)
    if match is None or question.kind is not Kind.YES_NO or question.language != "zh":
        return None
    if case.found.rows or case.found.items:
        return None
    words = [word for piece in content_words(match["rest"]) for word in case.library.words(piece) if word != "需要"]
    if not words:
        return None
    said = bare(case.evidence(wide=True))
    if any(_told(word, said) for word in words):
        return None
    return Refusal(reason="not_covered", says=f"库内文件提到了相近内容，但没有说到“{match['rest'].strip('吗么嘛')}”")


def unnamed(question: Question, found: Found, library: Library) -> list[str]:
    """The trades and techniques for which a Chinese question wants help, as it prints them, that no document names.

    None of the words that the lexicon has for it stands anywhere, nor the thing that it is part of (人形机器人 for
    人形机器人整机); a word that the lexicon does not know is left alone.
    """
    if question.language != "zh" or not _HELP.search(question.focus):
        return []
    lost = []
    for match in load_lexicon().find(question.focus):
        kinds = {entry.kind for entry, _ in match.entries}
        word = question.focus[match.start : match.end]
        if kinds & _TRADES and "firm" not in kinds and not any(_named(name, found, library) for name in _names(word)):
            lost.append(word)
    return list(dict.fromkeys(lost))


def _names(word: str) -> list[str]:
    """What a word may be named by: itself but for its end, and the lexicon's other words for it and its beginnings."""
    names = [word, *(word[:end] for end in range(max(3, len(word) - 2), len(word)))]
    for end in range(2, len(word) + 1):
        for match in load_lexicon().find(word[:end]):
            if (match.start, match.end) == (0, end):
                names += [other for entry, _ in match.entries for other in (entry.term, *entry.same, *entry.near)]
    return list(dict.fromkeys(names))


def _named(name: str, found: Found, library: Library) -> bool:
    """Whether a name may stand in a document; in a large collection all its pairs of characters have to."""
    if any(name in item.unit.text for item in found.ranked):
        return True
    pairs = library.snapshot.retrieval.store.holding(grams(name))
    return all(pairs.values()) and (not library.small() or library.mentions(name))


def _told(word: str, said: str) -> bool:
    """Whether a text has a word, a word for the same, or half of its characters."""
    names = {word, *(w for m in load_lexicon().find(word) for e, _ in m.entries for w in (e.term, *e.same, *e.near))}
    if any(bare(name) in said for name in names):
        return True
    han = [char for char in word if is_han(char)]
    return bool(han) and sum(char in said for char in han) > _CHARACTERS * len(han)


CHECKS = (_meaning, _itself, _fact, _predicate)
