"""What a table is put together from: cells that know their place, and what can be said of a cell's words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ingest.document import Span
from ingest.lines import Line, bare

OPENERS, CLOSERS = "(（[【《〔「", ")）]】》〕」"
# The nouns that head columns of Chinese tables of every kind (the last noun of the header decides).
_HEADER = re.compile(
    r"(?:名称|姓名|类别|类型|种类|分类|性质|等级|级别|规格|型号|品种|单位|部门|机构|主体|责任人|负责人|联系人|电话|数量|数值|金额"
    r"|合计|总计|小计|比例|占比|比重|增速|时间|日期|期限|年份|年度|地点|地址|区域|地区|范围|位置|来源|依据|内容|事项|项目|任务|指标"
    r"|目标|措施|标准|条件|要求|说明|备注|编号|代码|序号|面积|投资|规模|价格|单价|得分|分值|权重|进度|状态|方式|对象)"
    r"(?:[（(][^（()）]*[)）])?$"
)
_NUMBER_HEADER = re.compile(r"(?:序号|编号|项次|次序|行次|No\.?)$", re.IGNORECASE)
_NUMBER = re.compile(
    r"[约近超<>≤≥+±-]?\d[\d,.]*(?:[-~–—至/]\d[\d,.]*)?[%‰]?(?:左右|以上|以下)?[\u4e00-\u9fff]{0,2}(?:\([^()]*\))?$"
)
_DATE = re.compile(r"(?:19|20)\d\d(?:年|[-./]\d)|\d{1,2}月")
_NONE = re.compile(r"[-/\\~*—–―…一]+$|无$|暂无$")
_RUNNING = re.compile(r"\(?(\d{1,4})[).、]?$")


class Kind(Enum):
    """What a cell holds."""

    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Cell:
    """The words of a cell, wraps undone, and the source characters `[start, end)` it was read from."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table before it is named. Every row has one entry a column, `None` where the source has none.

    `spans` cover its characters; source text that could not be placed in a row is left out of them.
    """

    columns: tuple[Cell, ...]
    rows: tuple[tuple[Cell | None, ...], ...]
    spans: tuple[Span, ...]


def line_cell(text: str, line: Line) -> Cell:
    """The words of one line without the white space and Markdown marks around them."""
    words = bare(text[line.start : line.end])
    start = text.index(words, line.start)
    return Cell(words, start, start + len(words))


def inked(text: str, line: Line) -> Span:
    """The whole of a line but the white space around it, Markdown marks included."""
    raw = text[line.start : line.end]
    return Span(line.end - len(raw.lstrip()), line.start + len(raw.rstrip()))


def join(cells: Sequence[Cell]) -> Cell:
    """Pieces of one cell put together again; a space parts two Latin words, nothing parts Chinese ones."""
    text = cells[0].text
    for cell in cells[1:]:
        latin = text[-1:].isascii() and text[-1:].isalpha() and cell.text[:1].isascii() and cell.text[:1].isalpha()
        text += " " * latin + cell.text
    return Cell(text, cells[0].start, cells[-1].end)


def kind_of(text: str) -> Kind:
    """What the words of a cell are: a number with its unit or note, a date, no value, or text."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if not plain or _NONE.match(plain):
        return Kind.NONE
    if _DATE.match(plain):
        return Kind.DATE
    return Kind.NUMBER if _NUMBER.match(plain) else Kind.TEXT


def running_number(text: str) -> int | None:
    """The number of a cell such as `3`, `３.` or `（3）`."""
    found = _RUNNING.match(unicodedata.normalize("NFKC", text)) if len(text) <= 7 else None
    return int(found[1]) if found else None


def counts_up(numbers: Sequence[int | None]) -> int | None:
    """How many groups numbers form that count 1, 2, 3 … and may begin again at 1; `None` if they do not."""
    groups, last = 0, 0
    for number in numbers:
        if number == 1:
            groups += 1
        elif number is None or number != last + 1:
            return None
        last = number
    return groups or None


def is_header_word(text: str) -> bool:
    """Whether words end in a noun that usually heads a column."""
    return _HEADER.search(text) is not None


def is_number_header(text: str) -> bool:
    """Whether words usually head a column of running numbers."""
    return _NUMBER_HEADER.search(text.replace(" ", "")) is not None
