from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

import cli
from assistant.answer import Answer, Approval, Sentence, answer_json, ask, stream
from assistant.approved import Approved
from assistant.draft import draft
from assistant.revise import revise
from index.search import Searcher
from tests.assistant.approved.conftest import OTHER, QUESTION, RULES, SAME, Rebuild, approve
from tests.assistant.conftest import SMALL
from tests.assistant.scripted import Shown, endpoint


def test_the_approved_answer_comes_first(kept: Approved, small: Searcher) -> None:
    usual = ask(small, QUESTION)
    assert (usual.approved, "approved" in json.loads(answer_json(usual))) == (None, False)
    id = approve(kept, small)
    events = list(stream(small, SAME[1], approved=kept))
    answer = events[-1]
    assert isinstance(answer, Answer)
    at = kept.get(id).steps[-1].at
    assert answer.approved == Approval(id=id, by="丙", at=at)
    assert json.loads(answer_json(answer))["approved"] == {"id": id, "by": "丙", "at": at}
    assert (answer.text, answer.citations, answer.writer) == (usual.text, usual.citations, "extractive")
    assert answer.notes == (f"本答复由丙于{at[:10]}批准（第{id}号）。", *usual.notes)
    assert [event.text for event in events[:-1] if isinstance(event, Sentence)] == answer.text.splitlines()
    assert (answer.refused, answer.reason) == (False, None)
    assert set(map(int, re.findall(r"\[(\d+)\]", answer.text))) == {citation.n for citation in answer.citations}


@pytest.mark.parametrize("question", OTHER)
def test_another_question_gets_its_own_answer(kept: Approved, small: Searcher, question: str) -> None:
    approve(kept, small)
    assert ask(small, question, approved=kept).approved is None


def test_a_question_as_of_a_day_gets_no_answer_of_today(kept: Approved, small: Searcher) -> None:
    approve(kept, small)
    assert ask(small, QUESTION, approved=kept).approved is not None
    assert ask(small, QUESTION, approved=kept, today=date(2024, 1, 1)).approved is None


def test_one_digit_of_a_cited_section_and_the_usual_answer_is_given(kept: Approved, rebuild: Rebuild) -> None:
    id = approve(kept, rebuild({}))
    searcher = rebuild({RULES: SMALL[RULES].replace("300万元", "500万元")})
    answer = ask(searcher, QUESTION, approved=kept)
    assert answer.approved is None
    assert "500万元" in answer.text
    assert "300万元" not in answer.text
    assert answer.notes[-1].startswith(f"已批准的第{id}号答复须复核，没有采用：《海河市冷链物流扶持办法》第二章第三条")
    searcher = rebuild({})
    assert ask(searcher, QUESTION, approved=kept).approved is not None


