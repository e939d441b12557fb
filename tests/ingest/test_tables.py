"""Tables: whole tables cell by cell, the way back to the source, and what is no table."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.document import Table
from ingest.files import find, load
from ingest.lines import split_lines
from ingest.tables import find_tables
from ingest.tables_cells import counts_up

CORPUS = Path(__file__).parents[2] / "corpus"
POLICIES = Path(__file__).parents[3] / "shared" / "data" / "policies"
BROKEN = "科学研究和技术服务业营业收入(亿\n\n元)"  # a label of corpus/003 as it stands in the file


def tables(text: str) -> tuple[Table, ...]:
    return find_tables(text, split_lines(text))


def only(text: str) -> Table:
    (table,) = tables(text)
    return table


def covered(table: Table, text: str) -> str:
    """The characters of the table's spans without white space."""
    return "".join("".join(text[span.start : span.end].split()) for span in table.spans)


def flat(*columns: str) -> str:
    """Columns as a flattened table prints them: one word a line."""
    return "\n".join(word for column in columns for word in column.split())


@pytest.fixture(scope="module")
def newspaper() -> str:
    return load(CORPUS / "003_pudong_sti_center_2020_2025.txt").text


def test_flattened_indicators_are_right_in_every_cell(newspaper: str) -> None:
    table = tables(newspaper)[0]
    assert (table.path, table.caption, table.label_column) == ("指标表", None, 2)
    assert table.columns == (
        "类别", "序号", "指标名称", "数据来源", "2018年", "2019年", "2020年目标", "2025年目标"
    )  # fmt: skip
    assert table.rows == (
        ("科学发现", "1", "全社会研发投入(亿元)", "统计局", "428.4", "458（预估）", "500", "850"),
        ("科学发现", "2", "科学研究和技术服务业营业收入(亿元)", "统计局", "691", "793", "872", "1400"),
        ("科创策源", "1", "大科学设施（个）", "市科委\\张江", "3", "4", "6", "10"),
        ("创新主体", "1", "国家实验室（家）", "市科委\\张江", "0", "0", "0", "1"),
        ("创新主体", "2", "新型研发机构（家）", "市科委\\张江", "0", "1", "2", "4"),
        ("创新主体", "3", "院士工作站（个）", "组织部", "38", "42", "47", "60"),
        ("创新主体", "4", "首席技师、技能大师工作室（个）", "人保局", "115", "193", "210", "400"),
        ("创新转化", "1", "市级以上科技公共服务平台数（个）", "市科委", "171", "190", "200", "250"),
        ("创新转化", "2", "新上市一类新药数（个）", "科经委", "2", "3", "3-5", "10"),
        ("创新转化", "3", "每万人口发明专利拥有量（件）", "知识产权局", "66.4", "77", "85", "155"),
        ("科创孵化", "1", "大企业创新中心（家）", "科经委", "/", "9", "10", "20"),
        ("科创孵化", "2", "创新型孵化器（家）", "科经委", "156", "164", "170", "200"),
        ("科创孵化", "3", "经登记的加速器（家）", "科经委", "0", "2", "4", "10"),
        ("产创融合", "1", "高新技术企业数（家）", "科经委", "2178", "2902", "4000", "8000"),
        ("产创融合", "2", "科技小巨人（培育）（家）", "科经委", "489", "537", "580", "1000"),
    )


def test_flattened_facilities_are_right_in_every_cell(newspaper: str) -> None:
    _, table = tables(newspaper)
    assert (table.path, table.caption, table.label_column) == ("设施表", None, 1)
    assert table.columns == ("序号", "设施名称", "建成/计划建成时间", "依托单位", "区域")
    physics = "中国科学院上海应用物理研究所"
    assert table.rows == (
        ("1", "上海光源", "建成", physics, "张江"),
        ("2", "国家蛋白质科学研究（上海）设施", "建成", "中科院上海生命科学研究院", "张江"),
        ("3", "软X射线自由电子激光试验装置", "建成", physics, "张江"),
        ("4", "软X射线自由电子激光用户装置", "建成", physics, "张江"),
        ("5", "上海光源二期", "2022年建成", physics, "张江"),
        ("6", "活细胞结构与功能成像平台", "2020年建成", "上海科技大学", "张江"),
        ("7", "超强短激光装置", "2020年建成", "中科院上海光学精密机械研究所", "张江"),
        ("8", "硬X射线自由电子激光装置", "2025年建成", "上海科技大学", "张江"),
        ("9", "国家海底长期观测网项目", "2019年开工，建设周期5年", "同济大学", "临港"),
        ("10", "高效低碳燃气轮机试验装置", "2019年开工，建设周期4年", "中科院工程热物理所", "临港"),
    )


