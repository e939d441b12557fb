"""Files to what a part stores: read, cut, segment, embed. The share of a build that other processes take on.

The code that reads documents is imported by whoever reads one: a process that has others read them starts sooner.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import ingest
from errors import IngestError
from index import renderings
from index.embedding import Embedding, StaticEmbedding
from index.part import Facts, Prepared, Row, dump_body, dump_chunk, embed_text, load_body, pack
from index.passage import dump
from index.passage import prepare as ready
from index.provisions.codec import dump as dump_provisions
from index.provisions.record import Provision
from index.words import end_with_parent, grams, segment
from ingest.document import Chunk, Document
from ingest.files import Found, load, unforeseen

if TYPE_CHECKING:
    from index.vectors import Vectors

_BLOCK = 64  # passages that are cut into pieces together: some 200 KB of vectors each


def read_file(found: Found) -> Document:
    """The document in a file. Raises IngestError."""
    from ingest.reader import parse

    return parse(load(found.path, found.file))


def _chunks(document: Document) -> Sequence[Chunk]:
    from ingest.chunks import chunk

    return chunk(document)


def _provisions(document: Document) -> Sequence[Provision]:
    from index.provisions.read import read_provisions

    return read_provisions(document)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How files become documents, chunks and provisions; `version` changes whenever the first two may.

    A collection of passages that only looks like a document has no provisions. The functions of a `shareable` reader
    can be named to another process.
    """

    read: Callable[[Found], Document]
    chunk: Callable[[Document], Sequence[Chunk]]
    version: str
    provisions: Callable[[Document], Sequence[Provision]] = _provisions
    shareable: bool = False


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A file that could not be read, and why (one line, in Chinese)."""

    file: str
    error: str


@dataclass(frozen=True, kw_only=True)
class Held:
    """What an older index holds of a document.

    Provisions, pieces and vectors are `None` where they are to be made anew.
    """

    facts: Facts
    signature: bytes
    body: bytes
    provisions: bytes | None
    words: tuple[str, ...]
    chunks: tuple[Row, ...]
    pieces: tuple[bytes, ...] | None
    vectors: Vectors | None


@dataclass(frozen=True, kw_only=True)
class Job:
    """A document to prepare: a file to read, or what is `held` of it. `id` overrides the reader's."""

    path: str
    found: Found
    stamp: str
    held: Held | None = None
    id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A prepared document with its passages' tokens for BM25, parted by blanks; `warning` says what it lacks."""

    document: Prepared
    tokens: tuple[str, ...]
    warning: str | None = None


