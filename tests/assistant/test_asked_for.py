"""A word that a question only holds (a name, a telephone, a deposit, a term) is not what it asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.answer import ask
from assistant.question import Kind, understand
from index.search import Searcher

RULES = {
    "柳杉市市集办法.txt": """柳杉市市集管理办法

第一条 为了加强市集管理，制定本办法。市集管理处负责日常巡查，有关部门应当配合。

第二条 摊主不得冒用他人的姓名、肖像招揽顾客，冒用姓名、肖像的由市商务局责令改正。

第三条 摊主扫码即可预约摊位、办理续租和退租。

第四条 摊主退场的，持收据向市集管理处申请退回保证金，市集管理处当场办理。

第五条 超过使用期限的摊位设施应当更换；没有更换的，由市商务局给予警告。

第六条 遇有大雪、冰雹等极端情况，市集应当停业。
""",
    "柳杉市渔港办法.txt": """柳杉市渔港管理办法

第一条 为了加强渔港管理，制定本办法。

第二条 市农业局负责渔港的监督工作，各县渔政站负责巡查。

第三条 渔港的范围由市农业局公布。

第四条 部门负责制度

渔政站实行部门负责制度。
""",
}


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("哪些行为属于冒用他人的姓名、肖像招揽顾客？", "冒用姓名、肖像"),
        ("摊主在微信预约系统里可以办理哪些业务？", "续租和退租"),
        ("摊主退场想要取回保证金该怎么做？", "申请退回保证金"),
        ("没有更换超过使用期限的摊位设施，会受到何种处罚？", "给予警告"),
        ("市集遇有大雪、冰雹等极端天气怎么停业？", "应当停业"),
    ],
)
def test_what_is_only_named_in_passing_is_no_reason_to_refuse(
    question: str, said: str, opened: Callable[[dict[str, str]], Searcher]
) -> None:
    answer = ask(opened(RULES), question)
    assert not answer.refused, answer.text
    assert said in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "市集管理处的联系电话是多少？",
        "把市集管理处的电话发我一下",
        "市集管理处有没有微信？",
        "摊主退场的保证金要交多少？",
        "负责退回保证金的人姓名是什么？",
        "市集管理处的网址告诉我",
    ],
)
def test_what_is_asked_for_and_not_told_is_refused(question: str, opened: Callable[[dict[str, str]], Searcher]) -> None:
    assert ask(opened(RULES), question).refused


def test_a_term_that_a_thing_is_past_asks_for_no_time() -> None:
    assert understand("没有更换超过使用期限的设施，会受到何种处罚？").kind is not Kind.WHEN
    assert understand("摊位的使用期限是多久？").kind is Kind.WHEN
    assert understand("办法的有效期到哪天？").kind is Kind.WHEN


def test_two_words_that_a_document_has_apart_are_no_name_of_another(
    opened: Callable[[dict[str, str]], Searcher],
) -> None:
    answer = ask(opened(RULES), "《柳杉市市集管理办法》规定哪个部门负责责令改正？")
    assert "库内另一份文件有" not in answer.text
