"""A paragraph, or a part of one, and the section that begins with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.numbering import Kind
from ingest.paragraphs import Paragraph


@dataclass(frozen=True, slots=True)
class Head:
    """What a paragraph begins. `single`: only this paragraph, what follows returns to the parent. `apart`: a section
    that holds no other. `opens`: the kind of the list that a label alone on its line (`补贴条件：`) stands over, the
    articles where it is a chapter's name without its number (`法律责任`)."""

    kind: Kind
    ordinal: int = 0
    number: str | None = None
    heading: str | None = None
    single: bool = False
    apart: bool = False
    doubtful: bool = False
    opens: Kind | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, or a part of one, and the head found on it. `text` has full-width punctuation.

    `settled`: it has been decided what it is (a line of a table of contents), whatever it looks like.
    """

    paragraph: Paragraph
    head: Head | None = None
    settled: bool = False

    @property
    def text(self) -> str:
        """For patterns; what is printed is `paragraph.text`, at the same offsets."""
        return self.paragraph.folded

    def printed(self, found: re.Match[str]) -> str:
        """The first group of a match in `text`, as printed."""
        return self.paragraph.text[found.start(1) : found.end(1)]
