"""Answers that cite what a build has changed: in the history, and among the approved replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.approved import Approved
from assistant.audit import History
from index.snapshot import Snapshot
from ingest.compare import compare


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A document that a build has changed or removed: its id before, and the paths of its sections that are no longer
    as they were (`None`: the document is gone)."""

    doc: str
    file: str
    sections: frozenset[str] | None


@dataclass(frozen=True, kw_only=True)
class Affected:
    """An answer to look at again: its number in the history or among the approved replies, and what it cites that has
    changed, as `file section`."""

    kind: Literal["history", "approved"]
    number: int
    question: str
    cites: tuple[str, ...]


def changed(before: Snapshot, after: Snapshot) -> list[Changed]:
    """What became of the documents of an older snapshot in a newer one; those that only moved are left out."""
    newer = {entry.path: entry for entry in after.entries}
    contents = {entry.sha256 for entry in after.entries}
    found: list[Changed] = []
    for entry in before.entries:
        now = newer.get(entry.path)
        if entry.sha256 in contents:
            continue
        if now is None:
            found.append(Changed(doc=entry.id, file=entry.file, sections=None))
            continue
        difference = compare(before.document(entry.id), after.document(now.id))
        paths = frozenset(change.before for change in difference.changes if change.before is not None)
        if paths:
            found.append(Changed(doc=entry.id, file=entry.file, sections=paths))
    return found


def affected(changes: Sequence[Changed], history: History, approved: Approved) -> list[Affected]:
    """The answers that cite a changed section, approved replies first, then the history from its beginning.

    Raises ConfigError when one of the files cannot be read.
    """
    by_doc = {change.doc: change for change in changes}
    if not by_doc:
        return []
    found: list[Affected] = []
    for kept in approved.listing("approved"):
        cites = [_cited(by_doc, citation.doc, citation.section) for citation in kept.reply.citations]
        if told := tuple(dict.fromkeys(one for one in cites if one)):
            found.append(Affected(kind="approved", number=kept.id, question=kept.question, cites=told))
    for record in history.records():
        cites = [_cited(by_doc, *_place(cited)) for cited in record.cited]
        if told := tuple(dict.fromkeys(one for one in cites if one)):
            found.append(Affected(kind="history", number=record.number, question=record.question, cites=told))
    return found


def _place(cited: str) -> tuple[str, str]:
    """Document id and section of `id section start end`, as the history keeps it."""
    doc, _, rest = cited.partition(" ")
    return doc, rest.rsplit(" ", 2)[0]


def _cited(changes: dict[str, Changed], doc: str, section: str) -> str | None:
    change = changes.get(doc)
    if change is None or (change.sections is not None and section not in change.sections):
        return None
    return f"{change.file} {section}" + ("（文件已移除）" if change.sections is None else "")
