from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errors import IngestError
from ingest.clean import clean
from ingest.document import NOTHING_TO_CITE, Document, Section
from ingest.files import SourceText
from ingest.reader import parse, read
from tests.ingest.conftest import POLICIES, ROOT
from tests.ingest.laws import check_chunks, check_partition

CORPUS = sorted((ROOT / "corpus").glob("0*"))
UNSEEN = sorted(p for p in POLICIES.rglob("*") if p.suffix in {".txt", ".md"}) if POLICIES.exists() else []
GOLDEN = ROOT / "tests" / "golden"
Parse = Callable[..., Document]


def paths(document: Document) -> list[str]:
    return [section.path for section in document.walk()]


def tree(document: Document) -> str:
    """One line a section: path, number, heading, first and last own characters; then tables and facts."""
    lines = [
        f"{document.title} | {document.doc_number} | {document.issuer} | {document.issue_date} | {document.kind}"
        f" | {document.region} | {document.period}"
    ]
    lines += [f"{relation.type} {relation.title}" for relation in document.relations]

    def show(section: Section) -> None:
        own = "⏎".join(clean(document.text, paragraph)[0].text for paragraph in section.paragraphs)
        lines.append(
            f"{'  ' * section.level}{section.path} [{section.number}|{section.heading}] "
            f"{section.start} {len(own)} {own[:14]}…{own[-10:]}"
        )
        for child in section.children:
            show(child)

    for section in document.sections:
        show(section)
    for table in document.tables:
        lines += [
            f"{table.path} {table.caption} {'|'.join(table.columns)}",
            *("  " + "|".join(row) for row in table.rows),
        ]
    lines += [f"dropped {item.reason} {document.text[item.start : item.end]}" for item in document.dropped]
    return "\n".join(lines) + "\n"


def test_golden_renewal_is_off() -> None:
    """RENEW_GOLDEN=1 rewrites tests/golden; read the diff before committing it."""
    assert os.getenv("RENEW_GOLDEN") != "1"


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name[:3])
def test_the_outlines_of_the_corpus(path: Path) -> None:
    shown = tree(read(path))
    golden = GOLDEN / f"outline_{path.name[:3]}.txt"
    if os.getenv("RENEW_GOLDEN") == "1":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name[:3])
def test_nothing_of_the_corpus_is_lost(path: Path) -> None:
    document = read(path)
    check_partition(document)
    check_chunks(document)


@pytest.mark.skipif(not UNSEEN, reason="needs the policy files of ../shared")
def test_nothing_of_unseen_files_is_lost() -> None:
    for path in UNSEEN:
        document = read(path)
        check_partition(document)
        check_chunks(document)


def test_two_renderings_have_one_outline() -> None:
    marked, plain = (read(path) for path in CORPUS[:2])
    assert paths(marked) == paths(plain)


def test_numbers_decide_the_level_not_markdown(parse_text: Parse) -> None:
    document = parse_text(
        "# 某市扶持办法\n\n#### 一、支持对象\n\n## （一）企业\n\n在本市注册。\n\n"
        "# （二）个人\n\n有户籍。\n\n### 二、标准\n\n每人一千元。\n"
    )
    assert [(s.path, s.level, s.heading) for s in document.walk()] == [
        ("引言", 1, None),
        ("一、", 1, "支持对象"),
        ("一、（一）", 2, "企业"),
        ("一、（二）", 2, "个人"),
        ("二、", 1, "标准"),
    ]


def test_every_kind_of_number_nests(parse_text: Parse) -> None:
    document = parse_text(
        "某法\n第一编 总则\n第一分编 通则\n第一章 基本规定\n第一节 范围\n第一条 本法所称货物，指动产。\n"
        "（一）机器；\n1.新机器；\n（1）进口的；\n①成套的。\n第二条 其他。\n"
    )
    assert paths(document)[1:] == [
        "第一编",
        "第一编第一分编",
        "第一编第一分编第一章",
        "第一编第一分编第一章第一节",
        "第一编第一分编第一章第一节第一条",
        "第一编第一分编第一章第一节第一条（一）",
        "第一编第一分编第一章第一节第一条（一）1.",
        "第一编第一分编第一章第一节第一条（一）1.（1）",
        "第一编第一分编第一章第一节第一条（一）1.（1）①",
        "第一编第一分编第一章第一节第二条",
    ]


def test_a_number_glued_to_its_heading(parse_text: Parse) -> None:
    document = parse_text("方案\n一、技术\n1.芯片。做芯片的事。\n2.4G 升级。换设备的事。\n3.5亿元以上的项目优先。\n")
    assert [(s.number, s.heading) for s in document.walk()][1:] == [("一、", "技术"), ("1.", "芯片"), ("2.", "4G 升级")]


