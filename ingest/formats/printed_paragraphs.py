"""Lines → paragraphs by geometry: an indent opens one, a short line closes it, columns and pages do neither."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.formats.printed import Piece
from ingest.lines import ends_sentence, is_han
from ingest.numbering import Kind, marker

_LEADER = re.compile(r".*(?:[.．·•…]\s*){4,}\s*[-—]?\s*(?:\d{1,4}|[ivxlIVXL]{1,6})\s*[-—]?$")
_BRACKETED = re.compile(r"[（(〔\[][^（）()]*[）)〕\]]$")
_NUMBERED = re.compile(r".{0,20}[〔［\[（(【]\s?(?:19|20)\d{2}\s?[〕］\]）)】]\s?第?\s?\d{1,5}\s?号$")
_DATE = re.compile(
    r"[\d〇○零一二三四五六七八九]{4}\s?年\s?[\d一二三四五六七八九十]{1,3}\s?月\s?[\d一二三四五六七八九十]{1,3}\s?日$"
)
_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of body text.

    `left` and `right` are the edges of its column, `middle` that of the page, `gap` the way down from the line before
    in the same column, `None` for its first.
    """

    piece: Piece
    page: int
    left: float
    right: float
    middle: float
    gap: float | None

    @property
    def indent(self) -> float:
        """How far the line starts from the edge of its column, in characters."""
        return (self.piece.left - self.left) / self.piece.size

    @property
    def centred(self) -> bool:
        """Whether the line leaves the same room at both ends."""
        before, after = self.piece.left - self.left, self.right - self.piece.right
        if before > 1.2 * self.piece.size and abs(before - after) < 1.2 * self.piece.size:
            return True
        wide = after < -self.piece.size  # runs over the column: set for the page
        return wide and abs((self.piece.left + self.piece.right) / 2 - self.middle) < self.piece.size

    @property
    def fills(self) -> bool:
        """Whether the line goes from edge to edge."""
        return self.indent < 1.3 and self.right - self.piece.right < 1.3 * self.piece.size


@dataclass(frozen=True, slots=True)
class Style:
    """What is usual in a document: the size of its text, the way from line to line, whether paragraphs are indented,
    and whether `only` their first lines are."""

    size: float
    pitch: float
    indented: bool
    only: bool = False


def is_leader(text: str) -> bool:
    """Whether a line is an entry of a table of contents: words, dots, a page."""
    return _LEADER.match(text) is not None


def style_of(lines: Sequence[Line]) -> Style:
    """What is usual in `lines`, of which there is at least one."""
    weights: dict[float, int] = {}
    for line in lines:
        size = round(line.piece.size * 2) / 2
        weights[size] = weights.get(size, 0) + len(line.piece.text)
    size = max(weights, key=lambda each: weights[each])
    gaps = sorted(
        line.gap
        for line in lines
        if line.gap is not None and line.gap > 0.5 * size and abs(line.piece.size - size) <= 1
    )
    opened = sum(1.4 <= line.indent <= 2.7 and not line.centred for line in lines)
    closed = sum(line.right - line.piece.right > 3 * line.piece.size for line in lines)
    back = same = 0
    for before, here in pairwise(lines):
        if 1.4 <= before.indent <= 2.7 and not _is_short(before, here) and not ends_sentence(before.piece.text):
            back += here.indent < 0.7
            same += abs(before.piece.left - here.piece.left) < 0.4 * size
    pitch = gaps[len(gaps) // 4] if gaps else 1.5 * size
    return Style(size, pitch, opened >= 0.4 * max(1, closed), back > 2 * same)


def paragraphs_of(lines: Sequence[Line | None], style: Style) -> list[list[int]]:
    """Numbers of lines that are one paragraph each; `None` (a table) parts paragraphs."""
    groups: list[list[int]] = []
    for number, line in enumerate(lines):
        if line is None:
            continue
        before = lines[number - 1] if number else None
        if before is not None and _continues(before, line, style):
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups


def _continues(before: Line, here: Line, style: Style) -> bool:
    """Whether a line goes on with the paragraph of the line before it."""
    text, last = here.piece.text, before.piece.text
    ratio = here.piece.size / before.piece.size
    if not 0.88 < ratio < 1.14 or is_leader(last) or is_leader(text) or _DATE.match(text) or _DATE.match(last):
        return False
    if here.centred and here.piece.size >= 1.1 * style.size and (before.centred or before.fills):
        return _is_title_line(before, here)
    if before.centred and here.centred:
        return False
    if here.gap is not None and here.gap > 1.4 * max(style.pitch, 1.2 * here.piece.size):
        return False
    if before.piece.right > before.right + 1.5 * before.piece.size:
        return False
    if _is_short(before, here) or (here.centred and here.indent > 2.7):
        return False
    head = marker(text)
    if here.indent >= 1.2:
        return here.indent < 6 and not ends_sentence(last) and head is None and not style.only
    if ends_sentence(last) and head is not None:
        return style.indented and head.kind > Kind.ARTICLE
    return True


def _is_title_line(before: Line, here: Line) -> bool:
    """Whether a centred line goes on with the title of the centred line before it."""
    text, last = here.piece.text, before.piece.text
    if here.gap is None or here.gap > 2.2 * here.piece.size:
        return False
    return not (marker(text) or marker(last) or ends_sentence(last) or _BRACKETED.match(text) or _NUMBERED.match(text))


def _is_short(before: Line, here: Line) -> bool:
    """Whether the first word of a line would have found room on the line before."""
    room, size = before.right - before.piece.right, before.piece.size
    token = _TOKEN.match(here.piece.text)
    need = 0.55 * size * len(token[0]) if token and not is_han(here.piece.text[0]) else size
    return room > need + 1.3 * size


def footnotes_from(lines: Sequence[Line], style: Style, height: float) -> int:
    """Where the footnotes of a page begin among its lines: small text at its foot that opens with a mark."""
    at = len(lines)
    while at and lines[at - 1].piece.size <= 0.9 * style.size and lines[at - 1].piece.top > 0.4 * height:
        at -= 1
    while at < len(lines) and not is_note(lines[at].piece.text):
        at += 1
    return at


def is_note(text: str) -> bool:
    """Whether a line opens a footnote."""
    return (
        re.match(r"\s*(?:[①-⑳]|[\[［〔（(]\d{1,2}[\]］〕）)]|\d{1,2}(?!\d|[.、．%])|[*＊†]|注\s*[\d:：])", text)
        is not None
    )
