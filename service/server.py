"""Run the HTTP interface or the web page: bind, serve, drain."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from errors import ConfigError
from service.access import KeyFile
from service.guard import is_loopback
from service.logs import log_to_stderr
from settings import Settings

_DRAIN = 30  # seconds that requests under way get after SIGTERM


def run(
    make: Callable[[Settings, Callable[[Exception], None]], ASGIApp],
    settings: Settings,
    host: str,
    port: int,
    *,
    what: str,
) -> None:
    """Serve what `make` makes until told to stop. Besides the settings `make` is given a function that ends the server
    with an error, for what fails later. `what` is told on stderr, `{where}` in it becomes the address.

    Raises ConfigError when others could reach a server that asks for no key, or for an address that is taken.
    """
    if not is_loopback(host) and not KeyFile(settings.key_file).all():
        raise ConfigError(
            f"还没有发放密钥，不能在 {host} 上监听（别人也能访问）；"
            "请先运行 wence key add 名称 --role reader，或用默认的 127.0.0.1"
        )
    failures: list[Exception] = []

    def stop(error: Exception) -> None:
        failures.append(error)
        server.should_exit = True

    app = make(settings, stop)
    listening = _bind(host, port)
    log_to_stderr()
    where = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
    print(f"{what.format(where=where)}；按 Ctrl-C 停止", file=sys.stderr, flush=True)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=_DRAIN, lifespan="on"
    )
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    if failures:
        raise failures[0]


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