@given(st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_number_is_given_that_the_sections_do_not_print(
    many: tuple[Approved, Rebuild, Path], data: st.DataObject
) -> None:
    """Whatever digit of whatever document changes: an approved answer holds only numbers of the sections it cites."""
    kept, rebuild, _ = many
    name = data.draw(st.sampled_from(sorted(SMALL)))
    at = data.draw(st.sampled_from([at for at, char in enumerate(SMALL[name]) if char.isdigit()]))
    digit = data.draw(st.sampled_from([one for one in "123456789" if one != SMALL[name][at]]))
    searcher = rebuild({name: SMALL[name][:at] + digit + SMALL[name][at + 1 :]})
    for one in kept.listing("approved"):
        answer = ask(searcher, one.question, approved=kept)
        if answer.approved is None:
            assert any("须复核" in note for note in answer.notes)
            continue
        documents = [searcher.snapshot.document(citation.doc) for citation in answer.citations]
        printed = " ".join(
            document.text[section.start : section.end]
            for document, citation in zip(documents, answer.citations, strict=True)
            for section in document.walk()
            if section.path == citation.section
        )
        labels = " ".join(f"{citation.title}{citation.section}" for citation in answer.citations)
        said = re.sub(r"\[\d+\]|（共\d+项）", "", answer.text)
        assert set(re.findall(r"\d+", said)) <= set(re.findall(r"\d+", printed + labels)), answer.text


def test_a_document_that_came_since_is_a_reason_to_look_again(kept: Approved, rebuild: Rebuild) -> None:
    id = approve(kept, rebuild({}))
    newer = SMALL[RULES].replace("〔2024〕7号", "〔2026〕3号").replace("300万元", "800万元").replace("办法", "新办法")
    answer = ask(rebuild({"新办法.txt": newer}), QUESTION, approved=kept)
    assert "800万元" in answer.text
    assert answer.approved is None
    assert answer.notes[-1].startswith(
        f"已批准的第{id}号答复须复核，没有采用：《海河市冷链物流扶持新办法》是保存之后入库的"
    )
    (checked,) = kept.check(rebuild({"新办法.txt": newer}))
    assert checked.problems == ("《海河市冷链物流扶持新办法》是保存之后入库的，也与此有关",)
    unrelated = rebuild({"图书馆.txt": "图书馆办法\n\n第一条 图书馆每周开放六天。\n"})
    assert ask(unrelated, QUESTION, approved=kept).approved is not None
    assert [checked.problems for checked in kept.check(unrelated)] == [()]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("300万元", "900万元", "数字900"),
        ("不超过300万元", "300万元", "不超过"),
        ("给予不超过300万元", "不予", "不见于"),
        ("第三条：", "第四条：", "不见于"),
        ("[1]", "", "没有引用"),
        ("第三条：", "第三条：本市支持冷链。", "没有引用"),
    ],
)
def test_a_reply_whose_words_its_sections_do_not_carry_is_not_given(
    kept: Approved, small: Searcher, old: str, new: str, problem: str
) -> None:
    """A draft that somebody has rewritten before it was saved."""
    reply = draft(small, QUESTION)
    parts = tuple(
        replace(part, text=part.text.replace(old, new)) if part.kind == "point" else part for part in reply.parts
    )
    assert parts != reply.parts
    id = kept.save(replace(reply, parts=parts), small.snapshot, "甲").id
    kept.advance(id, "reviewed", "乙")
    kept.advance(id, "approved", "丙")
    assert problem in kept.standing(kept.get(id), small.snapshot).problems[0]
    answer = ask(small, QUESTION, approved=kept)
    assert answer.approved is None
    assert "300万元" in answer.text


def test_an_edited_reply_is_given_as_it_was_edited(kept: Approved, small: Searcher) -> None:
    """Its marks are numbered anew; a reply that says nothing with a source is never given."""
    question = "海河市冷链规划的主要任务有哪些？"
    reply = draft(small, question)
    assert len(reply.citations) >= 3
    label = "《海河市冷链物流发展规划（2019-2023年）》二、主要任务"
    text = "\n".join(part.text for part in reply.parts if part.kind != "point")
    edited = revise(reply, f"{text}\n1、{label}：培育龙头企业[3]。\n2．{label}：建设骨干网络[1]。")
    id = kept.save(edited, small.snapshot, "甲").id
    kept.advance(id, "reviewed", "乙")
    kept.advance(id, "approved", "丙")
    answer = ask(small, question, approved=kept)
    assert answer.approved is not None, answer.notes
    assert answer.text == f"{label}：培育龙头企业[1]。\n{label}：建设骨干网络[2]。"
    assert [(citation.n, citation.heading) for citation in answer.citations] == [
        (1, "培育龙头企业"),
        (2, "建设骨干网络"),
    ]
    empty = kept.save(revise(reply, text), small.snapshot, "甲").id
    kept.advance(empty, "reviewed", "乙")
    kept.advance(empty, "approved", "丙")
    assert ask(small, question, approved=kept).approved is None


