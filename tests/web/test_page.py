"""The page in a real browser: what a visitor does on each tab, in both languages, light and dark, phone and desktop."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from docx import Document as open_word
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from index.build import build
from index.embedding import open_embedding
from service.access import KeyFile
from settings import Settings

REPOSITORY = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium on this machine")
QUESTION = "首次入选的独角兽企业奖励多少？"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("page")
    made = Settings(index=folder / "index", library=folder / "uploads")
    build([REPOSITORY / "corpus"], made.index, embedding=open_embedding(None))
    return made


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def start(
    settings: Settings, *command: str, log: int | IO[bytes] = subprocess.DEVNULL, **more: str
) -> tuple[str, subprocess.Popen[bytes]]:
    """`wence ui`, or another `command`, on a free port; its address once it is ready."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONPATH": str(REPOSITORY),
        "WENCE_INDEX": str(settings.index),
        "WENCE_LIBRARY": str(settings.library),
        **more,
    }
    program = [sys.executable, "-c", "import cli; cli.main()", *(command or ("ui",)), "--port", str(port)]
    process = subprocess.Popen(program, env=environment, stderr=log)
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            if httpx.get(f"{address}/ready", timeout=5).status_code == 200:
                return address, process
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    process.kill()
    raise AssertionError("the page did not start in a minute")


@pytest.fixture(scope="module")
def address(settings: Settings) -> Iterator[str]:
    where, process = start(settings)
    yield where
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


class Visit:
    """A page that remembers every request it made and every error it logged."""

    def __init__(
        self, browser: Browser, address: str, *, path: str = "/", dark: bool = False, width: int = 1280
    ) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", accept_downloads=True
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(address + path)
        self.page.wait_for_selector("#ask")

    def ask(self, question: str) -> None:
        before = self.page.locator("#conversation .answer").count()
        for _ in range(40):  # a panel that has just been opened may put back what it held before
            self.page.fill("#question textarea", question)
            self.page.wait_for_timeout(100)
            if self.page.input_value("#question textarea") == question:
                break
        self.page.click("#ask")
        self.page.wait_for_function(
            f"document.querySelectorAll('#conversation .answer:not(.coming)').length == {before + 1}"
        )

    def tab(self, at: int) -> None:
        self.page.click(f"button[role=tab] >> nth={at}")
        self.page.wait_for_timeout(400)  # what is typed before the panel is there is lost

    def faults(self) -> list[str]:
        found: Any = Axe().run(self.page).response
        return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found["violations"]]


def logged_in(browser: Browser, address: str, name: str, token: str) -> tuple[BrowserContext, Page]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    page.fill("[name=name]", name)
    page.fill("input[type=password]", token)
    page.keyboard.press("Enter")
    page.wait_for_selector("#ask", timeout=20_000)
    return context, page


@pytest.mark.parametrize(
    ("path", "dark", "width"),
    [("/", False, 1280), ("/", True, 390), ("/en/", True, 1280), ("/en/", False, 390)],
    ids=["zh-light-desktop", "zh-dark-phone", "en-dark-desktop", "en-light-phone"],
)
def test_ask_and_open_the_source(browser: Browser, address: str, path: str, dark: bool, width: int) -> None:
    visit = Visit(browser, address, path=path, dark=dark, width=width)
    page = visit.page
    visit.ask(QUESTION)
    assert "最高200万元" in page.inner_text(".talk .answer")
    page.click(".talk button.cite >> nth=0")
    assert "最高200万元" in page.inner_text(".source mark")
    assert page.locator(".source mark").first.is_visible()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width + 1, "nothing makes a reader scroll sideways"
    assert visit.faults() == []
    assert [url for url in visit.requests if not url.startswith((address, "data:", "blob:"))] == []
    assert visit.errors == []
    visit.context.close()


