from __future__ import annotations

import pytest

from assistant.answer import Answer
from eval import metrics
from eval.metrics import NONE, Case, Share
from eval.questions import Question
from tests.eval.cases import answer, cite, question, sources

AWARD = "对初创企业给予最高100万元奖励。"
TWO = question(
    answer_keys=[["100万元"], ["50%", "一半"]],
    gold=[
        {"file": "100", "section": "一、", "quote": "最高100万元奖励"},
        {"file": "100", "section": "二、（一）", "section_number": "二、", "quote": "租金减免50%，期限三年"},
        {"file": "100", "section": "二、（二）", "quote": "提供场地1.5万平方米", "role": "support"},
    ],
)
UNANSWERABLE = question(answerable=False, gold=[])
REFUSAL = answer("文件没有规定。", refused=True)


def case(answer: Answer, question: Question = TWO) -> Case:
    return Case(question, answer, sources())


FULL = answer(
    "奖励最高100万元[1]。租金减免一半[2]。设立基金规模20亿元[3]。",
    cite(AWARD),
    cite("租金减免50%，期限三年。", section="二、（一）", n=2),
    cite("设立规模20亿元的基金。", file="200_other.txt", n=3),
)
HALF = answer("奖励最高100万元[1]。另有租金优惠。", cite(AWARD))


@pytest.mark.parametrize(
    ("metric", "given", "expected"),
    [
        (metrics.keys_all, FULL, Share(1, 1)),
        (metrics.keys_all, HALF, Share(0, 1)),
        (metrics.keys_share, HALF, Share(1 / 2, 1)),
        (metrics.keys_share, REFUSAL, Share(0, 1)),
        (metrics.cite_first, FULL, Share(1, 1)),
        (metrics.cite_first, REFUSAL, Share(0, 1)),
        (metrics.cite_recall, FULL, Share(2 / 2, 1)),  # the support passage need not be cited
        (metrics.cite_recall, HALF, Share(1 / 2, 1)),
        (metrics.cite_precision, FULL, Share(2 / 3, 1)),
        (metrics.cite_precision, REFUSAL, Share(0, 1)),
        (metrics.section_recall, HALF, Share(1 / 2, 1)),
        (metrics.section_precision, FULL, Share(2 / 3, 1)),
        (metrics.right, FULL, Share(1, 1)),
        (metrics.right, HALF, Share(0, 1)),
        (metrics.right, REFUSAL, Share(0, 1)),
        (metrics.right_concise, FULL, Share(1, 1)),
        (metrics.verbatim, FULL, Share(3, 3)),
        (metrics.offsets, FULL, Share(3, 3)),
        (metrics.whole, FULL, Share(3, 3)),
        (metrics.section_exact, FULL, Share(2, 2)),
        (metrics.section_number, FULL, Share(2, 2)),
        (metrics.uncited, FULL, Share(0, 2)),  # 租金减免一半 has fewer than eight characters
        (metrics.uncited, HALF, Share(0, 1)),
        (metrics.uncited, answer("奖励最高100万元[1]。另有关于租金的优惠。", cite(AWARD)), Share(1, 2)),
        (metrics.uncited, REFUSAL, NONE),
        (metrics.refuse_recall, REFUSAL, NONE),
        (metrics.refuse_wrong, REFUSAL, Share(1, 1)),
        (metrics.refuse_wrong, FULL, Share(0, 1)),
        (metrics.refuse_precision, REFUSAL, Share(0, 1)),
        (metrics.refuse_precision, FULL, NONE),
    ],
)
def test_answerable(metric, given, expected):
    assert metric(case(given)) == expected


@pytest.mark.parametrize(
    ("metric", "refused", "answered"),
    [
        (metrics.right, Share(1, 1), Share(0, 1)),
        (metrics.right_concise, Share(1, 1), Share(0, 1)),
        (metrics.refuse_recall, Share(1, 1), Share(0, 1)),
        (metrics.refuse_precision, Share(1, 1), NONE),
        (metrics.refuse_wrong, NONE, NONE),
        (metrics.keys_all, NONE, NONE),
        (metrics.cite_recall, NONE, NONE),
        (metrics.section_exact, NONE, NONE),
        (metrics.uncited, NONE, NONE),
        (metrics.verbatim, Share(0, 0), Share(3, 3)),
    ],
)
def test_unanswerable(metric, refused, answered):
    assert metric(case(REFUSAL, UNANSWERABLE)) == refused
    assert metric(case(FULL, UNANSWERABLE)) == answered


def test_right_needs_a_citation_that_supports():
    unsupported = answer("最高100万元[1]。", cite("设立规模20亿元的基金。", file="200_other.txt"))
    assert metrics.right(case(unsupported, question())) == Share(0, 1)


