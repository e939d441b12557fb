"""Texts cut into pieces here are cut as `tokenizers` cuts them."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from index.embedding import MODEL_DIR, StaticEmbedding
from index.pieces import Pieces

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = (MODEL_DIR / "tokenizer.json").read_bytes()
SAID = (
    "未来产业",
    "行动方案",
    "人工智能",
    "的",
    "和",
    "劳动合同",
    "Ａ",
    "①",
    "㈱",
    "ﬁ",
    "ß",
    "İ",
    "㎡",
    "e\u0301",
    "〇",
    " ",
    "，",
)


@cache
def both() -> tuple[Pieces, Tokenizer]:
    return Pieces(DATA), Tokenizer.from_buffer(DATA)


TEXTS = st.lists(
    st.one_of(
        st.sampled_from(SAID),
        st.text(st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF), min_size=1, max_size=6),
        st.text("abcdefghijklmnopqrstuvwxyz0123456789ABC", min_size=1, max_size=12),
        st.text(st.characters(codec="utf-8"), max_size=3),
    ),
    max_size=10,
).map("".join)


@cache
def shipped() -> StaticEmbedding:
    """The shipped model, once it has cut so much that the tokenizer does it."""
    embedding = StaticEmbedding(MODEL_DIR)
    embedding.pieces_of([f"{chr(at)}未来产业{chr(at + 1)}" for at in range(0x4E00, 0x8E00)])
    embedding._remembered.cache_clear()
    return embedding


@settings(max_examples=400, deadline=None)
@given(st.lists(TEXTS, max_size=4))
def test_many_texts_are_cut_run_by_run_as_tokenizers_cuts_them(texts: list[str]) -> None:
    expected = [both()[1].encode(text, add_special_tokens=False).ids for text in texts]
    assert [bag.tolist() for bag in shipped().pieces_of(texts)] == expected
    assert [bag.tolist() for bag in shipped().pieces_of(texts)] == expected


def test_a_run_too_long_to_be_remembered_is_cut_as_tokenizers_cuts_it() -> None:
    text = "未来产业行动方案" * 500 + "a" * 100
    assert shipped().pieces_of([text])[0].tolist() == both()[1].encode(text, add_special_tokens=False).ids


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_a_text_is_cut_as_tokenizers_cuts_it(text: str) -> None:
    pieces, tokenizer = both()
    found = pieces.cut(text)
    if found is None:
        assert any(char > "\ua000" or char == "\u32ff" for char in text)
    else:
        assert found == tokenizer.encode(text, add_special_tokens=False).ids


def test_every_character_is_cut_alike_or_left_to_tokenizers() -> None:
    pieces, tokenizer = both()
    texts = [f"企业a{chr(point)}国a1" for point in range(0x10000) if not 0xD800 <= point < 0xE000]
    cut = [(text, found) for text in texts if (found := pieces.cut(text)) is not None]
    expected = tokenizer.encode_batch_fast([text for text, _ in cut], add_special_tokens=False)
    assert [text for (text, found), one in zip(cut, expected, strict=True) if found != one.ids] == []
    assert len(cut) > 41_000
    assert pieces.cut("〇㐀鿿龥的") is not None


def test_another_vocabulary_is_refused() -> None:
    for data in (
        b"",
        DATA[:-1],
        DATA[: len(DATA) // 2],
        DATA.replace(b'"NFKC"', b'"NFC"'),
        DATA.replace(b'"unk_id":0', b'"unk_id":1'),
        DATA.replace("应当".encode(), b"\\u5e94"),
        DATA.replace("应当".encode(), "的".encode()),
        DATA.replace("应当".encode(), b"\xff"),
    ):
        with pytest.raises(ValueError, match=r"vocabulary|piece|decode"):
            Pieces(data)


def test_a_question_is_embedded_without_loading_tokenizers() -> None:
    code = (
        "import sys; from index.embedding import open_embedding; one = open_embedding(); "
        "few = one.encode(['未来产业有哪些支持措施？']); print('tokenizers' in sys.modules); "
        "many = one.encode([f'{chr(at)}未来产业{chr(at + 1)}' for at in range(0x4e00, 0x8e00)]); "
        "print('tokenizers' in sys.modules, abs(one.encode(['未来产业有哪些支持措施？']) - few).max() < 1e-6)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout == "False\nTrue True\n"
