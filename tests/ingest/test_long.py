"""Texts of one thing many times over: the time grows as they do, not as its square or worse."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from ingest.chunks import chunk
from ingest.coverage import coverage
from ingest.files import SourceText
from ingest.reader import parse
from tests.ingest.laws import check_partition

SECONDS = 15  # each takes less than one on a machine that does nothing else, and minutes where a rule is careless


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    def overrun(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, overrun)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    "text",
    [
        f"甲{' ' * 80_000}乙",
        f"甲{'　' * 80_000}乙",
        f"- {' ' * 80_000}",
        f"第{' ' * 80_000}条",
        f"联系电话{'政策' * 80_000}乙",
        "附件\n" * 15_000,
        "问：怎么办？\n答：这样办。\n" * 10_000,
        "（" * 100_000,
        "《" * 100_000,
        "|" * 100_000,
        "—" * 100_000,
        "1." * 50_000,
    ],
    ids=lambda text: text[:2],
)
def test_a_long_text_is_read_in_time(text: str) -> None:
    document = parse(SourceText(file="a.txt", path=Path("a.txt"), sha256="", text=text, encoding="utf-8"))
    check_partition(document)
    chunk(document)
    assert coverage(document).kept == 1.0
