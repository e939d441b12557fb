"""The known-answer set, run beside the service: one run at a time, its progress to be looked at, the last one kept."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from errors import BusyError, UsageError, WenceError
from eval import gate
from eval.gate import BASELINE, Gate
from eval.questions import Question, drawn, load, shipped
from eval.report import summary
from eval.run import Run, run
from service.desk import Desk

_log = logging.getLogger("wence")
State = Literal["running", "done", "failed", "stopped"]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A run: `done` of `total` questions; `result` and `verdict` once it is done, `error` once it has failed."""

    id: str
    state: State
    done: int
    total: int
    started: str
    result: Run | None = None
    verdict: Gate | None = None
    error: str | None = None

    @property
    def running(self) -> bool:
        """Whether questions are still being asked."""
        return self.state == "running"


class _Stopped(Exception):
    """Somebody asked for the end of the run."""


class Trials:
    """Runs of the set that comes with the program, against the baseline that comes with it."""

    def __init__(self, desk: Desk) -> None:
        """Nothing runs yet."""
        self._desk = desk
        self._changing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._latest: Trial | None = None

    @property
    def latest(self) -> Trial | None:
        """The run under way or the last one; None when there was none since the start."""
        return self._latest

    def start(self, share: float = 0.1, types: Sequence[str] = ()) -> Trial:
        """Begin a run of `share` (above 0, at most 1) of the questions of `types` (empty: all), evenly drawn.

        Raises BusyError while one is under way, UsageError for a type that no question has, ConfigError when the
        questions cannot be read.
        """
        questions = load(shipped())
        known = sorted({question.type for question in questions})
        unknown = "、".join(sorted(set(types) - set(known)))
        if unknown:
            raise UsageError(f"题库里没有题型 {unknown}；现有题型：{'、'.join(known)}")
        asked = [question for question in questions if not types or question.type in types]
        asked = drawn(asked, max(1, round(len(asked) * share)))
        with self._changing:
            if self._thread is not None and self._thread.is_alive():
                raise BusyError("已有一次评测在运行，同时只能有一次；请等它结束，或先停下它（DELETE /v1/eval）")
            self._stop.clear()
            self._latest = begun = Trial(
                id=secrets.token_hex(4),
                state="running",
                done=0,
                total=len(asked),
                started=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            )
            self._thread = threading.Thread(target=self._run, args=(begun, asked), name="wence-eval", daemon=True)
            self._thread.start()
        return begun

    def stop(self, seconds: float = 30) -> Trial | None:
        """End the run under way after its present question, and wait for that; the latest run."""
        self._stop.set()
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return self._latest

    def _run(self, begun: Trial, asked: Sequence[Question]) -> None:
        at = begun

        def progress(done: int, _: int) -> None:
            nonlocal at
            if self._stop.is_set():
                raise _Stopped
            self._latest = at = replace(begun, done=done)

        try:
            result = run(self._desk.searcher(), asked, progress)
            verdict = gate.judge(result, gate.load(BASELINE))
            self._latest = replace(begun, state="done", done=len(asked), result=result, verdict=verdict)
        except _Stopped:
            self._latest = replace(at, state="stopped")
        except WenceError as error:
            self._latest = replace(at, state="failed", error=str(error))
        except Exception as error:  # nobody waits for this thread: what nobody expected must be seen all the same
            _log.error("evaluation broke down", exc_info=error)
            self._latest = replace(at, state="failed", error="评测出错了，已记入日志；请查看服务的日志")


def trial_json(trial: Trial | None, *, rows: bool = False) -> dict[str, object]:
    """A run as the HTTP interface shows it; `rows` adds every question with its answer. `idle`: there was none."""
    if trial is None:
        return {"id": None, "state": "idle", "done": 0, "total": 0, "started": None, "error": None, "report": None}
    report = None
    if trial.result is not None:
        report = summary(trial.result, trial.verdict)
        if not rows:
            del report["rows"]
    return {
        "id": trial.id,
        "state": trial.state,
        "done": trial.done,
        "total": trial.total,
        "started": trial.started,
        "error": trial.error,
        "report": report,
    }
