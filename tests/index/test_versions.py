"""When two texts are versions of one document, by what they state of themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index.renderings import signature
from index.versions import add, apart
from ingest.document import Relation
from tests.index.conftest import PARKS, WATER
from tests.index.test_filter import PLAIN

RULES = replace(PLAIN, title="临河市节约用水办法", signature=signature(WATER), region="临河市")


@pytest.mark.parametrize(
    ("one", "other", "parted"),
    [
        ({}, {}, False),
        ({"doc_number": "临水〔2024〕1号"}, {"doc_number": "临水〔2019〕1号"}, True),
        ({"doc_number": "临水〔2024〕1号", "issue_date": "2024-01-01"}, {"doc_number": "临水(2024)1号"}, False),
        ({"doc_number": "临水〔2024〕1号"}, {}, False),
        ({"issue_date": "2024-01-01"}, {"issue_date": "2024-02-01"}, False),
        ({"issue_date": "2024-01-01"}, {"issue_date": "2024-06-01"}, True),
        ({"effective_date": "2024-01-01"}, {"effective_date": "2019-01-01"}, True),
        ({"title": "临河市节约用水办法（征求意见稿）"}, {}, True),
    ],
)
def test_versions_are_apart(one: dict[str, str], other: dict[str, str], parted: bool) -> None:
    assert apart(replace(RULES, **one), replace(RULES, **other)) is parted
    assert apart(replace(RULES, **other), replace(RULES, **one)) is parted


ISSUED = "关于印发《临河市节约用水办法（试行）》的通知"


@pytest.mark.parametrize(
    ("older", "newer", "found"),
    [
        ({"issue_date": "2019-01-01"}, {"issue_date": "2024-01-01"}, True),
        ({"issue_date": "2019-01-01"}, {"title": ISSUED, "issue_date": "2024-01-01"}, True),
        ({"issue_date": "2019-01-01"}, {"issue_date": "2019-01-01"}, False),
        ({}, {"issue_date": "2024-01-01"}, False),
        ({"title": "临河市节约用水办法（草案）"}, {}, True),
        ({"issue_date": "2019-01-01"}, {"issue_date": "2024-01-01", "region": "海山市"}, False),
        ({"issue_date": "2019-01-01"}, {"issue_date": "2024-01-01", "signature": signature(PARKS)}, False),
        ({"issue_date": "2019-01-01"}, {"issue_date": "2024-01-01", "title": "临河市公园管理办法"}, False),
    ],
)  # fmt: skip
def test_the_later_supersedes_the_earlier(older: dict[str, str], newer: dict[str, str], found: bool) -> None:
    entries = [replace(RULES, number=0, id="new", **newer), replace(RULES, number=1, id="old", **older)]
    linked = add(entries, [0, 1], [(0, ()), (1, ())])
    told = Relation(type="supersedes", title=entries[1].title, doc="old", doc_number=None)
    assert linked == [(0, (told,) if found else ()), (1, ())]


def test_what_the_text_says_is_not_said_again() -> None:
    entries = [
        replace(RULES, number=0, id="new", issue_date="2024-01-01"),
        replace(RULES, number=1, id="old", issue_date="2019-01-01"),
    ]
    printed = Relation(type="replaces", title=RULES.title, doc="old")
    assert add(entries, [0, 1], [(0, (printed,)), (1, ())]) == [(0, (printed,)), (1, ())]
