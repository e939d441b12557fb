from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.document import Document
from ingest.reader import read

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT.parent / "shared" / "data" / "policies"


@pytest.fixture
def parse_text(tmp_path: Path) -> Callable[..., Document]:
    """Write a text to a file and read it."""

    def parse(text: str, name: str = "a.txt") -> Document:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return read(path)

    return parse
