"""What the frameworks find wrong with a request, in one line, which their own are not: in Chinese, or in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TOO_LARGE = "请求太大；请缩短问题，或把文件分开上传"
_PARSED = {  # the beginning of what a form or a body could not be read for
    "There was an error parsing the body": "请求的内容不是完好的 UTF-8 JSON，或嵌套太深；请改正",
    "Too many fields": "表单里只能有文件，不能有别的栏，文件也要有名称；请改正",
    "Too many files": "一次上传的文件太多；请分几次上传",
    "Missing boundary": "表单没有写明分隔（multipart 的 boundary）；请改正 Content-Type",
    "Invalid multipart": "表单不完整（multipart）；请改正",
    "Content Too Large": TOO_LARGE,
}
_INVALID = {  # the kinds of pydantic, and what they ask for
    "missing": "缺少这一项",
    "json_invalid": "不是完整的 JSON",
    "string_type": "应是文字",
    "string_unicode": "不是完好的 Unicode 文字",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "至多 {max_length} 个字",
    "too_short": "至少 {min_length} 项",
    "too_long": "至多 {max_length} 项",
    "literal_error": "应是 {expected}",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "list_type": "应是列表",
    "dict_type": "应是 JSON 对象",
    "model_type": "应是 JSON 对象",
    "model_attributes_type": "应是 JSON 对象",
    "bool_type": "应是 true 或 false",
    "bool_parsing": "应是 true 或 false",
    "int_type": "应是整数",
    "int_parsing": "应是整数",
    "int_parsing_size": "应是整数，且不能这么长",
    "int_from_float": "应是整数",
    "float_type": "应是数",
    "float_parsing": "应是数",
}


def invalid(errors: Sequence[Mapping[str, Any]], *, english: bool = False) -> str:
    """The first of the errors that pydantic found (one at least): where, and what it should be."""
    first = errors[0]
    place = ".".join(str(step) for step in first["loc"])
    if english:
        return f"The request does not fit: {place} ({first['msg']})"
    asked = _INVALID.get(first["type"], "内容不对").format(**first.get("ctx", {})).replace(" or ", " 或 ")
    return f"请求不合格式：{place}（{asked}）"


def unread(detail: str) -> str | None:
    """Why a body could not be read; None for what is said about anything else."""
    return next((line for begin, line in _PARSED.items() if detail.startswith(begin)), None)