def test_labels_and_spans_lead_back_to_the_source(newspaper: str) -> None:
    first, second = tables(newspaper)
    for table in (first, second):
        labels = [newspaper[span.start : span.end] for span in table.labels if span is not None]
        assert ["".join(label.split()) for label in labels] == [row[table.label_column] for row in table.rows]
        assert all(cell in covered(table, newspaper) for row in table.rows for cell in row)
    assert [newspaper[span.start : span.end] for span in first.labels if span is not None][1] == BROKEN
    assert covered(first, newspaper).startswith("类别科学发现")
    assert covered(first, newspaper).endswith("80001000")
    assert covered(second, newspaper).startswith("序号12345678910设施名称")
    assert covered(second, newspaper).endswith("临港临港")


def test_a_small_flattened_table() -> None:
    text = flat("序号 1 2 3", "园区名称 东园 西园 南园", "面积（亩） 120 85.5 300") + "\n第三条 申报材料由各园区报送。"
    table = only(text)
    assert table.path == "园区表"
    assert table.columns == ("序号", "园区名称", "面积（亩）")
    assert table.rows == (("1", "东园", "120"), ("2", "西园", "85.5"), ("3", "南园", "300"))
    assert [text[span.start : span.end] for span in table.labels if span] == ["东园", "西园", "南园"]


def test_broken_cells_notes_and_headers_are_joined() -> None:
    text = "主要任务如下。\n" + flat(
        "领域 农业 工业",
        "序 号 1 2 1 2 3",
        "任务名称 粮食产能提升 高标准农田建设（含改造 提升） 机床更新 园区循环化改造 绿色工厂创建",
        "牵头 单位 农业局 农业局、 水利局 经信局 发改委 经信局",
        "2023年 12 —— 3 0 7",
        "2024年 15（预计） 40 （暂定） 5 1 9",
        "完成时间 2024年6月 2025年 2024年底 2025年 2024年12月",
    )
    table = only(text + "\n\n上述任务纳入年度考核。")
    assert table.columns == ("领域", "序号", "任务名称", "牵头单位", "2023年", "2024年", "完成时间")
    assert table.rows == (
        ("农业", "1", "粮食产能提升", "农业局", "12", "15（预计）", "2024年6月"),
        ("农业", "2", "高标准农田建设（含改造提升）", "农业局、水利局", "——", "40（暂定）", "2025年"),
        ("工业", "1", "机床更新", "经信局", "3", "5", "2024年底"),
        ("工业", "2", "园区循环化改造", "发改委", "0", "1", "2025年"),
        ("工业", "3", "绿色工厂创建", "经信局", "7", "9", "2024年12月"),
    )


def test_what_cannot_be_placed_is_left_empty_and_stays_text() -> None:
    text = flat("序号 1 2 3 4", "企业名称 甲公司 乙公司 丙公司 丁公司", "备注 重点 新设", "金额 10 20 30 40")
    table = only(text)
    assert table.columns == ("序号", "企业名称", "备注", "金额")
    assert table.rows == (
        ("1", "甲公司", "", "10"), ("2", "乙公司", "", "20"), ("3", "丙公司", "", "30"), ("4", "丁公司", "", "40")
    )  # fmt: skip
    assert len(table.spans) == 2
    assert covered(table, text) == "序号1234企业名称甲公司乙公司丙公司丁公司备注金额10203040"


@pytest.mark.parametrize("text", [
    flat("序号 1 2 3", "企业名称 甲公司 乙公司 丙公司 丁公司 戊公司"),  # two cells too many
    flat("序号 1 2 3", "卫力 科生 利利 育力利 生生工", "发发 教利 政教 生力发政利") + "\n以上。",  # one too many
    flat("序号 1 1 1 1", "名称 甲 乙 丙 丁"),  # does not count
])  # fmt: skip
def test_columns_that_do_not_agree_are_left_as_text(text: str) -> None:
    assert tables(text) == ()


