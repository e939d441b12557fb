"""Source lines → paragraphs: hard wraps and page breaks undone, repetitions and rules set aside.

Two layouts are told apart. In running text a line is a paragraph, unless a page break cut it. In a
wrapped layout (newspaper columns, text copied from a PDF) most lines stop at the column's width and a
paragraph goes on until a line closes a sentence early or the next one starts a new section.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.clean import clean, cut
from ingest.document import CleanText, Dropped, Repair, Span
from ingest.layout import Layout
from ingest.lines import Line, bare, ends_sentence, full_width, width
from ingest.numbering import Kind, marker
from ingest.numerals import CENTURY

RULE = re.compile(
    r"\s*(?:[-*_=~—─]\s*){3,}$|\s*[-=—~·]+\s*(?:(?:PAGE|Page|page)\s*\d{1,4}|(?:第\s*)?\d{1,4}(?:\s*页)?)\s*[-=—~·]+\s*$"
)
LABEL = re.compile(r"([^，。；：！？\s、“”（）\d]{2,12})：\s*(?=\S)")
TITLE_END = (  # the kind of a document (and what stands in brackets behind it), which its title ends in
    r"(?:方案|办法|条例|规定|细则|规则|意见|通知|通告|公告|决定|批复|函|报告|规划|计划|纲要|措施|政策|指南|指引|章程|准则|标准|目录|实录|解读|问答)"
    r"(?:[（(][^（）()]{1,20}[）)])?$"
)
TITLE = re.compile(rf".{{2,80}}{TITLE_END}")
_FIRST_TITLE = re.compile(rf"【[^】]{{2,40}}】(?:{TITLE.pattern[:-1]}|《{TITLE.pattern[:-1]}》)")
_NUMBER_LINE = re.compile(
    rf"[\u4e00-\u9fff]{{2,14}}\s?[〔［\[（【]\s?{CENTURY}\d\d\s?[〕］\]）】]\s?第?\s?\d{{1,5}}\s?号(?:\s*签发人：.{{2,20}})?"
)
_ENACTED = re.compile(rf"（{CENTURY}\d\d年\d{{1,2}}月\d{{1,2}}日")
_INNER = re.compile(r"[，。；：！？,;!?]")
_REPEATED = re.compile(r"([^，。；：、！？“”]{5,60}[，。；])\1")
_HASHES = re.compile(r"\s*#{1,6}(?=[^#])")
_BOLD = re.compile(r"\s*\*\*[^*]+\*\*\s*")
_LONG = 24.0
_NARROWEST = 12.0  # a column; shorter lines are headings and names
_TITLED = 6  # lines among which a title stands


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: its source lines, its clean text, and how it was marked up.

    `hashes` is the depth of a Markdown heading mark (0: none), which never decides a level; `display`
    says that the line stands alone in a wrapped layout, as headlines do.
    """

    spans: tuple[Span, ...]
    clean: CleanText
    bold: tuple[tuple[int, int], ...] = ()
    hashes: int = 0
    display: bool = False
    after_gap: bool = False  # something that is no text (a table) stood before it
    stated: bool = False  # the format itself says that this is the title

    @property
    def text(self) -> str:
        """The clean text."""
        return self.clean.text

    @property
    def folded(self) -> str:
        """The clean text with full-width punctuation, for patterns; offsets are those of `text`."""
        return full_width(self.clean.text)

    def split(self, at: Sequence[int]) -> list[Paragraph]:
        """The pieces between the clean offsets `at`; source marks before a cut go with what follows."""
        edges = [0, *sorted(set(at) - {0, len(self.text)}), len(self.text)]
        if len(edges) == 2:
            return [self]
        sources = [self.spans[0].start, *(self._source(edge) for edge in edges[1:-1]), self.spans[-1].end]
        pieces = []
        for number, (left, right) in enumerate(pairwise(edges)):
            low, high = sources[number], sources[number + 1]
            spans = (
                tuple(Span(max(s.start, low), min(s.end, high)) for s in self.spans if s.start < high and s.end > low)
                if low < high
                else ()
            )
            part = cut(self.clean, left, right)
            bold = tuple((max(a, left) - left, min(b, right) - left) for a, b in self.bold if a < right and b > left)
            pieces.append(Paragraph(spans, CleanText(part.text, part.runs), bold, 0 if number else self.hashes))
        return pieces

    def _source(self, at: int) -> int:
        """Where the clean character `at` stands in the source, bold marks before it included."""
        for run in self.clean.runs:
            if run.at <= at < run.at + run.length:
                place = run.source + at - run.at
                opens = any(start == at for start, _ in self.bold)
                return place - 2 if opens and at == run.at else place
        raise ValueError(f"no source character at clean offset {at}")


