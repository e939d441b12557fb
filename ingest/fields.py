"""Labels: `申报条件：` over a list names a part, `包括：` only begins a sentence, `电话：　　` is a form's blank."""

from __future__ import annotations

import re

_LABEL_LINE = re.compile(r"([^，。；：！？\s、“”（）\d]{2,8})：")
_LEADS = re.compile(
    r"[应须]|下列|以下|如下|包括|分[为别]|之一|可以|不得|提交|提供|具备|符合|满足|按照|其中|例如|比如|^[各另即]|[有是为的者含即]$"
)
_FIELD = re.compile(r"([^，。；：！？\s“”]{1,12})：")
_UNITS = re.compile(r"[\W_年月日时分个元人份页]+|编写|填写|盖章|签名|签章")
_NOUN = re.compile(
    r"^(?!.*(?:以下|下列|如下)).+(?:材料|资料|条件|流程|程序|标准|要求|期限|方式|范围|对象|额度|情形|内容|事项|职责)$"
)

_BRACKETED = re.compile(r"【([^【】，。；：！？\s]{2,12})】")
_TOOLS = re.compile(r"打印|关闭|返回|字[体号]|收藏|分享|纠错|下载|来源|转[载发]")


def bracketed(line: str) -> str | None:
    """The name that a line opens with in 【】 (`【申报条件】…`), as pages print headings; `None` for a button."""
    found = _BRACKETED.match(line)
    return found[1] if found and not _TOOLS.search(found[1]) else None


def label_alone(line: str, *, numbered: bool = False) -> re.Match[str] | None:
    """The label (group 1) that a whole line is, full-width colon included; `None` for the beginning of a sentence.

    Behind a number (`numbered`) a noun names a part although it holds a verb: `1.需提供的材料：`.
    """
    found = _LABEL_LINE.fullmatch(line)
    if found is None or (_LEADS.search(found[1]) and not (numbered and _NOUN.search(found[1]))):
        return None
    return found


def is_blank(value: str) -> bool:
    """Whether what follows a label is to be filled in: further labels, units, boxes (`　电话：　　年　月　日`)."""
    next_ = _LABEL_LINE.match(value.strip()) if value[:1].isspace() else None
    if any(_LEADS.search(label) for label in _FIELD.findall(value)):
        return False
    return next_ is not None or not _UNITS.sub("", _FIELD.sub("", value))
