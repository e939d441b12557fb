"""Which part of a web page is the document, and what everything around it is: navigation, footers, tools, links.

The document is the element that holds most of the running text (sentences outside links). Elements beside it belong
to it too, unless they are known furniture or links; those farther away only when they hold a good share of text.
"""

from __future__ import annotations

import re
from itertools import islice

from ingest.formats.html_tree import Node

_FILES = re.compile(r"\.(?:docx?|wps|pdf|ofd|xlsx?|et|rtf|zip|rar|7z|pptx?|csv|txt)(?:$|[?#])", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"\s*(?!https?:|ftp:|file:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)

_CORE_SHARE = 0.6
_LEAST = 60  # characters of a cell that a page is laid out in
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_NAVIGATION = "nav navbar navigation menu mainnav crumb crumbs breadcrumb curb location sidebar search bread"
_FOOTER = "footer foot copyright footbox footwarp"
_TOOLS = "share bdshare print toolbar tools qrcode ewm sharebox fontsize jiathis easybtn"
_RELATED = "related relate xgwj xgyd xgxw xglj xgwz xgjd recommend prevnext pagenext hotnews friendlink"
_NAMED = {"导航": _NAVIGATION, "页脚": _FOOTER, "页面工具": _TOOLS, "相关链接": _RELATED}
_NAMES = {word: reason for reason, words in _NAMED.items() for word in words.split()}
_TAGS = {
    "nav": "导航",
    "menu": "导航",
    "footer": "页脚",
    "select": "页面工具",
    "button": "页面工具",
    "input": "页面工具",
    "textarea": "页面工具",
}
_LINES = frozenset(("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "dt", "dd"))


def is_file(href: str) -> bool:
    """Whether a link leads to a file to be saved; a link that would run a script does not."""
    return _FILES.search(href) is not None and not _OTHER_SCHEME.match(href)


def is_layout(table: Node) -> bool:
    """Whether a table only places things on the page: one column, or one cell that holds nearly everything."""
    rows = rows_of(table)
    cells = [cell for row in rows for cell in row]
    if max((len(row) for row in rows), default=0) <= 1:
        return True
    if table.chars == 0:
        return True
    largest = max(cells, key=lambda cell: cell.chars)
    if largest.chars < 0.75 * table.chars:
        return any(cell.chars > _LEAST and _has_table(cell) for cell in cells)
    if largest.chars <= 200:
        return largest.chars > _LEAST and _has_table(largest)
    blocks = (child for child in largest.walk() if child is not largest and child.is_block and child.chars)
    return len(list(islice(blocks, 3))) == 3 or _has_table(largest)


def rows_of(table: Node) -> list[list[Node]]:
    """The cells of every row of a table, those of tables inside it not counted."""
    rows: list[list[Node]] = []
    pending = list(reversed(table.elements()))
    while pending:
        node = pending.pop()
        if node.tag == "tr":
            rows.append([cell for cell in node.elements() if cell.tag in ("td", "th")])
        elif node.tag != "table":
            pending += reversed(node.elements())
    return rows


def _has_table(cell: Node) -> bool:
    return any(node.tag == "table" and node.chars for node in cell.walk())


def find_core(body: Node) -> Node:
    """The innermost element that holds most of the running text of `body`."""
    node = body
    while True:
        best = max(node.elements(), key=lambda child: child.mass, default=None)
        if best is None or best.mass < _CORE_SHARE * node.mass or best.tag in _LINES or best.mass < 30:
            break
        if best.tag == "table" and not is_layout(best):
            break
        node = best
    at = node
    while (parent := at.parent) is not None:
        beside = [child for child in parent.elements() if child is not at and child.chars]
        said = sum(child.mass for child in beside if child.is_block and not _furniture(child) and not _is_links(child))
        if said >= max(60.0, 0.04 * node.mass):
            node = parent  # sentences stand beside it: it is a part of the document
        elif beside:
            break
        at = parent
    return node


def find_zones(core: Node) -> dict[Node, str]:
    """What is not the document: elements with the reason (Chinese). For an ancestor of `core` the reason is that of
    the loose text directly in it."""
    zones: dict[Node, str] = {}
    for node in core.walk():
        reason = _furniture(node)
        if reason and node is not core and node.chars <= 0.15 * core.chars and node.mass <= 0.1 * core.mass:
            zones[node] = reason
    _edges(core, zones)
    node, level = core, 0
    while (parent := node.parent) is not None:
        beside = [child for child in parent.elements() if child is not node and child.chars]
        level += bool(beside)
        before = True
        for child in parent.elements():
            if child is node:
                before = False
            elif child.chars and (reason := _outside(child, core, level, before=before)):
                zones[child] = reason
        if level > 1:
            zones[parent] = "导航"
        node = parent
    return zones


def _edges(core: Node, zones: dict[Node, str]) -> None:
    """Links at the top and at the end of the element that holds the document."""
    children = [child for child in core.elements() if child.chars]
    for reason, side in (("导航", children), ("相关链接", children[::-1])):
        for child in side:
            if child.mass >= 30 or not child.is_block:
                break
            if _is_links(child):
                zones.setdefault(child, reason)


def _outside(node: Node, core: Node, level: int, *, before: bool) -> str | None:
    """What an element outside the core is, `None` if it belongs to the document."""
    known = _furniture(node)
    links = _is_links(node)
    weighty = node.mass >= max(200.0, 0.15 * core.mass) and node.linked < 0.3 * node.chars
    if weighty and node.tag not in _TAGS and (not known or node.mass >= 0.5 * core.mass):
        return None
    if known:
        return known
    if level == 1 and not links and node.tag not in ("header", "aside"):
        return None
    if before:
        return "导航"
    return "相关链接" if links else "页脚"


def _is_links(node: Node) -> bool:
    """Whether an element holds mostly links, none of them to a file."""
    if node.linked <= 0.5 * node.chars:
        return False
    return not any(child.tag == "a" and is_file(child.get("href")) for child in node.walk())


def _furniture(node: Node) -> str | None:
    """What its tag or its names (class, id) say that an element is."""
    reason = _TAGS.get(node.tag)
    if reason:
        return reason
    names = f"{node.get('class')} {node.get('id')}"
    if not names.strip():
        return None
    for name in names.split():
        for word in (name.lower(), *(part.lower() for part in _WORDS.findall(name))):
            if word in _NAMES:
                return _NAMES[word]
    return None
