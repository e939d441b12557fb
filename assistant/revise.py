"""A drafted reply as a person has edited it: paragraphs keep their kinds and citations, and what is new is looked at.

A paragraph is a line. Marks [n] tie it to the draft's citations; no other sources can be put in by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from assistant.draft import Kind, Part, ReplyDraft
from assistant.standing import unsupported
from errors import UsageError
from index.snapshot import Snapshot

MOST = 50_000  # characters of an edited reply
GAP = re.compile(r"【待核实[^】]*】?")
_MARK = re.compile(r"\[(\d{1,3})\]")  # 浦府规[2023]1号 is none
_POINT = re.compile(r"^\d+[．.、]\s*")
_KEEPING: frozenset[Kind] = frozenset({"title", "fixed", "asked", "sign"})  # kinds that a rewritten line keeps


def text_of(reply: ReplyDraft) -> str:
    """The reply as it is edited: a paragraph a line, an empty line between two."""
    return "\n\n".join(part.text for part in reply.parts)


def gaps(reply: ReplyDraft) -> int:
    """How many gaps are still open."""
    return sum(len(GAP.findall(part.text)) for part in reply.parts)


def revise(reply: ReplyDraft, text: str) -> ReplyDraft:
    """The reply with the paragraphs of `text`; citations that no paragraph has a mark of are left out.

    Points are numbered anew. Raises UsageError when the text is empty or too long, or has a mark without a citation.
    """
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if not lines or len(text) > MOST:
        raise UsageError(f"答复应有 1 到 {MOST} 个字符；请改正后再存")
    known = {citation.n: citation for citation in reply.citations}
    unknown = [mark for line in lines for mark in _MARK.findall(line) if int(mark) not in known]
    if unknown:
        raise UsageError(f"没有第 {unknown[0]} 号引用；请改成 {_listed(list(known))}，或删去这个标记")
    parts: list[Part] = []
    points = 0
    for line, kind in zip(lines, _kinds(reply.parts, lines), strict=True):
        if kind == "point":
            points += 1
            line = f"{points}．{_POINT.sub('', line)}"
        own = tuple(known[int(mark)] for mark in dict.fromkeys(_MARK.findall(line)))
        parts.append(Part(kind=kind, text=line, citations=own))
    used = {citation.n for part in parts for citation in part.citations}
    kept = tuple(citation for citation in reply.citations if citation.n in used)
    return replace(reply, parts=tuple(parts), citations=kept)


def doubts(edited: ReplyDraft, drafted: ReplyDraft, snapshot: Snapshot) -> tuple[str, ...]:
    """What an edited reply says without proof, in Chinese, one line each: points that no longer follow from what they
    cite, and sentences put in without a citation. A gap says nothing and needs no proof."""
    before = {part.text for part in drafted.parts}
    found: list[str] = []
    for part in edited.parts:
        if part.kind == "point":
            problem = unsupported(_POINT.sub("", part.text), part.citations, edited.understood, snapshot)
            if problem:
                found.append(f"“{_short(part.text)}”：{problem}")
        elif part.kind == "remark" and part.text not in before and GAP.sub("", part.text).strip():
            found.append(f"“{_short(part.text)}”：没有引用")
    return tuple(found)


def _kinds(parts: Sequence[Part], lines: Sequence[str]) -> Iterator[Kind]:
    """The kind of each line: that of the paragraph it was, else what its marks and gaps make it."""
    old = [part.text for part in parts]
    for change, left, right, start, end in SequenceMatcher(None, old, lines, autojunk=False).get_opcodes():
        for at in range(start, end):
            was = parts[left + at - start] if left + at - start < right else None
            if change == "equal" and was is not None:
                yield was.kind
            elif _MARK.search(lines[at]):
                yield "point"
            elif was is not None and was.kind in _KEEPING:
                yield was.kind
            else:
                yield "gap" if GAP.search(lines[at]) else "remark"


def _listed(numbers: Sequence[int]) -> str:
    return "、".join(f"[{number}]" for number in numbers) or "有出处的话"


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
