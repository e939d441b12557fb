"""A list of nothing says so, and what makes it longer; on stderr, as it is no data."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from service.approve_commands import approve_app
from service.audit_commands import audit_app
from service.commands import key_app


@pytest.mark.parametrize(
    ("commands", "remedy"),
    [(approve_app, "wence draft 问题 --save"), (audit_app, "WENCE_AUDIT=masked"), (key_app, "wence key add")],
    ids=["approve", "audit", "key"],
)
def test_an_empty_list_says_so(commands: typer.Typer, remedy: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(commands, ["list", "--index", str(tmp_path / "index")])
    assert (result.exit_code, result.stdout) == (0, "")
    assert remedy in result.stderr
    assert result.stderr.count("\n") == 1


def test_with_json_an_empty_list_is_data_alone(tmp_path: Path) -> None:
    for commands, printed in ((approve_app, '{"replies": []}\n'), (audit_app, "")):
        result = CliRunner().invoke(commands, ["list", "--json", "--index", str(tmp_path / "index")])
        assert (result.exit_code, result.stdout, result.stderr) == (0, printed, "")
