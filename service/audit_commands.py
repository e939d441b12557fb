"""`wence audit`: look at the history of answers, and check that nobody has changed it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from service.terminal import IndexOption, JsonOption, complain, plain, print_json, settings_for

audit_app = typer.Typer(
    help="看问答记录，核对有没有被改动（WENCE_AUDIT=masked 或 full 时才有记录）。", no_args_is_help=True
)


@audit_app.command("verify", help="核对哈希链；有改动就指出第一条，退出状态为 1。")
def audit_verify(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Name the first record that does not hold."""
    from assistant.audit import History

    settings = settings_for(index)
    history = History(settings.audit_file)
    broken = history.verify()
    count = len(history.records())
    if as_json:
        print_json({"ok": broken is None, "records": count, "broken": broken and asdict(broken)})
    elif broken is None:
        print(f"问答记录完好：{settings.audit_file}，{count} 条")
    if broken is not None:
        complain(f"问答记录第 {broken.number} 条不对：{broken.problem}；{settings.audit_file}")
        raise typer.Exit(1)


@audit_app.command("list", help="列出最近的问答。")
def audit_list(
    count: Annotated[int, typer.Option("-n", min=1, help="最多几条")] = 20,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the latest records, oldest first; with --json one object a line."""
    from assistant.audit import History

    records = History(settings_for(index).audit_file).records()[-count:]
    if not records and not as_json:
        complain("没有问答记录；设置 WENCE_AUDIT=masked 或 full 之后才留")
    for record in records:
        if as_json:
            print_json(asdict(record))
        else:
            print(plain(f"{record.number}　{record.time}　{record.who}　{record.question}　{record.reason or '已答'}"))
