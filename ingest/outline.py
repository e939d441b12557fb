"""Paragraphs with heads → the tree of sections.

The level of a section comes from its number and from what is open when it is met: a number of an open
kind continues that list, a kind of higher rank closes lower ones, an annex closes everything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.document import Dropped, Repair, Section
from ingest.front import DOC_NUMBER, ORDER_NUMBER, Front, front_end, read_front
from ingest.heads import find_heads
from ingest.newspaper import reading_order
from ingest.numbering import DECIMALS, Kind, marker
from ingest.organs import organs
from ingest.paragraphs import Paragraph
from ingest.pieces import Head, Piece

_SIGNED_DATE = re.compile(
    r"(?:[\d〇○零一二三四五六七八九ＯO]{4})\s?年\s?[\d一二三四五六七八九十]{1,3}\s?月\s?[\d一二三四五六七八九十]{1,3}\s?日"
)


@dataclass(frozen=True, kw_only=True)
class Outline:
    """The sections of a text and the paragraphs of its front matter, from which facts are read."""

    sections: tuple[Section, ...]
    title: str
    titled: bool
    front: tuple[Paragraph, ...]
    tail: tuple[Paragraph, ...]
    dropped: tuple[Dropped, ...]
    repairs: tuple[Repair, ...]


@dataclass
class _Node:
    """A section while the tree grows."""

    head: Head
    name: str
    paragraphs: list[Paragraph] = field(default_factory=list)
    children: list[_Node] = field(default_factory=list)


def read_outline(text: str, paragraphs: Sequence[Paragraph]) -> Outline:
    """The outline of `paragraphs`, none of which may be empty."""
    if not paragraphs:
        return Outline(sections=(), title="", titled=False, front=(), tail=(), dropped=(), repairs=())
    front = read_front(paragraphs)
    dropped: list[Dropped] = []
    repairs: list[Repair] = []
    if paragraphs[front.title].display and any(piece.head for piece in find_heads(paragraphs[: front.title], front=0)):
        paragraphs, dropped, repairs = reading_order(text, paragraphs, front)
        front = Front(None, 0, front.title_end - front.title, named=True)
    title = front.title_text(paragraphs)
    roots: list[_Node] = []
    first = front.notice if front.notice is not None else front.title
    if first:
        roots.append(
            _Node(Head(Kind.PLAIN), "红头" if _is_letterhead(paragraphs[:first]) else "题前", list(paragraphs[:first]))
        )
    if front.notice is not None:
        roots.append(
            _Node(
                Head(Kind.PLAIN, heading=paragraphs[front.notice].text),
                "通知",
                list(paragraphs[front.notice : front.title]),
            )
        )
    pieces = find_heads(paragraphs[front.title :], front=front_end(paragraphs, front) - front.title)
    body = _grow(pieces)
    headless = len(body) == 1 and body[0].name == "引言"
    if headless:
        body[0].name = "正文"
    roots += body
    tail = _sign_off(roots)
    return Outline(
        sections=tuple(_freeze(node, None, "", 1) for node in roots),
        title=title,
        titled=front.named,
        front=tuple(paragraphs[: front.title_end + 12]),
        tail=tuple(tail),
        dropped=tuple(dropped),
        repairs=tuple(repairs),
    )


def _is_letterhead(paragraphs: Sequence[Paragraph]) -> bool:
    text = "\n".join(paragraph.text for paragraph in paragraphs)
    return len(paragraphs) <= 12 and bool(DOC_NUMBER.search(text) or ORDER_NUMBER.search(text))


def _grow(pieces: Sequence[Piece]) -> list[_Node]:
    """The forest that the heads describe."""
    roots: list[_Node] = []
    stack: list[_Node] = []
    last: dict[Kind, int] = {}
    for piece in pieces:
        head = piece.head
        if head and not _accepted(head, stack, last):
            head = None
        if head is None:
            if not stack:
                roots.append(_Node(Head(Kind.PLAIN), "引言"))
                stack.append(roots[0])
            while len(stack) > 1 and (stack[-1].head.single or _ends_list(stack)) and stack[-1].paragraphs:
                stack.pop()
            stack[-1].paragraphs.append(piece.paragraph)
            continue
        last[head.kind] = head.ordinal
        node = _Node(head, head.number or _name(head, piece.text), [piece.paragraph])
        _close(stack, head)
        (stack[-1].children if stack else roots).append(node)
        stack.append(node)
    return roots


def _ends_list(stack: Sequence[_Node]) -> bool:
    """Whether the open item ends a list that is one sentence (（一）…；（二）…。): what follows is the parent's."""
    item, elders = stack[-1], stack[-2].children[:-1]
    if item.head.number is None or not elders or elders[-1].head.kind is not item.head.kind or item.children:
        return False
    return elders[-1].paragraphs[-1].text.endswith(("；", ";")) and item.paragraphs[-1].text.endswith("。")


def _accepted(head: Head, stack: Sequence[_Node], last: dict[Kind, int]) -> bool:
    """Whether a number continues an open list or begins one; a stray number in the text does neither."""
    if head.number is None or head.kind is Kind.ANNEX or (head.ordinal == 1 and not head.doubtful):
        return True
    opened = next((node.head.ordinal for node in reversed(stack) if node.head.kind is head.kind), None)
    if head.doubtful:
        return opened is not None and head.ordinal == opened + 1
    if opened is not None:
        if head.kind is Kind.ARTICLE:
            return opened + ("之" not in head.number) <= head.ordinal <= opened + 3  # 第三条之一 follows 第三条
        return opened <= head.ordinal <= opened + 6
    if head.kind in (Kind.ARABIC, Kind.PAREN, Kind.HALF_PAREN, Kind.CIRCLED, Kind.ARTICLE):
        return head.ordinal == last.get(head.kind, 0) + 1 or (head.kind is Kind.ARTICLE and head.kind not in last)
    return True


