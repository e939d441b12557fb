"""The log-in of the page: the name of a key and the key, given once for a session that a cookie holds."""

from __future__ import annotations

import hmac
from html import escape

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from service.service import Service
from web.plain import plain, policy
from web.words import Words

_FORM = 4096  # bytes: a name and a key are some hundred


def login_routes(service: Service, words: Words, base: str, home: str) -> APIRouter:
    """The log-in of one language below `home`, the page's address in that language; the cookie holds below `base`.

    What leads to the page stands here too: its address without a slash, and the root when the page is not there.
    """
    sessions = service.sessions
    router = APIRouter(max_body_size=_FORM, include_in_schema=False)
    inside = f"{home}/"

    for path in {home, "/" if home == base else home} - {"", inside}:

        @router.get(path)
        async def lead() -> Response:
            return RedirectResponse(inside)

    @router.get(f"{home}/login")
    async def form() -> Response:
        return RedirectResponse(inside, 303) if not service.keys.all() else _screen(words)

    @router.post(f"{home}/login")
    async def log_in(request: Request) -> Response:
        address = request.client.host if request.client else ""
        if not service.limit.allows(f"log-in from {address}"):
            return _screen(words, words.log_in_wait, 429)
        async with request.form(max_files=0, max_fields=4) as given:
            name, token = str(given.get("name", "")), str(given.get("key", ""))
        caller = service.keys.caller(token.strip())
        if caller is None or not hmac.compare_digest(caller.name.encode(), name.strip().encode()):
            return _screen(words, words.log_in_wrong, 401)
        let_in = RedirectResponse(inside, 303)
        secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
        let_in.set_cookie(
            sessions.cookie,
            sessions.open(caller),
            max_age=sessions.seconds,
            path=base or "/",
            secure=secure,
            httponly=True,
            samesite="strict",
        )
        return let_in

    @router.post(f"{home}/leave")
    async def leave(request: Request) -> Response:
        sessions.close(request.cookies.get(sessions.cookie, ""))
        out = RedirectResponse(f"{home}/login", 303)
        out.delete_cookie(sessions.cookie, path=base or "/")
        return out

    return router


def _screen(words: Words, wrong: str = "", status: int = 200) -> HTMLResponse:
    told = f'<p role="alert">{escape(wrong)}</p>' if wrong else ""
    body = (
        f'{told}<form method="post"><label>{escape(words.key_name)}'
        f'<input name="name" autocomplete="username" required maxlength="80"></label>'
        f"<label>{escape(words.key)}"
        f'<input name="key" type="password" autocomplete="current-password" required maxlength="200"></label>'
        f"<button>{escape(words.log_in)}</button></form>"
    )
    headers = {"content-security-policy": policy(form=True), "cache-control": "no-store"}
    return HTMLResponse(plain(words, body), status, headers)
