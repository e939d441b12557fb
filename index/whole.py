"""What only the whole collection tells of its documents: renderings of one work, relations, which passages repeat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from index import renderings, versions
from index.catalogue import CATALOGUE, Entry, Finished, entry_of, part_folder, write_catalogue
from index.old import Old
from index.part import Part, PartTexts, Stored
from ingest.document import Relation


def write_whole(
    folder: Path, old: Old | None, parts: Sequence[Part], standing: Sequence[Entry], stored: Sequence[Stored]
) -> list[Entry]:
    """Write the catalogue of the snapshot in `folder`, whose parts are there; its documents.

    These are `standing`, which stay in the parts of the old index, and `stored` in the part behind those.
    """
    entries = [entry if entry.number == at else replace(entry, number=at) for at, entry in enumerate(standing)]
    entries += [entry_of(one, number, len(parts) - 1) for number, one in enumerate(stored, len(entries))]
    held = old.relations() if old and standing else []
    relations: list[Sequence[Relation]] = [held[entry.number] for entry in standing]
    relations += [one.facts.relations for one in stored]
    works = versions.works(entries)
    linked = versions.add(entries, works, renderings.link(entries, works, relations))
    ended = {number: (by, how, since) for number, by, how, since in renderings.ends(entries, works, linked)}
    entries = [_told(entry, work, ended.get(entry.number)) for entry, work in zip(entries, works, strict=True)]
    repeats = _repeats(folder, old, len(parts), entries)
    finished = Finished(path=old.folder / CATALOGUE, entries=old.entries, relations=held) if old and standing else None
    write_catalogue(folder / CATALOGUE, entries, [relations for _, relations in linked], repeats, finished)
    return entries


def _told(entry: Entry, work: int, ended: tuple[int, str, str | None] | None) -> Entry:
    """A document with its work, and what ended it."""
    by, how, since = ended or (None, None, None)
    if (entry.work, entry.ended_by, entry.ended_how, entry.ended_from) == (work, by, how, since):
        return entry
    return replace(entry, work=work, ended_by=by, ended_how=how, ended_from=since)


def _repeats(folder: Path, old: Old | None, parts: int, entries: Sequence[Entry]) -> list[tuple[int, int]]:
    """Which chunks repeat one of another rendering; those of works that have not changed are known."""
    several = [its for its in _by_work(entries) if len(its) > 1]
    if not several:
        return []
    known = {_members(its) for its in _by_work(old.entries) if len(its) > 1} if old and parts > 1 else set()
    led = dict(old.catalogue.repeats()) if old and known else {}
    texts = [PartTexts(part_folder(folder, number)) for number in range(parts)]
    pairs: list[tuple[int, int]] = []
    for its in several:
        if _members(its) in known:
            rows = (row for e in its for row in range(e.first_chunk, e.first_chunk + e.chunk_count))
            pairs += [(row, led[row]) for row in rows if row in led]
        else:
            pairs += renderings.passages(
                [(row, chunk.text) for row, chunk in texts[e.part].chunks(e.first_chunk, e.chunk_count)] for e in its
            )
    for one in texts:
        one.close()
    return pairs


def _by_work(entries: Iterable[Entry]) -> list[list[Entry]]:
    """The documents of each work, in order."""
    found: dict[int, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.work, []).append(entry)
    return list(found.values())


def _members(entries: Sequence[Entry]) -> tuple[tuple[str, int], ...]:
    """What a work is made of."""
    return tuple((entry.id, entry.first_chunk) for entry in entries)
