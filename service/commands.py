"""`wence ui`, `wence serve`, `wence mcp` and `wence key`. What they run is imported by none but them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from service.terminal import IndexOption, complain, settings_for
from settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from service.server import Life
    from web.opening import Opening

key_app = typer.Typer(help="发放、列出、收回 HTTP 接口的密钥。", no_args_is_help=True)

_PAGE = "/ui"  # where the page is, next to the HTTP interface
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="给谁用")]


def serve(
    host: Annotated[str, typer.Option("--host", help="监听的地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="监听的端口")] = 7861,
    page: Annotated[
        bool, typer.Option("--ui", help="同时开网页，在 /ui：与接口同一个进程、同一份索引、同一套密钥和记录")
    ] = False,
    index: IndexOption = None,
) -> None:
    """Serve HTTP until SIGTERM or Ctrl-C; requests under way are answered first."""
    settings = settings_for(index)
    if page:
        _serve_with_page(settings, host, port)
        return
    from api import create_app
    from service.server import run

    what = "问策的 HTTP 接口已就绪：{where}（说明在 {where}/docs，MCP 在 {where}/mcp）"
    run(lambda settings, _: create_app(settings), settings, host, port, what=what)


def ui(
    host: Annotated[str, typer.Option("--host", help="监听的地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="监听的端口")] = 7860,
    index: IndexOption = None,
) -> None:
    """Serve the web page until SIGTERM or Ctrl-C."""
    from service.server import run
    from web.opening import Opening

    def make(settings: Settings, life: Life) -> FastAPI:
        from index.snapshot import open_snapshot

        open_snapshot(settings.index).close()  # what is wrong with it is said now, not after gradio
        from ui import create_ui  # gradio takes seconds to import, and the first screen does not need it

        return create_ui(settings, life.leaving)

    def opening(settings: Settings, life: Life) -> Opening:
        return Opening(lambda: make(settings, life), life.stop)

    settings = settings_for(index)
    run(
        opening, replace(settings, library=settings.library or settings.uploads), host, port, what="问策的网页：{where}"
    )


def mcp(index: IndexOption = None) -> None:
    """Serve the Model Context Protocol on stdin and stdout."""
    from assistant.models import open_model
    from service.agents import agent_server
    from service.desk import Desk

    settings = settings_for(index)
    agent_server(Desk(settings, open_model(settings))).run()


@key_app.command("add", help="发一个新密钥；它只显示这一次。")
def key_add(
    name: NameArgument,
    role: Annotated[
        str,
        typer.Option(
            "--role",
            help="reader（问、查）、staff（另可起草、上传）、approver（另可批准答复）、admin（另可删除、评测）",
        ),
    ] = "reader",
    index: IndexOption = None,
) -> None:
    """Make a key and print it."""
    from service.access import KeyFile

    print(KeyFile(settings_for(index).key_file).add(name, role))


@key_app.command("list", help="列出密钥的名称、角色和发放时间（不含密钥本身）。")
def key_list(index: IndexOption = None) -> None:
    """Print all keys' names and roles."""
    from service.access import KeyFile

    keys = KeyFile(settings_for(index).key_file).all()
    if not keys:
        complain("还没有密钥，服务只在本机；用 wence key add 名称 --role 角色 发放")
    for key in keys:
        print(f"{key.name}　{key.role}　{key.created}")


@key_app.command("remove", help="收回一个密钥，立即生效。")
def key_remove(name: NameArgument, index: IndexOption = None) -> None:
    """Take a key back."""
    from service.access import KeyFile

    KeyFile(settings_for(index).key_file).remove(name)
    print(f"已收回：{name}")


def _serve_with_page(settings: Settings, host: str, port: int) -> None:
    """The HTTP interface and the web page in one process."""
    from service.server import run
    from web.opening import Opening

    def make(settings: Settings, life: Life) -> FastAPI:
        from api import create_app
        from service.service import open_service

        service = open_service(settings, life.leaving)
        app = create_app(service=service, page=_PAGE)
        from ui import add_page  # gradio last: what is wrong with the index is said before

        add_page(app, service, _PAGE)
        return app

    def opening(settings: Settings, life: Life) -> Opening:
        return Opening(lambda: make(settings, life), life.stop, _PAGE)

    what = "问策的 HTTP 接口和网页：{where}（网页在 {where}/ui/，说明在 {where}/docs，MCP 在 {where}/mcp）"
    run(opening, settings, host, port, what=what)
