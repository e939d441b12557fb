"""Places that a sentence names: whether they tell where that the question does not, and which holds which."""

from __future__ import annotations

import re
from functools import lru_cache

from index.lexicon import load_lexicon

_AREA = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9]{2,8}?(?:片区|街道|[区县镇村园岛谷湾港城廊]|基地|社区|楼宇|路\d+号)(?![\u4e00-\u9fff]{0,2}[权法])"
)


_AREA_ASKED = re.compile(
    r"哪(?:个|一个|些|几个|两个)?(?:区(?!域)|片区|园区|镇|街道|乡|县|城市|省|地方|地点|地区)|位于|坐落|选址|什么地方|"
    r"(?:在|放|落|落户)(?:于)?哪(?:里|儿)?(?:[？?。，,]|$)"
)


def asks_where(question: str) -> bool:
    """Whether a place on the map is asked for, not a body or a paragraph (哪里能帮我, 在哪几处提到)."""
    return _AREA_ASKED.search(question) is not None


def tells_where(text: str, question: str) -> bool:
    """Whether `text` names a place that `question` neither names nor lies in (上海 says nothing to 在浦东哪里)."""
    lexicon = load_lexicon()
    asked = lexicon.places_in(question)
    for place in lexicon.places_in(text):
        if place not in asked and not any(lexicon.contains(place, inner) for inner in asked):
            return True
    return any(match[0][-4:] not in question for match in _AREA.finditer(text))


@lru_cache(maxsize=4096)
def holds(outer: str, inner: str) -> bool:
    """Whether a place is another or holds it; one that no table knows (广州市荔湾区) is told by its own name."""
    lexicon = load_lexicon()
    if lexicon.contains(outer, inner) or outer == inner:
        return True
    if lexicon.entry(inner):
        return False
    if not lexicon.entry(outer):
        return inner.endswith(outer) or outer.endswith(inner)
    return any(lexicon.contains(outer, place) for place in lexicon.places_in(inner))


def may_hold(outer: str, inner: str) -> bool:
    """Whether a known place may hold one of which nothing but its name is known (浙江省, 浦江县)."""
    lexicon = load_lexicon()
    return lexicon.entry(outer) is not None and not lexicon.places_in(inner)
