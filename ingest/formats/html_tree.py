"""A web page as a tree of what a reader sees: scripts, hidden parts and comments are not in it.

libxml2 mends broken markup and reports what it finds as events, so that no depth of nesting and no size of page
needs a deep stack; below `DEEPEST` elements stand beside each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from errors import IngestError
from ingest.formats.sheet import seen

DEEPEST = 100
LEAST = 30
"""Visible characters: a page with fewer is read with its hidden parts too, which a script would show."""
MAX_ELEMENTS = 1_000_000

_UNSEEN_TAGS = """script style noscript template head title meta link base object applet audio video canvas svg datalist
param source track area map"""
_BLOCK_TAGS = """address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure
footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody td tfoot th
thead tr ul caption optgroup option select button"""
_KEPT_ATTRIBUTES = "id class style href src align colspan rowspan start value type width height"
UNSEEN = frozenset(_UNSEEN_TAGS.split())
BLOCKS = frozenset(_BLOCK_TAGS.split())
_KEPT = tuple(_KEPT_ATTRIBUTES.split())
_PIECE = 1 << 20  # characters handed to the parser at once
_GONE = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_PUNCTUATED = re.compile(r"[，。；：、]")


class Node:
    """An element: `chars` visible characters in it, of them `linked` in links; `mass` weighs its running text."""

    __slots__ = ("attrs", "chars", "children", "linked", "mass", "parent", "tag")

    def __init__(self, tag: str, attrs: Mapping[str, str], parent: Node | None) -> None:
        """An empty element in `parent`."""
        self.tag = tag
        self.attrs = attrs
        self.parent = parent
        self.children: list[Node | str] = []
        self.chars = 0
        self.linked = 0
        self.mass = 0.0

    def get(self, name: str) -> str:
        """An attribute, "" where there is none."""
        return self.attrs.get(name, "")

    @property
    def style(self) -> str:
        """The style attribute without white space, in lower case."""
        return re.sub(r"\s+", "", self.get("style")).lower()

    @property
    def is_block(self) -> bool:
        """Whether it begins a line of its own."""
        return self.tag in BLOCKS

    def elements(self) -> list[Node]:
        """The elements directly in it."""
        return [child for child in self.children if isinstance(child, Node)]

    def walk(self) -> Iterator[Node]:
        """It and all below it, in document order."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending += reversed(node.elements())

    def text(self, limit: int = 1_000_000) -> str:
        """Its words without white space, at most about `limit` of them."""
        parts: list[str] = []
        length = 0
        pending: list[Node | str] = [self]
        while pending and length < limit:
            item = pending.pop()
            if isinstance(item, str):
                parts.append("".join(item.split()))
                length += len(parts[-1])
            else:
                pending += reversed(item.children)
        return "".join(parts)


@dataclass(frozen=True)
class Page:
    """The body of a page, its `<title>`, its `<meta name content>` pairs."""

    body: Node
    title: str
    meta: tuple[tuple[str, str], ...]


class _TooMany(Exception):
    """More elements than a page may have."""


class _Builder:
    """Takes libxml2's events; every start has its end."""

    def __init__(self, *, everything: bool) -> None:
        self.body = Node("body", {}, None)
        self.meta: list[tuple[str, str]] = []
        self.title: list[str] = []
        self._everything = everything
        self._stack: list[Node | None] = [self.body]  # None: an element that has no node of its own
        self._depth = self._links = self._unseen = self._count = 0
        self._node = self.body
        self._titled = False

    def start(self, tag: str, attrs: Mapping[str, str]) -> None:
        if tag == "meta" and (name := attrs.get("name", "").strip()) and (content := attrs.get("content", "").strip()):
            self.meta.append((name, seen(content)))
        if self._unseen or self._hides(tag, attrs):
            self._unseen += 1
            self._titled = tag == "title" and not self.title
            return
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise _TooMany
        self._links += tag == "a"
        if tag in ("html", "body") or self._depth >= DEEPEST:
            self._stack.append(None)
            if tag in BLOCKS or tag == "br":
                self._node.children.append(Node("br", {}, self._node))
            return
        kept = {name: attrs[name] for name in _KEPT if name in attrs} if attrs else {}
        node = Node(tag, kept, self._node)
        self._node.children.append(node)
        self._stack.append(node)
        self._node = node
        self._depth += 1

    def end(self, tag: str) -> None:
        if self._unseen:
            self._unseen -= 1
            self._titled = False
            return
        self._links -= tag == "a"
        node = self._stack.pop() if len(self._stack) > 1 else None
        if node is None or node.parent is None:
            return
        parent = node.parent
        parent.chars += node.chars
        parent.linked += node.linked
        parent.mass += node.mass
        self._node = parent
        self._depth -= 1

    def data(self, text: str) -> None:
        if self._unseen:
            if self._titled:
                self.title.append(text)
            return
        text = seen(text)
        node = self._node
        node.children.append(text)
        chars = sum(map(len, text.split()))
        node.chars += chars
        if self._links > 0:
            node.linked += chars
        elif chars:
            node.mass += chars if _PUNCTUATED.search(text) else 0.3 * chars

    def comment(self, text: str) -> None:
        """Comments are not seen."""

    def close(self) -> Page:
        while len(self._stack) > 1:
            self.end("")
        return Page(self.body, " ".join("".join(self.title).split()), tuple(self.meta))

    def _hides(self, tag: str, attrs: Mapping[str, str]) -> bool:
        if tag in UNSEEN:
            return True
        if self._everything or tag in ("html", "body"):  # a page that is hidden as a whole is shown by its script
            return False
        return "hidden" in attrs or ("style" in attrs and _GONE.search(attrs["style"]) is not None)


def parse(text: str, name: str) -> Page:
    """The page in `text`. Raises IngestError, which names the file `name`, when it has too many elements."""
    page = _parse(text, name, everything=False)
    return page if page.body.chars >= LEAST else _parse(text, name, everything=True)


def _parse(text: str, name: str, *, everything: bool) -> Page:
    parser = etree.HTMLParser(target=_Builder(everything=everything), huge_tree=True)
    try:
        for at in range(0, len(text), _PIECE):
            parser.feed(text[at : at + _PIECE])
        page: Page = parser.close()
    except _TooMany:
        raise IngestError(f"网页的元素超过 {MAX_ELEMENTS // 10_000} 万个：{name}；请拆分后再读。") from None
    except etree.LxmlError as error:
        raise IngestError(f"网页读不出来（{' '.join(str(error).split())[:80]}）：{name}；请重新保存。") from None
    return page
