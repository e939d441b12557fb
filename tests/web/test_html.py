from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from docx import Document as open_word
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Answer
from assistant.match import match
from assistant.profile import read_profile
from assistant.references import gbt7714, plain
from assistant.transcript import Exchange, markdown, word
from assistant.write import Citation
from index.build import build
from index.catalogue import Entry
from index.embedding import open_embedding
from index.snapshot import open_snapshot
from ingest.coverage import coverage
from ingest.document import Document, Relation
from ingest.reader import read
from tests.index.conftest import WATER
from web import html
from web.document import outline
from web.firms import cards, filters
from web.languages import EN, WORDS, ZH

REPOSITORY = Path(__file__).parents[2]
EVIL = '<img src=x onerror="alert(1)">[点](javascript:alert(2))</script>\u202e'


class Tags(HTMLParser):
    """What a browser would make of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def parsed(markup: str) -> Tags:
    tags = Tags()
    tags.feed(markup)
    tags.close()
    return tags


@pytest.fixture
def document(tmp_path: Path) -> Document:
    path = tmp_path / "a_water.txt"
    path.write_text(WATER, encoding="utf-8")
    return read(path)


def citation(document: Document, quote: str, section: str = "第三条", n: int = 1) -> Citation:
    start = document.text.index(quote)
    return Citation(
        n=n,
        file=document.file,
        doc=document.id,
        title=document.title,
        doc_number=document.doc_number,
        section=section,
        heading=None,
        quote=quote,
        start=start,
        end=start + len(quote),
    )


def answer(text: str, *citations: Citation, question: str = "问", refused: bool = False) -> Answer:
    return Answer(
        question=question,
        understood=question,
        text=text,
        refused=refused,
        reason="not_covered" if refused else None,
        citations=citations,
        notes=(),
        confidence=1.0,
        writer="extractive",
        latency_ms=12.0,
    )


def test_each_mark_is_a_button_that_names_its_source(document: Document) -> None:
    cited = citation(document, "由水务部门处以2万元罚款")
    shown = parsed(html.conversation([Exchange(question="罚多少", answer=answer("处以2万元罚款[1]。", cited))], ZH))
    marks = [
        dict(shown.attributes[at : at + 5]) for at, pair in enumerate(shown.attributes) if pair == ("class", "cite")
    ]
    assert [(mark["data-turn"], mark["data-n"], mark["aria-label"]) for mark in marks] == [
        ("0", "1", "引用 1：临政发〔2021〕16号 第三条"),
        ("0", "1", "临政发〔2021〕16号 第三条"),
    ]


def test_a_mark_without_a_citation_is_plain_text() -> None:
    shown = parsed(html.conversation([Exchange(question="问", answer=answer("甲[7]。"))], ZH))
    assert "button" in shown.tags  # the two for judging the answer
    assert ("class", "cite") not in shown.attributes
    assert "[7]" in "".join(shown.words)


def test_the_quoted_words_are_marked_in_their_section(document: Document) -> None:
    shown = html.source(citation(document, "由水务部门处以2万元罚款"), document, ZH)
    assert "违反本办法第二条的，<mark>由水务部门处以2万元罚款</mark>。" in shown
    assert "临政发〔2021〕16号" in shown


def test_a_heading_that_ends_the_path_is_said_once(document: Document) -> None:
    cited = citation(document, "由水务部门处以2万元罚款")
    for heading, said in (("罚则", "第三条 罚则"), (None, "第三条"), ("三条", "第三条")):
        assert f"<dd>{said}</dd>" in html.source(replace(cited, heading=heading), document, ZH)


def test_what_is_not_in_the_language_of_the_page_says_so(document: Document) -> None:
    cited = citation(document, "由水务部门处以2万元罚款")
    asked = [Exchange(question="How much?", answer=answer("处以2万元罚款[1]。", cited, question="How much？"))]
    english = html.conversation(asked, EN)
    assert "Read as" not in english  # only the width of a mark is another
    assert '<div class="asked">How much?</div>' in english
    assert '<p lang="zh-CN">处以2万元罚款' in english
    assert "Provisions as they stand · 0.01 s" in english
    chinese = html.conversation(asked, ZH)
    assert '<div class="asked" lang="en">How much?</div>' in chinese
    assert "<p>处以2万元罚款" in chinese
    assert "原文条款 · 0.01 秒" in chinese
    refusal = html.conversation([Exchange(question="罚多少", answer=answer("没有写明。", refused=True))], ZH)
    assert "<span>0.01 秒</span>" in refusal


def test_references(document: Document) -> None:
    cited = citation(document, "由水务部门处以2万元罚款")
    assert gbt7714(cited, document) == f"{document.title}: 临政发〔2021〕16号[Z]: 第三条."
    assert plain(cited) == "《临河市节约用水办法》（临政发〔2021〕16号）第三条：“由水务部门处以2万元罚款”"


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_markup_of_questions_answers_and_documents_is_text(tmp_path: Path, words: object) -> None:
    path = tmp_path / "evil.txt"
    path.write_text(f"临河市图片办法{EVIL}\n\n第一条 补贴5元{EVIL}。\n", encoding="utf-8")
    made = read(path)
    cited = citation(made, "补贴5元", "第一条")
    exchange = Exchange(question=EVIL, answer=answer(f"{EVIL}[1]", cited, question=EVIL + "？"))
    lang = ZH if words is ZH else EN
    for markup in (html.conversation([exchange], lang), html.source(cited, made, lang), outline(made, lang)):
        shown = parsed(markup)
        assert {"script", "img", "a"} & set(shown.tags) == set()
        assert [name for name, _ in shown.attributes if name.startswith("on") or name in ("href", "src")] == []
        assert "\u202e" not in markup


@given(st.text())
def test_any_text_stays_text(value: str) -> None:
    shown = parsed(f"<p>{html.text(value)}</p>")
    assert shown.tags == ["p"]


def test_a_conversation_is_kept_as_markdown_and_as_word(document: Document, tmp_path: Path) -> None:
    cited = citation(document, "由水务部门处以2万元罚款")
    talk = [Exchange(question=f"罚多少{EVIL}\x00", answer=answer("处以2万元罚款[1]。", cited))]
    text = markdown(talk)
    assert text.startswith("## 罚多少\\<img src=x")
    assert "](javascript" not in text.replace("\\]\\(", "")
    assert "> \\[1\\] 《临河市节约用水办法》（临政发〔2021〕16号）第三条：“由水务部门处以2万元罚款”" in text
    word(talk, tmp_path / "talk.docx")
    paragraphs = [paragraph.text for paragraph in open_word(str(tmp_path / "talk.docx")).paragraphs]
    assert paragraphs[1:] == [
        "处以2万元罚款[1]。",
        "[1] 《临河市节约用水办法》（临政发〔2021〕16号）第三条：“由水务部门处以2万元罚款”",
    ]


def test_both_languages_say_everything() -> None:
    for name in ZH.__dataclass_fields__:
        assert getattr(ZH, name)
        assert getattr(EN, name)
    assert set(ZH.relation_types) == set(EN.relation_types)


def test_the_graph_draws_and_lists_every_relation(document: Document) -> None:
    relations = (
        Relation(type="names", title=f"某办法{EVIL}"),
        Relation(type="based_on", title="上位规划", doc="d1"),
        *(Relation(type="names", title=f"第{at}号意见") for at in range(20)),
    )
    twin = SimpleNamespace(id="t1", file="b_water.md")
    markup = outline(replace(document, relations=relations), ZH, [cast(Entry, twin)])
    shown = parsed(markup)
    label = dict(shown.attributes)["aria-label"] or ""
    assert label.startswith("与其他文件的关系：依据 上位规划；同文 b_water.md；提到 某办法")
    assert shown.tags.count("rect") == 15  # fourteen and the document itself
    assert "另有 9 份，见下" in shown.words
    assert [value for name, value in shown.attributes if name == "data-doc"] == ["d1", "t1"]
    assert markup.count("</li>") >= 23
    assert {"script", "img", "a"} & set(shown.tags) == set()


def test_coverage_says_where_every_character_is(document: Document) -> None:
    words = parsed(outline(document, ZH)).words
    found = coverage(document)
    at = words.index("全文字数（空白不计）")
    assert words[at : at + 6] == [
        *("全文字数（空白不计）", str(found.characters), "归入条目", str(found.in_sections), "归入表格", "0")
    ]
    assert found.characters == found.in_sections + found.in_tables + found.discarded


def test_what_does_not_apply_is_folded_and_what_is_not_listed_is_counted(tmp_path: Path) -> None:
    made = tmp_path / "index"
    build([REPOSITORY / "corpus"], made, embedding=open_embedding(None))
    found = match(open_snapshot(made), read_profile("张江一家细胞治疗初创企业，需要资金和场地"))
    many = replace(found, maybe=(*found.maybe, *found.maybe, *found.maybe)[:41])
    assert len(many.maybe) == 41
    shown = cards(many, ZH)
    assert "<h2>需核实（41）</h2>" in shown
    assert "另有 11 条没有列出" in shown
    assert shown.count("<details>") == 1
    assert shown.index("<details>") < shown.index(f"不适用（{len(found.excluded)}）")
    assert cards(many, EN).count("To be confirmed (41)") == 1


def test_matches_are_filtered_by_measure_and_by_document(tmp_path: Path) -> None:
    made = tmp_path / "index"
    build([REPOSITORY / "corpus"], made, embedding=open_embedding(None))
    found = match(open_snapshot(made), read_profile("张江一家细胞治疗初创企业，有高新技术企业资质，需要资金和场地"))
    items = (*found.applies, *found.maybe, *found.excluded)
    measures, documents = filters(found, ZH)
    assert {doc for _, doc in documents} == {item.citation.doc for item in items}
    assert sum(int(label.rsplit("（", 1)[1].rstrip("）")) for label, _ in documents) == len(items)
    for measure in ("", measures[0][1], measures[-1][1]):
        for _, doc in documents:
            wanted = [
                item
                for item in items
                if item.citation.doc == doc
                and (not measure or measure in {word.value for word in item.provision.measures} | {item.measure})
            ]
            shown = parsed(cards(found, ZH, measure, doc))
            numbers = {int(value or 0) for name, value in shown.attributes if name == "data-n"}
            assert numbers == {item.citation.n for item in wanted}
