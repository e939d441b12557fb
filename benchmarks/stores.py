"""The files of one machine beside Milvus Lite, on the same documents in one run.

    pip install 'wence[milvus]'
    python benchmarks/stores.py FOLDER [QUESTIONS.txt]

Builds an index of FOLDER twice, without and with Milvus Lite, and asks the questions of both (one a line; without a
file, parts of 200 passages, drawn with a fixed seed). Prints seconds, megabytes, milliseconds, and the share of the
first ten passages that both stores find. Lite is one Python process made for trying things; a cluster is measured
where it is.
"""

from __future__ import annotations

import random
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from index.build import build
from index.embedding import open_embedding
from index.search import Hit, Searcher
from index.snapshot import open_snapshot

_QUESTIONS = 200
_LENGTH = 14  # characters of a question that is cut from a passage


def size(folder: Path) -> float:
    """Megabytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def questions(searcher: Searcher) -> list[str]:
    """Parts of passages of at least 14 characters."""
    chance = random.Random(0)
    texts = [
        line
        for entry in searcher.snapshot.entries
        for chunk in searcher.snapshot.chunks(entry.id)
        for line in re.split(r"[，。；：\n]", chunk.text)
        if len(line) >= _LENGTH
    ]
    return [line[:_LENGTH] for line in chance.sample(texts, min(_QUESTIONS, len(texts)))]


def asked(searcher: Searcher, listed: Sequence[str]) -> tuple[list[list[Hit]], list[float]]:
    """The hits of every question, and the milliseconds that each took."""
    found: list[list[Hit]] = []
    took: list[float] = []
    for question in listed:
        begun = time.perf_counter()
        found.append(searcher.search(question))
        took.append(1000 * (time.perf_counter() - begun))
    return found, took


def main(library: Path, file: Path | None) -> None:
    """Print the comparison."""
    embedding = open_embedding()
    with tempfile.TemporaryDirectory(prefix="wence-") as temporary:
        folder = Path(temporary)
        setting = f"milvus+file:{folder / 'store.db'}"
        local = build([library], folder / "local", embedding=embedding)
        both = build([library], folder / "both", embedding=embedding, store=setting)
        here = Searcher(open_snapshot(folder / "local", embedding))
        there = Searcher(open_snapshot(folder / "both", embedding, setting))
        listed = file.read_text(encoding="utf-8").splitlines() if file else questions(here)
        ours, fast = asked(here, listed)
        theirs, slow = asked(there, listed)
        shared = [
            len({hit.chunk.id for hit in one} & {hit.chunk.id for hit in other}) / len(one)
            for one, other in zip(ours, theirs, strict=True)
            if one
        ]
        print(f"{local.documents} documents, {local.chunks} passages, {len(listed)} questions")
        print(f"build: {local.seconds:.1f} s; with Milvus Lite {both.seconds:.1f} s")
        print(f"size: {size(folder / 'local'):.1f} MB; Milvus Lite adds {size(folder / 'store.db'):.1f} MB")
        for name, took in (("files", fast), ("Milvus Lite", slow)):
            tail = statistics.quantiles(took, n=20)[-1]
            print(f"{name}: p50 {statistics.median(took):.1f} ms, p95 {tail:.1f} ms")
        print(f"first ten in both: mean {statistics.mean(shared):.3f}, worst {min(shared):.1f}")
        print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
