"""A paragraph as facts are looked for in it: no white space, one width of digits and punctuation, with the way back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ingest.document import Fact, Span
from ingest.lines import full_width
from ingest.paragraphs import Paragraph

_FOLDED = tuple(zip("０１２３４５６７８９．＜＞〈〉", "0123456789.<><>", strict=True))


@dataclass(frozen=True, eq=False)
class Prose:
    """`paragraph` of the decoded text `source`."""

    paragraph: Paragraph
    source: str

    @cached_property
    def text(self) -> str:
        """The clean text folded; `span` leads its offsets back."""
        text = full_width("".join(self.paragraph.text.split()))
        for printed, folded in _FOLDED:
            text = text.replace(printed, folded)
        return text

    @cached_property
    def _at(self) -> list[int]:
        return [at for at, char in enumerate(self.paragraph.text) if not char.isspace()]

    def span(self, start: int, end: int) -> Span:
        """Where `text[start:end]`, which is not empty, stands in the source, from its first character to its last."""
        spans = self.paragraph.clean.locate(self._at[start], self._at[end - 1] + 1, self.source)
        return Span(min(span.start for span in spans), max(span.end for span in spans))

    def printed(self, start: int, end: int) -> str:
        """The words at `text[start:end]` as they are printed, wraps undone."""
        return self.paragraph.text[self._at[start] : self._at[end - 1] + 1]

    def fact(self, name: str, value: str, start: int, end: int) -> Fact:
        """The fact read from `text[start:end]`."""
        span = self.span(start, end)
        return Fact(name, value, span.start, span.end)
