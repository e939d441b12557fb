"""Folding, sentences, clauses and grams."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant.text import clauses, fold, grams, han_share, sentences, tidy

MIXED = st.text(alphabet="海河市支持冷链，。；！？（）“”\n a1%*", max_size=60)


def test_sentences_end_with_their_closing_marks() -> None:
    text = "一是“快”。二是稳！（三）好；\n四"
    assert [text[start:end] for start, end in sentences(text)] == ["一是“快”。", "二是稳！", "（三）好；", "四"]


def test_clauses_hold_brackets_together() -> None:
    text = "支持甲（含乙；丙）；支持丁"
    assert [text[start:end] for start, end in clauses(text)] == ["支持甲（含乙；丙）；", "支持丁"]


def test_tidy_takes_out_wraps_and_bold() -> None:
    assert tidy("**到 2030\n年**，推动 AI 普惠\x00化") == "到2030年，推动AI普惠化"


def test_grams_are_pairs_words_and_numbers() -> None:
    assert grams("6G技术，5个") == ["6g", "技术", "5", "个"]


def test_han_share_counts_letters_only() -> None:
    assert han_share("12 3") == 1.0
    assert han_share("ab冷链") == 0.5


@given(MIXED)
def test_sentences_and_clauses_lose_no_visible_character(text: str) -> None:
    assert fold("".join(text[start:end] for start, end in sentences(text))) == fold(text)
    assert "".join(text[start:end] for start, end in clauses(text)) == text
