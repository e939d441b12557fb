"""Ask every question of a set, judge every answer, and say what it was all made with."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path

from assistant.answer import WRITER, Answer, ask
from assistant.question import understand
from errors import ConfigError
from eval import questions as known
from eval.metrics import METRICS, NONE, Case, Share, failure
from eval.questions import Question
from eval.retrieval import DEPTH, Passages, by_passage, by_section, measure
from eval.sources import Sources, sources_of
from index.search import COSINE_WEIGHT, Hit, Searcher

_CODE = ("ingest", "index", "assistant", "eval")
_RETRIEVED = "recall@10"  # above 0: a gold passage was retrieved
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One question, what came of it, and its share in every figure.

    `failure` is a key of `metrics.FAILURES` or `error`, `None` when the answer is right and concise; `error` is what
    went wrong when asking broke down. `documents` are the files of an answerable question's core passages,
    as the question names them.
    """

    question: Question
    answer: Answer
    hits: tuple[Hit, ...]
    shares: Mapping[str, Share]
    failure: str | None
    error: str | None
    documents: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MadeWith:
    """What decides the figures: digests of the question set, of the index's documents, embedding and code."""

    questions: str
    documents: tuple[str, ...]
    index: str
    embedding: str
    code: str
    writer: str
    cosine_weight: float
    today: str


@dataclass(frozen=True, kw_only=True)
class Run:
    """All rows in the order of the questions; `files` are file names by document id.

    `seconds` is how long it all took, and not reproducible.
    """

    rows: tuple[Row, ...]
    made_with: MadeWith
    sources: Sources
    files: Mapping[str, str]
    seconds: float


@dataclass(frozen=True)
class _Asked:
    question: Question
    answer: Answer
    hits: tuple[Hit, ...]
    error: str | None = None


def run(searcher: Searcher, questions: Sequence[Question], progress: Progress | None = None) -> Run:
    """Ask and judge. `progress` is called with questions done and questions in all.

    Raises ConfigError when there is no question, or the index lacks a document that one is about.
    """
    started = time.perf_counter()
    if not questions:
        raise ConfigError("没有题目可跑；请检查题库和筛选条件")
    snapshot = searcher.snapshot
    sources = sources_of(snapshot)
    _check_documents(questions, sources, snapshot.index_dir)
    passages = Passages.of(snapshot.catalogue)
    asked: list[_Asked] = []
    for done, question in enumerate(questions):
        if progress:
            progress(done, len(questions))
        asked.append(_ask(searcher, question))
    found = [(one.question, one.hits) for one in asked if one.question.answerable]
    rankings = {
        "section": measure({q.id: by_section(q, hits, passages.files, sources) for q, hits in found}),
        "passage": measure({q.id: by_passage(q, hits, passages, sources) for q, hits in found}),
    }
    return Run(
        rows=tuple(_judge(one, sources, rankings) for one in asked),
        made_with=_made_with(searcher, questions),
        sources=sources,
        files=passages.files,
        seconds=time.perf_counter() - started,
    )


def _ask(searcher: Searcher, question: Question) -> _Asked:
    """Ask one question; an error in it must not cost the others."""
    try:
        answer = ask(searcher, question.question, question.history, today=known.TODAY)
        hits = searcher.search(understand(question.question, question.history).query, k=DEPTH)
        return _Asked(question, answer, tuple(hits))
    except Exception as error:
        nothing = Answer(
            question=question.question,
            understood="",
            text="",
            refused=False,
            reason=None,
            citations=(),
            notes=(),
            confidence=0.0,
            writer=WRITER,
            latency_ms=0.0,
        )
        return _Asked(question, nothing, (), f"{type(error).__name__}: {error}")


def _judge(one: _Asked, sources: Sources, rankings: Mapping[str, Mapping[str, Mapping[str, Share]]]) -> Row:
    case = Case(one.question, one.answer, sources)
    shares = {name: metric(case) for name, metric in METRICS.items()}
    retrieved = False
    for view, measured in rankings.items():
        values = measured.get(one.question.id, {})
        shares.update({f"{view}_{name}": share for name, share in values.items()})
        retrieved = retrieved or values.get(_RETRIEVED, NONE).got > 0
    return Row(
        question=one.question,
        answer=one.answer,
        hits=one.hits,
        shares=shares,
        failure="error" if one.error else failure(case, retrieved),
        error=one.error,
        documents=tuple(sorted({gold.file for gold in one.question.core() if one.question.answerable})),
    )


def _check_documents(questions: Sequence[Question], sources: Sources, index_dir: Path) -> None:
    named = sorted({gold.file for question in questions for gold in question.core()})
    missing = "、".join(file for file in named if not sources.named(file))
    if missing:
        raise ConfigError(
            f"索引 {index_dir} 里没有题目所问的文件：{missing}；"
            f"请先把它们建进索引（wence build 文件夹 --index {index_dir}）"
        )


def _made_with(searcher: Searcher, questions: Sequence[Question]) -> MadeWith:
    manifest, entries = searcher.snapshot.manifest, searcher.snapshot.entries
    content = [f"{entry.file} {entry.sha256}" for entry in entries]
    decided = [*content, manifest.reader, manifest.tokens, manifest.embedding.digest, str(manifest.counts)]
    return MadeWith(
        questions=f"{len(questions)} {known.digest(questions)}",
        documents=tuple(entry.file for entry in entries),
        index=sha256("\n".join(decided).encode()).hexdigest()[:12],
        embedding=f"{manifest.embedding.name} {manifest.embedding.digest[:12]}",
        code=code_digest(),
        writer=WRITER,
        cosine_weight=COSINE_WEIGHT,
        today=known.TODAY.isoformat(),
    )


def code_digest() -> str:
    """Changes with any source file or word list that decides an answer or a figure."""
    found = sha256()
    for name in _CODE:
        folder = Path(str(import_module(name).__file__)).parent
        for path in sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".tsv", ".txt")):
            found.update(f"{name}/{path.relative_to(folder).as_posix()}".encode() + path.read_bytes())
    return found.hexdigest()[:12]
