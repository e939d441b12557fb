"""Web pages that a page reader saved as Markdown: `Title: …`, `URL Source: …`, `Markdown Content:`, then the page.

Such a file holds all of the page, navigation and footer too. The lines that are the page's and not the document's are
declared discards, as those of an HTML page are; its title and the labels under it are used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.document import Attachment, Dropped
from ingest.layout import Layout
from ingest.lines import Line

_OPENS = re.compile(r"\s*Title:")
_TITLE = re.compile(r"\s*Title:[ \t]*(\S.{0,300}?)\s*$")
_ABOUT = re.compile(r"\s*(?:URL Source|Published Time|Number of Pages|Warning|Description|Language):[ \t]*\S.*$")
_CONTENT = re.compile(r"\s*Markdown Content:\s*$")
_MOST_ABOUT = 12  # lines before the page begins
_IMAGE = re.compile(r"!\[[^\[\]]{0,300}\]\((?:[^()]|\([^()]{0,300}\)){0,2000}\)")
_LINK = re.compile(r"\[([^\[\]]{0,300})\]\(((?:[^()]|\([^()]{0,300}\)){0,2000})\)")
_MARKS = re.compile(r"^\s*(?:[*+-]\s+)?(?:#{1,6}\s*)?|\*\*|__|(?<!\w)_|_(?!\w)")
_LONG = 160  # characters
_LEAST_TITLE = 6  # letters of a line that is taken for the title


@dataclass(frozen=True, slots=True)
class _Row:
    """A line: its words, those outside links and images, the targets of its links."""

    line: Line
    words: str
    bare: str
    links: tuple[tuple[str, str], ...]
    images: bool
    heading: bool

    @property
    def says(self) -> bool:
        """Whether it holds a sentence outside links, or is a row of a table."""
        return "。" in self.bare or len(self.bare) > _LONG or self.words.startswith("|")

    @property
    def linked(self) -> bool:
        """Whether it holds nothing but links and images, or a word or two beside them."""
        return bool(self.links or self.images) and len(re.findall(r"\w", self.bare)) <= 12


def saved_page(text: str, lines: Sequence[Line]) -> Layout | None:
    """What the page in `text`, of which `lines` are all lines, says about its document: the title and other labels, the
    lines that are not the document's, the files it offers; no paragraphs. `None` for any other text."""
    shown = [line for line in lines if text[line.start : line.end].strip()] if _OPENS.match(text) else []
    begins = _preamble(text, shown)
    if begins is None:
        return None
    from ingest.formats.html_main import is_file  # only such a file pays for loading these
    from ingest.formats.labels import is_furniture, line_labels

    rows = [_row(text, line) for line in shown[begins:]]
    found = _TITLE.match(text, shown[0].start, shown[0].end)
    title, at = _title(rows, found[1] if found else "")
    said = [number for number, row in enumerate(rows) if row.says and (at is None or number > at)]
    first, last = (said[0], said[-1]) if said else (len(rows), len(rows) - 1)
    reasons = ["转存说明"] * begins
    labels: list[tuple[str, str]] = []
    for number, row in enumerate(rows):
        offers = any(is_file(target) for _, target in row.links)
        told = line_labels(row.words) if number < first else []
        reason = ""
        if at is not None and number < at:
            reason = "导航"
        elif number == at or offers or row.says:
            reason = ""
        elif told:
            reason = "信息栏"
        elif row.images and not row.words and number < last:
            reason = "图片"
        elif row.linked and (number < first or number > last):
            reason = "导航" if number < first else "页脚"
        elif is_furniture(row.words):
            reason = "页面工具"
        labels += told if at is None or number > at else []
        reasons.append(reason)
    images = reasons.count("图片")
    offered = [(name, target) for row in rows for name, target in row.links if is_file(target)]
    return Layout(
        paragraphs=(),
        labels=(("标题", title), *dict(reversed(labels)).items()),
        attachments=tuple(Attachment(name=name.strip(), target=target) for name, target in dict.fromkeys(offered)),
        dropped=_dropped(text, shown, reasons),
        warnings=(f"正文里有 {images} 张图片，图里的文字没有读；请另找文字版。",) if images else (),
    )


def _preamble(text: str, lines: Sequence[Line]) -> int | None:
    """How many of `lines`, none of them blank, stand before the page."""
    if not lines or not _TITLE.match(text, lines[0].start, lines[0].end):
        return None
    for number, line in enumerate(lines[1:_MOST_ABOUT], start=1):
        if _CONTENT.match(text, line.start, line.end):
            return number + 1 if number > 1 else None
        if not _ABOUT.match(text, line.start, line.end):
            return None
    return None


def _row(text: str, line: Line) -> _Row:
    raw = text[line.start : line.end]
    without = _IMAGE.sub("", raw)
    links = tuple((found[1], found[2].split(' "')[0].strip()) for found in _LINK.finditer(without))
    words, bare = _LINK.sub(r"\1", without), _LINK.sub("", without)
    heading = raw.lstrip().startswith("#")
    return _Row(line, _plain(words), _plain(bare), links, images=without != raw, heading=heading)


def _plain(words: str) -> str:
    return _MARKS.sub("", words).strip()


def _title(rows: Sequence[_Row], stated: str) -> tuple[str, int | None]:
    """The title as the page prints it, without the site's name behind it, and its row: the first heading that is it,
    else the last line that is it before the first sentence."""
    letters = re.sub(r"[\W_]+", "", stated)
    said = next((number for number, row in enumerate(rows) if "。" in row.bare), len(rows))
    own = [re.sub(r"[\W_]+", "", row.bare) for row in rows]
    alike = [number for number, one in enumerate(own) if len(one) >= _LEAST_TITLE and letters.startswith(one)]
    headings = [number for number in alike if rows[number].heading]
    at = headings[0] if headings else max((number for number in alike if number < said), default=None)
    return (stated, None) if at is None else (rows[at].bare, at)


def _dropped(text: str, lines: Sequence[Line], reasons: Sequence[str]) -> tuple[Dropped, ...]:
    """Lines in a row with one reason are one discard."""
    found: list[Dropped] = []
    open_ = ""
    for line, reason in zip(lines, reasons, strict=True):
        raw = text[line.start : line.end]
        start, end = line.start + len(raw) - len(raw.lstrip()), line.start + len(raw.rstrip())
        if reason and reason == open_:
            found[-1] = Dropped(start=found[-1].start, end=end, reason=reason)
        elif reason:
            found.append(Dropped(start=start, end=end, reason=reason))
        open_ = reason
    return tuple(found)