def _close(stack: list[_Node], head: Head) -> None:
    """Pop what the new head ends."""
    if stack and stack[-1].head.apart:
        stack.pop()
    if head.kind is Kind.ANNEX:
        stack.clear()
        return
    kinds = [node.head.kind for node in stack if node.name != "引言"]
    if stack and stack[0].name == "引言":
        stack.pop(0)
    opens = head.opens if head.kind is Kind.RUN_IN or Kind.ARTICLE in kinds or Kind.HAN not in kinds else None
    if opens is not None or head.single:
        labels = [at for at, node in enumerate(stack) if node.head.opens is not None and node.head.kind is head.kind]
        if labels and (opens is None or opens <= (stack[labels[-1]].head.opens or 0)):
            del stack[labels[-1] :]  # 补贴标准： after 补贴条件：（1）…
            return
    if opens is not None:
        while stack and stack[-1].head.kind >= opens:
            stack.pop()
        if stack and any(child.head.number and child.head.kind > opens for child in stack[-1].children):
            stack.pop()  # 说明：一、… after 1. 2. is not a part of what these list
        return
    if head.kind in kinds and not (head.kind is Kind.PLAIN and _numbered_since(stack, head)):
        while stack and stack[-1].head.kind is not head.kind:
            stack.pop()
        stack.pop()
        return
    if head.kind is Kind.ARTICLE and Kind.HAN in kinds and head.ordinal == 1:
        return  # 二、主要内容 → 第一条…: articles listed inside a section
    if head.kind is Kind.PLAIN:
        while stack and stack[-1].head.kind > Kind.HAN_PAREN:
            stack.pop()
        return
    while stack and stack[-1].head.kind > head.kind and not (stack[-1].head.kind is Kind.PLAIN and head.number is None):
        if stack[-1].head.opens is not None and stack[-1].head.opens <= head.kind:
            return
        stack.pop()


def _numbered_since(stack: Sequence[_Node], head: Head) -> bool:
    """Whether a numbered section of high rank was opened under the open plain heading."""
    for node in reversed(stack):
        if node.head.kind is head.kind:
            return False
        if node.head.kind in (Kind.HAN, Kind.HAN_PAREN):
            return True
    return False


def _name(head: Head, text: str) -> str:
    """What an unnumbered section is called in a path."""
    return head.heading or text[:20]


def _sign_off(roots: list[_Node]) -> list[Paragraph]:
    """Cut a signature and its date off the end of the last section, into a section of their own."""
    if not roots:
        return []
    node = roots[-1]
    while node.children:
        node = node.children[-1]
    end = len(node.paragraphs)
    at = next(
        (n for n in range(end - 1, max(0, end - 6), -1) if _is_signed(node.paragraphs[n].text)),
        None,
    )
    if at is None or at == 0:
        return []
    start = at
    while start > 1 and _may_sign(node.paragraphs[start - 1].text) and at - start < 6:
        start -= 1
    if start == at and len(node.paragraphs) < 2:
        return []
    tail = node.paragraphs[start:]
    del node.paragraphs[start:]
    roots.append(_Node(Head(Kind.PLAIN), "落款", tail))
    return tail


def _runs_together(above: str, number: str) -> bool:
    """Whether `number` behind the number `above` would read as a part of it: 附件1 + 2., 附件一 + 二、, 附件 + 三、."""
    joint = above[-1:] + number[:1]
    return re.fullmatch(r"[件录表\d]\d|[件录表一二三四五六七八九十][一二三四五六七八九十]", joint) is not None


def _is_signed(text: str) -> bool:
    """Whether a line is a date, or an organ and a date."""
    organ, _, day = text.rpartition(" ")
    return bool(_SIGNED_DATE.fullmatch(text.replace(" ", "")) or (organs(organ) and _SIGNED_DATE.fullmatch(day)))


def _may_sign(text: str) -> bool:
    """Whether a line may name who signed: no sentence, and no numbered one (2.申请表)."""
    return re.fullmatch(r"[^，。；：！？]{2,40}", text) is not None and marker(text) is None


def _freeze(node: _Node, parent: _Node | None, above: str, level: int) -> Section:
    """A finished section; `above` is the path of its `parent`.

    Two numbers follow each other directly (`二、（一）`) unless they would read as one (`附件1/2.`), a decimal number
    stands for its parent's (`2.1.1` under `2.1`); every other step is parted by a slash.
    """
    if parent is None:
        path = node.name
    elif node.head.kind in DECIMALS and parent.head.number and node.name.startswith(f"{parent.name.rstrip('.．、')}."):
        path = above.removesuffix(parent.name) + node.name
    elif node.head.number and parent.head.number and not _runs_together(parent.name, node.name):
        path = above + node.name
    else:
        path = f"{above}/{node.name}"
    return Section(
        path=path,
        number=node.head.number,
        heading=node.head.heading,
        level=level,
        paragraphs=tuple(paragraph.spans for paragraph in node.paragraphs),
        children=tuple(_freeze(child, node, path, level + 1) for child in node.children),
    )
