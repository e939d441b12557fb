"""Forms of documents: questions as headings, boxes of a plan, standards, lists of what is repealed, speeches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from unicodedata import normalize

import pytest

from ingest.document import Document
from tests.ingest.laws import check_partition

Parse = Callable[..., Document]


def paths(document: Document) -> list[str]:
    return [section.path for section in document.walk()]


def test_questions_on_lines_of_their_own_are_headings(parse_text: Parse) -> None:
    document = parse_text(
        "一图读懂《青禾区促进夜间经济发展若干措施》\n\n为什么出台？\n激发消费潜力。\n\n支持谁？\n"
        "在青禾区依法经营的夜间商户。\n\n"
        "怎么支持？\n01 支持夜间街区\n对获评示范街区的，一次性奖励50万元。\n02 支持延长营业\n"
        "每家补贴2万元。\n\n怎么申请？\n在线申报。\n"
    )
    assert paths(document) == [
        *("引言", "为什么出台？", "支持谁？", "怎么支持？", "怎么支持？/01", "怎么支持？/02", "怎么申请？"),
    ]
    check_partition(document)


def test_a_question_in_a_text_is_no_heading(parse_text: Parse) -> None:
    document = parse_text("工作方案\n\n一、背景\n\n为什么要改革？\n\n因为流程太长。\n\n二、任务\n\n缩短流程。\n")
    assert paths(document) == ["引言", "一、", "二、"]


def test_groups_with_their_counts_are_headings(parse_text: Parse) -> None:
    document = parse_text(
        "关于公布优秀案例的通知\n\n现将名单公布如下。\n\n附件\n\n优秀案例名单\n\n东部片区（2个）\n\n"
        "某某街道　智慧停车\n\n某某镇　数字乡村\n\n西部片区（1个）\n\n某某社区　为老服务\n"
    )
    assert paths(document)[-3:] == ["附件", "附件/东部片区（2个）", "附件/西部片区（1个）"]


def test_a_box_of_a_plan_holds_its_list(parse_text: Parse) -> None:
    document = parse_text(
        "青禾市物流业发展规划\n\n第一章　任务\n\n第一节　枢纽\n\n一、做强空港。新增航线5条。\n\n"
        "专栏2　枢纽工程\n\n1．空港二期。建设机坪12个。\n\n"
        "2．铁路基地。占地1500亩。\n\n二、做优陆港。年开行200列。\n"
    )
    box = "第一章第一节一、/专栏2 枢纽工程"
    assert paths(document)[3:] == ["第一章第一节一、", box, f"{box}/1．", f"{box}/2．", "第一章第一节二、"]


def test_a_technical_standard(parse_text: Parse) -> None:
    document = parse_text(
        "污水处理厂运行技术规程\n\n1　总则\n1.0.1　为保证出水水质，制定本规程。\n1.0.2　记录应包括：\n"
        "1　进水水量；\n2　出水水质；\n3　设备状况。\n"
        "2　术语\n2.0.1　活性污泥\n微生物形成的絮状体。\n附录A　记录表\n每日填写。\n"
    )
    assert paths(document) == [
        *("引言", "1", "1.0.1", "1.0.2", "1.0.2/1", "1.0.2/2", "1.0.2/3", "2", "2.0.1", "附录A"),
    ]


def test_articles_in_traditional_characters_and_roman_numbers(parse_text: Parse) -> None:
    document = parse_text(
        "示範區管理辦法\n\n第一章　總則\n第一條　為促進合作，訂定本辦法。\n第二條　應符合下列條件：\n"
        "（一）有營運主體。\n"
    )
    assert paths(document)[1:] == ["第一章", "第一章第一條", "第一章第二條", "第一章第二條（一）"]
    document = parse_text(
        "补贴工作指引\n\nⅠ. 范围\n本指引适用于全市。\nⅡ. 标准\nA. 通用类：30%。\nB. 专用类：35%。\nⅢ. 附则\n"
    )
    assert paths(document)[1:] == ["Ⅰ.", "Ⅱ.", "Ⅱ.A.", "Ⅱ.B.", "Ⅲ."]


@pytest.mark.parametrize(
    ("lead", "kind"),
    [
        ("一、废止下列行政规范性文件：", "repeals"),
        ("一、对下列文件予以废止：", "repeals"),
        ("经研究，决定宣布失效以下文件：", "repeals"),
        ("一、对下列办法作出修改：", "amends"),
        ("一、继续执行下列文件：", "names"),
    ],
)
def test_what_stands_over_a_list_is_said_of_each_document(parse_text: Parse, lead: str, kind: str) -> None:
    document = parse_text(
        f"关于清理文件的决定\n\n{lead}\n（一）《粮食流通管理规定》（青政发〔2009〕33号）；\n"
        "（二）《供水收费办法》。\n\n二、落实《门楼牌管理办法》。\n"
    )
    found = {relation.title: relation.type for relation in document.relations}
    assert found == {"粮食流通管理规定": kind, "供水收费办法": kind, "门楼牌管理办法": "based_on"}


def test_an_issuer_and_a_day_on_one_line(parse_text: Parse) -> None:
    document = parse_text(
        "青禾市人民政府专题会议纪要\n（第11期）\n\n青禾市人民政府办公室　　　　　　2024年2月6日\n\n"
        "会议议定如下：\n\n一、关于拆迁。\n"
    )
    assert (document.issuer, document.issue_date) == ("青禾市人民政府办公室", "2024-02-06")
    document = parse_text(
        "关于停水的通告\n\n一、时间。明日。\n\n二、范围。全区。\n\n特此通告。\n\n青禾市水务局　　2024年2月6日\n"
    )
    assert (document.issuer, document.issue_date) == ("青禾市水务局", "2024-02-06")
    assert paths(document)[-1] == "落款"


def test_the_day_of_a_report(parse_text: Parse) -> None:
    document = parse_text(
        "政府工作报告\n——2024年1月20日在青禾市第十五届人民代表大会第四次会议上\n\n各位代表：\n\n一、回顾\n\n增长6%。\n"
    )
    assert document.issue_date == "2024-01-20"


def test_a_page_that_calls_its_day_the_date(parse_text: Parse) -> None:
    document = parse_text(
        "<html><body><div>《数字乡村方案》解读</div><div>日期：2024-08-09　浏览量：3 次　来源：某局</div>"
        "<div><p>一、背景</p>"
        "<p>数字乡村是乡村振兴的战略方向，也是建设数字中国的重要内容。</p><p>二、任务</p><p>建设示范基地20个，"
        "培育龙头企业5家。</p></div></body></html>",
        "a.html",
    )
    assert document.publish_date == "2024-08-09"


def test_half_width_full_stops_end_sentences(parse_text: Parse) -> None:
    document = parse_text(
        "用电补贴实施办法\n\n第1条 为降低成本,制定本办法.\n第2条 本办法自2023年6月1日起施行,有效期2年.\n"
    )
    assert (document.effective_date, document.valid_until) == ("2023-06-01", "2025-05-31")


def test_a_title_that_begins_with_its_year(parse_text: Parse) -> None:
    document = parse_text("2025年度青禾市文化产业发展专项资金\n申报指南\n\n一、方向\n\n支持原创。\n")
    assert document.title == "2025年度青禾市文化产业发展专项资金申报指南"


def test_who_signed_is_no_heading_in_wrapped_lines(parse_text: Parse) -> None:
    lines = (
        "为规范商品房预售资金监管，维护购",
        "房人合法权益，根据国家和省有关规",
        "定，按照属地管理、全程监管的原则，",
        "现就有关事项通知如下。",
    )
    body = "\n\n".join(lines * 5)
    document = parse_text(f"关于规范预售资金监管的通知\n\n{body}\n\n青禾市住房和城乡建设局\n\n2023年4月18日\n")
    assert paths(document) == ["正文", "落款"]


@pytest.mark.parametrize(
    "numbers", ["㈠㈡㈢", "⑴⑵⑶", "⒈⒉⒊", ("第 一 条", "第 二 条", "第 三 条"), ("第 1 条", "第 2 条", "第 3 条")]
)
def test_numbers_of_one_character_and_numbers_set_wide(parse_text: Parse, numbers: Sequence[str]) -> None:
    body = "\n\n".join(f"{number}　支持企业研发，给予最高{at}万元奖励。" for at, number in enumerate(numbers, 5))
    document = parse_text(f"青禾市促进工业发展若干措施\n\n为促进工业发展，制定本措施。\n\n{body}\n")
    assert [section.number for section in document.walk()][1:] == ["".join(number.split()) for number in numbers]


@pytest.mark.parametrize("title", ["青禾市地质灾害应急预案", "青禾市绿色工厂名单", "青禾市有限空间作业导则"])
def test_a_title_of_any_kind_below_a_letterhead(parse_text: Parse, title: str) -> None:
    body = "各区工业局：\n\n一、要求\n\n坚持企业主体。\n\n二、任务\n\n支持研发。\n\n青禾市工业局\n2024年3月1日\n"
    document = parse_text(f"青禾市工业局文件\n\n青工发〔2024〕5号\n\n{title}\n\n{body}")
    assert (document.title, document.doc_number) == (title, "青工发〔2024〕5号")
    assert [section.path for section in document.sections] == ["红头", "引言", "一、", "二、", "落款"]
    assert parse_text(f"青禾市工业局\n{title}\n\n{body}").title == title


def test_the_title_of_an_interpretation_goes_on_from_the_court(parse_text: Parse) -> None:
    document = parse_text(
        "最高人民法院\n关于审理物业纠纷案件的解释\n\n（2023年9月18日最高人民法院审判委员会第1900次会议通过，"
        "自2023年11月1日起施行）\n\n"
        "第一条　业主违约的，承担责任。\n\n第二条　违规收费的，应予退还。\n"
    )
    assert (document.title, document.effective_date) == ("最高人民法院关于审理物业纠纷案件的解释", "2023-11-01")


def test_an_announcement_whose_number_and_title_are_one_line(parse_text: Parse) -> None:
    document = parse_text(
        "青禾海关公告2024年第77号（关于进境展览品监管有关事项的公告）\n\n现公告如下：\n\n"
        "一、六个月内复运出境。\n\n二、本公告自2024年7月1日起实施。\n"
    )
    assert (document.title, document.doc_number) == ("关于进境展览品监管有关事项的公告", "青禾海关公告2024年第77号")


def test_a_long_title_does_not_swallow_who_enacted_it(parse_text: Parse) -> None:
    title = "青禾市人民代表大会常务委员会关于修改《青禾市城市供热管理条例》等三件地方性法规的决定"
    document = parse_text(
        f"{title}\n\n（2023年10月27日青禾市第十七届人民代表大会常务委员会第十二次会议通过　2023年11月30日批准）\n\n"
        "一、对《青禾市城市供热管理条例》作出修改\n\n删去第三条。\n\n二、对《青禾市燃气管理条例》作出修改\n\n"
        "删去第五条。\n"
    )
    assert document.title == title
    assert [relation.type for relation in document.relations] == ["amends", "amends"]


@pytest.mark.parametrize(
    ("term", "until"),
    [
        ("本通知执行期限为2024年1月1日至2025年12月31日。", "2025-12-31"),
        ("执行期限：自2024年1月1日起至12月31日。", "2024-12-31"),
        ("项目实施期限为2024年1月1日至2025年12月31日。", None),
    ],
)
def test_a_term_from_day_to_day(parse_text: Parse, term: str, until: str | None) -> None:
    document = parse_text(f"关于减免税的通知\n\n一、免征税款。\n\n二、{term}\n")
    assert (document.effective_date, document.valid_until) == ("2024-01-01" if until else None, until)


def test_digits_of_full_width_are_digits(parse_text: Parse) -> None:
    text = (
        "青禾市财政局文件\n\n青财规〔2024〕8号\n\n关于印发科技创新券管理办法的通知\n\n各单位：\n\n1 范围\n\n"
        "1.1 本市企业\n\n最高10万元。\n\n1.2 外地企业\n\n"
        "最高5万元。\n\n2 期限\n\n2.1 自2024年9月15日起施行，有效期3年。\n\n青禾市财政局\n2024年8月12日\n"
    )
    narrow, wide = parse_text(text), parse_text(text.translate(str.maketrans("0123456789", "０１２３４５６７８９")))
    assert (wide.doc_number, wide.issue_date) == ("青财规〔2024〕8号", "2024-08-12")
    assert (wide.effective_date, wide.valid_until) == ("2024-09-15", "2027-09-14")
    assert [(fact.name, fact.start, fact.end) for fact in wide.facts] == [
        (fact.name, fact.start, fact.end) for fact in narrow.facts
    ]
    paths = [section.path for section in narrow.walk()]
    assert "1.1" in paths
    assert [normalize("NFKC", section.path) for section in wide.walk()] == paths


@pytest.mark.parametrize(
    "line",
    ["2.1 自2024年9月15日起施行。", "五、施行日期：2024年9月15日起施行。", "期限如下。实施时间：2024年9月15日起施行。"],
)
def test_the_first_day_behind_a_number_or_a_label(parse_text: Parse, line: str) -> None:
    document = parse_text(f"科技创新券管理办法\n\n1.1 本市\n\n1.2 外地\n\n{line}\n")
    assert document.effective_date == "2024-09-15"


def test_parts_whose_blank_the_file_lost(parse_text: Parse) -> None:
    document = parse_text(
        "青禾市部门决算\n\n第一部分部门概况\n\n一、职能\n\n指导设施建设。\n\n第二部分2023年度决算情况说明\n\n一、收入\n\n"
        "第一部分是总的情况。\n\n二、支出\n\n共五百万元。\n"
    )
    expected = ["引言", "第一部分", "第一部分一、", "第二部分", "第二部分一、", "第二部分二、"]
    assert [section.path for section in document.walk()] == expected
