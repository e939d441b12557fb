"""`wence ask`, `match` and `draft`: answers, a firm's provisions, and replies.

Imported with the command line, so everything heavy is imported where it is used.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from errors import UsageError
from service.terminal import (
    IndexOption,
    JsonOption,
    complain,
    day_of,
    open_searcher,
    plain,
    print_json,
    print_plain,
    settings_for,
)

if TYPE_CHECKING:
    from service.desk import Desk


def ask(
    question: Annotated[str | None, typer.Argument(metavar="QUESTION", help="问题")] = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", metavar="FILE.jsonl", help="逐行回答（与 --json 同用）；- 是标准输入")
    ] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="不用语言模型，即使设置了 WENCE_MODEL")] = False,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="以这一天为准（2024、2024-06 或 2024-06-30），默认今天"),
    ] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question, or one a line."""
    if (question is None) == (batch is None):
        raise UsageError("请给出一个问题，或用 --batch 给出问题文件（二者取一）；请看 wence ask --help")
    if batch is not None and not as_json:
        raise UsageError("--batch 逐行输出 JSON，请同时给出 --json")
    from assistant.answer import Sentence, answer_json
    from assistant.models import open_model
    from assistant.transcript import noted
    from service.desk import Desk

    today = day_of("--as-of", as_of)
    settings = settings_for(index)
    model = None if no_model else open_model(settings)
    if batch is not None:
        raise typer.Exit(_ask_each(batch, Desk(settings, model, warm=False), today))
    for event in Desk(settings, model, warm=False).stream(question or "", who=_user(), today=today):
        if isinstance(event, Sentence):
            if not as_json:
                print(event.text, flush=True)
            continue
        if as_json:
            print(answer_json(event))
        else:
            for citation in event.citations:
                place = plain(f"{citation.doc_number or citation.title} {citation.section}")
                print(f"[{citation.n}] {place}　{citation.file}")
                print(f"    {' '.join(citation.quote.split())}")
            for line in noted(event):
                print(line)


def match(
    profile: Annotated[str | None, typer.Option("--profile", metavar="TEXT", help="企业情况，一段话或 JSON")] = None,
    profile_file: Annotated[
        Path | None, typer.Option("--profile-file", metavar="FILE", help="写着企业情况的文件；- 是标准输入")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.xlsx|FILE.docx", help="另存为表格或文档")
    ] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Match a firm with the provisions of the index."""
    if (profile is None) == (profile_file is None):
        raise UsageError("请用 --profile 或 --profile-file 给出企业情况（二者取一）；请看 wence match --help")
    from assistant.match import match as match_profile
    from assistant.profile import read_profile
    from index.snapshot import open_snapshot
    from service.given import profile_in

    text = profile if profile is not None else profile_in(profile_file or Path("-"))
    settings = settings_for(index)
    found = match_profile(open_snapshot(settings.index, store=settings.store), read_profile(text))
    if output is not None:
        from assistant.export import export

        export(found, output)
    if as_json:
        from render import matches_json

        print_json(matches_json(found))
        return
    from service.texts import matches_text

    print(matches_text(found))
    if output is not None:
        print(f"已另存：{output}")


def draft(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="来信或来电所问")],
    history: Annotated[
        Path | None, typer.Option("--history", metavar="FILE.json", help="此前的对话：[{role, content}…]")
    ] = None,
    form: Annotated[
        Literal["md", "docx", "txt"] | None, typer.Option("--format", help="格式（默认看 -o 的后缀，否则 md）")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="写到这个文件")] = None,
    save: Annotated[bool, typer.Option("--save", help="存入答复文件，待审核和批准（wence approve）")] = False,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="谁起草（默认登录名）")] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="不用语言模型，即使设置了 WENCE_MODEL")] = False,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft a reply with footnotes."""
    from assistant.draft import as_markdown, as_text, form_of, write_reply
    from assistant.draft import draft as draft_reply
    from assistant.models import open_model
    from render import draft_json, kept_json
    from service.given import talk_in

    chosen = form or (form_of(output) if output else "md")
    if chosen == "docx" and output is None:
        raise UsageError("Word 文件不能打印在屏幕上；请用 -o 文件.docx 给出文件名")
    settings = settings_for(index)
    turns = talk_in(history) if history else ()
    searcher = open_searcher(settings)
    reply = draft_reply(searcher, question, turns, model=None if no_model else open_model(settings))
    if output is not None:
        write_reply(reply, output, chosen)
    kept = None
    if save:
        from assistant.approved import Approved

        kept = Approved(settings.approved_file).save(reply, searcher.snapshot, by or _user())
    if as_json:
        print_json(kept_json(kept) if kept else draft_json(reply))
        return
    if output is None:
        print_plain(as_text(reply) if chosen == "txt" else as_markdown(reply))
    else:
        gaps = sum(part.kind in ("gap", "sign") for part in reply.parts)
        print(f"已写好：{output}（引用 {len(reply.citations)} 处，待核实 {gaps} 处）")
    if kept:
        print(f"已存为第 {kept.id} 号答复：{settings.approved_file}")


def _ask_each(path: Path, desk: Desk, today: date | None) -> int:
    """Answer the questions of a JSONL file in order; the exit status is 1 if a line could not be answered."""
    from assistant.answer import answer_json
    from service.given import asked_in, lines_of

    status = 0
    for number, line in enumerate(lines_of(path), 1):
        if not line.strip():
            continue
        try:
            asked = asked_in(line)
            found = desk.ask(asked.question, asked.history, who=_user(), today=today)
            print(answer_json(found, asked.id), flush=True)
        except UsageError as error:
            complain(f"{path} 第 {number} 行：{error}")
            status = 1
    return status


def _user() -> str:
    """Who runs this process: the log-in name, where there is one."""
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):
        return "本机"
