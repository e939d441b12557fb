"""Damage the generated files of every format and look whether the readers keep their word.

    python -m tests.fuzz --minutes 5 --seed 1
    python -m tests.fuzz --seed 1 --from 4711 --trials 1     # that one file again

Whatever a file holds, reading it gives a document or one line (`WenceError`) that names the file: no other exception,
no crash, nothing that takes longer than the limit, no file written outside the folder of the trial, no connection and
no program started but the reader's own. What is read keeps the laws of every document: each visible character in one
place, each passage word for word in the source. Recognition of pictures is left out: it is slow, and tested by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from errors import WenceError
from ingest.coverage import coverage
from ingest.files import load
from ingest.formats import apart
from ingest.reader import parse
from render import coverage_json, outline_json
from tests.fixtures.ofd import ofd
from tests.fixtures.pdf import pdf
from tests.fixtures.plain import md, txt
from tests.fixtures.policy import POLICIES, Policy
from tests.fixtures.web import export, site
from tests.fixtures.word import docx
from tests.fuzz.damage import DAMAGES, LARGEST
from tests.ingest.laws import check_chunks, check_partition

LIMIT = apart.MAX_SECONDS  # for a file
MEMORY = 2 * 1024**3  # bytes of this process
WRITERS: dict[str, tuple[Callable[[Policy], bytes], ...]] = {
    "txt": (txt, lambda policy: txt(policy).decode().encode("gb18030")),
    "md": (md,),
    "html": (site, export),
    "docx": (docx,),
    "pdf": (pdf,),
    "ofd": (ofd,),
}
_CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod")
_FORBIDDEN = (*_CHANGES, "socket.connect", "socket.bind", "os.system", "os.exec", "os.fork", "os.posix_spawn")


class Overrun(Exception):
    """A file took longer than the limit."""


class Unlawful(Exception):
    """A reader did what no reader may do."""


@dataclass
class Figures:
    """What became of the files of one format."""

    documents: int = 0
    refused: int = 0
    slowest: float = 0.0
    at: str = ""
    lines: Counter[str] = field(default_factory=Counter)


class Watch:
    """Sees what this process does to the disk and the network while a file is read."""

    def __init__(self) -> None:
        self.inside: Path | None = None
        sys.addaudithook(self._seen)

    def _seen(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.inside is None:
            return
        if event == "open":
            path, _, flags = arguments
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if not writes or isinstance(path, int) or os.fspath(path) == os.devnull:
                return
        elif event not in _FORBIDDEN:
            return
        raise Unlawful(f"{event} {arguments!r}"[:300])


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raises Overrun in what takes longer."""

    def overrun(number: int, frame: FrameType | None) -> None:
        raise Overrun

    before = signal.signal(signal.SIGALRM, overrun)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def made(chance: Random, sources: dict[str, list[bytes]]) -> tuple[str, str, bytes]:
    """The format that a damaged file comes from, its suffix (sometimes another format's), its bytes."""
    kind = chance.choice(list(sources))
    data = chance.choice(sources[kind])
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        data = chance.choice(DAMAGES[kind])(chance, data)
    if chance.random() < 0.03:  # one inside or behind the other
        other = chance.choice(sources[chance.choice(list(sources))])
        at = chance.choice((0, len(data), chance.randrange(len(data) + 1)))
        data = data[:at] + other + data[at:]
    suffix = kind if chance.random() < 0.93 else chance.choice((*sources, "htm", "png", "doc", "xlsx"))
    return kind, suffix, data[: 2 * LARGEST]


def tried(path: Path, watch: Watch) -> str | None:
    """Why a file was refused, `None` when it is a document. Raises whatever is against the rules."""
    with limited(LIMIT + 5):
        watch.inside = path.parent
        try:
            document = parse(load(path))
        except WenceError as error:
            line = str(error)
            if "\n" in line or str(path) not in line or "；请" not in line or "读取时" in line:
                raise Unlawful(f"not one clear line: {line!r}") from error
            return line.replace(str(path), "FILE")
        finally:
            watch.inside = None
        check_partition(document)
        check_chunks(document)
        json.dumps([outline_json(document), coverage_json(document, coverage(document))]).encode()
    return None


def run(minutes: float, seed: int, *, first: int = 0, trials: int | None = None, keep: Path) -> dict[str, Figures]:
    """Try damaged files for so many minutes or trials; the figures by format.

    A file that is against the rules is kept under `keep`, with what was wrong beside it, and counted under `failed`.
    """
    apart.SERVE = f"from ingest.formats import ocr; ocr.available = lambda: False; {apart.SERVE}"
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY if most == resource.RLIM_INFINITY else min(most, MEMORY), most))
    sources = {kind: [write(policy) for write in its for policy in POLICIES] for kind, its in WRITERS.items()}
    figures = {kind: Figures() for kind in (*sources, "failed")}
    watch, until, number = Watch(), time.monotonic() + 60 * minutes, first
    with tempfile.TemporaryDirectory(prefix="wence-fuzz-") as folder:
        here, before = Path(folder), Path.cwd()
        (here / "work").mkdir()
        (here / "file").mkdir()
        os.chdir(here / "work")
        try:
            for kind, ones in sources.items():  # everything is imported before anything is watched
                (here / f"warm.{kind}").write_bytes(ones[0])
                parse(load(here / f"warm.{kind}"))
            while time.monotonic() < until and (trials is None or number < first + trials):
                kind, suffix, data = made(Random(f"{seed}/{number}"), sources)
                path = here / "file" / f"a.{suffix}"
                path.write_bytes(data)
                begun = time.monotonic()
                try:
                    line = tried(path, watch)
                except Exception:
                    told = traceback.format_exc()
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{seed}-{number}.{suffix}").write_bytes(data)
                    (keep / f"{seed}-{number}.why").write_text(told, encoding="utf-8")
                    figures["failed"].lines[told.strip().splitlines()[-1][:160]] += 1
                    line = None
                else:
                    figures[kind].documents += line is None
                took = time.monotonic() - begun
                if line is not None:
                    figures[kind].refused += 1
                    figures[kind].lines[line.split("：")[0][:40]] += 1
                if took > figures[kind].slowest:
                    figures[kind].slowest, figures[kind].at = took, f"{seed}/{number}"
                path.unlink()
                if left := [*(here / "work").iterdir(), *(here / "file").iterdir()]:
                    figures["failed"].lines[f"left behind: {left}"] += 1
                number += 1
        finally:
            os.chdir(before)
    return figures


def main() -> int:
    """Run it; the exit status is 1 when a reader broke its word."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", type=int, default=0, dest="first", metavar="N", help="number of the first trial")
    parser.add_argument("--trials", type=int, default=None, help="at most so many")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "wence-fuzz-failed")
    asked = parser.parse_args()
    figures = run(asked.minutes, asked.seed, first=asked.first, trials=asked.trials, keep=asked.keep.resolve())
    failed = figures.pop("failed").lines
    print(f"{'format':8}{'files':>9}{'documents':>11}{'refused':>9}{'slowest':>9} s  trial")
    for kind, its in figures.items():
        print(f"{kind:8}{its.documents + its.refused:9}{its.documents:11}{its.refused:9}{its.slowest:9.2f}    {its.at}")
    for line, count in failed.most_common():
        print(f"BROKEN {count}: {line}   (files in {asked.keep})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
