"""Decimal numbers, tables of contents, notes of attachments, questions inside a numbered list."""

from __future__ import annotations

from pathlib import Path

from ingest.chunks import chunk
from ingest.document import Document, Section
from ingest.reader import read
from tests.ingest.laws import check_chunks, check_partition

PLAN = """海河市防汛应急预案
目录
1　总则
1.1　编制目的
1.2　适用范围
2　组织机构 3
2.1　指挥部………5
1　总则
1.1　编制目的
为了做好防汛工作，制定本预案。
1.2　适用范围
本预案适用于本市行政区域内的洪涝灾害。
1.2.1　一级响应：两个以上区发生洪涝灾害的。
1.2.2　二级响应：一个区发生洪涝灾害的。
2　组织机构
2.1　指挥部
指挥部设在市水务局，储备物资价值1.5万元以上。
（1）负责组织协调。
（2）负责发布预警。
"""


def _read(folder: Path, text: str) -> Document:
    path = folder / "海河市防汛应急预案.txt"
    path.write_text(text, encoding="utf-8")
    document = read(path)
    check_partition(document)
    check_chunks(document)
    return document


def _tree(sections: tuple[Section, ...]) -> list[object]:
    return [(section.path, section.heading, _tree(section.children)) for section in sections]


def test_decimal_numbers_nest_and_the_table_of_contents_heads_nothing(tmp_path: Path) -> None:
    document = _read(tmp_path, PLAN)
    assert _tree(document.sections) == [
        ("引言", None, []),
        ("目录", "目录", []),
        (
            "1",
            "总则",
            [
                ("1.1", "编制目的", []),
                ("1.2", "适用范围", [("1.2.1", "一级响应", []), ("1.2.2", "二级响应", [])]),
            ],
        ),
        (
            "2",
            "组织机构",
            [("2.1", "指挥部", [("2.1（1）", None, []), ("2.1（2）", None, [])])],
        ),
    ]


def test_a_number_before_a_count_is_no_decimal(tmp_path: Path) -> None:
    document = _read(
        tmp_path, "配租办法\n一、户型\n1.2人家庭配租一居室。\n2.3人家庭配租两居室。\n3.4人及以上家庭配租三居室。\n"
    )
    assert not any(section.number in ("1.2", "2.3", "3.4") for section in document.walk())


def test_the_note_of_attachments_is_a_part_of_its_own(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        "关于开展冷链企业申报的通知\n各区商务局：\n一、申报对象\n本市冷链企业。\n二、申报时间\n即日起至6月30日。\n"
        "附件：1.申请表\n2.承诺书\n海河市商务局\n2024年5月6日\n附件1\n申请表\n企业名称\n",
    )
    assert [(section.path, section.heading) for section in document.walk()] == [
        ("引言", None),
        ("一、", "申报对象"),
        ("二、", "申报时间"),
        ("附件说明", "附件说明"),
        ("附件1", "申请表"),
    ]


def test_questions_inside_a_numbered_list_stay_in_their_item(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        "租赁备案攻略\n一、办理条件是什么？\n本市房屋。\n二、常见问题\n问：要带什么？\n答：身份证明。\n问：多久办完？\n"
        "答：三个工作日。\n三、咨询电话\n拨打12345。\n",
    )
    assert [(section.path, section.heading, section.level) for section in document.walk()][1:] == [
        ("一、", "办理条件是什么？", 1),
        ("二、", "常见问题", 1),
        ("二、/要带什么？", "要带什么？", 2),
        ("二、/多久办完？", "多久办完？", 2),
        ("三、", "咨询电话", 1),
    ]


