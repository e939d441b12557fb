"""What a format's layout says becomes the document's paragraphs, tables, pages and facts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.document import Attachment, Dropped, Span
from ingest.files import SourceText
from ingest.layout import Layout
from ingest.reader import parse
from ingest.tables_cells import Cell, Grid
from tests.ingest.laws import check_chunks, check_partition

LINES = (
    "首页 > 政策文件",
    "测试市关于支持小微企业的若干措施",
    "一、资金支持",
    "对首次入库的企业给予一次性奖",
    "- 1 -",
    "励10万元。",
    "二、补贴标准",
    "表1 补贴标准",
    "类别",
    "标准",
    "小型企业",
    "5万元",
    "微型企业",
    "3万元",
)
TEXT = "\n".join(LINES)


def _at(line: str) -> Span:
    start = TEXT.index(line)
    return Span(start, start + len(line))


def _cell(words: str) -> Cell:
    return Cell(words, _at(words).start, _at(words).end)


def _source(layout: Layout) -> SourceText:
    return SourceText(file="a.pdf", path=Path("a.pdf"), sha256="0", text=TEXT, encoding="utf-8", layout=layout)


def _layout() -> Layout:
    return Layout(
        paragraphs=(
            (_at(LINES[1]),),
            (_at(LINES[2]),),
            (_at(LINES[3]), _at(LINES[5])),
            (_at(LINES[6]),),
            (_at(LINES[7]),),
        ),
        tables=(
            Grid(
                columns=(_cell("类别"), Cell("标准", TEXT.rindex("\n标准\n") + 1, TEXT.rindex("\n标准\n") + 3)),
                rows=((_cell("小型企业"), _cell("5万元")), (_cell("微型企业"), _cell("3万元"))),
                spans=(Span(_at("类别").start, len(TEXT)),),
            ),
        ),
        dropped=(
            Dropped(start=0, end=len(LINES[0]), reason="导航"),
            Dropped(start=_at(LINES[4]).start, end=_at(LINES[4]).end, reason="页码"),
        ),
        pages=(0, _at(LINES[5]).start),
        labels=(("发布日期", "2024-07-29"),),
        attachments=(Attachment(name="申请表.docx", target="files/a.docx"),),
        warnings=("第 2 页有一张图片没有读",),
    )


def test_paragraph_goes_on_over_the_page_and_pages_are_looked_up() -> None:
    document = parse(_source(_layout()))
    check_partition(document)
    check_chunks(document)
    assert [(section.path, section.heading) for section in document.walk()] == [
        ("引言", None),
        ("一、", "资金支持"),
        ("二、", "补贴标准"),
    ]
    first = next(section for section in document.walk() if section.path == "一、")
    assert ["".join(TEXT[s.start : s.end] for s in paragraph) for paragraph in first.paragraphs] == [
        "一、资金支持",
        "对首次入库的企业给予一次性奖励10万元。",
    ]
    assert [document.page(at.start) for at in (_at(LINES[3]), _at(LINES[5]))] == [1, 2]
    assert document.issue_date == "2024-07-29"
    assert document.attachments[0].target == "files/a.docx"
    assert document.warnings == ("第 2 页有一张图片没有读",)


def test_table_takes_its_numbered_caption_from_the_paragraph_before() -> None:
    (table,) = parse(_source(_layout())).tables
    assert (table.caption, table.columns, table.rows) == (
        "表1 补贴标准",
        ("类别", "标准"),
        (("小型企业", "5万元"), ("微型企业", "3万元")),
    )
    assert table.spans[0].start == TEXT.index("表1")


def test_caption_is_a_whole_paragraph_directly_before_its_table() -> None:
    layout = _layout()
    joined = (*layout.paragraphs[:3], (_at(LINES[6]), _at(LINES[7])))
    header = Dropped(start=_at(LINES[7]).start, end=_at(LINES[7]).end, reason="页眉")
    for other in (
        replace(layout, paragraphs=joined),
        replace(layout, paragraphs=layout.paragraphs[:4], dropped=(*layout.dropped, header)),
    ):
        document = parse(_source(other))
        check_partition(document)
        assert document.tables[0].caption is None


@pytest.mark.parametrize(("at", "page"), [(0, 1), (4, 1), (5, 2), (9, 3), (400, 3)])
def test_page_of_a_character(at: int, page: int) -> None:
    document = parse(_source(Layout(paragraphs=((Span(0, len(TEXT)),),), pages=(0, 5, 9))))
    assert document.page(at) == page
    assert parse(_source(Layout(paragraphs=((Span(0, len(TEXT)),),)))).page(at) is None
