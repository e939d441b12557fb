"""The first screen while the page is made: gradio takes seconds to import, and nobody should wait before a blank one.

It waits by asking `/ready` and opens the page once, when it is there; without scripts the browser asks by itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.english import in_english, prefers_english
from service.guard import HEADERS
from web.languages import WORDS
from web.plain import plain, policy
from web.words import Words

if TYPE_CHECKING:
    from fastapi import FastAPI

_BODY = """<p role="status" id="state">{opening}</p>
<script>
const state = document.getElementById('state'), began = Date.now();
async function look() {{
  try {{
    if ((await fetch('/ready', {{ cache: 'no-store' }})).ok) {{ location.reload(); return; }}
    if (Date.now() - began > 30000 && state.textContent !== {slow}) state.textContent = {slow};
  }} catch (_) {{ if (state.textContent !== {gone}) state.textContent = {gone}; }}
  setTimeout(look, 400);
}}
look();
</script>"""
_NOT_YET = "服务正在打开，请几秒钟后再试"
_AGAIN = '<noscript><meta http-equiv="refresh" content="3"></noscript>'


class Opening:
    """Shows the first screen at once, and is the application of `make` as soon as that is made (ASGI).

    `make` runs in a thread while requests are answered.
    """

    def __init__(self, make: Callable[[], FastAPI], stop: Callable[[Exception], None], base: str = "") -> None:
        """`stop` ends the server when `make` raises, and is given what it raised. The page will be at `base`."""
        self._make, self._stop, self._base = make, stop, base
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or stay for the life of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._wait(scope, send)
        else:
            await send({"type": "websocket.close", "code": 1013})

    async def _live(self, receive: Receive, send: Send) -> None:
        """Start at once; make the application beside that, and keep its own life within this one."""
        await receive()
        over = asyncio.Event()
        opening = asyncio.create_task(self._open(over))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        over.set()
        await opening
        await send({"type": "lifespan.shutdown.complete"})

    async def _open(self, over: asyncio.Event) -> None:
        try:
            app = await asyncio.to_thread(self._make)
            async with app.router.lifespan_context(app):
                self._app = app
                await over.wait()
        except Exception as error:  # whoever started the server must hear of it, whatever it is
            self._stop(error)

    async def _wait(self, scope: Scope, send: Send) -> None:
        """The first screen for who opens the page, 503 for every other request but whether the process is alive."""
        path, ours = scope["path"], scope["method"] in ("GET", "HEAD")
        kind, status = "text/html; charset=utf-8", 200
        if ours and path in ("/", self._base, f"{self._base}/"):
            body = _screen(WORDS["zh"])
        elif ours and path in (f"{self._base}/en", f"{self._base}/en/"):
            body = _screen(WORDS["en"])
        elif ours and path == "/health":
            kind, body = "application/json", json.dumps({"ok": True})
        else:
            kind, status = "application/json", 503
            english = prefers_english(Headers(scope=scope).get("accept-language", ""))
            said = in_english(_NOT_YET) if english else _NOT_YET
            body = json.dumps({"error": {"code": 503, "message": said}}, ensure_ascii=False)
        data = body.encode()
        headers = {
            **HEADERS,
            "content-type": kind,
            "content-length": str(len(data)),
            "content-security-policy": policy(script=True),
            **({"retry-after": "2"} if status == 503 else {}),
        }
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else data})


def _screen(words: Words) -> str:
    body = _BODY.format(
        opening=escape(words.opening),
        slow=json.dumps(words.opening_slow, ensure_ascii=False),
        gone=json.dumps(words.opening_gone, ensure_ascii=False),
    )
    return plain(words, body, _AGAIN)
