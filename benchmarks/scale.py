"""How long a build and a question take, how large the index is and how much memory they need, from 10^3 to 10^6 texts.

    python benchmarks/scale.py TEXTS --sizes 1000,10000,100000 --work /tmp/scale

TEXTS is any folder of .txt, .md, .jsonl, .jsonl.gz or .jsonl.xz files. Its paragraphs (of JSON lines: the values of
`text`, `positive`, `anchor`) become the articles of made-up documents, 25 each; when there are too few of them,
sentences of different ones are mixed. Questions are clauses of the texts. Every step runs in a process of its own,
which is stopped when `--minutes` are over. Prints a table and writes the figures beside the corpora as scale.json,
with `--svg FILE` a plot. What the work folder holds already is used: a library; with `--reuse` also an index, whose
build is then told from build_<size>.json.
"""

from __future__ import annotations

import argparse
import gzip
import json
import lzma
import math
import os
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
ARTICLES = 25  # of a document
ADDED = 100  # documents that an update adds
UPDATES = 3  # one after another
QUESTIONS = 200
_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?")
_CLAUSE = re.compile(r"[\u4e00-\u9fff]{8,24}")
_DIGITS = "零一二三四五六七八九"


def paragraphs(folder: Path) -> Iterator[str]:
    """Every text of 10 to 1,500 characters below a folder, once each."""
    seen: set[int] = set()
    for path in sorted(folder.rglob("*")):
        opened = {".gz": gzip.open, ".xz": lzma.open}.get(path.suffix, open)
        name = path.name.removesuffix(".gz").removesuffix(".xz")
        if not path.is_file() or not name.endswith((".txt", ".md", ".jsonl")) or "queries" in name:
            continue
        with opened(path, "rt", encoding="utf-8", errors="replace") as file:
            for line in file:
                found = [line]
                if name.endswith(".jsonl"):
                    value = json.loads(line)
                    found = [str(value[key]) for key in ("text", "positive", "anchor") if value.get(key)]
                for text in found:
                    flat = " ".join(text.split())
                    if 10 <= len(flat) <= 1500 and hash(flat) not in seen:
                        seen.add(hash(flat))
                        yield flat


def texts(folder: Path, count: int) -> Iterator[str]:
    """`count` texts: those of the folder, then mixtures of their sentences."""
    pool: list[str] = []
    given = 0
    for text in paragraphs(folder):
        if given == count:
            return
        given += 1
        if len(pool) < 50_000:
            pool += _SENTENCE.findall(text)
        yield text
    chance = random.Random(0)
    for _ in range(count - given):
        yield "".join(chance.sample(pool, min(3, len(pool))))


def write_library(folder: Path, source: Path, count: int) -> int:
    """A folder with documents made of `count` texts; their number. What is there already is used."""
    done = folder / ".complete"
    if done.exists():
        return int(done.read_text())
    batch: list[str] = []
    number = 0
    for text in texts(source, count):
        batch.append(text)
        if len(batch) == ARTICLES:
            _write(folder, number, batch)
            number, batch = number + 1, []
    if batch:
        _write(folder, number, batch)
        number += 1
    done.write_text(str(number))
    return number


