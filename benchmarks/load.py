"""Many people asking at once: errors, p50, p95 and the rate of `POST /v1/ask`. Loopback only and bounded.

    python benchmarks/load.py                               starts `wence serve` on the index of WENCE_INDEX
    python benchmarks/load.py --url http://127.0.0.1:7861   asks a server that runs already
    python benchmarks/load.py --rebuild corpus              builds the index again and again meanwhile

Each asker waits for its answer and asks the next question of the shipped set at once. A server with keys is asked with
the key in WENCE_LOAD_KEY, and counts each request against its rate. Exit status 1 when anything but answers came back.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import httpx

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))
sys.path.append(str(Path.cwd()))

from eval.questions import load, shipped  # noqa: E402
from service.guard import is_loopback  # noqa: E402

MAIN = "import cli; cli.main()"
REBUILD = """
import sys
from pathlib import Path
from index.build import build
from index.embedding import open_embedding
from settings import load_settings

settings = load_settings()
embedding = open_embedding(settings.embedding)
files = sorted(path for path in Path(sys.argv[1]).iterdir() if path.suffix in (".md", ".txt"))
for turn in range(1000):
    build(files if turn % 2 else files[:-1], settings.index, embedding=embedding)
    print(turn, flush=True)
"""
MOST_SECONDS, MOST_REQUESTS, MOST_ASKERS = 600, 100_000, 500


@dataclass
class Seen:
    """What came back so far: milliseconds of every answer, and how often each error came."""

    left: int
    milliseconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    refused: int = 0


async def ask_all(url: str, askers: int, seconds: float, requests: int) -> tuple[Seen, float]:
    """`askers` at once until `seconds` are over or `requests` are made; what they saw, and how long it took."""
    seen = Seen(left=requests)
    questions = cycle(load(shipped()))
    key = os.environ.get("WENCE_LOAD_KEY")
    headers = {"authorization": f"Bearer {key}"} if key else {}
    limits = httpx.Limits(max_connections=askers, max_keepalive_connections=askers)
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60, limits=limits, trust_env=False) as client:
        began = time.perf_counter()

        async def asker() -> None:
            while seen.left > 0 and time.perf_counter() - began < seconds:
                seen.left -= 1
                question = next(questions)
                history = [{"role": turn.role, "content": turn.content} for turn in question.history]
                start = time.perf_counter()
                try:
                    response = await client.post("/v1/ask", json={"question": question.question, "history": history})
                except httpx.HTTPError as error:
                    seen.errors[type(error).__name__] += 1
                    await asyncio.sleep(0.2)
                    continue
                seen.milliseconds.append((time.perf_counter() - start) * 1000)
                if response.status_code != 200:
                    seen.errors[f"HTTP {response.status_code}"] += 1
                elif response.json()["refused"]:
                    seen.refused += 1

        await asyncio.gather(*(asker() for _ in range(askers)))
        return seen, time.perf_counter() - began


@contextmanager
def served() -> Iterator[str]:
    """`wence serve` on a free port of this machine, until the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", MAIN, "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            for _ in range(300):
                if process.poll() is not None:
                    sys.exit("wence serve did not start; run it by hand to see why (is there an index?)")
                try:
                    httpx.get(f"{url}/ready", trust_env=False)
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield url
        finally:
            process.terminate()


@contextmanager
def rebuilding(path: Path, built: list[int]) -> Iterator[None]:
    """Build the index again and again in a process of its own, in the end the whole folder as `wence build` does.

    `built` gets one item for each build under load.
    """
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        [sys.executable, "-c", REBUILD, str(path)], env=environment, stdout=subprocess.PIPE
    ) as process:
        try:
            yield
        finally:
            process.terminate()
            assert process.stdout is not None
            built += [1 for _ in process.stdout]
            process.wait()
            subprocess.run(
                [sys.executable, "-c", MAIN, "build", str(path)], env=environment, check=True, stdout=sys.stderr
            )


def main() -> None:
    """Run, print one JSON object, leave with 1 when there were errors."""
    parser = argparse.ArgumentParser(description="load on a server of this machine")
    parser.add_argument("--url", help="a server that runs already (loopback only)")
    parser.add_argument("--askers", type=int, default=50, help=f"how many at once, at most {MOST_ASKERS}")
    parser.add_argument("--seconds", type=float, default=20, help=f"for how long, at most {MOST_SECONDS}")
    parser.add_argument("--requests", type=int, default=5_000, help=f"how many in all, at most {MOST_REQUESTS}")
    parser.add_argument("--rebuild", type=Path, metavar="FOLDER", help="build the index of this folder meanwhile")
    given = parser.parse_args()
    if given.url and not is_loopback(urlsplit(given.url).hostname or ""):
        parser.error(f"only a server of this machine is put under load, not {given.url}")
    bounds = ((given.askers, MOST_ASKERS), (given.seconds, MOST_SECONDS), (given.requests, MOST_REQUESTS))
    if not all(0 < value <= most for value, most in bounds):
        parser.error(
            f"askers, seconds and requests must be above 0, at most {MOST_ASKERS}, {MOST_SECONDS}, {MOST_REQUESTS}"
        )
    builds: list[int] = []
    with ExitStack() as stack:
        url = given.url or stack.enter_context(served())
        if given.rebuild:
            stack.enter_context(rebuilding(given.rebuild, builds))
        seen, seconds = asyncio.run(ask_all(url, given.askers, given.seconds, given.requests))
    taken = sorted(seen.milliseconds) or [0.0]
    result = {
        "askers": given.askers,
        "seconds": round(seconds, 1),
        "answers": len(seen.milliseconds),
        "refused": seen.refused,
        "errors": dict(seen.errors),
        "per_second": round(len(seen.milliseconds) / seconds, 1),
        "p50_ms": round(taken[len(taken) // 2]),
        "p95_ms": round(taken[min(len(taken) - 1, int(len(taken) * 0.95))]),
        "max_ms": round(taken[-1]),
    }
    print(json.dumps(result | ({"rebuilds": len(builds)} if given.rebuild else {})))
    sys.exit(1 if seen.errors else 0)


if __name__ == "__main__":
    main()
