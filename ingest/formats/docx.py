"""DOCX files (ECMA-376 / ISO 29500), as Word and WPS write them."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from errors import IngestError
from ingest.formats.blocks import Block, bare, join_headlines, title_run, without_usual_size, write
from ingest.formats.docx_body import Body
from ingest.formats.docx_package import Package, W
from ingest.formats.docx_styles import Numbering, Styles, child
from ingest.layout import Extract

_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_FRONT = 14  # blocks in which the title may stand


def read(data: bytes, name: str) -> Extract:
    """The text of a document with tracked changes accepted and generated numbers written out.

    Headers, footers and comments come after it as discards. Raises IngestError (damaged, locked, beyond limits, or
    nothing but pictures).
    """
    package = Package(data, name)
    root = package.document()
    parts: dict[str, list[str]] = {}
    for relation in package.relations(package.main):
        if not relation.outside:
            parts.setdefault(relation.kind, []).append(relation.target)
    styles = Styles(_first(package, parts, "styles"))
    numbering = Numbering(_first(package, parts, "numbering"), styles)
    notes = {
        (kind, node.get(f"{W}id") or ""): node
        for kind in ("footnote", "endnote")
        if (part := _first(package, parts, f"{kind}s")) is not None
        for node in part.iterfind(f"{W}{kind}")
        if node.get(f"{W}type") in (None, "normal")
    }
    try:
        body = Body(styles, numbering, notes)
        main = child(root, "body")
        blocks = body.read(main) if main is not None else []
        around = _around(package, parts, styles, numbering)
    except RecursionError:
        raise IngestError(f"DOCX 的内容嵌套太深：{name}；请用 Word 或 WPS 重新保存。") from None
    if body.images and not any(block.text.strip() for block in blocks):
        raise IngestError(f"DOCX 里只有图片（{body.images} 张），没有文字：{name}；请另找文字版或先做文字识别。")
    stated = _stated_title(package)
    blocks = _titled(blocks, stated)
    labels = (
        [("标题", stated)] if any(bare("".join(block.lines)) == bare(stated) != "" for block in blocks[:_FRONT]) else []
    )
    sheet = write([*join_headlines(without_usual_size(blocks)), *around])
    warnings = []
    if body.images:
        warnings.append(f"文档里有 {body.images} 张图片，图里的文字没有读；请另找文字版。")
    if body.chunks:
        warnings.append(f"文档里嵌入的 {body.chunks} 份其他文档没有读；请单独打开另存。")
    return sheet.extract("utf-8", labels=labels, warnings=warnings)


def _first(package: Package, parts: dict[str, list[str]], kind: str) -> etree._Element | None:
    return package.part(parts[kind][0]) if parts.get(kind) else None


def _around(package: Package, parts: dict[str, list[str]], styles: Styles, numbering: Numbering) -> list[Block]:
    """Headers, footers and comments; what is printed on several kinds of pages stands here once."""
    blocks: list[Block] = []
    for kind, reason in (("header", "页眉"), ("footer", "页脚"), ("comments", "批注")):
        said: set[tuple[str, ...]] = set()
        for member in parts.get(kind, ()):
            root = package.part(member)
            containers = root.iterfind(f"{W}comment") if kind == "comments" and root is not None else [root]
            for container in containers:
                if container is None:
                    continue
                for block in Body(styles, numbering, {}).read(container):
                    lines = block.all_lines
                    if lines and (lines not in said or kind == "comments"):
                        said.add(lines)
                        blocks.append(Block(lines=lines, reason=reason))
    return blocks


def _stated_title(package: Package) -> str:
    """The title in the file's properties, which is often another one."""
    member = next((one.target for one in package.relations("") if one.kind == "core-properties"), None)
    root = package.part(member) if member else None
    node = root.find(_TITLE) if root is not None else None
    return (node.text or "").strip()[:300] if node is not None else ""


def _titled(blocks: list[Block], stated: str) -> list[Block]:
    """The lines that together are the stated title, as one paragraph."""
    if len(bare(stated)) < 5:
        return blocks
    front = [number for number, block in enumerate(blocks) if block.reason is None][:_FRONT]
    found = next((run for n in range(len(front)) if (run := title_run(blocks, front[n:], {bare(stated)}))), None)
    if found:
        lines = tuple(line for number in found for line in blocks[number].lines)
        blocks[found[0]] = replace(blocks[found[0]], lines=lines, heading=1)
        for number in found[1:]:
            blocks[number] = replace(blocks[number], lines=())
    return blocks
