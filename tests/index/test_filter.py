"""What a search can be limited to: regions, years, the day of being in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from errors import UsageError
from index.build import build
from index.filter import ALWAYS, Filter, as_number, days_of, years_of
from index.query import Only
from index.search import Searcher
from index.snapshot import open_snapshot
from tests.index.conftest import RecordingEmbedding, entry

PLAIN = entry(3)


@pytest.mark.parametrize(
    ("facts", "days"),
    [
        ({}, ALWAYS),
        ({"issue_date": "2024-05-06"}, (20240506, ALWAYS[1])),
        (
            {"issue_date": "2024-05-06", "effective_date": "2024-07-01", "valid_until": "2026-06-30"},
            (20240701, 20260630),
        ),
        ({"issue_date": "2024-05-06", "effective_date": "2024-01-01"}, (20240506, ALWAYS[1])),
        ({"period": ("2021", "2025")}, (ALWAYS[0], 20251231)),
        ({"period": ("2021", "2025"), "valid_until": "2024-01-01"}, (ALWAYS[0], 20240101)),
        ({"issue_date": "unknown"}, ALWAYS),
        ({"issue_date": "2020-05-06", "ended_by": 1, "ended_from": "2024-07-01"}, (20200506, 20240630)),
    ],
)
def test_in_force_from_and_until(facts: dict[str, object], days: tuple[int, int]) -> None:
    line = replace(PLAIN, **facts)
    assert days_of(line) == days
    assert Filter(day=days[0]).fits(line)
    assert Filter(day=days[1]).fits(line)
    assert not Filter(day=days[0] - 1).fits(line)
    assert not Filter(day=days[1] + 1).fits(line)


def test_years_are_those_of_the_plan_or_of_issue() -> None:
    plan = replace(PLAIN, period=("2021", "2025"), issue_date="2020-12-30")
    assert years_of(plan) == (2021, 2025)
    assert [year for year in range(2018, 2028) if Filter(years=frozenset({year})).fits(plan)] == [*range(2021, 2026)]
    assert years_of(replace(PLAIN, issue_date="2020-12-30")) == (2020, 2020)
    assert years_of(PLAIN) is None
    assert not Filter(years=frozenset({2020})).fits(PLAIN)


def test_all_that_is_asked_for_must_fit() -> None:
    line = replace(PLAIN, region="临河市", issue_date="2020-12-30")
    whole = Filter(docs=frozenset({3}), regions=frozenset({"临河市"}), years=frozenset({2020}), day=20210101)
    assert whole.fits(line)
    assert Filter().fits(line)
    changed = ({"docs": frozenset({4})}, {"regions": frozenset[str]()}, {"years": frozenset({2021})}, {"day": 20200101})
    for change in changed:
        assert not replace(whole, **change).fits(line)
    assert as_number(date(2024, 1, 2)) == 20240102


def test_only_what_is_in_force_is_found(tmp_path: Path, embedding: RecordingEmbedding) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, days in (("old", "2010年1月1日起施行，有效期至2015年12月31日"), ("new", "2016年1月1日起施行")):
        text = f"临河市公园办法（{name}）\n\n第一条 公园每日六时开放。\n第二条 本办法自{days}。\n"
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    build([folder], tmp_path / "index", embedding=embedding)
    searcher = Searcher(open_snapshot(tmp_path / "index", embedding))

    def found(day: date) -> set[str]:
        hits = searcher.search(searcher.read("公园几时开放", Only(day=day)), k=20, distinct=False)
        return {searcher.snapshot.entry(hit.chunk.doc).file for hit in hits}

    assert found(date(2012, 6, 1)) == {"old.txt"}
    assert found(date(2015, 12, 31)) == {"old.txt"}
    assert found(date(2016, 1, 1)) == {"new.txt"}
    assert found(date(2009, 12, 31)) == set()
    with pytest.raises(UsageError, match="年份不对"):
        searcher.read("公园", Only(years=("去年",)))


def test_a_rendering_that_is_insisted_on_is_given_itself(tmp_path: Path, embedding: RecordingEmbedding) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    lines = [f"第{number}条 公园第{number}区每日六时开放，由第{number}管理处负责。" for number in range(1, 30)]
    for name in ("first", "second"):
        text = "临河市公园办法\n\n" + "\n".join(lines) + f"\n第三十条 本件为{name}。\n"
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    build([folder], tmp_path / "index", embedding=embedding)
    searcher = Searcher(open_snapshot(tmp_path / "index", embedding))

    def found(*docs: str) -> set[str]:
        hits = searcher.search(searcher.read("第7管理处负责什么", Only(docs=docs)), k=5)
        return {searcher.snapshot.entry(hit.chunk.doc).file for hit in hits}

    assert found() == {"first.txt"}
    assert found("second.txt") == {"second.txt"}