def test_what_follows_a_list_that_is_one_sentence_is_the_articles(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        "海河市冷链条例\n第一条 有下列情形之一的，应当备案：\n（一）新建冷库；\n（二）改建冷库。\n"
        "前款所称冷库，包括气调库。\n第二条 市商务局负责备案工作，并向社会公布备案结果。\n",
    )
    first = next(section for section in document.walk() if section.path == "第一条")
    assert [[document.text[s.start : s.end] for s in paragraph] for paragraph in first.paragraphs] == [
        ["第一条 有下列情形之一的，应当备案："],
        ["前款所称冷库，包括气调库。"],
    ]


def test_definitions_that_open_alike_are_no_headings(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        "肉制品细则\n第一条 本细则适用于下列制品。\n酱肉是指以畜禽产品为主要原料，经腌制而成。\n"
        "糟肉是指以畜禽产品为主要原料，经糟制而成。\n白肉是指以畜禽产品为主要原料，经煮制而成。\n",
    )
    assert [section.path for section in document.walk()] == ["引言", "第一条"]


def test_the_note_of_attachments_may_number_them_in_groups(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        "冷库审查细则\n第一条　为了规范冷库审查，制定本细则。\n第二条　本细则自2024年5月6日起施行。\n"
        "附件：1-1.设备清单\n1-2.工艺流程\n2-1.检验项目\n附件1-1\n设备清单\n1.冷风机\n2.叉车\n附件1-2\n工艺流程\n先入库，后速冻。\n",
    )
    assert [(section.path, section.number) for section in document.walk()] == [
        ("引言", None),
        ("第一条", "第一条"),
        ("第二条", "第二条"),
        ("附件说明", None),
        ("附件1-1", "附件1-1"),
        ("附件1-1/1.", "1."),
        ("附件1-1/2.", "2."),
        ("附件1-2", "附件1-2"),
    ]


SUBSIDIES = """海河市稳岗补贴指南
一、创业补贴
补贴条件：
（1）初创企业登记满6个月，且有下列员工之一：
①高校毕业生；
②退役军人。
（2）按时缴纳社会保险费。
补贴标准：每户1万元。
补贴期限：一次性。
二、租金补贴
补贴条件：
（1）场地用于经营。
补贴标准：每年6000元。
注意事项：
1.咨询电话工作日开放。
2.材料须为原件。
"""


def test_a_label_alone_on_its_line_heads_the_list_under_it(tmp_path: Path) -> None:
    """The labels after that list stand beside it, not under its last item."""
    document = _read(tmp_path, SUBSIDIES)
    assert _tree(document.sections) == [
        ("引言", None, []),
        (
            "一、",
            "创业补贴",
            [
                (
                    "一、/补贴条件",
                    "补贴条件",
                    [
                        (
                            "一、/补贴条件/（1）",
                            None,
                            [("一、/补贴条件/（1）①", None, []), ("一、/补贴条件/（1）②", None, [])],
                        ),
                        ("一、/补贴条件/（2）", "按时缴纳社会保险费", []),
                    ],
                ),
                ("一、/补贴标准", "补贴标准", []),
                ("一、/补贴期限", "补贴期限", []),
            ],
        ),
        (
            "二、",
            "租金补贴",
            [
                ("二、/补贴条件", "补贴条件", [("二、/补贴条件/（1）", "场地用于经营", [])]),
                ("二、/补贴标准", "补贴标准", []),
                ("二、/注意事项", "注意事项", [("二、/注意事项/1.", None, []), ("二、/注意事项/2.", None, [])]),
            ],
        ),
    ]


def test_a_label_over_a_list_of_higher_rank_ends_the_list_before_it(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        "冷媒目录\n第一条　见附表。\n附表\n## 第一类\n1．1—苯基丙酮\n2．3，4—二甲苯\n3．氨\n## 第二类\n1．丙烷\n"
        "说明：\n一、所列物质的混合物也在其内。\n二、带星号的除外。\n",
    )
    assert [section.path for section in document.walk()] == [
        *(
            "引言",
            "第一条",
            "附表",
            "附表/第一类",
            "附表/第一类/1．",
            "附表/第一类/2．",
            "附表/第一类/3．",
            "附表/第二类",
        ),
        *("附表/第二类/1．", "附表/说明", "附表/说明/一、", "附表/说明/二、"),
    ]


