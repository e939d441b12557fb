"""The first screen while the page is made: gradio takes seconds to import, and nobody should wait before a blank one.

It waits by asking `/ready` and opens the page once, when it is there; without scripts the browser asks by itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from service.guard import HEADERS
from web.words import WORDS, Words

if TYPE_CHECKING:
    from fastapi import FastAPI

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="{code}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><noscript><meta http-equiv="refresh" content="3"></noscript>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.7 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  max-width: 60rem; margin: 0 auto; padding: 1rem; }}
h1 {{ font-size: 1.5rem; margin: 0; }}
</style></head>
<body><main><h1>{title}</h1><p>{lead}</p><p role="status" id="state">{opening}</p></main>
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
</script></body></html>
"""


class Opening:
    """Shows the first screen at once, and is the application of `make` as soon as that is made (ASGI).

    `make` runs in a thread while requests are answered.
    """

    def __init__(self, make: Callable[[], FastAPI], stop: Callable[[Exception], None]) -> None:
        """`stop` ends the server when `make` raises, and is given what it raised."""
        self._make, self._stop = make, stop
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or stay for the life of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await _wait(scope, send)
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


async def _wait(scope: Scope, send: Send) -> None:
    """The first screen for who opens the page, 503 for every other request."""
    path, ours = scope["path"], scope["method"] in ("GET", "HEAD")
    kind, status = "text/html; charset=utf-8", 200
    if ours and path in ("/", "/en", "/en/"):
        body = _screen(WORDS["zh" if path == "/" else "en"])
    else:
        kind, status = "application/json", 503
        body = json.dumps({"error": {"code": 503, "message": "网页正在打开，请几秒钟后再试"}}, ensure_ascii=False)
    data = body.encode()
    headers = {
        **HEADERS,
        "content-type": kind,
        "content-length": str(len(data)),
        "content-security-policy": _POLICY,
        **({"retry-after": "2"} if status == 503 else {}),
    }
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else data})


def _screen(words: Words) -> str:
    return _PAGE.format(
        code=words.code,
        title=escape(words.title),
        lead=escape(words.lead),
        opening=escape(words.opening),
        slow=json.dumps(words.opening_slow, ensure_ascii=False),
        gone=json.dumps(words.opening_gone, ensure_ascii=False),
    )
