"""PDF: the same document as printed in one or two columns, turned, over pages; and files that cannot be read."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errors import IngestError
from ingest.document import Document
from ingest.files import SourceText
from ingest.formats import ocr
from ingest.formats.pdf import read as read_pdf
from ingest.layout import Layout
from ingest.reader import parse, read
from tests.fixtures.outlines import check_outline, outline
from tests.fixtures.pdf import drawn, pdf
from tests.fixtures.policy import MEASURES, NOTICE, OPINION, POLICIES, Policy, Table, expected, squeezed
from tests.fixtures.typeset import Leaf, Look, Stroke, Words, typeset
from tests.ingest.laws import check_chunks, check_partition

HEADER = "清河市政策汇编（2025年）"
LOOKS = {
    "one": Look(header=HEADER),
    "plain": Look(numbered=False),
    "many pages": Look(header=HEADER, depth=330),
    "two": Look(columns=2, size=10.5, pitch=17, header=HEADER, depth=560),
    "two, large": Look(columns=2, pitch=26),
}


def _read(data: bytes, tmp_path: Path, name: str = "a.pdf") -> Document:
    path = tmp_path / name
    path.write_bytes(data)
    document = read(path)
    check_partition(document)
    check_chunks(document)
    return document


def _reasons(document: Document) -> list[tuple[str, str]]:
    return [(document.text[item.start : item.end], item.reason) for item in document.dropped]


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_outline_is_that_of_the_document(policy: Policy, look: Look, tmp_path: Path) -> None:
    check_outline(_read(pdf(policy, look), tmp_path), policy)


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_turned_pages_read_the_same(turned: int, tmp_path: Path) -> None:
    check_outline(_read(pdf(OPINION, LOOKS["one"], turned=turned), tmp_path), OPINION)


def test_headers_and_page_numbers_are_set_aside_and_a_citation_has_its_page(tmp_path: Path) -> None:
    document = _read(pdf(OPINION, LOOKS["one"]), tmp_path)
    pages = [
        (HEADER, "页眉"),
        ("—1—", "页码"),
        (HEADER, "页眉"),
        ("—2—", "页码"),
        (HEADER, "页眉"),
        ("—3—", "页码"),
    ]
    assert [(squeezed(text), reason) for text, reason in _reasons(document)] == pages
    assert len(document.pages) == 3
    places = {words: document.page(document.text.index(words)) for words in ("总体要求", "优化服务环境", "市级专窗")}
    assert places == {"总体要求": 1, "优化服务环境": 2, "市级专窗": 3}


def _leaf(*lines: tuple[str, float, float], size: float = 16.0) -> Leaf:
    return Leaf([Words(text, x, y, size) for text, x, y in lines])


def test_table_without_rules_is_read_by_its_alignment(tmp_path: Path) -> None:
    rows = (
        ("序号", "补贴对象", "补贴标准"),
        ("1", "小型企业", "5万元"),
        ("2", "微型企业", "3万元"),
        ("3", "个体工商户", "5000元"),
    )
    leaf = _leaf(("补贴标准按下表执行：", 111, 100))
    for number, row in enumerate(rows):
        leaf.words += [Words(cell, x, 150 + 24 * number, 12) for cell, x in zip(row, (90, 180, 330), strict=True)]
    (table,) = _read(drawn([leaf]), tmp_path).tables
    assert (table.columns, table.rows) == (rows[0], rows[1:])


def test_table_that_goes_on_over_a_page_with_its_header_repeated_is_one(tmp_path: Path) -> None:
    head, rows = ("企业类型", "奖励标准"), [(f"第{n}类企业", f"{n}万元") for n in range(1, 9)]
    leaves = []
    for part in (rows[:5], rows[5:]):
        leaf = Leaf()
        for number, row in enumerate((head, *part)):
            y = 120.0 + 30 * number
            leaf.words += [Words(cell, x, y + 20, 12) for cell, x in zip(row, (90, 290), strict=True)]
            leaf.strokes += [Stroke(79, y, 521, y), Stroke(79, y + 30, 521, y + 30)]
            leaf.strokes += [Stroke(x, y, x, y + 30) for x in (79, 280, 521)]
        leaves.append(leaf)
    document = _read(drawn(leaves), tmp_path)
    (table,) = document.tables
    assert (table.columns, table.rows) == (head, tuple(rows))
    assert _reasons(document) == [("企业类型", "重复表头"), ("奖励标准", "重复表头")]


def test_paragraph_goes_on_past_a_footnote_which_follows_it(tmp_path: Path) -> None:
    full = "为帮助小微企业降低成本、扩大市场，结合本市实际，推动小微企业"
    first = _leaf(*[(full[:25], 111.0, 300.0), (full[:27], 79.0, 330.0), (full[:27], 79.0, 360.0)])
    first.words.append(Words("①小微企业按国家统计局的标准划分。", 79, 735, 10))
    second = _leaf(("高质量发展，现提出以下意见。", 79, 120), ("本意见自公布之日起施行。", 111, 150))
    document = _read(drawn([first, second]), tmp_path)
    paragraphs = [
        "".join(document.text[span.start : span.end] for span in paragraph)
        for section in document.walk()
        for paragraph in section.paragraphs
    ]
    assert paragraphs == [
        full[:25] + full[:27] + full[:27] + "高质量发展，现提出以下意见。",
        "①小微企业按国家统计局的标准划分。",
        "本意见自公布之日起施行。",
    ]


def test_table_of_contents_is_no_outline(tmp_path: Path) -> None:
    entries = [("目录", 280.0, 110.0)] + [
        (f"{number}、{words}" + "." * 50 + str(at), 79.0, 140.0 + 30 * at)
        for at, (number, words) in enumerate(zip("一二三", ("总体要求", "主要任务", "保障措施"), strict=True), 1)
    ]
    body = [
        ("清河市小微企业工作方案", 200.0, 90.0),
        ("一、总体要求", 111.0, 120.0),
        ("坚持政府引导。", 111.0, 150.0),
        ("二、主要任务", 111.0, 180.0),
        ("扩大市场。", 111.0, 210.0),
    ]
    document = _read(drawn([_leaf(*entries), _leaf(*body)]), tmp_path)
    assert [section.path for section in document.walk()] == ["引言", "一、", "二、"]
    assert {item.reason for item in document.dropped} == {"目录"}


def test_watermark_is_set_aside(tmp_path: Path) -> None:
    leaves = typeset(MEASURES, Look(numbered=False))
    leaves[0].words.append(Words("内部资料", 150, 500, 60, turned=35))
    document = _read(drawn(leaves), tmp_path)
    assert _reasons(document) == [("内部资料", "水印")]
    assert outline(document) == expected(MEASURES)


def test_pages_without_text_are_named_where_nothing_recognises_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "available", lambda: False)
    source = pdfium.PdfDocument(pdf(NOTICE))
    page = source.new_page(595, 842)
    image = pdfium.PdfImage.new(source)
    image.set_bitmap(pdfium.PdfBitmap.new_native(40, 40, 4))
    image.set_matrix(pdfium.PdfMatrix().scale(400, 400))
    page.insert_obj(image)
    page.gen_content()
    target = tmp_path / "half.pdf"
    source.save(target)
    extract = read_pdf(target.read_bytes(), "half.pdf")
    document = parse(SourceText(file="half.pdf", path=target, sha256="", **vars(extract)))
    assert outline(document) == expected(NOTICE)
    assert len(document.pages) == 2
    assert document.warnings == ("第 2 页是扫描图片，没有文字层，没有读；安装 wence[ocr] 后可以识别",)


def _objects(*bodies: bytes) -> bytes:
    """A PDF out of numbered objects, the first being the catalogue; without a cross-reference table."""
    parts = [b"%d 0 obj\n%s\nendobj\n" % (number, body) for number, body in enumerate(bodies, 1)]
    return b"%PDF-1.7\n" + b"".join(parts) + b"trailer\n<</Root 1 0 R>>\n%%EOF"


def _page(content: bytes, filters: bytes) -> bytes:
    return _objects(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        b"<<%s/Length %d>>\nstream\n%s\nendstream" % (filters, len(content), content),
    )


def _empty(pages: int) -> bytes:
    kids = b" ".join(b"3 0 R" for _ in range(pages))
    return _objects(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    )


BOMB = zlib.compress(b"0 " * (150 << 20), 9)
HOSTILE = {
    "password": (drawn([_leaf(("一、总则", 80, 100))], password="x"), "PDF 有打开密码"),
    "cut": (pdf(OPINION)[:600], "PDF 已损坏或不完整，打不开"),
    "no pdf inside": (b"%PDF-1.4\n" + b"\xff\x00" * 500, "PDF 已损坏或不完整，打不开"),
    "10,000 empty pages": (_empty(10_000), "PDF 有 10000 页，超过 5000 页的上限"),
    "empty pages": (_empty(3), "PDF 的 3 页都是空白"),
    "pages that hold themselves": (
        _objects(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"),
        "PDF ",
    ),
    "bomb": (_page(BOMB, b"/Filter/FlateDecode"), "压缩炸弹"),
    "bomb in a bomb": (_page(zlib.compress(BOMB, 9), b"/Filter[/FlateDecode/FlateDecode]"), "压缩炸弹"),
}


@pytest.mark.parametrize(("data", "message"), HOSTILE.values(), ids=HOSTILE)
def test_refused_in_one_clear_line(data: bytes, message: str) -> None:
    started = time.monotonic()
    with pytest.raises(IngestError) as caught:
        read_pdf(data, "文件夹/a.pdf")
    assert message in str(caught.value)
    assert "文件夹/a.pdf" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert time.monotonic() - started < 5


def test_truncated_file_is_read_as_far_as_it_goes_and_says_so(tmp_path: Path) -> None:
    data = pdf(OPINION, LOOKS["one"])
    document = _read(data[: data.rindex(b"xref")], tmp_path)
    check_outline(document, OPINION)
    assert document.warnings == ("文件末尾不完整，可能被截断，后面的内容或许缺失",)


SEED = pdf(
    replace(MEASURES, blocks=(*MEASURES.blocks[:4], *[b for b in OPINION.blocks if isinstance(b, Table)])), LOOKS["one"]
)


@settings(max_examples=120, deadline=5000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.binary(max_size=6)), min_size=1, max_size=8), st.booleans())
def test_mutated_bytes_are_read_or_refused(changes: list[tuple[int, bytes]], cut: bool) -> None:
    data = bytearray(SEED)
    for at, put in changes:
        data[at : at + len(put)] = put
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ocr, "available", lambda: False)  # what it makes of pictures is tested with them
        try:
            extract = read_pdf(bytes(data[: changes[0][0]] if cut else data), "a.pdf")
        except IngestError:
            return
    covered = {at for span in _spans(extract.layout) for at in range(span[0], span[1])}
    assert all(at in covered for at, char in enumerate(extract.text) if not char.isspace())


def _spans(layout: Layout) -> list[tuple[int, int]]:
    found = [(span.start, span.end) for paragraph in layout.paragraphs for span in paragraph]
    found += [(span.start, span.end) for table in layout.tables for span in table.spans]
    return found + [(item.start, item.end) for item in layout.dropped]


def test_row_cut_by_a_page_break_is_one_row(tmp_path: Path) -> None:
    top, rest = Leaf(), Leaf()
    for leaf, rows, high in (
        (top, [(("企业类型", "奖励标准"), 690), (("首次入库的小型", "10万元，分两年"), 720)], 743),
        (rest, [(("企业", "发放"), 105), (("微型企业", "6万元"), 135)], 165),
    ):
        for cells, y in rows:
            leaf.words += [Words(cell, x, y + 20, 12) for cell, x in zip(cells, (84, 285), strict=True)]
        edges = (690, 720) if leaf is top else (135, 165)
        leaf.strokes += [Stroke(79, y, 521, y) for y in edges]
        leaf.strokes += [Stroke(x, rows[0][1], x, high) for x in (79, 280, 521)]
    (table,) = _read(drawn([top, rest]), tmp_path).tables
    assert table.columns == ("企业类型", "奖励标准")
    assert table.rows == (("首次入库的小型企业", "10万元，分两年发放"), ("微型企业", "6万元"))


def test_title_in_the_first_row_and_note_in_the_last_are_paragraphs(tmp_path: Path) -> None:
    leaf = Leaf()
    rows = (("表2 补贴标准",), ("类别", "标准"), ("小型企业", "5万元"), ("微型企业", "3万元"), ("注：按年度发放。",))
    for number, row in enumerate(rows):
        y = 120.0 + 30 * number
        leaf.words += [Words(cell, x, y + 20, 12) for cell, x in zip(row, (90, 290), strict=False)]
        leaf.strokes += [Stroke(79, y, 521, y), Stroke(79, y + 30, 521, y + 30)]
        leaf.strokes += [Stroke(x, y, x, y + 30) for x in ((79, 280, 521) if len(row) > 1 else (79, 521))]
    document = _read(drawn([leaf]), tmp_path)
    (table,) = document.tables
    assert (table.caption, table.columns, table.rows) == ("表2 补贴标准", rows[1], rows[2:4])
    assert any(
        document.text[span.start : span.end] == rows[4][0] for s in document.walk() for p in s.paragraphs for span in p
    )


def test_annexes_that_begin_alike_are_no_running_header(tmp_path: Path) -> None:
    leaves = [_leaf(("附件1", 72, 88), ("申请表", 270, 120), ("一、填表说明", 104, 150))]
    leaves += [_leaf(("附件2", 72, 88), ("承诺书", 270, 120), ("一、承诺事项", 104, 150))]
    document = _read(drawn([_leaf(("清河市小微企业工作方案", 200, 120), ("一、总则", 104, 150)), *leaves]), tmp_path)
    assert [section.number for section in document.sections if section.number] == ["一、", "附件1", "附件2"]
    assert document.dropped == ()


def test_header_that_counts_with_the_pages_is_one(tmp_path: Path) -> None:
    leaves = [
        _leaf((f"清河市政策汇编 2025年第{n}期", 72, 60), (f"第{n}条 本条规定内容。", 104, 150)) for n in (1, 2, 3, 4)
    ]
    document = _read(drawn(leaves), tmp_path)
    assert [reason for _, reason in _reasons(document)] == ["页眉"] * 4


@pytest.mark.parametrize(
    ("words", "is_number"),
    [
        *[(each, True) for each in ("第 3 页 共 12 页", "3/12", "— 3 —", "Page 3 of 12", "·3·", "第3页")],
        *[(each, False) for each in ("20241", "第三", "0000 1234", "2024年", "三、")],
    ],
)
def test_page_number(words: str, is_number: bool, tmp_path: Path) -> None:
    document = _read(drawn([_leaf(("一、总则", 104, 150), ("坚持政府引导。", 104, 180), (words, 250, 790))]), tmp_path)
    assert [reason for _, reason in _reasons(document)] == ["页码"] * is_number


def test_a_day_at_the_right_edge_does_not_go_on_in_the_title_below(tmp_path: Path) -> None:
    lines = (
        ("云溪市人民政府令", 220, 100),
        ("第95号", 265, 129),
        ("《云溪市城市户外广告设施管理办法》已经2024年1月8日", 122, 158),
        ("市政府第50次常务会议通过，现予公布。", 90, 187),
        ("市长　周某某", 410, 216),
        ("2024年1月15日", 396, 245),
        ("云溪市人民政府关于修改部分城市管理行政规范性文件决定", 90, 274),
        ("经研究，决定：", 122, 303),
        ("一、废止《云溪市门楼牌管理办法》。", 122, 332),
        ("二、本决定自公布之日起施行。", 122, 361),
    )
    document = _read(drawn([_leaf(*lines)]), tmp_path)
    assert document.issue_date == "2024-01-15"
    assert [section.path for section in document.sections][-2:] == ["一、", "二、"]
    assert "云溪市人民政府关于修改部分城市管理行政规范性文件决定" in document.title


def test_headings_whose_blank_the_file_lost(parse_text: Callable[..., Document]) -> None:
    document = parse_text(
        "地质灾害应急预案\n1总则\n1.1编制目的\n减少伤亡。\n2组织体系\n2.1指挥部\n3个工作日内成立。\n2.2工作组\n"
        "（1）抢险组。\n3附则\n3.1管理\n三年修订。\n"
    )
    assert [section.path for section in document.walk()] == [
        *("引言", "1", "1.1", "2", "2.1", "2.2", "2.2（1）", "3", "3.1"),
    ]
