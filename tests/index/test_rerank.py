from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from errors import ConfigError, UsageError
from index.build import build
from index.features import NAMES, Asked, Floats, Scores, features
from index.judged import CORPUS
from index.keywords import KeywordIndex, write_keywords
from index.passage import Passage, prepare
from index.rerank import DEPTH, FAR, LEAVES, MODEL, Model, Reranker, far, load_model, save_model
from index.search import Searcher
from index.snapshot import open_snapshot
from index.works import document_sizes
from tests.index.conftest import RecordingEmbedding, shipped

IDF_RARE = np.log(1 + (10 - 1 + 0.5) / 1.5)
IDF_UNSEEN = 0.3 * np.log(1 + 10.5 / 0.5)


def ready(headings: tuple[str, ...], text: str) -> Passage:
    return prepare([(headings, text)], shipped())[0]


def columns(query: str, passages: list[Passage], weights: dict[str, float] | None = None) -> dict[str, list[float]]:
    n = len(passages)
    asked = Asked(
        text=query,
        words=("公园", "开放"),
        documents={"公园": 1, "开放": 1, "公": 1, "园": 1, "开": 1, "放": 1},
        total=10,
        vector=shipped().encode([query])[0],
        pieces=np.unique(shipped().pieces(query)),
        weights=weights or {},
    )
    first = np.linspace(1.0, 0.5, n, dtype=np.float32)
    scores = Scores(
        fused=first,
        bm25=10 * first,
        words=first,
        cosine=np.zeros(n, dtype=np.float32),
        rows=np.arange(n),
        next_fused=first / 2,
        next_cosine=first / 4,
        sizes=np.arange(n),
    )
    found = features(asked, passages, scores, shipped())
    return {name: [round(float(v), 4) for v in row] for name, row in zip(NAMES, found.T, strict=True)}


def test_a_passage_is_split_into_heading_sentences_and_pieces() -> None:
    passage = ready(("条例", "第一条"), "公园ＡＢ。免费！\n开放")
    assert passage.text == "条例\n第一条\n公园ab。免费!\n开放"
    assert passage.body == 7
    assert passage.starts.tolist() == [0, 3, 7, 12, 15, 16]
    assert [chr(code) for code in passage.codes] == list(passage.text)
    sentences = np.split(passage.pieces, passage.bounds[1:])
    alone = [shipped().piece_vectors(pieces).sum(axis=0) for pieces in sentences]
    both = [one + other for one, other in zip(alone, [*alone[1:], 0 * alone[0]], strict=True)]
    assert passage.norms == pytest.approx(np.linalg.norm(both, axis=1), abs=1e-4)


def test_passages_made_ready_together_are_those_made_ready_alone() -> None:
    passages: list[tuple[tuple[str, ...], str]] = [
        (("条例", "第一条"), "公园ＡＢ。免费！\n开放"),
        ((), ""),
        ((), "！？；"),
        (("标题。",), ""),
        (("条例",), "牵引绳不超过两米；动画企业可以申请补贴。" * 90),
    ]
    assert prepare([], shipped()) == []
    for together, (headings, text) in zip(prepare(passages, shipped()), passages, strict=True):
        alone = ready(headings, text)
        assert (together.text, together.body) == (alone.text, alone.body)
        for name in ("codes", "starts", "pieces", "bounds"):
            assert getattr(together, name).tolist() == getattr(alone, name).tolist(), name
        assert together.norms == pytest.approx(alone.norms, rel=1e-6)
        assert len(together.bounds) == len(together.norms)


def test_the_features_of_a_small_example() -> None:
    """Pairs of the question: 公园 and 开放 are in one passage of ten, 园开 in none."""
    passages = [ready((), "公园每日开放。"), ready(("公园",), "开放。其他"), ready((), "一片草地")]
    found = columns("公园开放", passages)
    whole = 2 * IDF_RARE + IDF_UNSEEN
    both, one = 2 * IDF_RARE / whole, IDF_RARE / whole
    assert found["cover_pairs"] == pytest.approx([both, both, 0.0], abs=1e-4)
    assert found["sentence_pairs"] == pytest.approx([both, one, 0.0], abs=1e-4)
    assert found["two_sentences_pairs"] == pytest.approx([both, both, 0.0], abs=1e-4)
    assert found["heading_pairs"] == pytest.approx([0.0, one, 0.0], abs=1e-4)
    assert found["body_pairs"] == pytest.approx([both, one, 0.0], abs=1e-4)
    assert found["cover_characters"] == [1.0, 1.0, 0.0]
    assert found["cover_words"] == [1.0, 1.0, 0.0]
    assert found["run_share"] == [0.5, 0.5, 0.0]
    assert found["ordered"] == pytest.approx([one, one, 0.0], abs=1e-4)
    assert found["pairs_share"][2] == 0.0
    assert found["bm25_rank"] == [1.0, 0.5, 0.3333]
    assert found["bm25_lead"] == [0.25, 0.25, 0.25]
    assert found["fused_below"] == [0.0, -0.25, -0.5]
    assert found["next_share"] == [0.5, 0.375, 0.25]
    assert found["late"][:2] == pytest.approx([1.0, 1.0], abs=1e-4)
    assert found["late_missing"][:2] == [0.0, 0.0]
    assert found["late"][2] < 0.7
    assert found["document_size"] == pytest.approx(np.log([1, 2, 3]), abs=1e-4)
    step, two = np.exp(-0.25), np.exp(-0.5)
    assert found["company"] == pytest.approx([0.75 * step + 0.5 * two, 1.5 * step, 0.75 * step + two], abs=1e-3)


