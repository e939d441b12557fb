"""What a sentence must hold to tell the kind of thing that is asked for: a place, a sum, a share, a rate."""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.places import asks_where, tells_where
from assistant.question import Kind, Question

MONEY = re.compile(
    r"多少钱|(?:拿|领|得|获|享受|补|奖)到?多少|几块|几[百千万]*万?元|几[百千]?万(?=科|补|奖|资|经|的|块|$|？)|多少(?:亿|万)?(?:元|块|资金|补贴|奖励|奖金|补助|钱)|"
    r"多少[亿万](?=？|$|，|吗|呢)|补(?:贴|助)?(?:标准)?(?:是)?多少|奖(?:励)?(?:标准)?(?:是)?多少|给多少|"
    r"起拍价|租金(?:是|多少)|薪酬|保证金|(?<!住)房租(?!金)[^，。？涨]{0,6}(?:多少|几|贵)"
)
HAS_MONEY = re.compile(
    r"\d\s*[百千万亿]*元|\d\s*[百千]?[万亿](?![平人家辆个户条台公吨亩件张项千瓦])|[一二三四五六七八九十百千]+[万亿]*元(?!化)|\d\s*[%％]"
)
PERCENT = re.compile(r"百分之(?:几|多少)|几个点|多少个?(?:百分点|%)|(?:比例|利率|费率)(?:是|为)?多少")
HAS_PERCENT = re.compile(r"\d\s*%|百分之|分之[一二三四五六七八九十]|[一二三四五六七八九]成")
_FIGURE = r"[\d二三四五六七八九十百千]"
_RATE = re.compile(r"每(?P<per>[个]?[月年日天人户家套亩间平])[^，。？]{0,10}(?:多少|几)")


def telling(question: Question) -> Callable[[str], bool] | None:
    """Whether a sentence (with its heading) can tell what is asked; `None` when any sentence may."""
    text = question.text
    if question.kind is Kind.WHERE and asks_where(question.focus):
        return lambda said: tells_where(said, text)
    if question.language != "zh":
        return None
    rate = _RATE.search(question.focus)
    if rate:
        told = re.compile(rf"每{rate['per']}[^，。；]{{0,12}}{_FIGURE}|{_FIGURE}[^，。；]{{0,8}}[/／每]{rate['per']}")
        return lambda said: told.search(said) is not None
    for asked, has in ((MONEY, HAS_MONEY), (PERCENT, HAS_PERCENT)):
        if asked.search(question.focus):
            return lambda said, has=has: has.search(said) is not None  # type: ignore[misc]
    return None
