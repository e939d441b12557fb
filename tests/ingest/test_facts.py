"""Facts with their places: days, issuers, level, contacts, and what a document does to others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import IngestError
from ingest.document import Document, Dropped, Relation, Span
from ingest.files import SourceText
from ingest.layout import Layout
from ingest.organs import region_of
from ingest.reader import parse

NOTICE = """云溪市科学技术局　云 溪 市 财 政 局
关于印发《云溪市中试基地管理办法》的通知

云科规〔2024〕7号

各有关单位：
　　现将《云溪市中试基地管理办法》印发给你们，请认真执行。

云溪市科学技术局
云 溪 市 财 政 局
2024年6月12日

云溪市中试基地管理办法

第一条　为规范中试基地建设，根据《中华人民共和国科学技术进步法》，制定本办法。
第二条　中试基地评定结果有效期三年，证书有效期五年，自2020年1月1日起执行的标准不变。
第三条　《云溪市孵化器管理办法》（云科规〔2019〕3号）自2019年5月1日起施行，本办法不改变其效力。
第四条　咨询单位：云溪市科学技术局高新处，咨询电话：0571-87654321。
第五条　本办法自印发之日起施行，有效期3年。
第六条　《云溪市中试基地管理办法》（云科规〔2021〕2号）、《云溪市试验平台认定办法》同时废止。
"""


def read(text: str, name: str = "样.txt") -> Document:
    document = parse(SourceText(file=name, path=Path(name), sha256="0" * 64, text=text, encoding="utf-8"))
    for fact in document.facts:
        assert 0 <= fact.start < fact.end <= len(text), fact
    for relation in document.relations:
        assert relation.span is not None
        assert text[relation.span.start] == "《"
        assert text[relation.span.end - 1] == "》"
    return document


def said(document: Document) -> dict[str, list[tuple[str, str]]]:
    """Name → (value, the words it was read from)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for fact in document.facts:
        found.setdefault(fact.name, []).append((fact.value, document.text[fact.start : fact.end]))
    return found


def test_a_joint_measure_with_its_covering_notice() -> None:
    document = read(NOTICE)
    assert said(document) == {
        "title": [("云溪市中试基地管理办法", "云溪市中试基地管理办法")],
        "doc_number": [("云科规〔2024〕7号", "云科规〔2024〕7号")],
        "issuer": [("云溪市科学技术局", "云溪市科学技术局"), ("云溪市财政局", "云 溪 市 财 政 局")],
        "issue_date": [("2024-06-12", "2024年6月12日")],
        "effective_date": [("2024-06-12", "自印发之日起施行")],
        "valid_until": [("2027-06-11", "有效期3年")],
        "kind": [("管理办法", "管理办法")],
        "region": [("云溪市", "云溪市")],
        "level": [("市级", "云溪市科学技术局")],
        "contact": [
            (
                "云溪市科学技术局高新处：0571-87654321",
                "云溪市科学技术局高新处，咨询电话：0571-87654321",
            )
        ],
    }
    assert (document.issuer, document.issuers) == ("云溪市科学技术局", ("云溪市科学技术局", "云溪市财政局"))
    assert [(one.type, one.title, one.doc_number) for one in document.relations] == [
        ("based_on", "中华人民共和国科学技术进步法", None),
        ("names", "云溪市孵化器管理办法", "云科规〔2019〕3号"),
        ("replaces", "云溪市中试基地管理办法", "云科规〔2021〕2号"),
        ("repeals", "云溪市试验平台认定办法", None),
    ]


