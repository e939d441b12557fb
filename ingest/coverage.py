"""How much of a file ended up where: sections, tables, declared discards; and what looks wrong about it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.document import NOTHING_TO_CITE, Document, Section, Span
from ingest.numbering import Kind, marker

ENOUGH = 0.98
"""The share of a file's text, discards aside, that must stand in sections and tables."""
_HALF = 0.5
_LONG = 300  # characters from which a text without any heading is worth a word
_UNSURE = 0.8
_PLAIN = {"引言", "正文", "红头", "通知", "落款", "题前"}
_HEADS = (Kind.BOOK, Kind.CHAPTER, Kind.PART, Kind.HAN)


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Visible characters of a file's text and where they stand; white space counts nowhere.

    `dropped` are declared discards by reason, the largest first. `doubtful` characters were recognised with less than
    full confidence, `confidence` is their mean (`None` without any). `warnings` are what the reader of the format said
    and what the outline shows, one line each.
    """

    characters: int
    in_sections: int
    in_tables: int
    dropped: tuple[tuple[str, int], ...]
    doubtful: int
    confidence: float | None
    warnings: tuple[str, ...]

    @property
    def discarded(self) -> int:
        """Characters that were discarded, whatever the reason."""
        return sum(count for _, count in self.dropped)

    @property
    def kept(self) -> float:
        """The share of the text, discards aside, that stands in sections or tables: 0 to 1."""
        rest = self.characters - self.discarded
        return min(1.0, (self.in_sections + self.in_tables) / rest) if rest > 0 else 1.0

    @property
    def problem(self) -> str | None:
        """What a build should say of the file, `None` when enough of it was kept and some of it can be cited."""
        if not self.in_sections + self.in_tables:
            return f"{NOTHING_TO_CITE}（全文 {self.characters} 字，弃去 {self.discarded} 字{self._reasons()}）"
        if self.kept < ENOUGH:
            return f"只有 {self.kept:.1%} 的正文进了章节和表格"
        if self.discarded > _HALF * self.characters:
            return f"弃去的字过半（{self.discarded}/{self.characters}{self._reasons()}）"
        return None

    def _reasons(self) -> str:
        listed = "、".join(f"{reason} {count} 字" for reason, count in self.dropped[:3])
        return f"：{listed}" if listed else ""


def coverage(document: Document) -> Coverage:
    """Account for every visible character of a document."""
    text = document.text
    sections = (span for one in document.walk() for paragraph in one.paragraphs for span in paragraph)
    dropped: Counter[str] = Counter()
    for part in document.dropped:
        dropped[part.reason] += _ink(text, [Span(part.start, part.end)])
    unsure = [(_ink(text, [Span(one.start, one.end)]), one.confidence) for one in document.doubts]
    doubtful = sum(count for count, _ in unsure)
    mean = sum(count * confidence for count, confidence in unsure) / doubtful if doubtful else None
    return Coverage(
        characters=_ink(text, [Span(0, len(text))]),
        in_sections=_ink(text, sections),
        in_tables=_ink(text, (span for table in document.tables for span in table.spans)),
        dropped=tuple(dropped.most_common()),
        doubtful=doubtful,
        confidence=mean,
        warnings=(*_told(document), *_warnings(document, mean, doubtful)),
    )


def _told(document: Document) -> Iterable[str]:
    """What the reader said, without what `problem` says with its figures."""
    return (warning for warning in document.warnings if warning != NOTHING_TO_CITE)


def _ink(text: str, spans: Iterable[Span]) -> int:
    """Visible characters in spans that do not overlap."""
    return sum(len("".join(text[span.start : span.end].split())) for span in spans)


def _warnings(document: Document, confidence: float | None, doubtful: int) -> Iterable[str]:
    named = [one for one in document.walk() if one.path not in _PLAIN]
    if document.sections and not named and len(document.text) > _LONG:
        yield "没有找到一个标题：整份文件是一节"
    yield from _jumps(document)
    yield from (f"这一节只有标题：{one.path}" for one in named if _is_empty(one, document))
    for table in document.tables:
        short = [number for number, row in enumerate(table.rows, 1) if "" in row]
        if 0 < len(short) <= len(table.rows) / 2:
            shown = "、".join(str(number) for number in short[:5]) + ("…" if len(short) > 5 else "")
            yield f"表的行列不齐：{table.path} 第 {shown} 行有空格子"
    if confidence is not None and confidence < _UNSURE:
        yield f"文字识别把握不大：{doubtful} 字，平均 {confidence:.2f}"


def _jumps(document: Document) -> Iterable[str]:
    """Numbers missing at the head or in the middle of a list; lists that run on over chapters miss none."""
    before: dict[int, tuple[Kind, int]] = {}  # the last number among the children of each section
    last: dict[Kind, tuple[int, str]] = {}
    for parent, one in _nodes(document.sections, 0):
        mark = marker(one.number) if one.number else None
        if mark is None:
            continue
        ordinal, path = last.get(mark.kind, (0, ""))
        kind, sibling = before.get(parent, (None, 0))
        follows = mark.ordinal == ordinal + 1
        if (kind is mark.kind or mark.kind is Kind.ARTICLE) and mark.ordinal > max(sibling, 0) + 1 and not follows:
            yield f"编号跳号：{path} 之后是 {one.path}"
        elif kind is not mark.kind and mark.ordinal > 1 and not follows and mark.kind is not Kind.ANNEX:
            yield f"编号不从头开始：{one.path}"
        before[parent] = (mark.kind, mark.ordinal)
        last[mark.kind] = (mark.ordinal, one.path)


def _nodes(sections: Sequence[Section], parent: int) -> Iterable[tuple[int, Section]]:
    """Every section, in reading order, with a token of its parent."""
    for section in sections:
        yield parent, section
        yield from _nodes(section.children, id(section))


def _is_empty(section: Section, document: Document) -> bool:
    """Whether a chapter or 一、 holds nothing but its heading, and no table follows it."""
    mark = marker(section.number) if section.number else None
    if section.children or mark is None or mark.kind not in _HEADS:
        return False
    own = "".join(document.text[span.start : span.end] for paragraph in section.paragraphs for span in paragraph)
    if len(re.sub(r"[\W_]+", "", own)) > len(re.sub(r"[\W_]+", "", f"{section.number}{section.heading or ''}")):
        return False
    return not any(
        span.start - section.end >= 0 and not document.text[section.end : span.start].strip("#* \n\r\t\u3000")
        for table in document.tables
        for span in table.spans
    )
