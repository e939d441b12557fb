"""Exports read back equal to the JSON."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook  # type: ignore[import-untyped]

from assistant.export import COLUMNS, export, paragraph
from assistant.match import Matches, match
from assistant.profile import read_profile
from errors import ConfigError, UsageError
from index.build import build
from index.embedding import Embedding
from index.snapshot import open_snapshot
from render import matches_json
from tests.assistant.conftest import ROOT


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Matches:
    index = tmp_path_factory.mktemp("exported")
    build([ROOT / "corpus"], index, embedding=embedding)
    return match(open_snapshot(index), read_profile("张江一家CAR-T公司，A轮，瞪羚企业，缺资金和场地"))


def test_the_table_reads_back_equal_to_the_json(result: Matches, tmp_path: Path) -> None:
    export(result, tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")["条款匹配"]
    header, *rows = sheet.iter_rows(values_only=True)
    assert header == COLUMNS
    value = matches_json(result)
    wanted = [(name, item) for name in ("applies", "maybe", "excluded") for item in value[name]]  # type: ignore[attr-defined]
    assert len(rows) == len(wanted) > 10
    for row, (verdict, item) in zip(rows, wanted, strict=True):
        cells = dict(zip(COLUMNS, row, strict=True))
        assert cells["结论"] == {"applies": "适用", "maybe": "需核实", "excluded": "不适用"}[verdict]
        assert [cells[name] for name in ("序号", "文件", "条目", "起", "止", "原文", "措施", "对象")] == [
            item[name] for name in ("n", "file", "section", "start", "end", "quote", "measure", "who")
        ]
        assert (cells["金额"] or None) == item["amount"]
        assert (cells["理由"] or "").split("\n") == (item["why"] or [""])


def test_the_document_holds_every_provision_with_its_citation(result: Matches, tmp_path: Path) -> None:
    export(result, tmp_path / "a.docx")
    lines = [line.text for line in Document(str(tmp_path / "a.docx")).paragraphs]
    items = (*result.applies, *result.maybe, *result.excluded)
    assert [line for line in lines if line.startswith("[")] == [paragraph(item) for item in items]
    assert all(item.citation.quote in paragraph(item) and item.citation.section in paragraph(item) for item in items)


def test_a_quotation_is_never_a_formula(result: Matches, tmp_path: Path) -> None:
    hostile = Matches(
        profile=read_profile('=HYPERLINK("x")'), applies=result.applies, maybe=(), excluded=(), ask=("+1", "=1")
    )
    export(hostile, tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        assert not [name for name in parts.namelist() if name.endswith("xml") and b"<f>" in parts.read(name)]


def test_other_endings_and_places_are_refused(result: Matches, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.pdf；请用 \.xlsx 或 \.docx"):
        export(result, tmp_path / "a.pdf")
    with pytest.raises(ConfigError, match="写不了"):
        export(result, tmp_path / "no" / "a.xlsx")