def test_a_model_is_not_asked_for_what_is_approved_and_its_own_words_can_be(
    kept: Approved, small: Searcher, httpserver: HTTPServer
) -> None:
    asked: list[str] = []

    def script(shown: Shown) -> str:
        asked.append(shown.question)
        handle = next(handle for handle, text in shown.passages.items() if "万吨级冷库" in text)
        return f"对新建万吨级冷库的企业，给予不超过300万元的一次性补助[{handle}]。"

    model = endpoint(httpserver, script)
    reply = draft(small, QUESTION, model=model)
    assert (reply.writer, len(asked)) == (model.name, 1)
    id = kept.save(reply, small.snapshot, "甲").id
    kept.advance(id, "reviewed", "乙")
    kept.advance(id, "approved", "丙")
    answer = ask(small, QUESTION, approved=kept, model=model)
    assert (answer.text, answer.writer) == ("对新建万吨级冷库的企业，给予不超过300万元的一次性补助[1]。", model.name)
    assert answer.approved is not None
    assert len(asked) == 1


def test_a_damaged_file_is_noted_and_the_question_answered(kept: Approved, small: Searcher) -> None:
    kept.path.write_bytes(b"noise" * 1000)
    answer = ask(small, QUESTION, approved=kept)
    assert "300万元" in answer.text
    assert answer.notes[-1].startswith("没有查已批准的答复：答复文件")


def test_the_commands(
    rebuild: Rebuild, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild({})
    monkeypatch.setenv("WENCE_INDEX", str(tmp_path / "index"))

    def told(*arguments: str) -> Any:
        capfd.readouterr()
        assert cli.run([*arguments, "--json"]) == 0
        return json.loads(capfd.readouterr().out)

    assert told("approve", "list") == {"replies": []}
    saved = told("draft", QUESTION, "--save", "--by", "甲")
    assert (saved["id"], saved["state"], saved["steps"][0]["by"]) == (1, "draft", "甲")
    assert told("draft", QUESTION).keys() < saved.keys()
    assert (tmp_path / "index.approved.sqlite").exists()
    assert cli.run(["approve", "accept", "1", "--by", "丙"]) == 2
    assert "不能改为“已批准”" in capfd.readouterr().err
    assert told("approve", "review", "1", "--by", "乙")["state"] == "reviewed"
    assert told("ask", QUESTION).get("approved") is None
    assert told("approve", "accept", "1", "--by", "丙")["state"] == "approved"
    assert told("ask", QUESTION)["approved"]["by"] == "丙"
    assert told("approve", "check") == {"ok": True, "approved": 1, "changed": []}
    assert [one["id"] for one in told("approve", "list", "--state", "approved")["replies"]] == [1]
    assert told("approve", "show", "1", "-o", str(tmp_path / "a.docx"))["problems"] == []
    with zipfile.ZipFile(tmp_path / "a.docx") as package:
        assert "给予不超过300万元" in package.read("word/footnotes.xml").decode()
    assert cli.run(["approve", "show", "1", "-o", str(tmp_path / "none" / "a.txt")]) == 1
    rebuild({RULES: SMALL[RULES].replace("300万元", "500万元")})
    capfd.readouterr()
    assert cli.run(["approve", "check", "--json"]) == 1
    out, err = capfd.readouterr()
    assert [one["id"] for one in json.loads(out)["changed"]] == [1]
    assert err.startswith("wence：第 1 号答复须复核：《海河市冷链物流扶持办法》第二章第三条：")
    assert told("approve", "withdraw", "1", "--by", "丁")["state"] == "withdrawn"
    assert told("approve", "check")["approved"] == 0
    for line in (["approve", "show", "9"], ["approve", "review", "1", "--by", ""], ["approve", "list", "--state", "x"]):
        assert cli.run(line) == 2
    assert cli.run(["approve", "show", "1"]) == 0
    assert "已撤回　丁" in capfd.readouterr().out
    assert cli.run(["draft", QUESTION, "--save"]) == 0
    assert capfd.readouterr().out.splitlines()[-1].startswith("已存为第 2 号答复：")
    monkeypatch.setenv("WENCE_APPROVED", str(tmp_path / "elsewhere" / "a.sqlite"))
    assert cli.run(["draft", QUESTION, "--save"]) == 0
    assert (tmp_path / "elsewhere" / "a.sqlite").exists()
