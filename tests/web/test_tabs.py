"""Each tab in a real browser, in both languages, light and dark, on three widths: what can be asserted of its looks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from settings import Settings
from tests.web.test_page import REPOSITORY, Visit, address, browser, pytestmark, settings, start

__all__ = ["address", "browser", "pytestmark", "settings"]  # fixtures, and when to skip
TABS = ("ask", "firms", "draft", "library", "eval")
WIDTHS = (1280, 768, 360)
LOOKS = (("/", False), ("/", True), ("/en/", False), ("/en/", True))
KNOWN = "首次入选的独角兽企业奖励多少？"
QUESTIONS = {
    "/": (KNOWN, "北京市对量子企业有什么补贴？"),
    "/en/": ("How much is the award for a unicorn selected for the first time?", "What subsidies does Beijing give?"),
}
PROFILE = "张江一家细胞治疗初创企业，有高新技术企业资质，需要资金和场地"
FOREIGN = {  # what no word of a page in this language has; names of formats are the same in both
    "/": re.compile(r"(?!Markdown|Word|Excel)\b(?<!\.)[A-Za-z]{3,}"),
    "/en/": re.compile("[\u3400-\u9fff]"),
}
# Text whose right end nobody can see: it stands beyond the window, and nothing around it can be scrolled.
CUT_OFF = """() => {
  const out = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    if (range.getBoundingClientRect().right <= innerWidth + 1) continue;
    let around = element;
    while (around && !/auto|scroll/.test(getComputedStyle(around).overflowX)) around = around.parentElement;
    if (!around && !element.closest('.visually-hidden')) out.push(node.data.trim());
  }
  return out;
}"""
# What the page itself says, apart from what stands in documents, questions and files.
SAID = """(chinese) => {
  const own = chinese
    ? '.asked, .answer p, .answer li, .source, .document, .gallery-item, #saved, [lang=en]'
    : '[lang=zh-CN]:not(html), .gallery-item';
  const out = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (element.closest(own) || element.closest('script, style') || !element.checkVisibility()) continue;
    if (node.nodeType === Node.TEXT_NODE) out.push(node.data.trim());
    else out.push(...['placeholder', 'aria-label', 'title', 'alt'].map((name) => element.getAttribute(name) || ''));
  }
  return [...new Set(out.filter(Boolean))];
}"""


# Whether somebody who uses the keyboard sees where they are.
FOCUSED = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
}"""


@pytest.fixture(scope="module")
def visits(browser: Browser, address: str) -> Iterator[dict[tuple[str, bool], Visit]]:
    made = {(path, dark): Visit(browser, address, path=path, dark=dark) for path, dark in LOOKS}
    yield made
    for visit in made.values():
        visit.context.close()


def filled(visit: Visit, name: str, path: str) -> None:
    """The tab with everything on it that it can show."""
    page = visit.page
    visit.tab(TABS.index(name))
    if name == "ask":
        for question in QUESTIONS[path]:
            visit.ask(question)
        page.click(".talk button[data-good='0'] >> nth=0")
        page.wait_for_selector("#expected")
        page.click("#conversation button.cite >> nth=0")
        page.wait_for_selector("#source mark")
    elif name == "firms":
        page.fill("#firm textarea", PROFILE)
        page.click("#match")
        page.click("#matches button.cite >> nth=0")
        page.wait_for_selector("#firm-source mark")
    elif name == "draft":
        page.fill("#letter textarea", KNOWN)
        page.click("#draft")
        page.click("#reply button.cite >> nth=0")
        page.wait_for_selector("#draft-source mark")
        page.click("#keep")
        page.wait_for_selector("#kept-reply .reply")
    elif name == "library":
        page.wait_for_selector("#document .tree")
        page.click("#upload button")
        page.wait_for_selector("#files")


@pytest.mark.parametrize("name", TABS)
@pytest.mark.parametrize(("path", "dark"), LOOKS, ids=["zh-light", "zh-dark", "en-light", "en-dark"])
def test_a_tab_fits_is_translated_and_can_be_used_by_everybody(
    visits: dict[tuple[str, bool], Visit], name: str, path: str, dark: bool
) -> None:
    visit = visits[path, dark]
    page = visit.page
    filled(visit, name, path)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(50)
        assert page.locator("[role=tab]:visible").count() == len(TABS)
        assert page.evaluate("document.documentElement.scrollWidth") <= width + 1
        assert (width, page.evaluate(CUT_OFF)) == (width, [])
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.evaluate("document.documentElement.lang") == ("zh-CN" if path == "/" else "en")
    said = page.evaluate(SAID, path == "/")
    assert len(said) > 10
    assert [words for words in said if FOREIGN[path].search(words)] == []
    page.wait_for_timeout(300)  # what is being replaced is faint for a moment
    assert visit.faults() == []
    if dark is (path == "/"):
        walked(page)
    assert visit.errors == []


