"""When a document holds, and the day that a question asks about."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.answer import ask
from assistant.validity import parse_day, set_day
from index.search import Searcher


@pytest.mark.parametrize(
    ("question", "day", "rest"),
    [
        ("截至2024年，冷链办法还有效吗？", date(2024, 12, 31), "冷链办法还有效吗？"),
        ("截至2024年2月，奖励多少？", date(2024, 2, 29), "奖励多少？"),
        ("截止到2024年6月30日，奖励多少？", date(2024, 6, 30), "奖励多少？"),
        ("截至2024年有几家冷库？", date(2024, 12, 31), "截至2024年有几家冷库？"),
        ("What was the target as of 2023?", date(2023, 12, 31), "What was the target ?"),
        ("2024年的目标是多少？", None, "2024年的目标是多少？"),
        ("截至2024年13月，奖励多少？", None, "截至2024年13月，奖励多少？"),
    ],
)
def test_the_day_of_a_question(question: str, day: date | None, rest: str) -> None:
    assert set_day(question) == (day, rest)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024", date(2024, 12, 31)),
        ("2023-12", date(2023, 12, 31)),
        ("2024-06-30", date(2024, 6, 30)),
        ("2024-02-30", None),
        ("明天", None),
    ],
)
def test_a_day_is_parsed(text: str, day: date | None) -> None:
    assert parse_day(text) == day


def test_what_a_document_prints_of_itself(small: Searcher) -> None:
    found = {
        entry.file: (entry.issue_date, entry.effective_date, entry.valid_until) for entry in small.snapshot.entries
    }
    assert found["海河市冷链办法.txt"] == (None, "2024-03-01", "2026-12-31")
    assert found["海河市冷链规划.md"] == (None, None, None)
    assert found["河东区冷链问答.md"] == ("2024-05-06", None, None)


TITLE = "《海河市冷链物流扶持办法》"


@pytest.mark.parametrize(
    ("today", "notes"),
    [
        (date(2024, 2, 1), (f"{TITLE}自2024-03-01起施行，2024-02-01时尚未施行。",)),
        (date(2025, 2, 1), ()),
        (date(2027, 2, 1), (f"{TITLE}的有效期到2026-12-31为止，已经过期：请核实是否有新的规定。",)),
    ],
)
def test_answers_say_whether_the_document_is_in_force(small: Searcher, today: date, notes: tuple[str, ...]) -> None:
    assert ask(small, "新建万吨级冷库最高补助多少钱？", today=today).notes == notes


def test_the_day_in_the_question_goes_before_today(small: Searcher) -> None:
    question = "截至2023年，新建万吨级冷库最高补助多少钱？"
    answer = ask(small, question, today=date(2025, 1, 1))
    assert "300万元" in answer.text
    assert answer.notes == (f"{TITLE}自2024-03-01起施行，2023-12-31时尚未施行。",)


def test_a_talk_says_who_speaks(small: Searcher) -> None:
    answer = ask(small, "王磊说今年安排多少专项资金？", today=date(2025, 1, 1))
    assert answer.notes == ("《河东区冷链物流政策问答实录》是对政策的说明（王磊所答），不是政策原文。",)
