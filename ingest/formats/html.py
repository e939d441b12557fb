"""HTML pages as saved from the web sites of government offices, and as office programs export them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import replace

from errors import IngestError
from ingest.files import decode
from ingest.formats.blocks import Block, bare, join_headlines, title_run, without_usual_size, write
from ingest.formats.html_blocks import Blocks
from ingest.formats.html_main import find_core, find_zones
from ingest.formats.html_tree import Page, parse
from ingest.formats.labels import box_labels, is_furniture, line_labels, meta_labels, open_label, unlabelled
from ingest.layout import Extract
from ingest.organs import organs

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{3,20})", re.IGNORECASE)
_SITE = re.compile(r"\s*(?:[-_|—–]+)\s*[^-_|—–]*(?:网|网站|门户|平台|政府|委员会|局|厅|部|频道|中心)\s*$")
_LETTERS = re.compile(r"\w")
_FRONT = 14  # blocks of the document in which its title may stand
_PUBLISHERS = ("发布机构", "发布机关", "发布单位")
_LONGEST = 300  # characters of a title
_VALUE = 80  # characters of the value of a label, at most
_SCARCE = 120  # visible characters: a document with fewer is said to be elsewhere


def read(data: bytes, name: str) -> Extract:
    """The text of a page: all that a reader of the page sees. Raises IngestError (undecodable, too many elements)."""
    text, encoding, warnings = _decoded(data, name)
    page = parse(text, name)
    if not page.body.chars:
        raise IngestError(f"网页里没有文字（可能要由脚本显示）：{name}；请在浏览器里打开后另存为完整网页。")
    core = find_core(page.body)
    reader = Blocks(find_zones(core), core)
    blocks = reader.read(page.body)
    titles = known_titles(page, blocks)
    blocks, labels = _labelled(blocks)
    blocks = join_headlines(without_usual_size(_titled(blocks, titles)))
    sheet = write(blocks)
    labels += meta_labels(page.meta)
    if titles:
        labels.append(("标题", titles[0]))
    main = sum(len("".join(block.text.split())) for block in blocks if block.reason is None)
    if reader.images:
        warnings.append(f"正文里有 {reader.images} 张图片，图里的文字没有读；请另找文字版。")
    if reader.frames and main < _SCARCE:
        warnings.append("正文可能在嵌入的页面（iframe）里，没有读；请打开原网页另存正文。")
    first: dict[str, str] = {}
    signed = any(_opens_with_organ(title) for title in titles)
    for label, value in labels:
        first.setdefault("网页发布机构" if signed and label in _PUBLISHERS else label, value)
    return sheet.extract(encoding, labels=tuple(first.items()), attachments=reader.attachments, warnings=warnings)


def _decoded(data: bytes, name: str) -> tuple[str, str, list[str]]:
    """The characters of a page: by byte order mark, else by what it declares, else as any text is decoded."""
    declared = _CHARSET.search(data[:4096])
    if declared is None or data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return *decode(data, name), []
    try:
        return data.decode("utf-8"), "utf-8", []  # what a page was saved as again, whatever it still declares
    except UnicodeDecodeError:
        pass
    encoding = declared[1].decode("ascii").lower()
    if encoding in ("gb2312", "gbk", "gb_2312-80", "gb18030"):
        encoding = "gb18030"
    try:
        return data.decode(encoding), encoding, []
    except LookupError:
        return *decode(data, name), []
    except UnicodeDecodeError:
        pass
    text = data.decode(encoding, "replace")
    damaged = text.count("\ufffd")
    if damaged > 0.001 * len(text) + 2:
        return *decode(data, name), []
    return text, encoding, [f"有 {damaged} 处字节不是完好的 {encoding}，显示为 \ufffd；请核对原网页。"]


def known_titles(page: Page, blocks: Sequence[Block]) -> list[str]:
    """What the page says its document is called: `<meta name="ArticleTitle">`, `<title>` without the site's name, its
    first headings."""
    meta = {name.lower(): content for name, content in page.meta}
    said = [meta.get("articletitle", ""), meta.get("title", ""), page.title]
    said += ["".join(block.lines) for block in blocks if block.heading == 1]
    titles: list[str] = []
    for title in said:
        cut = title.strip()[:_LONGEST]
        while (shorter := _SITE.sub("", cut)) != cut and len(shorter) >= 6:
            cut = shorter
        if len(bare(cut)) >= 5 and cut not in titles:
            titles.append(cut)
    return titles


def _opens_with_organ(title: str) -> bool:
    """Whether a title says who issued it (`某局关于…的通知`): the box then names who put it on the site."""
    opened = re.match(r"(?:[（(]转[载发][）)])?(.{4,80}?)关于", title)
    return opened is not None and bool(organs(opened[1]))


def _labelled(blocks: Sequence[Block]) -> tuple[list[Block], list[tuple[str, str]]]:
    """Blocks of labels and values (索引号、发文机关 …) and lines about the page set aside; what they say."""
    inside = [number for number, block in enumerate(blocks) if block.inside and block.reason is None]
    said = next((at for at, number in enumerate(inside) if _says(blocks[number])), len(inside))
    head, tail = set(inside[: min(4, said)]), set(inside[-6:])
    begins = inside[0] if inside else len(blocks)
    out: list[Block] = []
    labels: list[tuple[str, str]] = []
    opened: str | None = None
    for number, block in enumerate(blocks):
        before, front = number < begins, number < begins or number in head
        label, opened = opened, None
        if block.matrix and (block.reason or front):
            found = box_labels([[slot.words for slot in row] for row in block.matrix])
            if len(found) >= 3 or (found and block.reason == "导航") or (not block.inside and _only_labels(block)):
                labels += found
                block = replace(block, reason="信息栏")
        elif block.lines and (block.reason is not None or not block.inside or front or number in tail):
            found = line_labels(block.text)
            opened = open_label(block.text) if before else None
            if not found and label and opened is None and len(block.text) <= _VALUE:
                found = [(label, block.text)]
            if front:
                labels += found
            if (block.reason is None and is_furniture(block.text)) or (front and (found or opened)):
                block = replace(block, reason="信息栏")
        out.append(block)
    return out, labels


def _says(block: Block) -> bool:
    """Whether a block holds a sentence or, in a table, more than labels."""
    if block.matrix:
        return len(box_labels([[slot.words for slot in row] for row in block.matrix])) < 3
    return "。" in block.text or len(block.text) > 2 * _VALUE


def _only_labels(block: Block) -> bool:
    """Whether a table holds labels without a value."""
    return bool(block.text) and not _LETTERS.search(unlabelled(block.text))


def _titled(blocks: list[Block], titles: Sequence[str]) -> list[Block]:
    """The title as one paragraph at its place in the document, or before it where it stands only outside; repetitions
    of it outside are set aside."""
    known = {bare(title) for title in titles}
    inside = [n for n, block in enumerate(blocks) if block.inside and block.reason is None][:_FRONT]
    found = next((run for n in range(len(inside)) if (run := title_run(blocks, inside[n:], known))), None)
    if found:
        lines = tuple(line for number in found for line in blocks[number].lines)
        blocks[found[0]] = replace(blocks[found[0]], lines=lines, heading=1)
        for number in found[1:]:
            blocks[number] = replace(blocks[number], lines=())
    own = found[0] if found else None
    if own is None:
        start = inside[0] if inside else len(blocks)
        outside = [n for n in range(start) if bare("".join(blocks[n].lines)) in known and blocks[n].lines]
        own = next((n for n in reversed(outside) if blocks[n].heading), outside[-1] if outside else None)
        if own is not None:
            blocks[own] = replace(blocks[own], reason=None, heading=1)
    for number, block in enumerate(blocks):
        again = number != own and not block.inside and block.reason is None and block.lines
        if again and bare("".join(block.lines)) in known:
            blocks[number] = replace(block, reason="重复的标题")
    return blocks
