from __future__ import annotations

from pathlib import Path

import pytest

from index.build import build
from index.embedding import Embedding, open_embedding
from tests.eval.cases import CORPUS


@pytest.fixture(scope="session")
def embedding() -> Embedding:
    return open_embedding()


@pytest.fixture(scope="session")
def corpus_index(embedding: Embedding, tmp_path_factory: pytest.TempPathFactory) -> Path:
    index = tmp_path_factory.mktemp("corpus-index")
    build([CORPUS], index, embedding=embedding, processes=1)
    return index