def test_a_table_printed_row_by_row() -> None:
    rows = flat("序号 补贴项目 标准", "1 租金补贴 每平方米30元", "2 人才补贴 10万元", "3 贷款贴息 50%")
    text = f"表3 补贴标准\n{rows}\n附则\n"
    table = only(text)
    assert (table.path, table.caption) == ("表3 补贴标准", "表3 补贴标准")
    assert table.columns == ("序号", "补贴项目", "标准")
    assert table.rows == (
        ("1", "租金补贴", "每平方米30元"), ("2", "人才补贴", "10万元"), ("3", "贷款贴息", "50%")
    )  # fmt: skip
    assert covered(table, text).startswith("表3补贴标准序号")


def test_marks_around_cells_belong_to_the_table() -> None:
    text = "**序**\n**号**\n**项目**\n1\n**甲**\n2\n**乙**\n"
    table = only(text)
    assert (table.columns, table.rows) == (("序号", "项目"), (("1", "甲"), ("2", "乙")))
    assert covered(table, text) == "".join(text.split())


def test_a_row_that_lacks_a_cell_ends_a_table_printed_row_by_row() -> None:
    text = flat("序号 项目 金额", "1 甲 10", "2 乙 20", "3 丙", "4 丁 40")
    assert only(text).rows == (("1", "甲", "10"), ("2", "乙", "20"))


def test_pipe_tables() -> None:
    text = (
        "表2 重点项目\n\n| 项目名称 | 投资（亿元） | 备注 |\r\n|:--|--:|---|\r\n"
        "| **甲\\|乙** | 1 | |\r\n| 丙 | 2 | 三<br>四 | 五 |\n| 丁 |\n\n正文。\n"
    )
    table = only(text)
    assert (table.path, table.caption) == ("项目表", "表2 重点项目")
    assert table.columns == ("项目名称", "投资（亿元）", "备注")
    assert table.rows == (("甲|乙", "1", ""), ("丙", "2", "三四 | 五"), ("丁", "", ""))
    assert [text[span.start : span.end] for span in table.labels if span] == ["甲\\|乙", "丙", "丁"]
    assert covered(table, text) == "".join(text.replace("正文。", "").split())


def test_pipe_rows_without_a_rule_need_bars_at_both_ends() -> None:
    table = only("| 年份 | 数量 |\n\n| 2023 | 5 |\n\n| 2024 | 8 |\n")
    assert table.rows == (("2023", "5"), ("2024", "8"))
    assert tables("甲|乙\n丙|丁\n戊|己\n") == ()


def test_columns_parted_by_tabs_or_gaps() -> None:
    tabs = only("单位\t2019年\t2020年\n甲局\t1\t2\n乙局\t\t4\n丙局\t5\n\n以上。\n")
    assert tabs.columns == ("单位", "2019年", "2020年")
    assert tabs.rows == (("甲局", "1", "2"), ("乙局", "", "4"), ("丙局", "5", ""))
    gaps = only("指标名称      单位    2025年目标\n研发投入      亿元    850\n专利数                155\n")
    assert gaps.path == "指标表"
    assert gaps.rows == (("研发投入", "亿元", "850"), ("专利数", "", "155"))


def test_names_are_never_used_twice() -> None:
    one = "项目名称\t金额\n甲\t1\n乙\t2\n\n间隔的文字。\n\n"
    other = "地区\t户数\n东区\t1\n西区\t2\n\n间隔的文字。\n\n"
    assert [table.path for table in tables(one + other + one + other)] == ["项目表", "表2", "项目表2", "表4"]


@pytest.mark.parametrize("text", [
    "",
    "目录\n一、总体要求  1\n二、主要任务  5\n三、保障措施  12\n",
    "第一章  总则  1\n第二章  申报条件  3\n第三章  附则  8\n",
    "张三    李四    王五\n赵六    钱七    孙八\n周九    吴十    郑一\n",
    "甲方：某公司    乙方：某公司\n代表：张三    代表：李四\n日期：    日期：\n",
    "附件\n入选企业名单\n1\n甲公司\n2\n乙公司\n3\n丙公司\n",
    "成员名单\n组长\n张三\n副组长\n李四\n成员\n王五\n赵六\n",
    "1.\n支持企业做大做强\n2.\n支持平台建设\n3.\n支持人才引进\n",
    "编号\n1\n2\n3\n各有关单位：\n现将有关事项通知如下。\n",
    "序号\n1\n2\n3\n为贯彻落实国家关于加快建设科\n技强国的部署，推动产业创新发\n展，结合本区实际，制定本办法\n",
    "“甲|乙|丙”三类\n|\n||\n---|---\n",
])  # fmt: skip
def test_lists_contents_and_signatures_are_no_tables(text: str) -> None:
    assert tables(text) == ()


