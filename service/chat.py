"""Wence behind OpenAI's chat protocol, so that chat front ends can point at it; citations stand in the message."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Sequence

from assistant.answer import Answer, Turn
from assistant.transcript import noted
from errors import UsageError
from service.schemas import ChatMessage

MODEL = "wence"


def asked(messages: Sequence[ChatMessage]) -> tuple[str, tuple[Turn, ...]]:
    """The last user message, and the turns before it. Raises UsageError when the last message is not the user's."""
    turns = [
        Turn(role="user" if message.role == "user" else "assistant", content=_text(message))
        for message in messages
        if message.role in ("user", "assistant") and _text(message)
    ]
    if not turns or turns[-1].role != "user":
        raise UsageError("最后一条消息应是用户的问题（role 为 user，content 为文字）；请补上")
    return turns[-1].content, tuple(turns[:-1])


def message_text(answer: Answer) -> str:
    """The answer with the list of what it cites, as Markdown; nothing in it is a link."""
    parts = [_escaped(answer.text)]
    for citation in answer.citations:
        label = citation.doc_number or citation.title
        quote = " ".join(citation.quote.split())
        parts.append(f"[{citation.n}] {_escaped(f'{label} {citation.section}：“{quote}”')}")
    parts += [_escaped(line) for line in noted(answer)]
    return "\n\n".join(parts)


def completion(answer: Answer) -> dict[str, object]:
    """The whole answer as a chat completion; `wence` carries what the protocol has no room for."""
    return {
        **_frame("chat.completion"),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": message_text(answer)},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    }


def chunks(answer: Answer) -> Iterator[str]:
    """The answer as the events of a streamed completion, without the `data: ` before each."""
    frame = _frame("chat.completion.chunk")
    deltas: list[tuple[dict[str, str], str | None]] = [
        ({"role": "assistant", "content": ""}, None),
        ({"content": message_text(answer)}, None),
        ({}, "stop"),
    ]
    for delta, finish in deltas:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        yield json.dumps({**frame, "choices": [choice]}, ensure_ascii=False)
    yield "[DONE]"


def _frame(kind: str) -> dict[str, object]:
    return {"id": f"chatcmpl-{secrets.token_hex(12)}", "object": kind, "created": int(time.time()), "model": MODEL}


def _text(message: ChatMessage) -> str:
    if isinstance(message.content, str):
        return message.content.strip()
    pieces = [part.get("text") for part in message.content or () if part.get("type") == "text"]
    return "\n".join(piece for piece in pieces if isinstance(piece, str)).strip()


def _escaped(text: str) -> str:
    """Text of documents shown as text: a chat front end would make links, pictures and HTML of it."""
    return text.replace("<", "＜").replace("](", "]（").replace("![", "！[")
