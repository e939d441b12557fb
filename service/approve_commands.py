"""`wence approve`: look through saved replies, review, approve and withdraw them, and check that they still stand."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from settings import Settings, load_settings

if TYPE_CHECKING:
    from assistant.approved import Approved, State

approve_app = typer.Typer(
    help="存下的答复：审核、批准、撤回，核对所引条款有没有改动（wence draft … --save 存入）。", no_args_is_help=True
)
IndexOption = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="索引所在的文件夹（默认 WENCE_INDEX，否则 .wence）")
]
JsonOption = Annotated[bool, typer.Option("--json", help="在标准输出上只打印 JSON")]
NumberArgument = Annotated[int, typer.Argument(metavar="N", min=1, help="答复的编号")]
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="是谁")]


@approve_app.command("list", help="列出存下的答复，新的在前。")
def approve_list(
    state: Annotated[
        Literal["draft", "reviewed", "approved", "withdrawn"] | None, typer.Option("--state", help="只列这种状态的")
    ] = None,
    search: Annotated[str, typer.Option("--search", metavar="WORDS", help="问题或答复里有这些词的")] = "",
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print saved replies, one a line; with --json one object with all of them."""
    from assistant.approved import NAMES
    from render import kept_json

    found = _approved(_settings(index)).listing(state, search)
    if as_json:
        _print_json({"replies": [kept_json(kept) for kept in found]})
        return
    for kept in found:
        last = kept.steps[-1]
        _print(f"{kept.id}　{NAMES[last.state]}　{last.at}　{last.by}　{kept.question}")


@approve_app.command("show", help="打印一份答复和它的经过，并对照现行文件核对。")
def approve_show(
    number: NumberArgument,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="另存为文件（.docx、.md、.txt）")
    ] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a saved reply, its steps, and what no longer holds."""
    from assistant.approved import NAMES
    from assistant.draft import as_text, form_of, write_reply
    from index.snapshot import open_snapshot
    from render import kept_json

    settings = _settings(index)
    approved = _approved(settings)
    kept = approved.get(number)
    problems = approved.standing(kept, open_snapshot(settings.index, store=settings.store)).problems
    if output is not None:
        write_reply(kept.reply, output, form_of(output))
    if as_json:
        _print_json(kept_json(kept, problems))
        return
    for line in as_text(kept.reply).splitlines():
        _print(line)
    print()
    for step in kept.steps:
        _print(f"{step.at}　{NAMES[step.state]}　{step.by}")
    for problem in problems:
        _print(f"须复核：{problem}")
    if output is not None:
        print(f"已另存：{output}")


@approve_app.command("review", help="审核：草稿 → 已审核。")
def approve_review(
    number: NumberArgument, by: ByOption, index: IndexOption = None, as_json: JsonOption = False
) -> None:
    """Mark a draft as reviewed."""
    _advance(number, "reviewed", by, index, as_json)


@approve_app.command("accept", help="批准：已审核 → 已批准；同样的问题再来，先给这份答复。")
def approve_accept(
    number: NumberArgument, by: ByOption, index: IndexOption = None, as_json: JsonOption = False
) -> None:
    """Approve a reviewed reply."""
    _advance(number, "approved", by, index, as_json)


@approve_app.command("withdraw", help="撤回：不再采用。")
def approve_withdraw(
    number: NumberArgument, by: ByOption, index: IndexOption = None, as_json: JsonOption = False
) -> None:
    """Withdraw a reply."""
    _advance(number, "withdrawn", by, index, as_json)


@approve_app.command("check", help="对照现行文件核对所有已批准的答复；有一份不再成立，退出状态就是 1。")
def approve_check(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Check all approved replies against the index."""
    from render import kept_json
    from service.desk import Desk

    settings = _settings(index)
    checked = _approved(settings).check(Desk(settings, warm=False).searcher())
    wrong = [standing for standing in checked if standing.problems]
    if as_json:
        changed = [kept_json(standing.kept, standing.problems) for standing in wrong]
        _print_json({"ok": not wrong, "approved": len(checked), "changed": changed})
    elif not wrong:
        print(f"已批准的答复都成立：{settings.approved_file}，{len(checked)} 份")
    for standing in wrong:
        line = f"第 {standing.kept.id} 号答复须复核：{'；'.join(standing.problems)}（{standing.kept.question}）"
        print(f"wence：{_plain(line)}", file=sys.stderr)
    if wrong:
        raise typer.Exit(1)


def _advance(number: int, to: State, by: str, index: Path | None, as_json: bool) -> None:
    from assistant.approved import NAMES
    from render import kept_json

    kept = _approved(_settings(index)).advance(number, to, by)
    if as_json:
        _print_json(kept_json(kept))
    else:
        _print(f"第 {kept.id} 号答复{NAMES[kept.state]}：{kept.question}")


def _approved(settings: Settings) -> Approved:
    from assistant.approved import Approved

    return Approved(settings.approved_file, two_persons=settings.two_persons)


def _settings(index: Path | None) -> Settings:
    settings = load_settings()
    return settings if index is None else replace(settings, index=index)


def _plain(line: str) -> str:
    """Without what a terminal obeys."""
    return "".join(char for char in line if char.isprintable() or char == "\u3000")


def _print(line: str) -> None:
    print(_plain(line))


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False))
