"""A scripted OpenAI-compatible endpoint on loopback: what it replies is decided by the test, request by request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from assistant.models import LanguageModel, open_model
from settings import Settings

KEY = "sk-canary-73c1"
_PASSAGE = re.compile(r"<资料 编号=(c\d+) 出处=([^>]*)>\n(.*?)\n</资料>", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a request shows the model: passages by handle, the question, and whether it asks to mend a draft."""

    passages: dict[str, str]
    question: str
    mending: bool


Script = Callable[[Shown], str | Response]


def shown(request: Request) -> Shown:
    """A request as the model sees it."""
    body: Any = json.loads(request.get_data())
    prompt = body["messages"][1]["content"]
    return Shown(
        passages={handle: text for handle, _, text in _PASSAGE.findall(prompt)},
        question=prompt.split("<问题>\n")[1].split("\n</问题>")[0],
        mending=len(body["messages"]) > 2,
    )


def events(text: str, size: int = 7) -> Iterator[bytes]:
    """A reply as the events of a streamed completion, a few characters each."""
    frame = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "scripted"}
    for at in range(0, len(text), size):
        delta = {"index": 0, "delta": {"role": "assistant", "content": text[at : at + size]}, "finish_reason": None}
        yield f"data: {json.dumps({**frame, 'choices': [delta]}, ensure_ascii=False)}\n\n".encode()
    end = {"index": 0, "delta": {}, "finish_reason": "stop"}
    yield f"data: {json.dumps({**frame, 'choices': [end]})}\n\ndata: [DONE]\n\n".encode()


def endpoint(server: HTTPServer, script: Script, *, timeout: float = 5, retries: int = 0) -> LanguageModel:
    """A model behind the server that answers as `script` says."""

    def answer(request: Request) -> Response:
        reply = script(shown(request))
        if isinstance(reply, Response):
            return reply
        return Response(events(reply), content_type="text/event-stream")

    server.clear()
    server.expect_request("/v1/chat/completions", method="POST").respond_with_handler(answer)
    model = open_model(
        Settings(
            model="scripted",
            model_url=server.url_for("/v1"),
            model_key=KEY,
            model_timeout=timeout,
            model_retries=retries,
        )
    )
    assert model is not None
    return model
