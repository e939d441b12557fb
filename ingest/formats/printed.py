"""What a page shows: pieces of text with their place, rules, pictures; and how pages become one text.

PDF, OFD and scans differ only in how the pieces are got; lines, columns, running headers, tables and paragraphs are
worked out here and in the `printed_…` modules, by geometry alone. Lengths are points (1/72 inch), x runs to the
right and y down from the top left corner of the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from ingest.lines import is_han

_PARTED = 0.85  # of the size: a wider gap parts two pieces
_SPACE_HAN = 0.42  # of the size: a wider gap between Chinese characters is a space
_SPACE_LATIN = 0.15


class Glyph(NamedTuple):
    """One visible character; `spaced`: the file has a space character before it."""

    char: str
    left: float
    right: float
    top: float
    bottom: float
    size: float
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line, upright (`left == right`) or level (`top == bottom`)."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def upright(self) -> bool:
        """Whether it runs from top to bottom."""
        return self.right - self.left < self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters on one line with no wide gap between them. `confidence` is below 1 only where it was recognised."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float
    confidence: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page. `aside` is text that does not run along the lines of the page (turned, off the paper): each with the
    reason for which it is set aside, "" if it is to be read after the page."""

    width: float
    height: float
    pieces: tuple[Piece, ...]
    rules: tuple[Rule, ...] = ()
    aside: tuple[tuple[Piece, str], ...] = ()


def overlap(one: Piece, other: Piece) -> float:
    """How much of the lower of two pieces stands beside the other, 0 to 1."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(0.0, shared / max(0.1, min(one.bottom - one.top, other.bottom - other.top)))


def rows_of(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Pieces that stand side by side, top to bottom, each row from left to right."""
    rows: list[list[Piece]] = []
    cores: list[Piece] = []
    for piece in sorted(pieces, key=lambda each: each.top + each.bottom):
        at = next(
            (n for n in range(len(rows) - 1, max(-1, len(rows) - 4), -1) if overlap(cores[n], piece) >= 0.5), None
        )
        if at is None:
            rows.append([piece])
            cores.append(piece)
            continue
        rows[at].append(piece)
        if piece.size > cores[at].size:
            cores[at] = piece
    for row in rows:
        row.sort(key=lambda each: each.left)
    return rows


def line_of(row: Sequence[Piece]) -> Piece:
    """A row as one piece; gaps become a space."""
    if len(row) == 1:
        return row[0]
    most = max(row, key=lambda each: len(each.text))
    letters = sum(len(each.text) for each in row)
    return Piece(
        " ".join(each.text for each in row),
        row[0].left,
        max(each.right for each in row),
        min(each.top for each in row),
        max(each.bottom for each in row),
        most.size,
        sum(each.confidence * len(each.text) for each in row) / letters,
    )


def pieces_of(glyphs: Sequence[Glyph], rules: Sequence[Rule] = ()) -> list[Piece]:
    """Characters in the order of the file → pieces; an upright rule parts what stands on both its sides."""
    runs: list[list[Glyph]] = []
    for glyph in glyphs:
        last = runs[-1][-1] if runs else None
        if last and _on_line(last, glyph) and -0.6 < (glyph.left - last.right) / max(glyph.size, last.size) < _PARTED:
            runs[-1].append(glyph)
        else:
            runs.append([glyph])
    walls = sorted((rule for rule in rules if rule.upright), key=lambda rule: rule.left)
    found: list[Piece] = []
    for row in rows_of_runs(runs):
        found += _row_pieces(row, walls)
    return found


def rows_of_runs(runs: Sequence[list[Glyph]]) -> list[list[list[Glyph]]]:
    """Runs of characters that stand side by side."""
    boxes = [_box(run) for run in runs]
    places: dict[int, list[Glyph]] = {id(box): run for box, run in zip(boxes, runs, strict=True)}
    return [[places[id(box)] for box in row] for row in rows_of(boxes)]


def _box(run: Sequence[Glyph]) -> Piece:
    most = max(run, key=lambda glyph: glyph.size)
    return Piece("", min(g.left for g in run), max(g.right for g in run), most.top, most.bottom, most.size)


def _on_line(one: Glyph, other: Glyph) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared >= 0.6 * min(one.bottom - one.top, other.bottom - other.top)


def _row_pieces(runs: Sequence[list[Glyph]], walls: Sequence[Rule]) -> list[Piece]:
    """The pieces of one row."""
    glyphs: list[Glyph] = []
    for run in runs:
        glyphs += run
    pitch = [b.left - a.right for a, b in pairwise(glyphs) if b.left - a.right < 0.4 * b.size]
    slack = max(0.0, median(pitch)) if len(pitch) >= 8 else 0.0
    across = [wall for wall in walls if wall.top < glyphs[0].bottom and wall.bottom > glyphs[0].top]
    found: list[Piece] = []
    part: list[Glyph] = []
    for glyph in glyphs:
        if part:
            gap = glyph.left - part[-1].right
            size = max(glyph.size, part[-1].size)
            walled = any(
                part[-1].left < wall.left < glyph.right
                and abs(2 * wall.left - part[-1].right - glyph.left) < max(2.0, gap + 2.0)
                for wall in across
            )
            if not -size < gap < _PARTED * size or walled:
                found.append(_piece(part, slack))
                part = []
        part.append(glyph)
    found.append(_piece(part, slack))
    return found


def _piece(glyphs: Sequence[Glyph], slack: float) -> Piece:
    """The characters of one piece, with a space where there is one."""
    parts = [glyphs[0].char]
    for last, glyph in pairwise(glyphs):
        gap = (glyph.left - last.right - slack) / glyph.size
        if _is_wide(last.char) or _is_wide(glyph.char):
            spaced = gap > _SPACE_HAN or (glyph.spaced and gap > 0.2)
        else:
            spaced = glyph.spaced or gap > _SPACE_LATIN
        parts.append(f" {glyph.char}" if spaced else glyph.char)
    sizes = sorted(glyph.size for glyph in glyphs)
    size = sizes[len(sizes) // 2]
    main = next(glyph for glyph in glyphs if glyph.size == size)
    return Piece("".join(parts), glyphs[0].left, max(g.right for g in glyphs), main.top, main.bottom, size)


def _is_wide(char: str) -> bool:
    return is_han(char) or "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef" or char in "“”‘’—…"


def shifted(piece: Piece, down: float) -> Piece:
    """The piece `down` points lower."""
    return replace(piece, top=piece.top + down, bottom=piece.bottom + down)


def pages_named(numbers: Sequence[int]) -> str:
    """Pages as a warning names them: `第 2、5 页`, of more than eight the first eight and how many there are."""
    shown = "、".join(map(str, numbers[:8]))
    return f"第 {shown} 页" if len(numbers) <= 8 else f"第 {shown} 等 {len(numbers)} 页"
