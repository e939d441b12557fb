"""`wence approve`: look through saved replies, review, approve and withdraw them, and check that they still stand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from service.terminal import IndexOption, JsonOption, complain, plain, print_json, print_plain, settings_for
from settings import Settings

if TYPE_CHECKING:
    from assistant.approved import Approved, State

approve_app = typer.Typer(
    help="存下的答复：审核、批准、撤回，核对所引条款有没有改动（wence draft … --save 存入）。", no_args_is_help=True
)
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

    found = _approved(settings_for(index)).listing(state, search)
    if as_json:
        print_json({"replies": [kept_json(kept) for kept in found]})
        return
    if not found:
        complain("没有这样的答复；用 wence draft 问题 --save 存下一份")
    for kept in found:
        last = kept.steps[-1]
        print_plain(f"{kept.id}　{NAMES[last.state]}　{last.at}　{last.by}　{kept.question}")


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

    settings = settings_for(index)
    approved = _approved(settings)
    kept = approved.get(number)
    problems = approved.standing(kept, open_snapshot(settings.index, store=settings.store)).problems
    if output is not None:
        write_reply(kept.reply, output, form_of(output))
    if as_json:
        print_json(kept_json(kept, problems))
        return
    print_plain(as_text(kept.reply))
    print()
    for step in kept.steps:
        print_plain(f"{step.at}　{NAMES[step.state]}　{step.by}")
    for problem in problems:
        print_plain(f"须复核：{problem}")
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

    settings = settings_for(index)
    checked = _approved(settings).check(Desk(settings, warm=False).searcher())
    wrong = [standing for standing in checked if standing.problems]
    if as_json:
        changed = [kept_json(standing.kept, standing.problems) for standing in wrong]
        print_json({"ok": not wrong, "approved": len(checked), "changed": changed})
    elif not wrong:
        print(f"已批准的答复都成立：{settings.approved_file}，{len(checked)} 份")
    for standing in wrong:
        line = f"第 {standing.kept.id} 号答复须复核：{'；'.join(standing.problems)}（{standing.kept.question}）"
        complain(plain(line))
    if wrong:
        raise typer.Exit(1)


def _advance(number: int, to: State, by: str, index: Path | None, as_json: bool) -> None:
    from assistant.approved import NAMES
    from render import kept_json

    kept = _approved(settings_for(index)).advance(number, to, by)
    if as_json:
        print_json(kept_json(kept))
    else:
        print_plain(f"第 {kept.id} 号答复{NAMES[kept.state]}：{kept.question}")


def _approved(settings: Settings) -> Approved:
    from assistant.approved import Approved

    return Approved(settings.approved_file, two_persons=settings.two_persons)
