"""Builds killed with SIGKILL at random moments: the index that was there, or the new one, always serves."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from index.build import build
from index.embedding import StaticEmbedding
from index.manifest import read_manifest
from index.search import Searcher
from index.snapshot import open_snapshot, verify

REPOSITORY = Path(__file__).parents[2]
KILLS = int(os.environ.get("KILLS", "12"))

# Goes on building: the small library, the large one, one document more and another and another, the small one, … each
# over the last. Parts of any size may stay where they are when it is given 1, and those of the documents more are laid
# together in the end; none stay when it is given 5.
WORK = """
import itertools, sys
from pathlib import Path
import index.build as index_build
from index.build import build
from index.embedding import StaticEmbedding
from index.words import segment
small, large, more, index, model = map(Path, sys.argv[1:6])
base, more = [small, large], sorted(more.iterdir())
index_build._SMALL_PART, index_build._KEEP_SECONDS = 1000 * (int(sys.argv[6]) - 1), 0
embedding = StaticEmbedding(model)
segment([""])
print("ready", flush=True)
for paths in itertools.cycle([base, *([*base, *more[:count]] for count in range(1, 5)), [small]]):
    build(paths, index, embedding=embedding)
    print("built", flush=True)
"""


def test_killed_at_any_moment_an_index_serves(library: Path, tmp_path: Path, model_dir: Path) -> None:
    large = tmp_path / "large"
    large.mkdir()
    for number in range(6):
        lines = [f"第{line}条 临河市第{number}类公园每日{line % 24}时开放。" for line in range(1, 40)]
        (large / f"{number}.txt").write_text(f"临河市第{number}类公园规定\n\n" + "\n".join(lines), encoding="utf-8")
    more = tmp_path / "more"
    more.mkdir()
    for number, place in enumerate(("图书馆", "博物馆", "体育场", "文化宫")):
        text = f"临河市{place}规定\n\n第一条 {place}免费开放。\n"
        (more / f"{number}.txt").write_text(text, encoding="utf-8")
    embedding = StaticEmbedding(model_dir)
    index = tmp_path / "index"
    began = time.perf_counter()
    held = {
        build(paths, index, embedding=embedding).documents: open_snapshot(index).counts()
        for paths in (
            [library, large],
            *([library, large, *sorted(more.iterdir())[:n]] for n in range(1, 5)),
            [library],
        )
    }
    latest = time.perf_counter() - began  # some three builds after everything is loaded, however busy the machine
    assert sorted(held) == [3, 9, 10, 11, 12, 13]
    small = [document.text for document in open_snapshot(index).documents()]
    chance = random.Random(20231120)
    ids: set[str] = set()
    for turn in range(KILLS):
        worker = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", WORK, library, large, more, index, model_dir, chance.choice("15")],
            stdout=subprocess.PIPE,
            cwd=REPOSITORY,
        )
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
        if turn % 2:  # one of two builds has something to publish, whatever the kill before left
            assert [worker.stdout.readline() for _ in range(2)] == [b"built\n", b"built\n"]
        time.sleep(chance.uniform(0, latest))
        worker.kill()
        worker.wait()
        worker.stdout.close()
        assert verify(index) == []
        snapshot = open_snapshot(index, embedding)
        counts = snapshot.counts()
        assert counts == held[counts.documents]
        assert len(snapshot.documents()) == counts.documents
        assert Searcher(snapshot).search("公园开放时间")
        ids.add(read_manifest(index).snapshot)
    assert len(ids) > KILLS // 3  # the kills did come while builds were being published
    report = build([library], index, embedding=embedding)
    assert report.failed == ()
    assert [path.name for path in (index / "snapshots").iterdir()] == [read_manifest(index).snapshot]
    assert [document.text for document in open_snapshot(index).documents()] == small


# A build whose first file takes for ever, in two processes, which tell their numbers.
SLOW = """
import os, sys, time
from pathlib import Path
import index.batches, index.prepare
from index.build import build
from index.embedding import StaticEmbedding

def stuck(jobs, reader, model):
    (Path(sys.argv[3]) / str(os.getpid())).touch()
    time.sleep(600)

index.batches._WORTH_PROCESSES, index.batches.prepare_apart = 0, stuck
if __name__ == "__main__":
    build([Path(sys.argv[1])], Path(sys.argv[2]), embedding=StaticEmbedding(Path(sys.argv[4])), processes=2)
"""


def test_a_killed_build_leaves_no_process_behind(library: Path, tmp_path: Path, model_dir: Path) -> None:
    script, told = tmp_path / "slow.py", tmp_path / "told"
    script.write_text(SLOW, encoding="utf-8")
    told.mkdir()
    command = [sys.executable, "-W", "ignore", script, library, tmp_path / "index", told, model_dir]
    worker = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(REPOSITORY)})
    until = time.monotonic() + 60
    while not any(told.iterdir()) and time.monotonic() < until:
        time.sleep(0.05)
    [number, *_] = [int(path.name) for path in told.iterdir()]
    worker.kill()
    worker.wait()
    while Path(f"/proc/{number}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{number}").exists()
