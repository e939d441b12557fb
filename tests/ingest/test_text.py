"""Numbers, clean text and chunks, on inputs small enough to work by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.chunks import MAX_CHARS, chunk
from ingest.clean import clean, cut, join
from ingest.document import CleanText, Run, Span
from ingest.lines import split_lines, width
from ingest.numbering import Kind, marker
from ingest.numerals import han_to_int
from tests.ingest.test_outline import Parse


@pytest.mark.parametrize(
    ("text", "kind", "ordinal", "number", "rest"),
    [
        ("一、总则", Kind.HAN, 1, "一、", "总则"),
        ("十二、其他", Kind.HAN, 12, "十二、", "其他"),
        ("（三）条件", Kind.HAN_PAREN, 3, "（三）", "条件"),
        ("(二十)条件", Kind.HAN_PAREN, 20, "(二十)", "条件"),
        ("3.标准", Kind.ARABIC, 3, "3.", "标准"),
        ("10、标准", Kind.ARABIC, 10, "10、", "标准"),
        ("（7）材料", Kind.PAREN, 7, "（7）", "材料"),
        ("③材料", Kind.CIRCLED, 3, "③", "材料"),
        ("第一百零三条　罚则", Kind.ARTICLE, 103, "第一百零三条", "罚则"),
        ("第5章 附则", Kind.CHAPTER, 5, "第5章", "附则"),
        ("附件2：清单", Kind.ANNEX, 2, "附件2", "清单"),
        ("四是抓落实", Kind.ORDER, 4, "四是", "抓落实"),
    ],
)
def test_numbers(text: str, kind: Kind, ordinal: int, number: str, rest: str) -> None:
    found = marker(text)
    assert found is not None
    assert (found.kind, found.ordinal, found.number, text[found.end :].lstrip("：:　 ")) == (
        kind,
        ordinal,
        number,
        rest,
    )
    assert not found.doubtful


@pytest.mark.parametrize(
    "text", ["2023年7月", "3.5亿元", "第三条的规定", "第十条规定", "一是", "十分重要", "（略）", "5%的比例", "1.5"]
)
def test_no_numbers(text: str) -> None:
    assert marker(text) is None


def test_a_doubtful_number_says_so() -> None:
    found = marker("5.6G 技术")
    assert found is not None
    assert (found.number, found.doubtful) == ("5.", True)


@pytest.mark.parametrize(
    ("text", "value"), [("十", 10), ("十一", 11), ("二十", 20), ("一百零三", 103), ("⑫", 12), ("7", 7), ("", 0)]
)
def test_chinese_integers(text: str, value: int) -> None:
    assert han_to_int(text) == value


def test_clean_text_of_a_marked_and_wrapped_paragraph() -> None:
    source = "## **未来芯片。**支持量子 and 光子，\n\n推动 AI\nchip 研发。"
    spans = [Span(line.start, line.end) for line in split_lines(source) if line.end > line.start]
    text, bold = clean(source, spans)
    assert text.text == "未来芯片。支持量子和光子，推动 AI chip 研发。"
    assert bold == ((0, 5),)
    assert [source[s.start : s.end] for s in text.locate(0, 5, source)] == ["未来芯片。"]
    assert [source[s.start : s.end] for s in text.locate(7, 12, source)] == ["量子 and 光子"]


def test_cut_and_join_keep_the_way_back() -> None:
    whole = join([CleanText("甲乙丙", (Run(0, 10, 3),)), CleanText("丁戊", (Run(0, 20, 2),))])
    assert whole.text == "甲乙丙\n丁戊"
    part = cut(whole, 1, 5)
    assert part == CleanText("乙丙\n丁", (Run(0, 11, 2), Run(3, 20, 1)))


@given(st.text(alphabet="甲乙 \n\r\t　**#aB1，。", max_size=60))
def test_every_clean_character_is_its_source_character(source: str) -> None:
    lines = [Span(line.start, line.end) for line in split_lines(source) if source[line.start : line.end].strip()]
    text, _ = clean(source, lines)
    for run in text.runs:
        for at in range(run.length):
            if run.at + at < len(text.text):
                own = source[run.source + at]
                assert text.text[run.at + at] == own or (text.text[run.at + at] == " " and own.isspace())


@given(st.text(alphabet="甲\r\n\u2028\x0c a", max_size=40))
def test_lines_leave_nothing_between_them_but_breaks(text: str) -> None:
    at = 0
    for line in split_lines(text):
        assert text[at : line.start].strip("\r\n\u2028\x0c") == ""
        at = line.end
    assert text[at:].strip("\r\n\u2028\x0c") == ""


def test_width_counts_full_width_characters() -> None:
    assert width("浦东2030年，") == 6.0


def test_long_sections_are_cut_at_sentences(parse_text: Parse) -> None:
    sentence = "支持企业开展关键核心技术攻关，推动产业集聚发展，建设一批公共服务平台。"
    document = parse_text("方案\n一、任务\n" + sentence * 40 + "\n二、附则\n自印发之日起施行。\n")
    parts = [piece for piece in chunk(document) if piece.section == "一、"]
    assert len(parts) >= 4
    assert all(len(part.text) <= 1.25 * MAX_CHARS and part.text.endswith("。") for part in parts)
    assert "".join(part.text for part in parts) == "一、任务\n" + sentence * 40
    assert parts[0].embed_text.startswith("方案\n一、任务\n")


def test_a_sentence_without_end_is_cut_all_the_same(parse_text: Parse) -> None:
    document = parse_text("方案\n一、任务\n" + "支" * 5000 + "\n")
    assert max(len(piece.text) for piece in chunk(document)) <= 3 * MAX_CHARS


def test_a_heading_alone_is_no_passage_but_heads_its_children(parse_text: Parse) -> None:
    document = parse_text("方案\n一、任务\n（一）建园区\n支持建设园区。\n（二）引人才\n引进人才。\n")
    pieces = chunk(document)
    assert [piece.section for piece in pieces] == ["引言", "一、（一）", "一、（二）"]
    assert pieces[1].headings == ("方案", "一、任务", "（一）建园区")


def test_a_table_row_is_a_passage_whose_label_can_be_quoted(parse_text: Parse) -> None:
    document = parse_text(
        "目标\n一、指标\n如下表。\n\n| 指标名称 | 2024年 | 2025年 |\n|---|---|---|\n"
        "| 企业数（家） | 12 | 15 |\n| 产值（亿元） | 3.5 | 4 |\n"
    )
    rows = [piece for piece in chunk(document) if piece.table]
    assert [piece.text for piece in rows] == [
        "企业数（家）：2024年 12；2025年 15",
        "产值（亿元）：2024年 3.5；2025年 4",
    ]
    assert [document.text[s.start : s.end] for s in rows[1].clean.locate(0, 99, document.text)] == ["产值（亿元）"]
    assert len({piece.id for piece in chunk(document)}) == len(chunk(document))
