"""What two sentences differ in."""

from __future__ import annotations

import pytest

from assistant.answer import ask
from assistant.difference import difference
from index.search import Searcher

ASKED = "两份方案的冷库总容量目标有什么不同？"


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        (
            "到2030年，冷库总容量达到500万吨左右。",
            "冷库总容量达到 120.5 万吨。",
            "两份文件的数字不同：前者500万吨左右，后者120.5万吨，按所写数字相差379.5万吨",
        ),
        ("冷库总容量达到120万吨。", "全市冷库总容量达到120万吨。", "两份文件在这一点上的数字相同，都是120万吨"),
        ("冷库总容量达到120万吨。", "建设冷库3个。", "两份文件在这一点上的写法不同，以各自原文为准"),
        ("冷库总容量达到100-120万吨。", "冷库总容量达到90万吨。", "两份文件在这一点上的写法不同，以各自原文为准"),
        ("推广光伏冷库。", "推广光伏冷库", "两份文件的这句话写法相同"),
    ],
)
def test_a_difference_is_worked_out_from_what_is_printed(one: str, other: str, says: str) -> None:
    assert difference(ASKED, one, other, english=False) == says


def test_other_things_are_not_compared() -> None:
    assert difference("冷库总容量目标各是多少", "冷藏车达到2000辆，奖励50万元。", "补助300万元。", english=False) == ""


def test_an_english_question_gets_an_english_sentence() -> None:
    says = difference("冷库总容量目标 compare", "冷库总容量达到5吨", "冷库总容量达到3吨", english=True)
    assert says == "They differ: 5吨 and 3吨, 2吨 apart"


def test_two_levels_are_compared_with_both_cited(corpus: Searcher) -> None:
    answer = ask(corpus, "市方案和浦东方案的未来产业产值目标有什么不同？")
    last = answer.text.splitlines()[-1]
    assert last == "两份文件的数字不同：前者5000亿元左右，后者3000亿元左右，按所写数字相差2000亿元[1][2]。"
