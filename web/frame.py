"""What gradio's own page lacks: the language that its words are in, told before its scripts begin; room on phones."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio says its own words (on upload boxes, errors) in the language of the browser.
_SCRIPT = "<script>Object.defineProperty(navigator, 'language', {{ value: '{code}' }});</script>"
# Its margins take a fifth of a phone, and stand outside of what the page's own style reaches.
_STYLE = "<style>@media (max-width: 640px) {{ .gradio-container .main {{ padding: .75rem !important; }} }}</style>"
_LANGUAGE = re.compile(rb'<html\s+lang="\w+"')
_CARDS = re.compile(rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*')  # they name gradio and its pictures


class Frame:
    """ASGI middleware: the HTML at each path of `languages` is in that language ("zh-CN", "en")."""

    def __init__(self, app: ASGIApp, *, languages: Mapping[str, str]) -> None:
        """Wraps `app`."""
        self._app, self._languages = app, languages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        code = self._languages.get(scope["path"].rstrip("/")) if scope["type"] == "http" else None
        if code is None or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def told(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body") or start is None:
                return
            headers = MutableHeaders(scope=start)
            if headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers:
                body = _framed(body, code)
                headers["content-length"] = str(len(body))
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, told)


def _framed(page: bytes, code: str) -> bytes:
    page = _CARDS.sub(b"", _LANGUAGE.sub(f'<html lang="{code}"'.encode(), page, count=1))
    return page.replace(b"<head>", f"<head>{(_SCRIPT + _STYLE).format(code=code)}".encode(), 1)
