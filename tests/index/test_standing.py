"""What is in force on a day, over a small library of documents that end each other."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from index.build import build
from index.embedding import StaticEmbedding
from index.query import Only
from index.search import Searcher
from index.snapshot import Snapshot, open_snapshot
from index.standing import OUT, standing

FILES = {
    "a_2019.txt": """云溪市冷库管理办法

云商规〔2019〕3号

第一条　为规范冷库管理，制定本办法。
第二条　新建冷库每座补助50万元。
第三条　本办法自2019年5月1日起施行。

云溪市商务局
2019年4月2日
""",
    "b_2024.txt": """云溪市冷链物流扶持办法

云商规〔2024〕7号

第一条　为扶持冷链物流，根据《云岭省冷链条例》，制定本办法。
第二条　冷链车辆每台补助3万元，冷库改造按投资额的两成补助。
第三条　本办法自2024年7月1日起施行，有效期三年。《云溪市冷库管理办法》（云商规〔2019〕3号）同时废止。

云溪市商务局
2024年6月12日
""",
    "c_plan.txt": """云溪市冷链规划（2021—2025年）

一、目标
到2025年，冷库容量达到百万吨。
二、任务
建设冷链骨干网。
""",
    "d_draft.txt": """云溪市装卸工管理办法（征求意见稿）

第一条　为规范装卸作业，制定本办法。
第二条　本办法自发布之日起施行。
""",
    "e_notice.txt": """关于报送冷库台账的通知

各区商务局：
一、报送内容
冷库数量。
二、报送时间
每月五日前。

云溪市商务局
2022年3月1日
""",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, model_dir: Path) -> Snapshot:
    folder = tmp_path_factory.mktemp("standing")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    embedding = StaticEmbedding(model_dir, name="small")
    build([folder], folder / "index", embedding=embedding, processes=1)
    return open_snapshot(folder / "index", embedding)


@pytest.mark.parametrize(
    ("day", "states"),
    [
        ("2019-04-20", ("未施行", "未施行", "现行有效", "未施行", "未施行")),
        ("2022-06-30", ("现行有效", "未施行", "现行有效", "未施行", "未载明")),
        ("2024-06-30", ("现行有效", "未施行", "现行有效", "未施行", "未载明")),
        ("2024-07-01", ("已废止", "现行有效", "现行有效", "未施行", "未载明")),
        ("2026-01-01", ("已废止", "现行有效", "规划期已过", "未施行", "未载明")),
        ("2027-07-01", ("已废止", "已过有效期", "规划期已过", "未施行", "未载明")),
    ],
)
def test_states_on_a_day(library: Snapshot, day: str, states: tuple[str, ...]) -> None:
    found = [standing(entry, library.entries, date.fromisoformat(day)) for entry in library.entries]
    assert tuple(one.state for one in found) == states


def test_what_ended_a_document_is_named(library: Snapshot) -> None:
    found = standing(library.entries[0], library.entries, date(2025, 1, 1))
    assert found.why == "2024-07-01起被《云溪市冷链物流扶持办法》（云商规〔2024〕7号）废止"
    assert found.by == library.entries[1]
    relations = library.document(library.entries[1].id).relations
    ended = next(one for one in relations if one.type == "repeals")
    assert (ended.doc, ended.doc_number) == (library.entries[0].id, "云商规〔2019〕3号")


def test_search_leaves_out_what_is_not_in_force(library: Snapshot) -> None:
    searcher = Searcher(library, model=None)

    def files(day: date | None) -> set[str]:
        asked = searcher.read("冷库补助", Only(day=day))
        return {library.entry(hit.chunk.doc).file for hit in searcher.search(asked, k=50)}

    assert {"a_2019.txt", "b_2024.txt"} <= files(None)
    for day in (date(2022, 6, 30), date(2025, 1, 1), date(2027, 7, 1)):
        out = {
            entry.file
            for entry in library.entries
            if standing(entry, library.entries, day).state in OUT and "征求意见" not in entry.title
        }
        assert not files(day) & out
        assert files(day)


def test_an_index_keeps_facts(library: Snapshot, tmp_path: Path) -> None:
    entry = library.entries[1]
    assert (entry.effective_date, entry.valid_until, entry.level) == ("2024-07-01", "2027-06-30", "市级")
    assert entry.issuers == ("云溪市商务局",)
    document = library.document(entry.id)
    assert {fact.name for fact in document.facts} >= {"title", "doc_number", "issuer", "effective_date", "valid_until"}
    assert all(document.text[fact.start : fact.end] for fact in document.facts)