def standard_reader() -> Reader:
    """The project's own ingest; its version is the digest of its source files."""
    digest = sha256()
    for path in sorted(Path(ingest.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return Reader(read=read_file, chunk=_chunks, version=digest.hexdigest()[:16], shareable=True)


def prepare(
    jobs: Sequence[Job],
    reader: Reader,
    embedding: Embedding | None,
    cut: Callable[[Sequence[str]], list[str]] = segment,
) -> list[Ready | Failure]:
    """Each job's document, or why there is none. Without an embedding the vectors have no columns yet."""
    begun = [_begin(job, reader) for job in jobs]
    drafts = [one for one in begun if isinstance(one, _Draft)]
    uncut = [text for one in drafts if one.held.words is None for text in one.texts]
    lines = iter(cut(uncut) if uncut else [])
    bare = [text for one in drafts if one.held.vectors is None for text in one.texts]
    vectors = embedding.encode(bare) if embedding is not None and bare else np.empty((len(bare), 0), np.float32)
    uncut_rows = [row for one in drafts if one.held.pieces is None for row in one.held.chunks]
    kept = iter(kept_pieces(uncut_rows, embedding))
    at = 0
    done: list[Ready | Failure] = []
    for one in begun:
        if isinstance(one, Failure):
            done.append(one)
            continue
        held, count = one.held, len(one.texts)
        words = held.words if held.words is not None else tuple(next(lines) for _ in one.texts)
        own = held.vectors
        if own is None:
            own, at = vectors[at : at + count], at + count
        document = Prepared(
            facts=one.facts,
            signature=held.signature,
            body=held.body,
            provisions=one.provisions,
            words=words,
            chunks=held.chunks,
            pieces=held.pieces if held.pieces is not None else tuple(next(kept) for _ in held.chunks),
            vectors=own,
        )
        done.append(Ready(document=document, tokens=tuple(map(tokens, words, one.texts)), warning=one.warning))
    return done


def prepare_apart(jobs: Sequence[Job], reader: Reader, model: Path | None) -> list[Ready | Failure]:
    """`prepare` in a process of its own; `model` is the folder of a static embedding."""
    return prepare(jobs, reader, _opened(model) if model else None)


def ready_apart(model: Path | None) -> None:
    """Have this process ready for `prepare_apart`, and end with the one that started it."""
    import ingest.chunks
    import ingest.coverage
    import ingest.reader  # noqa: F401 - what `prepare` imports
    from index.lexicon import load_lexicon

    end_with_parent()
    segment([""])
    load_lexicon()
    if model:
        _opened(model)


def kept_pieces(rows: Sequence[Row], embedding: Embedding | None) -> list[bytes]:
    """What `index.passage` keeps of each passage; nothing where the embedding does not cut texts into pieces."""
    if not isinstance(embedding, StaticEmbedding):
        return [b""] * len(rows)
    passages = [(json.loads(row[3]), row[4]) for row in rows]
    blocks = (passages[at : at + _BLOCK] for at in range(0, len(passages), _BLOCK))
    return [dump(one) for block in blocks for one in ready(block, embedding)]


def tokens(words: str, text: str) -> str:
    """What BM25 counts in a passage: its words, and the characters and pairs of its embedded text."""
    return " ".join((words, *grams(text)))


@cache
def _opened(model: Path) -> StaticEmbedding:
    return StaticEmbedding(model, threads=1)


@dataclass(frozen=True, kw_only=True)
class _Fresh:
    """What has been read of a document; words and vectors are still to be made."""

    signature: bytes
    body: bytes
    words: tuple[str, ...] | None
    chunks: tuple[Row, ...]
    pieces: tuple[bytes, ...] | None
    vectors: Vectors | None


@dataclass(frozen=True, kw_only=True)
class _Draft:
    """A document with what is made for many at once still missing."""

    facts: Facts
    provisions: bytes
    held: _Fresh
    texts: tuple[str, ...]
    warning: str | None = None


def _begin(job: Job, reader: Reader) -> _Draft | Failure:
    if job.held is not None:
        return _go_on(job, job.held, reader)
    from ingest.coverage import coverage

    found = job.found
    try:
        document = reader.read(found)
        if job.id is not None:
            document = replace(document, id=job.id)
        chunks = reader.chunk(document)
        sketch = renderings.signature(document.text if chunks else "")  # page marks alone make no two works one
        problem = coverage(document).problem
        provisions = pack(dump_provisions(reader.provisions(document)))
    except IngestError as error:
        return Failure(file=found.file, error=str(error))
    except Exception as error:  # one file's surprise must not cost the others
        return Failure(file=found.file, error=str(unforeseen(error, found.path)))
    rows = tuple(map(dump_chunk, chunks))
    fresh = _Fresh(signature=sketch, body=dump_body(document), words=None, chunks=rows, pieces=None, vectors=None)
    facts = _facts(document, job)
    return _Draft(
        facts=facts,
        provisions=provisions,
        held=fresh,
        texts=tuple(one.embed_text for one in chunks),
        warning=f"{found.file}：{problem}；请用 wence outline --coverage 查看" if problem else None,
    )


def _go_on(job: Job, held: Held, reader: Reader) -> _Draft:
    provisions = held.provisions
    if provisions is None:
        provisions = pack(dump_provisions(reader.provisions(load_body(held.body, held.facts))))
    kept = _Fresh(
        signature=held.signature,
        body=held.body,
        words=held.words,
        chunks=held.chunks,
        pieces=held.pieces,
        vectors=held.vectors,
    )
    facts = replace(held.facts, stamp=job.stamp)
    return _Draft(facts=facts, provisions=provisions, held=kept, texts=tuple(map(embed_text, held.chunks)))


def _facts(document: Document, job: Job) -> Facts:
    return Facts(
        id=document.id,
        path=job.path,
        file=document.file,
        sha256=document.sha256,
        stamp=job.stamp,
        title=document.title,
        doc_number=document.doc_number,
        issuer=document.issuer,
        issue_date=document.issue_date,
        kind=document.kind,
        region=document.region,
        period=document.period,
        issuers=document.issuers,
        publish_date=document.publish_date,
        effective_date=document.effective_date,
        valid_until=document.valid_until,
        level=document.level,
        section_count=sum(1 for _ in document.walk()),
        relations=document.relations,
    )
