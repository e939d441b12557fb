"""`wence serve --ui`: the page and the interface in one process, behind one door, over one index."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from assistant.audit import History
from index.build import build
from index.embedding import open_embedding
from service.access import ROLES, KeyFile
from settings import Settings
from tests.service.conftest import library, model_dir, settings
from tests.service.test_server import REPOSITORY
from tests.web.test_page import Visit, browser, logged_in, pytestmark, start

__all__ = ["browser", "library", "model_dir", "pytestmark", "settings"]  # fixtures, and when to skip
SERVE = ("serve", "--ui")
QUESTION = "首次播出的原创动画片最高补贴多少？"


@pytest.fixture
def open_server(settings: Settings, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Without keys; its address and its log."""
    log = tmp_path / "log"
    with log.open("wb") as file:
        address, process = start(
            settings, *SERVE, log=file, WENCE_EMBEDDING=str(settings.embedding), WENCE_AUDIT="full"
        )
        try:
            yield address, log
        finally:
            process.kill()
            process.wait()


def logs(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("{")]


def test_page_and_interface_are_one(
    browser: Browser, open_server: tuple[str, Path], settings: Settings, library: Path
) -> None:
    """Asked on both, seen by both: one index that is built anew, one history, one set of figures, one log."""
    address, log = open_server
    visit = Visit(browser, address)
    assert visit.page.url == f"{address}/ui/"
    visit.ask(QUESTION)
    visit.page.click(".talk button.cite >> nth=0")
    assert "100万元" in visit.page.inner_text(".source mark")
    over_http = httpx.post(f"{address}/v1/ask", json={"question": QUESTION}, timeout=60).json()
    assert over_http["citations"][0]["section"] == "一、（一）"
    assert visit.faults() == []
    changed = library / "a_water.txt"
    changed.write_text(changed.read_text(encoding="utf-8").replace("2万元", "9万元"), encoding="utf-8")
    build([library], settings.index, embedding=open_embedding(settings.embedding))
    fine = "违反第二条的，罚款多少？"
    assert "9万元" in httpx.post(f"{address}/v1/ask", json={"question": fine}, timeout=60).json()["answer"]
    visit.page.click("text=清空")
    visit.page.wait_for_function("document.querySelectorAll('.talk .turn').length == 0")
    visit.ask(fine)
    assert "9万元" in visit.page.inner_text(".talk .answer >> nth=-1")
    visit.page.click("text=English")
    visit.page.wait_for_url(f"{address}/ui/en/")
    visit.page.wait_for_selector("#ask:text('Ask')")
    assert [url for url in visit.requests if not url.startswith((address, "data:", "blob:"))] == []
    assert visit.errors == []
    visit.context.close()
    asked = [(record.who, record.question) for record in History(settings.audit_file).records()]
    assert asked == [("本机", QUESTION)] * 2 + [("本机", fine)] * 2
    metrics = httpx.get(f"{address}/metrics").text
    assert 'wence_answers_total{reason="answered"} 4.0' in metrics
    assert re.search(
        r'wence_requests_total\{method="POST",route="/ui/gradio_api/queue/join",status="200"\} [3-9]', metrics
    )
    rows = [row for row in logs(log) if row["event"] == "request"]
    assert all(row["request_id"] for row in rows)
    assert {"/ui/", "/ui/en/", "/ui/gradio_api/queue/join", "/v1/ask"} <= {row["route"] for row in rows}
    assert QUESTION not in log.read_text(encoding="utf-8")


def test_the_door_is_the_same_for_the_page(open_server: tuple[str, Path]) -> None:
    address, _ = open_server
    for path in ("/ui/", "/ui/config", "/ui/en/"):
        response = httpx.get(address + path)
        assert response.status_code == 200
        assert response.headers["x-frame-options"] == "DENY"
        assert "connect-src 'self'" in response.headers["content-security-policy"]
        assert len(response.headers["x-request-id"]) == 16
    assert httpx.get(f"{address}/v1/documents").headers["content-security-policy"].startswith("default-src 'none'")
    evil = {"origin": "https://evil.example"}
    for method, path in (("GET", "/ui/"), ("POST", "/ui/gradio_api/queue/join"), ("OPTIONS", "/ui/config")):
        refused = httpx.request(method, address + path, headers=evil)
        assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (403, False)
    assert httpx.get(f"{address}/ui/", headers={"host": "evil.example"}).status_code == 403
    assert httpx.get(f"{address}/ui/", headers={"x-forwarded-for": "198.51.100.7"}).status_code == 403
    assert httpx.get(f"{address}/ui/login").headers["location"] == "/ui/"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Settings, dict[str, str]]]:
    """With a key of each role: the address, the settings, the keys."""
    folder = tmp_path_factory.mktemp("guarded")
    made = Settings(index=folder / "index", library=folder / "uploads")
    build([REPOSITORY / "corpus" / "004_frontier_measures_press_qa.md"], made.index, embedding=open_embedding(None))
    tokens = {role: KeyFile(made.key_file).add(role, role) for role in ROLES}
    address, process = start(made, *SERVE, WENCE_RATE="40/minute")
    yield address, made, tokens
    process.kill()
    process.wait()


