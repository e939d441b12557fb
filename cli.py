"""The `wence` command: each subcommand calls one function and prints what it returns.

Exit status: 0 done (a refusal is an answer), 1 the work could not be done (one line on stderr), 2 wrong usage.
What a subcommand does not need is imported by none but those that do: a question is one cold process.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from errors import ConfigError, UsageError, WenceError
from eval.commands import bench, eval_app
from service.approve_commands import approve_app
from service.audit_commands import audit_app
from service.build_command import build
from service.commands import key_app, mcp, serve, ui
from settings import Settings, load_settings

if TYPE_CHECKING:
    from index.search import Searcher
    from ingest.document import Document
    from service.desk import Desk

app = typer.Typer(
    name="wence",
    help="问策：从中国政策文件里回答问题，句句注明出处（文号和条目编号）。",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("build", help="读文件和文件夹，发布索引；再次运行只处理有变化的文件。")(build)
app.add_typer(eval_app, name="eval")
app.command("bench", help="在 BEIR 格式的测试集上量检索的准与快。")(bench)
app.command("ui", help="在本机开网页（问答、适用政策、文档库、评测）。")(ui)
app.command("serve", help="在本机开 HTTP 接口（OpenAPI 在 /docs，MCP 在 /mcp）。")(serve)
app.command("mcp", help="在标准输入输出上做 MCP 服务器，供智能体调用。")(mcp)
app.add_typer(key_app, name="key")
app.add_typer(audit_app, name="audit")
app.add_typer(approve_app, name="approve")
_GARBAGE = 50_000  # new objects until Python looks for garbage: a question makes a hundred thousand that stay
# click's error for wrong usage, wherever the installed typer keeps it.
_WrongUsage: type[Exception] = typer.BadParameter.__bases__[0]

IndexOption = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="索引所在的文件夹（默认 WENCE_INDEX，否则 .wence）")
]
JsonOption = Annotated[bool, typer.Option("--json", help="在标准输出上只打印 JSON")]


@app.command(help="逐个核对索引文件与清单，指出损坏之处。")
def verify(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Check every file of the index."""
    from index.manifest import rebuild
    from index.snapshot import verify as verify_index
    from render import verify_json

    settings = _settings(index)
    found = verify_index(settings.index, settings.store)
    if as_json:
        _print_json(verify_json(found))
    elif not found:
        print(f"索引完好：{settings.index}")
    for damage in found:
        _complain(f"索引已损坏：{settings.index}（{damage.file}：{damage.problem}）；{rebuild(settings.index)}")
    if found:
        raise typer.Exit(1)


@app.command(help="索引里有多少文件、用哪个嵌入模型、多大、何时建的；某一天哪些文件有效。")
def status(
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="列出各文件在这一天是否有效（2024、2024-06 或 2024-06-30）"),
    ] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what the index holds, and what of it is in force on a day."""
    from index.snapshot import open_snapshot
    from index.standing import standing
    from render import standing_json, status_json

    settings = _settings(index)
    day = _day("--as-of", as_of)
    snapshot = open_snapshot(settings.index, store=settings.store)
    manifest, uncited = snapshot.manifest, snapshot.catalogue.uncited()
    told = [(entry, standing(entry, snapshot.entries, day)) for entry in snapshot.entries] if day else []
    if as_json:
        listed = {"as_of": day.isoformat(), "files": [standing_json(*one) for one in told]} if day else {}
        _print_json({**status_json(manifest, uncited), **listed})
        return
    counts, embedding = manifest.counts, manifest.embedding
    print(f"索引：{settings.index}")
    print(f"内容：{counts.documents} 份文件，{counts.sections} 节，{counts.chunks} 段")
    if uncited:
        more = f"等 {len(uncited)} 份" if len(uncited) > 5 else ""
        print(_plain(f"没有可引用的正文：{'、'.join(uncited[:5])}{more}"))
    print(f"嵌入模型：{embedding.name}（{embedding.dimension} 维，{embedding.digest[:12]}）")
    print(f"大小：{manifest.size / 1e6:.1f} MB")
    print(f"建于：{manifest.built_at}")
    if day:
        print(f"{day.isoformat()} 各文件：")
    for entry, found in told:
        number = f"（{entry.doc_number}）" if entry.doc_number else ""
        print(
            _plain(f"  {found.state}　《{entry.title}》{number}{f'　{found.why}' if found.why else ''}　{entry.file}")
        )


@app.command(help="打印一份文件的目录：编号、标题、位置；或每个字去了哪里。")
def outline(
    source: Annotated[str, typer.Argument(metavar="FILE|DOC", help="磁盘上的文件，或索引里的文件名、文件编号")],
    coverage: Annotated[bool, typer.Option("--coverage", help="章节、表格、弃去各多少字，有什么可疑")] = False,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a document's outline, or what became of its characters."""
    from ingest.document import NOTHING_TO_CITE

    document = _document(source, _settings(index))
    if coverage:
        from ingest.coverage import coverage as account
        from render import coverage_json, coverage_text

        if as_json:
            _print_json(coverage_json(document, account(document)))
        else:
            print("\n".join(_plain(line) for line in coverage_text(document, account(document)).split("\n")))
        return
    if as_json:
        from render import outline_json

        _print_json(outline_json(document))
        return
    facts = (document.doc_number, document.issuer, document.issue_date, document.period and "—".join(document.period))
    print(document.title, *(fact for fact in facts if fact), sep="　")
    if not document.sections and not document.tables:
        print(f"{NOTHING_TO_CITE}；请用 wence outline --coverage 看每个字去了哪里")
    for section in document.walk():
        print(f"{'  ' * section.level}{section.number or ''}{section.heading or ''}　[{section.start}, {section.end})")
    for table in document.tables:
        print(f"表：{table.path}　{len(table.rows)} 行 × {len(table.columns)} 列")


