"""One contract over both stores: the files of this machine, and Milvus (Milvus Lite, run for real)."""

from __future__ import annotations

import importlib.util
import math
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import ConfigError, SnapshotError
from index.build import build
from index.embedding import StaticEmbedding, open_embedding
from index.filter import Filter
from index.ledger import Ledger, rounded, tokens_in, write_ledger
from index.manifest import LEDGER, read_manifest
from index.milvus import Address, Passages, connect, query_text, read_address, stored_tokens
from index.query import Only
from index.search import Searcher
from index.snapshot import open_snapshot, verify
from index.words import query_tokens
from tests.index.conftest import write_model

REPOSITORY = Path(__file__).parents[2]
PLACES = ("临河市", "海安市", "北川县", "东宁区")
SUBJECTS = (
    ("公园", "公园每日六时至二十二时向公众免费开放", "携犬进入公园应当使用不超过2米的牵引绳"),
    ("节约用水", "年用水量五万立方米以上的单位每三年做一次水平衡测试", "违反规定的处以2万元罚款"),
    ("动画制作", "对首次播出的原创动画片按每分钟2000元给予补贴", "高层次动画人才公寓租金减免百分之五十"),
    ("充电设施", "新建公共充电桩每千瓦补助300元", "充电设施运营企业应当接入市级监测平台"),
    ("冷链物流", "新建冷库按每立方米100元给予补助", "冷藏车购置补贴最高3.5万元"),
    ("低空经济", "开设载人航线的企业每年给予50万元奖励", "无人机试飞场地由区政府无偿提供"),
)
QUESTIONS = (
    *("公园几点关门", "遛狗绳多长", "用水超标罚多少", "动画片补贴标准", "人才公寓", "充电桩补助多少钱", "冷库补助"),
    *(
        "冷藏车3.5万元",
        "无人机试飞",
        "载人航线奖励",
        "临河市公园办法",
        "“水平衡测试”",
        "第二条",
        "企业",
        "subsidy for parks",
    ),
)
LITE = all(importlib.util.find_spec(name) is not None for name in ("pymilvus", "milvus_lite"))
needs_lite = pytest.mark.skipif(not LITE, reason="the extra milvus is not installed")


def write_library(folder: Path) -> Path:
    """24 documents of four places, six subjects, years from 2015, the older ones out of force."""
    folder.mkdir()
    for at, place in enumerate(PLACES):
        for number, (subject, first, second) in enumerate(SUBJECTS):
            year = 2015 + (at * len(SUBJECTS) + number) % 9
            until = f"，有效期至{year + 3}年12月31日" if number % 2 else ""
            text = (
                f"{place}{subject}管理办法\n\n{place}政发〔{year}〕{number + 1}号\n\n"
                f"第一条 为了规范{place}的{subject}，制定本办法。\n第二条 {first}。\n第三条 {place}规定，{second}。\n"
                f"第四条 本办法自{year}年7月1日起施行{until}。\n\n{place}人民政府\n{year}年6月1日\n"
            )
            (folder / f"{at}{number}_{subject}.txt").write_text(text, encoding="utf-8")
    return folder


class Shelf:
    """A library, its index, and the Milvus Lite file beside it."""

    def __init__(self, folder: Path, embedding: StaticEmbedding) -> None:
        self.library = write_library(folder / "library")
        self.index, self.embedding = folder / "index", embedding
        self.setting = f"milvus+file:{folder / 'store.db'}"

    def build(self) -> Any:
        return build([self.library], self.index, embedding=self.embedding, store=self.setting if LITE else None)

    def open(self, store: str) -> Searcher:
        return Searcher(open_snapshot(self.index, self.embedding, self.setting if store == "milvus" else None))

    def passages(self) -> Passages:
        address = read_address(self.setting)
        folder = read_manifest(self.index).folder(self.index)
        return Passages(address, connect(address), Ledger(folder / LEDGER).collection)


@pytest.fixture(scope="module")
def embedding() -> StaticEmbedding:
    opened = open_embedding()
    assert isinstance(opened, StaticEmbedding)
    return opened


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, embedding: StaticEmbedding) -> Shelf:
    shelf = Shelf(tmp_path_factory.mktemp("both"), embedding)
    shelf.build()
    return shelf


