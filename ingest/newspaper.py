"""Newspaper pages: blocks printed in column order are put back into reading order.

A page needs this when its title stands after body text. The order comes from the page itself: the title
and the enacting paragraph (为…，特制定本…。) come first, a list of headlines gives the order of the
sections it names, and a block that starts in mid-list goes on from the block that broke off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.clean import clean
from ingest.document import Dropped, Repair
from ingest.front import Front
from ingest.lines import ends_sentence
from ingest.numbering import Kind, marker
from ingest.paragraphs import LABEL, Paragraph

OPENINGS = ("总体要求", "总体思路", "指导思想", "总则")
_ENACTING = re.compile(r"为.{10,600}制定本[^，。]{2,12}。$")


def reading_order(
    text: str, paragraphs: Sequence[Paragraph], front: Front
) -> tuple[list[Paragraph], list[Dropped], list[Repair]]:
    """The paragraphs in reading order, headlines without a body as dropped, and the moves made."""
    blocks, loose = _blocks(paragraphs, front)
    title, opening, enacting, rest = _parts(blocks, paragraphs, front)
    rest = _rejoined(text, rest)
    contents = _contents(loose, rest)
    if contents:
        names = [loose[number].text for number in contents]
        slots = [number for number, block in enumerate(rest) if any(_same_start(block[0].text, name) for name in names)]
        ordered = sorted(
            slots, key=lambda n: next(i for i, name in enumerate(names) if _same_start(rest[n][0].text, name))
        )
        moved = {slot: rest[source] for slot, source in zip(slots, ordered, strict=True)}
        rest = [moved.get(number, block) for number, block in enumerate(rest)]
    headline = _headline_of(loose, contents)
    used = set(contents) | ({headline} if headline is not None else set())
    for number, paragraph in enumerate(loose):
        if number in used:
            continue
        owners = [block for block in rest if _same_start(block[0].text, paragraph.text)]
        if len(owners) == 1:
            owners[0].insert(1, replace(paragraph, display=False))
            used.add(number)
        elif opening and paragraph.text in OPENINGS and not opening[0].display:
            opening.insert(0, paragraph)
            used.add(number)
        elif paragraph.text.endswith(("：", ":")) and headline is not None:
            used.add(number)
            contents = [*contents, number]
    tail = [loose[headline]] if headline is not None else []
    tail += [loose[number] for number in contents]
    dropped = [
        Dropped(start=span.start, end=span.end, reason="无正文的版面标题")
        for number, paragraph in enumerate(loose)
        if number not in used
        for span in paragraph.spans
    ]
    order = [*title, *enacting, *opening, *(paragraph for block in rest for paragraph in block), *tail]
    return order, dropped, _moves(order)


def _blocks(paragraphs: Sequence[Paragraph], front: Front) -> tuple[list[list[Paragraph]], list[Paragraph]]:
    """Blocks that begin at a headline with a body, at the title or after a gap; headlines without a body."""
    blocks: list[list[Paragraph]] = []
    loose: list[Paragraph] = []
    for number, paragraph in enumerate(paragraphs):
        following = paragraphs[number + 1] if number + 1 < len(paragraphs) else None
        headed = (
            following is not None
            and not following.display
            and not following.after_gap
            and (marker(following.text) is not None or LABEL.match(following.folded) is not None)
        )
        in_title = front.title <= number < front.title_end
        if paragraph.display and not headed and not in_title:
            loose.append(paragraph)
            continue
        if not blocks or (paragraph.display and (not in_title or number == front.title)) or paragraph.after_gap:
            blocks.append([])
        blocks[-1].append(paragraph)
    return blocks, loose


def _parts(
    blocks: list[list[Paragraph]], paragraphs: Sequence[Paragraph], front: Front
) -> tuple[list[Paragraph], list[Paragraph], list[Paragraph], list[list[Paragraph]]]:
    """Title lines, the body right under the title, the enacting paragraph, all other blocks."""
    titled = paragraphs[front.title : front.title_end]
    enacting = [p for block in blocks for p in block if _ENACTING.search(p.text)][:1]
    opening: list[Paragraph] = []
    rest: list[list[Paragraph]] = []
    for block in blocks:
        kept = [p for p in block if p not in enacting]
        if kept and kept[0] is titled[0]:
            opening = kept[len(titled) :]
        elif kept:
            rest.append(kept)
    return list(titled), opening, enacting, rest


def _rejoined(text: str, blocks: list[list[Paragraph]]) -> list[list[Paragraph]]:
    """A block that starts in mid-list joined to the one block that breaks off in mid-sentence."""
    broken = [block for block in blocks if not ends_sentence(block[-1].text)]
    orphans = [block for block in blocks if block[0].after_gap and not block[0].display and _resumes(block)]
    if len(broken) != 1 or len(orphans) != 1 or broken[0] is orphans[0]:
        return blocks
    head, tail = broken[0], orphans[0]
    if marker(tail[0].text) is None:
        spans = (*head[-1].spans, *tail[0].spans)
        cleaned, bold = clean(text, spans)
        head[-1], tail = Paragraph(spans, cleaned, bold), tail[1:]
    head += tail
    return [block for block in blocks if block is not orphans[0]]


def _resumes(block: Sequence[Paragraph]) -> bool:
    """Whether the first number in a block is not the first of its list."""
    first = next((found for paragraph in block if (found := marker(paragraph.text))), None)
    return first is not None and first.kind >= Kind.HAN and first.ordinal > 1


def _contents(loose: Sequence[Paragraph], blocks: Sequence[Sequence[Paragraph]]) -> list[int]:
    """Three or more headlines in a row, each of which begins like another block's heading."""
    best: list[int] = []
    run: list[int] = []
    for number, paragraph in enumerate(loose):
        owners = [n for n, block in enumerate(blocks) if _same_start(block[0].text, paragraph.text)]
        if len(owners) != 1:
            run = []
        elif paragraph.after_gap or any(_same_start(blocks[owners[0]][0].text, loose[n].text) for n in run):
            run = [number]
        else:
            run = [*run, number]
        if len(run) > len(best):
            best = run
    return best if len(best) >= 3 else []


def _headline_of(loose: Sequence[Paragraph], contents: Sequence[int]) -> int | None:
    """The headline printed right after or before the list of headlines."""
    if not contents:
        return None
    for number in (contents[-1] + 1, contents[0] - 1):
        if 0 <= number < len(loose) and not loose[number].text.endswith(("：", ":")) and len(loose[number].text) <= 24:
            return number
    return None


def _same_start(heading: str, headline: str) -> bool:
    """Whether a headline names a heading: they share their first words (four characters and more than half)."""
    shared = 0
    for left, right in zip(heading, headline, strict=False):
        if left != right:
            break
        shared += 1
    return heading != headline and shared >= max(4, len(heading) // 2)


def _moves(order: Sequence[Paragraph]) -> list[Repair]:
    """A repair for every place where the reading order jumps back in the source."""
    repairs = []
    at = -1
    for paragraph in order:
        if paragraph.spans[0].start < at:
            repairs.append(Repair(start=paragraph.spans[0].start, end=paragraph.spans[-1].end, kind="版面还原"))
        at = paragraph.spans[0].start
    return repairs
