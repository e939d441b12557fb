"""DOCX: generated numbers, tables, changes, notes, boxes; damaged, locked and hostile files."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import IngestError
from ingest.files import find, load
from ingest.formats.docx import read as read_docx
from ingest.layout import Extract
from ingest.reader import read
from tests.fixtures.policy import OPINION
from tests.fixtures.word import docx, level, numbered, package, paragraph
from tests.ingest.conftest import POLICIES
from tests.ingest.laws import check_chunks, check_partition

P = paragraph


def extract(body: str, **parts: str) -> Extract:
    return read_docx(package(body, **parts), "a.docx")


def lines(body: str, **parts: str) -> list[str]:
    """The lines of the text."""
    return extract(body, **parts).text.split("\n")[:-1]


def dropped(found: Extract) -> list[tuple[str, str]]:
    return [(item.reason, found.text[item.start : item.end]) for item in found.layout.dropped]


def lists(levels: str, nums: str = "") -> str:
    return f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>' + (
        nums or '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )


THREE = level(0, "chineseCounting", "%1、") + level(1, "decimal", "%1.%2") + level(2, "lowerLetter", "%3)")


def test_numbers_count_restart_below_and_go_on_after_text() -> None:
    body = "".join(
        P(text, numbered(1, at)) for text, at in (("甲", 0), ("乙", 1), ("丙", 2), ("丁", 1), ("戊", 0), ("己", 1))
    )
    assert lines(body + P("正文") + P("庚", numbered(1, 0)), numbering=lists(THREE)) == [
        "一、甲",
        "一.1 乙",
        "a) 丙",
        "一.2 丁",
        "二、戊",
        "二.1 己",
        "正文",
        "三、庚",
    ]


def test_legal_levels_start_overrides_and_levels_that_never_restart() -> None:
    legal = level(0, "chineseCounting", "%1、") + level(1, "decimal", "%1.%2", '<w:isLgl/><w:lvlRestart w:val="0"/>')
    over = (
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="0"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    )
    steps = ((1, 0), (1, 1), (1, 0), (1, 1), (2, 0), (2, 1), (2, 0), (1, 0))
    body = "".join(P("文", numbered(ident, at)) for ident, at in steps)
    assert lines(body, numbering=lists(legal, over)) == [
        "一、文",
        "1.1 文",
        "二、文",
        "2.2 文",
        "五、文",
        "5.3 文",
        "六、文",
        "七、文",
    ]


def test_numbers_of_styles_links_bullets_and_none() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="A"><w:name w:val="a"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="B"><w:name w:val="b"/><w:basedOn w:val="A"/></w:style>'
        '<w:style w:type="numbering" w:styleId="L"><w:name w:val="l"/>'
        '<w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>'
    )
    numbering = (
        f'<w:abstractNum w:abstractNumId="0">{level(0, "upperRoman", "%1.")}'
        f"{level(1, 'decimal', '（%2）', '<w:pStyle w:val=' + chr(34) + 'A' + chr(34) + '/>')}</w:abstractNum>"
        f'<w:abstractNum w:abstractNumId="1"><w:styleLink w:val="L"/>{level(0, "ideographTraditional", "%1、")}'
        "</w:abstractNum>"
        '<w:abstractNum w:abstractNumId="2"><w:numStyleLink w:val="L"/></w:abstractNum>'
        f'<w:abstractNum w:abstractNumId="3">{level(0, "bullet", "&#xF0B7;")}</w:abstractNum>'
        + "".join(f'<w:num w:numId="{n + 1}"><w:abstractNumId w:val="{n}"/></w:num>' for n in range(4))
    )
    body = (
        P("甲", '<w:pStyle w:val="A"/>')
        + P("乙", '<w:pStyle w:val="B"/>' + numbered(1, 0))
        + P("丙", '<w:pStyle w:val="A"/>' + numbered(0, 0))
        + P("丁", numbered(3, 0))
        + P("戊", numbered(4, 0))
        + P("己", numbered(99, 0))
    )
    assert lines(body, styles=styles, numbering=numbering) == ["（1）甲", "II. 乙", "丙", "甲、丁", "戊", "己"]


def test_changes_are_read_as_accepted() -> None:
    body = (
        '<w:p><w:r><w:t>补贴</w:t></w:r><w:del w:id="1"><w:r><w:delText>三</w:delText></w:r></w:del>'
        '<w:ins w:id="2"><w:r><w:t>五</w:t></w:r></w:ins><w:r><w:t>万元。</w:t></w:r></w:p>'
        '<w:p><w:pPr><w:rPr><w:del w:id="3"/></w:rPr></w:pPr><w:r><w:t>上半句，</w:t></w:r></w:p>'
        + P("下半句。")
        + '<w:moveFrom w:id="4"><w:p><w:r><w:t>移走的段。</w:t></w:r></w:p></w:moveFrom>'
        + '<w:p><w:moveTo w:id="5"><w:r><w:t>移来的段。</w:t></w:r></w:moveTo></w:p>'
    )
    found = extract(body)
    kept = ["".join(found.text[s.start : s.end] for s in spans) for spans in found.layout.paragraphs]
    assert kept == ["补贴五万元。", "上半句，下半句。", "移来的段。"]
    assert dropped(found) == [("修订删除", "三"), ("修订删除", "移走的段。")]


def test_deleted_row_and_text_in_a_cell() -> None:
    cell = "<w:tc>{}</w:tc>"
    gone = '<w:p><w:r><w:t>10万元</w:t></w:r><w:del w:id="1"><w:r><w:delText>9万元</w:delText></w:r></w:del></w:p>'
    table = (
        f"<w:tbl><w:tr>{cell.format(P('类别'))}{cell.format(P('标准'))}</w:tr><w:tr>{cell.format(P('甲'))}{cell.format(gone)}</w:tr>"
        f'<w:tr><w:trPr><w:del w:id="2"/></w:trPr>{cell.format(P("乙"))}{cell.format(P("8万元"))}</w:tr></w:tbl>'
    )
    found = extract(table)
    assert [[cell.text for cell in row if cell] for row in found.layout.tables[0].rows] == [["甲", "10万元"]]
    assert dropped(found) == [("修订删除", "9万元\n乙\n8万元")]


def test_footnotes_follow_their_paragraph_and_endnotes_the_text() -> None:
    note = '<w:{0} w:id="0" w:type="separator"><w:p/></w:{0}><w:{0} w:id="2">' + P("注文。") + "</w:{0}>"
    reference = (
        '<w:p><w:r><w:t>补贴5万元</w:t></w:r><w:r><w:{0}Reference w:id="2"/></w:r><w:r><w:t>。</w:t></w:r></w:p>'
    )
    assert lines(
        reference.format("endnote") + reference.format("footnote") + P("后文。"),
        footnotes=note.format("footnote"),
        endnotes=note.format("endnote"),
    ) == ["补贴5万元(i)。", "补贴5万元¹。", "¹ 注文。", "后文。", "(i) 注文。"]


def test_text_box_stands_once_and_pictures_are_counted() -> None:
    box = f"<w:txbxContent>{P('框里的字')}</w:txbxContent>"
    body = (
        "<w:p><w:r><w:t>正文</w:t></w:r><w:r><mc:AlternateContent>"
        f'<mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
        '<w:p><w:r><w:drawing><wp:extent cx="3000000" cy="2000000"/><a:blip r:embed="r1"/></w:drawing></w:r></w:p>'
        '<w:p><w:r><w:drawing><wp:extent cx="3000" cy="2000"/><a:blip r:embed="r1"/></w:drawing></w:r></w:p>'
    )
    found = extract(body)
    assert found.text == "正文\n框里的字\n"
    assert found.layout.warnings == ("文档里有 1 张图片，图里的文字没有读；请另找文字版。",)
    with pytest.raises(IngestError, match="只有图片（1 张）"):
        extract('<w:p><w:r><w:drawing><a:blip r:embed="r1"/></w:drawing></w:r></w:p>')


def test_fields_links_controls_symbols_and_breaks() -> None:
    body = (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF x</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>第二条</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:hyperlink><w:r><w:t>网址</w:t></w:r></w:hyperlink>'
        "<w:sdt><w:sdtContent><w:r><w:t>控件</w:t></w:r></w:sdtContent></w:sdt>"
        '<w:fldSimple w:instr="PAGE"><w:r><w:t>7</w:t></w:r></w:fldSimple></w:p>'
        '<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:t>是</w:t><w:tab/><w:t>否</w:t><w:br/><w:t>下一行</w:t>'
        "<w:noBreakHyphen/></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>暗字</w:t></w:r>"
        "<m:oMath><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>b</m:t></m:r></m:den></m:f></m:oMath></w:p>"
    )
    assert lines(body) == ["第二条网址控件7", "☑是\t否", "下一行-a/b"]


def test_table_of_contents_headers_and_comments_are_set_aside() -> None:
    body = (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        f"<w:sdtContent>{P('目录')}{P('第一章 总则 1')}</w:sdtContent></w:sdt>{P('正文。')}"
    )
    found = extract(
        body,
        header1=P("某市文件"),
        header2=P("某市文件"),
        footer1=P("1"),
        comments=f"<w:comment>{P('请改')}</w:comment>",
    )
    assert dropped(found) == [("目录", "目录\n第一章 总则 1"), ("页眉", "某市文件"), ("页脚", "1"), ("批注", "请改")]


def test_nested_table_and_a_table_that_only_places_text() -> None:
    rows = (("项目", "金额"), ("甲", "5万元"))
    inner = "".join("<w:tr>" + "".join(f"<w:tc>{P(text)}</w:tc>" for text in row) + "</w:tr>" for row in rows)
    inner = f"<w:tbl>{inner}</w:tbl>"
    found = extract(f"<w:tbl><w:tr><w:tc>{P('说明如下。')}{inner}</w:tc></w:tr></w:tbl>")
    assert found.text == "说明如下。\n项目\t金额\n甲\t5万元\n"
    assert len(found.layout.tables) == 1


def test_strict_documents_are_read() -> None:
    data = io.BytesIO(package(P("严格格式。")))
    with zipfile.ZipFile(data) as archive:
        xml = {name: archive.read(name) for name in archive.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in xml.items():
            usual, strict = (
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                b"http://purl.oclc.org/ooxml/wordprocessingml/main",
            )
            archive.writestr(name, text.replace(usual, strict))
    assert read_docx(out.getvalue(), "a.docx").text == "严格格式。\n"


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/") + ".xml", data)
    return out.getvalue()


def locked() -> bytes:
    data = bytearray(package(P("字")))
    at = data.find(b"PK\x01\x02")
    struct.pack_into("<H", data, at + 8, 1)
    return bytes(data)


WORD = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
HOSTILE = {
    "truncated": (docx(OPINION)[:-200], "压缩包损坏"),
    "locked": (locked(), "有密码保护"),
    "no document": (zipped(word__styles=b"<a/>"), "缺少正文"),
    "other root": (zipped(word__document=b"<a/>"), "不是 Word 文档"),
    "no xml": (zipped(word__document=b"\x89PNG"), "损坏"),
    "cut xml": (zipped(word__document=WORD + b"<w:p>"), "损坏"),
    "bomb": (zipped(word__document=WORD + b" " * 30_000_000), "解压后太大"),
    "entities": (zipped(word__document=b'<!DOCTYPE a [<!ENTITY b "c">]>' + WORD + b"</w:body></w:document>"), "有 DTD"),
    "deep": (zipped(word__document=WORD + b"<w:tbl><w:tr><w:tc>" * 20_000), "损坏"),
    "members": (zipped(**{f"a{n}": b"" for n in range(5_001)}), "超过 5000 个"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_end_in_one_clear_line(case: str) -> None:
    data, words = HOSTILE[case]
    begun = time.monotonic()
    with pytest.raises(IngestError) as caught:
        read_docx(data, "a.docx")
    assert words in str(caught.value)
    assert "a.docx" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert time.monotonic() - begun < 5


def test_deep_but_whole_document_is_read_or_refused() -> None:
    nested = "<w:tbl><w:tr><w:tc>" * 60 + P("底") + "</w:tc></w:tr></w:tbl>" * 60
    assert "底" in extract(nested).text


def test_merged_cells_without_end() -> None:
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="999999"/><w:vMerge w:val="restart"/></w:tcPr>{}</w:tc>'
    rows = f"<w:tr>{cell.format(P('甲'))}{cell.format(P('乙'))}</w:tr>" * 800
    begun = time.monotonic()
    assert extract(f"<w:tbl>{rows}</w:tbl>").text.count("甲") == 800
    assert time.monotonic() - begun < 5


def test_locked_office_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(IngestError, match="有密码保护"):
        load(path)


REAL = docx(OPINION)


@given(
    st.lists(st.tuples(st.integers(0, len(REAL) - 1), st.binary(min_size=1, max_size=4)), max_size=10),
    st.integers(0, len(REAL)),
)
@settings(max_examples=100, deadline=None)
def test_damaged_files_are_read_or_refused(changes: list[tuple[int, bytes]], end: int) -> None:
    data = bytearray(REAL)
    for at, put in changes:
        data[at : at + len(put)] = put
    with suppress(IngestError):
        read_docx(bytes(data[: end or None]), "a.docx")


XML = zipfile.ZipFile(io.BytesIO(REAL))
PARTS = {name: XML.read(name).decode() for name in XML.namelist()}


TOKENS = ("", "<w:p/>", "<w:tbl/>", "<w:tr>", "</w:tc>", 'w:val="-7"', '"x"', "%9", "9999999", "\ufffe", "&a;")


@given(st.sampled_from(sorted(PARTS)), st.integers(0, 9999), st.integers(0, 40), st.sampled_from(TOKENS))
@settings(max_examples=150, deadline=None)
def test_damaged_parts_are_read_or_refused(member: str, at: int, length: int, token: str) -> None:
    text = PARTS[member]
    at %= len(text)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, xml in PARTS.items():
            archive.writestr(name, text[:at] + token + text[at + length :] if name == member else xml)
    with suppress(IngestError):
        read_docx(out.getvalue(), "a.docx")


@pytest.mark.skipif(not POLICIES.is_dir(), reason="shared/data/policies is not beside the repository")
def test_real_files_are_whole_and_begin_with_their_title() -> None:
    documents = {found.path.stem: read(found.path) for found in find([POLICIES]) if found.path.suffix == ".docx"}
    assert len(documents) >= 5
    for name, document in documents.items():
        check_partition(document)
        check_chunks(document)
        assert document.title == name
        assert {item.reason for item in document.dropped} <= {"页脚", "页眉", "分隔线或页码"}
