"""The judge of untold facts: its table of trees, its signs, and what it refuses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import judge
from assistant.answer import ask, case_of
from assistant.english import in_english
from assistant.judge_aspects import ASPECTS
from assistant.judge_signs import FALLING, NAMES, RISING, Signs, asked_for, judged
from assistant.judge_trees import Node, Trees, read, shipped
from assistant.question import understand
from assistant.reasons import Case, Refusal
from assistant.write import Writer
from errors import ConfigError
from index.embedding import Embedding
from index.search import Searcher
from tests.assistant.conftest import indexed

TABLE = "# a remark\n0\t0\tscore\t0.5\t1\t2\n0\t1\t-1.5\n0\t2\t0.5\n1\t0\t0.25\n"


def test_a_row_takes_one_way_through_each_tree() -> None:
    trees = read(TABLE)
    assert trees == Trees(trees=((Node(NAMES.index("score"), 0.5, 1, 2), -1.5, 0.5), (0.25,)))
    low, high = [0.0] * len(NAMES), [0.0] * len(NAMES)
    low[NAMES.index("score")], high[NAMES.index("score")] = 0.5, 0.51
    assert trees.value(low) == pytest.approx(1 / (1 + math.exp(1.25)))
    assert trees.value(high) == pytest.approx(1 / (1 + math.exp(-0.75)))


@pytest.mark.parametrize(
    "table",
    [
        "",
        "# nothing\n",
        "limit\t0.2\n",
        TABLE.replace("score", "no such sign"),
        TABLE.replace("0\t2\t0.5\n", ""),
        TABLE.replace("\t1\t2\n", "\t0\t2\n"),
        TABLE.replace("\t1\t2\n", "\t1\t3\n"),
        TABLE.replace("-1.5", "nan"),
        TABLE.replace("0.5\t1", "inf\t1"),
        TABLE.replace("1\t0\t0.25", "2\t0\t0.25"),
        TABLE.replace("-1.5", "-1.5\t7"),
        "limit\t0.2\n" + "\0" * 100,
    ],
)
def test_a_damaged_table_is_one_clear_line(table: str) -> None:
    with pytest.raises(ConfigError, match=r"judge\.tsv .*重新安装 wence$"):
        read(table)


def test_the_shipped_model_is_small() -> None:
    trees = shipped()
    assert len(trees.trees) == 150
    assert sum(map(len, trees.trees)) < 3000


@settings(max_examples=60)
@given(
    row=st.lists(st.floats(-5, 25), min_size=len(NAMES), max_size=len(NAMES)),
    name=st.sampled_from(RISING + FALLING),
    more=st.floats(0, 20),
)
def test_no_sign_for_an_answer_ever_speaks_against_it(row: list[float], name: str, more: float) -> None:
    at = NAMES.index(name)
    higher = [*row[:at], row[at] + more, *row[at + 1 :]]
    before, after = shipped().value(row), shipped().value(higher)
    assert after >= before - 1e-9 if name in RISING else after <= before + 1e-9


FERRY = """青螺市渡口管理办法

第一条 为了加强渡口管理，保障渡运安全，制定本办法。

第二条 本办法所称渡口，是指在江河两岸专供渡船停靠的场所。

第三条 市交通运输部门负责全市渡口的监督管理。

第四条 设置渡口应当具备下列条件：
（一）有与渡运能力相适应的码头；
（二）有救生、消防设备；
（三）有两名以上持证船员。

第五条 设置渡口应当向所在地的县级交通运输部门提出申请，说明渡口的位置和渡船的数量。

第六条 渡口经营者应当在渡口显著位置公布渡运时间和票价，并每日检查渡船。

第七条 渡船遇有大风、大雾时应当停航。

第八条 迁移、撤销渡口的，渡口经营者应当提前三十日公告。

第九条 渡船超载的，由交通运输部门责令改正，处五百元以上三千元以下罚款。

