"""The first screen: there before gradio is, and gone without a fuss once the page is made."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.sync_api import Browser

from settings import Settings
from tests.service.conftest import library, model_dir, settings
from tests.service.test_server import MAIN, REPOSITORY, environment
from tests.web.test_page import CHROMIUM, browser, free_port
from web.languages import EN, ZH
from web.opening import Opening

__all__ = ["browser", "library", "model_dir", "settings"]  # fixtures


class Made:
    """An application that is made when the test says so; it counts how often its page is fetched."""

    def __init__(self) -> None:
        self.now = threading.Event()
        self.error: Exception | None = None
        self.alive: list[str] = []
        self.fetched = 0

    def make(self) -> FastAPI:
        self.now.wait(20)
        if self.error is not None:
            raise self.error

        @asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            self.alive.append("began")
            yield
            self.alive.append("ended")

        app = FastAPI(lifespan=lifespan)

        @app.get("/", response_class=HTMLResponse)
        def page() -> str:
            self.fetched += 1
            return "<!doctype html><title>x</title><button id=ask>ask</button>"

        @app.get("/ready")
        def ready() -> bool:
            return True

        return app


@contextmanager
def served(made: Made, base: str = "") -> Iterator[tuple[str, list[Exception]]]:
    failures: list[Exception] = []

    def stop(error: Exception) -> None:
        failures.append(error)
        server.should_exit = True

    server = uvicorn.Server(uvicorn.Config(Opening(made.make, stop, base), port=0, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", failures
    finally:
        made.now.set()
        server.should_exit = True
        thread.join()


def test_the_first_screen_does_not_wait_and_the_application_lives_within_the_server() -> None:
    made = Made()
    with served(made) as (address, failures):
        for path, words in (("/", ZH), ("/en", EN), ("/en/", EN)):
            first = httpx.get(address + path)
            assert (first.status_code, first.headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert words.opening in first.text
            assert f'lang="{words.code}"' in first.text
            assert first.headers["x-frame-options"] == "DENY"
            assert first.headers["cache-control"] == "no-store"
        for method, path in (("GET", "/ready"), ("GET", "/config"), ("POST", "/"), ("GET", "/../../etc/passwd")):
            waiting = httpx.request(method, address + path)
            assert (waiting.status_code, waiting.headers["retry-after"]) == (503, "2")
        assert httpx.head(address).text == ""
        assert made.alive == []
        made.now.set()
        for _ in range(200):
            if httpx.get(f"{address}/ready").status_code == 200:
                break
            time.sleep(0.05)
        assert "id=ask" in httpx.get(address).text
        assert made.alive == ["began"]
        assert failures == []
    assert made.alive == ["began", "ended"]


def test_the_first_screen_of_a_page_beside_the_interface() -> None:
    """The page will be at /ui: until it is made the interface asks for patience, and says that the process lives."""
    with served(Made(), "/ui") as (address, _):
        for path, words in (("/", ZH), ("/ui", ZH), ("/ui/", ZH), ("/ui/en", EN), ("/ui/en/", EN)):
            assert words.opening in httpx.get(address + path).text
        assert httpx.get(f"{address}/health").json() == {"ok": True}
        for method, path in (("GET", "/en/"), ("GET", "/uix"), ("POST", "/v1/ask"), ("GET", "/v1/documents")):
            waiting = httpx.request(method, address + path)
            assert (waiting.status_code, waiting.headers["retry-after"]) == (503, "2")


def test_what_cannot_be_made_stops_the_server() -> None:
    made = Made()
    made.error = ValueError("broken")
    with served(made) as (address, failures):
        assert httpx.get(address).status_code == 200
        made.now.set()
        for _ in range(200):
            if failures:
                break
            time.sleep(0.05)
    assert failures == [made.error]


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine")
@pytest.mark.parametrize(("path", "dark"), [("/", False), ("/en/", True)], ids=["zh-light", "en-dark"])
def test_a_browser_goes_on_by_itself_once(browser: Browser, path: str, dark: bool) -> None:
    made = Made()
    with served(made) as (address, _):
        page = browser.new_page(color_scheme="dark" if dark else "light")
        pages: list[str] = []
        page.on("request", lambda request: pages.append(request.url) if request.is_navigation_request() else None)
        page.goto(address + path)
        status = page.get_by_role("status")
        assert status.inner_text() == (ZH if path == "/" else EN).opening
        page.wait_for_timeout(1200)  # three looks at /ready
        found = Axe().run(page).response["violations"]
        assert [fault["id"] for fault in found] == []
        assert len(pages) == 1
        made.now.set()
        status.wait_for(state="detached", timeout=10_000)
        page.wait_for_timeout(600)
        assert len(pages) == 2, "one reload and no more"
        page.close()


def test_wence_ui_answers_before_gradio_is_imported(settings: Settings) -> None:
    process, address = started(settings)
    try:
        first = until_answered(address)
        assert ZH.opening in first.text
        assert httpx.get(f"{address}/ready").status_code == 503
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(60) == -signal.SIGTERM, "told to stop while it opens, it stops"
    heavy = "import sys, service.commands, service.server, web.opening; print({'gradio', 'fastapi'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", heavy], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


def test_without_an_index_the_page_ends_with_one_clear_line(settings: Settings, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", MAIN, "ui", "--port", "0", "--index", str(tmp_path / "none")],
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    address, error = ran.stderr.splitlines()
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "http://127.0.0.1:" in address
    assert "wence build" in error


def started(settings: Settings) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    command = [sys.executable, "-c", MAIN, "ui", "--port", str(port)]
    process = subprocess.Popen(command, env=environment(settings), stderr=subprocess.DEVNULL)
    return process, f"http://127.0.0.1:{port}"


def until_answered(address: str) -> httpx.Response:
    for _ in range(1000):
        try:
            return httpx.get(address, timeout=20)
        except httpx.TransportError:
            time.sleep(0.02)
    raise AssertionError("no answer")