@contextmanager
def visitor(address: str, name: str, token: str) -> Iterator[httpx.Client]:
    """Somebody who has filled in the form."""
    with httpx.Client(base_url=address, timeout=60) as client:
        answer = client.post("/ui/login", data={"name": name, "key": token}, headers={"origin": address})
        assert (answer.status_code, answer.headers.get("location")) == (303, "/ui/")
        yield client


def test_without_a_log_in_nothing_of_the_page_is_shown(guarded: tuple[str, Settings, dict[str, str]]) -> None:
    address, _, tokens = guarded
    paths = ("/ui/", "/ui/en/", "/ui/config", "/ui/theme.css", "/ui/gradio_api/info", "/ui/gradio_api/file=/etc/passwd")
    for path in (*paths, "/ui/gradio_api/heartbeat/x", "/ui/login/x", "/ui//login", "/UI/", "/ui/../v1/documents"):
        assert httpx.get(address + path).status_code == 401, path
        assert httpx.post(address + path).status_code == 401, path
    for path in ("/ui/gradio_api/queue/join", "/ui/gradio_api/upload", "/ui/gradio_api/run/x", "/v1/ask"):
        assert httpx.post(address + path, json={}).status_code == 401, path
    for path, where in (("/", "/ui/login"), ("/ui/", "/ui/login"), ("/ui/en/", "/ui/en/login")):
        sent_on = httpx.get(address + path, headers={"accept": "text/html"})
        assert (sent_on.status_code, sent_on.headers["location"]) == (303, where)
    form = httpx.get(f"{address}/ui/login")
    assert (form.status_code, form.headers["cache-control"]) == (200, "no-store")
    assert "script" not in form.headers["content-security-policy"]
    for name, token in (("reader", "wk_00000000_wrong"), ("staff", tokens["reader"]), ("", ""), ("读者", "\udcff")):
        wrong = httpx.post(f"{address}/ui/login", data={"name": name, "key": token.encode("utf-8", "replace")})
        assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
        assert "wk_" not in wrong.text
    assert httpx.post(f"{address}/ui/login", content=b"x" * 10_000_000).status_code == 413
    assert httpx.post(f"{address}/ui/login", data={"name": "reader"}, headers={"origin": "null"}).status_code == 403


def test_a_session_opens_the_page_only_and_ends_with_the_key(guarded: tuple[str, Settings, dict[str, str]]) -> None:
    address, made, _ = guarded
    token = KeyFile(made.key_file).add("guest", "reader")
    with visitor(address, "guest", token) as client:
        cookie = next(iter(client.cookies.jar))
        assert (cookie.path, cookie.has_nonstandard_attr("HttpOnly")) == ("/ui", True)
        assert cookie.get_nonstandard_attr("SameSite") == "strict"
        assert token not in str(cookie)
        assert client.get("/ui/").status_code == 200
        session = {"cookie": f"{cookie.name}={cookie.value}"}
        assert httpx.get(f"{address}/ui/config", headers=session).status_code == 200
        assert httpx.get(f"{address}/v1/documents", headers=session).status_code == 401
        assert client.post("/ui/leave", headers={"origin": address}).headers["location"] == "/ui/login"
        assert httpx.get(f"{address}/ui/config", headers=session).status_code == 401, "the old cookie is worth nothing"
    with visitor(address, "guest", token) as client:
        KeyFile(made.key_file).remove("guest")
        assert client.get("/ui/config").status_code == 401
        assert client.post("/ui/gradio_api/queue/join", json={}).status_code == 401


def test_roles_hold_on_the_page(
    browser: Browser, guarded: tuple[str, Settings, dict[str, str]], tmp_path: Path
) -> None:
    """A reader sees the page, asks, opens the source, and is refused what the role may not do."""
    address, made, tokens = guarded
    new = tmp_path / "办法.txt"
    new.write_text("临河市图书馆管理办法\n\n第一条 图书馆每周开放六天。\n", encoding="utf-8")
    context, page = logged_in(browser, address, "reader", tokens["reader"])
    assert page.url == f"{address}/ui/"
    page.fill("#question textarea", "首次入选的独角兽企业奖励多少？")
    page.click("#ask")
    page.wait_for_selector(".talk .answer:not(.coming) button.cite")
    page.click(".talk button.cite >> nth=0")
    page.wait_for_selector(".source mark")
    page.click("button[role=tab] >> nth=4")
    page.click("#run")
    page.wait_for_selector("text=您的角色不能做这件事")
    page.click("button[role=tab] >> nth=3")
    page.click("#upload button")
    page.set_input_files("#files input[type=file]", str(new))
    page.wait_for_selector("#files :text('办法')")
    page.click("button:text-is('入库')")
    page.wait_for_selector("text=您的角色不能做这件事 >> nth=1")
    assert made.library is not None
    assert not made.library.exists()
    page.click("text=退出")
    page.wait_for_url(f"{address}/ui/login")
    page.goto(f"{address}/ui/")
    assert page.url == f"{address}/ui/login"
    context.close()


