"""What is asked on the page stands in the history, once, with who asked."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from assistant.approved import Approved
from assistant.audit import History
from assistant.draft import draft
from index.build import build
from index.embedding import open_embedding
from index.search import Searcher
from index.snapshot import open_snapshot
from service.access import KeyFile
from settings import Settings
from tests.web.test_page import REPOSITORY, Visit, browser, logged_in, pytestmark, start

__all__ = ["browser", "pytestmark"]  # a fixture, and when to skip
SOURCE = REPOSITORY / "corpus" / "004_frontier_measures_press_qa.md"
QUESTION = "首次入选的独角兽企业奖励多少？"
UNKNOWN = "北京市对量子企业有什么补贴？"


def made(folder: Path) -> Settings:
    settings = Settings(index=folder / "index", library=folder / "uploads")
    build([SOURCE], settings.index, embedding=open_embedding(None))
    return settings


def test_each_question_of_the_page_is_recorded_once(browser: Browser, tmp_path: Path) -> None:
    settings = made(tmp_path)
    searcher = Searcher(open_snapshot(settings.index, open_embedding(None)))
    approved = Approved(settings.approved_file)
    approved.save(draft(searcher, QUESTION), searcher.snapshot, "甲")
    approved.advance(1, "reviewed", "乙")
    approved.advance(1, "approved", "丙")
    address, process = start(settings, WENCE_AUDIT="full")
    try:
        visit = Visit(browser, address)
        visit.ask(QUESTION)
        assert "本答复由丙于" in visit.page.inner_text(".talk .turn >> nth=0")
        visit.ask(UNKNOWN)
        visit.context.close()
    finally:
        process.kill()
        process.wait()
    history = History(settings.audit_file)
    assert history.verify() is None
    assert [(record.who, record.question) for record in history.records()] == [("本机", QUESTION), ("本机", UNKNOWN)]


def test_a_visitor_is_named_by_the_key(browser: Browser, tmp_path: Path) -> None:
    settings = made(tmp_path)
    token = KeyFile(settings.key_file).add("reader one", "reader")
    address, process = start(settings, WENCE_AUDIT="full")
    try:
        context, page = logged_in(browser, address, "reader one", token)
        page.fill("#question textarea", QUESTION)
        page.click("#ask")
        page.wait_for_selector(".talk .answer:not(.coming)")
        context.close()
    finally:
        process.kill()
        process.wait()
    assert [(record.who, record.question) for record in History(settings.audit_file).records()] == [
        ("reader one", QUESTION)
    ]
