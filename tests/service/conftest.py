"""The HTTP application over a real index of three small documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import create_app
from index.build import build
from index.embedding import open_embedding
from settings import Settings
from tests.index.conftest import library, model_dir

__all__ = ["library", "model_dir"]  # fixtures


@pytest.fixture
def settings(tmp_path: Path, library: Path, model_dir: Path) -> Settings:
    made = Settings(
        index=tmp_path / "index", embedding=str(model_dir), library=tmp_path / "uploads", rate="1000/minute"
    )
    build([library], made.index, embedding=open_embedding(made.embedding))
    return made


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with client_of(settings) as opened:
        yield opened


def client_of(settings: Settings) -> TestClient:
    """Speaks to the application as a browser on this machine would; what breaks inside comes back as a status."""
    return TestClient(create_app(settings), base_url="http://127.0.0.1:7861", raise_server_exceptions=False)
