"""Keep an index in step with its files: look at them again and again, and build when they have come to rest."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

from ingest.files import find

Stamp = tuple[str, str, int, int]


def stamps(paths: Sequence[Path]) -> frozenset[Stamp]:
    """The files that `paths` stand for: name, place, size and time of the last change; nothing is read."""
    found: set[Stamp] = set()
    for item in find(paths):
        try:
            status = os.stat(item.where)  # noqa: PTH116 - see Found
        except OSError:  # it has gone in the meantime, or may not be looked at: the build says so
            found.add((item.file, item.where, -1, -1))
        else:
            found.add((item.file, item.where, status.st_size, status.st_mtime_ns))
    return frozenset(found)


def watch(paths: Sequence[Path], rebuild: Callable[[], None], stop: Event, *, every: float = 2.0) -> int:
    """Call `rebuild` now, and whenever files have changed and then stayed as they are for `every` seconds.

    Looks every `every` seconds until `stop` is set; a build under way is finished. Returns how often it built.
    """
    built, builds = stamps(paths), 1
    rebuild()
    before = built
    while not stop.wait(every):
        now = stamps(paths)
        if now == before and now != built:
            built, builds = now, builds + 1
            rebuild()
        before = now
    return builds