def read_paragraphs(
    text: str, lines: Sequence[Line], told: Layout, tables: Sequence[Span]
) -> tuple[list[Paragraph], list[Dropped], list[Repair]]:
    """Every non-blank one of `lines` outside `tables`, as paragraphs, with what was dropped and mended.

    `told`: what is known beside the lines of `text`, of which these are those outside `told.dropped`.
    """
    rows, dropped = _rows(text, lines, tables)
    dropped += told.dropped
    layout = _Layout(rows)
    groups: list[list[int]] = []
    for number in range(len(rows)):
        if number and layout.continues(number):
            groups[-1].append(number)
        else:
            groups.append([number])
    paragraphs, repairs = [], []
    for group in groups:
        first, spans = rows[group[0]], [rows[number].span for number in group]
        if len(spans) > 1:
            repairs.append(Repair(start=spans[0].start, end=spans[-1].end, kind="断行续接"))
        paragraph, again = _paragraph(text, spans, first.hashes)
        dropped += again
        if paragraph:
            paragraphs.append(replace(paragraph, display=layout.display[group[0]], after_gap=first.gap))
    return _stated(paragraphs, told), dropped, repairs


def given_paragraphs(
    text: str, layout: Layout, tables: Sequence[Span]
) -> tuple[list[Paragraph], list[Dropped], list[Repair]]:
    """The paragraphs that a layout names, outside `tables` (a table's caption may be a paragraph too), with what was
    dropped and mended."""
    paragraphs: list[Paragraph] = []
    dropped = list(layout.dropped)
    repairs: list[Repair] = []
    styled, edges = dict(layout.styled), sorted(tables)
    for number, spans in enumerate(layout.paragraphs):
        at = bisect_right(edges, Span(spans[0].start, len(text))) - 1
        if at >= 0 and spans[-1].end <= edges[at].end:
            continue
        gap = at >= 0 and not text[edges[at].end : spans[0].start].strip()
        if len(spans) > 1:
            repairs.append(Repair(start=spans[0].start, end=spans[-1].end, kind="断行续接"))
        if all(RULE.match(text[span.start : span.end]) for span in spans):
            dropped += [Dropped(start=span.start, end=span.end, reason="分隔线或页码") for span in spans]
            continue
        paragraph, again = _paragraph(text, spans, styled.get(number, 0))
        dropped += again
        if paragraph:
            paragraphs.append(replace(paragraph, after_gap=gap or not paragraphs))
    return _stated(paragraphs, layout), dropped, repairs


def _stated(paragraphs: list[Paragraph], layout: Layout) -> list[Paragraph]:
    """The paragraphs, the first that is what the layout says the title is marked."""
    title = _letters(dict(layout.labels).get("标题", ""))
    at = next((n for n, one in enumerate(paragraphs) if title and _letters(one.text) == title), None)
    return paragraphs if at is None else [*paragraphs[:at], replace(paragraphs[at], stated=True), *paragraphs[at + 1 :]]


def _letters(title: str) -> str:
    """A title as it is compared: without punctuation and a mark of reprinting."""
    return re.sub(r"[\W_]+", "", re.sub(r"^[（(【]转[载发][）)】]", "", title))


