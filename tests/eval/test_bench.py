from __future__ import annotations

import gzip
import json
from math import log2
from pathlib import Path

import pytest

from errors import ConfigError
from eval.bench import measure

DOCUMENTS = {
    "d1": ("第一条", "对未来产业给予租金减免。"),
    "d2": ("", "设立科技创新基金，规模二十亿元。"),
    "d3": ("第三条", "培育脑机接口企业。"),
}
QUERIES = {"q1": "租金减免", "q2": "科技创新基金规模", "q3": "没有判断"}
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t1\nq2\td3\t1\nq3\td1\t0\n"


def write(folder: Path, name: str, text: str, packed: bool) -> None:
    path = folder / (name + ".gz" if packed else name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())


def make(folder: Path, packed: bool = False, qrels: str = QRELS) -> Path:
    corpus = [json.dumps({"_id": id_, "title": title, "text": text}) for id_, (title, text) in DOCUMENTS.items()]
    queries = [json.dumps({"_id": id_, "text": text}) for id_, text in QUERIES.items()]
    write(folder, "corpus.jsonl", "\n".join(corpus), packed)
    write(folder, "queries.jsonl", "\n".join(queries), packed)
    write(folder, "qrels/test.tsv", qrels, False)
    return folder


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("mode", ["hybrid", "dense", "sparse"])
def test_a_set_is_measured(tmp_path, embedding, packed, mode):
    found = measure(make(tmp_path, packed), embedding, k=1, mode=mode, processes=1).json()
    # q1 finds its one document; of q2's two the best is found, the other is beyond k.
    ndcg = (1 + 1 / (1 + 1 / log2(3))) / 2
    assert {name: found[name] for name in list(found)[:8]} == {
        "queries": 2,
        "documents": 3,
        "recall@1": 0.75,
        "recall@5": 0.75,
        "recall@10": 0.75,
        "recall@100": 0.75,
        "mrr@10": 1.0,
        "ndcg@10": round(ndcg, 4),
    }
    assert list(found)[8:] == ["index_seconds", "query_ms_p50", "query_ms_p95", "rss_mb"]
    assert all(found[name] > 0 for name in list(found)[8:])


def test_more_documents_are_asked_for_with_a_larger_k(tmp_path, embedding):
    quality = measure(make(tmp_path), embedding, k=3, mode="dense", processes=1).quality
    assert (quality["recall@5"], quality["mrr@10"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("corpus.jsonl", '{"_id": "d1"}\nnonsense\n', "corpus.jsonl 第 2 行读不了"),
        ("queries.jsonl", '{"text": "x"}\n', "queries.jsonl 第 1 行读不了：'_id'"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1 d1 1\n", "第 2 行应是 query-id、corpus-id、score 三列"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq9\td1\t1\n", "qrels 里没有一个 queries.jsonl 的问题"),
    ],
)
def test_a_bad_set_is_refused(tmp_path, embedding, name, text, message):
    make(tmp_path)
    write(tmp_path, name, text, False)
    with pytest.raises(ConfigError, match=message):
        measure(tmp_path, embedding, processes=1)


def test_a_folder_that_is_no_set_is_refused(tmp_path, embedding):
    with pytest.raises(ConfigError, match=r"没有 queries.jsonl（或 queries.jsonl.gz）"):
        measure(tmp_path, embedding, processes=1)


def test_the_weight_leads_from_one_kind_of_search_to_the_other(tmp_path, embedding):
    folder = make(tmp_path, qrels="query-id\tcorpus-id\tscore\nq1\td3\t1\n")
    write(folder, "queries.jsonl", json.dumps({"_id": "q1", "text": "租金 脑机"}), False)

    def rank(mode: str, weight: float) -> float:
        found = measure(folder, embedding, mode=mode, cosine_weight=weight, processes=1)  # type: ignore[arg-type]
        return found.quality["mrr@10"]

    assert rank("hybrid", 0.0) == rank("sparse", 0.0)
    assert rank("hybrid", 1.0) == rank("dense", 0.0)
