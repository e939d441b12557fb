"""OFD: the same document as in every format; templates, attachments, and files that cannot be read."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errors import IngestError
from ingest.document import Attachment, Document
from ingest.files import SourceText
from ingest.formats import ocr
from ingest.formats.ofd import read as read_ofd
from ingest.reader import parse, read
from tests.fixtures.ofd import bound, ofd
from tests.fixtures.outlines import check_outline, outline
from tests.fixtures.pdf import drawn, pdf
from tests.fixtures.policy import MEASURES, NOTICE, OPINION, POLICIES, Policy, expected
from tests.fixtures.scan import encoded, rendered
from tests.fixtures.typeset import Leaf, Look, Words, typeset
from tests.ingest.laws import check_chunks, check_partition

LOOKS = {
    "one": Look(header="清河市政策汇编（2025年）"),
    "two": Look(columns=2, size=10.5, pitch=17, header="清河市政策汇编（2025年）", depth=560),
}


def _read(data: bytes, tmp_path: Path) -> Document:
    path = tmp_path / "a.ofd"
    path.write_bytes(data)
    document = read(path)
    check_partition(document)
    check_chunks(document)
    return document


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_outline_is_that_of_the_document(policy: Policy, look: Look, tmp_path: Path) -> None:
    document = _read(ofd(policy, look), tmp_path)
    check_outline(document, policy)
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(policy, look))
    assert "".join(document.text.split()) == "".join(read(path).text.split())


def test_template_under_every_page_is_running_matter(tmp_path: Path) -> None:
    template = Leaf([Words("清河市人民政府公报", 79, 60, 9)])
    document = _read(bound(typeset(OPINION, Look()), template=template), tmp_path)
    assert [document.text[d.start : d.end] for d in document.dropped if d.reason == "模板"] == [
        "清河市人民政府公报"
    ] * 3
    assert outline(document) == expected(OPINION)
    assert document.page(document.text.index("市级专窗")) == 3


def test_attachments_are_listed_and_custom_tags_left_out(tmp_path: Path) -> None:
    listed = (
        '<ofd:Attachments xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Attachment ID="1" Name="申请表.docx">'
        "<ofd:FileLoc>files/a.docx</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"
    )
    extra: dict[str, str | bytes] = {
        "Doc_0/Attachs/Attachments.xml": listed,
        "Doc_0/Attachs/files/a.docx": b"PK\x03\x04word/document.xml",
        "Doc_0/Tags/CustomTag.xml": "<a>不是正文</a>",
    }
    document = _read(bound(typeset(NOTICE, Look()), extra=extra), tmp_path)
    assert document.attachments == (Attachment(name="申请表.docx", target="Doc_0/Attachs/files/a.docx"),)
    assert "不是正文" not in document.text
    assert outline(document) == expected(NOTICE)


def test_missing_page_is_named(tmp_path: Path) -> None:
    data = _without(ofd(OPINION), "Doc_0/Pages/Page_1/Content.xml")
    document = _read(data, tmp_path)
    assert document.warnings == ("第 2 页的内容缺失，没有读出来",)
    assert len(document.pages) == 3


def _pictured() -> bytes:
    """Two pages: one of text, one that is only a picture."""
    line = Words("奖励标准按照下表执行，由市财政局负责解释。", 111, 70, 16)
    (page,) = rendered(drawn([Leaf([line])]), skew=0.0)
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    extra: dict[str, str | bytes] = {
        "Doc_0/Pages/Page_1/Content.xml": f'<ofd:Page {space}><ofd:Content><ofd:Layer><ofd:ImageObject ID="9"'
        ' Boundary="0 0 210 297" CTM="210 0 0 60 0 0" ResourceID="77"/></ofd:Layer></ofd:Content></ofd:Page>',
        "Doc_0/DocumentRes.xml": f'<ofd:Res {space} BaseLoc="Res"><ofd:MultiMedias><ofd:MultiMedia ID="77"'
        ' Type="Image"><ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>',
        "Doc_0/Res/a.png": encoded(page.crop((0, 0, page.width, 400)), "PNG"),
    }
    data = bound([*typeset(NOTICE, Look()), Leaf()], extra=extra)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        document = package.read("Doc_0/Document.xml")
    named = document.replace(b"<ofd:MaxUnitID>", b"<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes><ofd:MaxUnitID>")
    return _without(data, "Doc_0/Document.xml", named)


@pytest.mark.skipif(not ocr.available(), reason="the extra ocr is not installed")
def test_page_that_is_a_picture_is_recognised(tmp_path: Path) -> None:
    document = _read(_pictured(), tmp_path)
    at = document.text.index("奖励标准按照下表执行，由市财政局负责解释。")
    assert (document.page(at), len(document.pages), document.warnings) == (2, 2, ())


def test_page_that_is_a_picture_is_named_where_nothing_recognises_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "available", lambda: False)
    extract = read_ofd(_pictured(), "a.ofd")
    document = parse(SourceText(file="a.ofd", path=tmp_path, sha256="", **vars(extract)))
    assert document.warnings == ("第 2 页只有图片，没有读；安装 wence[ocr] 后可以识别",)
    assert outline(document) == expected(NOTICE)


def _without(data: bytes, member: str, instead: bytes | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name != member:
                target.writestr(name, source.read(name))
            elif instead is not None:
                target.writestr(name, instead)
    return out.getvalue()


def _locked(data: bytes) -> bytes:
    """The archive with the encryption flag set on every member."""
    out = bytearray(data)
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = out.find(magic)
        while start >= 0:
            out[start + at] |= 1
            start = out.find(magic, start + 4)
    return bytes(out)


ENTRY, PAGES = "OFD.xml", "Doc_0/Document.xml"
SMALL = ofd(MEASURES)
LOOP = b"<Document><Pages>" + b'<Page ID="1" BaseLoc="/Doc_0/Document.xml"/>' * 6000 + b"</Pages></Document>"
LAUGHS = b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'
HOSTILE = {
    "cut": (SMALL[: len(SMALL) // 2], "压缩包损坏或不完整"),
    "locked": (_locked(SMALL), "有密码保护"),
    "no entry": (_without(SMALL, ENTRY), "缺少入口文件"),
    "broken entry": (_without(SMALL, ENTRY, b"<ofd"), "OFD.xml 已损坏"),
    "entity": (_without(SMALL, ENTRY, LAUGHS), "里有 DTD"),
    "no pages": (_without(SMALL, PAGES, b"<Document/>"), "没有页面"),
    "no text": (_without(SMALL, "Doc_0/Pages/Page_0/Content.xml", b"<Page/>"), "没有文字"),
    "pages without end": (_without(SMALL, PAGES, LOOP), "5000 页的上限"),
    "bomb": (_without(SMALL, "Doc_0/Pages/Page_0/Content.xml", b"<a>" + b" " * (70 << 20)), "解压后太大"),
    "leaves the package": (_without(SMALL, ENTRY, b"<OFD><DocRoot>../../../etc/passwd</DocRoot></OFD>"), "没有页面"),
}


@pytest.mark.parametrize(("data", "message"), HOSTILE.values(), ids=HOSTILE)
def test_refused_in_one_clear_line(data: bytes, message: str) -> None:
    started = time.monotonic()
    with pytest.raises(IngestError) as caught:
        read_ofd(data, "文件夹/a.ofd")
    assert message in str(caught.value)
    assert "文件夹/a.ofd" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert time.monotonic() - started < 5


CONTENT = zipfile.ZipFile(io.BytesIO(SMALL)).read("Doc_0/Pages/Page_0/Content.xml")
_ODD = st.sampled_from(
    [b"g 999999999 1", b"NaN", b"-1e308", b"inf", b'"', b"0 0 0", b"\xff", b"CTM", b"<", "　".encode()]
)


@settings(max_examples=120, deadline=5000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(CONTENT) - 1), _ODD), min_size=1, max_size=6), st.booleans())
def test_mutated_bytes_are_read_or_refused(changes: list[tuple[int, bytes]], packed: bool) -> None:
    data = bytearray(SMALL if packed else CONTENT)
    for at, put in changes:
        data[at % len(data) : at % len(data) + len(put)] = put
    content = bytes(data) if packed else _without(SMALL, "Doc_0/Pages/Page_0/Content.xml", bytes(data))
    try:
        extract = read_ofd(content, "a.ofd")
    except IngestError:
        return
    assert extract.text.strip()


@settings(max_examples=60, deadline=5000)
@given(st.lists(st.sampled_from(["g 3 2", "g 9 -4", "1e6", "5", "NaN", "g", "g x 1", "0", "-0.0001"]), max_size=8))
def test_any_steps_keep_every_character(steps: list[str]) -> None:
    text = "第一条为了规范数据共享，制定本办法。"
    code = f'<TextCode X="0" Y="5" DeltaX="{" ".join(steps)}">{text}</TextCode>'
    page = f'<Page><TextObject Boundary="20 40 100 8" Size="5">{code}</TextObject></Page>'
    extract = read_ofd(_without(SMALL, "Doc_0/Pages/Page_0/Content.xml", page.encode()), "a.ofd")
    assert sorted("".join(extract.text.split())) == sorted(text)
