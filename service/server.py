"""Run the HTTP interface: bind, serve, drain."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from errors import ConfigError
from service.access import KeyFile
from service.guard import is_loopback
from service.logs import log_to_stderr
from settings import Settings

_DRAIN = 30  # seconds that requests under way get after SIGTERM


def run(make: Callable[[Settings], FastAPI], settings: Settings, host: str, port: int, *, what: str) -> None:
    """Serve what `make` makes until told to stop.

    Raises ConfigError when others could reach a server that asks for no key, or for an address that is taken.
    """
    if not is_loopback(host) and not KeyFile(settings.key_file).all():
        raise ConfigError(
            f"还没有发放密钥，不能在 {host} 上监听（别人也能访问）；"
            "请先运行 wence key add 名称 --role reader，或用默认的 127.0.0.1"
        )
    app = make(settings)
    listening = _bind(host, port)
    log_to_stderr()
    where = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
    print(
        f"问策的 HTTP 接口已就绪：{where}（说明在 {where}/docs，MCP 在 {where}/mcp）；按 Ctrl-C 停止", file=sys.stderr
    )
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=_DRAIN, lifespan="on"
    )
    uvicorn.Server(config).run(sockets=[listening])


def _bind(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        raise ConfigError(
            f"不能在 {host}:{port} 上监听（{error.strerror or error}）；请换一个端口（--port）或地址"
        ) from error
    return listening
