"""Many people ask one index at once: everybody gets the answer that they would get alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from assistant import evidence
from assistant.answer import Answer, ask
from index.search import Searcher
from index.snapshot import open_snapshot

QUESTIONS = (
    "请解释“雨林计划”",
    "首次入选的独角兽企业奖励多少？",
    "“领跑计划”是什么内容？",
    "北京市对量子企业有什么补贴？",
)
ASKERS = 8


def answers(searcher: Searcher, first: int) -> list[Answer]:
    """The answers in the order of QUESTIONS, asked from the `first` on."""
    asked = [(at + first) % len(QUESTIONS) for at in range(len(QUESTIONS))]
    found = {at: replace(ask(searcher, QUESTIONS[at]), latency_ms=0.0) for at in asked}
    return [found[at] for at in range(len(QUESTIONS))]


@pytest.mark.parametrize("kept", [64, 1], ids=["all-documents-kept", "one-document-kept"])
def test_asked_at_once_the_answers_are_the_same(corpus: Searcher, monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    alone = answers(corpus, 0)
    monkeypatch.setattr(evidence, "_READINGS", kept)
    cold = Searcher(open_snapshot(corpus.snapshot.index_dir, corpus.snapshot.retrieval.embedding))
    together = Barrier(ASKERS)

    def asker(number: int) -> list[Answer]:
        together.wait()
        return answers(cold, number)

    with ThreadPoolExecutor(ASKERS) as pool:
        for found in pool.map(asker, range(ASKERS)):
            assert found == alone
