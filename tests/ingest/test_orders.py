"""Orders and announcements: 某部令第7号 puts a regulation into force, 某局公告2022年第14号 is numbered like one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.document import Document
from tests.ingest.laws import check_partition

Parse = Callable[..., Document]
RULES = """冷库安全规定
第一条　为规范管理，制定本规定。
第二条　本规定自2024年7月1日起施行。
"""
SIGNED = "，现予公布，自2024年7月1日起施行。\n部长　某某\n2024年5月6日\n"


@pytest.mark.parametrize(
    ("head", "sent", "number", "issuer"),
    [
        ("云溪市人民政府令\n第107号", "已经第3次常务会议通过", "云溪市人民政府令第107号", "云溪市人民政府"),
        ("商务部令\n2024年第 5 号", "已于2024年3月1日经部务会议通过", "商务部令2024年第5号", "商务部"),
        ("商务部令2024年第5号", "已经批准", "商务部令2024年第5号", None),
        (
            "云溪省人民代表大会常务委员会公告\n〔十四届〕第十二号",
            "已由云溪省第十四届人民代表大会常务委员会第三次会议通过",
            "云溪省人民代表大会常务委员会公告〔十四届〕第十二号",
            "云溪省人民代表大会常务委员会",
        ),
    ],
)
def test_an_order_covers_what_it_puts_into_force(
    parse_text: Parse, head: str, sent: str, number: str, issuer: str | None
) -> None:
    document = parse_text(f"{head}\n《冷库安全规定》{sent}{SIGNED}{RULES}")
    assert [section.path for section in document.walk()] == ["通知", "引言", "第一条", "第二条"]
    assert (document.title, document.doc_number, document.issuer) == ("冷库安全规定", number, issuer)
    assert (document.issue_date, document.effective_date) == ("2024-05-06", "2024-07-01")
    check_partition(document)


@pytest.mark.parametrize(
    "top",
    [
        "国家税务总局公告\n2022年第14号\n关于冷库增值税政策的公告",
        "关于冷库增值税政策的公告\n国家税务总局公告2022年第14号",
        "关于冷库增值税政策的公告\n（国家税务总局公告2022年第14号）",
    ],
)
def test_the_number_of_an_announcement(parse_text: Parse, top: str) -> None:
    document = parse_text(
        f"{top}\n现公告如下：\n一、冷库免税。\n二、本公告自2022年4月1日起执行。\n国家税务总局\n2022年3月21日\n"
    )
    assert (document.title, document.doc_number) == ("关于冷库增值税政策的公告", "国家税务总局公告2022年第14号")
    assert (document.issuer, document.effective_date) == ("国家税务总局", "2022-04-01")
    [fact] = [one for one in document.facts if one.name == "doc_number"]
    assert document.text[fact.start : fact.end].endswith(("第14号", "第14号）"))


def test_an_order_that_is_only_cited_is_not_the_documents_own(parse_text: Parse) -> None:
    document = parse_text(
        "关于冷库的通知\n各单位：\n按照商务部令2024年第5号的规定，通知如下：\n一、登记。\n二、备案。\n"
    )
    assert document.doc_number is None
