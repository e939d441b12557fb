from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.training.pairs import GROUPS, PairSet
from index.training.questions import rule_questions

POLICY = next(group for group in GROUPS if group.name == "policy")
NEWS = next(group for group in GROUPS if group.name == "news title")
ALPHABET = "对给予企业补贴由负责的，。；（一）不得 \n应当提交"


def asked(passage: str, heading: str = "标题", group: object = POLICY, seeds: int = 60) -> set[str]:
    """Every question that some seed makes of a passage."""
    assert group in (POLICY, NEWS)
    found: set[str] = set()
    for seed in range(seeds):
        texts = [heading, passage]
        made = rule_questions(texts, [PairSet(POLICY if group is POLICY else NEWS, [0], [1])], seed)
        assert set(made.positives) <= {1}
        found.update(texts[anchor] for anchor in made.anchors)
    return found


@pytest.mark.parametrize(
    ("passage", "questions"),
    [
        (
            "对新认定的高新技术企业，给予最高20万元的一次性奖励。",
            {
                "新认定的高新技术企业有什么奖励",
                "新认定的高新技术企业能拿到多少奖励",
                "新认定的高新技术企业可以申请什么奖励",
                "新认定的高新技术企业有奖励吗",
                "我们是新认定的高新技术企业，能给多少钱",
            },
        ),
        (
            "由市科委牵头组织项目的申报和评审。",
            {
                "组织项目的申报和评审由谁负责",
                "组织项目的申报和评审归哪个部门管",
                "组织项目的申报和评审找谁",
                "哪个部门负责组织项目的申报和评审",
            },
        ),
        (
            "申请人才公寓的个人应当符合下列条件：在本区工作。",
            {
                "申请人才公寓的个人要什么条件",
                "申请人才公寓的个人需要满足哪些条件",
                "怎样才能申请人才公寓的个人",
                "申请人才公寓的个人有什么门槛",
            },
        ),
        (
            "自受理之日起十五个工作日内，作出是否批准的书面决定。",
            set(),  # 是否: what is left would be two questions in one
        ),
        ("本办法自公布之日起施行。", set()),
    ],
)
def test_a_clause_becomes_the_question_that_it_answers(passage: str, questions: set[str]) -> None:
    assert asked(passage) == questions


def test_a_heading_below_a_title_is_asked_for_without_the_title() -> None:
    found = asked("具体办法另行制定。", "某市促进创新若干措施 (三)建设产业园区")
    assert "建设产业园区有哪些政策" in found
    assert not any("某市" in question or "三" in question for question in found)
    assert asked("具体办法另行制定。", "促进创新的若干措施") == set()


def test_a_passage_is_asked_for_twice_at_most_each_time_by_another_clause() -> None:
    passage = "不得占用消防通道。支持建设充电设施。由街道办负责日常巡查。"
    seen = set()
    for seed in range(40):
        texts = [passage]
        made = rule_questions(texts, [PairSet(POLICY, [0], [0])], seed)
        asked_for = {
            subject for subject in ("占用消防通道", "建设充电设施", "日常巡查") for text in texts[1:] if subject in text
        }
        assert len(made.anchors) == len(asked_for) == 2
        seen |= asked_for
    assert len(seen) == 3


def test_news_are_not_asked_for() -> None:
    assert asked("对新认定的高新技术企业给予奖励。", group=NEWS) == set()


def test_a_subject_that_tells_no_passage_from_another_is_asked_for_three_times_at_most() -> None:
    texts = [f"第{number}项，违反规定情节严重的，处以罚款。" for number in range(50)]
    made = rule_questions(texts, [PairSet(POLICY, list(range(50)), list(range(50)))], 1)
    assert len(made.anchors) == 3
    again = [f"第{number}项，违反规定情节严重的，处以罚款。" for number in range(50)]
    assert rule_questions(again, [PairSet(POLICY, list(range(50)), list(range(50)))], 1) == made
    assert again == texts


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet=ALPHABET, max_size=80), min_size=1, max_size=8))
def test_any_text_gives_questions_of_its_own_words(passages: list[str]) -> None:
    texts = list(passages)
    group = PairSet(POLICY, list(range(len(texts))), list(range(len(texts))))
    made = rule_questions(texts, [group], 1)
    assert texts[: len(passages)] == passages
    assert all(count <= 2 for count in map(made.positives.count, set(made.positives)))
    assert all(0 <= place < len(passages) for place in made.positives)
    assert all(4 <= len(texts[anchor]) <= 60 for anchor in made.anchors)
