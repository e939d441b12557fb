"""Laws that every document keeps, whatever its file holds."""

from __future__ import annotations

import re
from collections import Counter

from ingest.chunks import chunk
from ingest.document import Document
from ingest.reader import spans_of


def check_partition(document: Document) -> None:
    """Every visible character stands in exactly one section, table or discard."""
    text = document.text
    seen = Counter(i for span, _ in spans_of(document) for i in range(span.start, span.end))
    lost = [i for i, char in enumerate(text) if not char.isspace() and not seen[i]]
    assert not lost, f"lost: {''.join(text[i] for i in lost[:80])!r}"
    twice = [i for i, count in seen.items() if count > 1 and not text[i].isspace()]
    assert not twice, f"twice: {''.join(text[i] for i in sorted(twice)[:80])!r}"
    assert all(0 <= span.start < span.end <= len(text) for span, _ in spans_of(document))


def fold(text: str) -> str:
    """Letters only, as a quote is compared: white space, Markdown marks and 和/and folded."""
    return re.sub(r"[\s*#>_]+", "", text.replace(" and ", "和"))


def check_chunks(document: Document) -> None:
    """A chunk's text is its source, mapped back character for character; every section with text is quotable."""
    paths = {section.path for section in document.walk()} | {table.path for table in document.tables}
    for piece in chunk(document):
        assert piece.section in paths
        for run in piece.clean.runs:
            assert piece.text[run.at : run.at + run.length].replace(" ", "") == re.sub(
                r"\s", "", document.text[run.source : run.source + run.length]
            )
        if piece.table is None:
            spans = piece.clean.locate(0, len(piece.text), document.text)
            assert fold("".join(document.text[s.start : s.end] for s in spans)) == fold(piece.text)
