from __future__ import annotations

import marshal
import math
import os
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.words import _RUN, Segmenter, dictionary_total, fold, grams, query_tokens, segmenting

REPOSITORY = Path(__file__).parents[2]


@cache
def own() -> Segmenter:
    return Segmenter()


@cache
def parsed() -> jieba.Tokenizer:
    """jieba with its whole dictionary parsed by its own code."""
    tokenizer = jieba.Tokenizer()
    with (Path(jieba.__file__).parent / "dict.txt").open("rb") as file:
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(file)
    tokenizer.initialized = True
    return tokenizer


def words(text: str) -> list[str]:
    return [word[:64] for word in parsed().cut_for_search(fold(text)) if _RUN.match(word)]


@st.composite
def entries(draw: st.DrawFn) -> str:
    """A word of jieba's dictionary, or the beginning or the end of one."""
    word = draw(st.sampled_from(dictionary()))
    at = draw(st.integers(0, len(word)))
    return draw(st.sampled_from([word, word, word[:at], word[at:]]))


@cache
def dictionary() -> list[str]:
    lines = (Path(jieba.__file__).parent / "dict.txt").read_text(encoding="utf-8").splitlines()
    return [line.partition(" ")[0] for line in lines[::7]]


@settings(max_examples=300)
@given(st.text(st.one_of(st.characters(), st.sampled_from("，；：（）！？\u3000\u3099\u0301Aカが"))))
def test_fold_is_the_compatibility_form_in_small_letters(text: str) -> None:
    assert fold(text) == unicodedata.normalize("NFKC", text).lower()


def test_fold_makes_full_width_plain_and_capitals_small() -> None:
    assert fold("ＡＩ芯片，５Ｇ") == "ai芯片,5g"


def test_grams_are_characters_and_pairs_of_chinese_and_whole_other_runs() -> None:
    assert grams("5.6G 技术，AI芯片") == ["5.6", "g", "技", "术", "技术", "ai", "芯", "片", "芯片"]


@pytest.mark.parametrize("text", ["", "，。 \n", "《》——"], ids=["empty", "marks", "brackets"])
def test_no_word_no_token(text: str) -> None:
    assert query_tokens(text, own()) == []


def test_an_endless_run_is_cut() -> None:
    assert grams("a" * 100_000) == ["a" * 64]
    assert own().words("a" * 100_000) == ["a" * 64]


def test_words_are_those_of_jieba_search_mode() -> None:
    assert own().words("浦东新区科技创新中心") == ["浦东", "新区", "浦东新区", "科技", "创新", "中心"]


def test_a_long_question_goes_without_single_characters() -> None:
    short, long = "节约用水办法" * 33, "节约用水办法" * 34
    assert (len(short), len(long)) == (198, 204)
    assert {len(token) for token in query_tokens(short, own())} >= {1, 2}
    assert min(len(token) for token in query_tokens(long, own())) == 2


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet=st.one_of(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), st.characters()), max_size=60)
)
def test_what_is_parsed_when_it_is_needed_cuts_as_the_whole_dictionary_does(text: str) -> None:
    assert own().words(text) == words(text)


def test_real_text_is_cut_alike() -> None:
    text = (REPOSITORY / "corpus" / "002_shanghai_future_industries.txt").read_text(encoding="utf-8")
    assert own().words(text) == words(text)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(entries(), st.sampled_from(" ，。、：-+%.&#_a１é㐀\uf900\U00020000\ufa6e\r\n"), st.text(max_size=2))
    )
)
def test_words_and_parts_of_words_side_by_side_are_cut_as_jieba_does(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert own().words(text) == words(text)


def test_the_table_is_that_of_the_whole_dictionary() -> None:
    own()._learn(map(chr, {*range(0xD800), *range(0xE000, 0x30000)}))
    shares = {word: math.log(count) - math.log(parsed().total) if count else 0 for word, count in parsed().FREQ.items()}
    assert own()._table == shares
    assert dictionary_total() == parsed().total


@settings(max_examples=100)
@given(st.text(max_size=80))
def test_tokens_hold_no_blank_and_are_short(text: str) -> None:
    for token in query_tokens(text, own()):
        assert token.split() == [token]
        assert len(token) <= 64


def test_two_processes_cut_as_one() -> None:
    texts = [f"第{number}条 公园应当免费向公众开放。" for number in range(200)]
    with segmenting(1) as alone, segmenting(2) as shared:
        assert alone(texts) == shared(texts)


def test_a_planted_cache_in_the_shared_temporary_folder_is_not_read(tmp_path: Path) -> None:
    planted = tmp_path / "jieba.cache"
    planted.write_bytes(marshal.dumps(({"公园应当": 10**9, "公": 0, "公园": 0, "公园应": 0}, 10**9)))
    code = (
        "from index.words import _RUN, Segmenter, dictionary_total\n"
        "for segmenter in Segmenter(), Segmenter(dictionary_total()):\n"
        "    print(segmenter.words('公园应当'))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert done.stdout.splitlines() == ["['公园', '应当']"] * 2
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == [planted]


def test_words_of_the_dictionary_in_a_row_are_cut_as_jieba_does() -> None:
    text = "".join(dictionary())
    assert own().words(text) == words(text)
