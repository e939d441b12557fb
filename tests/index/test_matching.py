"""Matching of all passages at once, against the same worked out letter by letter."""

from __future__ import annotations

from math import log1p

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.embedding import StaticEmbedding, open_embedding
from index.features import NAMES
from index.matching import matches
from index.passage import Passage, prepare

_LETTERS = "公园开放a9。！\n ，"
_TEXTS = st.lists(st.text(_LETTERS, max_size=30), min_size=1, max_size=4)


def embedding() -> StaticEmbedding:
    shipped = open_embedding()
    assert isinstance(shipped, StaticEmbedding)
    return shipped


SHIPPED = embedding()


def weigh(term: str) -> float:
    """No two letters alike."""
    return sum(1 + "公园开放a9".find(letter) for letter in term) + 0.1


def found(query: str, texts: list[str]) -> tuple[list[Passage], dict[str, list[float]]]:
    passages = prepare([((), text) for text in texts], SHIPPED)
    columns = {name: np.full(len(texts), np.nan, dtype=np.float32) for name in NAMES}
    matches(columns, query, lambda terms: np.array([*map(weigh, terms)]), passages)
    return passages, {name: values.tolist() for name, values in columns.items()}


def longest(query: str, text: str) -> int:
    """The longest run of letters and digits that is in both."""
    return max(
        end - start
        for start in range(len(query) + 1)
        for end in range(start, len(query) + 1)
        if start == end or (query[start:end].isalnum() and query[start:end] in text)
    )


def pairs_of(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1) if text[at : at + 2].isalnum()}


@given(query=st.text(_LETTERS, max_size=12), texts=_TEXTS)
@example(query="公园公园开", texts=["公园公园公园开放", "园公园"])  # a pair that the question holds twice
@example(query="公园", texts=["公", "园"])  # one letter ends a passage, the next begins another
def test_runs_and_coverage_are_those_worked_out_letter_by_letter(query: str, texts: list[str]) -> None:
    passages, columns = found(query, texts)
    asked, letters = pairs_of(query), {letter for letter in query if letter.isalnum()}
    whole, single = sum(map(weigh, asked)), sum(map(weigh, letters))
    for at, passage in enumerate(passages):
        assert columns["run"][at] == pytest.approx(log1p(longest(query, passage.text)), abs=1e-6)
        held = asked & pairs_of(passage.text)
        assert columns["cover_pairs"][at] == pytest.approx(sum(map(weigh, held)) / (whole or 1), abs=1e-6)
        has = letters & set(passage.text)
        assert columns["cover_characters"][at] == pytest.approx(sum(map(weigh, has)) / (single or 1), abs=1e-6)
        ends = [*passage.starts.tolist()[1:], len(passage.text)]
        # A pair counts for the sentence in which it begins.
        own = [
            sum(map(weigh, asked & {passage.text[i : i + 2] for i in range(a, b)}))
            for a, b in zip(passage.starts.tolist(), ends, strict=True)
        ]
        assert columns["sentence_pairs"][at] == pytest.approx(max(own) / (whole or 1), abs=1e-6)
        first = next(i for i, worth in enumerate(own) if worth >= max(own) - 1e-9)
        assert columns["best_place"][at] == pytest.approx(1 / (1 + first), abs=1e-6)


def test_of_two_sentences_that_say_the_same_the_first_counts() -> None:
    _, columns = found("公园开放9a", ["9a。" * 3 + "公园开放9a。" * 7])
    assert columns["best_place"] == [0.25]


def test_pieces_are_compared_by_cosine() -> None:
    pieces = np.unique(SHIPPED.pieces("动画企业可以申请补贴"))
    vectors = SHIPPED.encode(["补贴", "公园"])
    cosines, lengths = SHIPPED.compare(pieces, vectors)
    own = SHIPPED.piece_vectors(pieces)
    assert lengths == pytest.approx(np.linalg.norm(own, axis=1), rel=1e-5)
    assert cosines == pytest.approx((own @ vectors.T) / np.linalg.norm(own, axis=1)[:, None], abs=1e-5)