def test_a_stray_number_is_text(parse_text: Parse) -> None:
    document = parse_text(
        "办法\n第一条 依据第三条办理。\n第三条规定的情形除外。\n第二条 略过不表。\n十二、本项保留。\n"
    )
    assert paths(document) == ["引言", "第一条", "第二条", "十二、"] or paths(document) == [
        "引言",
        "第一条",
        "第二条",
        "第二条十二、",
    ]


def test_an_annex_restarts_the_numbering(parse_text: Parse) -> None:
    document = parse_text("某通知\n一、总则\n内容一。\n附件1\n申报书\n一、填报说明\n如实填写。\n二、其他\n无。\n")
    assert "附件1" in paths(document)
    assert "附件1/申报书/一、" in paths(document) or "附件1一、" in paths(document)


def test_dash_goals_return_to_their_parent(parse_text: Parse) -> None:
    document = parse_text(
        "计划\n一、目标\n到明年，见效。\n——打造高地。建三家学院。\n——做强集群。引五家企业。\n到后年，全面建成。\n二、任务\n做事。\n"
    )
    section = next(s for s in document.walk() if s.path == "一、")
    assert [child.heading for child in section.children] == ["打造高地", "做强集群"]
    own = [document.text[p[0].start : p[-1].end] for p in section.paragraphs]
    assert own == ["一、目标", "到明年，见效。", "到后年，全面建成。"]


def test_orders_inside_one_paragraph(parse_text: Parse) -> None:
    document = parse_text(
        "通报\n一、做法\n下一步抓好三件事。一是抓投入。加大财政投入。二是抓人才。引进团队。三是抓场景。开放场景。\n"
    )
    assert [(s.path, s.heading) for s in document.walk()][2:] == [
        ("一、一是", "抓投入"),
        ("一、二是", "抓人才"),
        ("一、三是", "抓场景"),
    ]
    check_partition(document)


def test_items_of_one_sentence_stay_together(parse_text: Parse) -> None:
    document = parse_text("通报\n一、做法\n要点如下：一是抓投入，二是抓人才；三是抓场景。\n")
    assert paths(document) == ["引言", "一、"]


def test_topics_that_open_sentences(parse_text: Parse) -> None:
    document = parse_text(
        "规划\n一、布局\n全市统筹推进。农业领域，支持甲县建基地。工业领域，支持乙县建园区。旅游领域，支持丙县建景区。\n"
    )
    assert [s.heading for s in document.walk()][2:] == ["农业领域", "工业领域", "旅游领域"]


def test_a_transcript(parse_text: Parse) -> None:
    document = parse_text(
        "某条例新闻发布会实录\n\n大河报：条例为什么修订？\n\n王明：为了适应新形势。\n\n首先，回应群众关切，解决急难愁盼的问题。\n\n"
        "其次，落实上位法要求，做好制度衔接工作。\n\n农民日报：罚款怎么定？\n\n李红：一般不超过两千元。\n"
    )
    assert paths(document) == [
        "引言",
        "大河报（王明答）",
        "大河报（王明答）/首先",
        "大河报（王明答）/其次",
        "农民日报（李红答）",
    ]


NOTICE = """宁江市财政局
宁财规〔2024〕7号

关于印发《宁江市小微企业贴息办法》的通知

各区财政局：

现将《宁江市小微企业贴息办法》印发给你们。

宁江市财政局
2024年3月5日

宁江市小微企业贴息办法

为支持小微企业，根据《中华人民共和国中小企业促进法》，制定本办法。

第一条 贴息比例为百分之二。

第二条 本办法自2024年4月1日起施行。《宁江市小微企业贷款贴息暂行规定》同时废止。
"""


def test_letterhead_notice_and_facts(parse_text: Parse) -> None:
    document = parse_text(NOTICE)
    assert paths(document) == ["红头", "通知", "引言", "第一条", "第二条"]
    assert (
        document.title,
        document.doc_number,
        document.issuer,
        document.issue_date,
        document.kind,
        document.region,
    ) == (
        "宁江市小微企业贴息办法",
        "宁财规〔2024〕7号",
        "宁江市财政局",
        "2024-03-05",
        "办法",
        "宁江市",
    )
    assert [(relation.type, relation.title) for relation in document.relations] == [
        ("based_on", "中华人民共和国中小企业促进法"),
        ("repeals", "宁江市小微企业贷款贴息暂行规定"),
    ]


def test_facts_are_never_invented(parse_text: Parse) -> None:
    document = parse_text("扶持方案\n一、依据\n按照浦府〔2020〕3号文件和2020年5月1日的会议精神执行。\n")
    assert (document.doc_number, document.issuer, document.issue_date, document.region, document.period) == (None,) * 5


