"""The gate proves itself: each way of breaking the system on purpose turns it red."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import assistant.refuse
import eval.run
from assistant.answer import Answer
from errors import ConfigError
from eval import gate
from eval.gate import Gate, Red
from eval.metrics import Share
from eval.questions import Question, load, shipped
from eval.report import gate_lines, summary
from eval.run import Run, run
from index.build import Reader, standard_reader
from index.embedding import Embedding
from index.keywords import KeywordIndex
from index.search import Searcher
from ingest.document import Chunk, CleanText, Document, Section, Span
from tests.eval.cases import searcher_of, searcher_with

EVERY = 4  # of the shipped questions, in each file's order: all types, 150 and more


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return load(shipped())[::EVERY]


@pytest.fixture(scope="module")
def healthy(corpus_index: Path, embedding: Embedding, questions: list[Question]) -> Run:
    return run(searcher_of(corpus_index, embedding), questions)


@pytest.fixture(scope="module")
def baseline(healthy: Run, tmp_path_factory: pytest.TempPathFactory) -> gate.Baseline:
    path = tmp_path_factory.mktemp("baseline") / "baseline.json"
    gate.save(path, healthy)
    return gate.load(path)


@pytest.fixture
def verdict(baseline: gate.Baseline, questions: list[Question]) -> Callable[[Searcher], Gate]:
    def judged(searcher: Searcher) -> Gate:
        found = gate.judge(run(searcher, questions), baseline)
        print("\n".join(gate_lines(found)))
        return found

    return judged


def reds(found: Gate) -> set[str]:
    return {red.metric for red in found.reds}


def test_the_same_system_passes_with_the_same_figures(corpus_index, embedding, questions, healthy, baseline):
    again = run(searcher_of(corpus_index, embedding), questions)
    found = gate.judge(again, baseline)
    assert found == Gate(compared=len(questions), reds=(), lost=(), won=(), notes=())

    def text(run: Run) -> str:
        return json.dumps({k: v for k, v in summary(run, found).items() if k != "timing"}, ensure_ascii=False)

    assert text(again) == text(healthy)


def test_red_when_bm25_is_off(verdict, corpus_index, embedding, monkeypatch):
    monkeypatch.setattr(KeywordIndex, "search", lambda self, tokens, limit: [])
    monkeypatch.setattr(KeywordIndex, "scores", lambda self, tokens, rows: {})
    found = verdict(searcher_of(corpus_index, embedding))
    assert {"section_recall@5", "section_mrr@10", "passage_mrr@10"} <= reds(found)
    assert found.lost


def test_red_when_the_way_back_to_the_source_is_shifted_by_one(verdict, corpus_index, embedding, monkeypatch):
    locate = CleanText.locate

    def shifted(self: CleanText, start: int, end: int, source: str) -> tuple[Span, ...]:
        return tuple(Span(span.start + 1, span.end + 1) for span in locate(self, start, end, source))

    monkeypatch.setattr(CleanText, "locate", shifted)
    # The quote is cut from where the offsets point, so only its ends show that they are wrong.
    assert "whole" in reds(verdict(searcher_of(corpus_index, embedding)))


def test_red_when_citations_are_shifted_by_one(verdict, corpus_index, embedding, monkeypatch):
    ask = eval.run.ask

    def shifted(*args: object, **options: object) -> Answer:
        answer = ask(*args, **options)  # type: ignore[arg-type]
        moved = tuple(replace(c, start=c.start + 1, end=c.end + 1) for c in answer.citations)
        return replace(answer, citations=moved)

    monkeypatch.setattr(eval.run, "ask", shifted)
    found = verdict(searcher_of(corpus_index, embedding))
    assert reds(found) == {"offsets", "whole"}
    assert found.lost == ()


def test_red_when_labels_come_from_the_next_section(verdict, embedding, tmp_path):
    found = verdict(searcher_with(_breaking(read=_mislabelled), tmp_path, embedding))
    assert {"section_exact", "section_number", "section_recall@5"} <= reds(found)


def test_red_when_nothing_is_refused(verdict, corpus_index, embedding, monkeypatch):
    monkeypatch.setattr(assistant.refuse, "judge", lambda *args: None)
    found = verdict(searcher_of(corpus_index, embedding))
    assert {"refuse_recall", "right"} <= reds(found)


def test_red_when_the_chunker_glues_siblings(verdict, embedding, tmp_path):
    found = verdict(searcher_with(_breaking(chunk=_glued), tmp_path, embedding))
    assert {"section_recall@5", "section_mrr@10"} & reds(found)


def _breaking(
    read: Callable[[Document], Document] = lambda document: document,
    chunk: Callable[[Document], list[Chunk]] | None = None,
) -> Reader:
    plain = standard_reader()
    return Reader(read=lambda found: read(plain.read(found)), chunk=chunk or plain.chunk, version="broken")


def _mislabelled(document: Document) -> Document:
    """Every section under the label of the one that follows it."""
    paths = [section.path for section in document.walk()]
    after = iter([*paths[1:], paths[0]])

    def relabel(section: Section) -> Section:
        return replace(section, path=next(after), children=tuple(relabel(child) for child in section.children))

    return replace(document, sections=tuple(relabel(section) for section in document.sections))


def _glued(document: Document) -> list[Chunk]:
    """Three neighbouring chunks in one, under the label of the first."""
    chunks = list(standard_reader().chunk(document))
    glued: list[Chunk] = []
    for at in range(0, len(chunks), 3):
        text, runs = "", []
        for piece in chunks[at : at + 3]:
            runs += [replace(run, at=run.at + len(text)) for run in piece.clean.runs]
            text += piece.text + "\n"
        glued.append(replace(chunks[at], clean=CleanText(text, tuple(runs))))
    return glued


def changed(run: Run, metric: str, shares: dict[int, Share]) -> Run:
    """The run with the shares of some rows in one figure replaced."""
    rows = [
        replace(row, shares={**row.shares, metric: shares[at]}) if at in shares else row
        for at, row in enumerate(run.rows)
    ]
    return replace(run, rows=tuple(rows))


def test_a_fall_within_the_tolerance_passes_and_names_the_flip(healthy, baseline):
    flipped = next(at for at, row in enumerate(healthy.rows) if row.shares["right"].got)
    found = gate.judge(changed(healthy, "right", {flipped: Share(0, 1)}), baseline)
    assert found.open
    assert found.lost == (healthy.rows[flipped].question.id,)
    back = gate.judge(healthy, replace(baseline, rows={**baseline.rows, **_wrong(baseline, found.lost[0])}))
    assert back.won == found.lost


def _wrong(baseline: gate.Baseline, id_: str) -> dict[str, tuple[str, tuple[Share, ...]]]:
    digest, shares = baseline.rows[id_]
    at = list(baseline.tolerances).index("right")
    return {id_: (digest, (*shares[:at], Share(0, 1), *shares[at + 1 :]))}


def test_a_fall_beyond_the_tolerance_is_red_and_a_rise_never(healthy, baseline):
    right = [at for at, row in enumerate(healthy.rows) if row.shares["right"].got]
    n = len(healthy.rows)
    found = gate.judge(changed(healthy, "right", {at: Share(0, 1) for at in right[:2]}), baseline)
    (red,) = found.reds
    assert red == Red(metric="right", before=len(right) / n, after=(len(right) - 2) / n, tolerance=0.01, p=0.5)
    wrong = [at for at in range(n) if at not in right]
    assert gate.judge(changed(healthy, "right", {at: Share(1, 1) for at in wrong}), baseline).open


def test_a_certain_fall_is_red_within_any_tolerance(healthy, baseline):
    right = [at for at, row in enumerate(healthy.rows) if row.shares["right"].got]
    fallen = changed(healthy, "right", {at: Share(0, 1) for at in right[:8]})
    lenient = replace(baseline, tolerances={**baseline.tolerances, "right": 0.5})
    assert [red.p for red in gate.judge(fallen, lenient).reds] == [2 / 2**8]


def test_a_figure_that_rises_where_lower_is_better_is_red(healthy, baseline):
    answered = [at for at, row in enumerate(healthy.rows) if row.shares["refuse_wrong"] == Share(0, 1)]
    worse = changed(healthy, "refuse_wrong", {at: Share(1, 1) for at in answered[:5]})
    assert reds(gate.judge(worse, baseline)) == {"refuse_wrong"}


def test_a_figure_that_counts_nothing_any_more_is_red(healthy, baseline):
    nothing = changed(healthy, "verbatim", {at: Share(0, 0) for at in range(len(healthy.rows))})
    (red,) = gate.judge(nothing, baseline).reds
    assert (red.metric, red.after) == ("verbatim", None)
    assert "无从计算" in gate_lines(gate.judge(nothing, baseline))[1]


def test_only_unchanged_questions_are_compared(healthy, baseline):
    first, *others = healthy.rows
    edited = replace(first, question=replace(first.question, digest="other"))
    found = gate.judge(replace(healthy, rows=(edited, *others[1:])), baseline)
    assert found.compared == len(others) - 1
    assert found.notes == ("基线中有 1 道题这次没有跑", "这次有 1 道题是基线之后新加或改过的，没有比较")
    with pytest.raises(ConfigError, match="没有一道与本次相同的题"):
        gate.judge(replace(healthy, rows=(edited,)), baseline)


def test_saving_again_keeps_the_tolerances_that_were_set(healthy, tmp_path):
    path = tmp_path / "baseline.json"
    gate.save(path, healthy)
    first = path.read_text(encoding="utf-8")
    path.write_text(first.replace('"right":0.01', '"right":0.25'), encoding="utf-8")
    gate.save(path, healthy)
    assert path.read_text(encoding="utf-8") == first.replace('"right":0.01', '"right":0.25')
    assert gate.load(path).tolerances["right"] == 0.25


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2, "tolerances": {"right": 0}, "rows": {}}'])
def test_a_file_that_is_no_baseline_is_refused(tmp_path, text):
    path = tmp_path / "baseline.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="基线读不了"):
        gate.load(path)
