"""Documents of many forms, written for the purpose with their outlines (tests/golden/forms/README.md has the format).

`python -m tests.ingest.test_gold_forms` prints what differs.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.document import Document, Section
from ingest.files import SourceText
from ingest.reader import parse
from tests.ingest.laws import check_partition

FORMS = Path(__file__).resolve().parents[1] / "golden" / "forms"
FILES = sorted(path for path in FORMS.iterdir() if path.name != "README.md")
_MARK = re.compile(r"@(?:(?P<depth>\d)\[(?P<number>[^\]]+)\]|(?P<loose>\?))")
_FRAME = ("引言", "红头", "题前", "通知", "目录", "附件说明", "正文", "落款")


@dataclass(frozen=True, slots=True)
class Row:
    """A section: how deep it hangs, its number as printed (`-`: none), the line it begins with (from 0), its words."""

    depth: int
    number: str
    line: int
    words: str


@dataclass(frozen=True, kw_only=True)
class Form:
    """A document with what a person reads in it; sections on the lines `loose` are neither asked for nor wrong."""

    text: str
    facts: dict[str, str]
    rows: tuple[Row, ...]
    loose: frozenset[int]


def load(path: Path) -> Form:
    """Read a file of tests/golden/forms."""
    head, _, body = path.read_text(encoding="utf-8").partition("\n---\n")
    rows, loose, lines = [], [], []
    for number, line in enumerate(body.split("\n")):
        mark = _MARK.match(line)
        lines.append(line[mark.end() :] if mark else line)
        if mark and mark["loose"]:
            loose.append(number)
        elif mark:
            rows.append(Row(int(mark["depth"]), mark["number"], number, lines[-1].strip()))
    facts = dict(line.split(": ", 1) for line in head.split("\n"))
    return Form(text="\n".join(lines), facts=facts, rows=tuple(rows), loose=frozenset(loose))


def found(document: Document, loose: Set[int]) -> tuple[Row, ...]:
    """The sections that begin a line, without those that frame a document."""
    rows: list[Row] = []
    lines = document.text.split("\n")

    def walk(section: Section, depth: int) -> None:
        number = document.text.count("\n", 0, section.start)
        column = section.start - document.text.rfind("\n", 0, section.start) - 1
        begins = not re.search(r"\w", lines[number][:column])
        if begins and section.path.rsplit("/")[-1] not in _FRAME and number not in loose:
            rows.append(Row(depth, section.number or "-", number, lines[number].strip()))
        for child in section.children:
            walk(child, depth + 1)

    for section in document.sections:
        walk(section, 1)
    return tuple(rows)


def read(path: Path, form: Form) -> Document:
    """The document without its marks."""
    return parse(SourceText(file=path.name, path=path, sha256="0" * 64, text=form.text, encoding="utf-8"))


def differences(path: Path) -> list[str]:
    """What Wence reads otherwise than a person."""
    form = load(path)
    document = read(path, form)
    has = {
        "title": document.title,
        "doc_number": document.doc_number,
        "issuers": "|".join(document.issuers),
        "issue_date": document.issue_date,
        "effective_date": document.effective_date,
        "valid_until": document.valid_until,
    }
    wrong = [f"{name}: {has[name]} for {value}" for name, value in form.facts.items() if (has[name] or "-") != value]
    rows = found(document, form.loose)
    wrong += [f"not found: {row}" for row in form.rows if row not in rows]
    wrong += [f"found: {row}" for row in rows if row not in form.rows]
    return wrong or ([] if rows == form.rows else ["another order"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_document_is_read_as_a_person_reads_it(path: Path) -> None:
    assert differences(path) == []
    check_partition(read(path, load(path)))


if __name__ == "__main__":
    for file in FILES:
        print(file.name, *differences(file), sep="\n    ")
