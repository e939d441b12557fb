"""Versions of one document: grouped, related, and the one in force answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from assistant.answer import ask
from index.build import build
from index.embedding import Embedding
from index.search import Searcher
from index.snapshot import open_snapshot
from index.standing import standing

RULES = """云溪市冷链物流扶持办法{draft}

{number}

第一条　为了促进本市冷链物流发展，制定本办法。
第二条　本办法所称冷链，是指从产地到销地全程控温的物流。
第三条　对新建万吨级冷库的企业，给予不超过{amount}万元的一次性补助。
第四条　对首次认定的冷链示范企业，给予最高50万元奖励；对复审合格的企业，不再给予奖励。
第五条　支持企业在云东区、塘沽区建设区域分拨中心，优先保障用地用电。
第六条　冷藏车辆每台每年补助{car}万元，由市商务局审核发放。
第七条　市商务局负责解释本办法。
{last}

{signed}
"""
FILES = {
    "draft.txt": RULES.format(draft="（征求意见稿）", number="", amount=100, car=1, last="", signed=""),
    "old.txt": RULES.format(
        draft="",
        number="云商规〔2019〕3号",
        amount=200,
        car=2,
        last="第八条　本办法自2019年5月1日起施行。",
        signed="云溪市商务局\n2019年4月2日",
    ),
    "new.txt": RULES.format(
        draft="",
        number="云商规〔2024〕7号",
        amount=300,
        car=3,
        last="第八条　本办法自2024年7月1日起施行。",
        signed="云溪市商务局\n2024年6月12日",
    ),
    "copy.md": "# "
    + RULES.format(
        draft="",
        number="云商规〔2024〕7号",
        amount=300,
        car=3,
        last="第八条　本办法自2024年7月1日起施行。",
        signed="云溪市商务局\n2024年6月12日",
    ),
    "other.txt": RULES.replace("云溪市", "海山市").format(
        draft="",
        number="海商规〔2025〕1号",
        amount=900,
        car=9,
        last="第八条　本办法自2025年7月1日起施行。",
        signed="海山市商务局\n2025年6月12日",
    ),
}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    folder = tmp_path_factory.mktemp("versions")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    build([folder], folder / "index", embedding=embedding, processes=1)
    build([folder], folder / "index", embedding=embedding, processes=1)  # nothing has changed: nothing is added twice
    (folder / "later.txt").write_text("关于报送台账的通知\n\n一、报送内容\n冷库数量。\n", encoding="utf-8")
    build([folder], folder / "index", embedding=embedding, processes=1)
    found = Searcher(open_snapshot(folder / "index", embedding))
    yield found
    found.snapshot.close()


def test_versions_are_related_and_renderings_are_one(searcher: Searcher) -> None:
    snapshot = searcher.snapshot
    entry = {one.file: one for one in snapshot.entries}
    assert snapshot.renderings(entry["new.txt"].id) == (entry["copy.md"].id, entry["new.txt"].id)
    assert snapshot.renderings(entry["old.txt"].id) == (entry["old.txt"].id,)
    relations = [
        (one.file, relation.type, relation.doc)
        for one in snapshot.entries
        for relation in snapshot.document(one.id).relations
    ]
    assert relations == [
        ("copy.md", "supersedes", entry["old.txt"].id),
        ("old.txt", "supersedes", entry["draft.txt"].id),
    ]
    assert (entry["old.txt"].ended_how, entry["old.txt"].ended_from) == ("supersedes", "2024-07-01")
    states = {name: standing(one, snapshot.entries, date(2025, 1, 1)).state for name, one in entry.items()}
    assert states["draft.txt"] == states["old.txt"] == "已有新版"
    assert states["new.txt"] == states["copy.md"] == "现行有效"
    assert states["other.txt"] == "未施行"


QUESTION = "云溪市新建万吨级冷库最高补助多少钱？"


@pytest.mark.parametrize(
    ("day", "amount", "note"),
    [
        (date(2025, 1, 1), "300万元", "另有旧版（云商规〔2019〕3号），以上依新版。"),
        (date(2023, 1, 1), "200万元", "另有旧版"),
    ],
)
def test_the_version_in_force_answers(searcher: Searcher, day: date, amount: str, note: str) -> None:
    answer = ask(searcher, QUESTION, today=day)
    assert amount in answer.text
    assert not any(other in answer.text for other in {"100万元", "200万元", "300万元"} - {amount})
    assert any(note in one for one in answer.notes)


def test_a_question_that_names_the_older_is_answered_from_it(searcher: Searcher) -> None:
    answer = ask(searcher, "云商规〔2019〕3号规定新建万吨级冷库最高补助多少钱？", today=date(2025, 1, 1))
    assert "200万元" in answer.text
    assert any(
        "不是最新的版本（2024-07-01起有《云溪市冷链物流扶持办法》（云商规〔2024〕7号））" in one for one in answer.notes
    )


def test_another_places_rules_are_no_version(searcher: Searcher) -> None:
    answer = ask(searcher, "海山市冷藏车辆每台每年补助多少？", today=date(2026, 1, 1))
    assert "9万元" in answer.text
    assert not any("旧版" in one or "新版" in one for one in answer.notes)
