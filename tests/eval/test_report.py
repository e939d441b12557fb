from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO

import pytest
from rich.console import Console

from eval.english import in_english
from eval.gate import Gate, Red
from eval.metrics import FAILURES, METRICS, Share
from eval.page import page
from eval.plots import Bar, bars
from eval.questions import Question, load, shipped
from eval.report import FIGURES, TYPES, USERS, failures, figures, gate_lines, show, summary
from eval.retrieval import RETRIEVAL
from eval.run import Run, run
from tests.eval.cases import searcher_of

GATE = Gate(
    compared=2,
    reds=(Red(metric="right", before=0.9, after=0.8, tolerance=0.01, p=0.5),),
    lost=("L-1",),
    won=("W-1",),
    notes=("索引里的文件与基线不同",),
)


@pytest.fixture(scope="module")
def some() -> list[Question]:
    return load(shipped())[::40]


@pytest.fixture(scope="module")
def result(corpus_index, embedding, some) -> Run:
    whole = run(searcher_of(corpus_index, embedding), some)
    evil = replace(whole.rows[0], failure="key_missing", question=replace(some[0], question="<script>1</script>？"))
    return replace(whole, rows=(evil, *whole.rows[1:]))


class Tags(HTMLParser):
    """Checks that tags are closed in order, and collects what a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "srcset")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_figure_has_a_title():
    assert list(FIGURES) == [*METRICS, *RETRIEVAL]


def test_the_summary_has_every_part(result, some):
    found = summary(result, GATE)
    parts = "questions figures by_type by_user by_document failures rows gate made_with timing"
    assert list(found) == parts.split()
    assert found["questions"] == len(some)
    assert found["gate"]["open"] is False
    assert [row["id"] for row in found["rows"]] == [question.id for question in some]
    right = sum(row.shares["right"].got for row in result.rows) / len(some)
    assert found["figures"]["right"]["value"] == round(right, 4)
    assert sum(part["questions"] for part in found["by_type"].values()) == len(some)


def test_retrieval_is_judged_on_answerable_questions_only(result):
    judged = {row.question.answerable for row in result.rows if RETRIEVAL[0] in row.shares}
    assert judged == {True}
    assert not all(row.question.answerable for row in result.rows)


def test_groups_are_whole(result):
    assert sum(failures(result.rows).values()) == sum(row.failure is not None for row in result.rows)
    of_one = [row for row in result.rows if row.question.type == result.rows[0].question.type]
    assert figures(of_one, ("right",))["right"].n == len(of_one)


def test_the_verdict_names_figures_and_flips():
    assert gate_lines(GATE) == [
        "与基线比较 2 题：不通过，1 项指标下降",
        "  答对（right）0.9000 → 0.8000，容差 0.01，p = 0.5000",
        "  由对变错 1 题：L-1",
        "  由错变对 1 题：W-1",
        "  注：索引里的文件与基线不同",
    ]
    assert gate_lines(Gate(compared=3, reds=(), lost=(), won=(), notes=())) == ["与基线比较 3 题：通过"]


def test_the_table_shows_every_figure_and_the_verdict(result):
    out = StringIO()
    show(result, GATE, Console(file=out, width=120))
    text = out.getvalue()
    assert all(FIGURES[name] in text for name in figures(result.rows))
    assert all(line in text for line in gate_lines(GATE))
    assert "…" not in text


def test_the_page_is_whole_safe_and_loads_nothing(result):
    html = page(result, GATE)
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    assert tags.loads == []
    assert "script" not in tags.names
    assert "&lt;script&gt;1&lt;/script&gt;？" in html
    assert not re.search(r"url\(|@import|https?:", html)


def test_the_page_lays_every_wrong_question_open(result):
    html = page(result, None)
    wrong = [row for row in result.rows if row.failure]
    kinds = list(failures(wrong))
    in_order = sorted(wrong, key=lambda row: kinds.index(row.failure or ""))
    assert re.findall(r"<article id='([^']+)'", html) == [row.question.id for row in in_order]
    made_with = result.made_with
    for value in (made_with.index, made_with.embedding, made_with.code, made_with.questions):
        assert value in html


def test_a_question_that_broke_down_is_shown(result):
    broken = replace(result.rows[0], failure="error", error="ValueError: x < y", hits=())
    html = page(replace(result, rows=(broken,)), None)
    assert "程序出错（1 题）" in html
    assert "ValueError: x &lt; y" in html
    assert "一段也没有" in html


def test_a_bar_is_as_long_as_its_value():
    svg = bars([Bar(label="甲<", value=0.5, low=0.25, high=0.75, note="3 题")], title="图")
    assert 'x="190" y="13.0" width="200.0"' in svg
    assert "M290.0 17.0v8M290.0 21.0H490.0M490.0 17.0v8" in svg
    assert "0.500　3 题" in svg
    assert "甲&lt;" in svg


def test_an_error_in_one_question_does_not_cost_the_others(corpus_index, embedding, some, monkeypatch):
    ask = run.__globals__["ask"]

    def fail_once(searcher, question, *args, **options):
        if question == some[0].question:
            raise ZeroDivisionError("broken")
        return ask(searcher, question, *args, **options)

    monkeypatch.setitem(run.__globals__, "ask", fail_once)
    found = run(searcher_of(corpus_index, embedding), some)
    assert (found.rows[0].failure, found.rows[0].error) == ("error", "ZeroDivisionError: broken")
    assert found.rows[0].shares["right"] == Share(0, 1)
    assert all(row.error is None for row in found.rows[1:])


def test_the_page_in_english(result: Run) -> None:
    """Chinese stands in questions, answers and passages only; the Chinese page says the same as ever."""
    gate = replace(GATE, notes=("基线中有 3 道题这次没有跑", "索引里的文件与基线不同"))
    english, chinese = page(result, gate, english=True), page(result, gate)
    assert ("<html lang=en>" in english, "<html lang=zh-CN>" in chinese) == (True, True)
    Tags().feed(english)
    outside = re.sub(r"<article.*?</article>", "", english, flags=re.DOTALL)
    assert re.findall("[\u3400-\u9fff]+", outside) == []
    heads = re.findall(r"<h4[^>]*>(.*?)</h4>", english)
    assert set(heads) == {"What was answered", "What it should be", "Passages found"}
    assert len(heads) == len(re.findall("<h4", chinese))
    for names in (FIGURES, TYPES, USERS, FAILURES):
        assert [name for name in names.values() if in_english(name) == name] == []
