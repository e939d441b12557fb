"""Crafted requests: none of them is answered with a 500 or a traceback, or logged as a crash."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor as Pool
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser
from starlette.routing import BaseRoute, Mount

from api import create_app
from index.build import build
from index.embedding import open_embedding
from service.service import open_service
from settings import Settings
from tests.web.test_page import REPOSITORY, Visit, browser, pytestmark, start
from ui import add_page

__all__ = ["browser", "pytestmark"]  # a fixture, and when to skip
JSON = "application/json"
VALUES = ("x", "-1", "../../etc/passwd", "%00", "%ff", "9" * 400, "https://example.org/a")
BODIES: Sequence[tuple[bytes, str]] = (
    (b"", ""),
    (b"{", JSON),
    (b"\xff\xfe", JSON),
    (b"null", JSON),
    (b"1e400", JSON),
    (b'{"data": [1e999], "question": NaN}', JSON),
    (b"[" * 5000 + b"]" * 5000, JSON),
    (b'{"question": "\\ud800", "session_hash": "\\ud800", "data": ["\\ud800"], "fn_index": 0}', JSON),
    (b'{"data": [], "fn_index": 0, "session_hash": "s", "event_id": {}}', JSON),
    (b'{"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}], "fn_index": 0}', JSON),
    (b"--b\r\n", "multipart/form-data; boundary=b"),
    (b"x", "multipart/form-data"),
    (b"a=b&c=%ff", "application/x-www-form-urlencoded"),
)
QUERIES = (
    "",
    "session_hash=x",
    "session_hash=%00&upload_id=%ff&k=-1&question=%ff&__theme=%ff&view=%00&deep_link=..%2F",
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("gate")
    made = Settings(index=folder / "index", library=folder / "uploads")
    build([REPOSITORY / "corpus" / "004_frontier_measures_press_qa.md"], made.index, embedding=open_embedding(None))
    return made


@pytest.fixture(scope="module")
def log(settings: Settings) -> Path:
    return settings.index.with_name("log")


@pytest.fixture(scope="module")
def address(settings: Settings, log: Path) -> Iterator[str]:
    with log.open("wb") as file:
        process: subprocess.Popen[bytes]
        where, process = start(settings, "serve", "--ui", log=file)
        yield where
        process.kill()
        process.wait()


def routes(listed: Sequence[BaseRoute], base: str = "") -> Iterator[tuple[str, str]]:
    """Every method and path of an application, mounted ones included."""
    for route in listed:
        inner: Any = getattr(route, "effective_candidates", None)  # of a router that was included
        path = f"{base}{getattr(route, 'path', '')}"
        if inner is not None:
            yield from routes(inner(), base)
        elif isinstance(route, Mount):
            yield from routes(route.routes, path)
            yield from ((method, f"{path}/x") for method in ("GET", "POST"))
        else:
            yield from ((method, path) for method in sorted(getattr(route, "methods", None) or ()))


def listed(index: str) -> None:
    """Print the routes of the whole application; in a process of its own, as gradio leaves open what it began."""
    settings = Settings(index=Path(index))
    service = open_service(settings)
    app = create_app(settings, service, page="/ui")
    add_page(app, service, "/ui")
    print(json.dumps(list(routes(app.routes))))


def asked(client: httpx.Client, method: str, url: str, **more: Any) -> tuple[int, bytes]:
    """Status and beginning of an answer; of a stream that stays open, what comes within a moment."""
    open_ = method == "GET" and re.search("/(?:heartbeat|upload_progress|queue/data)", url)
    for last in (False, True):
        said = b""
        try:
            with client.stream(method, url, timeout=0.3 if open_ else 30, **more) as response:
                for part in response.iter_raw():
                    said += part
                    if len(said) > 5000:
                        break
                return response.status_code, said
        except httpx.ReadTimeout:
            if open_:
                return 0, said
            raise
        except httpx.TransportError:  # it hangs up on who goes on sending what it has refused
            if last:
                raise
    raise AssertionError("not reached")


def test_no_route_breaks(settings: Settings, address: str, log: Path) -> None:
    listing = [sys.executable, "-c", "import sys; from tests.web.test_gate import listed; listed(sys.argv[1])"]
    printed = subprocess.run([*listing, str(settings.index)], cwd=REPOSITORY, capture_output=True, check=True).stdout
    found = sorted({(method, path) for method, path in json.loads(printed)} - {("POST", "/v1/eval")})  # it would run
    assert {("POST", "/ui/gradio_api/queue/join"), ("POST", "/v1/ask"), ("GET", "/v1/documents/{doc}")} <= set(found)
    calls: list[tuple[str, str, dict[str, Any]]] = []
    for method, path in found:
        reads = method in ("GET", "HEAD")
        if path.startswith("/ui/en/") or (path.endswith("/") and path[:-1] in {known for _, known in found}):
            continue  # the same, in the other language or with a slash
        for value in VALUES if "{" in path else VALUES[:1]:
            url = re.sub(r"\{[^}]*\}", lambda _, value=value: value, path)  # type: ignore[misc]
            tries: list[dict[str, Any]] = [{"params": query} for query in QUERIES]
            if not reads:
                tries = [{"content": body, "headers": {"content-type": type_}} for body, type_ in BODIES]
            calls += [(method, url, more) for more in (tries if value == VALUES[0] else tries[:1])]
    with httpx.Client(base_url=address, headers={"accept-encoding": "identity"}) as client, Pool(8) as pool:
        answers = pool.map(lambda call: asked(client, call[0], call[1], **call[2]), calls)
        wrong = [
            (*call, status, said[:200])
            for call, (status, said) in zip(calls, answers, strict=True)
            if status >= 500
            or b"Traceback" in said
            or (status >= 400 and call[0] not in ("GET", "HEAD") and not (told(said) or said.startswith(b"<!doctype")))
        ]
    assert wrong == []
    assert [line for line in log.read_text(encoding="utf-8").splitlines() if "Traceback" in line] == []


def told(said: bytes) -> str:
    """The one line of a refusal; "" without one."""
    try:
        message = json.loads(said)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return ""
    return "" if "\n" in message else str(message)


def test_only_what_the_page_can_send_is_a_click(address: str, log: Path) -> None:
    with httpx.Client(base_url=f"{address}/ui", timeout=30) as client:
        config = client.get("/config").json()
        of = {part["id"]: part for part in config["components"]}
        join = "/gradio_api/queue/join"
        ask = next(
            one
            for one in config["dependencies"]
            if [of[each]["props"].get("elem_id") for each in one["inputs"]][:1] == ["question"]
        )
        shown = next(one for one in config["dependencies"] if [one["targets"][0][1]] == ["like"])
        whole = {"data": ["问", None], "fn_index": ask["id"], "session_hash": "s", "event_data": None, "trigger_id": 1}
        liked = {
            **whole,
            "fn_index": shown["id"],
            "data": [None],
            "event_data": {"index": 0, "value": "answer", "liked": False},
        }
        crafted: list[dict[str, Any]] = [
            {**whole, "fn_index": 10**6},
            {**whole, "fn_index": True},
            {**whole, "data": ["问"]},
            {**whole, "data": ["问", None, None]},
            {**whole, "data": [{"a": 1}, None]},
            {**whole, "session_hash": None},
            {**whole, "session_hash": "../x"},
            {**whole, "batched": True},
            {**liked, "event_data": None},
            {**liked, "event_data": {"index": "x", "value": "answer", "liked": True}},
            {**liked, "event_data": {"index": 0, "value": "answer", "liked": "yes"}},
        ]
        for one in crafted:
            response = client.post(join, json=one)
            assert (response.status_code, told(response.content)[:5]) == (422, "请求不完整"), one
        assert client.post("/gradio_api/run/predict", json=whole).status_code == 422, "it waits in the queue"
        assert client.post(join, content=b"x" * 9_000_000).status_code == 413
        assert [client.post(join, json=one).status_code for one in (whole, liked)] == [200, 200]
        for path in ("/gradio_api/run/x", "/gradio_api/component_server", "/gradio_api/vibe-edit"):
            assert client.post(path, json={}).status_code == 404
        english = client.post(f"{address}/ui/en{join}", json={}).json()
        assert english["detail"].startswith("The request is not whole")
    assert [line for line in log.read_text(encoding="utf-8").splitlines() if "Traceback" in line] == []


def test_an_example_is_taken_over_by_a_click(browser: Browser, address: str) -> None:
    visit = Visit(browser, address, path="/ui/")
    visit.page.click(".gallery-item >> nth=0")
    visit.page.wait_for_function("document.querySelector('#question textarea').value.includes('独角兽')")
    assert visit.errors == []
    visit.context.close()
