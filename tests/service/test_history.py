"""The history over HTTP: one record for each answer, whoever asks and by whichever door, also by many at once."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import anyio
import httpx
import pytest
from mcp import Client

from assistant.audit import History
from service.access import KeyFile
from settings import Settings
from tests.service.conftest import client_of
from tests.service.test_server import MAIN, QUESTION, environment, serving

PRIVATE = "我叫张小明，电话13812345678，首次播出的原创动画片最高补贴多少？"
UNKNOWN = "北京市对量子企业有什么补贴？"


def test_every_door_leaves_one_record(settings: Settings) -> None:
    """A real server; with it the command line writes to the same file."""
    told: list[tuple[str, str]] = []

    async def agent(address: str) -> None:
        async with Client(f"{address}/mcp/") as client:
            asked = await client.call_tool("ask_policy", {"question": QUESTION})
            told.append((QUESTION, json.loads(asked.content[0].text)["answer"]))  # type: ignore[union-attr]

    given = {**environment(settings), "WENCE_AUDIT": "full"}
    with serving(settings, WENCE_AUDIT="full") as (address, _), httpx.Client(base_url=address, timeout=60) as client:
        for question in (QUESTION, UNKNOWN):
            told.append((question, client.post("/v1/ask", json={"question": question}).json()["answer"]))
        with client.stream("POST", "/v1/ask/stream", json={"question": QUESTION}) as response:
            events = [line.removeprefix("data: ") for line in response.iter_lines() if line.startswith("data: ")]
        told.append((QUESTION, json.loads(events[-1])["answer"]))
        for streamed in (False, True):
            messages = [{"role": "user", "content": QUESTION}]
            client.post("/v1/chat/completions", json={"messages": messages, "stream": streamed}).read()
            told.append((QUESTION, told[0][1]))
        anyio.run(agent, address)
        command = [sys.executable, "-c", MAIN, "ask", QUESTION, "--json"]
        ran = subprocess.run(command, env={**given, "LOGNAME": "cli user"}, capture_output=True, check=True)
        told.append((QUESTION, json.loads(ran.stdout)["answer"]))
        client.post("/v1/draft", json={"question": QUESTION})
        client.get("/v1/search", params={"question": QUESTION})
        assert client.post("/v1/ask", json={"question": "  "}).status_code == 400
    history = History(settings.audit_file)
    assert history.verify() is None
    assert [(record.question, record.answer) for record in history.records()] == told
    assert [record.who for record in history.records()] == ["本机"] * 6 + ["cli user"]
    assert history.records()[1].reason is not None
    assert history.records()[0].cited[0].split()[1] == "一、（一）"


def test_threads_and_processes_that_ask_at_once_make_one_chain(settings: Settings) -> None:
    """Two servers over one index; each key's name stands in what it asked."""
    keys = KeyFile(settings.key_file)
    tokens = {name: keys.add(name, "reader") for name in ("甲", "乙", "丙")}

    def ask(address: str, name: str) -> int:
        headers = {"authorization": f"Bearer {tokens[name]}"}
        body = {"question": QUESTION}
        return httpx.post(f"{address}/v1/ask", json=body, headers=headers, timeout=60).status_code

    with serving(settings, WENCE_AUDIT="full") as (one, _), serving(settings, WENCE_AUDIT="full") as (other, _):
        jobs = [(address, name) for address in (one, other) for name in tokens] * 6
        with ThreadPoolExecutor(12) as pool:
            statuses = list(pool.map(lambda job: ask(*job), jobs))
    assert statuses == [200] * 36
    history = History(settings.audit_file)
    assert history.verify() is None
    assert sorted(record.who for record in history.records()) == sorted(name for _, name in jobs)


def test_an_agent_is_named_by_its_key(settings: Settings) -> None:
    token = KeyFile(settings.key_file).add("智能体", "reader")
    call = {"name": "ask_policy", "arguments": {"question": QUESTION}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    headers = {"authorization": f"Bearer {token}", "accept": "application/json, text/event-stream"}
    with client_of(replace(settings, audit="full")) as client:
        result = client.post("/mcp/", json=body, headers=headers).json()["result"]
    assert "100万元" in json.loads(result["content"][0]["text"])["answer"]
    assert [record.who for record in History(settings.audit_file).records()] == ["智能体"]


def test_what_is_kept_follows_the_setting(settings: Settings) -> None:
    with client_of(settings) as client:
        client.post("/v1/ask", json={"question": PRIVATE})
    assert not settings.audit_file.exists()
    with client_of(replace(settings, audit="masked")) as client:
        client.post("/v1/ask", json={"question": PRIVATE})
    (record,) = History(settings.audit_file).records()
    assert record.question == "我叫＊，电话＊，首次播出的原创动画片最高补贴多少？"
    with client_of(replace(settings, audit="full")) as client:
        client.post("/v1/ask", json={"question": PRIVATE})
    assert History(settings.audit_file).records()[1].question == PRIVATE


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/ask/stream"])
def test_an_answer_that_cannot_be_recorded_is_not_given(settings: Settings, path: str) -> None:
    settings.audit_file.write_text("something else\n", encoding="utf-8")
    with client_of(replace(settings, audit="full")) as client:
        text = client.post(path, json={"question": QUESTION}).text
    assert "wence audit verify" in text
    assert "event: answer" not in text
    assert '"answer"' not in text
    assert settings.audit_file.read_text(encoding="utf-8") == "something else\n"
