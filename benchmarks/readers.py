"""How many files and pages a second are read, by format, over all cores.

    python benchmarks/readers.py                      files that the fixture generator writes
    python benchmarks/readers.py --formats pdf,html   only these
    python benchmarks/readers.py --scans 24           recognises 24 scanned pages, too (some seconds a page and core)
    python benchmarks/readers.py --folder DIR         your own files instead

Reading is all of it: decoding, text and layout, outline, tables, facts, as `wence outline FILE` does; a build adds
words and vectors. The processes are started and warm before the clock runs. The fixtures need the extra `dev`.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))

from errors import IngestError  # noqa: E402
from ingest.files import find  # noqa: E402
from ingest.formats import PICTURES  # noqa: E402
from ingest.reader import read  # noqa: E402

_PORTION = 8  # files that a process gets at a time
_LONG = 4  # times that the pages of all fixtures stand in a long PDF


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What it took to read the files of one format; `seconds` of the clock, over all processes."""

    kind: str
    files: int
    refused: int
    bytes: int
    pages: int
    seconds: float

    def __str__(self) -> str:
        """One line of the table."""
        pages = f"{self.pages / self.seconds:10.1f}{60 * self.pages / self.seconds:10.0f}" if self.pages else ""
        size = self.bytes / 1024 / max(1, self.files)
        return f"{self.kind:10}{self.files:8}{self.refused:9}{size:9.1f}{self.files / self.seconds:10.1f}{pages}"


def measure(kind: str, paths: Sequence[Path], pool: ProcessPoolExecutor, processes: int) -> Rate:
    """Read `paths` with the processes of `pool`, each of which has read one of them before."""
    list(pool.map(_read, [list(paths[:1])] * 4 * processes))
    portion = max(1, min(_PORTION, len(paths) // (4 * processes)))
    portions = [list(paths[at : at + portion]) for at in range(0, len(paths), portion)]
    begun = time.perf_counter()
    done = list(pool.map(_read, portions))
    seconds = time.perf_counter() - begun
    return Rate(
        kind=kind,
        files=len(paths),
        refused=sum(refused for refused, _ in done),
        bytes=sum(path.stat().st_size for path in paths),
        pages=sum(pages for _, pages in done),
        seconds=seconds,
    )


def _read(paths: list[Path]) -> tuple[int, int]:
    """How many of the files are refused, and how many pages the others have."""
    refused = pages = 0
    for path in paths:
        try:
            pages += len(read(path).pages)
        except IngestError:
            refused += 1
    return refused, pages


def fixtures(folder: Path, formats: Sequence[str], files: int, scans: int) -> dict[str, list[Path]]:
    """Files of each format in `folder`: `files` of each (a tenth of long PDFs), and `scans` pictures of pages."""
    from tests.fixtures.ofd import ofd
    from tests.fixtures.pdf import pdf
    from tests.fixtures.plain import md, txt
    from tests.fixtures.policy import POLICIES
    from tests.fixtures.scan import encoded, pictures
    from tests.fixtures.web import export, site
    from tests.fixtures.word import docx

    def each(*writers: Callable[..., bytes]) -> list[bytes]:
        return [write(policy) for write in writers for policy in POLICIES]

    writers: dict[str, Callable[[], list[bytes]]] = {
        "txt": lambda: each(txt),
        "md": lambda: each(md),
        "html": lambda: each(site, export),
        "docx": lambda: each(docx),
        "ofd": lambda: each(ofd),
        "pdf": lambda: each(pdf),
        "pdf-long": lambda: [_joined(each(pdf) * _LONG)],
    }
    found: dict[str, list[Path]] = {}
    for kind in formats:
        data = writers[kind]()
        count = max(1, files // 10) if kind == "pdf-long" else files
        found[kind] = _written(folder, kind, kind.split("-")[0], [data[at % len(data)] for at in range(count)])
    if scans:
        pages = [encoded(image, "PNG") for policy in POLICIES for image in pictures(policy)]
        found["scan"] = _written(folder, "scan", "png", [pages[at % len(pages)] for at in range(scans)])
    return found


def _written(folder: Path, kind: str, suffix: str, contents: Sequence[bytes]) -> list[Path]:
    (folder / kind).mkdir()
    paths = [folder / kind / f"{number}.{suffix}" for number in range(len(contents))]
    for path, data in zip(paths, contents, strict=True):
        path.write_bytes(data)
    return paths


def _joined(parts: Sequence[bytes]) -> bytes:
    """The pages of several PDFs in one."""
    import pypdfium2 as pdfium  # type: ignore[import-untyped]

    whole, out = pdfium.PdfDocument.new(), io.BytesIO()
    for part in parts:
        with pdfium.PdfDocument(part) as source:
            whole.import_pages(source)
    whole.save(out)
    return out.getvalue()


def own(folder: Path) -> dict[str, list[Path]]:
    """The files of a folder by their suffix."""
    found: dict[str, list[Path]] = {}
    for item in find([folder]):
        suffix = item.path.suffix.lower()
        found.setdefault("scan" if suffix in PICTURES else suffix.lstrip("."), []).append(item.path)
    return dict(sorted(found.items()))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="How many files and pages a second are read, by format.")
    parser.add_argument("--formats", default="txt,md,html,docx,ofd,pdf,pdf-long", help="default: %(default)s")
    parser.add_argument("--files", type=int, default=1000, help="of each format; default: %(default)s")
    parser.add_argument("--scans", type=int, default=0, help="pages to recognise; default: none")
    parser.add_argument("--folder", type=Path, default=None, help="your own files")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="default: one a core")
    asked = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    print(f"{'format':10}{'files':>8}{'refused':>9}{'KB/file':>9}{'files/s':>10}{'pages/s':>10}{'pages/min':>10}")
    with tempfile.TemporaryDirectory(prefix="wence-readers-") as folder:
        sets = (
            own(asked.folder)
            if asked.folder
            else fixtures(Path(folder), asked.formats.split(","), asked.files, asked.scans)
        )
        for kind, paths in sets.items():
            processes = max(1, asked.processes // 2) if kind == "scan" else asked.processes  # two threads each
            with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
                print(measure(kind, paths, pool, processes), flush=True)


if __name__ == "__main__":
    main()
