"""The load script: it counts what came back, stays on this machine, and stops."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from settings import Settings
from tests.service.test_server import REPOSITORY, environment, serving


def load(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "benchmarks/load.py", *arguments],
        cwd=REPOSITORY,
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_fifty_askers_meet_no_error_and_errors_are_counted(settings: Settings) -> None:
    with serving(settings) as (address, _):
        ran = load(settings, "--url", address, "--askers", "50", "--requests", "100", "--seconds", "15")
        wrong = load(settings, "--url", f"{address}/nothing", "--askers", "2", "--requests", "4")
    found = json.loads(ran.stdout)
    assert (ran.returncode, found["errors"], found["askers"]) == (0, {}, 50)
    assert 50 <= found["answers"] <= 100
    assert 0 < found["p50_ms"] <= found["p95_ms"] <= found["max_ms"]
    assert (wrong.returncode, json.loads(wrong.stdout)["errors"]) == (1, {"HTTP 404": 4})


@pytest.mark.parametrize(
    "arguments",
    [("--url", "http://192.0.2.1:80"), ("--seconds", "100000")],
)
def test_other_machines_and_endless_runs_are_refused(settings: Settings, arguments: tuple[str, str]) -> None:
    ran = load(settings, *arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