def test_lines_that_lead_into_a_list_and_addressees_are_no_labels(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        "关于冷库备案的通知\n各区商务局：\n一、备案材料\n提交下列材料：\n（1）申请表。\n（2）执照。\n"
        "冷库类型包括：\n（1）高温库。\n（2）低温库。\n申请单位：　联系电话：\n"
        "经办人：　　年　月　日填写\n投产日期：　　年　月　日\n",
    )
    assert [section.heading for section in document.walk() if section.number is None] == [None]


def test_a_number_before_a_quantity_is_one_where_the_list_says_so(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        "再登记资料\n第一条　资料：\n1．证明文件。\n（1）批件。\n（2）执照。\n2．3年内的使用情况；\n3．设备清单。\n"
        "第二条　补贴标准：\n1．小库；\n2．大库；\n3．5万元以上的另行规定。\n",
    )
    assert [section.path for section in document.walk()][1:] == [
        *("第一条", "第一条1．", "第一条1．（1）", "第一条1．（2）", "第一条2．", "第一条3．"),
        *("第二条", "第二条1．", "第二条2．"),
    ]


def test_a_chapters_name_without_its_number_holds_its_articles(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        "冷库管理条例\n总　则\n第一条　为了加强冷库管理，制定本条例。\n第二条　市商务局负责冷库管理。\n法律责任\n"
        "第三条　有下列情形之一的，处以罚款：\n（一）未备案的；\n（二）超温的。\n第四条　其他处罚依照法律。\n",
    )
    assert _tree(document.sections)[1:] == [
        ("总 则", "总 则", [("总 则/第一条", None, []), ("总 则/第二条", None, [])]),
        (
            "法律责任",
            "法律责任",
            [
                ("法律责任/第三条", None, [("法律责任/第三条（一）", None, []), ("法律责任/第三条（二）", None, [])]),
                ("法律责任/第四条", None, []),
            ],
        ),
    ]


def test_letters_number_a_list(tmp_path: Path) -> None:
    document = _read(
        tmp_path, "冷库规范\n1　总则\n1.1　一般要求\n冷库应当：\na) 保温；\nb) 防潮。\n1.2　选址\n远离热源。\n"
    )
    assert [section.path for section in document.walk()] == ["引言", "1", "1.1", "1.1a)", "1.1b)", "1.2"]


def test_the_line_under_an_annex_number_is_its_title(tmp_path: Path) -> None:
    """The passages of what stands in the annex carry it; a heading mark makes no section of it."""
    document = _read(
        tmp_path,
        "冷库办法\n第一条　条件见附件。\n附件1\n冷库建设条件\n一、选址\n远离热源。\n附件2：\n## 冷库设备\n1.风机。\n"
        "附件3\n申报单位应当如实填写下列内容，并加盖公章。\n",
    )
    assert [(section.path, section.heading) for section in document.walk()] == [
        ("引言", None),
        ("第一条", None),
        ("附件1", "冷库建设条件"),
        ("附件1一、", "选址"),
        ("附件2", "冷库设备"),
        ("附件2/1.", None),
        ("附件3", None),
    ]
    assert [passage.headings[1:] for passage in chunk(document) if passage.section.startswith("附件1")] == [
        ("附件1冷库建设条件", "一、选址"),
    ]


def test_the_names_of_attachments_sign_nothing(tmp_path: Path) -> None:
    document = _read(
        tmp_path,
        "冷库补贴通告\n一、对象\n本市冷库经营者均可申请补贴。\n附件：\n1.申请表\n2.承诺书\n海河市商务局\n2024年5月6日\n",
    )
    assert [(section.path, len(section.paragraphs)) for section in document.walk()][2:] == [
        ("附件说明", 3),
        ("落款", 2),
    ]
