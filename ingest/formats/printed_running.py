"""Running headers, footers and page numbers: what stands at the edge of page after page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ingest.formats.printed import Page, Piece, line_of, rows_of
from ingest.numbering import marker

_EDGE = 3  # rows from the top or bottom edge that are looked at
_ZONE = 0.14  # of the height of the page
_NUMBER = r"(?:\d{1,4}|[ivxlIVXL]{1,7}|[一二三四五六七八九十百〇]{1,4})"
_PAGE_NUMBER = re.compile(
    rf"(?P<open>[-—–－~·•.\s]*)(?P<the>第\s*)?(?P<n>{_NUMBER})\s*(?P<leaf>页)?\s*"
    rf"(?P<of>(?:[,，]?\s*共|[/／|])\s*{_NUMBER}\s*页?)?(?P<close>[-—–－~·•.\s]*)$|(?:Page|PAGE|page)\s*\d{{1,4}}(?:\s*of\s*\d+)?$"
)


def running(pages: Sequence[Page]) -> list[dict[int, str]]:
    """For each page the `id`s of the pieces that are no body text, with the reason: 页眉, 页脚 or 页码."""
    edges = [_edges(page) for page in pages]
    same: Counter[tuple[str, int]] = Counter()
    alike: Counter[tuple[str, int]] = Counter()
    for edge in edges:
        same.update({place for row, top in edge for place in _keys(row, top, digits=True)})
        alike.update({place for row, top in edge for place in _keys(row, top, digits=False)})
    offsets: Counter[int] = Counter()
    for number, edge in enumerate(edges):
        offsets.update(
            {int(found) - number for row, _ in edge if (found := line_of(row).text).isdecimal() and len(found) < 5}
        )
    often = max(3, len(pages) // 2)
    reasons: list[dict[int, str]] = []
    for number, (page, edge) in enumerate(zip(pages, edges, strict=True)):
        marks: dict[int, str] = {}
        for row, top in edge:
            line = line_of(row)
            reason = None
            if _is_number(line.text, number, offsets, page, line):
                reason = "页码"
            elif top and _is_ruled_off(line, page):
                reason = "页眉"
            elif (
                max(same[key] for key in _keys(row, top, digits=True)) >= _least(line, len(pages))
                or max(alike[key] for key in _keys(row, top, digits=False)) >= often
            ):
                reason = "页眉" if top else "页脚"
            if reason:
                marks |= {id(piece): reason for piece in row}
        reasons.append(marks)
    return reasons


def _edges(page: Page) -> list[tuple[list[Piece], bool]]:
    """The rows near the edges of a page, with whether they are at the top."""
    rows = rows_of(page.pieces)
    top = [(row, True) for row in rows[:_EDGE] if line_of(row).bottom <= _ZONE * page.height]
    bottom = [(row, False) for row in rows[-_EDGE:] if line_of(row).top >= (1 - _ZONE) * page.height]
    return top + bottom


def _least(line: Piece, pages: int) -> int:
    """On how many pages a line must stand to be a running one; one that could open a section, on most."""
    if marker(line.text):
        return max(3, pages * 2 // 3)
    return 2 if pages < 6 else 3


def _keys(row: Sequence[Piece], top: bool, *, digits: bool) -> list[tuple[str, int]]:
    """What a running line has in common over pages: its words, with or without digits, and its place."""
    line = line_of(row)
    words = re.sub(r"\s" if digits else r"\d+|\s", "", line.text)
    place = round(line.bottom / 4)
    return [(words, place + near if top else -place - near) for near in (0, 1)] if words else [("\0", place)]


def _is_ruled_off(line: Piece, page: Page) -> bool:
    """Whether small type at the top of a page has a rule under it from side to side, or much white."""
    below = [piece for piece in page.pieces if piece.top > line.bottom - 2]
    usual = sorted(piece.size for piece in below)[len(below) // 2] if below else 0.0
    if line.bottom < 0.075 * page.height and line.size <= usual:
        return min(piece.top for piece in below) > line.bottom + 2.5 * usual
    if line.size > 0.92 * usual:
        return False
    return any(
        not rule.upright and 0 <= rule.top - line.bottom < 14 and rule.right - rule.left > page.width / 2
        for rule in page.rules
    )


def _is_number(text: str, page: int, offsets: Counter[int], paper: Page, line: Piece) -> bool:
    """Whether a row at the edge is a page number: one that is marked as such, or one that counts with the pages."""
    found = _PAGE_NUMBER.match(text)
    if not found:
        return False
    if found["n"] is None or found["leaf"] or found["of"]:
        return True
    if found["open"].strip() and found["close"].strip():
        return True
    if not found["n"].isdecimal() or found["open"].strip() or found["close"].strip():
        return False
    own = int(found["n"]) - page
    return offsets[own] >= 2 or (own == 1 and line.top >= (1 - _ZONE) * paper.height)
