"""A build by Ray: two nodes of which one is killed half-way, on loopback, in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from errors import ConfigError
from index.build import build
from index.embedding import open_embedding
from index.manifest import read_manifest
from index.search import Searcher
from index.snapshot import open_snapshot, verify

REPOSITORY = Path(__file__).parents[2]
NEEDED = 5_000_000_000  # bytes of memory: two nodes take about two thousand million
SECONDS = 100

# Kills a node when the first batch has come, while others are still being made.
WORK = """
import json, sys, time
from pathlib import Path
import ray
from ray.cluster_utils import Cluster
from index.build import build
from index.embedding import open_embedding
library, index, told = map(Path, sys.argv[1:])
node = dict(num_cpus=1, object_store_memory=100_000_000, include_dashboard=False, node_ip_address="127.0.0.1")
cluster = Cluster(initialize_head=True, connect=False, head_node_args=node)
other = cluster.add_node(num_cpus=1, object_store_memory=100_000_000, node_ip_address="127.0.0.1")
ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
seen = []
def progress(done, total, file):
    if not seen:
        seen.append(sum(one["Alive"] for one in ray.nodes()))
        cluster.remove_node(other, allow_graceful=False)
        until = time.monotonic() + 30
        while sum(one["Alive"] for one in ray.nodes()) > 1 and time.monotonic() < until:
            time.sleep(0.1)  # what it has made is lost from here on
report = build([library], index, embedding=open_embedding(), engine="ray", progress=progress)
alive = sum(one["Alive"] for one in ray.nodes())
told.write_text(json.dumps([seen[0], alive, report.documents, report.chunks, len(report.failed)]))
ray.shutdown()
cluster.shutdown()
"""


def free_memory() -> int:
    """Bytes that can be had, 0 where nobody says."""
    told = Path("/proc/meminfo")
    lines = told.read_text().splitlines() if told.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")), 0)


def write_library(folder: Path) -> Path:
    """302 small files, in five batches, one of them unreadable and one there twice."""
    folder.mkdir()
    for number in range(300):
        lines = [
            f"第{line}条 临河市第{number}类公园每日{line % 24}时开放，面积{line * 7 + number}公顷。"
            for line in range(1, 9)
        ]
        text = f"临河市第{number}类公园规定\n\n" + "\n".join(lines)
        (folder / f"{number:03}.txt").write_text(text, encoding="utf-8")
    (folder / "300.txt").write_bytes((folder / "007.txt").read_bytes())
    (folder / "301.txt").write_bytes(b"")
    return folder


def held(index: Path) -> list[Any]:
    """All that an index holds: documents, passages, words, vectors."""
    snapshot = open_snapshot(index, open_embedding())
    rows = [row for e in snapshot.entries for row in range(e.first_chunk, e.first_chunk + e.chunk_count)]
    vectors = snapshot.retrieval.store.vectors.rows(rows).tobytes()
    found = [
        *((one.id, one.file, one.first_chunk, one.chunk_count, one.signature) for one in snapshot.entries),
        *(chunk.id for doc in snapshot.entries for chunk in snapshot.chunks(doc.id)),
        *snapshot.catalogue.tokens(),
    ]
    return [*found, vectors, [(hit.chunk.id, hit.score) for hit in Searcher(snapshot).search("第7类公园几时开放")]]


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="the extra ray is not installed")
@pytest.mark.skipif(free_memory() < NEEDED, reason="less than 5 GB of memory to be had")
def test_a_node_killed_half_way_costs_nothing(tmp_path: Path) -> None:
    library = write_library(tmp_path / "library")
    environment = {
        **{name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"},
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # loopback, whatever the machine's address is
        "PYTHONPATH": str(REPOSITORY),
        "RAY_TMPDIR": "/tmp",  # its sockets need short names
    }
    worker = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", WORK, library, tmp_path / "far", tmp_path / "told.json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=REPOSITORY,
        env=environment,
        start_new_session=True,
    )
    try:
        _, err = worker.communicate(timeout=SECONDS)
    finally:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)  # the head of a session of its own, with Ray's processes in it
    assert worker.returncode == 0, err.decode()[-2000:]
    before, after, documents, chunks, failed = json.loads((tmp_path / "told.json").read_text())
    assert (before, after, failed) == (2, 1, 1)

    report = build([library], tmp_path / "here", embedding=open_embedding())
    assert (documents, chunks, failed) == (report.documents, report.chunks, len(report.failed))
    assert verify(tmp_path / "far") == []
    assert held(tmp_path / "far") == held(tmp_path / "here")
    far, here = ({file.path: file.sha256 for file in read_manifest(tmp_path / name).files} for name in ("far", "here"))
    same = {path for path in far if far[path] == here.get(path)}
    assert {path for path in here if "keywords" not in path} <= same, sorted(here.keys() - same)


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delenv("RAY_USAGE_STATS_ENABLED", raising=False)
    (tmp_path / "a.txt").write_text("临河市公园条例\n\n第一条 公园免费开放。\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"pip install 'wence\[ray\]'"):
        build([tmp_path / "a.txt"], tmp_path / "index", embedding=open_embedding(), engine="ray")


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="the extra ray is not installed")
def test_a_cluster_that_does_not_answer_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    (tmp_path / "a.txt").write_text("临河市公园条例\n\n第一条 公园免费开放。\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"Ray 没有应答：127\.0\.0\.1:9（.*请检查 RAY_ADDRESS"):
        build([tmp_path / "a.txt"], tmp_path / "index", embedding=open_embedding(), engine="ray")
