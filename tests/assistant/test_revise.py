from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.approved import Approved
from assistant.draft import Part, ReplyDraft, as_text, draft
from assistant.revise import MOST, doubts, gaps, revise, text_of
from errors import UsageError
from index.search import Searcher

QUESTION = "新建万吨级冷库的企业能拿到多少补助？"


@pytest.fixture(scope="module")
def reply(small: Searcher) -> ReplyDraft:
    return draft(small, QUESTION)


def kinds(made: ReplyDraft) -> list[str]:
    return [part.kind for part in made.parts]


def test_an_unchanged_text_is_the_same_reply(reply: ReplyDraft, small: Searcher) -> None:
    again = revise(reply, text_of(reply))
    assert again == reply
    assert doubts(again, reply, small.snapshot) == ()
    assert gaps(reply) == text_of(reply).count("【待核实")
    assert gaps(reply) >= 2


def test_a_gap_that_is_filled_is_closed_and_the_signature_stays_where_it_is(reply: ReplyDraft, small: Searcher) -> None:
    text = text_of(reply).replace("【待核实：署名】", "海河市商务局").replace("【待核实：日期】", "2026年11月21日")
    made = revise(reply, text)
    assert gaps(made) == gaps(reply) - 2
    assert kinds(made) == kinds(reply)
    assert made.parts[-2:] == (Part(kind="sign", text="海河市商务局"), Part(kind="sign", text="2026年11月21日"))
    assert doubts(made, reply, small.snapshot) == ()
    assert as_text(made).rstrip().endswith("海河市商务局\n\n2026年11月21日")


def test_a_number_that_is_changed_by_hand_is_found(reply: ReplyDraft, small: Searcher) -> None:
    made = revise(reply, text_of(reply).replace("300万元", "800万元"))
    (doubt,) = doubts(made, reply, small.snapshot)
    assert "800" in doubt
    assert kinds(made) == kinds(reply)


def test_sentences_put_in_without_a_source_are_found_and_kept(reply: ReplyDraft, small: Searcher) -> None:
    at = next(i for i, part in enumerate(reply.parts) if part.kind == "point")
    lines = [part.text for part in reply.parts]
    made = revise(
        reply, "\n".join([*lines[: at + 1], "另可申请贴息500万元。", "【待核实：申报时间】", *lines[at + 1 :]])
    )
    assert [part.kind for part in made.parts[at : at + 3]] == ["point", "remark", "gap"]
    assert doubts(made, reply, small.snapshot) == ("“另可申请贴息500万元。”：没有引用",)
    assert gaps(made) == gaps(reply) + 1


def test_points_are_numbered_anew_and_unused_citations_are_left_out(reply: ReplyDraft) -> None:
    point = next(part for part in reply.parts if part.kind == "point")
    made = revise(reply, f"关于政策咨询的答复\n{point.text}\n{point.text.partition('．')[2]}\n9、{point.text}")
    assert [part.text[:2] for part in made.parts if part.kind == "point"] == ["1．", "2．", "3．"]
    assert made.citations == point.citations
    without = revise(reply, "关于政策咨询的答复\n\n谢谢。")
    assert without.citations == ()


@pytest.mark.parametrize("text", ["", " \n\n ", "见[99]。", "字" * (MOST + 1)])
def test_what_is_no_reply(reply: ReplyDraft, text: str) -> None:
    with pytest.raises(UsageError):
        revise(reply, text)


@given(text=st.text(st.characters(exclude_characters="[]"), min_size=1).filter(lambda text: bool(text.split())))
def test_whatever_is_typed_every_paragraph_is_kept(reply: ReplyDraft, text: str) -> None:
    made = revise(reply, text)
    assert [" ".join(part.text.split()) for part in made.parts] == [
        " ".join(line.split()) for line in text.splitlines() if line.strip()
    ]
    assert made.citations == ()


def test_an_edited_reply_that_lost_its_proof_is_not_given_as_approved(
    reply: ReplyDraft, small: Searcher, tmp_path: Path
) -> None:
    approved = Approved(tmp_path / "approved.sqlite")
    good = approved.save(revise(reply, text_of(reply).replace("您好！", "尊敬的来信人：您好！")), small.snapshot, "李")
    assert approved.standing(good, small.snapshot).problems == ()
    bad = approved.save(revise(reply, text_of(reply).replace("300万元", "800万元")), small.snapshot, "李")
    assert any("800" in problem for problem in approved.standing(bad, small.snapshot).problems)
