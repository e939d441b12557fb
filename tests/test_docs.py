"""What README and docs/ tell people to type is there, and both READMEs say the same."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

import cli
from index.search import Searcher
from tests.assistant.conftest import corpus, embedding

__all__ = ["corpus", "embedding"]  # fixtures

ROOT = Path(__file__).resolve().parents[1]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
PAGES = [*READMES, *sorted((ROOT / "docs").glob("*.md"))]
GROUP = typer.main.get_command(cli.app)


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def typed() -> list[tuple[str, ...]]:
    """The words behind `wence` of every line in a block of commands, without what is set before it."""
    found: dict[tuple[str, ...], None] = {}
    for page in PAGES:
        for block in re.findall(r"```(?:sh|bash|console)\n(.*?)```", text(page), re.S):
            for line in re.findall(r"^(?:\$ )?((?:\w+=\S+ )*wence .*)$", block, re.M):
                words = [word for word in shlex.split(line, comments=True) if not re.match(r"[A-Z_]+=", word)]
                found[tuple(words[1:])] = None
    return list(found)


@pytest.mark.parametrize("words", typed(), ids=" ".join)
def test_every_command_is_parsed(words: tuple[str, ...]) -> None:
    command, rest = GROUP, list(words)
    while getattr(command, "commands", None):
        known = command.commands  # type: ignore[attr-defined]
        command = known[rest.pop(0)] if rest and rest[0] in known else known["run"]
    assert command.make_context(words[0], rest).params


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_every_command_is_told(page: Path) -> None:
    names = GROUP.commands  # type: ignore[attr-defined]
    told = set(re.findall(r"(?:\| |, |、)`wence ([a-z]+)", text(page)))
    assert set(names) == told


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", text(page))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_both_readmes_name_the_same_commands_settings_links_and_figures() -> None:
    english, chinese = map(text, READMES)
    for pattern in (r"`wence [a-z]+", r"WENCE_[A-Z_]+", r"\]\(([^)]+)\)", r"--[a-z][a-z-]+", r"make [a-z]+"):
        found = [set(re.findall(pattern, one)) - {"README.md", "README.zh-CN.md"} for one in (english, chinese)]
        assert found[0] == found[1]
    rows = [re.findall(r"^\|[^|]*\|([^|]*\d[^|]*)\|[^|]*\|$", one, re.M) for one in (english, chinese)]
    assert len(rows[0]) > 15
    assert [sorted(re.findall(r"[\d.,]*\d", row)) for row in rows[0]] == [
        sorted(re.findall(r"[\d.,]*\d", row)) for row in rows[1]
    ]


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_the_answers_shown_are_given(
    page: Path, corpus: Searcher, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WENCE_INDEX", str(corpus.snapshot.index_dir))
    shown = re.findall(r"```console\n(.*?)```", text(page), re.S)[0]
    asked = re.findall(r'^\$ wence ask "([^"]*)"\n(.*?)(?=^\$|\Z)', shown, re.S | re.M)
    assert len(asked) == shown.count("$ wence") > 1
    for question, answer in asked:
        assert cli.run(["ask", question]) == 0
        assert capfd.readouterr().out.strip() == answer.strip()
