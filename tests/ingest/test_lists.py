"""Lists under labels, numbers inside a line, numbers that lost their marks: what opens a section and what does not."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.coverage import coverage
from ingest.document import Document
from ingest.numbering import lost_circles
from ingest.reader import read
from tests.ingest.laws import check_chunks, check_partition

Parse = Callable[..., Document]
GUIDE = """云溪市冷库节能补贴申报指南
一、节能补贴
申报条件：
（1）在本市登记；
（2）没有失信记录。
补贴标准：每年5000元，最多三年。
办理流程：
1.提出申请。
2.部门审核。
受理时间：6月30日前。
二、其他
联系电话见官网公布的办事指南。
"""


def paths(document: Document) -> list[str]:
    check_partition(document)
    check_chunks(document)
    return [section.path for section in document.walk()][1:]


def test_a_label_heads_the_list_under_it_and_ends_with_the_next_label(parse_text: Parse) -> None:
    assert paths(parse_text(GUIDE)) == [
        "一、",
        "一、/申报条件",
        "一、/申报条件/（1）",
        "一、/申报条件/（2）",
        "一、/补贴标准",
        "一、/办理流程",
        "一、/办理流程/1.",
        "一、/办理流程/2.",
        "一、/受理时间",
        "二、",
    ]


@pytest.mark.parametrize("stem", ["符合下列条件的企业：", "申请人应当提交：", "其中：", "各有关单位：", "包括："])
def test_the_beginning_of_a_sentence_is_no_label(parse_text: Parse, stem: str) -> None:
    assert paths(parse_text(f"通知\n一、对象\n{stem}\n1.冷库。\n2.冷藏车。\n")) == ["一、", "一、1.", "一、2."]


def test_a_label_and_the_first_number_of_its_list_in_one_line(parse_text: Parse) -> None:
    lines = "补贴对象：企业，个体户。\n补贴标准：（1）小型企业5000元。\n（2）其他企业3000元。\n期限：至年底，一次性。\n"
    assert paths(parse_text(f"通知\n一、补贴\n{lines}")) == [
        "一、",
        "一、/补贴对象",
        "一、/补贴标准",
        "一、/补贴标准/（1）",
        "一、/补贴标准/（2）",
        "一、/期限",
    ]


@pytest.mark.parametrize(
    ("line", "inside"),
    [
        ("1.补贴内容：（1）家电。补贴一成。（2）家具。补贴半成。", ["一、1.", "一、1.（1）", "一、1.（2）"]),
        ("1.核销。①企业申报。②财政审核。③拨付。", ["一、1.", "一、1.①", "一、1.②", "一、1.③"]),
        ("1.凭证：（1）发票；（2）收条；（3）身份证复印件。", ["一、1."]),
        ("1.按第五条第（一）（二）项办理。（三）项除外。", ["一、1."]),
        ("1.先办（2）项。（3）项后办。", ["一、1."]),
    ],
)
def test_a_number_inside_a_line_counts_where_it_opens_a_sentence(
    parse_text: Parse, line: str, inside: list[str]
) -> None:
    assert paths(parse_text(f"通知\n一、消费\n{line}\n")) == ["一、", *inside]


def test_circled_numbers_that_lost_their_circles(parse_text: Parse) -> None:
    lines = "1身份证原件;\n2户口簿原件;\n3《申请表》一份。\n"
    document = parse_text(f"通知\n一、材料\n(1)申请时携带:\n{lines}(2)审查\n3个工作日办完。\n二、其他\n无。\n")
    assert paths(document) == ["一、", "一、(1)", "一、(1)1", "一、(1)2", "一、(1)3", "一、(2)", "二、"]
    assert lost_circles(["数据：", "1个月", "2个月", "3个月"]) == {}
    assert lost_circles(["名单", "1甲公司", "2乙公司", "3丙公司"]) == {}
    assert lost_circles(["如下：", "1甲公司", "2乙公司"]) == {}
    assert list(lost_circles(["如下：", "1甲公司", "2乙公司", "3丙公司", "5丁公司"])) == [1, 2, 3]


def test_a_year_behind_a_number(parse_text: Parse) -> None:
    document = parse_text("通知\n一、条件\n1.在职的。\n2.2024年12月31日前登记的。\n3.2025年新设的。\n")
    assert paths(document) == ["一、", "一、1.", "一、2.", "一、3."]


def test_paragraphs_of_an_article_that_open_alike_are_text(parse_text: Parse) -> None:
    body = "委托{}代为办理的，提供身份证。\n"
    alike = "".join(body.format(who) for who in ("配偶", "父母", "子女"))
    assert paths(parse_text(f"办法\n第一条　可以委托办理。\n{alike}第二条　本办法自即日起施行。\n")) == [
        "第一条",
        "第二条",
    ]
    assert len(paths(parse_text(f"指南\n一、委托\n可以委托办理。\n{alike}"))) == 4


def test_a_wrapped_name_in_the_note_of_attachments(parse_text: Parse) -> None:
    note = "附件：1.冷库名录\n2.2024年冷链企业（C类）\n补贴汇总表\n3.申请表\n"
    document = parse_text(f"通知\n一、事项\n5个申请名额。\n{note}")
    assert paths(document) == ["一、", "附件说明"]


def test_an_example_under_its_question(parse_text: Parse) -> None:
    example = "案例{0}：王某在甲公司参保{0}年，能申请吗？\n答：能申请，凭离职证明办理。\n"
    document = parse_text(
        f"问答\n一、谁可以申请？\n（一）失业的。\n（二）登记的。\n{example.format(1)}{example.format(2)}二、多久？\n三天。\n"
    )
    assert paths(document) == ["一、", "一、（一）", "一、（二）", "一、案例1", "一、案例2", "二、"]
    assert next(s for s in document.walk() if s.number == "案例1").heading == "王某在甲公司参保1年，能申请吗？"
    assert coverage(document).warnings == ()


NOTICE = """{title}
各区民政局：
{sent}，现印发给你们，请遵照执行。
云溪市民政局
2024年5月6日
云溪市冷库管理办法
第一条　为规范管理，制定本办法。
第二条　原《云溪市冷库管理办法》（云民〔2019〕3号）同时废止。
"""


@pytest.mark.parametrize(
    ("title", "sent", "called"),
    [
        (
            "云溪市民政局关于印发云溪市冷库管理办法的通知",
            "我们制定了《云溪市冷库管理办法》",
            "云溪市民政局关于印发云溪市冷库管理办法的通知",
        ),
        ("云溪市民政局关于印发《云溪市冷库管理办法》的通知", "办法已经批准", "云溪市冷库管理办法"),
        ("关于加强冷库管理的通知", "我们制定了《云溪市冷库管理办法》", "关于加强冷库管理的通知"),
        ("【云溪市】云溪市冷藏车管理办法", "制定《云溪市冷库管理办法》", "云溪市冷库管理办法"),
    ],
)
def test_a_covering_notice_is_a_part_of_its_own(parse_text: Parse, title: str, sent: str, called: str) -> None:
    document = parse_text(NOTICE.format(title=title, sent=sent))
    assert [section.path for section in document.walk()] == ["通知", "引言", "第一条", "第二条"]
    assert document.title == called
    assert (document.issuers, document.issue_date) == (("云溪市民政局",), "2024-05-06")
    check_partition(document)


@pytest.mark.parametrize(
    ("source", "issuers"), [("云溪市民政局", ("云溪市民政局",)), ("市民政局", ()), ("云溪日报", ()), ("本站", ())]
)
def test_the_organ_that_a_page_names_as_its_source(tmp_path: Path, source: str, issuers: tuple[str, ...]) -> None:
    path = tmp_path / "a.html"
    body = "<p>一、谁可以申请？</p><p>失业的人可以申请，凭离职证明到服务窗口办理，三个工作日办完。</p>" * 3
    path.write_text(
        f"<html><meta charset=utf-8><body><h1>云溪市失业保险常见问题解答</h1><p>发布日期：2025-12-05 来源：{source}</p>"
        f"<div>{body}</div></body></html>",
        encoding="utf-8",
    )
    document = read(path)
    assert (document.issuers, document.kind) == (issuers, "解答")


def test_the_last_attachment_named_is_no_signature(parse_text: Parse) -> None:
    note = "附件：\n1.2025年第一批房源\n2.申请表\n云溪市民政局\n2025年3月19日\n"
    document = parse_text(f"通告\n一、事项\n即日起申请，额满为止。\n{note}")
    assert paths(document) == ["一、", "附件说明", "落款"]
    [*_, listed, signed] = document.walk()
    assert [document.text[p[0].start : p[-1].end] for p in listed.paragraphs] == [
        "附件：",
        "1.2025年第一批房源",
        "2.申请表",
    ]
    assert document.text[signed.start : signed.end] == "云溪市民政局\n2025年3月19日"


@pytest.mark.parametrize("blank", ["　　　　", "　　年　月　日", "　电话：　传真：", "联系人："])
def test_the_blanks_of_a_form_are_no_sections(parse_text: Parse, blank: str) -> None:
    form = f"登记总数：{blank}\n回函说明：{blank}\n说明：\n1.逐项填写。\n2.字迹清楚。\n"
    assert paths(parse_text(f"通知\n一、填表\n每张表填一次，不得涂改。\n{form}")) == [
        "一、",
        "一、/说明",
        "一、/说明/1.",
        "一、/说明/2.",
    ]


def test_a_document_in_one_line(parse_text: Parse) -> None:
    document = parse_text(
        "云溪市支持冷链若干措施\n制定如下措施：一、支持建设。（一）给予补贴。最高100万元。（二）保障用地。优先安排。"
        "二、支持运营。1.减免电费。按八折计。2.加大信贷。安排10亿元。3.5亿元以上的项目优先。三、附则。自发布之日起施行。\n"
    )
    assert [(section.path, section.heading) for section in document.walk()][1:] == [
        ("一、", "支持建设"),
        ("一、（一）", "给予补贴"),
        ("一、（二）", "保障用地"),
        ("二、", "支持运营"),
        ("二、1.", "减免电费"),
        ("二、2.", "加大信贷"),
        ("三、", "附则"),
    ]
    check_partition(document)
    [level] = parse_text("办法\n第一条　补贴一、二级残疾人。三、四级减半。分两档：一档500元。二档300元。\n").sections[
        1:
    ]
    assert (level.path, level.children) == ("第一条", ())


def test_time_grows_with_the_line_and_not_its_square(parse_text: Parse) -> None:
    begun = time.process_time()
    document = parse_text("通知\n" + "".join(f"（{n % 30 + 1}）给予补贴。" for n in range(40_000)) + "\n")
    assert time.process_time() - begun < 8
    assert document.sections


def test_names_in_brackets_head_what_follows(parse_text: Parse) -> None:
    conditions = "【申报条件】\n1.在本市登记。\n2.无失信记录。\n"
    guide = f"{conditions}【补贴标准】\n每家5000元。\n【办理流程】网上申请。\n【打印】【关闭】\n"
    assert paths(parse_text(f"申报指南\n{guide}")) == ["申报条件", "申报条件/1.", "申报条件/2.", "补贴标准", "办理流程"]
    assert paths(parse_text("【云溪市】申报指南\n一、条件\n【提示】先登记。\n二、流程\n网上申请。\n")) == [
        "一、",
        "二、",
    ]


def test_parts_and_numbers_with_half_a_bracket(parse_text: Parse) -> None:
    document = parse_text(
        "冷链规划\n第一部分 基础\n一、现状\n容量10万吨。\n第二部分：任务\n一、扩大规模\n（1）新建。每年两座。\n"
        "1）选址。靠近市场。\n2）施工。两年建成。\n（2）改造。每年五座。\n第二部分企业参加即可。\n"
    )
    assert paths(document) == [
        "第一部分",
        "第一部分一、",
        "第二部分",
        "第二部分一、",
        "第二部分一、（1）",
        "第二部分一、（1）1）",
        "第二部分一、（1）2）",
        "第二部分一、（2）",
    ]
