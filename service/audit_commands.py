"""`wence audit`: look at the history of answers, and check that nobody has changed it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from settings import Settings, load_settings

audit_app = typer.Typer(
    help="看问答记录，核对有没有被改动（WENCE_AUDIT=masked 或 full 时才有记录）。", no_args_is_help=True
)
IndexOption = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="索引所在的文件夹（默认 WENCE_INDEX，否则 .wence）")
]
JsonOption = Annotated[bool, typer.Option("--json", help="在标准输出上只打印 JSON")]


@audit_app.command("verify", help="核对哈希链；有改动就指出第一条，退出状态为 1。")
def audit_verify(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Name the first record that does not hold."""
    from assistant.audit import History

    settings = _settings(index)
    history = History(settings.audit_file)
    broken = history.verify()
    count = len(history.records())
    if as_json:
        print(
            json.dumps(
                {"ok": broken is None, "records": count, "broken": broken and asdict(broken)}, ensure_ascii=False
            )
        )
    elif broken is None:
        print(f"问答记录完好：{settings.audit_file}，{count} 条")
    if broken is not None:
        print(f"wence：问答记录第 {broken.number} 条不对：{broken.problem}；{settings.audit_file}", file=sys.stderr)
        raise typer.Exit(1)


@audit_app.command("list", help="列出最近的问答。")
def audit_list(
    count: Annotated[int, typer.Option("-n", min=1, help="最多几条")] = 20,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the latest records, oldest first; with --json one object a line."""
    from assistant.audit import History

    for record in History(_settings(index).audit_file).records()[-count:]:
        if as_json:
            print(json.dumps(asdict(record), ensure_ascii=False))
        else:
            line = f"{record.number}　{record.time}　{record.who}　{record.question}　{record.reason or '已答'}"
            print("".join(char for char in line if char.isprintable() or char == "\u3000"))


def _settings(index: Path | None) -> Settings:
    settings = load_settings()
    return settings if index is None else replace(settings, index=index)
