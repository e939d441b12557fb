"""Blocks: the paragraphs and tables that readers of marked-up formats collect, and how they are written as text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.formats.grids import Matrix
from ingest.formats.sheet import Sheet
from ingest.lines import width
from ingest.numbering import marker
from ingest.paragraphs import TITLE

_NO_HEADLINE = re.compile(r"[。；！？：:]|[〔\[［]\d{4}[〕\]］]|^附[件录表]|^\d{4}年")
_ANNEX = re.compile(r"附(?:件|录|表)\s*[\d一二三四五六七八九十]*\s*[:：]?")
_ADDITION = re.compile(r"[（(][^（）()]{2,20}[）)]")
_OFFICE = re.compile(r"(?:局|委|厅|部|办|府|会|院|中心|公司|处|科|组|室)$")
_LARGE = 16.0  # points


@dataclass(frozen=True, kw_only=True)
class Block:
    """A paragraph (`lines`, parted by line breaks) or a table (`matrix`), and what is known of it.

    `reason`: it is no part of the document. `inside`: in the element that holds the document. `heading`: depth of a
    heading, 0 for none. `size` is the largest type size named, in points, 0 if none is.
    """

    lines: tuple[str, ...] = ()
    matrix: Matrix = ()
    reason: str | None = None
    inside: bool = False
    heading: int = 0
    bold: bool = False
    centred: bool = False
    size: float = 0.0

    @property
    def text(self) -> str:
        """Its words on one line."""
        if self.matrix:
            return " ".join(slot.text.replace("\n", " ") for row in self.matrix for slot in row)
        return " ".join(self.lines)

    @property
    def all_lines(self) -> tuple[str, ...]:
        """Its lines; a table's rows are lines too."""
        rows = (" ".join(slot.words for slot in row if slot.text) for row in self.matrix)
        return (*self.lines, *(row for row in rows if row))


def bare(title: str) -> str:
    """A title as it is compared: letters and digits only, without a mark of reprinting."""
    return re.sub(r"^(?:转载|转发)(?=.{8})", "", re.sub(r"[\W_]+", "", title))


def title_run(blocks: Sequence[Block], numbers: Sequence[int], known: set[str]) -> list[int] | None:
    """The first of the blocks `numbers`, at most five, that together are a title of `known` (bare titles)."""
    text = ""
    for count, number in enumerate(numbers[:5], start=1):
        if blocks[number].matrix:
            return None
        text += "".join(blocks[number].lines)
        if bare(text) in known:
            return list(numbers[:count])
    return None


def without_usual_size(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with the size of those in the usual type as 0: large is what is larger than most of the text."""
    weights: Counter[float] = Counter()
    for block in blocks:
        weights[block.size] += len(block.text) if block.reason is None and not block.matrix else 0
    usual = max(weights, key=lambda size: weights[size], default=0.0)
    return [replace(block, size=0.0) if 0 < block.size <= usual else block for block in blocks]


def join_headlines(blocks: Iterable[Block]) -> list[Block]:
    """Lines of a headline set alike, in the middle and in bold or large type, as one paragraph."""
    out: list[Block] = []
    for block in blocks:
        last = out[-1] if out else None
        if last is not None and _is_headline(last) and _is_headline(block) and _goes_on(last, block):
            out[-1] = replace(last, lines=(*last.lines, *block.lines))
        else:
            out.append(block)
    return out


def write(blocks: Iterable[Block]) -> Sheet:
    """The blocks as text. A headline under an annex number is the annex's name, no section of its own."""
    sheet = Sheet()
    above = ""
    for block in blocks:
        lines = block.lines
        if block.reason is not None:
            sheet.drop(block.all_lines, block.reason)
            continue
        if block.matrix:
            sheet.table(block.matrix)
        elif block.heading or _is_headline(block):
            sheet.paragraph(lines, styled=0 if _ANNEX.fullmatch(above) else block.heading or 2)
        else:
            for line in lines:
                sheet.paragraph([line], styled=2 if _stands_out(block) and not _ANNEX.fullmatch(above) else 0)
        above = "".join(lines[-1:]) if lines else above
    return sheet


def _is_headline(block: Block) -> bool:
    text = "".join(block.lines)
    if block.reason is not None or block.matrix or not block.centred or not text:
        return False
    return (
        (block.bold or block.size >= _LARGE) and len(text) <= 60 and not _NO_HEADLINE.search(text) and not marker(text)
    )


def _goes_on(above: Block, block: Block) -> bool:
    """Whether two headlines are one: the first ends in no kind of document, unless the second is its addition."""
    alike = (above.bold, above.size, above.heading) == (block.bold, block.size, block.heading)
    text = "".join(above.lines)
    return alike and bool(
        _ADDITION.fullmatch("".join(block.lines)) or not (TITLE.fullmatch(text) or text.endswith("文件"))
    )


def _stands_out(block: Block) -> bool:
    """A short line in bold that says no sentence and names no office, as a signature does."""
    return block.bold and len(block.lines) == 1 and width(block.lines[0]) <= 30 and not _OFFICE.search(block.lines[0])
