"""The first ten minutes on a machine of one's own: no setting is made, and each wrong step says the next."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from index.build import build
from index.embedding import open_embedding
from settings import Settings
from tests.web.test_page import REPOSITORY, Visit, browser, pytestmark, start

__all__ = ["browser", "pytestmark"]  # a fixture, and when to skip
RULES = "临河市图书馆管理办法\n\n第一条 为了方便读者，制定本办法。\n\n第二条 图书逾期不还的，每日收取0.1元。\n"
QUESTION = "图书逾期不还，每日收取多少元？"


def test_a_file_of_ones_own_is_added_asked_and_replied_from(browser: Browser, tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    build([REPOSITORY / "corpus" / "004_frontier_measures_press_qa.md"], settings.index, embedding=open_embedding(None))
    new = tmp_path / "图书馆.txt"
    new.write_text(RULES, encoding="utf-8")
    address, process = start(settings, WENCE_LIBRARY="")
    try:
        visit = Visit(browser, address)
        page = visit.page
        visit.tab(3)
        page.click("#upload button")
        page.click("button:text-is('入库')")
        page.wait_for_selector("text=还没有选文件")
        page.set_input_files("#files input[type=file]", str(new))
        page.wait_for_selector("#files :text('图书馆')")
        page.click("button:text-is('入库')")
        page.wait_for_selector("#document h2:has-text('临河市图书馆管理办法')")
        assert "临河市图书馆管理办法" in page.input_value("#documents input")
        assert [path.name for path in settings.uploads.iterdir()] == [new.name]
        visit.tab(2)
        page.click("#approve")
        page.wait_for_selector("text=还没有答复：先起草一份")
        page.fill("#letter textarea", QUESTION)
        page.click("#draft")
        page.wait_for_selector("#reply mark.gap")
        page.click("#approve")
        page.wait_for_selector("text=这份答复还没有存下")
        page.click("#keep")
        page.wait_for_selector("#kept-reply .reply")
        page.click("#approve")
        page.wait_for_selector("text=这份答复还没有审核")
        for button, steps in (("#review", 2), ("#approve", 3)):
            page.click(button)
            page.wait_for_function(f"document.querySelectorAll('#kept-reply .reply li:not([value])').length == {steps}")
        visit.tab(0)
        for _ in range(2):
            visit.ask(QUESTION)
            assert "本答复由本机于" in page.inner_text("#conversation .turn >> nth=-1")
        assert page.locator("#conversation .understood").count() == 0
        assert visit.errors == []
        visit.context.close()
    finally:
        process.kill()
        process.wait()
