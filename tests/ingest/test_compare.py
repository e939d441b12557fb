"""What changed between two versions of a document."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.compare import Change, Mark, compare
from ingest.document import Document
from tests.ingest.conftest import read_words

OLD = """云溪市冷库管理办法

第一章　总则
第一条　为规范冷库管理，制定本办法。
第二条　冷库应当节能环保，并按时报送台账。
第三条　禁止超载。
第二章　扶持
第四条　新建冷库每座补助50万元，最高不超过投资额的20%。
第五条　本办法自2019年5月1日起施行。
"""
NEW = """云溪市冷库管理办法

第一章　总则
第一条　为规范冷库管理，制定本办法。
第二条　本办法所称冷库，是指容量一千吨以上的冷藏设施。
第三条　冷库应当节能环保，并按时报送台账。
第二章　扶持
第四条　新建冷库每座补助80万元，最高不超过投资额的25%。
第五条　本办法自2024年7月1日起施行。
"""


def sides(marks: tuple[Mark, ...]) -> tuple[str, str]:
    return (
        "".join(mark.text for mark in marks if mark.op != "insert"),
        "".join(mark.text for mark in marks if mark.op != "delete"),
    )


def test_added_removed_changed_and_renumbered() -> None:
    found = compare(read_words(OLD), read_words(NEW))
    assert [(one.status, one.before, one.after) for one in found.changes] == [
        ("added", None, "第一章第二条"),
        ("renumbered", "第一章第二条", "第一章第三条"),
        ("removed", "第一章第三条", None),
        ("changed", "第二章第四条", "第二章第四条"),
        ("changed", "第二章第五条", "第二章第五条"),
    ]
    assert found.facts == (("effective_date", "2019-05-01", "2024-07-01"),)
    money = next(one for one in found.changes if one.after == "第二章第四条")
    assert [mark for mark in money.marks if mark.op != "equal"] == [
        Mark("delete", "50"),
        Mark("insert", "80"),
        Mark("delete", "20"),
        Mark("insert", "25"),
    ]
    assert money.span_before is not None
    assert money.span_after is not None
    assert OLD[slice(*money.span_before)].endswith("投资额的20%。")
    assert NEW[slice(*money.span_after)].endswith("投资额的25%。")
    assert found.same == 4  # the title's section, both chapters, the first article


def test_tables_are_compared_too() -> None:
    table = "| 指标 | 2024年 |\n|---|---|\n| 冷库 | 3 |\n"
    before = read_words(f"云溪市冷库方案\n\n一、指标\n\n{table}")
    after = read_words(f"云溪市冷库方案\n\n一、指标\n\n{table.replace('3', '5')}")
    [change] = compare(before, after).changes
    assert (change.status, [mark for mark in change.marks if mark.op != "equal"]) == (
        "changed",
        [Mark("delete", "3"), Mark("insert", "5")],
    )


LINES = [*OLD.splitlines()[2:], *NEW.splitlines()[2:], "一、目标", "（一）扩大规模。", "到2025年建成10座。"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=12), st.lists(st.sampled_from(LINES), max_size=12))
def test_marks_make_both_texts_and_nothing_changes_by_itself(left: list[str], right: list[str]) -> None:
    before, after = (read_words("云溪市冷库管理办法\n" + "\n".join(lines)) for lines in (left, right))
    assert compare(before, before).changes == ()
    found = compare(before, after)
    back = compare(after, before)
    count = sum(1 for _ in after.walk())
    mentioned = [one for one in found.changes if one.after is not None]
    assert found.same + len(mentioned) == count + len(after.tables)
    assert found.same + sum(one.before is not None for one in found.changes) == sum(1 for _ in before.walk()) + len(
        before.tables
    )
    assert (found.changes == ()) == (back.changes == ())
    for one in found.changes:
        old, new = sides(one.marks)
        assert bool(one.before) == bool(old)
        assert bool(one.after) == bool(new)
        assert_words(before, one.span_before, old)
        assert_words(after, one.span_after, new)


def assert_words(document: Document, span: tuple[int, int] | None, text: str) -> None:
    """Every line of the text stands in the source at that place."""
    if span is not None:
        here = "".join(document.text[slice(*span)].split())
        assert all("".join(line.split()) in here for line in text.split("\n"))


def test_two_long_documents_are_compared_in_time() -> None:
    body = "".join(f"第{number}条　甲方应当按照第{number}号清单报送材料并接受检查。\n" for number in range(1, 1200))
    other = "".join(f"第{number}条　乙方可以在{number}日内提出异议，逾期视为同意。\n" for number in range(1, 1200))
    found = compare(read_words(f"甲办法\n{body}"), read_words(f"乙办法\n{other}"))
    assert isinstance(found.changes[0], Change)
