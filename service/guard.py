"""The door of the HTTP interface: who comes in, how often, from where; one line of log and one count for each request.

It stands before every route, mounted applications included, so that a route cannot forget it.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access import LOCAL, Caller, KeyFile, RateLimit, Role, Sessions
from service.english import in_english, prefers_english
from service.faults import TOO_LARGE

_log = logging.getLogger("wence")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1", "testserver"})
# A proxy on this machine makes every visitor look local; without keys each would be an administrator.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
# Nothing here asks other hosts for anything, and no other page may show what is here.
HEADERS: Mapping[str, str] = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
_POLICY = "default-src 'none'; frame-ancestors 'none'"
_PAGE_HEADERS = {"referrer-policy": "same-origin"}  # with none at all a form is sent as if by another site
_PAGE_POLICY = (  # gradio makes its scripts and styles as it goes; none of them may reach another host
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_DOCS_POLICY = (  # Swagger UI writes one inline script and inline styles
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; frame-ancestors 'none'"
)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Requests whose path begins with `path` and ends with `ending`, by one of `methods` (empty: any), need `role`.

    A role of None: nobody's key.
    """

    path: str
    role: Role | None
    methods: frozenset[str] = frozenset()
    ending: str = ""


RULES: tuple[Rule, ...] = (  # the first that fits
    Rule(path="/health", role=None),
    Rule(path="/ready", role=None),
    Rule(path="/metrics", role=Role.STAFF),
    Rule(path="/v1/draft", role=Role.STAFF),
    Rule(path="/v1/approved", role=Role.READER, methods=frozenset({"GET", "HEAD"})),  # the rest is in its routes
    Rule(path="/v1/approved", role=Role.APPROVER, ending="/accept"),
    Rule(path="/v1/approved", role=Role.STAFF),
    Rule(path="/v1/eval", role=Role.ADMIN),
    Rule(path="/v1/documents", role=Role.READER, methods=frozenset({"GET", "HEAD"})),
    Rule(path="/v1/documents", role=Role.ADMIN, methods=frozenset({"DELETE"})),
    Rule(path="/v1/documents", role=Role.STAFF),
    Rule(path="/", role=Role.READER),
)


class Figures:
    """Counts and times of requests, for Prometheus; one registry for each application."""

    def __init__(self) -> None:
        """Starts at zero."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "wence_requests_total", "Requests", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "wence_request_seconds",
            "Seconds until a request was answered",
            ("route",),
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
            registry=self.registry,
        )
        self.answers = Counter(
            "wence_answers_total", "Answers by what came of them", ("reason",), registry=self.registry
        )


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """Where the page is, and who has logged in there. `base`: "" when nothing but the page is served, or "/ui"."""

    base: str
    sessions: Sessions

    def leads(self, path: str) -> bool:
        """Whether that is part of the page, or leads to it."""
        return path in ("/", self.base) or path.startswith(f"{self.base}/")

    def english(self, path: str) -> bool:
        """Whether that is part of the English page."""
        return f"{path}/".startswith(f"{self.base}/en/")

    def log_in(self, path: str) -> str:
        """Where a visitor of `path` logs in: in the same language."""
        return f"{self.base}{'/en' if self.english(path) else ''}/login"

    def session(self, scope: Scope) -> str:
        """The value of the session's cookie; empty without one."""
        return HTTPConnection(scope).cookies.get(self.sessions.cookie, "")


