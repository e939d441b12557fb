"""Telephone numbers that a document gives for questions, each with the organ that answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.document import Fact, Table
from ingest.organs import ORGAN
from ingest.prose import Prose

_LABEL = re.compile(
    r"(?:咨询|联系|服务|监督|举报|投诉|业务|政策|受理|办公|值班|报名|申报|技术支持){0,6}(?:电话|热线|方式)(?:（[^（）]{1,12}）)?[：为]?"
)
_ASKED = re.compile(r"电\s*话|热\s*线|联系方式")
_PHONE = (
    r"(?:（?0\d{2,3}）?[-－—–]?)?\d{7,8}(?:[-－转]\d{1,6})?(?!\d)|1[3-9]\d{9}(?!\d)|400[-－]?\d{3}[-－]?\d{4}(?!\d)|"
    r"(?<!\d)(?:12\d{3}|95\d{3,4}|96\d{3,4}|11[0-9])(?!\d)"
)
_PHONES = re.compile(rf"(?<!\d)(?:{_PHONE})(?:[、，；/或](?:{_PHONE}))*")
_OF = re.compile(r"(?:联系|咨询|受理|业务|责任|主管|牵头)(?:单位|部门|机构|处室|科室)[：为]([\u4e00-\u9fff（）]{2,30})")
_OWN = re.compile(
    r"(?:^|[，。；：、）\d])([\u4e00-\u9fff]{2,24}(?:局|委|办|处|科|厅|部|中心|室|站|所|大厅|窗口|公司|协会))(?:[\u4e00-\u9fff]{0,6}，)?$"
)
_UNIT = re.compile(r"单\s*位|部\s*门|机\s*构|名\s*称|中心|街道|窗口|网点|地点")
_MOST = 200  # contacts that are kept


def contacts(prose: Sequence[Prose]) -> tuple[Fact, ...]:
    """The numbers behind a label (联系电话、咨询电话…), each as `organ：number`, or the number alone."""
    found: list[Fact] = []
    for one in prose:
        if not _ASKED.search(one.paragraph.text):
            continue
        for label in _LABEL.finditer(one.text):
            phones = _PHONES.match(one.text, label.end())
            if phones and len(found) < _MOST:
                start, organ = _organ(one.text, label.start())
                value = one.text[phones.start() : phones.end()]
                found.append(one.fact("contact", f"{organ}：{value}" if organ else value, start, phones.end()))
    return tuple(found)


def listed_contacts(tables: Sequence[Table], source: str) -> tuple[Fact, ...]:
    """The numbers in a table's columns of telephones, each with its row's organ."""
    found: list[Fact] = []
    for table in tables:
        phones = [at for at, name in enumerate(table.columns) if _ASKED.search(name)]
        organs = [at for at, name in enumerate(table.columns) if _UNIT.search(name)] or [table.label_column]
        low, high = min(span.start for span in table.spans), max(span.end for span in table.spans)
        for row in table.rows:
            for value in (row[at] for at in phones if at not in organs):
                number = _PHONES.search("".join(value.split()))
                start = source.find(number.group(), low, high) if number else -1
                if number and start >= 0 and len(found) < _MOST:
                    organ = "".join(row[organs[0]].split())
                    value = f"{organ}：{number.group()}" if organ else number.group()
                    found.append(Fact("contact", value, start, start + len(number.group())))
    return tuple(found)


def _organ(text: str, at: int) -> tuple[int, str | None]:
    """The organ named before the label at `at` of the same sentence, and where it begins (`at` without one)."""
    begin = max((stop + 1 for stop in (text.rfind(mark, 0, at) for mark in "。；") if stop >= 0), default=0)
    before = text[begin:at]
    named = list(_OF.finditer(before)) or list(_OWN.finditer(before)) or list(ORGAN.finditer(before))
    if not named:
        return at, None
    last = named[-1]
    group = 1 if last.re.groups else 0
    return begin + last.start(group), last.group(group)
