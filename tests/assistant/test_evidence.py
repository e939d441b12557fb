"""Readings are made section by section, and a question's words find the titles that hold them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answer import ask
from assistant.evidence import Library, Reading, Shared
from assistant.scope import scope
from assistant.shelf import Shelf
from index.build import build
from index.embedding import open_embedding
from index.search import Searcher
from index.snapshot import open_snapshot
from ingest.reader import read

TEXT = "城市公园条例\n\n" + "\n".join(
    f"第{number}条\u3000第{number}号公园每日开放{number}小时。游客不得携带第{number}类犬只。"
    for number in ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
)


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    (tmp_path / "城市公园条例.txt").write_text(TEXT, encoding="utf-8")
    return Reading(read(tmp_path / "城市公园条例.txt"))


def test_a_section_is_cut_when_it_is_asked_for_and_once(reading: Reading) -> None:
    third = reading.of("第三条")
    assert [unit.text for unit in third] == ["第三条第三号公园每日开放三小时。", "游客不得携带第三类犬只。"]
    assert len(reading._made) == 1
    assert all(one is other for one, other in zip(reading.of("第三条"), third, strict=True))
    assert [unit for unit in reading.units if unit.section.path == "第三条"] == list(third)
    assert [unit.order for unit in reading.units] == sorted(unit.order for unit in reading.units)
    assert reading.of("第九十条") == ()


def test_a_section_knows_the_sentence_that_leads_up_to_it(tmp_path: Path) -> None:
    text = "资助办法\n\n第一条\u3000申请资助应当符合下列条件：\n（一）在本市注册；\n（二）连续经营三年。"
    text += "\n第二条\u3000本办法自公布之日起施行。"
    (tmp_path / "资助办法.txt").write_text(text, encoding="utf-8")
    whole, alone = (Reading(read(tmp_path / "资助办法.txt")) for _ in range(2))
    for path in dict.fromkeys(unit.section.path for unit in whole.units):
        assert [unit.place for unit in alone.of(path)] == [unit.place for unit in whole.of(path)], path
    item = next(unit for unit in whole.units if "注册" in unit.text)
    assert "条件" in item.place
    assert "条件" not in whole.of("第二条")[0].place


def test_threads_get_the_same_units(reading: Reading) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: reading.of("第五条"), range(64)))
    assert len({id(unit) for units in made for unit in units}) == 2


def test_an_answer_from_a_long_document_cuts_a_few_of_its_sections(tmp_path: Path) -> None:
    for name in ("甲", "乙"):
        text = "\n".join(f"第{at}条\u3000本市第{at}号{name}公园每日开放{at % 24}小时。" for at in range(1, 400))
        (tmp_path / f"{name}公园规定.txt").write_text(f"{name}公园规定\n\n{text}", encoding="utf-8")
    embedding = open_embedding()
    build([tmp_path], tmp_path / "index", embedding=embedding)
    searcher = Searcher(open_snapshot(tmp_path / "index", embedding))
    made: list[Reading] = []
    shared = Shared(searcher.snapshot, searcher.words)
    for entry in searcher.snapshot.entries:
        made.append(shared.reading(entry.id))
    library = Library(shared)
    units = library.candidates(searcher.search("第37号甲公园每日开放几小时", k=40))
    assert "第37条" in {unit.section.path for unit in units}
    assert sum(len(one._made) for one in made) <= 41
    assert sum(len(one._places) for one in made) >= 790
    assert "13小时" in ask(searcher, "第37号甲公园每日开放几小时？").text


def test_titles_that_hold_a_long_run_of_the_question_are_named(tmp_path: Path) -> None:
    for name in ("上海市居住证管理办法实施细则", "上海市城市更新条例", "浦东新区城市更新条例"):
        (tmp_path / f"{name}.txt").write_text(f"{name}\n\n第一条\u3000本规定自公布之日起施行。", encoding="utf-8")
    embedding = open_embedding()
    build([tmp_path], tmp_path / "index", embedding=embedding)
    entries = open_snapshot(tmp_path / "index", embedding).entries
    titles = {entry.id: entry.title for entry in entries}
    shelf = Shelf(entries)

    def named(question: str) -> set[str]:
        return {titles[doc] for doc in scope(question, shelf).docs}

    assert named("居住证管理办法实施细则何时施行") == {"上海市居住证管理办法实施细则"}
    assert named("城市更新条例里写了什么") == {"上海市城市更新条例", "浦东新区城市更新条例"}
    assert named("城市公园多久开放") == set()
    assert shelf.printing(["更新条例"]) == [at for at, entry in enumerate(entries) if "更新条例" in entry.title]
    assert shelf.districts == {entry.id for entry in entries if "浦东" in (entry.region or "")}
    assert Shelf([]).printing(["条例"]) == []
    short = Shelf([replace(entries[0], title="城市公园条例"), replace(entries[1], title="《城市燃气条例》")])
    assert scope("城市燃气条例第三条", short).docs == {entries[1].id}
    assert scope("燃气条例第三条", short).docs == frozenset()
    split = Shelf([replace(entries[0], title="甲乙"), replace(entries[1], title="丙丁")])
    assert (split.printing(["乙丙"]), split.printing(["乙"]), split.printing(["丁", "甲"])) == ([], [0], [0, 1])
