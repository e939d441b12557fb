from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from docx import Document as open_word
from docx.shared import Mm, Pt
from lxml import etree

import cli
from assistant.draft import Part, ReplyDraft, as_markdown, as_text, draft, footnote
from assistant.word import write_word
from errors import ConfigError
from eval.questions import load, shipped
from index.search import Searcher
from render import draft_json

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
QUESTION = "新建万吨级冷库的企业能拿到多少补助？"


def footnotes(path: Path) -> tuple[list[str], list[str]]:
    """The texts of a Word file's footnotes by id, and the ids in the order that the body refers to them."""
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        notes = etree.fromstring(package.read("word/footnotes.xml"))
        body = etree.fromstring(package.read("word/document.xml"))
        types = package.read("[Content_Types].xml").decode()
        links = package.read("word/_rels/document.xml.rels").decode()
    assert "/word/footnotes.xml" in types
    assert "relationships/footnotes" in links
    kept = [note for note in notes if note.get(f"{W}type") is None]
    assert [note.get(f"{W}id") for note in notes] == ["-1", "0", *(str(at) for at in range(1, len(kept) + 1))]
    texts = ["".join(part.text or "" for part in note.iter(f"{W}t")).strip() for note in kept]
    return texts, [reference.get(f"{W}id") or "" for reference in body.iter(f"{W}footnoteReference")]


def lawful(reply: ReplyDraft) -> None:
    """Every sentence has a citation, is a gap, or is one of the fixed phrases."""
    for part in reply.parts:
        marks = [int(mark) for mark in re.findall(r"\[(\d+)\]", part.text)]
        if part.kind in ("point", "responsible"):
            assert marks, part.text
            assert set(marks) == {citation.n for citation in part.citations}
        elif part.kind in ("gap", "sign"):
            assert re.fullmatch(r"【待核实：.+】", part.text), part.text
        else:
            assert not part.citations
    used = {citation.n for part in reply.parts for citation in part.citations}
    assert used == {citation.n for citation in reply.citations}
    assert [citation.n for citation in reply.citations] == list(range(1, len(reply.citations) + 1))


def test_questions_of_one_letter_are_answered_one_by_one_and_what_is_missing_is_a_gap(small: Searcher) -> None:
    reply = draft(small, f"{QUESTION}首次认定的冷链示范企业奖励多少？冷库补助的申请电话是多少？")
    lawful(reply)
    points = [part.text for part in reply.parts if part.kind == "point"]
    assert not reply.refused
    assert any("不超过300万元的一次性补助" in text for text in points)
    assert any("最高50万元奖励" in text for text in points)
    assert any(
        part.text.startswith("【待核实：冷库补助的申请电话是多少（") for part in reply.parts if part.kind == "gap"
    )


def test_a_refusal_shows_the_nearest_passages_once(small: Searcher) -> None:
    reply = draft(small, "冷库补助的申请电话是多少？")
    lawful(reply)
    points = [re.sub(r"^\d+．|\[\d+\]", "", part.text) for part in reply.parts if part.kind == "point"]
    assert len(points) == len(set(points))
    assert not any(part.text.endswith("最接近的内容】") for part in reply.parts)


def test_a_reply_in_order_with_its_basis(small: Searcher) -> None:
    reply = draft(small, QUESTION)
    assert [
        (part.kind, part.text) for part in reply.parts if part.kind in ("title", "asked", "point", "responsible")
    ] == [
        ("title", "关于政策咨询的答复"),
        ("asked", f"您问：{QUESTION}"),
        ("point", reply.parts[3].text),
        ("responsible", "文件写明：市商务局负责解释[2]。"),
    ]
    assert "给予不超过300万元的一次性补助[1]" in reply.parts[3].text
    assert [footnote(citation) for citation in reply.citations] == [
        "《海河市冷链物流扶持办法》（海商规〔2024〕7号）第二章第三条："
        "“第三条对新建万吨级冷库的企业，给予不超过300万元的一次性补助。”",
        "《海河市冷链物流扶持办法》（海商规〔2024〕7号）第三章第六条：“市商务局负责解释”",
    ]
    for citation in reply.citations:
        text = small.snapshot.document(citation.doc).text
        assert "".join(text[citation.start : citation.end].split()) == "".join(citation.quote.split())
    assert [part.text for part in reply.parts[-2:]] == ["【待核实：署名】", "【待核实：日期】"]
    lawful(reply)


def test_what_the_documents_do_not_say_is_a_gap(small: Searcher) -> None:
    reply = draft(small, "北京市对量子企业有什么补贴？")
    assert reply.refused
    gaps = [part.text for part in reply.parts if part.kind == "gap"]
    assert gaps[0].startswith("【待核实：")
    assert "北京" in gaps[0]
    lawful(reply)


