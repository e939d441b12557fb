"""The history of what was asked and answered: append-only, each record sealed with the hash of the one before.

One JSON object a line beside the index (not in it: an index is replaced and may be deleted). A small head file holds
how many records there are and the last hash, so that a shortened tail is noticed too. Who can change both files at once
can rewrite history: keep the head's hash elsewhere where that matters.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from assistant.answer import Answer
from errors import ConfigError

Keeping = Literal["off", "masked", "full"]
_FIRST = "0" * 64
_TAIL = 4 * 1024 * 1024  # bytes that hold any one record
_PERSONAL = (  # personal details that a question has no need to keep
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])"),  # identity cards
    re.compile(r"(?<!\d)(?:\d{4}[ -]?){3,4}\d{1,4}(?!\d)"),  # bank cards
    re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)"),  # mobile phones
    re.compile(r"(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)"),  # land lines
    re.compile(r"(?<=我叫|我是)[\u4e00-\u9fff]{2,3}(?=[，,。；;、\s]|$)"),
    re.compile(r"(?:(?<=联系人)|(?<=姓名))[：:\s]*[\u4e00-\u9fff]{2,4}"),
)


@dataclass(frozen=True, kw_only=True)
class Record:
    """One answer given. `cited` are `document id, section, start, end`; `hash` seals all of it and `before`."""

    number: int
    time: str
    who: str
    question: str
    answer: str
    reason: str | None
    cited: tuple[str, ...]
    writer: str
    before: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class Broken:
    """What does not hold: the number of the first such record (from 1), and in Chinese what is wrong."""

    number: int
    problem: str


class History:
    """The history in a file; several processes may append to it."""

    def __init__(self, path: Path) -> None:
        """`path` need not exist; its head stands beside it."""
        self.path = path
        self.head = path.with_name(f"{path.name}.head")

    def append(self, answer: Answer, who: str, keeping: Keeping) -> None:
        """Add an answer; `keeping` off adds nothing, masked hides personal details of the question.

        Raises ConfigError when it cannot be written.
        """
        if keeping == "off":
            return
        try:
            with self._locked() as file:
                last = _last(file)
                kept = masked if keeping == "masked" else str
                fields = {
                    "number": last.number + 1 if last else 1,
                    "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
                    "who": kept(who),
                    "question": kept(answer.question),
                    "answer": kept(answer.text),
                    "reason": answer.reason,
                    "cited": [f"{c.doc} {c.section} {c.start} {c.end}" for c in answer.citations],
                    "writer": answer.writer,
                    "before": last.hash if last else _FIRST,
                }
                seal = _seal(fields)
                line = json.dumps({**fields, "hash": seal}, ensure_ascii=False, sort_keys=True)
                os.write(file, f"{line}\n".encode("utf-8", "surrogatepass"))
                os.fsync(file)
                self._set_head(last.number + 1 if last else 1, seal)
        except OSError as error:
            raise ConfigError(f"问答记录写不了：{self.path}（{error.strerror}）；请检查权限和磁盘") from error

    def records(self) -> list[Record]:
        """All records that can be read, oldest first."""
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ConfigError(f"问答记录读不了：{self.path}（{error.strerror}）；请检查权限") from error
        return [record for line in lines if (record := _parse(line)) is not None]

    def verify(self) -> Broken | None:
        """The first record that does not hold, `None` when all do."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            data = b""
        lines = data.split(b"\n")
        before = _FIRST
        for number, line in enumerate(lines[:-1], 1):
            record = _parse(line)
            if record is None:
                return Broken(number=number, problem="不是一条记录")
            fields = {name: value for name, value in json.loads(line).items() if name != "hash"}
            if record.number != number:
                return Broken(number=number, problem=f"编号是 {record.number}：有记录被删、被插入或换了次序")
            if record.before != before:
                return Broken(number=number, problem="与上一条接不上")
            if record.hash != _seal(fields):
                return Broken(number=number, problem="内容被改动过")
            before = record.hash
        count, last = self._head()
        if lines[-1]:
            return Broken(number=len(lines), problem="最后一条没有写完（写入时中断）；下一次记录会把它截去")
        if count is not None and count > len(lines) - 1:
            return Broken(number=len(lines), problem=f"应有 {count} 条，只剩 {len(lines) - 1} 条：末尾被截去")
        if count == len(lines) - 1 and last != before:
            return Broken(number=len(lines) - 1, problem="与另存的末条哈希不符")
        return None

    @contextmanager
    def _locked(self) -> Iterator[int]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)

    def _set_head(self, count: int, last: str) -> None:
        draft = self.head.with_name(f"{self.head.name}.new")
        draft.write_text(f"{count} {last}\n", encoding="ascii")
        draft.replace(self.head)

    def _head(self) -> tuple[int | None, str]:
        try:
            count, last = self.head.read_text(encoding="ascii").split()
            return int(count), last
        except (OSError, ValueError):
            return None, ""


def masked(text: str) -> str:
    """`text` with e-mails, phone, card and identity numbers, and names after 我叫, 联系人 and the like as ＊."""
    for pattern in _PERSONAL:
        text = pattern.sub("＊", text)
    return text


def _last(file: int) -> Record | None:
    """The last whole record; a line that a kill left unfinished is cut off. Raises ConfigError when it is no record."""
    size = os.fstat(file).st_size
    start = max(0, size - _TAIL)
    lines = os.pread(file, size - start, start).split(b"\n")
    if lines[-1]:
        os.ftruncate(file, size - len(lines[-1]))
    if len(lines) == 1:
        return None
    record = _parse(lines[-2])
    if record is None:
        raise ConfigError("问答记录的最后一条读不懂，不再续写；请先运行 wence audit verify，查明后换一个文件")
    return record


def _parse(line: bytes) -> Record | None:
    try:
        value: Any = json.loads(line)
        return Record(**{**value, "cited": tuple(value["cited"])})
    except (ValueError, TypeError, KeyError):
        return None


def _seal(fields: dict[str, Any]) -> str:
    """SHA-256 of the record's canonical JSON, which holds the hash of the one before."""
    return sha256(json.dumps(fields, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
