"""Batches of files prepared by a Ray cluster: reading, cutting, segmenting and embedding on many machines.

The order of the results is the order of the batches, whoever made them, so the index is the one that this machine
would have made alone. A task whose node is lost runs again elsewhere; what Ray cannot do at all is done here.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

from errors import ConfigError
from index.prepare import Failure, Job, Reader, Ready, prepare, prepare_apart

_RETRIES = 5  # of a task whose node is lost; a file that kills its process must not go round for ever
_SECONDS = 5.0  # to find out whether anything listens
_OBJECTS = 256 * 1024 * 1024  # bytes of results that wait, of a Ray started here


def _reach(address: str | None) -> None:
    """Raises ConfigError when nothing listens at HOST:PORT: Ray itself would try for minutes."""
    host, _, port = (address or "").rpartition(":")
    if host and "/" not in host and port.isdigit():
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS).close()
        except (OSError, OverflowError) as error:
            raise _unreachable(address, error) from error


def _unreachable(address: str | None, error: Exception) -> ConfigError:
    reason = " ".join(str(error).split())[:200]
    return ConfigError(f"Ray 没有应答：{address or '本机'}（{reason}）；请检查 RAY_ADDRESS，或不加 --engine")


class Task:
    """A batch on its way."""

    def __init__(self, ray: Any, made: Any, jobs: Sequence[Job], reader: Reader, model: Path | None) -> None:
        """`made` is Ray's promise."""
        self._ray, self._made = ray, made
        self._jobs, self._reader, self._model = jobs, reader, model

    def result(self) -> list[Ready | Failure]:
        """Each job's document, or why there is none; waits for it.

        A file that a node could not read is tried here: its disk may not be the node's.
        """
        try:
            found: list[Ready | Failure] = self._ray.get(self._made)
        except self._ray.exceptions.RayError:
            return prepare_apart(self._jobs, self._reader, self._model)
        return [
            prepare([job], self._reader, None)[0] if isinstance(one, Failure) else one
            for job, one in zip(self._jobs, found, strict=True)
        ]


class RayPool:
    """Prepares batches on the cluster that RAY_ADDRESS names, else on a Ray of its own, on loopback only.

    Every node needs the same installation, and the files under the same paths. Raises ConfigError without Ray, or when
    the cluster does not answer.
    """

    def __init__(self, processes: int) -> None:
        """`processes` of a Ray that is started here, at least 1."""
        # Read when Ray is imported: no reports of use, and nothing but loopback where it is started here.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        address = os.environ.get("RAY_ADDRESS")
        if not address:
            os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        try:
            ray: Any = import_module("ray")
        except ImportError as error:
            raise ConfigError("--engine ray 需要扩展包；请运行 pip install 'wence[ray]'，或不加 --engine") from error
        self._ray = ray
        self._own = not ray.is_initialized()
        if self._own:
            _reach(address)
            here = {"num_cpus": processes, "object_store_memory": _OBJECTS, "include_dashboard": False}
            try:
                ray.init(
                    address=address or "local",
                    log_to_driver=False,
                    logging_level="ERROR",
                    **({} if address else here),
                )
            except (ConnectionError, RuntimeError, ValueError, OSError) as error:
                raise _unreachable(address, error) from error
        self._prepare = ray.remote(num_cpus=1, max_retries=_RETRIES)(prepare_apart)

    @property
    def width(self) -> int:
        """How many batches can be prepared at a time."""
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def submit(self, jobs: Sequence[Job], reader: Reader, model: Path | None) -> Task:
        """Have a batch prepared; `model` is the folder of a static embedding, the same on every node."""
        return Task(self._ray, self._prepare.remote(jobs, reader, model), jobs, reader, model)

    def __enter__(self) -> RayPool:
        """The pool itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the cluster, and stop a Ray that was started here."""
        if self._own:
            self._ray.shutdown()