def test_a_window_is_the_cosine_of_two_sentences() -> None:
    text = "公园免费开放。牵引绳不超过两米。动画企业可以申请补贴。"
    query = "犬只的牵引绳"
    sentences = [f"{part}。" for part in text.split("。")[:-1]]
    windows = [*(a + b for a, b in pairwise(sentences)), sentences[-1]]
    best = max(float(shipped().encode([query])[0] @ vector) for vector in shipped().encode(windows))
    assert columns(query, [ready((), text)])["window"] == [pytest.approx(best, abs=2e-3)]


def test_a_term_that_tells_little_covers_little() -> None:
    passages = [ready((), "公园"), ready((), "开放")]
    found = columns("公园开放", passages, {"公园": 0.5})["cover_pairs"]
    assert found[0] == pytest.approx(found[1] / 2, abs=1e-3)


def test_what_every_candidate_holds_tells_little() -> None:
    """公园 is in three passages, 开放 in two of them: rarer, it weighs more. Headings count, but not for the body."""
    found = columns("公园开放", [ready((), "公园"), ready((), "公园开放"), ready(("公园",), "开放")])
    everywhere, twice, once = IDF_RARE * np.log(4 / 3.5), IDF_RARE * np.log(4 / 2.5), IDF_UNSEEN * np.log(4 / 1.5)
    whole = everywhere + twice + once
    expected = [everywhere / whole, 1.0, (everywhere + twice) / whole]
    assert found["rare_pairs"] == pytest.approx(expected, abs=1e-3)
    whole = 2 * twice + once
    assert found["rare_body_pairs"] == pytest.approx([twice / whole, 1.0, twice / whole], abs=1e-3)
    assert found["rare_words"][0] < 0.5 < found["rare_words"][1] == found["rare_words"][2] == 1.0
    assert found["rare_characters"][0] < 0.5 < found["rare_characters"][1] == 1.0


def test_numbers_agree_or_not() -> None:
    passages = [ready((), "2021年补贴300元。"), ready((), "2022年再议。")]
    assert columns("2021年补贴多少", passages)["numbers"] == [1.0, 0.0]


@pytest.mark.parametrize("query", ["公", "。？", "abc 123", "\U00020000\U00020001", "公园" * 300])
@pytest.mark.parametrize("text", ["", "公园", "\U00020000公", "。" * 30, "开放" * 2000])
def test_any_text_gives_finite_features(query: str, text: str) -> None:
    found = columns(query, [ready((), text), ready(("标题",), text)])
    assert np.isfinite(list(found.values())).all()


def small_model(terms: dict[str, float] | None = None) -> Model:
    """One tree that splits on cover_pairs <= 0.5, and a linear model of the length."""
    limits = np.full((1, LEAVES - 1), np.inf)
    left = np.full((1, LEAVES - 1), 0xFFFF, dtype=np.uint16)
    column = np.zeros((1, LEAVES - 1), dtype=np.int16)
    column[0, 0], limits[0, 0], left[0, 0] = NAMES.index("cover_pairs"), 0.5, 0xFFFE
    values = np.zeros((1, LEAVES))
    values[0, :2] = -1, 2
    weights = np.zeros(len(NAMES))
    weights[NAMES.index("length")] = 1
    n, far_weights = len(NAMES), np.array([1.0, 2.0, 0.0, 0.0, 3.0])
    linear = (np.zeros(n), np.ones(n), weights)
    beyond = (np.zeros(len(FAR)), np.ones(len(FAR)), far_weights)
    return Model(column, limits, left, values, *linear, *beyond, terms or {"怎": 0.5}, 256, np.ones(1))


