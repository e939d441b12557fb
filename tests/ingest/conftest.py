from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.document import Document
from ingest.files import SourceText
from ingest.reader import parse, read

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT.parent / "shared" / "data" / "policies"


def read_words(text: str) -> Document:
    """A text as a document, without a file."""
    return parse(SourceText(file="样.txt", path=Path("样.txt"), sha256="0" * 64, text=text, encoding="utf-8"))


@pytest.fixture
def parse_text(tmp_path: Path) -> Callable[..., Document]:
    """Write a text to a file and read it."""

    def parse(text: str, name: str = "a.txt") -> Document:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return read(path)

    return parse
