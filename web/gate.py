"""The way into gradio: what the page itself uses is open, and takes requests that the page can have sent.

Gradio offers more (an interface of its own, servers of components, an editor) and answers what it cannot read with a
bare 500 and a traceback in the log.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.words import Words

_log = logging.getLogger("wence")
_LOOKED_AT = re.compile(
    r"/(?:config|theme\.css|favicon\.ico|robots\.txt|manifest\.json|(?:assets|static|svelte)/[\x21-\x7e]{1,200}"
    r"|gradio_api/(?:queue/data|heartbeat/\w{1,64}|file=[^\x00-\x1f]{1,1000}|upload_progress|startup-events|app_id))?"
)
_UPLOAD = "/gradio_api/upload"
_CLICKED = {"/gradio_api/queue/join": True, "/gradio_api/run/predict": False}  # whether it waits in the queue
_POSTED = frozenset({*_CLICKED, "/gradio_api/cancel", "/gradio_api/reset"})
_LONGEST = 8 * 1024 * 1024  # bytes of a click: a long reply and a conversation that comes back are far below
_NAME = re.compile(r"\w{1,64}")
_Check = Callable[[Any], bool]


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


def _text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _chosen(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


_VALUES: Mapping[type, _Check] = {  # what a component of the page may hold
    gr.Textbox: _text,
    gr.HTML: _text,
    gr.Dropdown: _chosen,
    gr.Radio: _chosen,
    gr.Dataset: _number,
    gr.File: lambda value: value is None or isinstance(value, list | dict),
}
_EVENTS: Mapping[str, _Check] = {  # what our scripts say with an event
    "select": lambda data: (
        isinstance(data, dict)
        and isinstance(data.get("value"), str)
        and (_number(at := data.get("index")) or (isinstance(at, list) and len(at) == 2 and all(map(_number, at))))
    ),
    "like": lambda data: (
        isinstance(data, dict)
        and _number(data.get("index"))
        and isinstance(data.get("value"), str)
        and isinstance(data.get("liked"), bool)
    ),
    "restore": lambda data: isinstance(data, dict) and isinstance(data.get("text"), str),
}


class Gate:
    """ASGI middleware inside one language's gradio; `page` knows what its buttons take, `words` say what is wrong."""

    def __init__(self, app: ASGIApp, *, page: gr.Blocks, words: Words) -> None:
        """Wraps `app`."""
        self._app, self._page, self._words = app, page, words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever it holds."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if scope["method"] in ("GET", "HEAD"):
            known = _LOOKED_AT.fullmatch(path) is not None
        else:
            known = scope["method"] == "POST" and path in _POSTED | {_UPLOAD}
        if not known:
            await self._refuse(404, self._words.no_address)(scope, receive, send)
            return
        if path in _POSTED:
            body = await _whole(receive)
            if body is None:
                await self._refuse(413, self._words.too_large)(scope, receive, send)
                return
            if not self._sound(body, path):
                await self._refuse(422, self._words.not_ours)(scope, receive, send)
                return
            receive = _again(body, receive)
        await self._guarded(scope, receive, send)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What gradio fails at is one line for who asked; a stream of which it knows nothing ends."""
        status, begun = 0, False

        async def seen(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
            if status < 400 or status == 401:
                await send(message)

        try:
            await self._app(scope, receive, seen)
        except Exception as error:
            if begun and isinstance(error.__cause__, HTTPException):
                await send({"type": "http.response.body", "body": b""})
                return
            if begun:
                raise
            _log.error("unexpected", exc_info=error)
            status = 500
        if status >= 400 and status != 401:
            words = self._words
            known = {403: words.no_address, 404: words.no_address, 413: words.too_large}
            said = words.failed if status >= 500 else known.get(status, words.not_ours)
            await self._refuse(status, said)(scope, receive, send)

    def _sound(self, body: bytes, path: str) -> bool:
        """Whether the page can have sent that."""
        try:
            asked = json.loads(body.decode(), parse_constant=_refused, parse_float=_finite)
            json.dumps(asked, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return False
        return isinstance(asked, dict) and (path not in _CLICKED or self._fits(asked, queued=_CLICKED[path]))

    def _fits(self, asked: Mapping[str, Any], *, queued: bool) -> bool:
        at, session, data = asked.get("fn_index"), asked.get("session_hash"), asked.get("data")
        function = self._page.fns.get(at) if isinstance(at, int) and _number(at) else None
        if (
            function is None
            or function.queue is not queued
            or not isinstance(session, str)
            or not _NAME.fullmatch(session)
        ):
            return False
        inputs = function.inputs
        if not isinstance(data, list) or len(data) != len(inputs):
            return False
        if not all(_VALUES.get(type(one), _anything)(value) for one, value in zip(inputs, data, strict=True)):
            return False
        told = asked.get("event_data")
        return not asked.get("batched") and all(_EVENTS.get(name, _anything)(told) for _, name in function.targets)

    def _refuse(self, status: int, message: str) -> JSONResponse:
        """Gradio shows its visitor the `detail`."""
        return JSONResponse({"error": {"code": status, "message": message}, "detail": message}, status)


def _anything(_: Any) -> bool:
    return True


def _refused(name: str) -> float:
    raise ValueError(name)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(digits)
    return value


async def _whole(receive: Receive) -> bytes | None:
    """A request's body; None when it is too long, or its sender has gone."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > _LONGEST:
            return None
        if not message.get("more_body"):
            return body


def _again(body: bytes, receive: Receive) -> Receive:
    """`receive` with the body that was read already."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