@app.command(help="两份文件（或一份文件的两版）逐节有何不同：增、删、改了哪些字。")
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="旧的一份：磁盘上的文件，或索引里的文件名、文件编号")],
    after: Annotated[str, typer.Argument(metavar="B", help="新的一份")],
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two documents."""
    from ingest.compare import compare
    from render import difference_json, difference_text

    settings = _settings(index)
    old, new = _document(before, settings), _document(after, settings)
    found = compare(old, new)
    if as_json:
        _print_json(difference_json(old, new, found))
    else:
        print("\n".join(_plain(line) for line in difference_text(old, new, found).split("\n")))


@app.command(help="打印一份文件解码后的文本；所有位置都数它的字符。")
def text(
    source: Annotated[str, typer.Argument(metavar="FILE|DOC", help="磁盘上的文件，或索引里的文件名、文件编号")],
    index: IndexOption = None,
) -> None:
    """Print the text that offsets count in, and not a character more."""
    from ingest.files import load

    path = Path(source)
    content = load(path).text if path.exists() else _document(source, _settings(index)).text
    sys.stdout.buffer.write(content.encode())
    sys.stdout.buffer.flush()


@app.command(help="查与问题最接近的段落；文号、标题、条目编号和引号里的话直接到位。")
def search(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="问题、关键词、文号、标题或条目编号")],
    k: Annotated[int, typer.Option("-k", min=1, help="最多几段")] = 10,
    doc: Annotated[list[str] | None, typer.Option("--doc", help="只查这份文件（文件名、文号或标题的一部分）")] = None,
    place: Annotated[list[str] | None, typer.Option("--place", help="只查这个地方的文件（含所辖地方）")] = None,
    year: Annotated[list[str] | None, typer.Option("--year", help="只查这一年发布的、或规划期含这一年的文件")] = None,
    in_force: Annotated[
        str | None,
        typer.Option("--in-force", metavar="DATE", help="只查这一天有效的文件（2024、2024-06 或 2024-06-30）"),
    ] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the passages closest to a question."""
    from index.query import Only
    from render import hit_json

    day = _day("--in-force", in_force)
    searcher = _searcher(_settings(index))
    only = Only(docs=tuple(doc or ()), places=tuple(place or ()), years=tuple(year or ()), day=day)
    asked = searcher.read(question, only)
    if asked.expansions and not as_json:
        print(f"同时查：{_plain('、'.join(dict.fromkeys(one.added for one in asked.expansions)))}\n")
    for rank, hit in enumerate(searcher.search(asked, k=k), 1):
        document = searcher.snapshot.document(hit.chunk.doc)
        if as_json:
            _print_json(hit_json(rank, hit, document, asked.expansions))
        else:
            name = document.doc_number or document.title
            print(f"{rank}. {_plain(f'{name} {hit.chunk.section}')}　[{hit.score:.3f}] {document.file}")
            print("".join(f"   {_plain(line)}\n" for line in hit.chunk.text.split("\n")))


@app.command(help="回答一个问题，或一个 JSONL 文件里的许多问题；句句注明出处。")
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
    from service.desk import Desk

    today = _day("--as-of", as_of)
    settings = _settings(index)
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
                place = _plain(f"{citation.doc_number or citation.title} {citation.section}")
                print(f"[{citation.n}] {place}　{citation.file}")
                print(f"    {' '.join(citation.quote.split())}")
            for note in event.notes:
                print(f"注：{note}")


@app.command(help="企业可用哪些条款：哪些适用、哪些需核实、哪些不适用，条条注明出处。")
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
    settings = _settings(index)
    found = match_profile(open_snapshot(settings.index, store=settings.store), read_profile(text))
    if output is not None:
        from assistant.export import export

        export(found, output)
    if as_json:
        from render import matches_json

        _print_json(matches_json(found))
        return
    from render import matches_text

    print(matches_text(found))
    if output is not None:
        print(f"已另存：{output}")