@pytest.mark.parametrize(
    ("sentence", "effective", "until"),
    [
        ("本办法自2024年7月1日起施行。", "2024-07-01", None),
        ("本办法自２０２４年７月１日起施行。", "2024-07-01", None),
        ("本办法自二〇二四年七月一日起施行，有效期五年。", "2024-07-01", "2029-06-30"),
        ("本办法由市科技局负责解释，自2024年7月1日起实施，有效期至2027年12月31日。", "2024-07-01", "2027-12-31"),
        ("本办法自2024年2月29日起试行，试行期两年。", "2024-02-29", "2026-02-28"),
        ("本办法自2024年7月1日起施行，试行两年。", "2024-07-01", "2026-06-30"),
        ("本办法自发布之日起30日后施行。", "2024-06-30", None),
        ("本办法自公布之日起施行。有效期为6个月。", "2024-05-31", "2024-11-30"),
        ("本办法自2024年7月1日起施行，至2026年6月30日止。", "2024-07-01", "2026-06-30"),
        ("本办法有效期自2024年7月1日至2025年底。", None, "2025-12-31"),
        ("本办法有效期二年。", None, "2026-05-30"),
        ("自2024年7月1日起施行。", "2024-07-01", None),
        # what others, or parts, are said to hold
        ("《云溪市孵化器管理办法》自2019年5月1日起施行。", None, None),
        ("购房补贴自2024年7月1日起执行。", None, None),
        ("证书有效期五年。", None, None),
        ("本办法规定的许可证有效期五年。", None, None),
        ("自2024年7月1日起实施的项目，有效期三年。", None, None),
        ("本市规定自2024年7月1日起施行。", None, None),
        ("本办法自x年x月x日起施行。", None, None),
        ("本办法自2024年13月1日起施行。", None, None),
    ],
)
def test_when_a_document_holds(sentence: str, effective: str | None, until: str | None) -> None:
    text = (
        f"云溪市冷库管理办法\n\n第一条　为规范管理，制定本办法。\n第二条　{sentence}\n\n云溪市商务局\n2024年5月31日\n"
    )
    document = read(text)
    assert (document.issue_date, document.effective_date, document.valid_until) == ("2024-05-31", effective, until)


def test_a_day_that_counts_from_an_unknown_day_stays_a_rule() -> None:
    document = read(
        "云溪市冷库管理办法\n\n第一条　为规范管理，制定本办法。\n第二条　本办法自印发之日起施行，有效期五年。\n"
    )
    assert (document.effective_date, document.valid_until) == (None, None)
    found = said(document)
    assert found["effective_rule"] == [("自印发之日起施行", "自印发之日起施行")]
    assert found["validity_rule"] == [("有效期五年", "有效期五年")]


def test_the_line_of_enactment() -> None:
    document = read(
        "云岭省水库条例\n（2019年9月27日云岭省第十三届人民代表大会常务委员会第十四次会议通过　自2020年1月1日起施行）\n"
        "第一章　总则\n第一条　为保护水库，制定本条例。\n"
    )
    assert document.issuer == "云岭省人民代表大会常务委员会"
    assert (document.level, document.region, document.effective_date) == ("省级", "云岭省", "2020-01-01")
    order = read(
        "冷库管理规定\n（2015年12月24日商务部、国家市场监督管理总局令第81号公布）\n"
        "第一条　为规范管理，制定本规定。\n第二条　本规定自公布之日起施行。\n"
    )
    assert (order.title, order.issuers, order.level) == ("冷库管理规定", ("商务部", "国家市场监督管理总局"), "国家")
    assert (order.publish_date, order.effective_date) == ("2015-12-24", "2015-12-24")


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("废止《云溪市冷库条例》。", "repeals"),
        ("原《云溪市冷库条例》停止执行。", "repeals"),
        ("《云溪市冷库条例》已于2020年废止。", "names"),
        ("对《云溪市冷库条例》作如下修改：", "amends"),
        ("将《云溪市冷库条例》第三条修改为：", "amends"),
        ("根据2016年《云溪市冷库条例》第二次修订。", "based_on"),
        ("本办法替代《云溪市冷库条例》。", "replaces"),
        ("参见《云溪市冷库条例》。", "names"),
        ("应当持有《冷库经营许可证》。", None),
    ],
)
def test_what_a_document_does_to_another(sentence: str, kind: str | None) -> None:
    document = read(f"云溪市仓储管理办法\n\n第一条　为规范管理，制定本办法。\n第二条　{sentence}\n")
    assert [one.type for one in document.relations] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("signature", "issuers", "level"),
    [
        ("国务院办公厅", ("国务院办公厅",), "国家"),
        ("财政部、税务总局", ("财政部", "税务总局"), "国家"),
        ("国家市场监督管理总局", ("国家市场监督管理总局",), "国家"),
        ("云岭省人民政府办公厅", ("云岭省人民政府办公厅",), "省级"),
        ("上海市发展和改革委员会上海市财政局", ("上海市发展和改革委员会", "上海市财政局"), "省级"),
        ("国家税务总局云溪市税务局", ("国家税务总局云溪市税务局",), "市级"),
        ("云溪市云东区人民政府", ("云溪市云东区人民政府",), "区级"),
        ("云溪县人民政府", ("云溪县人民政府",), "区级"),
        ("云东区白石街道办事处", ("云东区白石街道办事处",), "乡镇级"),
    ],
)
def test_issuers_and_their_level(signature: str, issuers: tuple[str, ...], level: str) -> None:
    body = "各有关单位：\n一、加强管理\n请各单位加强管理。\n二、报送材料\n请按时报送。"
    document = read(f"关于做好冷库管理工作的通知\n\n{body}\n\n{signature}\n2024年5月31日\n")
    assert (document.issuers, document.level) == (issuers, level)