def _paragraph(text: str, lines: Sequence[Span], hashes: int) -> tuple[Paragraph | None, list[Dropped]]:
    """Source lines as one paragraph, and what of them was dropped; `None` when nothing is left."""
    spans, dropped = _without_repetition(text, lines)
    cleaned, bold = clean(text, spans)
    if cleaned.text:
        return Paragraph(tuple(spans), cleaned, bold, hashes), dropped
    return None, [*dropped, *(Dropped(start=span.start, end=span.end, reason="空白标记") for span in spans)]


@dataclass(frozen=True, slots=True)
class _Row:
    """A non-blank line: its place without outer white space, its bare text, its width."""

    span: Span
    text: str
    width: float
    hashes: int
    gap: bool
    bold: bool  # all of it, in Markdown

    @property
    def closed(self) -> bool:
        return ends_sentence(self.text)

    @property
    def folded(self) -> str:
        return full_width(self.text)


def _rows(text: str, lines: Sequence[Line], tables: Sequence[Span]) -> tuple[list[_Row], list[Dropped]]:
    """The non-blank lines outside the tables."""
    rows: list[_Row] = []
    dropped: list[Dropped] = []
    taken = sorted(tables)
    at, gap = 0, True
    for line in lines:
        raw = text[line.start : line.end]
        left, right = line.start + len(raw) - len(raw.lstrip()), line.start + len(raw.rstrip())
        if left >= right:
            continue
        while at < len(taken) and taken[at].end <= left:
            at += 1
        if at < len(taken) and taken[at].start <= left and right <= taken[at].end:
            gap = True
            continue
        if RULE.match(raw):
            dropped.append(Dropped(start=left, end=right, reason="分隔线或页码"))
            gap = True
            continue
        hashes = _HASHES.match(raw)
        stripped = bare(raw)
        bold = _BOLD.fullmatch(raw) is not None
        rows.append(
            _Row(Span(left, right), stripped, width(stripped), hashes.group().count("#") if hashes else 0, gap, bold)
        )
        gap = False
    return rows, dropped


