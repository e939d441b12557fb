"""The `wence` command: each subcommand calls one function and prints what it returns.

Exit status: 0 done (a refusal is an answer), 1 the work could not be done (one line on stderr), 2 wrong usage.
What a subcommand does not need is imported by none but those that do: a question is one cold process.
"""

from __future__ import annotations

import gc
import os
import sys
from copy import copy

import typer

from errors import UsageError, WenceError
from service.approve_commands import approve_app
from service.ask_commands import ask, draft, match
from service.audit_commands import audit_app
from service.build_command import build
from service.commands import key_app, mcp, serve, ui
from service.eval_commands import bench, eval_app
from service.read_commands import diff, outline, search, status, text, verify
from service.terminal import complain

app = typer.Typer(
    name="wence",
    help="问策：从中国政策文件里回答问题，句句注明出处（文号和条目编号）。",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("build", help="读文件和文件夹，发布索引；再次运行只处理有变化的文件。")(build)
app.command("verify", help="逐个核对索引文件与清单，指出损坏之处。")(verify)
app.command("status", help="索引里有多少文件、用哪个嵌入模型、多大、何时建的；某一天哪些文件有效。")(status)
app.command("outline", help="打印一份文件的目录：编号、标题、位置；或每个字去了哪里。")(outline)
app.command("diff", help="两份文件（或一份文件的两版）逐节有何不同：增、删、改了哪些字。")(diff)
app.command("text", help="打印一份文件解码后的文本；所有位置都数它的字符。")(text)
app.command("search", help="查与问题最接近的段落；文号、标题、条目编号和引号里的话直接到位。")(search)
app.command("ask", help="回答一个问题，或一个 JSONL 文件里的许多问题；句句注明出处。")(ask)
app.command("match", help="企业可用哪些条款：哪些适用、哪些需核实、哪些不适用，条条注明出处。")(match)
app.command("draft", help="起草一份答复：逐条带脚注，没写明的地方留出待核实的空。")(draft)
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
        complain(f"没有这个命令：{arguments[0]}；可用的命令：{'、'.join(names)}（wence --help）")
        return 2
    if not arguments:
        complain(f"请给出命令：{'、'.join(names)}（wence --help）")
        return 2
    try:
        status = _with(arguments[0])(arguments, prog_name="wence", standalone_mode=False)
        sys.stdout.flush()
        return status or 0
    except UsageError as error:
        complain(str(error))
        return 2
    except WenceError as error:
        complain(str(error))
        return 1
    except typer.Exit as end:
        return end.exit_code
    except _WrongUsage as error:
        complain(f"用法不对：{_usage(error)}；请看 wence {arguments[0]} --help")
        return 2


def _with(name: str) -> typer.Typer:
    """The command line with the command `name` only: to take apart the options of all costs a question 20 ms.

    All of it where there is none of that name (--help).
    """
    one = copy(app)
    one.callback()(lambda: None)  # or typer takes a command that is alone for the whole program
    one.registered_commands = [command for command in app.registered_commands if command.name == name]
    one.registered_groups = [group for group in app.registered_groups if group.name == name]
    return one if one.registered_commands or one.registered_groups else app


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