def walked(page: Page) -> None:
    """Go through the tab by keyboard."""
    page.focus("[role=tab][aria-selected=true]")
    reached = 0
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        assert page.evaluate(FOCUSED), page.evaluate("document.activeElement.outerHTML")[:200]
        reached += 1
    assert reached > 3


def test_tabs_have_addresses(browser: Browser, address: str) -> None:
    visit = Visit(browser, address)
    page = visit.page
    chosen = "document.querySelector('[role=tab][aria-selected=true]')?.dataset.tabId"
    visit.tab(3)
    visit.tab(1)
    assert page.url == f"{address}/#firms"
    page.go_back()
    page.wait_for_function(f"{chosen} === 'library'")
    page.reload()
    page.wait_for_function(f"{chosen} === 'library'")
    page.click(".wence-head a")
    page.wait_for_url(f"{address}/en/#library")
    page.wait_for_function(f"{chosen} === 'library'")
    visit.context.close()


def test_a_phone_goes_to_the_source_and_back_as_often_as_it_likes(browser: Browser, address: str) -> None:
    visit = Visit(browser, address, width=360)
    page = visit.page
    visit.ask(KNOWN)
    for _ in range(2):
        page.click("#conversation button.cite >> nth=0")
        page.wait_for_function("document.querySelector('.source mark')?.getBoundingClientRect().bottom <= innerHeight")
        page.click("[data-back]")
        page.wait_for_function("document.activeElement.matches('#conversation button.cite')")
        assert page.evaluate("document.activeElement.getBoundingClientRect().top") > 0
    visit.context.close()


def test_a_keyboard_alone_asks_opens_a_source_and_comes_back(browser: Browser, address: str) -> None:
    visit = Visit(browser, address)
    page = visit.page
    focused = "document.activeElement.matches"

    def to(selector: str, key: str = "Tab") -> None:
        for _ in range(30):
            if page.evaluate(f"{focused}({selector!r})"):
                return
            page.keyboard.press(key)
        raise AssertionError(f"{selector} is not reached")

    to("#question textarea")
    page.wait_for_timeout(300)
    page.keyboard.type(KNOWN)
    page.keyboard.press("Enter")
    page.wait_for_selector("#conversation .answer:not(.coming) button.cite")
    to("#conversation button.cite", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_function(f"{focused}('#source .passage')")
    to("[data-back]")
    page.keyboard.press("Enter")
    page.wait_for_function(f"{focused}('#conversation button.cite')")
    assert visit.errors == []
    visit.context.close()


def test_a_click_while_the_server_is_gone_is_answered(browser: Browser, settings: Settings) -> None:
    where, process = start(settings)
    try:
        visit = Visit(browser, where)
        page = visit.page
        process.kill()
        process.wait()
        page.fill("#question textarea", KNOWN)
        page.click("#ask")
        page.wait_for_selector("[role=alert]:has-text('连不上服务')")
        environment = {"WENCE_INDEX": str(settings.index), "PYTHONPATH": str(REPOSITORY), "PATH": os.environ["PATH"]}
        again = [sys.executable, "-c", "import cli; cli.main()", "ui", "--port", where.rsplit(":", 1)[1]]
        with page.expect_event("load", timeout=60_000):
            process = subprocess.Popen(again, env=environment, stderr=subprocess.DEVNULL)
        page.wait_for_selector("#ask")
        visit.ask(KNOWN)
        visit.context.close()
    finally:
        process.kill()
        process.wait()


def test_a_written_reply_is_not_lost_unasked(browser: Browser, address: str) -> None:
    visit = Visit(browser, address)
    page = visit.page
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    visit.tab(2)
    page.fill("#letter textarea", KNOWN)
    page.click("#draft")
    page.wait_for_selector("#reply mark.gap")
    page.reload()
    page.wait_for_selector("#letter:visible")
    assert asked == []
    page.click("#editor textarea")
    page.keyboard.type("甲")
    page.reload()
    assert asked == ["beforeunload"]
    visit.context.close()
