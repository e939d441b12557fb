"""What commands are given in files: a batch of questions, the talk before a question, what a firm says of itself."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.followup import Turn
from errors import ConfigError, UsageError


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A line of a batch; `id` is whatever JSON value the caller put there."""

    id: Any
    question: str
    history: tuple[Turn, ...]


def lines_of(path: Path) -> list[bytes]:
    """The lines of a batch; `-` is standard input. Raises ConfigError when it cannot be read."""
    return _bytes(path, "问题文件").splitlines()


def asked_in(line: bytes) -> Asked:
    """The question in a line of a batch. Raises UsageError for a line that holds none."""
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UsageError("不是 UTF-8 的 JSON；请改正这一行") from None
    if not isinstance(value, dict) or not isinstance(value.get("question"), str):
        raise UsageError('没有问题；每行应是 {"id": …, "question": "…"}')
    return Asked(id=value.get("id"), question=value["question"], history=_turns(value.get("history") or []))


def talk_in(path: Path) -> tuple[Turn, ...]:
    """The turns in a JSON file. Raises ConfigError when it cannot be read, UsageError when it holds none."""
    try:
        value = json.loads(_bytes(path, "对话文件").decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UsageError(f"不是 UTF-8 的 JSON：{path}；请改正") from None
    return _turns(value)


def profile_in(path: Path) -> str:
    """What a firm says of itself; `-` is standard input. Raises ConfigError when it cannot be read."""
    try:
        return _bytes(path, "企业情况文件").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"企业情况文件不是 UTF-8：{path}；请另存为 UTF-8") from error


def _bytes(path: Path, what: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{what}读不了：{path}（{error.strerror}）；请检查路径和权限") from error


def _turns(turns: Any) -> tuple[Turn, ...]:
    if not isinstance(turns, list) or not all(
        isinstance(turn, dict) and turn.get("role") in ("user", "assistant") and isinstance(turn.get("content"), str)
        for turn in turns
    ):
        raise UsageError('history 应是 [{"role": "user" 或 "assistant", "content": "…"}]；请改正')
    return tuple(Turn(role=turn["role"], content=turn["content"]) for turn in turns)
