"""What the re-ranker thinks of a section counts for its sentences, where it can know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from assistant import extract
from assistant.answer import case_of
from index.search import Searcher

DAY = date(2026, 11, 21)
RULES = {
    "杉木市路灯办法.txt": """杉木市路灯安全管理办法

第一条 为了加强路灯安全管理，制定本办法。

第二条 市交通局负责路灯安全管理工作，路灯公司应当配备登高车。

第三条 路灯每年检验一次，检验由市路灯检测所进行。未经检验的路灯不得通电。

第四条 路灯公司违反本办法，未按期检验路灯的，由市交通局责令改正。
"""
}


def scores(searcher: Searcher, question: str) -> dict[tuple[str, str], float]:
    case = case_of(searcher, question, DAY)
    assert case is not None
    return {(item.unit.section.path, item.unit.text): item.score for item in case.found.ranked}


def lowered(searcher: Searcher, question: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """By section, how much less its sentences score with the vote than without it."""
    voted = scores(searcher, question)
    with monkeypatch.context() as patch:
        patch.setattr(extract, "VOTE", 0.0)
        plain = scores(searcher, question)
    assert voted.keys() == plain.keys()
    by_section: dict[str, set[float]] = {}
    for place, score in plain.items():
        by_section.setdefault(place[0], set()).add(round(score - voted[place], 9))
    assert all(len(values) == 1 for values in by_section.values())
    return {path: values.pop() for path, values in by_section.items()}


def test_sentences_lose_by_how_far_their_section_is_behind_the_best(
    opened: Callable[[dict[str, str]], Searcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    searcher, question = opened(RULES), "谁负责路灯安全管理工作？"
    votes = {hit.chunk.section: dict(hit.parts)["rerank"] for hit in searcher.search(question, k=40)}
    less = lowered(searcher, question, monkeypatch)
    best = max(votes.values())
    known = {path: vote for path, vote in votes.items() if path in less}
    assert len(known) > 2
    assert {path: less[path] for path in known} == pytest.approx(
        {path: extract.VOTE * (best - vote) for path, vote in known.items()}, abs=1e-6
    )
    assert min(less.values()) == 0 < max(less.values())


@pytest.mark.parametrize(
    "question",
    [
        "我们路灯公司负责路灯安全管理工作，适用什么条款？",
        "谁负责路灯安全管理工作审批？",
        "出门黑咕隆咚的谁负责？",
        "Which department is in charge of 路灯安全管理?",
    ],
)
def test_what_the_re_ranker_does_not_know_it_does_not_change(
    question: str, opened: Callable[[dict[str, str]], Searcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(lowered(opened(RULES), question, monkeypatch).values()) == {0.0}
