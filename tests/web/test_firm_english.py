"""What a firm's card says beside the quote can all be said in English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.match import match
from assistant.profile import read_profile
from index.build import build
from index.embedding import open_embedding
from index.snapshot import open_snapshot
from web.firm_english import in_english
from web.firms import cards
from web.languages import EN, ZH

REPOSITORY = Path(__file__).parents[2]
HAN = re.compile("[\u3400-\u9fff]")


def said(path: str) -> Iterator[str]:
    """The reasons of the clauses that are made there, and the questions; 7 where a value stands."""
    for node in ast.walk(ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))):
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        append = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append"
        if not isinstance(node, ast.Call) or not (name == "Clause" or append):
            continue
        for argument in node.args[2:3] if name == "Clause" else node.args[:1]:
            yield from written(argument)


def written(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.value
    elif isinstance(argument, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in argument.values)
    elif isinstance(argument, ast.IfExp):
        yield from written(argument.body)
        yield from written(argument.orelse)


@pytest.mark.parametrize(
    ("path", "least"), [("assistant/clauses.py", 35), ("assistant/match.py", 15), ("assistant/profile.py", 6)]
)
def test_every_reason_has_its_english(path: str, least: int) -> None:
    lines = [line.replace("7，文件", "企业在7，文件").replace("点名7，7", "点名7，企业在7") for line in said(path)]
    lines = [line for line in lines if HAN.search(line)]
    assert len(lines) >= least
    assert [line for line in lines if in_english(line) == line] == []


@pytest.mark.parametrize(
    ("line", "english"),
    [
        ("资金奖励、空间/园区", "grants and awards, space and parks"),
        ("条文面向科研院所、大学，不是企业", "it is for research institutes, universities, not for firms"),
        ("是否为高新技术企业", "whether it is a high-tech enterprise"),
        ("未写金额；所属：补贴标准", "no amount is given; part of: 补贴标准"),
        ("本人需要补贴", "the person needs 补贴"),
        (
            "企业计划在浦东（以落户为准），文件适用于上海",
            "the firm plans to be in 浦东 (what counts is the move); the document applies to 上海",
        ),
        ("从来没有这一句", "从来没有这一句"),
    ],
)
def test_lines(line: str, english: str) -> None:
    assert in_english(line) == english


def test_cards_speak_the_language_of_the_page(tmp_path: Path) -> None:
    """Chinese stands in quotes, names and values of documents only, and is marked as Chinese."""
    build([REPOSITORY / "corpus" / "004_frontier_measures_press_qa.md"], tmp_path, embedding=open_embedding(None))
    snapshot = open_snapshot(tmp_path, open_embedding(None))
    found = match(snapshot, read_profile("张江一家细胞治疗初创企业，有高新技术企业资质，需要资金和场地"))
    assert found.applies or found.maybe
    english, chinese = cards(found, EN), cards(found, ZH)
    assert "no amount is given" in english
    assert "no amount is given" not in chinese
    bare = re.sub(r"<(\w+)[^>]*lang=\"zh-CN\"[^>]*>.*?</\1>", "", english, flags=re.DOTALL)
    assert HAN.findall(re.sub(r"<[^>]*>", "", bare)) == []
