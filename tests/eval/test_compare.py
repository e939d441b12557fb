from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval import compare
from tests.eval.cases import SHARED

SCORER = SHARED / "checks" / "score_answers.py"
TEXT = st.text(alphabet="一二三四、（）。！ab12 %*\n[]１〔〕：", max_size=40)


def test_fold_is_blind_to_layout_and_width():
    assert compare.fold("Ｘ R　**１５ 个**\n") == "xr15个"


def test_loose_drops_marks_and_punctuation():
    assert compare.loose("给予 30%、100万元[1]。〔2〕") == "给予30%100万元"


@pytest.mark.parametrize(
    ("path", "other", "expected"),
    [
        ("二、（一）", "二.(一)", True),
        ("二、（一）1.", "二、（一）", True),
        ("二、（一）", "二、（一）1.", False),
        ("二、（一）10.", "二、（一）1.", False),
        ("二十、", "二、", False),
    ],
)
def test_under_compares_whole_steps(path, other, expected):
    assert compare.under(path, other) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("给予100万元", "给予100万元", True),
        ("甲乙", "甲乙", True),
        ("甲乙", "甲乙丙丁戊己庚", False),
        ("甲乙丙丁戊己", "甲乙丙丁戊己庚", True),
        ("甲乙丙丁戊己一二三四五六", "甲乙丙丁戊己七八九十百千", True),
        ("甲乙丙丁戊一二三四五六", "甲乙丙丁戊七八九十百千", False),
    ],
    ids=["equal", "equal and short", "inside but short", "inside", "half of it", "five characters"],
)
def test_same_words(one, other, expected):
    assert compare.same_words(one, other) is expected


def test_sentences_keep_their_marks_and_lead_ins_are_none():
    answer = "支持以下三个重点方向：\n一是给予最高100万元奖励。[1][2] 二是租金减免百分之五十[3]！好的。"
    assert compare.sentences(answer) == ["一是给予最高100万元奖励[1][2]。", "二是租金减免百分之五十[3]！"]


@pytest.fixture(scope="module")
def scorer() -> ModuleType:
    if not SCORER.exists():
        pytest.skip("the shared scorer is not beside this checkout")
    spec = importlib.util.spec_from_file_location("score_answers", SCORER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@given(one=TEXT, other=TEXT)
def test_both_scorers_compare_alike(scorer, one, other):
    assert compare.fold(one) == scorer.fold(one)
    assert compare.loose(one) == scorer.loose(one)
    assert compare.under(one, other) == scorer.under(one, other)
    assert compare.sentences(one) == scorer.sentences(one)
    a, b = compare.fold(one), compare.fold(other)
    if a and b:
        gold = {"file": "000", "section": "", "quote": other}
        assert compare.same_words(a, b) == scorer.supports({"file": "000", "quote": one}, gold)
