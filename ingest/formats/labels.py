"""What a page says about its document beside the text: boxes of labels and values, lines under the title, `<meta>`.

The labels are those of the open-government catalogue (政府信息公开目录) and of the usual site programs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_LABELS = """
索引号 信息索引号 统一编号 主题分类 分类 组配分类 体裁分类 服务对象 公文种类 信息类别 主题词 关键词
内容概述 公开方式 公开形式 公开范围 发文机关 发文机构 制发机关 发布机关 发布机构 发文单位 发布单位 制定机关
印发机关 责任部门 公开责任部门 联合发文单位 信息来源 文章来源 来源 稿源 成文日期 生成日期 发文日期
印发日期 发布日期 发布时间 公开日期 公布日期 发表时间 更新时间 时间 日期 施行日期 实施日期 生效日期
失效日期 废止日期 有效期 有效期至 有效性 效力状态 文件状态 时效性 是否有效 标题 名称 文件名称 信息名称
发文字号 文号 文件编号 文件字号
"""
_META = {
    "articletitle": "标题",
    "pubdate": "发布日期",
    "contentsource": "来源",
    "url": "网址",
    "sitename": "网站",
    "columnname": "栏目",
    "author": "作者",
    "createdate": "生成日期",
    "publishdate": "发布日期",
}
_SPACED = "|".join(r"\s*".join(label) for label in sorted(_LABELS.split(), key=len, reverse=True))
_LABEL = re.compile(rf"(?:[【\[]\s*(?P<bracketed>{_SPACED})\s*[】\]]\s*[：:]?|(?P<plain>{_SPACED})\s*[：:])\s*")
_CELL = re.compile(rf"[【\[（(]?\s*({_SPACED})\s*[】\]）)]?\s*[：:]?\s*")
_DATED = re.compile(
    r"((?:19|20)\d\d[-年/.]\d{1,2}[-月/.]\d{1,2}日?(?:\s*\d{1,2}:\d\d(?::\d\d)?)?)(?=\s|$|来源|信息来源|浏览|字)"
)
_TOOLS = re.compile(
    r"(?:(?:当前|所在|您的?|现在|您现在|您所在|您当前)的?位置|位置|首页)\s*(?:是\s*)?[：:>＞»]|"
    r"[【\[（(]?\s*(?:字体|字号|字体大小|文字大小)\s*[：:]?|(?:视力)?保护色|分享(?:到|至)|扫一扫|扫码|打印(?:本页|本文|此页|正文)?|"
    r"(?:【|\[)?(?:关闭|打印|收藏|我要纠错|纠错|返回顶部|关闭窗口|打印本页|打印文章|大|中|小)(?:】|\])?\s*(?:[|｜/·\s【\[]|$)|"
    r"(?:关闭|打印)(?:本页|窗口|页面)|(?:[AaＡ][+-]?(?:大|中|小)?\s*){2,}$|(?:浏览|点击|阅读|访问)(?:次数|量|数|率)\s*[：:]?|责任?编辑\s*[：:]|返回(?:顶部|首页|列表)|"
    r"(?:上|下)一(?:篇|条)\s*[：:]|相关(?:链接|新闻|文章|阅读|文件|信息|稿件|解读|政策|附件下载)\s*[：:]?\s*$|政策解读\s*$|"
    r"无障碍|长者(?:助手|模式|版)|网站地图|版权所有|(?:主办|承办)(?:单位)?\s*[：:]|网站标识码|备案(?:序)?号|附件下载\s*$"
)
_AFTER = re.compile(r"[\s\xa0]{2,}|(?:字体|字号|文字大小|浏览|点击|阅读|访问|打印|分享|视力|【|\[)")
_LONGEST = 160


def line_labels(text: str) -> list[tuple[str, str]]:
    """The labels and values on one line (`发布日期：2025-04-08 11:24 来源：某局`); [] where it begins otherwise."""
    text = text.strip()
    if len(text) > _LONGEST:
        return []
    found = list(_LABEL.finditer(text))
    dated = _DATED.match(text)
    if dated and (not found or found[0].start() >= dated.end()):
        return [("发布日期", dated[1]), *_values(text, found)] if found or len(text) <= dated.end() + 40 else []
    return _values(text, found) if found and found[0].start() == 0 else []


def _values(text: str, found: Sequence[re.Match[str]]) -> list[tuple[str, str]]:
    ends = [*(match.start() for match in found), len(text)][1:]
    pairs = [
        (_named(match["plain"] or match["bracketed"]), text[match.end() : end].strip())
        for match, end in zip(found, ends, strict=True)
    ]
    cut = [(label, _AFTER.split(value)[0].strip()) for label, value in pairs]
    return [(label, value) for label, value in cut if value and value not in ("-", "--", "无")]


def box_labels(rows: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """The labels and values in the cells of a table whose labels stand before or in the cells of their values."""
    pairs: list[tuple[str, str]] = []
    for row in rows:
        label: str | None = None
        for cell in row:
            whole = _CELL.fullmatch(cell.strip())
            if whole:
                label = _named(whole[1])
            elif label is not None:
                if cell.strip():
                    pairs.append((label, cell.strip()))
                label = None
            else:
                pairs += line_labels(cell)
    return pairs


def open_label(text: str) -> str | None:
    """The label that a line consists of (`发文机关：`), whose value stands on the next line."""
    found = _LABEL.fullmatch(text.strip())
    return _named(found["plain"] or found["bracketed"]) if found else None


def unlabelled(text: str) -> str:
    """`text` without the labels in it."""
    return _LABEL.sub("", text)


def is_furniture(text: str) -> bool:
    """Whether a line is about the page and not of the document: where one is, tools, counters, who runs the site."""
    text = text.strip()
    if not re.search(r"[\w]", text):
        return True
    return len(text) <= _LONGEST and not text.endswith("。") and _TOOLS.match(text) is not None


def meta_labels(meta: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The labels that `<meta name content>` pairs state, as a document prints them."""
    pairs = [(_META[name.lower()], content) for name, content in meta if name.lower() in _META]
    return [(label, content) for label, content in pairs if content and content != "本网"]


def _named(label: str) -> str:
    return "".join(label.split())
