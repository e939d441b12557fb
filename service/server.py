"""Run the HTTP interface or the web page: bind, serve, drain."""

from __future__ import annotations

import socket
import sys
from asyncio import Event
from collections.abc import Callable
from dataclasses import dataclass, field

import uvicorn
from starlette.types import ASGIApp

from errors import ConfigError
from service.access import KeyFile
from service.guard import is_loopback
from service.logs import log_to_stderr
from settings import Settings

_DRAIN = 30  # seconds that requests under way get after SIGTERM


@dataclass(frozen=True, kw_only=True)
class Life:
    """What an application may know of its server: `leaving` is set when that is told to stop, `stop` tells it to.

    `stop` takes the error that ends it, for what fails later.
    """

    stop: Callable[[Exception], None]
    leaving: Event = field(default_factory=Event)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, leaving: Event) -> None:
        super().__init__(config)
        self._leaving = leaving

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._leaving.set()
        await super().shutdown(sockets)


def run(
    make: Callable[[Settings, Life], ASGIApp],
    settings: Settings,
    host: str,
    port: int,
    *,
    what: str,
) -> None:
    """Serve what `make` makes until told to stop. `what` is told on stderr, `{where}` in it becomes the address.

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

    life = Life(stop=stop)
    app = make(settings, life)
    listening = _bind(host, port)
    log_to_stderr()
    where = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
    print(f"{what.format(where=where)}；按 Ctrl-C 停止", file=sys.stderr, flush=True)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=_DRAIN, lifespan="on"
    )
    server = _Server(config, life.leaving)
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