@pytest.fixture(scope="module", params=["local", pytest.param("milvus", marks=needs_lite)])
def searcher(request: pytest.FixtureRequest, shelf: Shelf) -> Iterator[Searcher]:
    found = shelf.open(request.param)
    yield found
    found.snapshot.close()


def files(searcher: Searcher, rows: set[int]) -> set[str]:
    return {searcher.snapshot.entries[searcher._document(row)].file for row in rows}


class TestStores:
    """What every store must do."""

    def test_it_counts_passages_and_tokens(self, searcher: Searcher) -> None:
        store, passages = searcher.snapshot.retrieval.store, list(searcher.snapshot.catalogue.tokens())
        assert store.count == len(passages) == searcher.snapshot.counts().chunks
        asked = ["公园", "园", "补助", "3.5", "没有这个词"]
        held = {token: sum(token in tokens_in(words, text) for words, text in passages) for token in asked}
        assert store.holding([*asked, "公园"]) == held
        assert held["公园"] > 0
        assert held["没有这个词"] == 0

    def test_scores_are_bm25(self, searcher: Searcher) -> None:
        store, passages = searcher.snapshot.retrieval.store, list(searcher.snapshot.catalogue.tokens())
        bags = [tokens_in(words, text) for words, text in passages]
        mean = sum(map(len, bags)) / len(bags)
        weights = {"公园": 2.0, "补助": 0.3, "园": 1.0}
        expected: dict[int, float] = {}
        for row, bag in enumerate(bags):
            for token, weight in weights.items():
                often, holding = bag.count(token), sum(token in other for other in bags)
                idf = math.log(1 + (len(bags) - holding + 0.5) / (holding + 0.5))
                if often:
                    part = weight * idf * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * rounded(len(bag)) / mean))
                    expected[row] = expected.get(row, 0.0) + part
        found = store.scores(weights, range(len(bags)))
        assert found.keys() == expected.keys()
        assert found == pytest.approx(expected, rel=1e-5)
        assert store.scores(weights, []) == {}
        assert store.scores({}, [0, 1]) == {}

    def test_cosines_are_those_of_the_embedding(self, searcher: Searcher) -> None:
        retrieval = searcher.snapshot.retrieval
        rows = [3, 0, 5]
        texts = [searcher.snapshot.catalogue.chunk_at(row).embed_text for row in rows]
        vector = retrieval.embedding.encode(["公园开放时间"])[0]
        products = retrieval.embedding.encode(texts) @ vector
        found = retrieval.store.cosines(vector, rows)
        assert list(found) == rows
        assert np.allclose(list(found.values()), products, atol=1e-6)
        assert retrieval.store.cosines(vector, []) == {}

    def test_candidates_are_the_nearest_of_both_kinds(self, searcher: Searcher) -> None:
        retrieval, count = searcher.snapshot.retrieval, searcher.snapshot.counts().chunks
        everything = list(range(count))
        tokens = query_tokens("冷藏车购置补贴", searcher._segmenter)
        vector = retrieval.embedding.encode(["冷藏车购置补贴"])[0]
        bm25, cosine = retrieval.store.scores(tokens, everything), retrieval.store.cosines(vector, everything)
        for near, scores in (
            (retrieval.store.candidates(tokens, None, 5), bm25),
            (retrieval.store.candidates([], vector, 5), cosine),
            (set(retrieval.store.matching(tokens, 5)), bm25),
        ):
            assert len(near) == 5
            fifth = sorted(scores.values())[-5]
            assert all(scores[row] >= fifth - 1e-5 for row in near)
        both = retrieval.store.candidates(tokens, vector, 5)
        assert both >= retrieval.store.candidates([], vector, 5)
        assert 5 <= len(both) <= 10
        ordered = [bm25[row] for row in retrieval.store.matching(tokens, 10)]
        assert ordered == sorted(ordered, reverse=True)
        assert retrieval.store.candidates([], None, 5) == set()
        assert retrieval.store.candidates([], np.zeros_like(vector), 5) == set()
        assert retrieval.store.candidates(["没有这个词"], None, 5) == set()

    @pytest.mark.parametrize(
        "within",
        [
            Filter(docs=frozenset({0, 7})),
            Filter(regions=frozenset({"临河市", "北川县"})),
            Filter(years=frozenset({2016, 2019})),
            Filter(day=20170630),
            Filter(day=20170701),
            Filter(day=20191231),
            Filter(day=20200101),
            Filter(day=20230101),
            Filter(docs=frozenset(range(12)), regions=frozenset({"海安市"}), years=frozenset({2022}), day=20230101),
            Filter(regions=frozenset()),
            Filter(docs=frozenset()),
            Filter(years=frozenset({1999})),
        ],
    )
    def test_filters_keep_to_documents_that_fit(self, searcher: Searcher, within: Filter) -> None:
        retrieval = searcher.snapshot.retrieval
        vector = retrieval.embedding.encode(["办法"])[0]
        fitting = {entry.file for entry in searcher.snapshot.entries if within.fits(entry)}
        assert len(fitting) < len(searcher.snapshot.entries)
        assert files(searcher, retrieval.store.candidates(["办法"], vector, 1000, within)) == fitting

    def test_a_search_keeps_to_what_a_user_insists_on(self, searcher: Searcher) -> None:
        for only in (
            Only(docs=("公园",)),
            Only(places=("海安市",)),
            Only(years=("2016",), places=("临河市", "东宁区")),
            Only(day=date(2018, 3, 1)),
        ):
            asked = searcher.read("补助和奖励的标准", only)
            assert asked.within is not None
            hits = searcher.search(asked, k=200, distinct=False)
            found = {searcher.snapshot.entry(hit.chunk.doc).file for hit in hits}
            assert found == {entry.file for entry in searcher.snapshot.entries if asked.within.fits(entry)}
            assert found


