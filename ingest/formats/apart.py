"""Files read in a process of its own, so that a file on which the reader hangs or crashes ends in one line.

PDFium, Pillow and ONNX Runtime are libraries that nothing can interrupt within a page. The process that calls them
keeps its own watch: each page sets it anew, and a page that takes longer than the limit ends the process, whatever it
is doing. It may write no file and has a bound on its memory. It stays for the next file.
"""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from threading import BoundedSemaphore, Lock
from typing import Any, BinaryIO

from errors import IngestError
from ingest.formats import wire
from ingest.layout import Extract

MAX_SECONDS = 120.0
"""Of one page, and of what comes before and after the pages."""
MAX_MEMORY = 4 * 1024**3
"""Bytes of the reading process, where the system can bound them."""

SERVE = "from ingest.formats import apart; apart.serve()"
"""What the process runs."""

_MOST = 2  # files that are read at a time; more wait
_OVERRUN = 1  # the exit status by which faulthandler ends a process


def read(kind: str, module: str, data: bytes, name: str) -> Extract:
    """What `ingest.formats.{module}.read` finds in a file of the kind `kind`; one that is unfinished is given up after
    `MAX_SECONDS` for a page.

    Raises IngestError as that function does, and when it hangs, crashes, or cannot be started.
    """
    with _pool(os.getpid()).process() as process:
        page, answer = process.ask({"module": module, "name": name, "seconds": MAX_SECONDS}, data)
    place = f"{kind} 第 {page} 页" if page else f"{kind} 文件"
    if answer.get("ended") == _OVERRUN:
        raise IngestError(f"{place}读了 {MAX_SECONDS:g} 秒还没有读完：{name}；请重新导出，或拆分后再读。")
    if "ended" in answer:
        raise IngestError(f"{place}读取时程序崩溃或内存不够：{name}；请重新导出，或拆分后再读。")
    if "error" in answer:
        raise IngestError(answer["error"])
    if "surprise" in answer:
        raise IngestError(f"{place}读取时出错（{answer['surprise']}）：{name}；请换一种格式另存，或把文件发给维护者。")
    return wire.load(answer["extract"])


class _Process:
    """A process that reads one file after another."""

    def __init__(self) -> None:
        """Raises IngestError when it cannot be started."""
        code = f"import sys; sys.path[:] = {sys.path!r}; {SERVE}"
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # an interrupt from the keyboard is for the caller, who then ends it
            )
        except OSError as error:
            raise IngestError(f"读取程序启动不了（{error.strerror}）：{sys.executable}；请检查内存和进程数。") from None

    def ask(self, asked: dict[str, Any], data: bytes) -> tuple[int, dict[str, Any]]:
        """The page at hand (0: none) and the answer; when the process has ended without one, how it `ended`."""
        stdin, stdout, page = self._process.stdin, self._process.stdout, 0
        assert stdin is not None
        assert stdout is not None
        with contextlib.suppress(BrokenPipeError):
            stdin.write(json.dumps({**asked, "size": len(data)}).encode() + b"\n")
            stdin.write(data)
            stdin.flush()
        for line in stdout:
            message: dict[str, Any] = json.loads(line)
            if "page" not in message:
                return page, message
            page = message["page"]
        return page, {"ended": self._process.wait()}

    @property
    def runs(self) -> bool:
        """Whether it is still there."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()


class _Pool:
    """The processes that read for this one."""

    def __init__(self) -> None:
        self._owner, self._idle = os.getpid(), list[_Process]()
        self._lock, self._turns = Lock(), BoundedSemaphore(_MOST)
        atexit.register(self.close)

    @contextmanager
    def process(self) -> Iterator[_Process]:
        """A process for one file; it is kept if it still runs afterwards."""
        with self._turns:
            with self._lock:
                process = self._idle.pop() if self._idle else None
            if process is None or not process.runs:
                process = _Process()
            try:
                yield process
            except BaseException:  # it may be in the middle of a file that nobody waits for any more
                process.end()
                raise
            if not process.runs:
                process.end()
                return
            with self._lock:
                self._idle.append(process)

    def close(self) -> None:
        """End the processes that wait for a file; a fork leaves them to the process that started them."""
        while self._idle and os.getpid() == self._owner:
            self._idle.pop().end()


@cache
def _pool(process: int) -> _Pool:
    """Those of the process of that number: after a fork the child has its own."""
    return _Pool()


def serve() -> None:
    """Read the files that come in on stdin and say on stdout what is in them, until stdin ends."""
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints is not for the caller
    _confine()
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        for line in incoming:
            asked = json.loads(line)
            _answer(asked, incoming.read(asked["size"]), outgoing, nowhere)


def _answer(asked: dict[str, Any], data: bytes, outgoing: BinaryIO, nowhere: BinaryIO) -> None:
    def say(**message: object) -> None:
        outgoing.write(json.dumps(message).encode() + b"\n")
        outgoing.flush()

    def step(page: int) -> None:
        faulthandler.dump_traceback_later(asked["seconds"], file=nowhere, exit=True)
        say(page=page)

    step(0)
    try:
        extract = import_module(f"ingest.formats.{asked['module']}").read(data, asked["name"], step)
        say(extract=wire.dump(extract))
    except IngestError as error:
        say(error=str(error))
    except Exception as error:  # the caller says it in one line
        say(surprise=" ".join(f"{type(error).__name__}: {error}".split())[:200])
    finally:
        faulthandler.cancel_dump_traceback_later()


def _confine() -> None:
    """No file written, no core dumped, no more memory than `MAX_MEMORY`."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    for what, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, MAX_MEMORY),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