第十条 本办法自2022年5月1日起施行。
"""
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def ferry(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    yield from indexed({"渡口.txt": FERRY}, tmp_path_factory, embedding)


def found(searcher: Searcher, question: str) -> Case:
    case = case_of(searcher, question, TODAY)
    assert case is not None
    return case


def test_the_signs_of_a_provision_that_answers(ferry: Searcher) -> None:
    case = found(ferry, "渡船超载会受到什么处罚？")
    assert judged(case)
    aspect = asked_for(case.question)
    assert aspect is not None
    assert aspect.name == "penalty"
    signs = Signs(case)
    assert signs.own_words == 1.0
    row = dict(zip(NAMES, signs.row(), strict=True))
    known = (
        "cover", "words_said", "words_all", "words_document", "pairs_rare", "rank", "missing", "told", "told_any",
        "is_penalty", "is_charge", "purpose", "breaks", "aspects_told", "aspects_tell", "named", "numbers", "sentences",
    )  # fmt: skip
    told = ("words_said", "words_all", "words_document", "told", "told_any", "is_penalty", "numbers", "sentences")
    assert {name: row[name] for name in known if name not in ("cover", "pairs_rare")} == {
        name: float(name in told) for name in known if name not in ("cover", "pairs_rare")
    }
    assert 0.5 < row["cover"] < 1
    assert 0 < row["pairs_rare"] < 1


PARTS = ("渡口", "渡船", "超载", "条件", "谁", "什么", "多久", "的", "撤销", "2022", "《", "？", "x")


@settings(max_examples=25, deadline=None)
@given(what=st.lists(st.sampled_from(PARTS), min_size=1, max_size=9))
def test_every_row_is_whole_and_finite(ferry: Searcher, what: list[str]) -> None:
    case = case_of(ferry, "".join(what) + "渡", TODAY)
    if case is not None and judged(case):
        row = Signs(case).row()
        assert len(row) == len(NAMES)
        assert all(map(math.isfinite, row))
        assert judge.weigh(case) is None or judge.form_of(case) is not None


@pytest.mark.parametrize(
    "question",
    [
        "What are the conditions for a ferry?",
        "我们公司想设置渡口，需要符合什么条件？",
        "渡口和渡船的条件有什么不同？",
    ],
)
def test_the_judge_keeps_out_of_what_it_does_not_know(ferry: Searcher, question: str) -> None:
    case = found(ferry, question)
    assert not judged(case)
    assert judge.weigh(case) is None


REWARDS = """白杨市渡口安全管理办法

第一条 为了加强渡口安全管理，保障渡运安全，制定本办法。

第二条 市交通运输部门负责全市渡口安全的监督管理。

第三条 设置渡口应当向所在地的县级交通运输部门提出申请，说明渡口的位置和渡船的数量。

第四条 渡口经营者应当建立安全管理制度，每日检查渡船，如实记录。

第五条 渡船现场检验由县级交通运输部门组织，检验人员不得少于两人。

第六条 检验合格的，发给渡船检验证书；不合格的，应当在三十日内整改。

第七条 未经检验合格擅自开展渡运业务的，由交通运输部门责令改正，处五百元以上三千元以下罚款。

第八条 对首次获得市级平安渡口称号的渡口经营者，给予五万元奖励；对首次获得省级平安渡口称号的，给予十万元奖励。

第九条 渡口经营者首次评定为星级企业的，县级交通运输部门应当公布名单。

第十条 渡口经营者变更的，应当自变更之日起十五日内办理登记。

第十一条 渡工应当持有船员证书，身体健康，熟悉水性。

