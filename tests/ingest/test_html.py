"""Web pages: what is the document and what is the site around it, tables, lists, labels, damage."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import IngestError
from ingest.document import Attachment, Document
from ingest.files import find, load
from ingest.formats.grids import Slot, read_matrix
from ingest.formats.html import read as read_html
from ingest.formats.numbers import count
from ingest.reader import read
from tests.fixtures.policy import NOTICE, OPINION
from tests.fixtures.web import site
from tests.ingest.conftest import POLICIES
from tests.ingest.laws import check_chunks, check_partition

BODY = "".join(f"<p>第{n}段正文，说明支持小微企业的一项措施，资金由市财政安排。</p>" for n in range(6))


def lines(body: str, head: str = "") -> list[str]:
    """The lines of the text of a page."""
    page = f'<html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    return read_html(page.encode(), "a.html").text.split("\n")[:-1]


@pytest.fixture
def page(tmp_path: Path) -> Callable[..., Document]:
    """Read a page."""

    def read_page(body: str, head: str = "") -> Document:
        path = tmp_path / "a.html"
        path.write_text(f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>')
        document = read(path)
        check_partition(document)
        check_chunks(document)
        return document

    return read_page


def dropped(document: Document) -> list[tuple[str, str]]:
    return [(item.reason, document.text[item.start : item.end]) for item in document.dropped]


def test_site_around_the_document_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(site(NOTICE))
    document = read(path)
    assert dropped(document) == [
        ("导航", "首页\n政务公开\n政务服务\n当前位置：首页 > 政务公开 > 文件"),
        (
            "信息栏",
            "标题： 清河市财政局关于开展2025年度会计信息质量检查的通知\n发文机关： 清河市财政局\n"
            "发文字号： 清财监〔2025〕7号\n成文日期： 2025-04-09\n索引号： 000001/2024-00002\n主题分类： 其他",
        ),
        ("页面工具", "【字体：大 中 小】 打印"),
        ("相关链接", "相关文件\n一图读懂\n专家解读：政策怎么用"),
        ("页脚", "主办单位：某市人民政府办公室 网站标识码：0000000000"),
    ]
    assert "看不见" not in document.text
    assert "统计" not in document.text
    layout = load(path).layout
    assert layout is not None
    assert dict(layout.labels)["索引号"] == "000001/2024-00002"


def test_inline_joins_blocks_part_and_line_ends_in_chinese_vanish() -> None:
    assert lines("<p>支持<b>中小</b><span>企\n  业</span>发展</p><div>甲<br>乙&nbsp;丙&amp;丁</div>A\n B") == [
        "支持中小企业发展",
        "甲",
        "乙\xa0丙&丁",
        "A B",
    ]


def test_letters_set_apart_are_one_word() -> None:
    spaced = "<p>第一章 总&nbsp;&nbsp;则</p><p>关 于 印 发 的 通 知</p><p>召 集 人：张三</p><p>张三 李四</p>"
    assert lines(spaced) == ["第一章 总则", "关于印发的通知", "召集人：张三", "张三 李四"]


def test_document_whose_text_is_mostly_in_a_table_keeps_what_stands_around_it(page: Callable[..., Document]) -> None:
    rows = "".join(
        f"<tr><td>{n}</td><td>支持第{n}类企业更新设备，按投资额给予补助，先建后补。</td></tr>" for n in range(1, 30)
    )
    table = f"<div><table><tr><th>序号</th><th>内容</th></tr>{rows}</table></div>"
    document = page(
        "<div class=site><a href=/>首页</a></div><div><p>关于公布某市设备更新</p><p>补助清单的公告</p>"
        f"<p>为了用好资金，现公布清单，请遵照执行，确保企业应享尽享，各区要做好宣传和解读。</p>"
        f"<p>清单内企业应当在规定期限内提交材料，逾期不再受理，有疑问的可以向所在区主管部门咨询。</p>{table}"
        "<p>某市财政局</p><p>2024年5月6日</p></div>",
        "<title>关于公布某市设备更新补助清单的公告</title>",
    )
    assert (document.title, document.issue_date) == ("关于公布某市设备更新补助清单的公告", "2024-05-06")
    assert len(document.tables[0].rows) == 29
    assert dropped(document) == [("导航", "首页")]


def test_headline_is_joined_only_where_it_is_larger_than_the_text() -> None:
    usual = "".join(f"<p style='font-size:16pt'>{'正文写在这里，' * 9}</p>" for _ in range(3))
    two = (
        "<p style='text-align:center;font-size:{0}'>某市产业</p><p style='text-align:center;font-size:{0}'>扶持资金</p>"
    )
    for size, expected in (("16pt", 5), ("22pt", 4)):
        extract = read_html(f"<html><body>{two.format(size)}{usual}".encode(), "a.html")
        assert len(extract.layout.paragraphs) == expected


def test_headline_under_an_annex_number_is_no_section_of_its_own(page: Callable[..., Document]) -> None:
    document = page(f"{BODY}<p>附件1</p><p align=center><b>申报流程</b></p><p>一、提出申请</p>{BODY}")
    assert [section.path for section in document.walk()][1:] == ["附件1", "附件1一、"]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<ol><li>甲</li><li>乙<p>丙</p></li></ol>", ["1. 甲", "2. 乙", "丙"]),
        ('<ol start=3><li>甲<li value="7">乙<li>丙</ol>', ["3. 甲", "7. 乙", "8. 丙"]),
        ("<ol type=i><li>甲</li><li>乙</li></ol>", ["i. 甲", "ii. 乙"]),
        ('<ol style="list-style-type: cjk-ideographic"><li>甲</li></ol>', ["一、甲"]),
        ('<ol class="custom_cn2"><li>甲</li><li>乙</li></ol>', ["（一）甲", "（二）乙"]),
        ("<ol style='list-style:none'><li>甲</li></ol>", ["甲"]),
        ("<ol><li>1.甲</li><li>2.乙</li></ol>", ["1.甲", "2.乙"]),
        ("<ul><li>甲</li><li>乙</li></ul>", ["甲", "乙"]),
    ],
)
def test_lists_are_numbered_as_a_browser_would(markup: str, expected: list[str]) -> None:
    assert lines(markup) == expected


def test_merged_cells_stand_in_every_place_and_a_two_row_header_is_one(page: Callable[..., Document]) -> None:
    (table,) = page(
        BODY + "<table><tr><td colspan=4>表2 补贴标准</td></tr>"
        "<tr><td rowspan=2>类别<td colspan=2>标准<td rowspan=2>部门</tr><tr><td>首次<td>再次</tr>"
        "<tr><td>甲<td>10万元<td>5万元<td rowspan=2>市财政局</tr><tr><td>乙<td colspan=2>3万元</tr></table>"
    ).tables
    assert (table.caption, table.columns) == ("表2 补贴标准", ("类别", "标准 首次", "标准 再次", "部门"))
    assert table.rows == (("甲", "10万元", "5万元", "市财政局"), ("乙", "3万元", "3万元", "市财政局"))


def test_table_that_only_places_the_article_is_no_table(page: Callable[..., Document]) -> None:
    document = page(f"<table><tr><td>首页</td><td><table><tr><td>{BODY}</td></tr></table></td></tr></table>")
    assert document.tables == ()
    assert len(document.sections[0].paragraphs) == 7


def test_form_has_columns_without_names() -> None:
    rows = [[Slot("单位名称"), Slot("")], [Slot("联系人"), Slot("")], [Slot("申请理由"), Slot("（盖章）")]]
    found = read_matrix(rows)
    assert (found.headed, found.is_text, len(found.places)) == (0, False, 3)


def test_attachments_are_listed_and_scripts_are_not(page: Callable[..., Document]) -> None:
    document = page(
        BODY + '<p>附件：<a href="/files/a.docx">申请表</a> <a href="b.PDF?x=1"><img src=i.gif></a> '
        '<a href="javascript:run(1)//c.doc">不是</a> <a href="/d.html">网页</a></p>'
    )
    assert document.attachments == (
        Attachment(name="申请表", target="/files/a.docx"),
        Attachment(name="b.PDF?x=1", target="b.PDF?x=1"),
    )


def test_title_parted_over_lines_and_named_by_the_page(page: Callable[..., Document]) -> None:
    head = "<title>某市关于促进就业的若干政策措施 - 某市人民政府门户网站</title>"
    document = page(f"<div><p>某市关于促进</p><p>就业的若干政策措施</p>{BODY}</div>", head)
    assert document.title == "某市关于促进就业的若干政策措施"
    outside = page(f"<h1>某市关于促进就业的若干政策措施</h1><div class=x><div>{BODY}</div></div>", head)
    assert outside.title == "某市关于促进就业的若干政策措施"
    assert outside.dropped == ()


def test_the_title_that_the_page_states_is_taken_before_a_line_that_looks_like_one(
    page: Callable[..., Document],
) -> None:
    head = "<title>创业补贴怎么领？一文说清 - 某市政府网</title>"
    document = page(f"<h1>创业补贴怎么领？一文说清</h1><div>{BODY}<p>办理流程及补贴标准</p>{BODY}</div>", head)
    assert document.title == "创业补贴怎么领？一文说清"


def test_labels_in_brackets_and_labels_above_their_values(page: Callable[..., Document]) -> None:
    document = page(
        "<ol class='doc-info'><li>[发文机构]某市财政局</li><li>[发文字号] 某财〔2024〕3号</li></ol>"
        "<dl><dt>成文日期：</dt><dd>2024-03-05</dd><dt>有效性：</dt><dd>有效</dd></dl>"
        f"<div><p align=center><b>某市会计<br>管理办法</b></p><div>{BODY}</div></div>"
    )
    assert (document.title, document.doc_number, document.issue_date) == (
        "某市会计管理办法",
        "某财〔2024〕3号",
        "2024-03-05",
    )
    assert [reason for reason, _ in dropped(document)] == ["信息栏"]


def test_who_put_a_reprint_on_its_site_is_not_who_issued_it(page: Callable[..., Document]) -> None:
    title = "某市财政局 某市民政局关于印发某市补贴办法的通知"
    document = page(
        "<table><tr><td>发布机构：</td><td>某市河东街道办事处</td></tr><tr><td>文号：</td><td></td></tr></table>"
        f"<div><h1>{title}</h1><div>{BODY}</div></div>",
        f'<meta name="ArticleTitle" content="（转载）{title}">',
    )
    assert (document.title, document.issuers) == (title, ("某市财政局", "某市民政局"))


def test_labels_become_facts(page: Callable[..., Document]) -> None:
    document = page(
        "<ul><li>文　　号：某府〔2024〕8号</li><li>发布机构：某市人民政府</li></ul>"
        f"<div><h1>某市补贴办法</h1><p>时间：2024-05-06 来源：本站 浏览次数：9</p><div>{BODY}</div></div>",
    )
    assert (document.doc_number, document.issuer) == ("某府〔2024〕8号", "某市人民政府")
    assert dropped(document) == [
        ("信息栏", "文\u3000\u3000号：某府〔2024〕8号\n发布机构：某市人民政府"),
        ("信息栏", "时间：2024-05-06 来源：本站 浏览次数：9"),
    ]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("<meta charset=gb2312><p>镕基路补贴</p>".encode("gb18030"), "gb18030"),
        ("<meta charset=gbk><p>补贴</p>".encode(), None),
        ("\ufeff<p>补贴标准</p>".encode("utf-16"), None),
        ("<html><p>补贴标准和申请条件</p>".encode("gb18030"), "gb18030"),
        ('<meta http-equiv=Content-Type content="text/html; charset=big5"><p>補貼標準</p>'.encode("big5"), "big5"),
        ("<meta charset=no-such-thing><p>补贴</p>".encode(), "utf-8"),
    ],
)
def test_encodings(data: bytes, encoding: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(data)
    source = load(path)
    assert source.text.strip() in ("镕基路补贴", "补贴", "补贴标准", "补贴标准和申请条件", "補貼標準")
    assert encoding is None or source.encoding == encoding


def test_a_few_damaged_bytes_are_shown_and_said() -> None:
    data = f"<meta charset=utf-8>{BODY}".encode() + b"\xff<p>\xe4\xb8</p>"
    extract = read_html(data, "a.html")
    assert extract.text.count("\ufffd") == 2
    assert extract.layout.warnings == ("有 2 处字节不是完好的 utf-8，显示为 \ufffd；请核对原网页。",)


def test_page_of_pictures_says_so(page: Callable[..., Document]) -> None:
    document = page('<h1>某市惠企政策一图读懂</h1><p><img src="a.jpg"></p><p><img src="b.jpg"></p>')
    assert document.warnings == ("正文里有 2 张图片，图里的文字没有读；请另找文字版。",)


def test_text_that_a_script_would_show_is_read_where_there_is_no_other(page: Callable[..., Document]) -> None:
    assert len(page(f"<div style='display:none'>{BODY}</div>").sections[0].paragraphs) == 6


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 100_000 + "正文，没有结束。" + "</div>" * 50_000,
        "<b>" * 200_000 + "甲",
        "<table><tr><td>" * 20_000 + "甲",
        "<ol><li>" * 20_000 + "甲",
        "<p>段落，内容。</p>" * 120_000,
        f"<table>{'<tr><td colspan=9999 rowspan=9999>甲<td>乙' * 300}</table>",
        "<a href='" + "x" * 3_000_000,
        "<!--" * 300_000 + "<p>甲",
        "第" * 3_000_000,
        "<title>" + "-_" * 500_000 + "</title><p>甲",
        "<table><tr><td>" * 30 + "<p>段，落。</p>" * 60_000,
        "字 " * 1_000_000,
    ],
    ids=[
        "deep",
        "inline",
        "tables",
        "lists",
        "long",
        "spans",
        "attribute",
        "comments",
        "one line",
        "title",
        "layout",
        "spaced",
    ],
)
def test_hostile_pages_end_soon(body: str) -> None:
    begun = time.monotonic()
    with suppress(IngestError):
        read_html(f"<html><body>{body}".encode(), "a.html")
    assert time.monotonic() - begun < 15


def test_time_grows_with_the_page_and_not_its_square(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    table = "<table><tr><td>名称</td><td>金额</td></tr><tr><td>甲</td><td>5万元</td></tr></table>"
    path.write_text(
        "<html>" + "".join(f"<p>第{n}段，说明支持的措施。</p>{table * (n % 9 == 0)}" for n in range(20_000))
    )
    begun = time.monotonic()
    assert len(read(path).tables) == 2_223
    assert time.monotonic() - begun < 12


def test_too_many_elements_are_refused() -> None:
    with pytest.raises(IngestError, match="超过 100 万个：a"):
        read_html(b"<html>" + b"<p>" * 1_000_001, "a.html")


REAL = site(OPINION)


@given(
    st.lists(st.tuples(st.integers(0, len(REAL) - 1), st.binary(max_size=4)), max_size=12), st.integers(0, len(REAL))
)
@settings(max_examples=60, deadline=None)
def test_damaged_pages_are_read_or_refused(changes: list[tuple[int, bytes]], end: int) -> None:
    data = bytearray(REAL)
    for at, put in changes:
        data[at : at + 2] = put
    with suppress(IngestError):
        extract = read_html(bytes(data[:end]), "a.html")
        assert all(span.end <= len(extract.text) for spans in extract.layout.paragraphs for span in spans)


@pytest.mark.parametrize(
    ("kind", "number", "printed"),
    [
        ("chineseCounting", 10, "十"),
        ("chineseCounting", 21, "二十一"),
        ("chineseCountingThousand", 105, "一百零五"),
        ("chineseLegalSimplified", 12, "壹拾贰"),
        ("ideographDigital", 20, "二〇"),
        ("ideographTraditional", 3, "丙"),
        ("decimalEnclosedCircle", 12, "⑫"),
        ("upperLetter", 28, "BB"),
        ("lowerRoman", 49, "xlix"),
        ("decimalFullWidth", 12, "１２"),
        ("decimalZero", 3, "03"),
        ("decimalEnclosedParen", 2, "⑵"),
        ("none", 5, ""),
        ("chineseCounting", 0, "0"),
        ("unheardOf", 7, "7"),
    ],
)
def test_generated_numbers(kind: str, number: int, printed: str) -> None:
    assert count(kind, number) == printed


@pytest.mark.skipif(not POLICIES.is_dir(), reason="shared/data/policies is not beside the repository")
def test_real_pages_are_whole_and_their_facts_right() -> None:
    read_pages = {found.file: read(found.path) for found in find([POLICIES]) if found.path.suffix == ".html"}
    assert len(read_pages) >= 10
    for document in read_pages.values():
        check_partition(document)
        check_chunks(document)
        assert not any(
            item.reason == "导航" and "。" in document.text[item.start : item.end] for item in document.dropped
        )
        main = sum(
            len("".join(document.text[s.start : s.end].split()))
            for t in document.walk()
            for p in t.paragraphs
            for s in p
        )
        assert main > 900, document.file
