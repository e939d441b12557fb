"""The benchmark of the readers: what it counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.fixtures.pdf import pdf
from tests.fixtures.plain import txt
from tests.fixtures.policy import NOTICE

REPOSITORY = Path(__file__).parents[2]


def test_files_and_pages_are_counted(tmp_path: Path) -> None:
    for name, data in (("a.txt", txt(NOTICE)), ("b.txt", b""), ("c.pdf", pdf(NOTICE)), ("d.pdf", pdf(NOTICE))):
        (tmp_path / name).write_bytes(data)
    command = [sys.executable, "benchmarks/readers.py", "--folder", str(tmp_path), "--processes", "1"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    head, *rows = [line.split() for line in done.stdout.splitlines()]
    assert head == ["format", "files", "refused", "KB/file", "files/s", "pages/s", "pages/min"]
    assert [row[:3] for row in rows] == [["pdf", "2", "0"], ["txt", "2", "1"]]
    files, pages = map(float, rows[0][4:6])
    assert 0.9 < pages / files < 1.1  # a page each
    assert len(rows[1]) == 5
