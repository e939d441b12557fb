"""The fuzzer itself: a short run of it, and that it notices what it is there for."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fuzz.__main__ import Overrun, Unlawful, Watch, limited

REPOSITORY = Path(__file__).parents[2]


def test_a_short_run_finds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--seed", "7", "--trials", "60", "--keep", str(tmp_path / "kept")]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    assert [row[0] for row in rows] == ["txt", "md", "html", "docx", "pdf", "ofd"]
    assert sum(int(row[1]) for row in rows) == 60
    assert sum(int(row[2]) for row in rows) > 15
    assert not (tmp_path / "kept").exists()


def test_a_reader_that_breaks_its_word_is_noticed(tmp_path: Path) -> None:
    code = (
        "import tests.fuzz.__main__ as fuzz, sys\n"
        "whole = fuzz.parse\n"
        "def careless(source):\n"
        "    if len(source.text) % 5 == 0: raise KeyError('a')\n"
        "    if len(source.text) % 5 == 1: open('/tmp/wence-left-behind', 'w')\n"
        "    return whole(source)\n"
        "fuzz.parse = lambda source: careless(source) if watched(source) else whole(source)\n"
        "watched = lambda source: source.path.parent.name == 'file'\n"
        "sys.exit(fuzz.main())\n"
    )
    command = [sys.executable, "-c", code, "--seed", "7", "--trials", "40", "--keep", str(tmp_path / "kept")]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "KeyError: 'a'" in done.stdout
    assert "wence-left-behind" in done.stdout
    kept = {path.suffix for path in (tmp_path / "kept").iterdir()}
    assert ".why" in kept
    assert len(kept) > 1


def test_what_takes_too_long_or_writes_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(Overrun), limited(0.1):
        time.sleep(60)
    watch = Watch()
    watch.inside = tmp_path
    try:
        for touch in (lambda: (tmp_path / "a").write_text("a"), lambda: (tmp_path / "b").mkdir()):
            with pytest.raises(Unlawful):
                touch()
    finally:
        watch.inside = None
    assert list(tmp_path.iterdir()) == []
