"""`wence` run in the process of a test, over an index of three small documents."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import cli


class Wence:
    """Runs the command in this process, with the index and the embedding set by the environment."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        self._capfd.readouterr()
        status = cli.run([str(argument) for argument in arguments])
        sys.stdout.flush()
        out, err = self._capfd.readouterr()
        return status, out, err

    def json(self, *arguments: str | Path) -> Any:
        status, out, err = self(*arguments, "--json")
        assert (status, err, out.count("\n")) == (0, "", 1)
        return json.loads(out)


@pytest.fixture
def wence(tmp_path: Path, model_dir: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wence:
    monkeypatch.setenv("WENCE_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("WENCE_EMBEDDING", str(model_dir))
    monkeypatch.delenv("WENCE_THREADS", raising=False)
    return Wence(capfd)


@pytest.fixture
def built(wence: Wence, library: Path) -> Wence:
    assert wence("build", library)[0] == 0
    return wence


def one_line(text: str, *words: str) -> None:
    """Whether a message is a single line that holds the words."""
    assert text.count("\n") == 1, text
    assert text.startswith("wence：")
    assert [word for word in words if word not in text] == []
