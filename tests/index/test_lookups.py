from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from errors import UsageError
from index.build import build
from index.embedding import open_embedding
from index.lexicon import Entry, Lexicon
from index.lookups import Directory, look_up
from index.query import Only
from index.search import Searcher
from index.snapshot import open_snapshot

POLICIES = Path(__file__).resolve().parents[3] / "shared" / "data" / "policies"
FILES = {
    "充电办法.txt": "海河市充电设施建设办法\n\n海发改规〔2024〕7号\n\n"
    "第一章 总则\n\n第一条 为了建设充电设施，制定本办法。\n\n"
    "第二章 支持\n\n第二条 新建充电设施的，给予不超过300万元补助。\n\n第三条 实行“一桩一码”。\n",
    "充电规划.txt": "海河市充电设施发展规划（2021-2025年）\n\n一、目标\n\n到2025年建成充电设施2万个。\n\n二、任务\n\n"
    "（一）公共设施\n\n建设公共充电设施。\n\n（二）居民区\n\n推动居民区建设充电桩。\n\n四、保障\n\n（三）用地\n\n保障充电设施用地。\n",
    "河东细则.txt": "河东区冷库补助细则\n\n河商〔2023〕12号\n\n"
    "第一条 新建冷库的，给予100万元补助。\n\n第二条 冷库应当节能。\n",
}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("files")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    embedding = open_embedding()
    build([folder], tmp_path_factory.mktemp("lookups") / "index", embedding=embedding)
    opened = Searcher(open_snapshot(next(tmp_path_factory.getbasetemp().glob("lookups*/index")), embedding))
    yield opened
    opened.snapshot.close()


def first(searcher: Searcher, query: str, **only: tuple[str, ...]) -> tuple[str, str]:
    hit = searcher.search(searcher.read(query, Only(**only)), k=3)[0]
    return searcher.snapshot.document(hit.chunk.doc).file, hit.chunk.section


@pytest.mark.parametrize(
    "query",
    [
        "海发改规〔2024〕7号",
        "海发改规[2024]7号",
        "海发改规(2024)7号",
        "海发改规 【2024】 7 号",
        "请问海发改规〔2024〕７号文件是什么内容？",
    ],
)
def test_a_number_opens_its_document_however_it_is_written(searcher: Searcher, query: str) -> None:
    assert first(searcher, query)[0] == "充电办法.txt"
    assert searcher.search(query)[0].parts[2] == ("lookup", 1.0)


@pytest.mark.parametrize(
    ("query", "file"),
    [
        ("海河市充电设施发展规划（2021-2025年）", "充电规划.txt"),
        ("《海河市充电设施建设办法》", "充电办法.txt"),
        ("充电设施发展规划", "充电规划.txt"),
        ("河东区冷库补助细则 全文", "河东细则.txt"),
    ],
)
def test_a_title_or_half_of_it_opens_its_document(searcher: Searcher, query: str, file: str) -> None:
    assert first(searcher, query)[0] == file


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("四、（三）", ("充电规划.txt", "四、（三）")),
        ("四(三)", ("充电规划.txt", "四、（三）")),
        ("二、（二）说了什么", ("充电规划.txt", "二、（二）")),
        ("海发改规〔2024〕7号第二条", ("充电办法.txt", "第二章第二条")),
        ("《河东区冷库补助细则》第一条规定了什么", ("河东细则.txt", "第一条")),
        ("“一桩一码”", ("充电办法.txt", "第二章第三条")),
        ("哪里写了「一桩一码」", ("充电办法.txt", "第二章第三条")),
        ('"一桩一码"', ("充电办法.txt", "第二章第三条")),
    ],
)
def test_sections_and_quoted_phrases_come_first(searcher: Searcher, query: str, place: tuple[str, str]) -> None:
    assert first(searcher, query) == place


@pytest.mark.parametrize(
    "query",
    [
        "没有〔2020〕1号",
        "第九十九条",
        "《别的办法》",
        "“没有的话”",
        "建设充电设施补助多少",
        "2024年",
        "推行“一桩一码”的居民小区能拿到多少补助",
    ],
)
def test_what_is_not_there_is_searched_for_as_words(searcher: Searcher, query: str) -> None:
    directory = Directory(searcher.snapshot.entries, searcher._lexicon)
    assert look_up(query, searcher.snapshot, directory) == ()
    assert all(name != "lookup" for hit in searcher.search(query) for name, _ in hit.parts)


def test_titles_are_found_as_by_looking_through_all_of_them(searcher: Searcher) -> None:
    directory = Directory(searcher.snapshot.entries, searcher._lexicon)
    titles = [title for title, _ in directory.titles]
    assert len(titles) == len(FILES)
    for text in (*titles, "设施", "充电设施", "冷库补助细则", f"请问{titles[0]}里怎么说", titles[1] + titles[2], "河"):
        assert directory.holding(text) == {at for at, title in enumerate(titles) if text in title}
        assert directory.held_by(text) == {at for at, title in enumerate(titles) if title in text}
    assert Directory((), searcher._lexicon).holding("设施") == set()


