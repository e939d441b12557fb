"""Texts of short lines, articles that were put in later, bold lines: what ends a paragraph where no full stop does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.document import Document
from tests.ingest.laws import check_partition

Parse = Callable[..., Document]
AWARD = """青禾市商务局公告
2023年第17号

关于公布2023年度青禾市示范商圈名单的公告

根据《青禾市示范商圈评价办法》（青商规〔2021〕4号），经区县推荐、专家评审、网上公示，现将2023年度示范商圈名单予以公布。
列入名单的商圈有效期3年，期满后可申请复核。

附件：2023年度示范商圈名单

青禾市商务局
2023年12月5日

附件
2023年度示范商圈名单

一、东城区（3家）
1.东城第一百货运营有限公司
2.青禾广场有限公司
3.云溪天地商业管理股份有限公司
二、西城区（2家）
4.西城老街
5.江汉天街商业有限公司
"""
FORM = """低保办事指南

受理条件：
1.具有本市户籍；
2.共同生活的家庭成员人均收入低于低保标准；
3.家庭财产状况符合规定。
申请材料：
1.申请书；
2.身份证、户口簿；
3.家庭经济状况核对授权书。
办理流程：申请→受理→调查→公示→审核确认
办理时限：法定30个工作日，承诺20个工作日
咨询电话：0717-12345
"""


def paths(document: Document) -> list[str]:
    return [section.path for section in document.walk()]


def test_a_list_of_names_is_not_taken_for_wrapped_lines(parse_text: Parse) -> None:
    document = parse_text(AWARD)
    assert paths(document)[-7:] == [
        *("附件/一、", "附件/一、1.", "附件/一、2.", "附件/一、3.", "附件/二、", "附件/二、4.", "附件/二、5."),
    ]
    assert (document.title, document.doc_number) == (
        "关于公布2023年度青禾市示范商圈名单的公告",
        "青禾市商务局公告2023年第17号",
    )
    assert (document.issuer, document.issue_date) == ("青禾市商务局", "2023-12-05")
    check_partition(document)


def test_a_form_of_short_lines_keeps_its_numbers(parse_text: Parse) -> None:
    document = parse_text(FORM)
    assert paths(document) == [
        *("引言", "受理条件", "受理条件/1.", "受理条件/2.", "受理条件/3."),
        *("申请材料", "申请材料/1.", "申请材料/2.", "申请材料/3.", "办理流程", "办理时限", "咨询电话"),
    ]
    check_partition(document)


@pytest.mark.parametrize("later", ["第二条之一", "第二条之二"])
def test_an_article_put_in_later_is_one_of_its_own(parse_text: Parse, later: str) -> None:
    text = f"""云溪市粉尘防治规定

第一条　为了防治粉尘，制定本规定。

第二条　每月测定一次。

{later}　采样人员应当经过培训：

（一）合格后上岗；

（二）每年复训。

第三条　第二条之一的规定适用于井下。
"""
    expected = ["引言", "第一条", "第二条", later, f"{later}（一）", f"{later}（二）", "第三条"]
    assert paths(parse_text(text)) == expected


def test_a_bold_line_does_not_go_on_from_a_long_one(parse_text: Parse) -> None:
    document = parse_text(
        "# 《云溪市稳就业十条措施》政策解读\n\n"
        "发布日期：2024-04-02　来源：云溪市人力资源和社会保障局　字体大小　浏览次数：1024\n\n"
        "**出台背景**\n\n为贯彻落实稳就业的决策部署，我市制定了措施。\n\n**主要内容**\n\n措施共十条，分三个方面。\n",
        "a.md",
    )
    assert paths(document) == ["引言", "出台背景", "主要内容"]


@pytest.mark.parametrize("gap", ["\t", "  ", "　　"])
def test_numbers_set_apart_from_their_headings_are_no_table(parse_text: Parse, gap: str) -> None:
    document = parse_text(
        f"青禾市规划\n\n一、{gap}申报条件\n（一）{gap}注册在本市\n（二）{gap}年纳税100万元\n二、{gap}支持标准\n\n指标\t2020年\t2025年\n总额\t1.2\t1.8\n增速\t3%\t6%\n\n"
        f"三、{gap}工作要求\n（一）{gap}按时报送\n"
    )
    assert paths(document) == ["引言", "一、", "一、（一）", "一、（二）", "二、", "三、", "三、（一）"]
    assert [len(table.rows) for table in document.tables] == [2]


def test_a_bracket_that_is_open_at_the_end_of_a_line_goes_on(parse_text: Parse) -> None:
    document = parse_text(
        "关于修改《航道标志法》的决定\n\n（2023年6月28日第十四届全国人民代表大会常务委员会第三次会议通\n过）\n\n"
        "决定作如下修改：\n\n一、将第三条修改为二十万元。\n\n二、删去第二十条。\n"
    )
    assert paths(document) == ["引言", "一、", "二、"]
    assert document.issuer == "全国人民代表大会常务委员会"
