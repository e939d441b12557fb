"""Source lines, and what can be said of one line alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.document import Dropped

TERMINAL = "。！？!?；;：:…"
CLOSERS = "”’」』）)】》]"
_FULL_WIDTH = tuple(zip(",;:?!()", "，；：？！（）", strict=True))
_LINE_BREAK = re.compile(r"\r\n|\r|\n|\x0b|\x0c|\x85|\u2028|\u2029")
BULLET = (  # of a list, before a number: - （一）…
    r"[-*+•●·]\s+(?=[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十]{1,3}、|\d{1,2}[.．、](?!\d)|第[一二三四五六七八九十百\d]+条)"
)
_WIDE = re.compile("[\u3001-\u303e\u4e00-\u9fff\uff01-\uff60]+")  # nearly all of a text, and all of it wide
_MARKS = re.compile(rf"(?:\s|>|#{{1,6}}(?=\s|[^\s#])|\*\*|__|{BULLET})+")


@dataclass(frozen=True, slots=True)
class Line:
    """Characters `[start, end)` of the source; the line break is not part of it."""

    start: int
    end: int


def split_lines(text: str) -> list[Line]:
    """Every line of `text`, blank ones included, in order."""
    lines, start = [], 0
    for found in _LINE_BREAK.finditer(text):
        lines.append(Line(start, found.start()))
        start = found.end()
    if start < len(text):
        lines.append(Line(start, len(text)))
    return lines


def outside(lines: Sequence[Line], dropped: Sequence[Dropped]) -> list[Line]:
    """The lines that begin in none of `dropped`, which are in order."""
    kept, at = [], 0
    for line in lines:
        while at < len(dropped) and dropped[at].end <= line.start:
            at += 1
        if at == len(dropped) or line.end <= dropped[at].start:
            kept.append(line)
    return kept


def bare(raw: str) -> str:
    """A line without the white space and Markdown marks around it."""
    marks = _MARKS.match(raw)
    text = (raw[marks.end() :] if marks else raw).rstrip()
    while text.endswith(("**", "__")):  # a pattern would begin anew at every blank
        text = text[:-2].rstrip()
    return text


def full_width(text: str) -> str:
    """`text` with its ASCII punctuation full-width, character for character, so that one pattern fits both."""
    for narrow, wide in _FULL_WIDTH:  # ten times as fast as str.translate on Chinese text
        text = text.replace(narrow, wide)
    return text


def width(text: str) -> float:
    """How wide a line is printed, in full-width characters."""
    rest = _WIDE.sub("", text)
    return len(text) - len(rest) + sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.5 for char in rest)


def ends_sentence(text: str) -> bool:
    """Whether a line closes its sentence (or introduces what follows, with a colon)."""
    stripped = text.rstrip(CLOSERS)
    if stripped and (stripped[-1] in TERMINAL or (stripped[-1] == "." and is_han(stripped[-2:-1]))):
        return True
    return text.endswith(("）", ")", "】"))


def is_han(char: str) -> bool:
    """Whether `char` is a Chinese character."""
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\U00020000" <= char <= "\U0003ffff"