def test_a_page_break_inside_a_sentence(parse_text: Parse) -> None:
    document = parse_text(
        "方案\n\n一、任务\n\n支持企业开展关键技术攻关，推动人工智能、生物医药等产业集聚发展，"
        "建设一批公共服务平台和中试基地，加快形\n\n成新的产业集群。\n"
    )
    section = next(s for s in document.walk() if s.path == "一、")
    assert clean(document.text, section.paragraphs[1])[0].text.endswith("加快形成新的产业集群。")
    assert any(repair.kind == "断行续接" for repair in document.repairs)


def test_a_clause_printed_twice_counts_once(parse_text: Parse) -> None:
    document = parse_text("方案\n一、布局\n支持城东建设产业园区，支持城东建设产业园区，打造物流高地。\n")
    assert [(item.reason, document.text[item.start : item.end]) for item in document.dropped] == [
        ("重复语句", "支持城东建设产业园区，")
    ]
    check_partition(document)


PAGE = """
渔业倍增计划

主要目标：以水产为方向，建设一批

现代渔港，水产品产量达到二十万吨。

1.任务
一是建设渔港。改造老旧码头，完善

冷链设施，提升加工能力和水平。

二是培育品种。

建立良种繁育基地，推广优质水产新

品种，(以下从略)

东海县农业发展行动方案
（2021-2024年）

坚持农业优先发展，把保障粮食安全

放在首位，加快农业现代化步伐。

种植倍增计划

主要目标：以粮食为方向，稳定播种

面积，粮食产量达到一百万吨以上。

1.任务
一是建设良田。实施高标准农田建设

工程，新增高标准农田十万亩。

畜牧倍增计划

主要目标：以生猪为方向，稳定产能

规模，生猪出栏达到五十万头以上。

1.任务
一是改造猪舍。支持养殖场改造升级

基础设施，推广自动化养殖设备。

为贯彻落实乡村振兴战略，加快建设农业强县，结合实际，

特制定本行动方案。

种植倍增，端牢饭碗夯实根基
畜牧倍增，提质增效丰富餐桌
渔业倍增，向海图强做大产业
三大计划
"""


def test_a_newspaper_page_is_read_in_its_own_order(parse_text: Parse) -> None:
    document = parse_text(PAGE)
    check_partition(document)
    assert document.title == "东海县农业发展行动方案（2021-2024年）"
    assert document.period == ("2021", "2024")
    order = [path for path in paths(document) if path.endswith("计划") and "/" not in path]
    assert order[:3] == ["种植倍增计划", "畜牧倍增计划", "渔业倍增计划"]
    assert paths(document)[0] == "引言"
    assert "渔业倍增计划/1.二是" in paths(document)
    assert any(repair.kind == "版面还原" for repair in document.repairs)


def test_a_file_without_headings(parse_text: Parse) -> None:
    document = parse_text("今天天气很好，适合出门散步。\n明天也许会下雨，请带伞。\n")
    assert paths(document) == ["正文"]
    check_partition(document)


def test_ten_thousand_sections_in_reasonable_time(parse_text: Parse) -> None:
    text = "长文\n" + "".join(f"第{n}条 第{n}条的内容，应当遵守。\n" for n in range(1, 10_000))
    started = time.perf_counter()
    document = parse_text(text)
    assert len(paths(document)) == 10_000
    assert time.perf_counter() - started < 60  # a quadratic reader takes many minutes


def test_a_text_without_visible_characters(parse_text: Parse) -> None:
    document = parse_text("-----\n=====\n— 3 —\n")
    assert (document.sections, document.warnings) == ((), (NOTHING_TO_CITE,))
    check_partition(document)


HEADS = st.sampled_from(
    [
        "一、",
        "二、",
        "（一）",
        "(二)",
        "1.",
        "2、",
        "（1）",
        "①",
        "第一条 ",
        "第二章 ",
        "——",
        "一是",
        "附件",
        "# ",
        "**",
        "问：",
        "答：",
        "> ",
    ]
)
WORDS = st.text(alphabet="支持企业发展，。；：、（）“”5%万元\t　A*#\r", min_size=0, max_size=60)
LINES = st.lists(
    st.tuples(st.one_of(st.just(""), HEADS), WORDS, st.sampled_from(["\n", "\n\n", "\r\n", "\n　　"])), max_size=40
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LINES)
def test_nothing_of_a_generated_text_is_lost(lines: list[tuple[str, str, str]]) -> None:
    text = "".join(head + words + end for head, words, end in lines)
    try:
        document = parse(SourceText(file="g.txt", path=Path("g.txt"), sha256="0" * 64, text=text, encoding="utf-8"))
    except IngestError:
        assert not any(char.isalnum() for char in text)
        return
    check_partition(document)
    check_chunks(document)
