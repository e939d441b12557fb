"""Batches of source files on their way through `index.prepare`: here, in processes beside this one, or on a cluster."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Literal, Protocol

from index.embedding import Embedding, StaticEmbedding
from index.part import embed_text
from index.prepare import Failure, Job, Reader, Ready, kept_pieces, prepare, prepare_apart
from index.sources import SourceFile, in_batches
from index.words import end_with_parent, segmenting

Engine = Literal["local", "ray"]
Batch = tuple[Sequence[SourceFile], Sequence[Ready | Failure]]
_WORTH_PROCESSES = 1_000_000  # bytes of new text from which more processes save more than their start costs


class _Waiting(Protocol):
    """A batch that somebody else prepares."""

    def result(self) -> list[Ready | Failure]:
        """Wait for it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Who prepares files, and how."""

    reader: Reader
    embedding: Embedding
    processes: int
    engine: Engine = "local"

    @contextmanager
    def prepared(
        self, files: Sequence[SourceFile], job: Callable[[SourceFile], Job], fresh_bytes: int
    ) -> Iterator[Iterator[Batch]]:
        """Batches of files with what became of each, in order; several processes share the work when it is much.

        `fresh_bytes` are those of files of which an older index does not hold all that is needed.
        """
        apart = self.processes if fresh_bytes > _WORTH_PROCESSES else 1
        batches = in_batches(files)
        jobs = ((batch, [job(file) for file in batch]) for batch in batches)
        with ExitStack() as stack:
            if self.engine == "ray" and self.reader.shareable:
                from index.cluster import RayPool

                far = stack.enter_context(RayPool(self.processes))
                yield self._apart(far.submit, jobs, 2 * far.width)
                return
            if apart == 1 or not self.reader.shareable:
                cut = stack.enter_context(segmenting(apart))
                yield ((batch, prepare(its, self.reader, self.embedding, cut)) for batch, its in jobs)
                return
            # Spawned, not forked: this process holds threads of FAISS and tantivy.
            pool = stack.enter_context(
                ProcessPoolExecutor(apart, mp_context=get_context("spawn"), initializer=end_with_parent)
            )
            stack.callback(pool.shutdown, wait=False, cancel_futures=True)
            yield self._apart(lambda *batch: pool.submit(prepare_apart, *batch), jobs, 2 * apart)

    def _apart(
        self,
        submit: Callable[..., _Waiting],
        jobs: Iterable[tuple[Sequence[SourceFile], list[Job]]],
        ahead: int,
    ) -> Iterator[Batch]:
        own = self.embedding if isinstance(self.embedding, StaticEmbedding) else None
        model = own.directory.resolve() if own else None
        waiting: deque[tuple[Sequence[SourceFile], _Waiting]] = deque()
        for batch, its in jobs:
            waiting.append((batch, submit(its, self.reader, model)))
            if len(waiting) > ahead:
                done, future = waiting.popleft()
                yield done, self._embedded(future.result())
        while waiting:
            done, future = waiting.popleft()
            yield done, self._embedded(future.result())

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
