"""Titles that are printed on two lines or more, and the lines above and below that are none of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.document import Document
from ingest.reader import read

BODY = """
各区人民政府，市各有关部门：

为了加快白桦市有关产业的发展，规范资金的申报、审核、拨付和监督，鼓励企业加大研发投入，根据国家和本省有关规定，结合本市实际，经市人民政府同意，制定本文件。

一、总体要求

坚持企业主体，到2027年产业规模达到500亿元。

二、主要任务

（一）支持企业研发。对新认定的企业给予最高50万元奖励。

白桦市人民政府
2024年3月1日
"""
BROKEN = [
    ("白桦市人民政府关于", "加快冷链物流发展的实施意见"),
    ("白桦市人民政府办公室关于进一步", "促进民营经济发展的若干措施"),
    ("白桦市市场监督管理局关于公开征求《白桦市食品", "经营许可管理办法（征求意见稿）》意见的通告"),
    ("关于印发《白桦市人才引进办法", "实施细则》的通知"),
    ("关于《白桦市城市更新条例", "实施细则》的政策解读"),
    ("白桦市人民政府关于印发白桦市城市更新规划", "实施方案的通知"),
    ("白桦市人民政府办公室", "关于印发白桦市促进消费若干措施的通知"),
    ("白桦市财政局", "白桦市商务局", "关于印发白桦市促进消费若干措施的通知"),
    ("白桦市促进新能源汽车产业", "高质量发展行动方案"),
    ("白桦市“十四五”", "养老服务体系建设规划"),
    ("白桦市国民经济和社会发展第十五个五年", "规划纲要"),
    ("白桦市科技型中小企业贷款风险补偿资金管理", "办法（试行）"),
    ("白桦市支持中小企业发展若干措施", "（2024—2026年）"),
]
ABOVE = [
    ("白桦市人民政府", "白桦市商务局关于印发白桦市促进消费若干措施的通知"),
    ("白桦市人民政府文件", "关于加快冷链物流发展的实施意见"),
    ("白桦市人民政府", "白桦市人民政府关于加快冷链物流发展的实施意见"),
    ("白桦市轨道交通集团有限公司", "公告", "白桦市地铁乘坐规则"),
    ("白桦市服务平台", "科技项目管理办法"),
    ("白桦市惠企之窗", "白桦市科技项目管理办法"),
    ("白桦日报关于我市商务工作", "白桦市商务局关于印发白桦市促进消费若干措施的通知"),
    ("白桦市政务服务平台", "关于组织申报2024年度科技项目的通知"),
    ("白桦市科技局", "科技项目管理办法"),
    ("白桦市惠企政策", "科技项目管理办法"),
    ("政策解读", "白桦市关于加快冷链物流发展的实施意见"),
    ("首页 关于我们 动态", "白桦市科技项目管理办法"),
    ("白政发〔2024〕5号", "关于加快冷链物流发展的实施意见"),
    ("白桦市科〔2024〕5号", "科技项目管理办法"),
    ("来源：白桦日报", "科技项目管理办法"),
    ("白桦市城市更新条例", "关于施行白桦市城市更新条例的决定"),
]


def read_text(folder: Path, text: str, suffix: str = ".txt") -> Document:
    path = folder / f"文件{suffix}"
    path.write_text(text, encoding="utf-8")
    return read(path)


@pytest.mark.parametrize("lines", BROKEN, ids="|".join)
def test_a_title_on_several_lines_is_one(tmp_path: Path, lines: tuple[str, ...]) -> None:
    title, bold = "".join(lines), "\n\n".join(f"**{line}**" for line in lines)
    assert read_text(tmp_path, "\n".join(lines) + "\n" + BODY).title == title
    assert read_text(tmp_path, "白政办规〔2024〕5号\n\n" + "\n\n".join(lines) + "\n" + BODY).title == title
    assert read_text(tmp_path, "\n\n".join(f"# {line}" for line in lines) + "\n" + BODY, ".md").title == title
    assert read_text(tmp_path, bold + "\n" + BODY, ".md").title == title


@pytest.mark.parametrize("lines", ABOVE, ids="|".join)
def test_what_stands_above_a_title_is_none_of_it(tmp_path: Path, lines: tuple[str, ...]) -> None:
    title = lines[0] if lines[0].endswith("条例") else lines[-1]
    assert read_text(tmp_path, "\n\n".join(lines) + "\n" + BODY).title == title


def test_the_parts_of_a_book_are_no_lines_of_one_title(tmp_path: Path) -> None:
    assert read_text(tmp_path, "# 白桦市惠企政策\n\n## 科技项目管理办法\n" + BODY, ".md").title != (
        "白桦市惠企政策科技项目管理办法"
    )
    assert read_text(tmp_path, "# 白桦市惠企指引集\n\n## 科技项目管理办法\n" + BODY, ".md").title == "科技项目管理办法"


def test_what_a_notice_sends_is_found_on_two_lines(tmp_path: Path) -> None:
    notice = "白桦市人民政府办公室关于印发《白桦市促进新能源汽车产业高质量发展行动方案（试行）》的通知"
    text = f"{notice}\n\n各区人民政府：\n\n现印发给你们，请认真执行。\n\n白桦市人民政府办公室\n2024年3月1日\n\n"
    found = read_text(tmp_path, f"{text}白桦市促进新能源汽车产业\n高质量发展行动方案\n（试行）\n{BODY}")
    assert found.title == "白桦市促进新能源汽车产业高质量发展行动方案（试行）"
    assert found.sections[0].path == "通知"
    assert [relation.title for relation in found.relations] == []


def test_a_title_on_two_lines_keeps_its_place_in_the_text(tmp_path: Path) -> None:
    found = read_text(tmp_path, "白桦市促进新能源汽车产业\n高质量发展行动方案\n" + BODY)
    assert "".join(section.heading or "" for section in found.sections if section.path == "题前") == ""
    assert [section.path for section in found.walk()][:2] == ["引言", "一、"]
    start = found.sections[0].start
    assert found.text[start : start + 12] == "白桦市促进新能源汽车产业"
    [told] = [fact for fact in found.facts if fact.name == "title"]
    assert found.text[told.start : told.end] == "白桦市促进新能源汽车产业\n高质量发展行动方案"
    assert found.kind == "行动方案"
