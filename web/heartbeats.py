"""An open page holds a connection for as long as it is open; a server that is told to stop must not wait for it."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOK = 0.1  # seconds


class Heartbeats:
    """ASGI middleware: once the server is `leaving`, and nothing else is under way, heartbeats of pages end.

    Not before: gradio gives up the questions of a page whose heartbeat ends.
    """

    def __init__(self, app: ASGIApp, *, leaving: asyncio.Event) -> None:
        """Wraps `app`."""
        self._app, self._leaving = app, leaving
        self._busy = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a heartbeat for as long as it makes sense."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif "/gradio_api/heartbeat/" in scope["path"]:
            await self._beat(scope, receive, send)
        else:
            self._busy += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._busy -= 1

    async def _beat(self, scope: Scope, receive: Receive, send: Send) -> None:
        open_ = False  # whether a body has begun and has not ended

        async def seen(message: Message) -> None:
            nonlocal open_
            open_ = message["type"] == "http.response.start" or bool(message.get("more_body"))
            await send(message)

        beating = asyncio.ensure_future(self._app(scope, receive, seen))
        quiet = asyncio.create_task(self._quiet())
        try:
            await asyncio.wait((beating, quiet), return_when=asyncio.FIRST_COMPLETED)
        finally:
            quiet.cancel()
            if not beating.done():
                beating.cancel()
        try:
            await beating
        except asyncio.CancelledError:
            if open_:
                await send({"type": "http.response.body", "body": b""})

    async def _quiet(self) -> None:
        await self._leaving.wait()
        while self._busy:
            await asyncio.sleep(_LOOK)