def test_scores_fall_from_the_first_hit_to_the_last(searcher: Searcher) -> None:
    for query in ("第二条", "“一桩一码”是什么", "充电设施补助", "海发改规〔2024〕7号"):
        scores = [hit.score for hit in searcher.search(query, k=10)]
        assert scores == sorted(scores, reverse=True)


def test_a_document_beside_a_question_leans_and_does_not_hide(searcher: Searcher) -> None:
    hits = searcher.search("《河东区冷库补助细则》里新建充电设施补助多少", k=10)
    files = [searcher.snapshot.document(hit.chunk.doc).file for hit in hits]
    assert {"河东细则.txt", "充电办法.txt"} <= set(files)


def test_filters_keep_to_what_is_insisted_on(searcher: Searcher) -> None:
    assert first(searcher, "新建补助", docs=("河东细则.txt",)) == ("河东细则.txt", "第一条")
    assert first(searcher, "新建补助", docs=("海发改规〔2024〕7号",)) == ("充电办法.txt", "第二章第二条")
    for only, files in (
        (Only(docs=("充电",)), {"充电办法.txt", "充电规划.txt"}),
        (Only(years=("2023",)), {"充电规划.txt"}),
        (Only(docs=("冷库",), years=("1999",)), set()),
    ):
        hits = searcher.search(searcher.read("补助和目标", only), k=20)
        assert {searcher.snapshot.document(hit.chunk.doc).file for hit in hits} == files
    with pytest.raises(UsageError, match="没有的文件"):
        searcher.read("补助", Only(docs=("没有的文件",)))


def expanding(folder: Path, *files: str) -> Searcher:
    folder.mkdir()
    for name in files:
        text = f"{name}市办法\n\n第一条 建设{name}的企业有补助。\n第二条 建设公园的企业没有补助。\n"
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    embedding = open_embedding()
    build([folder], folder / "index", embedding=embedding)
    return Searcher(open_snapshot(folder / "index", embedding), model=None)


def test_a_word_that_no_document_writes_is_searched_for_by_its_other_names(tmp_path: Path) -> None:
    searcher = expanding(tmp_path / "one", "充电设施")
    read = searcher.read("充电桩")
    assert [(one.found, one.added) for one in read.expansions] == [("充电桩", "充电设施")]
    assert read.extra
    assert all(0 < weight < 1 for weight in read.extra.values())
    found = [hit.chunk.section for hit in searcher.search(read)]
    assert found.index("第一条") < found.index("第二条")
    english = searcher.read("Is there a subsidy for an EV charger?")
    assert "充电设施" in [one.added for one in english.expansions]
    found = [hit.chunk.section for hit in searcher.search(english)]
    assert found.index("第一条") < found.index("第二条")


def test_a_phrase_said_otherwise_leads_to_the_term_that_documents_write(tmp_path: Path) -> None:
    said = Entry(
        term="容缺受理",
        same=("容缺办理",),
        near=("少一份材料先办",),
        english=(),
        broader="",
        related=(),
        kind="procedure",
        source="",
    )
    searcher = expanding(tmp_path / "alike", "容缺受理", "充电设施")
    searcher = Searcher(searcher.snapshot, model=None, lexicon=Lexicon([said], frozenset()))
    asked = "材料缺一份，能先给办了吗"
    read = searcher.read(asked)
    assert [(one.added, one.relation) for one in read.expansions] == [("容缺受理", "alike")]
    assert searcher.snapshot.document(searcher.search(read)[0].chunk.doc).file == "容缺受理.txt"
    assert searcher.read("公园先给办了吗").expansions == ()  # too little of the phrase


def test_a_word_that_documents_write_is_left_alone(tmp_path: Path) -> None:
    searcher = expanding(tmp_path / "two", "充电设施", "充电桩")
    for asked in ("充电设施", "充电桩"):
        read = searcher.read(asked)
        assert (read.expansions, read.extra) == ((), {})
        assert searcher.snapshot.document(searcher.search(asked)[0].chunk.doc).file == f"{asked}.txt"


@pytest.mark.skipif(not POLICIES.exists(), reason="needs ../shared/data/policies")
def test_unseen_documents_are_found_by_what_they_are_called(tmp_path: Path) -> None:
    embedding = open_embedding()
    build([POLICIES / "local_txt", POLICIES / "gz_txt"], tmp_path / "index", embedding=embedding)
    searcher = Searcher(open_snapshot(tmp_path / "index", embedding))
    entries = [entry for entry in searcher.snapshot.entries if len(entry.title) >= 8 and entry.chunk_count]
    assert len(entries) >= 5
    for entry in entries:
        for query in (entry.title, entry.title[: len(entry.title) * 2 // 3], entry.doc_number):
            if query:
                hit = searcher.search(query, k=1)[0]
                same = searcher.snapshot.entry(hit.chunk.doc)
                assert same.work == entry.work or query in same.title, query