def test_the_page_counts_against_the_rate_of_its_key(guarded: tuple[str, Settings, dict[str, str]]) -> None:
    """What is fetched costs nothing; what is clicked costs as much as a request with the key."""
    address, _, tokens = guarded
    bearer = {"authorization": f"Bearer {tokens['approver']}"}
    with visitor(address, "approver", tokens["approver"]) as client:
        assert {client.get("/ui/theme.css").status_code for _ in range(60)} == {200}
        clicked = [client.post("/ui/gradio_api/queue/join", json={}).status_code for _ in range(41)]
        assert clicked == [422] * 40 + [429]
        told = client.post("/ui/gradio_api/queue/join", json={})
        assert (told.json()["detail"], told.headers["retry-after"]) == ("请求太频繁；请稍后再试", "60")
    assert httpx.get(f"{address}/v1/documents", headers=bearer).status_code == 429
    other = {"authorization": f"Bearer {tokens['admin']}"}
    assert httpx.get(f"{address}/v1/documents", headers=other).status_code == 200


def test_keys_that_are_issued_later_close_the_page_at_once(open_server: tuple[str, Path], settings: Settings) -> None:
    address, _ = open_server
    assert httpx.get(f"{address}/ui/config").status_code == 200
    token = KeyFile(settings.key_file).add("first", "reader")
    assert httpx.get(f"{address}/ui/config").status_code == 401
    with visitor(address, "first", token) as client:
        assert client.get("/ui/config").status_code == 200


def test_sigterm_waits_for_a_question_of_the_page_and_not_for_open_pages(settings: Settings) -> None:
    """Two open pages; one of them reads a long file when the server is told to stop."""
    clause = "第{}条 本市对符合条件的第{}类企业给予不超过{}万元的补助，由市商务局负责。\n"
    text = "临河市补助办法\n\n" + "".join(clause.format(i, i, i % 97 + 1) for i in range(1, 6_001))
    address, process = start(settings, *SERVE, WENCE_EMBEDDING=str(settings.embedding))
    try:
        with httpx.Client(base_url=address, timeout=60) as client:
            config = client.get("/ui/config").json()
            look = next(
                at
                for at, found in enumerate(config["dependencies"])
                if found["targets"][0][0] in preview_button(config)
            )
            kept = client.post("/ui/gradio_api/upload", files={"files": ("long.txt", text.encode())}).json()[0]
            file = {"path": kept, "meta": {"_type": "gradio.FileData"}, "orig_name": "long.txt"}
            with (
                client.stream("GET", "/ui/gradio_api/heartbeat/idle") as idle,
                client.stream("GET", "/ui/gradio_api/heartbeat/busy") as busy,
            ):
                beats = next(idle.iter_text()), next(busy.iter_text())
                assert all("ALIVE" in beat for beat in beats)
                body = {"data": [[file]], "fn_index": look, "session_hash": "busy"}
                assert client.post("/ui/gradio_api/queue/join", json=body).status_code == 200
                with client.stream("GET", "/ui/gradio_api/queue/data", params={"session_hash": "busy"}) as answer:
                    lines = answer.iter_lines()
                    assert any("process_starts" in line for line in lines)
                    process.send_signal(signal.SIGTERM)
                    told = time.monotonic()
                    done = [line for line in lines if "process_completed" in line]
                assert len(done) == 1
                assert "第6000条" in done[0]
                assert process.wait(20) == -signal.SIGTERM
                assert time.monotonic() - told < 20
    finally:
        process.kill()
        process.wait()


def preview_button(config: dict[str, object]) -> list[int]:
    """The ids of the buttons that preview an upload."""
    components = config["components"]
    assert isinstance(components, list)
    return [one["id"] for one in components if one["props"].get("value") == "预览目录"]


def test_without_the_page_no_gradio_is_imported(settings: Settings) -> None:
    seen = "import sys; from api import create_app; from settings import load_settings; create_app(load_settings())"
    ran = subprocess.run(
        [sys.executable, "-c", f"{seen}; print('gradio' in sys.modules)"],
        env={
            "PYTHONPATH": str(REPOSITORY),
            "WENCE_INDEX": str(settings.index),
            "WENCE_EMBEDDING": str(settings.embedding),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "False\n"
