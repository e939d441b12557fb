"""Files that are read in a process of their own: what comes back, and what becomes of those that never end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from errors import IngestError
from index.build import build
from index.embedding import open_embedding
from ingest.formats import apart, docx, format_named, html, ofd, pdf, wire
from ingest.reader import read
from service.desk import Desk
from service.shelf import Shelf, Upload
from settings import Settings
from tests.fixtures.hostile import endless_pdf
from tests.fixtures.ofd import ofd as ofd_of
from tests.fixtures.pdf import pdf as pdf_of
from tests.fixtures.policy import MEASURES, NOTICE, POLICIES
from tests.fixtures.web import site
from tests.fixtures.word import docx as docx_of

LIMIT = 0.5


@pytest.fixture
def endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(apart, "MAX_SECONDS", LIMIT)
    path = tmp_path / "endless.pdf"
    path.write_bytes(endless_pdf())
    return path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that are started from now on, and none before."""
    made: list[subprocess.Popen[bytes]] = []

    class Recorded(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            made.append(self)

    apart._pool(os.getpid()).close()
    monkeypatch.setattr(subprocess, "Popen", Recorded)
    return made


def refusal(path: Path) -> str:
    with pytest.raises(IngestError) as caught:
        read(path)
    return str(caught.value)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_what_comes_back_is_what_the_reader_found(policy: Any) -> None:
    for kind, reader, data in (("PDF", pdf.read, pdf_of(policy)), ("OFD", ofd.read, ofd_of(policy))):
        known = format_named(kind)
        assert known is not None
        assert known.read(data, "a") == reader(data, "a")
    for extract in (html.read(site(policy), "a"), docx.read(docx_of(policy), "a")):
        assert wire.load(wire.dump(extract)) == extract


def test_a_page_that_never_ends_is_given_up(endless: Path, tmp_path: Path) -> None:
    good = tmp_path / "good.pdf"
    good.write_bytes(pdf_of(NOTICE))
    read(good)
    begun = time.monotonic()
    assert refusal(endless) == f"PDF 第 2 页读了 0.5 秒还没有读完：{endless}；请重新导出，或拆分后再读。"
    assert LIMIT <= time.monotonic() - begun < LIMIT + 5
    assert read(good).title == NOTICE.title


def test_the_others_are_read_meanwhile(endless: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MAX_SECONDS", 2.0)
    good = tmp_path / "good.pdf"
    good.write_bytes(pdf_of(NOTICE))
    with ThreadPoolExecutor(2) as pool:
        hanging = pool.submit(refusal, endless)
        assert pool.submit(read, good).result().title == NOTICE.title
        assert not hanging.done()
        assert "读了 2 秒" in hanging.result()


def test_a_build_and_uploads_go_on_without_it(endless: Path, tmp_path: Path) -> None:
    (tmp_path / "good.pdf").write_bytes(pdf_of(MEASURES))
    settings = Settings(index=tmp_path / "index", library=tmp_path / "library")
    report = build([tmp_path], settings.index, embedding=open_embedding(None))
    assert (report.documents, [one.file for one in report.failed]) == (1, ["endless.pdf"])
    assert "第 2 页读了 0.5 秒还没有读完" in report.failed[0].error
    shelf = Shelf(settings.library, Desk(settings, None, warm=False))
    with pytest.raises(IngestError) as caught:
        shelf.preview(Upload(name="来件.pdf", data=endless.read_bytes()))
    assert str(caught.value) == "PDF 第 2 页读了 0.5 秒还没有读完：来件.pdf；请重新导出，或拆分后再读。"


def test_a_reader_that_crashes_ends_in_one_line(
    endless: Path, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "MAX_SECONDS", 60.0)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(refusal, endless)
        while not started:
            time.sleep(0.01)
        time.sleep(0.2)
        started[0].send_signal(signal.SIGSEGV)
        assert "读取时程序崩溃或内存不够" in reading.result(timeout=30)


def test_an_interrupt_ends_the_reading(
    endless: Path, started: list[subprocess.Popen[bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(apart, "MAX_SECONDS", 60.0)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.8)
        with pytest.raises(KeyboardInterrupt):
            read(endless)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert [process.poll() is not None for process in started] == [True]
    endless.write_bytes(pdf_of(NOTICE))
    assert read(endless).title == NOTICE.title


def test_one_process_reads_many_files_and_another_takes_its_place(
    tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf_of(NOTICE))
    read(path)
    read(path)
    [first] = started
    first.kill()
    first.wait()
    assert read(path).title == NOTICE.title
    assert len(started) == 2


def test_what_no_reader_foresees_is_one_line() -> None:
    with pytest.raises(IngestError) as caught:
        apart.read("PDF", "nothing", b"", "某.pdf")
    assert str(caught.value).startswith("PDF 文件读取时出错（ModuleNotFoundError: ")
    assert str(caught.value).endswith("）：某.pdf；请换一种格式另存，或把文件发给维护者。")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bound less")
def test_the_process_writes_nothing_and_has_bounded_memory(tmp_path: Path) -> None:
    code = (
        "from ingest.formats import apart; apart._confine()\n"
        "import os; file = os.open('a.txt', os.O_WRONLY | os.O_CREAT)\n"
        "try: os.write(file, b'a')\n"
        "except OSError as error: print(error.strerror)\n"
        "try: bytearray(apart.MAX_MEMORY)\n"
        "except MemoryError: print('no memory')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout.split("\n") == ["File too large", "no memory", ""]
    assert (tmp_path / "a.txt").stat().st_size == 0
