"""Web pages that a page reader saved as Markdown: what is the page's and what the document's."""

from __future__ import annotations

import time
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.document import Attachment, Document
from ingest.files import SourceText
from ingest.reader import parse
from tests.ingest.laws import check_chunks, check_partition
from tests.ingest.test_outline import Parse, paths

HEAD = "Title: 海河市冷库补贴办法解读-海河市商务局网站\n\nURL Source: http://example.cn/a.html\n\nMarkdown Content:\n"
PAGE = HEAD + (
    "[首页](http://example.cn/)[登录](javascript:void(0);)\n\n"
    "*   [**政务公开**_Open_](http://example.cn/b)\n\n"
    "| [通知](http://example.cn/c) | [公告](http://example.cn/d) |\n| --- | --- |\n| [规划](/e) | [统计](/f) |\n\n"
    "# 您现在的位置：[首页](http://example.cn/)>[解读](/g)\n\n"
    "# 海河市冷库补贴办法解读\n\n"
    "发布时间：**2024-05-06 09:00:00**来源：**市商务局**浏览量：**-**\n\n"
    "![Image 1](http://example.cn/1.jpg)\n\n"
    "一、补贴对象\n\n本市冷库经营者。详见[管理办法](http://example.cn/h.html)。\n\n"
    "二、补贴标准\n\n| 库容 | 补贴 |\n| --- | --- |\n| 小库 | 1万元 |\n| 大库 | 3万元 |\n\n"
    "[冷库补贴申请表.docx](http://example.cn/1.docx)\n\n"
    "联系人：王工\n\n"
    "扫一扫在手机打开当前页\n\n"
    "[打印](javascript:window.print();)[关闭](javascript:void(0);)\n\n"
    "主办：海河市人民政府 备案序号：[津ICP备1号](http://example.cn/i)\n\n"
    "![Image 2](http://example.cn/2.png)手机版\n"
)


def dropped(document: Document) -> list[tuple[str, str]]:
    return [(item.reason, "".join(document.text[item.start : item.end].split())[:12]) for item in document.dropped]


def test_what_is_the_pages_is_a_declared_discard(parse_text: Parse) -> None:
    document = parse_text(PAGE, "a.md")
    check_partition(document)
    check_chunks(document)
    assert document.title == "海河市冷库补贴办法解读"
    assert (document.publish_date, document.issue_date) == ("2024-05-06", "2024-05-06")
    assert paths(document) == ["引言", "一、", "二、"]
    assert [table.rows for table in document.tables] == [(("小库", "1万元"), ("大库", "3万元"))]
    assert document.attachments == (Attachment(name="冷库补贴申请表.docx", target="http://example.cn/1.docx"),)
    assert dropped(document) == [
        ("转存说明", "Title:海河市冷库补"),
        ("导航", "[首页](http://"),
        ("信息栏", "发布时间：**2024-"),
        ("图片", "![Image1](ht"),
        ("页面工具", "扫一扫在手机打开当前页"),
        ("页脚", "[打印](javascr"),
        ("页面工具", "主办：海河市人民政府备案"),
        ("页脚", "![Image2](ht"),
    ]
    assert document.warnings == ("正文里有 1 张图片，图里的文字没有读；请另找文字版。",)
    assert "联系人：王工" in document.text[document.sections[-1].start : document.sections[-1].end]


def test_a_title_that_the_page_does_not_print_is_taken_from_the_note(parse_text: Parse) -> None:
    document = parse_text(HEAD + "冷库经营者可以申请补贴。\n\n补贴为每库一万元。\n", "a.md")
    assert document.title == "海河市冷库补贴办法解读-海河市商务局网站"
    assert paths(document) == ["正文"]


def test_other_texts_that_begin_with_a_title_are_left_alone(parse_text: Parse) -> None:
    for text in (
        "Title: 海河市冷库补贴办法\n\n一、总则\n\n本办法适用于冷库。\n",
        "Title: 海河市冷库补贴办法\n\nMarkdown Content:\n\n一、总则\n\n本办法适用于冷库。\n",
    ):
        document = parse_text(text, "a.md")
        check_partition(document)
        assert not document.dropped
        assert "一、" in paths(document)


@given(
    lines=st.lists(
        st.sampled_from(
            [
                *(
                    "# 海河市冷库补贴办法解读",
                    "一、对象",
                    "补贴一万元。",
                    "| 甲 | 乙 |",
                    "| --- | --- |",
                    "| [丙](/a) | 2 |",
                ),
                *(
                    "[首页](/a)",
                    "![图](/b.png)",
                    "[![图](/c)](/d)",
                    "来源：某局",
                    "打印",
                    "[表.docx](/e.docx)",
                    "",
                    "[(",
                    "]((",
                ),
            ]
        ),
        max_size=14,
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_character_is_in_a_section_a_table_or_a_discard(lines: list[str]) -> None:
    text = HEAD + "\n".join(lines) + "\n"
    document = parse(SourceText(file="a.md", path=Path("a.md"), sha256="0" * 64, text=text, encoding="utf-8"))
    check_partition(document)
    check_chunks(document)


def test_hostile_links_take_no_longer(parse_text: Parse) -> None:
    started = time.perf_counter()
    for line in ("[" * 200_000, "![](" * 50_000, "[a](" + "(" * 200_000, "[a](b" * 50_000, "![" * 100_000):
        parse_text(f"{HEAD}{line}\n补贴一万元。\n", "a.md")
    assert time.perf_counter() - started < 20