def test_a_notice_signed_before_what_it_issues_and_its_imprint() -> None:
    document = read(
        "云溪市人民政府办公厅关于印发云溪市冷库管理办法的通知\n\n云府办规〔2022〕13号\n\n"
        "各区人民政府：\n《云溪市冷库管理办法》已经市政府同意，现印发给你们。\n云溪市人民政府办公厅\n云溪市财政局\n"
        "2022年9月6日\n云溪市冷库管理办法\n第一条　为规范管理，制定本办法。\n"
        "第二条　本办法自印发之日起施行，有效期5年。\n\n公开方式：主动公开\n"
        "云溪市人民政府办公厅秘书处2022年9月13日印发\n"
    )
    assert (document.issue_date, document.issuers) == ("2022-09-06", ("云溪市人民政府办公厅", "云溪市财政局"))
    assert (document.effective_date, document.valid_until) == ("2022-09-13", "2027-09-12")


def page(text: str, **labels: str) -> Document:
    """A page whose paragraphs are lines and whose labels stand in the text or outside it."""
    lines: list[tuple[Span, ...]] = []
    at = 0
    for line in text.split("\n"):
        if line.strip():
            lines.append((Span(at, at + len(line)),))
        at += len(line) + 1
    box = tuple(span for [span] in lines if text[span.start : span.end].startswith("信息："))
    layout = Layout(
        paragraphs=tuple(line for line in lines if line[0] not in box),
        dropped=tuple(Dropped(start=span.start, end=span.end, reason="信息栏") for span in box),
        labels=tuple(labels.items()),
    )
    source = SourceText(
        file="样.html", path=Path("样.html"), sha256="0" * 64, text=text, encoding="utf-8", layout=layout
    )
    return parse(source)


def test_labels_of_a_page_with_and_without_a_place() -> None:
    document = page(
        "信息：文 号：云商规〔2020〕1号 实施日期：2020年07月09日 失效日期：2025年07月04日\n"
        "云溪市冷库管理办法\n第一条　为规范管理，制定本办法。\n第二条　本办法自印发之日起施行，有效期5年。\n",
        文号="云商规〔2020〕1号",
        实施日期="2020年07月09日",
        失效日期="2025年07月04日",
        发布日期="2020-07-15",
    )
    assert (document.doc_number, document.publish_date, document.issue_date) == (
        "云商规〔2020〕1号",
        "2020-07-15",
        "2020-07-15",
    )
    assert (document.effective_date, document.valid_until) == ("2020-07-09", "2025-07-04")
    found = said(document)
    assert found["doc_number"] == [("云商规〔2020〕1号", "云商规〔2020〕1号")]
    assert found["valid_until"] == [("2025-07-04", "2025年07月04日")]
    assert "publish_date" not in found  # <meta>: it stands nowhere in the text


def test_telephones_in_a_table() -> None:
    document = read(
        "云溪市冷库服务指南\n\n一、咨询电话\n\n| 单位 | 办公电话 | 地址 |\n|---|---|---|\n"
        "| 云东街 | 0571-87654321 | 云东路1号 |\n| 白石街 | 暂无 | 白石路2号 |\n"
    )
    assert said(document)["contact"] == [("云东街：0571-87654321", "0571-87654321")]


