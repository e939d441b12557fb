"""Clean, quotable text out of source lines, with the way back to every character."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from ingest.document import CleanText, Run, Span
from ingest.lines import BULLET, is_han

_PREFIX = re.compile(rf"[\s\u3000]*(?:>\s?)*(?:#{{1,6}}(?=[^#]))?[\s\u3000]*(?:{BULLET})?")
_PIECE = re.compile(
    r"(?P<bold>\*\*|__(?=\S))|(?P<and>(?<=[\u3400-\u9fff]) and (?=[\u3400-\u9fff]))|(?P<space>[\s\u3000\xa0]+)"
)
_BEGINS = re.compile(r"[*_\s]")  # such a piece; found at a tenth of the cost


class _Writer:
    """Collects characters and merges those that follow each other in the source into runs."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.runs: list[Run] = []
        self.length = 0

    def put(self, text: str, source: int | None) -> None:
        if source is not None and text:
            last = self.runs[-1] if self.runs else None
            if last and last.at + last.length == self.length and last.source + last.length == source:
                self.runs[-1] = Run(last.at, last.source, last.length + len(text))
            else:
                self.runs.append(Run(self.length, source, len(text)))
        self.parts.append(text)
        self.length += len(text)

    @property
    def last(self) -> str:
        return self.parts[-1][-1] if self.parts and self.parts[-1] else ""


def clean(text: str, spans: Sequence[Span]) -> tuple[CleanText, tuple[tuple[int, int], ...]]:
    """One paragraph's clean text, and its bold ranges (offsets into the clean text).

    Line ends between Chinese characters vanish, others become one space; Markdown heading, quote and
    bold marks go; runs of white space become one space; an English ` and ` between Chinese characters,
    which translation and OCR leave behind, reads 和.
    """
    writer, bold, opened = _Writer(), [], -1
    for span in spans:
        at = span.start
        if at == 0 or writer.length == 0 or text[at - 1] in "\r\n":
            prefix = _PREFIX.match(text, at, span.end)
            at = prefix.end() if prefix else at
        if (
            writer.length
            and at < span.end
            and not (is_han(writer.last) or is_han(text[at]))
            and writer.last.isalnum()
            and text[at].isalnum()
        ):
            writer.put(" ", None)
        for piece in _PIECE.finditer(text, at, span.end) if _BEGINS.search(text, at, span.end) else ():
            writer.put(text[at : piece.start()], at)
            at = piece.end()
            if piece["bold"]:
                opened, closed = (writer.length, None) if opened < 0 else (-1, opened)
                if closed is not None:
                    bold.append((closed, writer.length))
            elif piece["and"]:
                writer.put("和", None)
            elif at < span.end and writer.length and writer.last != " ":
                writer.put(" ", piece.start())
        writer.put(text[at : span.end], at)
    return CleanText("".join(writer.parts).rstrip(), tuple(writer.runs)), tuple(bold)


def join(paragraphs: Sequence[CleanText], separator: str = "\n") -> CleanText:
    """Several clean texts as one; the separators have no place in the source."""
    parts: list[str] = []
    runs: list[Run] = []
    at = 0
    for number, paragraph in enumerate(paragraphs):
        if number:
            parts.append(separator)
            at += len(separator)
        runs += [
            Run(run.at + at, run.source, min(run.length, len(paragraph.text) - run.at))
            for run in paragraph.runs
            if run.at < len(paragraph.text)
        ]
        parts.append(paragraph.text)
        at += len(paragraph.text)
    return CleanText("".join(parts), tuple(runs))


def cut(paragraph: CleanText, start: int, end: int) -> CleanText:
    """`paragraph.text[start:end]` with its own runs."""
    runs = []
    first = max(0, bisect_right(paragraph.runs, start, key=lambda run: run.at) - 1)
    for run in paragraph.runs[first : bisect_left(paragraph.runs, end, key=lambda run: run.at)]:
        left, right = max(start, run.at), min(end, run.at + run.length)
        if left < right:
            runs.append(Run(left - start, run.source + left - run.at, right - left))
    return CleanText(paragraph.text[start:end], tuple(runs))
