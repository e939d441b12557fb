from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.approved import STATES, Approved, State
from assistant.draft import draft
from assistant.followup import Turn
from assistant.same import key
from errors import UsageError
from index.search import Searcher
from tests.assistant.approved.conftest import OTHER, QUESTION, SAME, approve


def test_a_draft_is_kept_whole_with_who_did_what_when(kept: Approved, small: Searcher) -> None:
    reply = draft(small, QUESTION)
    id = kept.save(reply, small.snapshot, " 甲 ").id
    kept.advance(id, "reviewed", "乙")
    kept.advance(id, "approved", "丙")
    again = Approved(kept.path).get(id)
    assert again.reply == reply
    assert again.lines == (
        "《海河市冷链物流扶持办法》第二章第三条：第三条对新建万吨级冷库的企业，给予不超过300万元的一次性补助[1]。",
    )
    assert [(step.state, step.by) for step in again.steps] == [("draft", "甲"), ("reviewed", "乙"), ("approved", "丙")]
    assert all(datetime.fromisoformat(step.at).utcoffset() is not None for step in again.steps)
    assert (kept.path.stat().st_mode & 0o777) == 0o600
    assert kept.standing(again, small.snapshot).problems == ()


@pytest.mark.parametrize("start", STATES)
@pytest.mark.parametrize("to", STATES)
def test_only_the_steps_of_the_table_are_possible(kept: Approved, small: Searcher, start: State, to: State) -> None:
    allowed = {("draft", "reviewed"), ("reviewed", "approved")}
    allowed |= {(state, "withdrawn") for state in ("draft", "reviewed", "approved")}
    id = kept.save(draft(small, QUESTION), small.snapshot, "甲").id
    road: dict[State, tuple[State, ...]] = {"reviewed": ("reviewed",), "approved": ("reviewed", "approved")}
    for state in road.get(start, ("withdrawn",) if start == "withdrawn" else ()):
        kept.advance(id, state, "乙")
    before = kept.get(id)
    if (start, to) in allowed:
        assert kept.advance(id, to, "丙").state == to
    else:
        with pytest.raises(UsageError, match=f"第 {id} 号答复现为"):
            kept.advance(id, to, "丙")
        assert kept.get(id) == before


def test_two_persons(tmp_path: Path, small: Searcher) -> None:
    kept = Approved(tmp_path / "approved.sqlite", two_persons=True)
    id = kept.save(draft(small, QUESTION), small.snapshot, "甲").id
    kept.advance(id, "reviewed", "乙")
    with pytest.raises(UsageError, match="另一人"):
        kept.advance(id, "approved", "乙")
    assert kept.advance(id, "approved", "甲").state == "approved"


@pytest.mark.parametrize("name", ["", "  ", "\n", "甲" * 81, "a\x1b[31m"])
def test_a_name_that_is_none_is_refused(kept: Approved, small: Searcher, name: str) -> None:
    with pytest.raises(UsageError, match="姓名"):
        kept.save(draft(small, QUESTION), small.snapshot, name)
    assert not kept.path.exists()


def test_listing_by_state_and_words(kept: Approved, small: Searcher) -> None:
    assert kept.listing() == ()
    first, second = approve(kept, small), approve(kept, small, "冷链示范企业奖励多少？")
    third = kept.save(draft(small, "北京市对量子企业有什么补贴？"), small.snapshot, "甲").id
    assert [one.id for one in kept.listing()] == [third, second, first]
    assert [one.id for one in kept.listing("approved")] == [second, first]
    assert [one.id for one in kept.listing("draft")] == [third]
    assert [one.id for one in kept.listing(search="示范 50万元")] == [second]
    assert kept.listing("withdrawn") == ()


def test_the_same_question_is_found_and_no_other(kept: Approved, small: Searcher) -> None:
    id = approve(kept, small)
    for question in SAME:
        found = kept.find(question)
        assert found is not None, question
        assert found.id == id
    assert [question for question in OTHER if kept.find(question)] == []


def test_only_what_is_approved_is_found_and_the_newest_of_it(kept: Approved, small: Searcher) -> None:
    assert kept.find(QUESTION) is None
    first, second = approve(kept, small), approve(kept, small)
    newest = kept.save(draft(small, QUESTION), small.snapshot, "甲").id
    kept.advance(newest, "reviewed", "乙")
    assert [one.id for one in kept.listing("approved")] == [second, first]
    assert getattr(kept.find(QUESTION), "id", None) == second
    kept.advance(second, "withdrawn", "丁")
    assert getattr(kept.find(QUESTION), "id", None) == first
    kept.advance(first, "withdrawn", "丁")
    assert kept.find(QUESTION) is None


def test_a_follow_up_is_found_as_the_question_that_it_means(kept: Approved, small: Searcher) -> None:
    talk = (Turn(role="user", content="海河市冷库总容量2023年达到多少？"), Turn(role="assistant", content="120万吨。"))
    reply = draft(small, "冷藏车呢？", talk)
    assert reply.understood != "冷藏车呢？"
    id = kept.save(reply, small.snapshot, "甲").id
    kept.advance(id, "reviewed", "乙")
    kept.advance(id, "approved", "丙")
    assert getattr(kept.find(reply.understood), "id", None) == id
    assert kept.find("冷藏车呢？") is None


def test_a_refusal_is_never_found(kept: Approved, small: Searcher) -> None:
    approve(kept, small, "北京市对量子企业有什么补贴？")
    assert kept.find("北京市对量子企业有什么补贴？") is None


@given(st.text("新建冷库企业补助多少2023.5-万元不的〔〕，？ ", min_size=1, max_size=30), st.data())
def test_a_key_never_forgives_a_digit_or_a_character(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    for other in ("7", "浦", "未"):
        if text[at].isdigit() or text[at] in "新建冷库企业补助多少万元不":
            assert key(text) != key(text[:at] + other + text[at + 1 :])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("上海有哪些未来产业？", "上海未来产业包括哪些", False),  # the order of words is content
        ("未来产业有哪些？", "未来产业包括什么", True),
        ("未来产业有哪些？", "未来产业是什么？", False),
        ("补贴什么时候发？", "补贴有哪些时候发？", False),
        ("请假的规定是多少天", "假的规定是多少天", False),
        ("企业有哪些好处", "企业没有哪些好处", False),
        ("How much is the award?", "how much is the AWARD", True),
        ("How much is the award?", "How much was the award?", False),
    ],
)
def test_what_counts_as_the_same(one: str, other: str, same: bool) -> None:
    assert (key(one) == key(other)) == same


def test_keys_tell_numbers_apart() -> None:
    assert (
        len({key(text) for text in ("1.5万", "15万", "1-5万", "1,5万", "15%", "15", "1 5万", "C++", "C", ">5", "<5")})
        == 10
    )
