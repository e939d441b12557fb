"""A server that is told to stop: the connections of open pages end, once no question is under way, and not before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import Message, Receive, Scope, Send

from web.heartbeats import Heartbeats

BEAT, QUESTION = "/gradio_api/heartbeat/x", "/gradio_api/queue/join"


class Page:
    """A page's server: its heartbeat never ends by itself, its question ends when it is `answered`."""

    def __init__(self) -> None:
        self.answered, self.asked = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == QUESTION:
            self.asked.set()
            await self.answered.wait()
            await send({"type": "http.response.body", "body": b"done"})
            return
        while True:
            await send({"type": "http.response.body", "body": b"beat", "more_body": True})
            await asyncio.sleep(0.01)


class Requests:
    """Requests to a page behind `Heartbeats`, and what each was sent."""

    def __init__(self) -> None:
        self.page, self.leaving = Page(), asyncio.Event()
        self._app = Heartbeats(self.page, leaving=self.leaving)

    def open(self, path: str) -> tuple[asyncio.Task[None], list[Message]]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            raise AssertionError("nothing is read")

        return asyncio.create_task(self._app({"type": "http", "path": path}, receive, send)), sent


def run(body: Callable[[Requests], Awaitable[None]]) -> None:
    async def within() -> None:
        await body(Requests())

    asyncio.run(asyncio.wait_for(within(), 10))


async def ended(request: asyncio.Task[None], seconds: float) -> bool:
    done, _ = await asyncio.wait([request], timeout=seconds)
    return bool(done)


def test_a_heartbeat_goes_on_while_the_server_stays() -> None:
    async def body(requests: Requests) -> None:
        beat, sent = requests.open(BEAT)
        assert not await ended(beat, 0.3)
        assert len(sent) > 3
        beat.cancel()

    run(body)


def test_heartbeats_end_whole_when_the_server_leaves() -> None:
    async def body(requests: Requests) -> None:
        beat, sent = requests.open(BEAT)
        await asyncio.sleep(0.05)
        requests.leaving.set()
        await beat
        assert sent[-1] == {"type": "http.response.body", "body": b""}

    run(body)


def test_heartbeats_wait_for_the_question_under_way() -> None:
    async def body(requests: Requests) -> None:
        beat, _ = requests.open(BEAT)
        question, said = requests.open(QUESTION)
        await requests.page.asked.wait()
        requests.leaving.set()
        assert not await ended(beat, 0.4)
        requests.page.answered.set()
        await question
        assert said[-1] == {"type": "http.response.body", "body": b"done"}
        assert await ended(beat, 2)

    run(body)


def test_a_question_that_fails_is_no_longer_under_way() -> None:
    async def body(requests: Requests) -> None:
        beat, _ = requests.open(BEAT)
        question, _ = requests.open(QUESTION)
        await requests.page.asked.wait()
        question.cancel()
        with pytest.raises(asyncio.CancelledError):
            await question
        requests.leaving.set()
        assert await ended(beat, 2)

    run(body)