class _Layout:
    """Which lines go on from the line before."""

    def __init__(self, rows: Sequence[_Row]) -> None:
        self.rows = rows
        self.columns = _columns(rows)
        self.wrapped = _is_wrapped(rows, self.columns)
        self.display = self._display() if self.wrapped else [False] * len(rows)

    def continues(self, number: int) -> bool:
        """Whether line `number` goes on with the paragraph of the line before."""
        before, here = self.rows[number - 1], self.rows[number]
        if here.gap or before.hashes or here.hashes or here.bold or self.display[number] or self.display[number - 1]:
            return False
        head = marker(here.text)
        if before.text.endswith(("，", "、")):
            return True
        if self.wrapped:
            return self._continues_wrapped(number, head is not None or LABEL.match(here.folded) is not None)
        if before.closed or head or self._is_heading_line(number - 1):
            return False
        if number <= 2 * _TITLED and (_NUMBER_LINE.fullmatch(here.folded) or _NUMBER_LINE.fullmatch(before.folded)):
            return False
        if number <= _TITLED and _ENACTED.match(here.folded) and TITLE.fullmatch(before.text):
            return False
        if number == 1 and _FIRST_TITLE.fullmatch(before.text):
            return False
        if number <= _TITLED and TITLE.fullmatch(before.text) and here.text.endswith(("：", ":")):
            return bool(_INNER.search(before.text))  # a long title, and whom it is sent to
        if before.width < _LONG or before.width >= _LONG + 16:
            return before.width >= _LONG
        return bool(_INNER.search(before.text)) or before.folded.count("（") > before.folded.count("）")

    def _continues_wrapped(self, number: int, starts: bool) -> bool:
        before = self.rows[number - 1]
        full = before.width >= self.columns[number - 1] - 2
        if before.text.endswith(("；", ";")):
            return full
        if before.closed:
            wider = self.rows[number].width > 4 + max(row.width for row in self.rows[max(0, number - 3) : number])
            return full and not starts and not wider
        return not self._is_heading_line(number - 1)

    def _is_heading_line(self, number: int) -> bool:
        """A numbered line that says no sentence and leaves room in its column."""
        row = self.rows[number]
        head = marker(row.text)
        if not head:
            return False
        rest = row.folded[head.end :]
        if not self.wrapped:
            return row.width < 2 * _LONG and rest.count("，") <= 2 and not _INNER.search(rest.replace("，", ""))
        if _INNER.search(rest):
            return False
        return head.kind is not Kind.ORDER and row.width < self.columns[number] - 2

    def _display(self) -> list[bool]:
        """Lines of a wrapped layout that stand alone: headlines, lists of alike lines."""
        rows, flags = self.rows, [False] * len(self.rows)
        plain = [not _INNER.search(r.text) and not marker(r.text) and not LABEL.match(r.folded) for r in rows]
        labels = [found.group(1) if (found := LABEL.match(r.folded)) else None for r in rows]
        headed = Counter(labels[n + 1] for n in range(len(rows) - 1) if plain[n] and labels[n + 1])
        self._mark_alike(flags)
        start = 0
        while start < len(rows):
            if not plain[start]:
                start += 1
                continue
            end = start
            while end < len(rows) and plain[end] and (end == start or not rows[end].gap):
                end += 1
            opens = (
                start == 0
                or rows[start].gap
                or rows[start - 1].closed
                or flags[start - 1]
                or self._is_heading_line(start - 1)
            )
            closes = (
                end == len(rows)
                or rows[end].gap
                or labels[end] is not None
                or self._is_heading_line(end)
                or rows[end].text.endswith(("：", ":"))
            )
            if opens and closes:
                flags[start:end] = [True] * (end - start)
            elif opens and TITLE.match(rows[start].text):
                flags[start] = True
            if end < len(rows) and labels[end] and headed[labels[end]] >= 3:
                flags[end - 1] = True
            start = end
        for number in range(1, len(rows)):
            if flags[number - 1] and re.fullmatch(r"[（(][^（）()]+[）)]", rows[number].text):
                flags[number] = True
        return flags

    def _mark_alike(self, flags: list[bool]) -> None:
        """Three or more lines in a row with the same length and punctuation are a list, not a paragraph."""
        shapes = [re.sub(r"[^，、；：！？]", "x", row.text) if not row.closed else "" for row in self.rows]
        start = 0
        while start < len(shapes):
            end = start + 1
            while end < len(shapes) and shapes[start] and shapes[end] == shapes[start]:
                end += 1
            if end - start >= 3 and _INNER.search(shapes[start]):
                flags[start:end] = [True] * (end - start)
            start = end


def _columns(rows: Sequence[_Row]) -> list[float]:
    """For each line the width of its column: the upper quartile over the two dozen lines around it."""
    widths = [row.width for row in rows]
    columns = []
    for number in range(len(rows)):
        near = sorted(widths[max(0, number - 12) : number + 13])
        columns.append(near[(len(near) * 3) // 4])
    return columns


def _is_wrapped(rows: Sequence[_Row], columns: Sequence[float]) -> bool:
    """Most lines stop in mid-sentence, and they stop where the column ends, not before and not behind it: a list of
    names and a few sentences do neither."""
    open_lines = [n for n, row in enumerate(rows) if row.width >= _NARROWEST and not row.closed]
    if len(rows) < 12 or len(open_lines) < 0.3 * len(rows):
        return False
    full = sum(abs(rows[n].width - columns[n]) <= 3 for n in open_lines)
    return full >= 0.7 * len(open_lines)


def _without_repetition(text: str, spans: Sequence[Span]) -> tuple[list[Span], list[Dropped]]:
    """A clause printed twice in a row keeps its second printing, which joins what follows."""
    kept, dropped = [], []
    for span in spans:
        start = span.start
        for found in _REPEATED.finditer(text, span.start, span.end):
            if found.start() > start:
                kept.append(Span(start, found.start()))
            start = found.start() + len(found.group(1))
            dropped.append(Dropped(start=found.start(), end=start, reason="重复语句"))
        kept.append(Span(start, span.end))
    return kept, dropped
