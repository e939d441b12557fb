"""Where each character of a file went, and what looks wrong about its outline."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunks import chunk
from ingest.coverage import coverage
from ingest.document import Doubt, Dropped
from tests.ingest.conftest import read_words
from tests.ingest.laws import check_partition

RULES = """云溪市冷库管理办法

第一章　总则
第一条　为规范管理，制定本办法。
第二条　冷库应当节能。
————————
第二章　附则
第三条　本办法自2024年7月1日起施行。
"""


def test_every_visible_character_is_accounted_for() -> None:
    found = coverage(read_words(RULES))
    visible = len("".join(RULES.split()))
    assert (found.characters, found.in_sections, found.in_tables) == (visible, visible - 8, 0)
    assert found.dropped == (("分隔线或页码", 8),)
    assert (found.discarded, found.kept, found.problem, found.warnings) == (8, 1.0, None, ())
    assert (found.doubtful, found.confidence) == (0, None)


def test_too_little_kept_is_a_problem() -> None:
    document = read_words(RULES)
    missing = replace(document, sections=document.sections[:1])
    assert coverage(missing).kept < 0.98
    assert coverage(missing).problem == f"只有 {coverage(missing).kept:.1%} 的正文进了章节和表格"
    first = missing.sections[0]
    gone = replace(missing, dropped=(Dropped(start=first.end, end=len(RULES), reason="导航"),))
    assert coverage(gone).kept == 1.0
    problem = coverage(gone).problem
    assert problem is not None
    assert problem.startswith("弃去的字过半（")
    assert "导航" in problem


def test_a_text_of_page_marks_is_a_document_of_discards() -> None:
    text = "\n".join(f"===PAGE {number}===\n" for number in range(1, 41))
    document = read_words(text)
    found = coverage(document)
    assert (document.sections, document.tables, document.facts) == ((), (), ())
    assert (document.title, document.warnings) == ("样.txt", ("没有可引用的正文",))
    assert (found.characters, found.discarded, found.kept) == (471, 471, 1.0)
    assert found.problem == "没有可引用的正文（全文 471 字，弃去 471 字：分隔线或页码 471 字）"
    assert found.warnings == ()
    check_partition(document)
    assert chunk(document) == []


@pytest.mark.parametrize(
    ("body", "warnings"),
    [
        ("一、目标\n做好工作。\n二、任务\n抓好落实。\n", ()),
        ("一、目标\n做好工作。\n二、任务\n抓好落实。\n四、保障\n加强保障。\n", ("编号跳号：二、 之后是 四、",)),
        ("一、目标\n（二）扩大规模\n做大。\n（三）提升能级\n做强。\n", ("编号不从头开始：一、（二）",)),
        ("一、目标\n做好工作。\n二、任务\n三、保障\n加强保障。\n", ("这一节只有标题：二、",)),
        ("第一条　甲应当。\n第二条　乙应当。\n第四条　丁应当。\n", ("编号跳号：第二条 之后是 第四条",)),
        ("第一章　总则\n一、甲事\n办好。\n二、乙事\n办好。\n第二章　分则\n三、丙事\n办好。\n四、丁事\n办好。\n", ()),
        ("这是一段话。" * 60, ("没有找到一个标题：整份文件是一节",)),
    ],
)
def test_what_an_outline_shows(body: str, warnings: tuple[str, ...]) -> None:
    assert coverage(read_words(f"云溪市冷库工作方案\n\n{body}")).warnings == warnings


def test_uneven_rows_and_doubtful_characters() -> None:
    table = "| 指标 | 2024年 | 2025年 |\n|---|---|---|\n| 冷库 | 3 | 5 |\n| 车辆 | 7 |  |\n"
    document = read_words(f"云溪市冷库工作方案\n\n一、指标\n\n{table}")
    doubtful = replace(document, doubts=(Doubt(start=0, end=4, confidence=0.5),), warnings=("第3页没有文字层",))
    found = coverage(doubtful)
    assert (found.doubtful, found.confidence) == (4, 0.5)
    assert found.in_tables > 0
    [first, rows, unsure] = found.warnings
    assert first == "第3页没有文字层"
    assert rows.startswith("表的行列不齐：")
    assert rows.endswith("第 2 行有空格子")
    assert unsure == "文字识别把握不大：4 字，平均 0.50"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([*RULES.splitlines(), "", "一、目标", "（三）任务", "| a | b |", "----"]), max_size=14))
def test_nothing_is_counted_twice_or_lost(lines: list[str]) -> None:
    text = "云溪市冷库管理办法\n" + "\n".join(lines)
    found = coverage(read_words(text))
    assert found.in_sections + found.in_tables + found.discarded == found.characters == len("".join(text.split()))