@needs_lite
def test_both_find_the_same(shelf: Shelf) -> None:
    local, milvus = shelf.open("local"), shelf.open("milvus")
    shared: list[float] = []
    for question in QUESTIONS:
        ours = {hit.chunk.id: hit.score for hit in local.search(question)}
        theirs = {hit.chunk.id: hit.score for hit in milvus.search(question)}
        both = ours.keys() & theirs.keys()
        shared.append(len(both) / len(ours))
        for one in both:
            assert theirs[one] == pytest.approx(ours[one], abs=0.02)
        first = local.search(question, k=1)[0].chunk.id
        assert first in theirs
    assert min(shared) >= 0.7
    assert sum(shared) / len(shared) >= 0.9
    assert [one.file for one in local.snapshot.documents()] == [one.file for one in milvus.snapshot.documents()]
    milvus.snapshot.close()


@needs_lite
def test_updates_cost_what_changed(tmp_path: Path, embedding: StaticEmbedding, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(tmp_path, embedding)
    shelf.build()
    put: list[str] = []
    inner = Passages.put

    def recording(self: Passages, passages: Any) -> None:
        put.extend(one["id"].partition(":")[0] for one in passages)
        inner(self, passages)

    monkeypatch.setattr(Passages, "put", recording)
    before = shelf.open("milvus")
    report = shelf.build()
    assert (report.unchanged, put) == (24, [])

    changed = shelf.library / "00_公园.txt"
    changed.write_text(changed.read_text("utf-8").replace("二十二时", "二十三时"), encoding="utf-8")
    (shelf.library / "01_节约用水.txt").unlink()
    (shelf.library / "new.txt").write_text("临河市攀岩场办法\n\n第一条 攀岩场应当配备教练。\n", encoding="utf-8")
    with monkeypatch.context() as watched:
        watched.setattr(Passages, "ids", lambda self: pytest.fail("looked at every passage"))
        report = shelf.build()
    assert (report.added, report.updated, report.removed, report.unchanged) == (1, 1, 1, 22)
    assert len(set(put)) == 2
    after = shelf.open("milvus")
    assert shelf.passages().count() == after.snapshot.counts().chunks
    assert sorted(shelf.passages().ids()) == sorted(
        f"{one.key}:{at}"
        for one in Ledger(read_manifest(shelf.index).folder(shelf.index) / LEDGER).documents()
        for at in range(one.count)
    )
    assert any("二十三时" in hit.chunk.text for hit in after.search("临河市公园几时关门"))
    assert any("攀岩场应当配备教练" in hit.chunk.text for hit in after.search("攀岩场教练"))
    gone = {after.snapshot.entry(hit.chunk.doc).file for hit in after.search("节约用水罚款", k=100)}
    assert "01_节约用水.txt" not in gone
    # A process that still holds the snapshot before goes on, with what it knows
    old = before.search("临河市公园几时关门", k=100)
    assert {before.snapshot.entry(hit.chunk.doc).file for hit in old}
    assert all("攀岩" not in hit.chunk.text for hit in old)


@needs_lite
def test_broken_off_anywhere_a_build_is_made_good_by_the_next(
    tmp_path: Path, embedding: StaticEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(tmp_path, embedding)
    shelf.build()
    published = read_manifest(shelf.index)
    for path in shelf.library.iterdir():
        path.write_text(path.read_text("utf-8").replace("制定", "特制定"), encoding="utf-8")
    for method, calls in (("put", 1), ("put", 2), ("settle", 1)):
        with monkeypatch.context() as broken:
            left = [calls]

            whole = getattr(Passages, method)

            def breaking(self: Passages, *given: Any, left: list[int] = left, whole: Any = whole) -> None:
                left[0] -= 1
                if left[0] <= 0:
                    raise SnapshotError("gone")
                whole(self, *given)

            broken.setattr(Passages, method, breaking)
            with pytest.raises(SnapshotError, match="gone"):
                shelf.build()
        assert read_manifest(shelf.index) == published
        assert shelf.open("milvus").search("公园几时开放")
    shelf.build()
    assert read_manifest(shelf.index) != published
    assert verify(shelf.index, shelf.setting) == []

    # Lost in the engine: named by verify, put back by a build
    ids = sorted(shelf.passages().ids())
    shelf.passages().take_out(ids[1:4])
    assert [one.file for one in verify(shelf.index, shelf.setting)] == ["Milvus"]
    assert shelf.open("milvus").search("公园几时开放")
    shelf.build()
    assert verify(shelf.index, shelf.setting) == []
    assert sorted(shelf.passages().ids()) == ids


@needs_lite
def test_a_searching_machine_needs_only_catalogue_and_ledger(shelf: Shelf, tmp_path: Path) -> None:
    copy = tmp_path / "index"
    shutil.copytree(shelf.index, copy, ignore=shutil.ignore_patterns("vectors*", "keywords*"))
    with pytest.raises(SnapshotError, match="文件不见了"):
        open_snapshot(copy, shelf.embedding)
    assert verify(copy, shelf.setting) == []
    assert Searcher(open_snapshot(copy, shelf.embedding, shelf.setting)).search("冷库补助", k=1)


@needs_lite
def test_an_index_that_was_never_pushed_says_so(tmp_path: Path, embedding: StaticEmbedding) -> None:
    shelf = Shelf(tmp_path, embedding)
    build([shelf.library], shelf.index, embedding=embedding)
    with pytest.raises(SnapshotError, match="还没有送进 Milvus"):
        shelf.open("milvus")
    shelf.build()
    assert shelf.open("milvus").search("冷库补助")
    assert shelf.open("local").search("冷库补助")
    with pytest.raises(SnapshotError, match="没有集合"):
        open_snapshot(shelf.index, embedding, f"milvus+file:{tmp_path / 'other.db'}")

    # Another embedding, of another dimension, gets another collection; the old one goes
    old = Ledger(read_manifest(shelf.index).folder(shelf.index) / LEDGER).collection
    shelf.embedding = StaticEmbedding(write_model(tmp_path, seed=1), name="small")
    shelf.build()
    assert shelf.open("milvus").search("冷库补助")
    client = connect(read_address(shelf.setting))
    [new] = client.list_collections()
    assert new != old
    client.close()


@needs_lite
def test_a_server_that_does_not_answer_is_one_clear_line(shelf: Shelf) -> None:
    with pytest.raises(SnapshotError, match=r"Milvus 没有应答：http://127\.0\.0\.1:9（.*取消 WENCE_STORE") as error:
        open_snapshot(shelf.index, shelf.embedding, "milvus+http://me:secret@127.0.0.1:9")
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)


BUILD = """
import sys
from pathlib import Path
from index.build import build
from index.embedding import open_embedding
library, index, setting = sys.argv[1:]
build([Path(library)], Path(index), embedding=open_embedding(), store=setting)
print("built", flush=True)
input()
"""


@needs_lite
def test_a_lite_file_goes_from_one_process_to_the_next(tmp_path: Path, embedding: StaticEmbedding) -> None:
    shelf = Shelf(tmp_path, embedding)
    builder = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", BUILD, shelf.library, shelf.index, shelf.setting],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert builder.stdout is not None
    assert builder.stdout.readline() == b"built\n"
    with pytest.raises(SnapshotError, match=r"Milvus Lite 出错：.*一次只能由一个进程使用"):
        shelf.open("milvus")
    builder.communicate(b"\n")
    assert builder.returncode == 0
    assert verify(shelf.index, shelf.setting) == []
    assert shelf.open("milvus").search("冷库补助")
    assert shelf.build().unchanged == 24


@needs_lite
def test_every_command_reads_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import cli

    library, index = write_library(tmp_path / "library"), str(tmp_path / "index")
    monkeypatch.setenv("WENCE_STORE", f"milvus+file:{tmp_path / 'store.db'}")
    assert cli.run(["build", str(library), "--index", index]) == 0
    for file in [*tmp_path.glob("index/snapshots/*/parts/*/vectors*"), *tmp_path.glob("index/snapshots/*/keywords*/*")]:
        file.unlink()  # nothing may come from these
    for command in (["search", "冷库补助多少"], ["ask", "新建冷库补助多少？"], ["status"], ["verify"]):
        assert cli.run([*command, "--index", index]) == 0
    shown = capsys.readouterr()
    assert "每立方米100元" in shown.out
    assert shown.err == ""
    monkeypatch.setenv("WENCE_STORE", "milvus://")
    assert cli.run(["search", "冷库", "--index", index]) == 1
    assert capsys.readouterr().err.startswith("wence：WENCE_STORE 应是")


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, embedding: StaticEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    library = write_library(tmp_path / "library")
    with pytest.raises(ConfigError, match=re.escape("pip install 'wence[milvus]'")):
        build([library], tmp_path / "index", embedding=embedding, store="milvus+http://127.0.0.1:19530")


@pytest.mark.parametrize(
    ("setting", "address"),
    [
        ("milvus+http://host:19530", Address(uri="http://host:19530", name="wence")),
        (
            "milvus+https://a:b@host/policies",
            Address(uri="https://host:19530", name="policies", user="a", password="b"),
        ),
        ("milvus+http://[::1]:1/", Address(uri="http://[::1]:1", name="wence")),
        ("milvus+file:/var/store.db", Address(uri="/var/store.db", name="wence")),
    ],
)
def test_addresses(setting: str, address: Address) -> None:
    assert read_address(setting) == address


@pytest.mark.parametrize(
    "setting",
    [
        *("milvus", "http://host:19530", "milvus+ftp://host", "milvus+http://", "milvus+http://host:port"),
        *("milvus+http://host:19530/a b", "milvus+http://host:19530/a/b", "milvus+http://h:99999"),
        *("milvus+file:", "milvus+file:x"),
    ],
)
def test_what_is_no_address(setting: str) -> None:
    with pytest.raises(ConfigError, match="WENCE_STORE 应是"):
        read_address(setting)


@given(st.lists(st.text(min_size=1, max_size=8)))
def test_stored_tokens_are_cut_as_they_were_joined(tokens: list[str]) -> None:
    text = stored_tokens(tokens)
    assert text.split() == re.findall(r"\w+", text)
    assert len(text.split()) == len(tokens)


def test_long_passages_are_cut_at_a_blank() -> None:
    text = stored_tokens(["三个字"] * 40_000)
    assert 60_000 < len(text.encode()) <= 65_000
    assert set(text.split()) == {"三个字"}


def test_a_token_is_asked_for_as_often_as_it_weighs() -> None:
    assert Counter(query_text({"甲": 1.0, "乙": 0.01, "丙": 2.4, "3.5": 0.5}).split()) == {
        "甲": 4,
        "乙": 1,
        "丙": 10,
        "3_5": 2,
    }
    assert query_text([]) == ""


@given(st.integers(0, 2_000_000))
def test_lengths_lose_less_than_an_eighth(length: int) -> None:
    kept = rounded(length)
    assert kept <= length
    assert length - kept <= max(0, length - 24) / 8
    assert rounded(kept) == kept


def test_a_ledger_that_is_damaged_says_so(tmp_path: Path) -> None:
    path = tmp_path / LEDGER
    write_ledger(path, "c", [], [("公园 开放", "公园开放")])
    ledger = Ledger(path)
    assert (ledger.count, ledger.holding(["公园", "园"])) == (1, {"公园": 1, "园": 1})
    ledger.close()
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(SnapshotError, match="索引文件已损坏"):
        Ledger(path).holding(["公园"])
    with pytest.raises(SnapshotError, match="索引文件已损坏"):
        Ledger(tmp_path / "none.sqlite")
