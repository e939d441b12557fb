from __future__ import annotations

import pytest

from assistant.approved import Approved
from assistant.draft import draft
from eval.questions import load, shipped
from index.search import Searcher
from tests.assistant.approved.conftest import RULES, Rebuild, approve
from tests.assistant.conftest import SMALL


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("300万元", "900万元", "所引原文已不在这一条里"),
        ("给予不超过", "给予", "所引原文已不在这一条里"),
        ("一次性补助。", "一次性补助。申请人应当在本市登记。", "条款内容已改动"),
        ("第三条 对", "第三十条 对", "文件里已没有这一条"),
    ],
)
def test_a_cited_section_that_changed_is_named(
    kept: Approved, rebuild: Rebuild, old: str, new: str, problem: str
) -> None:
    id = approve(kept, rebuild({}))
    assert old in SMALL[RULES]
    searcher = rebuild({RULES: SMALL[RULES].replace(old, new)})
    found = kept.standing(kept.get(id), searcher.snapshot)
    assert found.problems[0] == f"《海河市冷链物流扶持办法》第二章第三条：{problem}"


def test_what_changed_elsewhere_only_moves_the_citation(kept: Approved, rebuild: Rebuild) -> None:
    searcher = rebuild({})
    id = approve(kept, searcher)
    text = (
        SMALL[RULES]
        .replace("第二条 本办法所称", "第二条 本办法在全市各区施行。本办法所称")
        .replace("对新建", "对新\n建")
    )
    after = rebuild({RULES: text})
    found = kept.standing(kept.get(id), after.snapshot)
    assert found.problems == ()
    for citation in found.citations:
        source = after.snapshot.document(citation.doc).text
        assert "".join(source[citation.start : citation.end].split()) == "".join(citation.quote.split())
    assert found.citations[0].start > kept.get(id).reply.citations[0].start
    assert found.citations[0].doc != kept.get(id).reply.citations[0].doc


@pytest.mark.parametrize("heading", ["## 〇、规划背景", "## 〇、背景"], ids=["where it stood", "before it"])
def test_the_same_words_in_another_section_are_not_what_was_cited(
    kept: Approved, rebuild: Rebuild, heading: str
) -> None:
    plan, goals = "海河市冷链规划.md", "## 一、发展目标"
    words = SMALL[plan].split(goals)[1].split("##")[0]
    id = approve(kept, rebuild({}), "海河市冷藏车保有量2023年目标是多少？")
    after = rebuild({plan: SMALL[plan].replace(goals, f"{heading}{words}{goals}")})
    (citation,) = kept.standing(kept.get(id), after.snapshot).citations
    document = after.snapshot.document(citation.doc)
    first, cited = (section for section in document.walk() if section.heading in ("规划背景", "背景", "发展目标"))
    assert first.start < first.end <= cited.start <= citation.start < citation.end <= cited.end


def test_a_document_that_is_gone_is_named(kept: Approved, rebuild: Rebuild) -> None:
    id = approve(kept, rebuild({}))
    searcher = rebuild({RULES: "另一个办法\n\n第一条 为了别的事，制定本办法。\n"})
    assert "文件里已没有这一条" in kept.standing(kept.get(id), searcher.snapshot).problems[0]


def test_a_section_added_to_a_list_is_noticed(kept: Approved, rebuild: Rebuild) -> None:
    plan = "海河市冷链规划.md"
    id = approve(kept, rebuild({}), "海河市冷链规划的主要任务有哪些？")
    assert len(kept.get(id).reply.citations) >= 3
    searcher = rebuild({plan: SMALL[plan] + "\n（四）建设智慧平台\n\n建设一个平台。\n"})
    assert any("同级条款有增减" in problem for problem in kept.standing(kept.get(id), searcher.snapshot).problems)


def test_known_answers_stand_and_every_changed_digit_is_noticed(kept: Approved, corpus: Searcher) -> None:
    """Whatever an answer of the known-answer set cites stands as it was saved."""
    questions = load(shipped())
    for question in questions[:: len(questions) // 24][:24]:
        one = kept.save(draft(corpus, question.question, question.history), corpus.snapshot, "甲")
        found = kept.standing(one, corpus.snapshot)
        assert found.problems == (), question.question
        assert found.citations == one.reply.citations