def test_twenty_known_questions_have_a_footnote_or_a_gap_in_every_sentence(corpus: Searcher, tmp_path: Path) -> None:
    questions = load(shipped())
    for question in questions[:: len(questions) // 20][:20]:
        reply = draft(corpus, question.question, question.history)
        lawful(reply)
        write_word(reply, tmp_path / "reply.docx")
        told: Any = draft_json(reply)
        by_number = {one["n"]: one for one in told["citations"]}
        marked = [n for part in told["parts"] for n in _marks(part["text"]) if part["citations"]]
        texts, references = footnotes(tmp_path / "reply.docx")
        assert references == [str(at) for at in range(1, len(marked) + 1)]
        assert len(texts) == len(marked)
        for text, n in zip(texts, marked, strict=True):
            one = by_number[n]
            assert one["section"] in text
            assert " ".join(one["quote"].split()) in text
            assert one["doc_number"] is None or one["doc_number"] in text


def _marks(text: str) -> list[int]:
    return [int(mark) for mark in re.findall(r"\[(\d+)\]", text)]


def test_the_page_is_laid_out_by_the_standard(small: Searcher, tmp_path: Path) -> None:
    write_word(draft(small, QUESTION), tmp_path / "reply.docx")
    made = open_word(str(tmp_path / "reply.docx"))
    page = made.sections[0]
    sides = (
        page.page_width,
        page.page_height,
        page.top_margin,
        page.bottom_margin,
        page.left_margin,
        page.right_margin,
    )
    assert [round((side or 0) / Mm(1)) for side in sides] == [210, 297, 37, 35, 28, 26]
    style = made.styles["Normal"]
    assert (style.font.size, style.paragraph_format.line_spacing) == (Pt(16), Pt(28))
    fonts = style.element.rPr.find(f"{W}rFonts")
    assert fonts.get(f"{W}eastAsia") == "仿宋_GB2312"
    assert made.paragraphs[0].runs[0].font.size == Pt(22)
    assert "PAGE" in page.footer._element.xml


def test_hostile_text_stays_text(small: Searcher, tmp_path: Path) -> None:
    reply = draft(small, QUESTION)
    evil = "<w:t>\x00\x0b\u202e&]]>[点](javascript:1)<script>"
    citation = replace(reply.citations[0], quote=evil, title=evil)
    hostile = replace(
        reply, parts=(Part(kind="point", text=f"{evil}[1]", citations=(citation,)),), citations=(citation,)
    )
    write_word(hostile, tmp_path / "evil.docx")
    texts, references = footnotes(tmp_path / "evil.docx")
    assert references == ["1"]
    assert "<script>" in texts[0]
    assert open_word(str(tmp_path / "evil.docx")).paragraphs[0].text.startswith("<w:t>\ufffd")
    assert "<script>" not in as_markdown(hostile)
    assert "](javascript" not in as_markdown(hostile).replace("\\](", "")


def test_text_and_markdown_carry_the_same_basis(small: Searcher) -> None:
    reply = draft(small, QUESTION)
    for citation in reply.citations:
        assert f"[{citation.n}] {footnote(citation)}" in as_text(reply)
        assert f"[^{citation.n}]: " in as_markdown(reply)


def test_a_file_that_cannot_be_written_is_one_clear_error(small: Searcher, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="写不了"):
        write_word(draft(small, QUESTION), tmp_path / "none" / "reply.docx")


def test_the_command(small: Searcher, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    index = str(small.snapshot.index_dir)
    talk = tmp_path / "talk.json"
    talk.write_text(json.dumps([{"role": "user", "content": "海河市冷链规划到2023年的目标是什么？"}]), encoding="utf-8")
    for name in ("a.docx", "a.md", "a.txt"):
        assert cli.run(["draft", QUESTION, "-o", str(tmp_path / name), "--index", index]) == 0
        assert (tmp_path / name).stat().st_size > 500
    capfd.readouterr()
    assert cli.run(["draft", "冷藏车呢？", "--index", index, "--json", "--history", str(talk)]) == 0
    told = json.loads(capfd.readouterr().out)
    assert "2000辆左右" in told["citations"][0]["quote"]
    assert cli.run(["draft", QUESTION, "--format", "docx", "--index", index]) == 2
    talk.write_text("[{]", encoding="utf-8")
    assert cli.run(["draft", QUESTION, "--history", str(talk), "--index", index]) == 2
    assert capfd.readouterr().err.count("\n") == 2