def test_trees_and_weights_worked_by_hand() -> None:
    rows = np.zeros((3, len(NAMES)), dtype=np.float32)
    rows[:, NAMES.index("cover_pairs")] = [0.5, 0.6, 1.0]
    rows[:, NAMES.index("length")] = [0.3, 0.2, 0.1]
    model = small_model()
    assert model.trees(rows).tolist() == [-1, 2, 2]
    standard = np.array([1.2247, 0, -1.2247]) + np.array([-1.4142, 0.7071, 0.7071])
    assert model.scores(rows, np.ones(3)) == pytest.approx(standard, abs=1e-3)
    thrice = standard + 2 * np.array([-1.4142, 0.7071, 0.7071])
    assert replace(model, votes=np.array([3.0])).scores(rows, np.ones(3)) == pytest.approx(thrice, abs=1e-3)
    ranked = Reranker.order(model, [(1.0, 7), (1.0, 8), (1.0, 9)], rows)
    assert [place.row for place in ranked] == [8, 7, 9]
    assert ranked[1].parts == (("length", 0.3),)


def test_candidates_of_unknown_document_sizes_are_ordered_by_the_model_for_few() -> None:
    few = small_model()
    model = replace(few, few=replace(few, weights=-few.weights, values=0 * few.values))
    rows = np.zeros((2, len(NAMES)), dtype=np.float32)
    rows[:, NAMES.index("length")] = [0.1, 0.2]
    best = [(1.0, 7), (1.0, 8)]
    rows[:, NAMES.index("document_size")] = np.log1p([1, 1])
    assert [place.row for place in Reranker.order(model, best, rows)] == [7, 8]
    rows[:, NAMES.index("document_size")] = np.log1p([1, 2])
    assert [place.row for place in Reranker.order(model, best, rows)] == [8, 7]


