"""What commands print, whatever the documents are called and hold."""

from __future__ import annotations

import io
import sys

import pytest

from service.terminal import plain, print_plain, progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_file_name_in_brackets_is_a_name_on_the_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("TERM", "xterm")
    with progress("读取") as told:
        assert told is not None
        told(1, 2, "[/b]目录[红].md")
    assert "读取 [/b]目录[红].md" in shown.getvalue()


def test_there_is_no_progress_bar_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("读取") as told:
        assert told is None
    assert capsys.readouterr() == ("", "")


def test_a_line_has_nothing_that_a_terminal_obeys() -> None:
    assert plain("一\x1b[31m　二\u202e\xa0三\x07\r") == "一[31m　二\xa0三"


def test_a_text_ends_in_one_line_end(capsys: pytest.CaptureFixture[str]) -> None:
    print_plain("一\x07\r\n二\n\n")
    assert capsys.readouterr().out == "一\n二\n"
