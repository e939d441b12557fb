"""Scans and photographs: the outline of the document, its tables, doubts where recognition was not sure."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from errors import IngestError
from ingest.document import Document
from ingest.files import find
from ingest.formats import ocr
from ingest.formats.pdf import read as read_pdf
from ingest.formats.scan import read as read_scan
from ingest.reader import read
from tests.fixtures.outlines import outline
from tests.fixtures.pdf import drawn, pdf
from tests.fixtures.policy import MEASURES, NOTICE, Node, Policy, expected
from tests.fixtures.scan import encoded, pictures, rendered, scanned_pdf
from tests.fixtures.typeset import Leaf, Look, Stroke, Words
from tests.ingest.laws import check_chunks, check_partition

recognising = pytest.mark.skipif(not ocr.available(), reason="the extra ocr is not installed")


def _read(data: bytes, path: Path) -> Document:
    path.write_bytes(data)
    document = read(path)
    check_partition(document)
    check_chunks(document)
    return document


def _heads(nodes: tuple[Node, ...]) -> Iterator[tuple[str | None, str | None]]:
    for node in nodes:
        yield node.number, node.heading
        yield from _heads(node.children)


def _agreement(document: Document, policy: Policy, look: Look, folder: Path) -> tuple[float, float]:
    """f1 of the sections against what was written, and the share of characters read right against the printed text."""
    own, true = Counter(_heads(outline(document))), Counter(_heads(expected(policy)))
    (folder / "true.pdf").write_bytes(pdf(policy, look))
    printed, got = "".join(read(folder / "true.pdf").text.split()), "".join(document.text.split())
    blocks = SequenceMatcher(None, printed, got, autojunk=False).get_matching_blocks()
    f1 = 2 * sum((own & true).values()) / sum((own + true).values())
    return f1, sum(block.size for block in blocks) / max(len(printed), len(got))


@recognising
def test_scanned_pdf_of_one_column(tmp_path: Path) -> None:
    look = Look(header="清河市政策汇编（2025年）")
    document = _read(scanned_pdf(pictures(NOTICE, look)), tmp_path / "a.pdf")
    f1, right = _agreement(document, NOTICE, look, tmp_path)
    assert (f1 >= 0.95, right >= 0.98) == (True, True), (f1, right)
    assert {item.reason for item in document.dropped} == {"页眉", "页码"}
    assert document.doubts
    assert all(0 < doubt.confidence < 1 for doubt in document.doubts)
    assert document.title == NOTICE.title


@recognising
def test_picture_of_two_columns(tmp_path: Path) -> None:
    look = Look(columns=2, size=12, pitch=20, depth=440)
    document = _read(encoded(pictures(MEASURES, look, skew=-1.3)[0], "PNG"), tmp_path / "a.png")
    f1, right = _agreement(document, MEASURES, look, tmp_path)
    assert (f1 >= 0.95, right >= 0.98) == (True, True), (f1, right)


def _table() -> bytes:
    rows = (("企业类型", "奖励标准"), ("小型企业", "10万元"), ("微型企业", "6万元"))
    leaf = Leaf([Words("奖励标准按照下表执行，由市财政局负责解释。", 111, 70, 16)])
    for number, row in enumerate(rows):
        y = 110.0 + 36 * number
        leaf.words += [Words(cell, x, y + 24, 14) for cell, x in zip(row, (90, 300), strict=True)]
        leaf.strokes += [Stroke(79, y, 521, y), Stroke(79, y + 36, 521, y + 36)]
        leaf.strokes += [Stroke(x, y, x, y + 36) for x in (79, 290, 521)]
    return drawn([leaf])


@recognising
@pytest.mark.parametrize("turned", [0, 90])
def test_table_is_read_by_its_rules_on_a_sheet_that_lies_sideways_too(turned: int, tmp_path: Path) -> None:
    (page,) = rendered(_table(), skew=0.6, noise=8.0)
    page = page.crop((0, 0, page.width, 750)).rotate(turned, expand=True)
    document = _read(encoded(page, "JPEG"), tmp_path / "a.jpg")
    (table,) = document.tables
    assert (table.columns, table.rows) == (("企业类型", "奖励标准"), (("小型企业", "10万元"), ("微型企业", "6万元")))
    assert "奖励标准按照下表执行，由市财政局负责解释。" in document.text


def test_without_recognition_pictures_and_scans_are_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "available", lambda: False)
    blank = Image.new("L", (400, 500), 255)
    for read_file, data in ((read_scan, encoded(blank, "PNG")), (read_pdf, scanned_pdf([blank]))):
        with pytest.raises(IngestError, match=r"wence\[ocr\]"):
            read_file(data, "a")


@recognising
def test_hostile_pictures_are_refused_in_one_line() -> None:
    def refused(data: bytes) -> str:
        with pytest.raises(IngestError) as caught:
            read_scan(data, "文件夹/a.png")
        assert "文件夹/a.png" in str(caught.value)
        return str(caught.value)

    blank = Image.new("L", (300, 400), 255)
    vast = encoded(Image.new("1", (20000, 20000), 1), "PNG")
    assert "没有认出文字" in refused(encoded(blank, "PNG"))
    assert "百万像素的上限" in refused(vast)
    assert "已损坏" in refused(encoded(blank, "PNG")[:60])
    assert "已损坏" in refused(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    assert "已损坏" in refused(b"II*\0\xff\xff\xff\xff")


SEED = [encoded(Image.new("L", (40, 30), 255), kind) for kind in ("PNG", "JPEG", "TIFF", "BMP")]


@recognising
@settings(max_examples=60, deadline=5000, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SEED), st.integers(0, 400), st.binary(min_size=1, max_size=8), st.integers(0, 400))
def test_mutated_pictures_are_refused(seed: bytes, at: int, put: bytes, cut: int) -> None:
    data = bytearray(seed)
    at %= len(data)
    data[at : at + len(put)] = put
    with pytest.raises(IngestError):
        read_scan(bytes(data[: len(data) - cut % 40]), "a.png")


def test_icons_and_the_pictures_of_saved_pages_are_no_documents(tmp_path: Path) -> None:
    (tmp_path / "通知_files").mkdir()
    for name, size in (("icon.png", 900), ("scan.png", 90_000), ("通知_files/b.jpg", 90_000), ("page.TIF", 50_000)):
        (tmp_path / name).write_bytes(io.BytesIO(b"\0" * size).getvalue())
    assert [found.file for found in find([tmp_path])] == ["page.TIF", "scan.png"]