第十二条 本办法自2022年5月1日起施行。
"""


@pytest.fixture(scope="module")
def rewards(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    yield from indexed({"奖励.txt": REWARDS}, tmp_path_factory, embedding)


@pytest.mark.parametrize("much", ["多少钱", "几万元", "几万块"])
def test_the_sum_of_a_neighbour_is_no_answer(rewards: Searcher, much: str) -> None:
    told = ask(rewards, f"首次获得省级平安渡口称号的渡口经营者奖励{much}？", today=TODAY)
    assert not told.refused
    assert "十万元" in told.text
    untold = ask(rewards, f"首次评定为星级企业的渡口经营者奖励{much}？", today=TODAY)
    assert untold.refused
    assert untold.reason == "not_covered"
    assert untold.text.startswith(("库内文件没有载明所问的数。", "库内文件提到了相近内容，但没有载明所问的金额。"))
    assert untold.citations


def test_the_judge_tells_a_penalty_from_that_of_something_else(rewards: Searcher) -> None:
    assert judge.weigh(found(rewards, "未经检验擅自开展渡运业务会受到什么处罚？")) is None
    refusal = judge.weigh(found(rewards, "擅自变更渡口经营者会受到什么处罚？"))
    assert isinstance(refusal, Refusal)
    assert refusal.says == "库内文件提到了相近内容，但没有载明所问的处罚或后果"


def test_a_question_in_other_words_than_the_document_s_is_left_alone(rewards: Searcher) -> None:
    case = found(rewards, "摆渡师傅没有本本会挨什么罚？")
    assert not judged(case) or Signs(case).own_words < judge.OWN_WORDS
    assert judge.weigh(case) is None


def test_an_aspect_goes_before_what_something_is() -> None:
    assert [asked_for(understand(question)) for question in ("渡船怎么停靠？", "谁修的渡口？")] == [None, None]
    names = [
        aspect.name
        for question in ("设置渡口的条件是什么？", "渡口是什么？", "渡工的职责是什么？")
        if (aspect := asked_for(understand(question)))
    ]
    assert names == ["conditions", "meaning", "duties"]


def test_aspects_that_no_refusal_names_are_signs_only() -> None:
    assert [aspect.name for aspect in ASPECTS if not aspect.says] == ["charge", "how", "list", "may"]


def test_no_other_thing_is_looked_at_without_a_re_ranker(ferry: Searcher) -> None:
    plain = Searcher(ferry.snapshot, model=None)
    assert not judged(found(plain, "渡船超载会受到什么处罚？"))


DOUBT = "文件中没有找到直接写明条件或要求的条文，以下是最接近的内容，请核对原文。"


@pytest.fixture(scope="module")
def wordy(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    article = "第十条 申请材料应当真实，处罚决定应当公开，检查的标准、程序和期限由市交通运输部门公布。\n\n第十一条"
    yield from indexed({"渡口.txt": FERRY.replace("第十条", article)}, tmp_path_factory, embedding)


def test_an_answer_that_is_near_only_says_so_first(ferry: Searcher, wordy: Searcher) -> None:
    told = ask(ferry, "设置渡口的条件有哪些？", today=TODAY)
    assert "有救生、消防设备" in told.text
    assert told.notes == ()
    near = ask(wordy, "迁移渡口的条件有哪些？", today=TODAY)
    assert not near.refused
    assert near.notes[0] == DOUBT
    assert near.confidence <= 0.3 < told.confidence
    assert "以下是最接近的内容" not in near.text
    assert in_english(DOUBT).startswith("No provision was found that tells 条件或要求 directly; ")


def test_what_is_written_by_a_model_is_doubted_as_well(ferry: Searcher) -> None:
    case = found(ferry, "设置渡口的条件有哪些？")
    doubted = replace(case.found, doubt=DOUBT)
    writer = Writer(case.library, case.question, TODAY)
    draft = writer.finished(["一句。"], doubted)
    assert draft.notes[0] == DOUBT
    assert draft.confidence <= 0.3
    assert Writer(case.library, case.question, TODAY).finished(["一句。"], case.found).notes == ()


def test_forms_of_question_are_told_apart(ferry: Searcher) -> None:
    asked = {
        "撤销渡口的条件是什么？": "aspect",
        "渡船超载的，会受到什么处罚？": "aspects",
        "迁移渡口应当如何公告？": "open",
        "渡口经营者应当公告哪些事项？": "list",
        "设置渡口的条件有哪些？": "items",
        "什么是渡口？": None,
    }
    forms = {question: judge.form_of(found(ferry, question)) for question in asked}
    assert {question: form and form.name for question, form in forms.items()} == asked
    for form in filter(None, forms.values()):
        assert 0 <= form.otherwise[0] <= form.otherwise[1] <= form.below[1] < 0.5
        assert form.below[0] < form.below[1]
