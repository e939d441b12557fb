"""What all commands share: the options that each takes, its settings, and how it prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from errors import UsageError
from settings import Settings, load_settings

if TYPE_CHECKING:
    from index.search import Searcher

IndexOption = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="索引所在的文件夹（默认 WENCE_INDEX，否则 .wence）")
]
JsonOption = Annotated[bool, typer.Option("--json", help="在标准输出上只打印 JSON")]


class Progress(Protocol):
    """Is told how much is done, of how much, and what is under way."""

    def __call__(self, done: int, total: int, now: str = "") -> None:
        """`done` of `total`; `now` may be empty."""


def settings_for(index: Path | None) -> Settings:
    """The settings of the environment, with the index that --index names."""
    settings = load_settings()
    return settings if index is None else replace(settings, index=index)


def open_searcher(settings: Settings) -> Searcher:
    """A searcher over the index. Raises SnapshotError when there is none, or not a whole one."""
    from index.embedding import open_embedding
    from index.search import Searcher
    from index.snapshot import open_snapshot

    embedding = open_embedding(settings.embedding, settings.threads)
    return Searcher(open_snapshot(settings.index, embedding, settings.store))


def day_of(option: str, given: str | None) -> date | None:
    """The day that an option names. Raises UsageError when it names none."""
    if given is None:
        return None
    from assistant.validity import parse_day

    day = parse_day(given)
    if day is None:
        raise UsageError(f"{option} 不是日期：{given!r}；请写成 2024、2024-06 或 2024-06-30")
    return day


def plain(line: str) -> str:
    """A line without what a terminal obeys: control characters, and characters that turn the direction of text."""
    return "".join(char for char in line if char.isprintable() or char in "\u3000\xa0")


def print_plain(text: str) -> None:
    """Print a text, each of its lines `plain`, and end the last one."""
    print("\n".join(plain(line) for line in text.rstrip("\n").split("\n")))


def print_json(value: object) -> None:
    """Print one JSON object on a line of its own, at once."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def complain(line: str) -> None:
    """One line on stderr."""
    print(f"wence：{line}", file=sys.stderr, flush=True)


@contextmanager
def progress(what: str) -> Iterator[Progress | None]:
    """A progress bar on a terminal's stderr, `None` elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what)

        def update(done: int, total: int, now: str = "") -> None:
            bar.update(task, completed=done, total=total, description=escape(f"{what} {now}".rstrip()))

        yield update
