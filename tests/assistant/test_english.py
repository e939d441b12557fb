"""An English question hears in English why it is refused and what to note; quotes and names stay Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answer import Answer, ask
from assistant.english import _BOOK, in_english
from assistant.phrases import Phrasebook
from assistant.transcript import Exchange, markdown, noted
from index.embedding import Embedding
from index.search import Searcher
from tests.assistant.conftest import indexed

REPOSITORY = Path(__file__).parents[2]
HAN = re.compile("[\u3400-\u9fff]")
FIRMS = """临河市支持企业办法

第一条 对首次认定的高新技术企业，给予10万元奖励。
第二条 本办法有效期至2022年12月31日。
"""


def reasons() -> Iterator[str]:
    """The reasons for refusing that stand in the code, 7 where a value stands."""
    for path in sorted((REPOSITORY / "assistant").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "Refusal":
                continue
            for said in (keyword.value for keyword in node.keywords if keyword.arg == "says"):
                if isinstance(said, ast.Constant):
                    yield str(said.value)
                elif isinstance(said, ast.JoinedStr):
                    yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in said.values)


def test_every_reason_has_its_english() -> None:
    found = list(reasons())
    assert len(found) > 20
    told = [line.replace("相应内容7", "相应内容") for line in found]  # what follows there is told below
    assert [line for line in told if HAN.search(in_english(line))] == []
    assert in_english("库内文件没有2031年的相应内容，最接近的内容说的是2030年") == (
        "they say nothing of this for 2031; what is nearest is about 2030"
    )


def test_both_languages_have_the_same_values() -> None:
    lines = _BOOK.lines.splitlines()
    for chinese, english in zip(lines[::2], lines[1::2], strict=True):
        assert HAN.search(chinese)
        assert not HAN.search(english)
        assert english.startswith("  ")
        assert chinese.count("{}") == english.count("{}")


@pytest.mark.parametrize(
    ("line", "english"),
    [
        (
            "《甲方案》的规划期（2020—2025年）已经结束：所列目标是当时的目标，不是完成情况。",
            "The period of 《甲方案》 (2020—2025) is over: its targets are those of that time, not what was reached.",
        ),
        ("已检索：《甲》、《乙》。", "Searched: 《甲》, 《乙》."),
        (
            "连不上模型服务，改由摘录原文作答。",
            "The language model did not answer (it cannot be reached); the answer quotes the documents instead.",
        ),
        ("库内文件没有甲，提问的前提不成立", "they have no “甲”, which the question assumes"),
        ("别的话", "别的话"),
    ],
)
def test_lines(line: str, english: str) -> None:
    assert in_english(line) == english


def test_the_first_line_that_fits_is_taken_and_long_ones_stay() -> None:
    book = Phrasebook("没有{}年\n  none for {}\n没有{}\n  none: {}\n", {"甲": "a", "乙": "b"})
    assert [book.english(line) for line in ("没有5年", "没有甲或乙", "没有甲、丙")] == [
        *("none for 5", "none: a or b", "none: 甲, 丙")
    ]
    assert book.english("没有" + "长" * 2000) == "没有" + "长" * 2000


@pytest.fixture(scope="module")
def firms(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    yield from indexed({"firms.txt": FIRMS}, tmp_path_factory, embedding)


def test_an_english_question_is_answered_in_english(firms: Searcher) -> None:
    refused = ask(firms, "What subsidies does Beijing give to quantum firms?")
    assert refused.refused
    assert refused.text.splitlines()[0].startswith("The documents do not answer this: ")
    assert not HAN.search(refused.text.splitlines()[0].replace("北京", ""))
    assert "Searched: 《临河市支持企业办法》." in refused.text
    answered = ask(firms, "How much is the award for a high-tech enterprise?")
    assert "给予10万元奖励" in answered.text
    assert [note for note in answered.notes if "2022-12-31 and has expired" in note]
    assert "已经过期" in "".join(ask(firms, "高新技术企业奖励多少？").notes)


def test_notes_say_that_they_are_notes_in_the_language_of_the_question() -> None:
    answer = Answer(
        question="Who approved it?",
        understood="Who approved it?",
        text="",
        refused=False,
        reason=None,
        citations=(),
        notes=(in_english("本答复由本机于2026-11-21批准（第1号）。"),),
        confidence=1.0,
        writer="extractive",
        latency_ms=1.0,
    )
    assert noted(answer) == ("Note: This reply was approved by this machine's user on 2026-11-21 (number 1).",)
    assert noted(replace(answer, question="谁批准的？", notes=("甲。", "乙。"))) == ("注：甲。", "注：乙。")
    assert "Note: This reply" in markdown([Exchange(question=answer.question, answer=answer)])