class Guard:
    """ASGI middleware: request id, origin, key, role, rate; security headers; log and figures."""

    def __init__(
        self, app: ASGIApp, *, keys: KeyFile, limit: RateLimit, figures: Figures, page: Entrance | None = None
    ) -> None:
        """Wraps `app`; with a `page`, those who have logged in there need no other key for what belongs to it."""
        self._app, self._keys, self._limit, self._figures, self._page = app, keys, limit, figures, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or say why not."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        headers = Headers(scope=scope)
        path: str = scope["path"]  # mounted applications change it
        page = self._page if self._page is not None and self._page.leads(path) else None
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        status, dropped = 500, False

        async def answer(message: Message) -> None:
            nonlocal status, dropped
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableHeaders(scope=message)
                if status == 413 and out.get("content-type", "").startswith("text/plain"):  # the framework's own words
                    dropped = True
                    await refuse(413, TOO_LARGE)
            if not dropped:
                await told(message)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                if message["status"] == 413 and _endless(headers):
                    out["connection"] = "close"
                out["x-request-id"] = request_id
                for name, value in HEADERS.items():
                    if page is None:
                        out.setdefault(name, value)
                    elif name != "cache-control":
                        out.setdefault(name, _PAGE_HEADERS.get(name, value))
                policy = _PAGE_POLICY if page else _DOCS_POLICY if path == "/docs" else _POLICY
                out.setdefault("content-security-policy", policy)
            await send(message)

        async def refuse(status: int, message: str) -> None:
            english = page.english(path) if page is not None else prefers_english(headers.get("accept-language", ""))
            said = in_english(message) if english else message
            await _refuse(told, status, said, retry=self._limit.seconds, shown=page is not None)

        caller: Caller | None = None
        try:
            refusal = _other_page(headers)
            if refusal is None:
                caller, refusal = self._admit(scope, headers, page)
            if refusal is None:
                scope.setdefault("state", {})["caller"] = caller
                await self._app(scope, receive, answer)
            elif refusal[0] == 401 and page and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
                await RedirectResponse(page.log_in(path), 303)(scope, receive, answer)
            else:
                status = refusal[0]
                await refuse(*refusal)
        finally:
            seconds = time.perf_counter() - began
            route = _route(scope)
            self._figures.requests.labels(scope["method"] if route != "-" else "-", route, str(status)).inc()
            self._figures.seconds.labels(route).observe(seconds)
            _log.info(
                "request",
                extra={
                    "fields": {
                        "request_id": request_id,
                        "method": scope["method"],
                        "route": route,
                        "status": status,
                        "ms": round(seconds * 1000, 1),
                        "caller": caller.name if caller else None,
                    }
                },
            )

    def _admit(
        self, scope: Scope, headers: Headers, page: Entrance | None
    ) -> tuple[Caller | None, tuple[int, str] | None]:
        """The caller, or why they may not (status and a line in Chinese). `page`: where it leads, if that is a page."""
        needed = rule_for(scope["method"], scope["path"]).role
        if page is not None and scope["path"] == page.log_in(scope["path"]):
            needed = None
        open_to_all = not self._keys.all()
        if open_to_all and _is_loopback(scope) and not _loopback_host(headers):
            return None, (403, "请用 127.0.0.1 或 localhost 访问本机的服务")
        if open_to_all and any(name in headers for name in _FORWARDED):
            return None, (403, "经代理转来的请求需要密钥；请先用 wence key add 发放，再重新启动")
        if needed is None:
            return None, None
        if open_to_all:
            caller: Caller | None = LOCAL if _is_loopback(scope) else None
        else:
            scheme, _, token = headers.get("authorization", "").partition(" ")
            caller = self._keys.caller(token.strip()) if scheme.lower() == "bearer" else None
            if caller is None and page is not None:
                caller = page.sessions.caller(page.session(scope))
        if caller is None:
            if page is not None:
                return None, (401, "需要登录：请重新打开网页")
            return None, (401, "需要密钥：请在请求头里写 Authorization: Bearer wk_…；密钥由管理员用 wence key add 发放")
        if caller.role < needed:
            return caller, (
                403,
                f"这个密钥的角色是 {caller.role.name.lower()}，此处需要 {needed.name.lower()}；请联系管理员",
            )
        counts = page is None or scope["method"] == "POST"  # a page fetches dozens of files, and posts what is clicked
        if caller is not LOCAL and counts and not self._limit.allows(caller.id):
            return caller, (429, "请求太频繁；请稍后再试")
        return caller, None


def rule_for(method: str, path: str) -> Rule:
    """The first rule that fits a request."""
    return next(
        rule
        for rule in RULES
        if (path == rule.path or path.startswith(rule.path if rule.path == "/" else f"{rule.path}/"))
        and (not rule.methods or method in rule.methods)
        and path.endswith(rule.ending)
    )


def is_loopback(host: str) -> bool:
    """Whether an address (or `localhost`) can only be reached from this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in _LOOPBACK_NAMES


def _is_loopback(scope: Scope) -> bool:
    client = scope.get("client")
    return client is not None and (is_loopback(client[0]) or client[0] == "testclient")


def _loopback_host(headers: Headers) -> bool:
    """Whether the browser asked for this machine by name: a foreign name may be pointed here (DNS rebinding)."""
    given = headers.get("host", "")
    host = urlsplit(f"//{given}").hostname if _sound(given) else None
    return host is not None and is_loopback(host)


def _other_page(headers: Headers) -> tuple[int, str] | None:
    """A page of another host that makes the browser ask us (CSRF)."""
    origin = headers.get("origin")
    if origin is not None and (not _sound(origin) or urlsplit(origin).netloc != headers.get("host")):
        return 403, "不接受别的网站发来的请求"
    return None


def _endless(headers: Headers) -> bool:
    """Whether a body that was refused is too long to be heard to its end; who sends it may then miss the answer."""
    length = headers.get("content-length", "")
    return not (length.isascii() and length.isdigit() and len(length) <= 8)  # below 100 MB


def _sound(address: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9.:/\[\]_-]+", address) is not None


def _route(scope: Scope) -> str:
    """The route's pattern, never the path itself: it may hold what somebody typed, and would make endless series."""
    path = getattr(scope.get("route"), "path", None)
    return f"{scope.get('root_path', '')}{path}" if path else "-"


async def _refuse(send: Send, status: int, message: str, *, retry: int = 60, shown: bool = False) -> None:
    """Say why not; `shown`: gradio shows its visitor the `detail` of an error."""
    fault = {"error": {"code": status, "message": message}, **({"detail": message} if shown else {})}
    body = json.dumps(fault, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if status == 429:
        headers.append((b"retry-after", str(retry).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
