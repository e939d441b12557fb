"""Requests made from the OpenAPI description: whatever is sent, the server answers and does not break."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from index.build import build
from index.embedding import open_embedding
from settings import Settings
from tests.index.conftest import PARKS, STUDIO, WATER, model_dir
from tests.service.test_server import serving

__all__ = ["model_dir"]  # a fixture


@pytest.fixture(scope="module")
def api_schema(tmp_path_factory: pytest.TempPathFactory, model_dir: Path) -> Iterator[object]:
    folder = tmp_path_factory.mktemp("openapi")
    for name, text in (("a.txt", WATER), ("b.md", PARKS), ("c.txt", STUDIO)):
        (folder / name).write_text(text, encoding="utf-8")
    made = Settings(index=folder / "index", embedding=str(model_dir), library=folder / "uploads")
    paths = [folder / name for name in ("a.txt", "b.md", "c.txt")]
    build(paths, made.index, embedding=open_embedding(str(model_dir)))
    with serving(made) as (address, _):
        yield schemathesis.openapi.from_url(f"{address}/openapi.json")


def statuses_of(operation: Any) -> set[int]:
    """What the server answers to requests made from one operation's description."""
    statuses: set[int] = set()

    @settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def send(case: schemathesis.Case) -> None:
        response = case.call()
        assert response.status_code < 500, response.text
        statuses.add(response.status_code)

    send()
    return statuses


def test_no_request_breaks_the_server(api_schema: Any) -> None:
    operations = [result.ok() for result in api_schema.get_all_operations()]
    seen = {operation.label: statuses_of(operation) for operation in operations}
    assert len(seen) == 25
    assert {200, 422} <= set().union(*seen.values())
    assert [label for label, statuses in seen.items() if not statuses] == []