def test_the_other_texts_of_the_corpus_hold_no_table() -> None:
    for found in find([CORPUS]):
        text = load(found.path).text
        assert len(tables(text)) == (2 if found.file.startswith("003") else 0), found.file


@pytest.mark.skipif(not POLICIES.is_dir(), reason="shared/data/policies is not beside the repository")
def test_real_policies_without_tables_yield_none() -> None:
    files = [found for found in find([POLICIES]) if found.path.suffix in (".txt", ".md")]
    assert len(files) >= 10
    assert {found.file: tables(load(found.path).text) for found in files} == {found.file: () for found in files}


@pytest.mark.parametrize(("numbers", "groups"), [
    ([1, 2, 3], 1), ([1, 2, 1, 1, 2], 3), ([1, 3], None), ([2, 3], None), ([1, None, 2], None), ([], None),
])  # fmt: skip
def test_running_numbers_count_their_groups(numbers: list[int | None], groups: int | None) -> None:
    assert counts_up(numbers) == groups


HAN = "东西南北山水云田园林木金石花草春夏秋冬风雨雪星光永兴安平盛泰丰"
NAMES = st.text(HAN, min_size=1, max_size=3)
NUMBERS = st.integers(3, 9999).map(str)
NOUNS = st.sampled_from(["名称", "单位", "金额", "数量", "类型", "时间", "地区", "备注", "负责人", "内容", "标准"])
LINES = st.sampled_from(["序号", "1", "2", "3", "名称", "甲乙", "|a|b|", "|-|-|", "x\ty", "（注", "。", "", "  "])
ONE_GROUP, GROUPS = st.lists(st.integers(2, 12), min_size=1, max_size=1), st.lists(st.integers(1, 4), min_size=2)


@st.composite
def flattened(draw: st.DrawFn) -> tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """A text with a table printed column by column, its columns and its rows."""
    sizes = draw(st.one_of(ONE_GROUP, GROUPS))
    if len(sizes) == sum(sizes):
        sizes[0] += 1  # numbers that begin again in every row are no numbering
    numbers = [str(number + 1) for size in sizes for number in range(size)]
    headers = draw(st.lists(st.tuples(NAMES, NOUNS).map("".join), min_size=2, max_size=8, unique=True))
    columns = [
        draw(st.lists(draw(st.sampled_from([NAMES, NUMBERS])), min_size=len(numbers), max_size=len(numbers)))
        for _ in headers[1:]
    ]
    names, body = ["序号", *headers[1:]], [numbers, *columns]
    printed = [["序号", *numbers], *([name, *cells] for name, cells in zip(headers[1:], columns, strict=True))]
    if len(sizes) > 1:
        groups = draw(st.lists(st.text(HAN, min_size=2, max_size=5), min_size=len(sizes), max_size=len(sizes)))
        printed.insert(0, [headers[0], *groups])
        names.insert(0, headers[0])
        body.insert(0, [group for group, size in zip(groups, sizes, strict=True) for _ in range(size)])
    words = [word + "\n" * draw(st.integers(1, 3)) for column in printed for word in column]
    after = draw(st.sampled_from(["", "以上内容自发布之日起执行。\n", "第三章 附则\n"]))
    return "特制定本方案。\n" + "".join(words) + after, tuple(names), tuple(zip(*body, strict=True))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(flattened())
def test_a_flattened_table_is_read_back(case: tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]) -> None:
    text, columns, rows = case
    table = only(text)
    assert (table.columns, table.rows) == (columns, rows)


@given(st.lists(LINES))
def test_any_lines_are_survived_and_spans_stay_apart(words: list[str]) -> None:
    text, last = "\n".join(words), 0
    for table in tables(text):
        assert len({len(table.columns), *map(len, table.rows)}) == 1
        assert len(table.labels) == len(table.rows)
        for span in table.spans:
            assert last <= span.start < span.end <= len(text)
            last = span.end
