"""The source files of a build: which are as they were, which only moved, which are prepared together."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from hashlib import file_digest
from pathlib import Path

from index.catalogue import Entry
from ingest.document import document_id
from ingest.files import Found, shown

_BATCH_BYTES, _BATCH_FILES = 400_000, 64  # of source files that are prepared together
_SETTLED = 2_000_000_000  # nanoseconds after which a change of a file shows in what its inode says


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """A source file: its real path, and what its inode says (empty when it changed a moment ago)."""

    path: str
    found: Found
    stamp: str
    size: int

    def still(self, file: str, stamp: str, sha256: str) -> bool:
        """Whether it is what was read under the name `file`: by its inode, or else by its bytes."""
        if self.found.file != file:
            return False
        return bool(self.stamp and self.stamp == stamp) or sha256 == _digest(self.found.path)


def new_files(found: Sequence[Found], known: AbstractSet[str]) -> list[SourceFile]:
    """The files that are not at one of the `known` real paths, in order: known before all others are looked at."""
    return source_files([one for one in found if shown(one.real or os.path.realpath(one.where)) not in known])


def source_files(found: Sequence[Found]) -> list[SourceFile]:
    """The files in the order in which their documents are kept."""
    now = time.time_ns()
    files: list[SourceFile] = []
    for item in found:
        path = shown(item.real or os.path.realpath(item.where))
        try:
            seen = os.stat(item.real or item.where)  # noqa: PTH116 - see Found
        except OSError:  # its reader will say why
            files.append(SourceFile(path=path, found=item, stamp="", size=0))
            continue
        settled = max(seen.st_mtime_ns, seen.st_ctime_ns) < now - _SETTLED
        stamp = f"{seen.st_size} {seen.st_mtime_ns} {seen.st_ctime_ns} {seen.st_ino}" if settled else ""
        files.append(SourceFile(path=path, found=item, stamp=stamp, size=seen.st_size))
    return sorted(files, key=lambda file: (file.found.file, file.path))


def unchanged_entries(files: Sequence[SourceFile], entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries, by path, whose files are as they were: what the inode says has not changed, or the digest has not.

    Their stamps are the files' own.
    """
    kept: dict[str, Entry] = {}
    for file in files:
        entry = entries.get(file.path)
        if entry is not None and file.still(entry.file, entry.stamp, entry.sha256):
            kept[file.path] = entry if entry.stamp == file.stamp else replace(entry, stamp=file.stamp)
    return dict(sorted(kept.items(), key=lambda item: item[1].number))


def moved_entries(
    files: Sequence[SourceFile], kept: Mapping[str, Entry], entries: Mapping[str, Entry]
) -> dict[str, Entry]:
    """The entries, by the new path, of documents whose files have another name or place now, by their digests.

    A document that has its title or id from its file's name is left out: it has to be read again.
    """
    there = {file.path: file.found.file for file in files}
    gone: dict[str, list[Entry]] = {}
    for entry in entries.values():
        named_by_file = entry.title == entry.file or entry.id != document_id(entry.file, entry.sha256)
        if not named_by_file and there.get(entry.path) != entry.file:
            gone.setdefault(entry.sha256, []).append(entry)
    moved: dict[str, Entry] = {}
    for file in files if gone else ():
        before = entries.get(file.path)
        if file.path in kept or (before is not None and before.file == file.found.file):
            continue
        if twins := gone.get(_digest(file.found.path) or ""):
            moved[file.path] = twins.pop(0)
    return moved


def in_batches(files: Sequence[SourceFile], most: int | None = None) -> Iterator[list[SourceFile]]:
    """Files that are prepared together, in order; `most` bytes of them or fewer, if there are several."""
    most = min(most or _BATCH_BYTES, _BATCH_BYTES)
    batch: list[SourceFile] = []
    size = 0
    for file in files:
        if batch and (size + file.size > most or len(batch) == _BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.size
    if batch:
        yield batch


def _digest(path: Path) -> str | None:
    """SHA-256 of a file, `None` when it cannot be read (its reader will say why)."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
