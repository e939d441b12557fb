"""Batches of source files on their way through `index.prepare`: here, in processes beside this one, or on a cluster."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Literal, Protocol

from index.embedding import Embedding, StaticEmbedding
from index.part import embed_text
from index.prepare import Failure, Job, Reader, Ready, kept_pieces, prepare, prepare_apart, ready_apart
from index.sources import SourceFile, in_batches
from index.words import end_with_parent, segmenting

Engine = Literal["local", "ray"]
Batch = tuple[Sequence[SourceFile], Sequence[Ready | Failure]]
_WORTH_PROCESSES = 400_000  # bytes of new text from which more processes save more than their start costs
_ROUNDS = 4  # batches that each process gets, at least: the last ones then end together


class _Waiting(Protocol):
    """A batch that somebody else prepares."""

    def result(self) -> list[Ready | Failure]:
        """Wait for it."""
        ...


_Sent = tuple[Sequence[SourceFile], _Waiting]


class _Apart:
    """A batch that a process of a pool prepares. When that dies (of a file, or for want of memory) another tries."""

    def __init__(self, pool: ProcessPoolExecutor, jobs: Sequence[Job], reader: Reader, model: Path | None) -> None:
        self._jobs, self._reader, self._model = jobs, reader, model
        self._made: Future[list[Ready | Failure]] | None = None
        with suppress(BrokenProcessPool):
            self._made = pool.submit(prepare_apart, jobs, reader, model)

    def result(self) -> list[Ready | Failure]:
        """Wait for it."""
        return self._results

    @cached_property
    def _results(self) -> list[Ready | Failure]:
        if self._made is not None:
            with suppress(BrokenProcessPool):
                return self._made.result()
        return self._again(self._jobs)

    def _again(self, jobs: Sequence[Job]) -> list[Ready | Failure]:
        """Jobs in a process of their own, then each alone, so that it is known which one a process dies of."""
        with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
            try:
                pool.submit(len, ()).result()
            except BrokenProcessPool:  # no process can be started: a script without a main guard
                return prepare_apart(jobs, self._reader, self._model)
            with suppress(BrokenProcessPool):
                return pool.submit(prepare_apart, jobs, self._reader, self._model).result()
        if len(jobs) > 1:
            return [result for job in jobs for result in self._again([job])]
        file = jobs[0].found.file
        return [Failure(file=file, error=f"读取时进程意外结束（文件可能已损坏，或内存不足）：{file}；请另存后再试。")]


class _Begun:
    """A batch of which some jobs are on their way already, each at its place in another batch."""

    def __init__(self, early: Sequence[tuple[_Waiting, int] | None], rest: _Waiting | None) -> None:
        self._early, self._rest = early, rest

    def result(self) -> list[Ready | Failure]:
        """Wait for all."""
        others = iter(self._rest.result() if self._rest else ())
        return [sent[0].result()[sent[1]] if sent else next(others) for sent in self._early]


class Workshop:
    """Who prepares the files of one build, and how; what it starts ends with it."""

    def __init__(self, *, reader: Reader, embedding: Embedding, processes: int, engine: Engine = "local") -> None:
        """`processes` beside this one, or of a Ray that is started here; at least 1."""
        self.reader, self.embedding, self.processes, self.engine = reader, embedding, processes, engine
        self._pool: ProcessPoolExecutor | None = None
        self._early: dict[Job, tuple[_Waiting, int]] = {}

    @property
    def _model(self) -> Path | None:
        """The folder by which another process opens the embedding, if it can."""
        return self.embedding.directory.resolve() if isinstance(self.embedding, StaticEmbedding) else None

    def start(self, fresh: Sequence[SourceFile]) -> None:
        """Have processes begin with files that nobody has read, if these are worth them, while other work goes on here.

        What becomes of the first ones waits for `prepared`; of a file that it does not ask for it is lost.
        """
        shared = self.engine == "local" and self.reader.shareable
        if self._pool or not shared or self.processes == 1 or _bytes(fresh) <= _WORTH_PROCESSES:
            return
        # Spawned, not forked: this process holds threads of FAISS and tantivy.
        self._pool = ProcessPoolExecutor(
            self.processes, mp_context=get_context("spawn"), initializer=ready_apart, initargs=(self._model,)
        )
        rounds = _ROUNDS * self.processes
        with _one_thread_each():  # each batch starts a process, while there are too few
            for batch in islice(in_batches(fresh, _bytes(fresh) // rounds), rounds):
                jobs = [Job(path=file.path, found=file.found, stamp=file.stamp) for file in batch]
                sent = _Apart(self._pool, jobs, self.reader, self._model)
                self._early.update((job, (sent, at)) for at, job in enumerate(jobs))

    def _sent(self, pool: ProcessPoolExecutor, jobs: Sequence[Job], reader: Reader, model: Path | None) -> _Waiting:
        """A batch on its way, as far as it is not yet."""
        early = [self._early.pop(job, None) if job.held is None else None for job in jobs]
        rest = [job for job, sent in zip(jobs, early, strict=True) if sent is None]
        return _Begun(early, _Apart(pool, rest, reader, model) if rest else None)

    def close(self) -> None:
        """End the processes, without waiting for them."""
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def prepared(
        self, files: Sequence[SourceFile], job: Callable[[SourceFile], Job], fresh: Sequence[SourceFile]
    ) -> Iterator[Iterator[Batch]]:
        """Batches of files with what became of each, in order; several processes share the work when it is much.

        `fresh` are those of which an older index does not hold all that is needed.
        """
        self.start(fresh)
        fresh_bytes = _bytes(fresh)
        apart = self.processes if fresh_bytes > _WORTH_PROCESSES else 1
        batches = in_batches(files, fresh_bytes // (_ROUNDS * apart) if apart > 1 else None)
        jobs = ((batch, [job(file) for file in batch]) for batch in batches)
        with ExitStack() as stack:
            if self.engine == "ray" and self.reader.shareable:
                from index.cluster import RayPool

                far = stack.enter_context(RayPool(self.processes))
                yield self._apart(far.submit, jobs, 2 * far.width)
            elif apart > 1 and (pool := self._pool):
                stack.callback(self.close)  # they end while this process goes on
                yield self._apart(partial(self._sent, pool), jobs, 2 * apart)
            else:
                cut = stack.enter_context(segmenting(apart))
                yield ((batch, prepare(its, self.reader, self.embedding, cut)) for batch, its in jobs)

    def _apart(
        self,
        submit: Callable[..., _Waiting],
        jobs: Iterable[tuple[Sequence[SourceFile], list[Job]]],
        ahead: int,
    ) -> Iterator[Batch]:
        """What becomes of the jobs; `ahead` batches are on their way at once, not when somebody waits for them."""
        sent = ((batch, submit(its, self.reader, self._model)) for batch, its in jobs)
        waiting = deque(islice(sent, ahead))
        return self._results(waiting, sent)

    def _results(self, waiting: deque[_Sent], sent: Iterator[_Sent]) -> Iterator[Batch]:
        while waiting:
            done, future = waiting.popleft()
            results = future.result()
            waiting.extend(islice(sent, 1))
            yield done, self._embedded(results)

    def _embedded(self, results: Sequence[Ready | Failure]) -> Sequence[Ready | Failure]:
        """Results with vectors: a model that cannot be opened by its folder makes them here."""
        bare = [one for one in results if isinstance(one, Ready) and one.document.lacks_vectors]
        if not bare:
            return results
        rows = [row for one in bare for row in one.document.chunks]
        vectors, pieces = self.embedding.encode([embed_text(row) for row in rows]), kept_pieces(rows, self.embedding)
        begin = 0
        made: dict[int, Ready] = {}
        for one in bare:
            end = begin + len(one.document.chunks)
            own = replace(one.document, vectors=vectors[begin:end], pieces=tuple(pieces[begin:end]))
            made[id(one)] = replace(one, document=own)
            begin = end
        return [made.get(id(one), one) if isinstance(one, Ready) else one for one in results]


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes started meanwhile take one thread each for NumPy's products: to start more costs each 0.3 s of
    processor time, and all processors are taken."""
    name = "OPENBLAS_NUM_THREADS"
    before = os.environ.get(name)
    os.environ.setdefault(name, "1")
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]


def _bytes(files: Sequence[SourceFile]) -> int:
    return sum(file.size for file in files)