@pytest.mark.parametrize(
    ("line", "title", "issuers", "region", "level"),
    [
        ("【云溪市商务局】云溪市冷库管理办法", "云溪市冷库管理办法", ("云溪市商务局",), "云溪市", "市级"),
        ("【云岭省云溪市白石市】《白石市商务局关于冷库的通知》", "白石市商务局关于冷库的通知",
         ("白石市商务局",), "云岭省云溪市白石市", "区级"),
        ("促进云溪市中心城区冷链发展的若干措施", "促进云溪市中心城区冷链发展的若干措施", (), "云溪市", None),
    ],
)  # fmt: skip
def test_who_and_where_a_title_names(
    line: str, title: str, issuers: tuple[str, ...], region: str, level: str | None
) -> None:
    document = read(f"{line}\n\n第一条　为规范管理，制定本规定。\n第二条　冷库应当节能。\n")
    assert (document.title, document.issuers, document.region, document.level) == (title, issuers, region, level)


def test_facts_outside_the_text_have_no_place() -> None:
    bare = read("冷库管理办法\n\n第一条　为规范管理，制定本办法。\n")
    assert [fact.name for fact in bare.facts] == ["title", "kind"]
    assert (bare.issuers, bare.publish_date, bare.level, bare.relations) == ((), None, None, ())


def test_relations_keep_their_number_and_place() -> None:
    document = read("冷库管理办法\n\n第一条　根据《云岭省冷库条例》（云岭〔2020〕1号），制定本办法。\n")
    [relation] = document.relations
    at = document.text.index("《")
    assert relation == Relation(
        type="based_on", title="云岭省冷库条例", doc_number="云岭〔2020〕1号", span=relation.span
    )
    assert relation.span is not None
    assert (relation.span.start, relation.span.end) == (at, at + 9)


PIECES = [
    *("本办法", "自", "印发之日", "起施行", "，有效期", "五年", "至", "2024年7月1日", "2024年13月40日"),
    *("。", "\n", "\n\n", "Title:", "《云溪市", "冷库管理办法》", "（云商规〔2019〕3号）", "同时废止", "第一条　"),
    *("一、", "**", " and ", "云溪市", "财 政 局", "令第1号公布", "关于印发", "的通知", "联系电话：", "0571-87654321"),
    *("附件1", "【", "】", "〈", "9", "二〇二四年一月一日", "第十届人民代表大会"),
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=60))
def test_whatever_a_file_holds_its_facts_have_their_places(pieces: list[str]) -> None:
    try:
        read("".join(pieces))
    except IngestError:
        assert not re.search(r"[\u4e00-\u9fff]{2}", "".join(pieces))


def test_a_line_that_is_only_a_label_of_a_title() -> None:
    assert read("Title:\n第一条　冷库应当节能。\n第二条　按时报送台账。\n").title


@pytest.mark.parametrize(
    ("title", "said", "region"),
    [
        ("云溪住房公积金贷款办法", "按照《云溪市公积金办法》办理。", "云溪市"),
        ("云溪住房公积金贷款办法", "在云溪购房的，可以申请。", None),
        ("房地产贷款办法", "“房地产市场”平稳发展。", None),
        ("大城住房贷款办法", "“大城市”住房问题突出。", None),
    ],
)
def test_a_city_whose_title_does_not_say_that_it_is_one(title: str, said: str, region: str | None) -> None:
    document = read(f"{title}\n第一条　为规范贷款，制定本办法。\n第二条　{said}\n")
    assert document.region == region
    places = [document.text[one.start : one.end] for one in document.facts if one.name == "region"]
    assert places == ([region] if region else [])


@pytest.mark.parametrize(
    ("organ", "region"),
    [
        *(("厦门市民政局", "厦门市"), ("盐城市市场监督管理局", "盐城市"), ("成都市人民政府", "成都市")),
        *(
            ("呼和浩特市财政局", "呼和浩特市"),
            ("北京市东城区人民政府", "北京市东城区"),
            ("上海市宝山区教育局", "上海市宝山区"),
        ),
        *(
            ("天津市和平区人民政府", "天津市和平区"),
            ("石景山区民政局", "石景山区"),
            ("神农架林区人民政府", "神农架林区"),
        ),
        *(("城市管理局", None), ("市场监督管理局", None), ("住房和城乡建设局", None), ("粤港澳大湾区办公室", None)),
        *(("中心城区指挥部", None), ("无废城市办公室", None), ("我市房地产市场领导小组", None), ("国家税务总局", None)),
    ],
)
def test_names_that_end_like_common_words_are_places(organ: str, region: str | None) -> None:
    found = region_of([organ])
    assert (found[0] if found else None) == region