def test_numpy_and_lightgbm_agree(tmp_path: Path) -> None:
    lightgbm = pytest.importorskip("lightgbm", reason="the extra `train` is not installed")
    from index.training.rerank.trainer import Judged, fit

    chance = np.random.default_rng(0)
    judged = []
    for _ in range(200):
        rows = chance.normal(size=(10, len(NAMES))).round(1).astype(np.float32)
        right = (rows[:, 3] + chance.normal(size=10) > 1).astype(np.int8)
        judged.append(Judged(rows, right, rows[:, : len(FAR)].astype(np.float64), right, 1))
    boosters = []
    real = lightgbm.train
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lightgbm, "train", lambda *a, **k: boosters.append(real(*a, **k)) or boosters[-1])
        model = fit(judged, small_model(), seed=0, threads=1, trees=40)
    every: Floats = np.concatenate([one.rows for one in judged])
    assert model.few is not None
    seen = [at for at, name in enumerate(NAMES) if not name.startswith("rare_") and name != "document_size"]
    assert model.few.trees(every) == pytest.approx(boosters[0].predict(every[:, seen]), abs=1e-9)
    assert model.trees(every) == pytest.approx(boosters[1].predict(every), abs=1e-9)
    assert model.votes[0] > model.few.votes[0]
    save_model(model, tmp_path / "one")
    save_model(fit(judged, small_model(), seed=0, threads=1, trees=40), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    again = load_model(tmp_path / "one")
    assert again is not None
    assert again.few is not None
    assert np.array_equal(again.trees(every), model.trees(every))
    assert np.array_equal(again.few.scores(every, every[:, 0]), model.few.scores(every, every[:, 0]))
    assert again.terms == {"怎": 0.5}
    assert again.far_weights.argmax() == 3  # what decides in these rows
    assert np.array_equal(again.far(every[:, : len(FAR)]), model.far(every[:, : len(FAR)]))


def test_what_lies_beyond_the_reranked_is_ordered_by_cheap_features() -> None:
    rows = far(np.array([4.0, 0.0, 2.0]), np.array([0.1, 0.5, 0.3]), np.array([1, 3, 1]))
    assert rows[:, 0] == pytest.approx([1.0, 0.0, 0.5], abs=1e-6)
    assert rows[:, 2] == pytest.approx([1.0, 60 / 62, 60 / 61])
    assert rows[:, 3] == pytest.approx([60 / 62, 1.0, 60 / 61])
    assert small_model().far(rows) == pytest.approx(rows[:, 0] + 2 * rows[:, 1] + 3 * np.log([2.0, 4.0, 2.0]), abs=1e-6)


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-7], lambda _: b"", lambda data: data.replace(b"bm25", b"bm52")],
    ids=["cut", "empty", "other features"],
)
def test_a_damaged_model_is_refused_with_what_to_do(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    (tmp_path / "model").write_bytes(damage(MODEL.read_bytes()))
    with pytest.raises(ConfigError, match="重排模型损坏"):
        load_model(tmp_path / "model")


def test_the_shipped_model_is_small_and_fits_the_shipped_embedding() -> None:
    model = load_model()
    assert model is not None
    assert model.dimension == shipped().dimension
    assert MODEL.stat().st_size < 5_000_000
    assert model.terms["什么"] < 0.6  # people ask so, and provisions do not say it


def test_weights_of_terms_decide_what_bm25_counts(tmp_path: Path) -> None:
    write_keywords(tmp_path / "words", ["a b", "a c"])
    index = KeywordIndex(tmp_path / "words")
    assert index.search({"b": 1.0, "c": 0.5}, 2)[0][0] == 0
    assert index.search({"b": 0.5, "c": 1.0}, 2)[0][0] == 1
    assert index.scores({"b": 2.0}, [0])[0] == pytest.approx(index.scores(["b", "b"], [0])[0])
    assert index.holding(["a", "b", "d"]) == {"a": 2, "b": 1, "d": 0}


@pytest.fixture
def index(library: Path, tmp_path: Path) -> Path:
    build([library], tmp_path / "index", embedding=shipped())
    return tmp_path / "index"


def test_the_reranked_are_the_same_passages_with_falling_scores(index: Path) -> None:
    snapshot = open_snapshot(index, shipped())
    model = small_model()
    for query in ("公园开放时间", "动画片补贴多少", "水"):
        plain = Searcher(snapshot, model=replace(model, values=0 * model.values, weights=0 * model.weights))
        ranked = Searcher(snapshot, model=model)
        before, after = plain.search(query, k=50), ranked.search(query, k=50)
        assert sorted(hit.chunk.id for hit in before) == sorted(hit.chunk.id for hit in after)
        assert [hit.score for hit in before] == [hit.score for hit in after]
        assert sorted((hit.score for hit in after), reverse=True) == [hit.score for hit in after]
        votes = [dict(hit.parts)["rerank"] for hit in after[:DEPTH]]
        assert votes == sorted(votes, reverse=True)
        assert [hit.chunk.id for hit in ranked.search(query, k=3)] == [hit.chunk.id for hit in after[:3]]


def long_library(folder: Path, titles: Sequence[str]) -> Path:
    """A judged set of one short passage a title, as the training reads it."""
    folder.mkdir()
    with gzip.open(folder / "corpus.jsonl.gz", "wt", encoding="utf-8") as file:
        for place, title in enumerate(titles):
            record = {"_id": str(place), "title": title, "text": f"公园第{place}条，开放时间另行公布。"}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\t7\t1\n")
    with gzip.open(folder / "queries.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"_id": "q", "text": "公园的开放时间"}, ensure_ascii=False) + "\n")
    return folder


@pytest.mark.parametrize(("works", "expected"), [(60, [3, 3, 3, 2, 2]), (40, [1, 1, 1, 1, 1])])
def test_a_document_counts_by_its_passages_where_there_are_many(
    works: int, expected: list[int], tmp_path: Path
) -> None:
    titles = [
        *(f"公园条例第{number}条" for number in "一二三"),
        *["绿地办法"] * 2,
        *(f"规定{n}" for n in range(works - 2)),
    ]
    folder = long_library(tmp_path / "set", titles)
    build([folder / "corpus.jsonl.gz"], tmp_path / "index", embedding=shipped(), reader=CORPUS)
    with closing(open_snapshot(tmp_path / "index", shipped())) as snapshot:
        assert document_sizes(snapshot)[:5].tolist() == expected


def test_beyond_the_reranked_passages_of_long_documents_come_first(tmp_path: Path) -> None:
    titles = ["绿地办法" if n % 3 == 0 else f"规定{n}" for n in range(150)]
    folder = long_library(tmp_path / "set", titles)
    build([folder / "corpus.jsonl.gz"], tmp_path / "index", embedding=shipped(), reader=CORPUS)
    model = replace(small_model(), far_weights=np.array([0.0, 0.0, 0.0, 0.0, 1.0]))
    with closing(open_snapshot(tmp_path / "index", shipped())) as snapshot:
        hits = Searcher(snapshot, model=model).search("公园的开放时间", k=150, distinct=False)
    long = [hit.chunk.headings == ("绿地办法",) for hit in hits[DEPTH:]]
    assert len(hits) == 150
    assert 0 < sum(long) < len(long)
    assert long == sorted(long, reverse=True)


def test_the_answer_comes_first_and_says_why(index: Path) -> None:
    hit = Searcher(open_snapshot(index, shipped())).search("遛狗的绳子最长几米", k=1)[0]
    assert "不超过2米" in hit.chunk.text
    assert {"bm25", "cosine", "rerank"} <= dict(hit.parts).keys()
    assert set(dict(hit.parts)) - {"bm25", "cosine", "rerank"} <= set(NAMES)


def test_another_kind_of_embedding_is_left_unranked(
    library: Path, tmp_path: Path, embedding: RecordingEmbedding
) -> None:
    build([library], tmp_path / "index", embedding=embedding)
    searcher = Searcher(open_snapshot(tmp_path / "index", embedding))
    assert "rerank" not in dict(searcher.search("公园", k=1)[0].parts)
    with pytest.raises(UsageError, match="没有重排模型"):
        searcher.features("公园")
