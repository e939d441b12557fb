"""Covering notices: several documents sent by one, the number under a long title, letters of reply."""

from __future__ import annotations

from collections.abc import Callable

from ingest.document import Document
from tests.ingest.laws import check_partition

Parse = Callable[..., Document]
A, B = "白桦市政府投资项目管理办法", "白桦市政府投资项目后评价实施细则"
TITLE = f"白桦市发展和改革委员会关于印发《{A}》和《{B}》的通知"
SENT = f"""{TITLE}

白发改规〔2024〕4号

各区发展改革局：

现将《{A}》和《{B}》印发给你们，请遵照执行。

附件：1．{A}
      2．{B}

白桦市发展和改革委员会
2024年10月10日

附件1

{A}

第一条　为规范政府投资行为，制定本办法。

第二条　总投资5000万元以上的，应当编制可行性研究报告。

附件2

{B}

第一条　为做好后评价工作，制定本细则。

第二条　后评价包括：

（一）目标实现程度；

（二）投资控制情况。
"""


def paths(document: Document) -> list[str]:
    return [section.path for section in document.walk()]


def test_two_documents_sent_by_one_notice_keep_their_articles(parse_text: Parse) -> None:
    document = parse_text(SENT)
    assert [path for path in paths(document) if "附件" in path] == [
        *("附件说明", "附件1", "附件1第一条", "附件1第二条"),
        *("附件2", "附件2第一条", "附件2第二条", "附件2第二条（一）", "附件2第二条（二）"),
    ]
    assert (document.title, document.doc_number) == (TITLE, "白发改规〔2024〕4号")
    check_partition(document)


def test_a_reply_with_who_signs_it_beside_its_number(parse_text: Parse) -> None:
    document = parse_text(
        "青禾市教育局\n\n青教函〔2024〕56号　　　　　　　　签发人：胡某某\n\n"
        "对市十五届人大三次会议第123号建议的答复\n\nA类\n\n王某某代表：\n\n"
        "您的建议收悉。现答复如下：\n\n一、关于学位\n\n新增学位4500个。\n\n二、关于补助\n\n提高到800元。\n\n"
        "青禾市教育局\n2024年6月28日\n"
    )
    assert (document.title, document.doc_number) == ("对市十五届人大三次会议第123号建议的答复", "青教函〔2024〕56号")
    assert paths(document) == ["红头", "引言", "一、", "二、", "落款"]


def test_a_short_page_laid_out_in_tables(parse_text: Parse) -> None:
    document = parse_text(
        "<html><head><title>白桦县人民政府</title></head><body><table><tr><td colspan=2><img src=a.jpg></td>"
        "</tr><tr><td>"
        "<table><tr><td><a href=1>机构概况</a></td></tr><tr><td><a href=2>通知公告</a></td></tr></table></td>"
        "<td><table>"
        "<tr><td><b>白桦县农村客运补贴办法</b></td>"
        "</tr><tr><td>来源：白桦县交通运输局 时间：2023-03-02 阅读：55次</td></tr><tr><td>"
        "<p>第一条　为发展农村客运，制定本办法。</p><p>第二条　补贴标准：</p><p>（一）每车每年补贴5000元；</p>"
        "<p>（二）新能源车每年补贴8000元。</p>"
        "<p>第三条　本办法自2023年4月1日起施行。</p></td></tr></table></td></tr></table></body></html>",
        "a.html",
    )
    assert paths(document) == ["引言", "第一条", "第二条", "第二条（一）", "第二条（二）", "第三条"]
    assert (document.title, document.issuer) == ("白桦县农村客运补贴办法", "白桦县交通运输局")
    assert (document.publish_date, document.effective_date) == ("2023-03-02", "2023-04-01")