def _write(folder: Path, number: int, articles: Sequence[str]) -> None:
    place = folder / f"{number // 1000:03d}"
    place.mkdir(parents=True, exist_ok=True)
    lines = [f"汇编第{number}号规定", ""]
    lines += [f"第{_han(at)}条 {text}" for at, text in enumerate(articles, 1)]
    (place / f"{number:06d}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _han(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _DIGITS[tens]) + ("十" if tens else "") + (_DIGITS[ones] if ones or not tens else "")


def more(library: Path) -> Iterator[list[list[str]]]:
    """The articles of documents to add, for each update: sentences of the library, mixed anew."""
    chance = random.Random(2)
    files = sorted(library.rglob("*.txt"))
    read = [path.read_text(encoding="utf-8") for path in chance.sample(files, min(len(files), 500))]
    pool = [sentence for text in read for sentence in _SENTENCE.findall(text)]
    for _ in range(UPDATES):
        yield [["".join(chance.sample(pool, 3)) for _ in range(ARTICLES)] for _ in range(ADDED)]


def questions(library: Path, count: int = QUESTIONS) -> list[str]:
    """Clauses of texts from all over a library, the same each time."""
    files = sorted(library.rglob("*.txt"))
    chance = random.Random(1)
    found: list[str] = []
    for path in chance.sample(files, min(len(files), count)) * (1 + count // max(1, len(files))):
        clauses = _CLAUSE.findall(path.read_text(encoding="utf-8"))
        if clauses and len(found) < count:
            found.append(chance.choice(clauses))
    return found


def run(arguments: Sequence[str], seconds: float) -> tuple[float, float, str]:
    """Seconds that a command took, the most memory of it and its children (MB), what it printed."""
    began = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment)
    most = 0.0
    try:
        while process.poll() is None:
            if time.perf_counter() - began > seconds:
                raise TimeoutError(f"more than {seconds:.0f} s: {' '.join(arguments[:6])}")
            most = max(most, _memory(process.pid))
            time.sleep(0.2 if time.perf_counter() - began > 3 else 0.02)
    finally:
        if process.poll() is None:
            process.kill()
    output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise RuntimeError(f"exit status {process.returncode}: {' '.join(arguments[:6])}")
    return time.perf_counter() - began, most, output


def _memory(pid: int) -> float:
    """Memory of a process and its children, shared pages counted once by their share (Linux), in MB."""
    total = 0.0
    with suppress(OSError, ValueError, IndexError):  # a process may end while it is looked at
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += int(re.findall(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[0]) / 1000
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            total += _memory(int(child))
    return total


def ask(index: Path, library: Path) -> dict[str, float]:
    """Searches and answers in one process: milliseconds at the median and at 95 %, memory in MB."""
    from assistant.answer import ask as answer
    from index.embedding import open_embedding
    from index.search import Searcher
    from index.snapshot import open_snapshot

    searcher = Searcher(open_snapshot(index, open_embedding(None, 2)))
    asked = questions(library)
    for question in asked[:20]:
        searcher.search(question)

    def timed(work: Callable[[str], object], of: Sequence[str]) -> list[float]:
        times: list[float] = []
        for question in of:
            began = time.perf_counter()
            work(question)
            times.append(1000 * (time.perf_counter() - began))
        return sorted(times)

    found = sum(any(q in hit.chunk.text for hit in searcher.search(q, k=10)) for q in asked[:100])
    searching = timed(searcher.search, asked)
    answering = timed(lambda question: answer(searcher, question), asked[:60])
    status = Path("/proc/self/status").read_text()
    resident = {name: int(kb) / 1000 for name, kb in re.findall(r"^(RssAnon|RssFile):\s+(\d+)", status, re.MULTILINE)}
    return {
        "search_p50": statistics.median(searching),
        "search_p95": searching[int(len(searching) * 0.95)],
        "answer_p50": statistics.median(answering),
        "answer_p95": answering[int(len(answering) * 0.95)],
        "found": found / len(asked[:100]),
        "serving_mb": sum(resident.values()),
        "own_mb": resident["RssAnon"],
        "cpu": resource.getrusage(resource.RUSAGE_SELF).ru_utime,
    }


def measure(source: Path, work: Path, count: int, seconds: float, reuse: bool) -> dict[str, Any]:
    """All figures of one size."""
    deadline = time.monotonic() + seconds
    library, index, noted = work / f"library_{count}", work / f"index_{count}", work / f"build_{count}.json"
    shutil.rmtree(library / "added", ignore_errors=True)
    documents = write_library(library, source, count)
    wence = [sys.executable, "-c", "import cli; cli.main()"]
    build = [*wence, "build", str(library), "--index", str(index), "--json"]
    if not (reuse and noted.exists() and index.exists()):
        shutil.rmtree(index, ignore_errors=True)
        took, memory, output = run(build, deadline - time.monotonic())
        passages = json.loads(output)["chunks"]
        noted.write_text(json.dumps({"passages": passages, "build_s": took, "build_mb": memory}))
    size = sum(path.stat().st_size for path in index.rglob("*") if path.is_file())
    question = questions(library, 1)[0]
    cold = min(run([*wence, "ask", question, "--index", str(index)], 120)[0] for _ in range(3))
    _, _, output = run([sys.executable, __file__, "--ask", str(index), str(library)], deadline - time.monotonic())
    adding: list[float] = []
    for turn, news in enumerate(more(library)):
        for number, articles in enumerate(news):
            _write(library / "added", 900_000 + ADDED * turn + number, articles)
        time.sleep(2)  # files of this moment are compared by their digests
        took, _, output_added = run(build, deadline - time.monotonic())
        assert json.loads(output_added)["added"] == ADDED
        adding.append(took)
    shutil.rmtree(library / "added")
    run(build, deadline - time.monotonic())  # the index as it was, for whoever reuses it
    return {
        "texts": count,
        "documents": documents,
        **json.loads(noted.read_text()),
        "index_mb": size / 1e6,
        "cold_s": cold,
        "add_100_s": statistics.median(adding),
        **json.loads(output),
    }


COLUMNS = {
    "passages": "passages",
    "documents": "documents",
    "build_s": "build, s",
    "build_mb": "build, MB",
    "index_mb": "index, MB",
    "cold_s": "cold answer, s",
    "search_p50": "search p50, ms",
    "search_p95": "p95, ms",
    "answer_p50": "answer p50, ms",
    "answer_p95": "p95, ms",
    "serving_mb": "serving, MB",
    "add_100_s": "100 documents more, s",
}


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The figures as Markdown."""
    lines = [f"| {' | '.join(COLUMNS.values())} |", "|---" * len(COLUMNS) + "|"]
    lines += [f"| {' | '.join(_shown(row[name]) for name in COLUMNS)} |" for row in rows]
    return "\n".join(lines)


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


PANELS = (
    ("a question, ms", (("95 %", "search_p95"), ("median", "search_p50"))),
    ("a build, s", (("all", "build_s"), ("100 documents more", "add_100_s"))),
    ("memory, MB", (("building", "build_mb"), ("serving", "serving_mb"))),
)
COLOURS = ("#d62728", "#1f77b4")


def plot(rows: Sequence[dict[str, Any]]) -> str:
    """Question time, build time and memory against the number of passages, all scales logarithmic, as SVG."""
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="930" height="300" font-family="sans-serif" font-size="12">'
    ]
    parts.append('<rect width="930" height="300" fill="white"/>')
    for at, (title, curves) in enumerate(PANELS):
        parts += _panel(rows, title, curves, left=50 + 305 * at)
    return "\n".join([*parts, "</svg>\n"])


def _panel(
    rows: Sequence[dict[str, Any]], title: str, curves: Sequence[tuple[str, str]], *, left: int
) -> Iterator[str]:
    width, top, bottom = 240, 40, 250
    xs = [math.log10(row["passages"]) for row in rows]
    ys = {name: [math.log10(max(1, row[name])) for row in rows] for _, name in curves}
    low, high = math.floor(min(xs) + 0.05), math.ceil(max(xs) - 0.05)
    under, over = math.floor(min(map(min, ys.values()))), math.ceil(max(map(max, ys.values())))

    def x(power: float) -> float:
        return left + (power - low) / max(1, high - low) * width

    def y(power: float) -> float:
        return bottom - (power - under) / max(1, over - under) * (bottom - top)

    legend = "".join(
        f'<tspan dx="12" fill="{its}">{label}</tspan>' for (label, _), its in zip(curves, COLOURS, strict=True)
    )
    yield f'<text x="{left}" y="{top - 18}"><tspan font-weight="bold">{title}</tspan>{legend}</text>'
    for power in range(under, over + 1):
        yield f'<path d="M{left} {y(power):.0f}H{left + width}" stroke="#ddd"/>'
        yield f'<text x="{left - 6}" y="{y(power) + 4:.0f}" text-anchor="end">{10**power:,}</text>'
    for power in range(low, high + 1):
        yield f'<text x="{x(power):.0f}" y="{bottom + 18}" text-anchor="middle">{10**power:,}</text>'
    yield f'<text x="{left + width / 2}" y="{bottom + 38}" text-anchor="middle">passages</text>'
    for (_, name), colour in zip(curves, COLOURS, strict=True):
        points = [(x(a), y(b)) for a, b in zip(xs, ys[name], strict=True)]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield from (f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points)


def main() -> None:
    """Measure each size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, nargs="?", metavar="TEXTS")
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--work", type=Path, default=Path("scale"))
    parser.add_argument("--minutes", type=float, default=30, help="for each size")
    parser.add_argument("--reuse", action="store_true", help="an index that is there is not built again")
    parser.add_argument("--svg", type=Path)
    parser.add_argument("--ask", type=Path, nargs=2, metavar=("INDEX", "LIBRARY"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ask:
        print(json.dumps(ask(*given.ask)))
        return
    rows: list[dict[str, Any]] = []
    for count in sorted(map(int, given.sizes.split(","))):
        rows.append(measure(given.source, given.work, count, 60 * given.minutes, given.reuse))
        print(table(rows[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
        (given.work / "scale.json").write_text(json.dumps(rows, indent=1))
    print(table(rows))
    if given.svg:
        given.svg.write_text(plot(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
