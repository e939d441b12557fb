"""A firm's matches as a table (XLSX) or a document (DOCX): one row or paragraph a provision, with its citation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assistant.match import Match, Matches
from errors import ConfigError, UsageError

COLUMNS = (
    *("结论", "措施", "对象", "金额", "原文", "文件", "文号", "条目", "标题", "起", "止"),
    *("理由", "需核实", "不适用原因", "说明", "序号"),
)
_WIDTHS = (8, 18, 18, 18, 60, 36, 22, 22, 24, 8, 8, 40, 40, 40, 40, 6)
_NAMES = {"applies": "适用", "maybe": "需核实", "excluded": "不适用"}
_FORMULA = ("=", "+", "-", "@")


def rows(found: Matches) -> Iterator[tuple[str | int, ...]]:
    """One row a provision, in the order of COLUMNS; 起 and 止 are character offsets into the source text."""
    for item in (*found.applies, *found.maybe, *found.excluded):
        citation = item.citation
        yield (
            *(_NAMES[item.verdict], item.measure, item.who, item.amount or "", citation.quote, citation.file),
            *(citation.doc_number or "", citation.section, citation.heading or "", citation.start, citation.end),
            *("\n".join(item.why), "\n".join(item.missing), item.why_not or "", "\n".join(item.notes), citation.n),
        )


def export(found: Matches, path: Path) -> None:
    """Write the matches to a `.xlsx` or `.docx` file.

    Raises UsageError for another ending, ConfigError when the file cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in (".xlsx", ".docx"):
        raise UsageError(f"不会写这种文件：{path}；请用 .xlsx 或 .docx 结尾")
    try:
        _table(found, path) if kind == ".xlsx" else _document(found, path)
    except OSError as error:
        raise ConfigError(f"写不了：{path}（{error.strerror}）；请检查路径和权限") from error


def _table(found: Matches, path: Path) -> None:
    from openpyxl import Workbook  # type: ignore[import-untyped]
    from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "条款匹配"
    sheet.append(COLUMNS)
    for row in rows(found):
        sheet.append(row)
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, str) and cell.value.startswith(_FORMULA):
                cell.data_type = "s"  # a quotation is text, whatever it begins with
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    notes = book.create_sheet("企业情况")
    for line in (found.profile.text, *found.ask):
        notes.append((line,))
        notes.cell(notes.max_row, 1).data_type = "s"
    book.save(path)


def _document(found: Matches, path: Path) -> None:
    from docx import Document

    document = Document()
    document.add_heading("条款匹配结果", level=0)
    document.add_paragraph(f"企业情况：{found.profile.text}")
    for name, items in (("适用", found.applies), ("需核实", found.maybe), ("不适用", found.excluded)):
        document.add_heading(f"{name}（{len(items)}条）", level=1)
        last = ""
        for item in items:
            if item.citation.doc != last:
                document.add_heading(f"《{item.citation.title}》{item.citation.doc_number or ''}", level=2)
                last = item.citation.doc
            document.add_paragraph(paragraph(item))
    if found.ask:
        document.add_heading("请补充", level=1)
        for question in found.ask:
            document.add_paragraph(question)
    document.save(str(path))


def paragraph(item: Match) -> str:
    """A match as one paragraph: measure, amount, the words, where they stand, whom for, the verdict's reasons."""
    citation = item.citation
    reasons = item.missing or ((item.why_not,) if item.why_not else item.why)
    amount = f"（{item.amount}）" if item.amount else ""
    label = f"〔{citation.doc_number or citation.title} {citation.section}，{citation.file}〕"
    said = [f"对象：{item.who}"] if item.named else []
    said.append(f"{_NAMES[item.verdict]}：{'；'.join(reasons)}")
    said += [f"已符合：{'；'.join(item.why)}"] if item.missing and item.why else []
    said += [f"注：{'；'.join(item.notes)}"] if item.notes else []
    return f"[{citation.n}] {item.measure}{amount}：{citation.quote}{label}{''.join(f'{one}。' for one in said)}"
