"""A real server process: agents, rebuilds under load, stopping."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters

from index.build import build
from index.embedding import open_embedding
from settings import Settings
from tests.index.conftest import WATER

REPOSITORY = Path(__file__).parents[2]
MAIN = "import cli; cli.main()"
QUESTION = "首次播出的原创动画片最高补贴多少？"


def environment(settings: Settings) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(REPOSITORY),
        "WENCE_INDEX": str(settings.index),
        "WENCE_EMBEDDING": str(settings.embedding),
        "WENCE_LIBRARY": str(settings.library or ""),
    }


@contextmanager
def serving(settings: Settings, **more: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`wence serve` on a free port, `more` in its environment; its address once it is ready, and the process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "serve", "--port", str(port)],
        env={**environment(settings), **more},
        stderr=subprocess.DEVNULL,
        text=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                if httpx.get(f"{address}/ready").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address, process
    finally:
        process.kill()
        process.wait()


def test_agents_use_the_tools_over_http(settings: Settings) -> None:
    async def talk(address: str) -> None:
        async with Client(f"{address}/mcp/") as client:
            listed = await client.list_tools()
            names = sorted(tool.name for tool in listed.tools)
            assert names == ["ask_policy", "match_policy", "outline_policy", "search_policy"]
            matched = await client.call_tool("match_policy", {"profile": "临河市的动画制作企业，需要资金补贴"})
            assert json.loads(matched.content[0].text)["profile"]["places"] is not None  # type: ignore[union-attr]
            asked = await client.call_tool("ask_policy", {"question": QUESTION})
            answer = json.loads(asked.content[0].text)  # type: ignore[union-attr]
            assert "100万元" in answer["answer"]
            assert answer["citations"][0]["section"] == "一、（一）"
            found = await client.call_tool("search_policy", {"question": "牵引绳", "k": 1})
            assert json.loads(found.content[0].text)["hits"][0]["path"] == "第二条"  # type: ignore[union-attr]
            listing = await client.call_tool("outline_policy", {})
            assert len(json.loads(listing.content[0].text)["documents"]) == 3  # type: ignore[union-attr]
            outline = await client.call_tool("outline_policy", {"document": "a_water.txt"})
            assert json.loads(outline.content[0].text)["doc_number"] == "临政发〔2021〕16号"  # type: ignore[union-attr]
            wrong = await client.call_tool("search_policy", {"question": "", "k": 0})
            assert wrong.is_error

    with serving(settings) as (address, _):
        anyio.run(talk, address)


def test_agents_use_the_tools_over_stdio(settings: Settings) -> None:
    async def talk() -> None:
        parameters = StdioServerParameters(
            command=sys.executable, args=["-c", MAIN, "mcp"], env=environment(settings), cwd=REPOSITORY
        )
        async with Client(parameters) as client:
            asked = await client.call_tool("ask_policy", {"question": QUESTION})
            assert "100万元" in json.loads(asked.content[0].text)["answer"]  # type: ignore[union-attr]

    anyio.run(talk)


def test_rebuilds_under_load_fail_nobody_and_mix_nothing(settings: Settings, library: Path) -> None:
    """Every answer quotes the text of one build; after the last one, the last."""
    embedding = open_embedding(settings.embedding)
    stop = threading.Event()
    seen: list[tuple[int, str, str]] = []

    def ask(address: str) -> None:
        with httpx.Client(timeout=60) as client:
            while not stop.is_set():
                response = client.post(f"{address}/v1/ask", json={"question": "违反第二条的，罚款多少？"})
                body = response.json()
                quotes = " ".join(citation["quote"] for citation in body.get("citations", ()))
                seen.append((response.status_code, body.get("answer", ""), quotes))

    with serving(settings) as (address, _), ThreadPoolExecutor(6) as pool:
        askers = [pool.submit(ask, address) for _ in range(6)]
        for fine in (3, 5, 7, 9):
            time.sleep(0.4)
            (library / "a_water.txt").write_text(WATER.replace("2万元", f"{fine}万元"), encoding="utf-8")
            build([library], settings.index, embedding=embedding)
        time.sleep(0.5)
        stop.set()
        for asker in askers:
            asker.result()
        last = httpx.post(f"{address}/v1/ask", json={"question": "违反第二条的，罚款多少？"}).json()["answer"]
    assert {status for status, _, _ in seen} == {200}
    amounts = [
        (answer, quotes, f"{n}万元") for _, answer, quotes in seen for n in (2, 3, 5, 7, 9) if f"{n}万元" in answer
    ]
    assert len(amounts) == len(seen)
    assert all(amount in quotes for _, quotes, amount in amounts)
    assert "9万元" in last


def test_sigterm_lets_a_request_under_way_finish(settings: Settings) -> None:
    """The outline of a long text takes seconds; the server is told to stop while it is being made."""
    clause = "第{}条 本市对符合条件的第{}类企业给予不超过{}万元的补助，由市商务局负责。\n"
    text = "临河市补助办法\n\n" + "".join(clause.format(i, i, i % 97 + 1) for i in range(1, 9_001))
    with serving(settings) as (address, process), ThreadPoolExecutor(1) as pool:
        files = {"file": ("long.txt", text.encode())}
        asking = pool.submit(httpx.post, f"{address}/v1/documents/preview", files=files, timeout=60)
        time.sleep(0.5)
        assert not asking.done(), "too quick to be stopped half-way"
        process.send_signal(signal.SIGTERM)
        response = asking.result()
        assert process.wait(30) == -signal.SIGTERM  # it ended by the signal, after its work
    assert response.status_code == 200
    assert len(response.json()["sections"]) > 9_000


def test_an_address_that_is_taken_is_one_clear_line(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ran = subprocess.run(
            [sys.executable, "-c", MAIN, "serve", "--port", port],
            env=environment(settings),
            capture_output=True,
            text=True,
            check=False,
        )
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
    assert f"127.0.0.1:{port}" in ran.stderr


@pytest.mark.parametrize("command", ["serve", "mcp"])
def test_without_an_index_the_commands_say_what_to_do(settings: Settings, tmp_path: Path, command: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", MAIN, command, "--index", str(tmp_path / "none")],
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
    assert "wence build" in ran.stderr
