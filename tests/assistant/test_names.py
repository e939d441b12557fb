"""What people call a thing and what the document calls it: the policy lexicon counts where sentences are chosen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.answer import ask
from assistant.extract import shares, wanted
from assistant.question import Term, understand
from assistant.text import bag
from index.embedding import Embedding
from index.search import Searcher
from tests.assistant.conftest import indexed

SETTLING = """青石市人才入户办法

第一条 为了吸引人才，制定本办法。

第二条 申请材料由各区受理，申请人应当如实提交材料。

第三条 存在弄虚作假情形的，取消其入户资格三年；已经入户的，予以注销。

第四条 入户审批结果在6月29日公布。
"""
HOUSING = """青石市公共租赁住房办法

第一条 公共租赁住房的租赁合同期限为五年。

第二条 租赁住房的租金每季度缴纳一次。

第三条 承租人退租的，应当提前三十日告知。

第四条 公共租赁住房的承租人申请续租的，续租手续在线上办理，续租申请由街道审核，审核结果由街道告知承租人。

第五条 承租人续租应当在合同期满两个月前提出。

第六条 公共租赁住房的承租人可以享受租房补贴，补贴由街道发给公共租赁住房的承租人。

第七条 租房补贴每人每月三百元，补贴标准按照市场租金适时调整。
"""
RELIEF = """青石市职工帮扶办法

第一条 困难职工可以申请帮扶金。

第二条 困难的职工家庭子女上学的，困难职工可以另外申请助学金，助学金由工会发给困难的职工。

第三条 本办法所称困难职工包括家庭人均月收入低于最低工资标准一半的职工。

第四条 第二类帮扶对象是符合下列条件之一的困难的职工：
（一）本人患重病的；
（二）子女在读的。
"""


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    texts = {"入户.txt": SETTLING, "公租.txt": HOUSING, "帮扶.txt": RELIEF}
    yield from indexed(texts, tmp_path_factory, embedding)


@pytest.mark.parametrize(
    ("question", "section", "says"),
    [
        ("落户的时候交了假材料被查出来会怎么样？", "第三条", "取消其入户资格三年"),
        ("How long is a public rental housing contract?", "第一条", "五年"),
        ("How much is the monthly rent subsidy for a tenant of public rental housing?", "第七条", "每人每月三百元"),
        ("公租房租满以后想续租，得提前多久办手续？", "第五条", "两个月前"),
    ],
)
def test_a_thing_is_found_under_its_other_names(named: Searcher, question: str, section: str, says: str) -> None:
    answer = ask(named, question)
    assert not answer.refused
    assert answer.citations[0].section == section
    assert says in answer.text


def test_another_name_counts_for_less_than_the_word_itself() -> None:
    wants = wanted([Term(text="落户资格")], lambda gram: 1.0)
    itself, other, neither = (shares(wants, bag(text))[0] for text in ("落户资格", "入户资格", "开户资格"))
    assert itself == 1.0 > other > neither
    assert shares(wants, bag("入户资格"), renamed=False)[0] == neither


def test_words_that_hold_an_asking_word_stay_whole() -> None:
    assert [term.text for term in understand("能申请居家服务吗？").terms] == ["申请居家服务"]
    assert understand("公租房合同几年？").terms[0].text.startswith("公租房")


def test_search_is_left_to_translate_what_its_lexicon_knows() -> None:
    asked = understand("How long is a public rental housing contract?")
    (term,) = (term for term in asked.terms if term.text == "public rental housing")
    assert term.searched
    assert "公共租赁住房" in term.alternatives
    assert "public rental housing" in asked.query
    assert "公共租赁住房" not in asked.query


def test_a_definition_is_found_whatever_the_question_calls_itself(named: Searcher) -> None:
    for question in ("什么叫困难职工？", "怎样才算困难的职工？", "第二类帮扶对象里，怎样才算困难的职工？"):
        answer = ask(named, question)
        assert answer.citations[0].section == "第三条", question
        assert "月收入低于" in answer.text


def test_english_words_that_no_table_knows_tell_how_little_is_understood(named: Searcher) -> None:
    answer = ask(named, "Which pirate contract do purple kangaroos juggle before breakfast?")
    assert answer.refused
    assert "kangaroos" not in understand("How many kangaroos are there?").query


def test_a_day_of_the_month_is_no_time_that_handling_takes(named: Searcher) -> None:
    answer = ask(named, "入户审批结果要多少个工作日？")
    assert answer.refused, answer.text
