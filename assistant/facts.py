"""What a document says of itself: its number, its date, who issued it. Found where the file prints it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.evidence import Library, Unit
from assistant.text import bare
from index.catalogue import Entry


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that is asked for: the entry's field, and its Chinese name."""

    field: str
    name: str


_ASKED = (
    (re.compile(r"文号|发文字号|document number|reference number", re.I), Fact("doc_number", "发文字号")),
    (
        re.compile(
            r"(?:印发|发布|成文|发文|公布|出台)(?:日期|时间|于)|(?:什么时候|何时|哪(?:一)?[年天])(?:正式)?(?:印发|发布|出台|公布|发的|下发)|"
            r"(?:印发|发布|出台|公布|下发)(?:的)?(?:日期|时间)?(?:是)?(?:什么时候|何时|哪(?:一)?[年天])|"
            r"\bwhen was\b.{0,60}\b(?:issued|"
            r"published|released)",
            re.I,
        ),
        Fact("issue_date", "成文日期"),
    ),
    (
        re.compile(
            r"发文机关|(?:印发|发布|发文)(?:单位|机关|机构|部门)|(?:谁|哪个(?:部门|单位|机关|机构))(?:印发|发布|发的|下发|出台)|"
            r"\bissued\b.{0,60}\bby whom\b|\bwho (?:issued|published)\b|\b(?:issuer|issuing (?:body|agency))\b",
            re.I,
        ),
        Fact("issuer", "发文机关"),
    ),
)


def asked(text: str) -> list[Fact]:
    """The facts of a document that a question asks for."""
    return [fact for pattern, fact in _ASKED if pattern.search(text)]


def stated(facts: Sequence[Fact], docs: Sequence[str], library: Library) -> list[Unit]:
    """The shortest sentence that prints each fact of each document; a fact the file does not print has none."""
    found: list[Unit] = []
    for doc in docs:
        entry = library.snapshot.entry(doc)
        for fact in facts:
            key = bare(_printed(entry, fact))
            units = [unit for unit in library.reading(doc).units if key and key in bare(unit.text)]
            if units:
                found.append(min(units, key=lambda unit: (len(unit.text), unit.order)))
    return list(dict.fromkeys(found))


def missing(facts: Sequence[Fact], docs: Sequence[str], library: Library) -> Fact | None:
    """The first fact that none of `docs` states; `None` when each is stated by one."""
    entries = [library.snapshot.entry(doc) for doc in docs]
    return next((fact for fact in facts if not any(_printed(entry, fact) for entry in entries)), None)


def _printed(entry: Entry, fact: Fact) -> str:
    """The fact as Chinese documents print it (2023-07-13 → 2023年7月13日); "" when it is not stated."""
    if fact.field == "issue_date":
        year, month, day = (entry.issue_date or "--").split("-")
        return f"{year}年{int(month)}月{int(day)}日" if year else ""
    return (entry.doc_number if fact.field == "doc_number" else entry.issuer) or ""
