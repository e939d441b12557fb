"""A conversation outlives a reload: the browser keeps it for its tab; whatever stands there, the page opens."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from assistant.answer import ask
from assistant.transcript import Exchange
from index.build import build
from index.embedding import open_embedding
from index.search import Searcher
from index.snapshot import open_snapshot
from service.access import KeyFile
from settings import Settings
from tests.web.test_history import SOURCE, UNKNOWN, made
from tests.web.test_page import Visit, address, browser, logged_in, start
from tests.web.test_page import pytestmark as needs_chromium
from web.html import conversation
from web.kept import Restored, kept, restored
from web.languages import ZH

__all__ = ["address", "browser"]  # fixtures
KNOWN = "首次入选的独角兽企业奖励多少？"
TURNS = "document.querySelectorAll('#conversation .turn').length"
STORED = "sessionStorage.getItem('wence')"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return made(tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module")
def searcher(settings: Settings) -> Searcher:
    return Searcher(open_snapshot(settings.index, open_embedding(None)))


@pytest.fixture(scope="module")
def talk(searcher: Searcher) -> tuple[Exchange, ...]:
    return tuple(Exchange(question=each, answer=ask(searcher, each)) for each in (KNOWN, UNKNOWN))


def test_what_is_kept_comes_back_as_it_was(talk: tuple[Exchange, ...], searcher: Searcher) -> None:
    assert restored(kept(talk, "甲"), "甲", searcher.snapshot) == Restored(exchanges=talk, gone=0)
    assert restored(kept(talk, "甲"), "乙", searcher.snapshot) == Restored(), "another visitor's"
    assert kept((), "甲") == ""


def test_what_cites_other_words_than_the_documents_is_left_out(talk: tuple[Exchange, ...], searcher: Searcher) -> None:
    known, unknown = talk
    cited = known.answer.citations[0]
    for wrong in (
        replace(cited, quote=cited.quote.replace("200", "900")),
        replace(cited, doc="nowhere"),
        replace(cited, start=-5),
        replace(cited, start=cited.end, end=cited.start),
        replace(cited, start=0, end=10**30),
    ):
        forged = Exchange(question="？", answer=replace(known.answer, citations=(wrong,)))
        found = restored(kept((forged, unknown), "甲"), "甲", searcher.snapshot)
        assert found == Restored(exchanges=(unknown,), gone=1), wrong


def test_the_newest_are_kept_where_there_is_no_room_for_all(talk: tuple[Exchange, ...], searcher: Searcher) -> None:
    long = replace(talk[1], question="问" * 600_000)
    text = kept((long, long, talk[0]), "甲")
    assert 600_000 < len(text) < 1_000_000
    assert restored(text, "甲", searcher.snapshot).exchanges == (long, talk[0])
    assert kept((replace(long, question="问" * 2_000_000),), "甲") == ""


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_anything_else_is_nothing(searcher: Searcher, value: object) -> None:
    assert restored(value, "甲", searcher.snapshot) == Restored()
    assert restored(json.dumps(value), "甲", searcher.snapshot) == Restored()
    record = {"version": 1, "who": "甲", "exchanges": value}
    assert restored(json.dumps(record), "甲", searcher.snapshot).gone == 0


def test_forged_words_are_shown_as_text(talk: tuple[Exchange, ...], searcher: Searcher) -> None:
    script = "<img src=x onerror=alert(1)>"
    forged = Exchange(
        question=script, answer=replace(talk[1].answer, text=f"{script}[{'9' * 5000}]", writer=script, citations=())
    )
    found = restored(kept((forged,), "甲"), "甲", searcher.snapshot)
    assert found.exchanges == (forged,)
    assert "<img" not in conversation(found.exchanges, ZH)


def reloaded(page: Page, turns: int) -> None:
    page.reload()
    page.wait_for_selector("#ask")
    page.wait_for_function(f"{TURNS} === {turns}")


@needs_chromium
def test_a_reload_loses_nothing_and_tabs_do_not_mix(browser: Browser, address: str) -> None:
    visit = Visit(browser, address)
    page = visit.page
    visit.ask(KNOWN)
    visit.ask(UNKNOWN)
    said = page.inner_text("#conversation")
    reloaded(page, 2)
    assert page.inner_text("#conversation") == said
    page.click("#conversation button.cite >> nth=0")
    assert "最高200万元" in page.inner_text("#source mark")
    page.click("text=导出 Markdown")
    page.wait_for_selector("#saved a")
    visit.ask(KNOWN)
    assert page.evaluate(TURNS) == 3
    other = visit.context.new_page()
    other.goto(address)
    other.wait_for_selector("#ask")
    other.wait_for_timeout(500)
    assert (other.evaluate(TURNS), other.evaluate(STORED)) == (0, None)
    page.goto(f"{address}/en/")
    page.wait_for_function(f"{TURNS} === 3")
    page.click("text=Clear")
    page.wait_for_function(f"{TURNS} === 0 && {STORED} === null")
    reloaded(page, 0)
    assert visit.errors == []
    visit.context.close()


@needs_chromium
@pytest.mark.parametrize(
    "stored",
    [
        "{",
        '{"version": 0, "talk": ["老样子"]}',
        '{"version": 1, "who": "本机", "exchanges": [{"question": "<img src=x onerror=alert(1)>", "answer": null}]}',
        "x" * 3_000_000,
    ],
    ids=["broken", "old", "hostile", "huge"],
)
def test_whatever_is_stored_the_page_opens_and_forgets_it(browser: Browser, address: str, stored: str) -> None:
    visit = Visit(browser, address)
    page = visit.page
    page.evaluate("stored => sessionStorage.setItem('wence', stored)", stored)
    page.reload()
    page.wait_for_selector("#ask")
    page.wait_for_function(f"{STORED} === null")
    assert page.locator(".toast-title").count() == 0
    visit.ask(KNOWN)
    reloaded(page, 1)
    assert visit.errors == []
    visit.context.close()


@needs_chromium
def test_a_changed_document_is_said_and_another_visitor_sees_nothing(browser: Browser, tmp_path: Path) -> None:
    settings = made(tmp_path)
    keys = KeyFile(settings.key_file)
    tokens = {name: keys.add(name, "reader") for name in ("one", "two")}
    where, process = start(settings)
    try:
        context, page = logged_in(browser, where, "one", tokens["one"])
        page.fill("#question textarea", KNOWN)
        page.click("#ask")
        page.wait_for_function(f"{STORED} !== null")
        mine = page.evaluate(STORED)
        text = SOURCE.read_text(encoding="utf-8")
        (tmp_path / SOURCE.name).write_text(f"{text[:200]}又及。{text[200:]}", encoding="utf-8")
        build([tmp_path / SOURCE.name], settings.index, embedding=open_embedding(None))
        page.reload()
        page.wait_for_selector("text=有 1 个回答所引的文件已改动")
        page.evaluate("mine => sessionStorage.setItem('wence', mine)", mine)
        page.click("text=退出")
        page.wait_for_url(f"{where}/login")
        assert page.evaluate(STORED) is None
        page.evaluate("mine => sessionStorage.setItem('wence', mine)", mine)  # a log-in that ran out forgets nothing
        page.fill("[name=name]", "two")
        page.fill("input[type=password]", tokens["two"])
        page.keyboard.press("Enter")
        page.wait_for_selector("#ask")
        page.wait_for_function(f"{STORED} === null")
        assert page.evaluate(TURNS) == 0
        context.close()
    finally:
        process.kill()
        process.wait()