@app.command(help="起草一份答复：逐条带脚注，没写明的地方留出待核实的空。")
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
    settings = _settings(index)
    turns = talk_in(history) if history else ()
    searcher = _searcher(settings)
    reply = draft_reply(searcher, question, turns, model=None if no_model else open_model(settings))
    if output is not None:
        write_reply(reply, output, chosen)
    kept = None
    if save:
        from assistant.approved import Approved

        kept = Approved(settings.approved_file).save(reply, searcher.snapshot, by or _user())
    if as_json:
        _print_json(kept_json(kept) if kept else draft_json(reply))
        return
    if output is None:
        text = as_text(reply) if chosen == "txt" else as_markdown(reply)
        print("\n".join(_plain(line) for line in text.splitlines()))
    else:
        gaps = sum(part.kind in ("gap", "sign") for part in reply.parts)
        print(f"已写好：{output}（引用 {len(reply.citations)} 处，待核实 {gaps} 处）")
    if kept:
        print(f"已存为第 {kept.id} 号答复：{settings.approved_file}")


def main() -> None:
    """Run the command line and leave with its exit status."""
    gc.set_threshold(_GARBAGE)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        sys.exit(run(sys.argv[1:]))
    except BrokenPipeError:
        # The reader has gone. Point stdout elsewhere, or Python complains when it flushes it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()  # or the interpreter takes an index and a model apart, object by object, before it ends


def run(arguments: list[str]) -> int:
    """Run one command; the exit status. What goes wrong becomes one line on stderr."""
    names = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    names += [group.name for group in app.registered_groups if group.name]
    if arguments and not arguments[0].startswith("-") and arguments[0] not in names:
        _complain(f"没有这个命令：{arguments[0]}；可用的命令：{'、'.join(names)}（wence --help）")
        return 2
    if not arguments:
        _complain(f"请给出命令：{'、'.join(names)}（wence --help）")
        return 2
    try:
        status = app(arguments, prog_name="wence", standalone_mode=False)
        sys.stdout.flush()
        return status or 0
    except UsageError as error:
        _complain(str(error))
        return 2
    except WenceError as error:
        _complain(str(error))
        return 1
    except typer.Exit as end:
        return end.exit_code
    except _WrongUsage as error:
        _complain(f"用法不对：{_usage(error)}；请看 wence {arguments[0]} --help")
        return 2


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
            _complain(f"{path} 第 {number} 行：{error}")
            status = 1
    return status


def _user() -> str:
    """Who runs this process: the log-in name, where there is one."""
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):
        return "本机"


def _usage(error: Exception) -> str:
    """click's message in Chinese, as far as it is one of the common ones."""
    option = getattr(error, "option_name", None)
    parameter = getattr(error, "param", None)
    name = getattr(parameter, "metavar", None) or (parameter and "/".join(parameter.opts))
    kind = type(error).__name__
    if kind == "NoSuchOption":
        return f"没有选项 {option}"
    if kind == "MissingParameter" and name:
        return f"缺少 {name}"
    message = " ".join(str(getattr(error, "message", error)).split()).rstrip(".")
    return f"{name}：{message}" if name else message


def _day(option: str, given: str | None) -> date | None:
    """The day that an option names. Raises UsageError when it names none."""
    if given is None:
        return None
    from assistant.validity import parse_day

    day = parse_day(given)
    if day is None:
        raise UsageError(f"{option} 不是日期：{given!r}；请写成 2024、2024-06 或 2024-06-30")
    return day


def _settings(index: Path | None) -> Settings:
    settings = load_settings()
    return settings if index is None else replace(settings, index=index)


def _searcher(settings: Settings) -> Searcher:
    from index.embedding import open_embedding
    from index.search import Searcher
    from index.snapshot import open_snapshot

    embedding = open_embedding(settings.embedding, settings.threads)
    return Searcher(open_snapshot(settings.index, embedding, settings.store))


def _document(source: str, settings: Settings) -> Document:
    """The document in a file, or the one of that name in the index."""
    path = Path(source)
    if path.exists():
        from ingest.reader import read

        return read(path)
    from index.manifest import has_index
    from index.snapshot import open_snapshot

    snapshot = open_snapshot(settings.index, store=settings.store) if has_index(settings.index) else None
    entry = snapshot.find(source) if snapshot else None
    if snapshot is None or entry is None:
        raise ConfigError(f"没有这个文件，索引里也没有：{source!r}（索引：{settings.index}）；请检查路径或文件名")
    return snapshot.document(entry.id)


def _plain(line: str) -> str:
    """A line without what a terminal obeys: control characters, and characters that turn the direction of text."""
    return "".join(char for char in line if char.isprintable() or char in "\u3000\xa0")


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)


def _complain(line: str) -> None:
    print(f"wence：{line}", file=sys.stderr)
