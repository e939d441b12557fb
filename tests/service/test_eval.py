"""The known-answer set over HTTP: the corpus that it asks about, and an index that it does not fit."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api import create_app
from errors import BusyError
from eval import gate
from eval.gate import BASELINE
from eval.questions import drawn, load, shipped
from eval.report import summary
from eval.run import run
from index.build import build
from index.embedding import open_embedding
from index.search import Searcher
from index.snapshot import open_snapshot
from service.desk import Desk
from service.trials import Trials
from settings import Settings
from tests.service.conftest import client_of

CORPUS = Path(__file__).parents[2] / "corpus"
NUMBERS = {"share": 0.05, "types": ["number"]}


@pytest.fixture(scope="module")
def corpus_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(index=tmp_path_factory.mktemp("eval") / "index")
    build([CORPUS], made.index, embedding=open_embedding(None))
    return made


@pytest.fixture
def corpus_client(corpus_settings: Settings) -> Iterator[TestClient]:
    with client_of(corpus_settings) as opened:
        yield opened


def finished(client: TestClient, **query: Any) -> dict[str, Any]:
    for _ in range(300):
        state = client.get("/v1/eval", params=query).json()
        if state["state"] != "running":
            return dict(state)
        time.sleep(0.05)
    raise AssertionError("a small run did not end in 15 seconds")


def test_a_run_is_started_watched_and_gives_the_figures_of_the_command_line(
    corpus_client: TestClient, corpus_settings: Settings
) -> None:
    assert corpus_client.get("/v1/eval").json()["state"] == "idle"
    begun = corpus_client.post("/v1/eval", json=NUMBERS)
    assert begun.status_code == 202
    questions = [question for question in load(shipped()) if question.type == "number"]
    asked = drawn(questions, round(len(questions) * 0.05))
    assert (begun.json()["state"], begun.json()["done"], begun.json()["total"]) == ("running", 0, len(asked))
    ended = finished(corpus_client, rows=True)
    assert (ended["state"], ended["done"], ended["id"]) == ("done", len(asked), begun.json()["id"])
    searcher = Searcher(open_snapshot(corpus_settings.index, open_embedding(None)))
    result = run(searcher, asked)
    expected = json.loads(json.dumps(summary(result, gate.judge(result, gate.load(BASELINE)))))
    assert {**ended["report"], "timing": None} == {**expected, "timing": None}
    assert "rows" not in corpus_client.get("/v1/eval").json()["report"]


def test_one_run_at_a_time_and_it_can_be_stopped(corpus_client: TestClient) -> None:
    assert corpus_client.post("/v1/eval", json={"share": 1}).status_code == 202
    second = corpus_client.post("/v1/eval", json=NUMBERS)
    assert second.status_code == 409
    assert "已有一次评测在运行" in second.json()["error"]["message"]
    answer = corpus_client.post("/v1/ask", json={"question": "首次入选的独角兽企业奖励多少？"})
    assert "200万元" in answer.json()["answer"], "readers are answered meanwhile"
    stopped = corpus_client.delete("/v1/eval").json()
    assert stopped["state"] == "stopped"
    assert stopped["done"] < stopped["total"]
    assert corpus_client.post("/v1/eval", json=NUMBERS).status_code == 202
    assert finished(corpus_client)["state"] == "done"


def test_a_server_that_stops_ends_the_run(corpus_settings: Settings) -> None:
    app = create_app(corpus_settings)
    with TestClient(app, base_url="http://127.0.0.1:7861") as client:
        client.post("/v1/eval", json={"share": 1})
        began = time.monotonic()
    assert app.state.service.trials.latest.state == "stopped"
    assert time.monotonic() - began < 5


def test_what_cannot_be_run(corpus_client: TestClient) -> None:
    wrong: dict[int, list[dict[str, Any]]] = {
        422: [{"share": 0}, {"share": 1.5}, {"types": "number"}],
        400: [{"types": ["none"]}],
    }
    for status, bodies in wrong.items():
        for body in bodies:
            assert corpus_client.post("/v1/eval", json=body).status_code == status, body
    assert corpus_client.get("/v1/eval").json()["state"] == "idle"


def test_an_index_of_other_documents_says_so(client: TestClient) -> None:
    assert client.post("/v1/eval", json=NUMBERS).status_code == 202
    ended = finished(client)
    assert (ended["state"], ended["report"]) == ("failed", None)
    assert "没有题目所问的文件" in ended["error"]


def test_many_starters_at_once_begin_one_run(corpus_settings: Settings) -> None:
    trials = Trials(Desk(corpus_settings))

    def start(_: int) -> bool:
        try:
            trials.start(1)
        except BusyError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(start, range(8)))
    trials.stop()
    assert begun.count(True) == 1
