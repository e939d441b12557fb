"""`python -m index.training.measure SET...`: recall and nDCG of an embedding on its own, without BM25.

A SET is a folder in BEIR layout: `corpus.jsonl.gz`, `queries.jsonl.gz`, `qrels/test.tsv`. Title and text of a document
are embedded together, or with `--no-title` the text alone.
"""

import argparse
import gzip
import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from errors import UsageError, WenceError
from index.embedding import Embedding, open_embedding

_DEEPEST = 100
_QUERIES_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Texts to find, questions, and the right answers of each question (positions in `documents`)."""

    documents: list[str]
    queries: list[str]
    relevant: list[set[int]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the questions, 0–1."""

    queries: int
    documents: int
    recall_1: float
    recall_10: float
    recall_100: float
    ndcg_10: float


def read_records(path: Path) -> list[Mapping[str, str]]:
    """The lines of a gzipped file of JSON Lines. Raises UsageError when it cannot be read."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    except (OSError, EOFError, ValueError) as error:
        raise UsageError(f"评测集读不出来：{path}；应为 BEIR 格式的 .jsonl.gz") from error


def read_set(folder: Path, *, titles: bool = True) -> JudgedSet:
    """Reads a judged set. Raises UsageError for a missing or broken file."""
    corpus, queries = read_records(folder / "corpus.jsonl.gz"), read_records(folder / "queries.jsonl.gz")
    place = {record["_id"]: number for number, record in enumerate(corpus)}
    relevant: defaultdict[str, set[int]] = defaultdict(set)
    try:
        judged = (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]
    except OSError as error:
        raise UsageError(f"评测集缺少 qrels/test.tsv：{folder}；应为 BEIR 格式") from error
    for line in judged:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            relevant[query].add(place[document])
    asked = [record for record in queries if relevant[record["_id"]]]
    documents = [f"{record.get('title', '')} {record['text']}" if titles else record["text"] for record in corpus]
    return JudgedSet(documents, [record["text"] for record in asked], [relevant[record["_id"]] for record in asked])


def measure(embedding: Embedding, judged: JudgedSet) -> Figures:
    """Ranks every document by cosine for every question."""
    documents, queries = embedding.encode(judged.documents), embedding.encode(judged.queries)
    depth = min(_DEEPEST, len(documents))
    scored: list[tuple[float, float, float, float]] = []
    for start in range(0, len(queries), _QUERIES_AT_ONCE):
        scores = queries[start : start + _QUERIES_AT_ONCE] @ documents.T
        top = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
        order = np.argsort(-np.take_along_axis(scores, top, axis=1), axis=1, kind="stable")
        ranked = np.take_along_axis(top, order, axis=1)
        relevant = judged.relevant[start : start + _QUERIES_AT_ONCE]
        scored += [_score(row, right) for row, right in zip(ranked.tolist(), relevant, strict=True)]
    means = np.mean(scored, axis=0)
    return Figures(len(queries), len(documents), *(float(mean) for mean in means))


def _score(ranked: Sequence[int], right: set[int]) -> tuple[float, float, float, float]:
    hits = [rank for rank, document in enumerate(ranked) if document in right]
    recalls = [sum(rank < depth for rank in hits) / len(right) for depth in (1, 10, 100)]
    best = sum(1 / math.log2(rank + 2) for rank in range(min(10, len(right))))
    return recalls[0], recalls[1], recalls[2], sum(1 / math.log2(rank + 2) for rank in hits if rank < 10) / best


def main() -> int:
    """Prints one line per set; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m index.training.measure", description="单独评测嵌入模型")
    parser.add_argument("sets", type=Path, nargs="+", help="BEIR 格式的评测集目录")
    parser.add_argument("--embedding", default=None, help="模型目录或名称（默认随包模型）")
    parser.add_argument("--no-title", action="store_true", help="只嵌入正文，不带标题")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    try:
        embedding = open_embedding(arguments.embedding, arguments.threads)
        print(f"{embedding.name} {embedding.dimension}d {embedding.digest[:12]}")
        for folder in arguments.sets:
            started = time.monotonic()
            figures = measure(embedding, read_set(folder, titles=not arguments.no_title))
            print(
                f"{folder.name:12} R@1 {figures.recall_1:.3f}  R@10 {figures.recall_10:.3f}  "
                f"R@100 {figures.recall_100:.3f}  nDCG@10 {figures.ndcg_10:.3f}  "
                f"({figures.queries} questions, {figures.documents} documents, {time.monotonic() - started:.0f} s)",
                flush=True,
            )
    except WenceError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
