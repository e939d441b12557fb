"""Questions as people put them, in Chinese and English, over one made-up regulation: each cause that once failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from assistant.answer import ask
from assistant.extract import has_number
from assistant.question import Kind, content_words, understand
from assistant.telling import telling
from index.embedding import Embedding
from index.search import Searcher
from tests.assistant.conftest import indexed

TEXTS = {
    "银杏市冷库.txt": """银杏市冷库管理办法

第一章 总则

第一条 为了规范冷库的经营，制定本办法。

第二条 本办法所称冷库，是指用于储存食品原料的低温仓库，分为五类。

第二章 经营

第三条 冷冻水产原料应当贮存在不高于-25℃的库内，鲜活水产应当另库贮存。

第四条 冷库发生氨气泄漏的，经营者应当在3个小时以内向市应急管理局报告。

第五条 市应急管理局公开96123冷库泄漏专用电话，并受理举报。

第六条 市商务局应当建立冷库咨询制度，聘请专家提供电话咨询服务，公布联系方式。

第七条 冷库经营者可以凭仓单办理质押贷款，享受优惠利率。

第八条 从事房地产开发的企业建设冷库的，由市商务局另行审核；跨地市建设冷库的，由省商务厅审核。

第九条 冷库经营者应当结合日常工作进行演练；一次储存食品原料超过500吨的，应当备案。

第三章 补贴

第十条 建设冷库的，东片区按照设备购置费的30%给予补贴，西片区按照设备购置费的45%给予补贴。

第十一条 申请补贴应当提交《东片区买设备补贴申请表》或者《西片区买设备补贴申请表》。

第十二条 培育冷链人才，支持高校开设冷链专业，引进冷链专家。

第十三条 培育冷链人才，支持企业开设冷链实训课，引进冷链工匠。

第十四条 培育冷链人才，支持协会开设冷链培训班，引进冷链师傅。

第四章 附则

第十五条 本办法自2024年5月1日起施行，有效期至2029年4月30日。
"""
}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    yield from indexed(TEXTS, tmp_path_factory, embedding)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("银杏市的冷库漏了氨气，最晚多长时间要报告？", "3个小时"),
        ("银杏市冷库漏氨了打哪个电话？", "96123"),
        ("我们在银杏市开冷库，没有厂房抵押，银行给贷款有什么优惠？", "仓单"),
        ("银杏市这套冷库管理办法管到哪一天？", "2029年4月30日"),
        ("建冷库买设备，东片区和西片区各补多少比例？", "45%"),
        ("At what temperature must frozen seafood raw materials be stored in Yinxing's cold stores?", "-25℃"),
        ("What phone number should be called for a leak in a cold store?", "96123"),
    ],
)
def test_what_is_asked_is_told(stores: Searcher, question: str, told: str) -> None:
    answer = ask(stores, question)
    assert not answer.refused
    assert told in answer.text


def test_an_english_question_for_a_sum_wants_a_sum(stores: Searcher) -> None:
    assert ask(stores, "How much is the fine for a cold store operator who does not report a leak?").refused


def test_a_row_without_a_sum_tells_no_sum(opened: Callable[[dict[str, str]], Searcher]) -> None:
    rows = (
        "| 地理标志产品名称 | 标准号 |",
        "|---|---|",
        "| 地理标志产品柿饼 | GB 19694 |",
        "| 地理标志产品柿酒 | GB 20558 |",
    )
    standards = {"标准表.md": "\n".join(("# 柿子市标准表", "", *rows, ""))}
    answer = ask(opened(standards), "How much is the fine in yuan for a fake geographical indication product?")
    assert answer.refused


def test_the_number_of_an_item_is_no_number_and_a_fee_is_a_sum() -> None:
    assert not has_number("1．制剂注册申请表；")
    assert has_number("1．注册费为500元；")
    tells = telling(understand("制剂注册要交多少注册费？"))
    assert tells is not None
    assert tells("注册费为500元")
    assert not tells("第三条 注册申请表一式三份")


def test_all_places_are_told_where_they_are_asked_for(stores: Searcher) -> None:
    answer = ask(stores, "银杏市的办法在哪几处提到冷链人才？")
    assert {citation.section[-4:] for citation in answer.citations} == {"第十二条", "第十三条", "第十四条"}


def test_a_list_leaves_out_nothing_that_is_as_near(stores: Searcher) -> None:
    answer = ask(stores, "银杏市培育冷链人才，有什么引进渠道？")
    assert {citation.section[-4:] for citation in answer.citations} == {"第十二条", "第十三条", "第十四条"}


def test_an_occasion_is_no_frequency(stores: Searcher) -> None:
    assert ask(stores, "银杏市的冷库一年要搞几次演练？").refused


def test_one_character_of_an_official_term_asks_nothing() -> None:
    assert content_words("从事房地产开发的企业，有什么要求？")[0] == "从事房地产开发"
    assert content_words("跨地市的冷库找谁") == ["跨地市", "冷库找"]
    assert content_words("这个冷库建在哪") == ["冷库建"]


def test_a_share_of_two_things_is_a_number_and_no_comparison_of_them() -> None:
    assert understand("东片区和西片区补多少比例？").kind is Kind.NUMBER
    assert understand("东片区的补贴和西片区比哪个多？").kind is Kind.COMPARISON
    tells = telling(understand("东片区补多少比例？"))
    assert tells is not None
    assert tells("补贴30%")
    assert not tells("补贴6000元")
    assert understand("Within how many months must it be filed?").kind is Kind.WHEN