def test_the_whole_way_by_keyboard(browser: Browser, address: str) -> None:
    visit = Visit(browser, address)
    page = visit.page
    page.focus("#question textarea")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector(".talk .answer")
    page.focus(".talk button.cite >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_selector(".source mark")
    visit.context.close()


def test_a_refusal_a_follow_up_an_export_and_a_report(browser: Browser, address: str, settings: Settings) -> None:
    visit = Visit(browser, address)
    page = visit.page
    visit.ask("上海市未来产业到2030年产值目标是多少？")
    visit.ask("那2035年呢？")
    assert "按此理解" in page.inner_text(".talk .turn >> nth=1")
    visit.ask("北京市对量子企业有什么补贴？")
    assert "没有找到依据" in page.inner_text(".talk .refusal")
    with page.expect_download() as download:
        page.click("text=导出 Markdown")
        page.click("#saved a >> nth=0")
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text.count("## ") == 3
    page.click(".talk button[data-good='0'] >> nth=2")
    page.fill("#expected textarea, #expected input", "文件没有规定")
    page.click("#report")
    candidates = settings.index.with_name("index.candidates.jsonl")
    for _ in range(100):
        if candidates.exists():
            break
        page.wait_for_timeout(100)
    assert "北京市对量子企业有什么补贴" in candidates.read_text(encoding="utf-8")
    visit.context.close()


def test_hostile_questions_are_shown_as_text(browser: Browser, address: str) -> None:
    visit = Visit(browser, address)
    visit.ask("<img src=x onerror=window.hacked=1><b>补贴</b>[点](javascript:window.hacked=1)")
    assert visit.page.evaluate("window.hacked") is None
    assert visit.page.locator(".talk img").count() == 0
    assert "<b>补贴</b>" in visit.page.inner_text(".talk .asked")
    visit.ask("\x1b[31m补贴\u202e多少\x07")
    assert "\u202e" not in visit.page.inner_text(".talk")
    visit.page.fill("#question textarea", "问" * 400_000)  # more than a megabyte
    visit.page.click("#ask")
    visit.page.wait_for_selector("text=超过 4000 字")
    visit.ask(QUESTION)
    assert "最高200万元" in visit.page.inner_text(".talk .answer >> nth=-1")
    visit.context.close()


def test_documents_are_shown_looked_at_added_and_removed(
    browser: Browser, address: str, tmp_path: Path, settings: Settings
) -> None:
    new = tmp_path / "临河市图书馆办法.txt"
    new.write_text(
        "临河市图书馆管理办法\n\n第一条 图书馆每周开放六天。\n第二条 逾期还书的，每日收取0.1元。\n", encoding="utf-8"
    )
    visit = Visit(browser, address)
    page = visit.page
    visit.tab(3)
    page.wait_for_selector("#document .tree")
    assert "浦科经委〔2023〕129号" in page.inner_text("#document")
    assert "重复语句 24" in page.inner_text("#document dl >> nth=1")
    graph = page.get_by_role("img", name="与其他文件的关系")
    assert "同文 001_pudong" in (graph.get_attribute("aria-label") or "")
    assert visit.faults() == []
    page.focus("#document button[data-doc] >> nth=-1")
    page.keyboard.press("Enter")
    page.wait_for_selector("#document .ties :text('000_pudong')")
    page.click("#upload button")
    page.set_input_files("#files input[type=file]", str(new))
    page.wait_for_selector("#files :text('图书馆')")
    page.click("text=预览目录")
    page.wait_for_selector("#document :text('临河市图书馆管理办法')")
    assert not (settings.library and settings.library.exists() and list(settings.library.iterdir()))
    page.click("button:text-is('入库')")
    page.wait_for_selector("text=新增 1 份，更新 0 份，移除 0 份")
    page.wait_for_selector("#document h2:has-text('临河市图书馆管理办法')")
    assert page.inner_text(".toast-title") == "已办好"
    assert settings.library is not None
    assert [path.name for path in settings.library.iterdir()] == [new.name]
    visit.tab(0)
    visit.ask("图书馆逾期还书每日收取多少元？")
    assert "0.1元" in page.inner_text(".talk .answer >> nth=-1")
    visit.context.close()


@pytest.mark.parametrize(
    ("path", "title", "line"),
    [("/", "没有办成", "企业情况是空的"), ("/en/", "Not done", "Nothing is said about the firm")],
    ids=["zh", "en"],
)
def test_what_goes_wrong_is_said_in_the_language_of_the_page(
    browser: Browser, address: str, path: str, title: str, line: str
) -> None:
    visit = Visit(browser, address, path=path)
    page = visit.page
    visit.tab(1)
    page.click("#match")  # with nothing typed
    page.wait_for_selector(f".toast-message-text:has-text('{line}')")
    assert page.inner_text(".toast-title") == title
    page.click(".toast-close")
    visit.tab(3)
    page.click("#upload button")
    page.click("text=预览目录" if path == "/" else "text=Preview the outline")  # with no file chosen
    page.wait_for_selector(
        ".toast-message-text:has-text('还没有选文件')" if path == "/" else ".toast-message-text:has-text('no file yet')"
    )
    assert "浦科经委〔2023〕129号" in page.inner_text("#document")
    visit.context.close()


@pytest.mark.parametrize(("path", "dark", "width"), [("/", False, 1280), ("/en/", True, 390)], ids=["zh", "en-phone"])
def test_a_firm_sees_what_applies_and_opens_the_source(
    browser: Browser, address: str, path: str, dark: bool, width: int
) -> None:
    visit = Visit(browser, address, path=path, dark=dark, width=width)
    page = visit.page
    visit.tab(1)
    page.fill("#firm textarea", "张江一家细胞治疗初创企业<b>，有高新技术企业资质，需要资金和场地")
    page.click("#match")
    page.wait_for_selector("#matches button.cite")
    assert "浦科经委〔2023〕129号" in page.inner_text("#matches")
    page.click("#matches button.cite >> nth=0")
    page.wait_for_selector("#firm-source mark")
    every = page.locator("#matches .answer").count()
    page.focus("#measure input")  # by keyboard alone
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.wait_for_function(f"document.querySelectorAll('#matches .answer').length < {every}")
    of_measure = page.locator("#matches .answer").count()
    assert of_measure > 0
    page.focus("#of-document input")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.wait_for_function(f"document.querySelectorAll('#matches .answer').length < {of_measure}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width + 1
    assert visit.faults() == []
    assert visit.errors == []
    visit.context.close()


@pytest.mark.parametrize(("path", "dark", "width"), [("/", False, 1280), ("/en/", True, 390)], ids=["zh", "en-phone"])
def test_a_reply_is_drafted_edited_kept_approved_and_given_again(
    browser: Browser, address: str, path: str, dark: bool, width: int
) -> None:
    visit = Visit(browser, address, path=path, dark=dark, width=width)
    page = visit.page
    question = QUESTION if path == "/" else "领跑计划是什么内容？"
    visit.tab(2)
    page.fill("#letter textarea", question)
    page.click("#draft")
    page.wait_for_selector("#reply mark.gap")
    assert page.locator("#reply mark.gap").count() >= 2
    page.click("#reply button.cite >> nth=0")
    page.wait_for_selector("#draft-source mark")
    text = page.input_value("#editor textarea")
    page.fill("#editor textarea", f"{text}\n\n另可申请贴息77万元<b>。")
    page.wait_for_selector("#reply .refusal :text('另可申请贴息77万元<b>')")
    page.fill("#editor textarea", text.replace("【待核实：署名】", "浦东新区某局"))
    page.wait_for_selector("#reply p:text('浦东新区某局')")
    assert page.locator("#reply .refusal").count() == 0
    with page.expect_download() as download:
        page.click("#reply-docx")
        page.click("#saved-reply a >> nth=0")
    assert "浦东新区某局" in [paragraph.text for paragraph in open_word(str(download.value.path())).paragraphs]
    page.fill("#your-name input, #your-name textarea", "李明")
    page.click("#keep")
    page.wait_for_selector("#kept-reply .reply :text('李明')")
    for button, steps in (("#review", 2), ("#approve", 3)):
        page.click(button)
        page.wait_for_function(f"document.querySelectorAll('#kept-reply .reply li:not([value])').length == {steps}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width + 1
    page.wait_for_timeout(500)  # what is being replaced is faint for a moment
    assert visit.faults() == []
    page.fill("#find-replies input, #find-replies textarea", question[:6])
    page.keyboard.press("Enter")
    page.click("#replies input")
    page.wait_for_selector(f"#replies [role=option]:has-text('{question}')")
    page.keyboard.press("Escape")
    visit.tab(0)
    visit.ask(question)
    assert "由李明于" in page.inner_text("#conversation .note")
    assert visit.errors == []
    visit.context.close()


def test_the_evaluation_runs(browser: Browser, address: str) -> None:
    visit = Visit(browser, address)
    page = visit.page
    visit.tab(4)
    page.click("#run")
    page.wait_for_selector("#report-frame iframe", timeout=60_000)
    frame = page.frame_locator("#report-frame iframe")
    assert "答对" in frame.locator("body").inner_text()
    assert visit.faults() == []
    visit.context.close()


def test_with_keys_a_visitor_logs_in_and_does_what_the_role_allows(
    browser: Browser, tmp_path: Path, settings: Settings
) -> None:
    made = Settings(index=tmp_path / "index", library=tmp_path / "uploads")
    build([REPOSITORY / "corpus" / "004_frontier_measures_press_qa.md"], made.index, embedding=open_embedding(None))
    token = KeyFile(made.key_file).add("reader one", "reader")
    address, process = start(made)
    try:
        assert httpx.get(f"{address}/config", follow_redirects=True).status_code == 401
        context, page = logged_in(browser, address, "reader one", token)
        page.click("button[role=tab] >> nth=4")
        page.click("#run")
        page.wait_for_selector("text=您的角色不能做这件事")
        page.click("button[role=tab] >> nth=2")
        assert not page.is_visible("#your-name")
        page.fill("#letter textarea", QUESTION)
        page.click("#draft")
        page.wait_for_selector("text=您的角色不能做这件事 >> nth=1")
        context.close()
    finally:
        process.kill()
        process.wait()