@pytest.mark.parametrize("rule", ["20亿", "^奖励", "re:设立.*基金"])
def test_right_has_nothing_forbidden(rule):
    assert metrics.right(case(FULL, question())) == Share(1, 1)
    assert metrics.right(case(FULL, question(must_not=[rule]))) == Share(0, 1)


def test_concise_means_that_half_of_the_citations_support():
    other = cite("设立规模20亿元的基金。", file="200_other.txt")
    assert metrics.right_concise(case(answer("100万元[1][2]。", other, cite(AWARD)), question())) == Share(1, 1)
    long_winded = case(answer("100万元[1][2][3][4][5]。", cite(AWARD), cite(AWARD), other, other, other), question())
    assert metrics.right(long_winded) == Share(1, 1)
    assert metrics.right_concise(long_winded) == Share(0, 1)
    assert metrics.failure(long_winded, True) == "long_winded"


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("15个", "共15个[1]", 1),
        ("15个", "共 1 5 个", 1),
        ("15个", "第[3]15个", 1),
        ("15个", "共115个", 0),
        ("15个", "共1.15个", 0),
        ("15", "共150个", 0),
        ("15", "共15.5个", 0),
        ("15", "共15。", 1),
        ("1000万", "共1,000万元", 1),
        ("到2030年", "2025到2030年", 1),
    ],
)
def test_numbers_are_exact(key, text, expected):
    assert metrics.numbers_exact(case(answer(text), question(answer_keys=[[key]]))) == Share(expected, 1)


def test_numbers_apply_to_keys_with_digits_only():
    assert metrics.numbers_exact(case(FULL, question(answer_keys=[["租金"]]))) == NONE
    assert metrics.numbers_exact(case(answer("第2025年"), question(answer_keys=[["025"]]))) == Share(0, 1)


@pytest.mark.parametrize(
    ("metric", "given", "expected"),
    [
        (metrics.verbatim, cite("对初创企业给予最高200万元奖励。"), 0),
        (metrics.verbatim, cite(AWARD, file="200_other.txt"), 0),
        (metrics.verbatim, cite(AWARD, file="nowhere.txt"), 0),
        (metrics.verbatim, cite(" 对初创企业\n给予最高100万元奖励。"), 1),
        (metrics.offsets, cite(AWARD, shift=1), 0),
        (metrics.offsets, cite(""), 0),
        (metrics.whole, cite("初创企业给予最高100万元奖励。"), 0),
        (metrics.whole, cite("对初创企业给予最高100万元奖励。奖"), 0),
        (metrics.whole, cite("对初创企业给予最高100万元奖励"), 1),
    ],
)
def test_quotes(metric, given, expected):
    assert metric(case(answer("", given))) == Share(expected, 1)


def test_a_wrong_label_is_seen_on_a_citation_that_supports():
    wrong = case(answer("100万元[1]。", cite(AWARD, section="二、（一）")), question())
    assert (metrics.cite_recall(wrong), metrics.section_exact(wrong)) == (Share(1, 1), Share(0, 1))
    assert (metrics.section_recall(wrong), metrics.section_precision(wrong)) == (Share(0, 1), Share(0, 1))


def test_section_number_is_the_nearest_printed_one():
    above = cite("租金减免50%，期限三年。", section="二、（二）")
    assert metrics.section_number(case(answer("", above))) == Share(1, 1)
    assert metrics.section_exact(case(answer("", above))) == Share(0, 1)


def test_another_rendering_supports_too_and_another_document_does_not():
    gold = question().gold[0]
    assert metrics.supports(cite(AWARD, file="101_notice.txt"), gold, sources())
    assert not metrics.supports(cite(AWARD, file="200_other.txt"), gold, sources())


def test_a_gold_section_without_a_quote_is_shown_by_any_of_its_sentences():
    gold = question(gold=[{"file": "100", "section": "二、"}]).gold[0]
    assert metrics.supports(cite("期限三年", section="二、（一）"), gold, sources())
    assert not metrics.supports(cite("奖励每年申报一次", section="一、"), gold, sources())


@pytest.mark.parametrize(
    ("given", "asked", "retrieved", "expected"),
    [
        (FULL, TWO, True, None),
        (FULL, UNANSWERABLE, False, "answered"),
        (REFUSAL, UNANSWERABLE, False, None),
        (REFUSAL, TWO, True, "refused"),
        (REFUSAL, TWO, False, "refused_not_retrieved"),
        (answer("没有引用"), TWO, True, "cited_elsewhere"),
        (answer("没有引用"), TWO, False, "not_retrieved"),
        (HALF, TWO, True, "key_missing"),
        (FULL, question(must_not=["20亿"]), True, "forbidden"),
    ],
)
def test_failure_names_the_first_reason(given, asked, retrieved, expected):
    assert metrics.failure(case(given, asked), retrieved) == expected
    assert expected is None or expected in metrics.FAILURES


def test_every_metric_says_what_it_is():
    assert all(metric.__doc__ for metric in metrics.METRICS.values())
