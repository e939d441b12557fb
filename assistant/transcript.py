"""A conversation to keep: as Markdown, and as a Word document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.answer import Answer
from assistant.references import plain
from assistant.text import is_english

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|<>~-])")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A question as it was asked, and its answer."""

    question: str
    answer: Answer


def noted(answer: Answer) -> tuple[str, ...]:
    """The notes of an answer as lines that say so, in the language of the question."""
    return tuple(f"{'Note: ' if is_english(answer.question) else '注：'}{note}" for note in answer.notes)


def markdown(exchanges: Sequence[Exchange]) -> str:
    """Questions as headings, answers with their numbered sources; markup of documents and users is escaped."""
    parts: list[str] = []
    for exchange in exchanges:
        answer = exchange.answer
        lines = [
            f"## {_escaped(exchange.question)}",
            *(_escaped(line) for line in answer.text.splitlines() if line.strip()),
        ]
        lines += [f"> {_escaped(f'[{citation.n}] {plain(citation)}')}" for citation in answer.citations]
        lines += [_escaped(line) for line in noted(answer)]
        parts.append("\n\n".join(lines))
    return "\n\n".join(parts) + "\n"


def word(exchanges: Sequence[Exchange], path: Path) -> None:
    """Write the same as a Word document. Raises OSError when `path` cannot be written."""
    from docx import Document as new_document

    made = new_document()
    for exchange in exchanges:
        answer = exchange.answer
        made.add_heading(_clean(exchange.question), level=2)
        for line in answer.text.splitlines():
            if line.strip():
                made.add_paragraph(_clean(line))
        for citation in answer.citations:
            made.add_paragraph(_clean(f"[{citation.n}] {plain(citation)}"), style="Intense Quote")
        for line in noted(answer):
            made.add_paragraph(_clean(line))
    made.save(str(path))


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(_clean(text).split()))


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _CONTROL.sub("\ufffd", text)
