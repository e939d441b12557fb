"""Paragraph styles and generated numbers of a DOCX file (ECMA-376 part 1, 17.7 and 17.9)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from lxml import etree

from ingest.formats.docx_package import W
from ingest.formats.numbers import count

_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
_VAL = f"{W}val"
_LEVELS = 9
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Style:
    """What a paragraph style sets; None where it sets nothing. `num` is (numId, level or None), `size` in points."""

    name: str = ""
    num: tuple[str, int | None] | None = None
    outline: int | None = None
    bold: bool | None = None
    centred: bool | None = None
    size: float | None = None
    hidden: bool | None = None


def child(node: etree._Element | None, *names: str) -> etree._Element | None:
    """The element at the path `names` (without namespace) below `node`."""
    for name in names:
        if node is None:
            return None
        node = node.find(W + name)
    return node


def value(node: etree._Element | None) -> str | None:
    """The `w:val` of an element that may be missing."""
    found: str | None = node.get(_VAL) if node is not None else None
    return found


def switch(node: etree._Element | None) -> bool | None:
    """An on/off property: None where it is missing."""
    return None if node is None else (node.get(_VAL) or "true") not in ("0", "false", "off", "none")


def number(text: str | None, default: int) -> int:
    """A whole number, `default` for what is none or beyond a million."""
    found = re.fullmatch(r"\s*(-?\d{1,6})\s*", text or "")
    return int(found[1]) if found else default


def properties(paragraph: etree._Element | None, run: etree._Element | None, name: str = "") -> Style:
    """The properties in a `w:pPr` and a `w:rPr`."""
    num = child(paragraph, "numPr")
    level = value(child(num, "ilvl"))
    ident = value(child(num, "numId"))
    outline = value(child(paragraph, "outlineLvl"))
    aligned = value(child(paragraph, "jc"))
    size = value(child(run, "sz"))
    return Style(
        name=name,
        num=(ident or "", number(level, 0) if level is not None else None) if num is not None else None,
        outline=number(outline, 9) if outline is not None else None,
        bold=switch(child(run, "b")),
        centred=aligned == "center" if aligned is not None else None,
        size=number(size, 0) / 2 if size is not None else None,
        hidden=switch(child(run, "vanish")),
    )


class Styles:
    """The styles of a document, each with what it takes over from those it is based on."""

    def __init__(self, root: etree._Element | None) -> None:
        """`root` is that of styles.xml."""
        self._own: dict[str, tuple[Style, str | None]] = {}
        self._whole: dict[str, Style] = {}
        self._default = ""
        for node in root.iter(f"{W}style") if root is not None else ():
            ident = node.get(f"{W}styleId") or ""
            style = properties(child(node, "pPr"), child(node, "rPr"), value(child(node, "name")) or "")
            self._own[ident] = (style, value(child(node, "basedOn")))
            if node.get(f"{W}type") == "paragraph" and (node.get(f"{W}default") or "0") in ("1", "true", "on"):
                self._default = ident
        base = properties(
            child(root, "docDefaults", "pPrDefault", "pPr"), child(root, "docDefaults", "rPrDefault", "rPr")
        )
        self._base = Style(bold=base.bold, centred=base.centred, size=base.size)

    def paragraph(self, ident: str | None) -> Style:
        """The style of a paragraph, the default one for None or an unknown name."""
        return self._resolve(ident if ident in self._own else self._default)

    def run(self, ident: str) -> Style:
        """A character style, alone."""
        return self._resolve(ident) if ident in self._own else Style()

    def _resolve(self, ident: str | None) -> Style:
        key = ident or ""
        if key not in self._whole:
            chain: list[Style] = []
            at: str | None = key
            seen: set[str] = set()
            while at is not None and at in self._own and at not in seen:
                seen.add(at)
                chain.append(self._own[at][0])
                at = self._own[at][1]
            self._whole[key] = inherit([*chain, self._base], chain[0].name if chain else "")
        return self._whole[key]


def inherit(chain: Sequence[Style], name: str) -> Style:
    """The properties that hold where several styles apply, the nearest first. The level of a number and the list it
    belongs to may come from different ones."""
    ident = next((style.num[0] for style in chain if style.num is not None and style.num[0]), None)
    return Style(
        name=name,
        num=(ident, _first(style.num[1] for style in chain if style.num is not None)) if ident else None,
        outline=_first(style.outline for style in chain),
        bold=_first(style.bold for style in chain),
        centred=_first(style.centred for style in chain),
        size=_first(style.size for style in chain),
        hidden=_first(style.hidden for style in chain),
    )


def _first(values: Iterable[_T | None]) -> _T | None:
    return next((one for one in values if one is not None), None)


def heading_depth(style: Style) -> int:
    """The depth of a heading style, 0 for none."""
    if style.name.lower() in ("title", "标题"):
        return 1
    named = _HEADING.match(style.name)
    if named:
        return int(named[1])
    return style.outline + 1 if style.outline is not None and style.outline < _LEVELS else 0


@dataclass(frozen=True)
class _Level:
    """One level of a numbered list."""

    start: int = 1
    kind: str = "decimal"
    text: str = ""
    restart: int | None = None
    legal: bool = False
    style: str | None = None


@dataclass
class _List:
    """The levels of an abstract list and how far each has counted (None: not begun)."""

    levels: dict[int, _Level]
    counts: list[int | None] = field(default_factory=lambda: [None] * _LEVELS)
    begun: set[tuple[str, int]] = field(default_factory=set)


class Numbering:
    """Generates the numbers of paragraphs, which must be asked for in document order."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        """`root` is that of numbering.xml."""
        self._lists: dict[str, _List] = {}
        self._nums: dict[str, tuple[str, dict[int, int], dict[int, _Level]]] = {}
        links: dict[str, str] = {}
        for node in root.iterfind(f"{W}abstractNum") if root is not None else ():
            ident = node.get(f"{W}abstractNumId") or ""
            self._lists[ident] = _List(dict(_levels(node)))
            link = value(child(node, "numStyleLink"))
            if link:
                links[ident] = link
        for node in root.iterfind(f"{W}num") if root is not None else ():
            starts: dict[int, int] = {}
            levels: dict[int, _Level] = {}
            for over in node.iterfind(f"{W}lvlOverride"):
                at = number(over.get(f"{W}ilvl"), 0)
                begin = value(child(over, "startOverride"))
                if begin is not None:
                    starts[at] = number(begin, 1)
                levels.update(_levels(over))
            self._nums[node.get(f"{W}numId") or ""] = (value(child(node, "abstractNumId")) or "", starts, levels)
        for ident, link in links.items():
            linked = styles.run(link).num
            target = self._nums.get(linked[0]) if linked else None
            if target and not self._lists[ident].levels and target[0] in self._lists and target[0] not in links:
                self._lists[ident] = self._lists[target[0]]

    def printed(self, num: tuple[str, int | None] | None, style: str | None) -> str:
        """The number of the next paragraph with numbering `num` and paragraph style `style`, with the space after it;
        "" where it has none. Bullets are no numbers."""
        if num is None or num[0] not in self._nums:
            return ""
        abstract, starts, overrides = self._nums[num[0]]
        found = self._lists.get(abstract)
        if found is None:
            return ""
        levels = {**found.levels, **overrides}
        at = num[1]
        if at is None:
            at = next((n for n, level in levels.items() if level.style is not None and level.style == style), 0)
        level = levels.get(at)
        if level is None or not 0 <= at < _LEVELS:
            return ""
        self._advance(found, num[0], at, levels, starts)
        if level.kind == "bullet":
            return ""
        text = re.sub(
            r"%([1-9])", lambda place: _part(found, levels, int(place[1]) - 1, legal=level.legal), level.text
        ).strip()
        return text if not text or text.endswith(("、", "）")) else f"{text} "

    def _advance(self, found: _List, ident: str, at: int, levels: dict[int, _Level], starts: dict[int, int]) -> None:
        """Count one on at level `at`, and begin again below it."""
        counts = found.counts
        for above in range(at):
            if counts[above] is None and above in levels:
                counts[above] = starts.get(above, levels[above].start)
        last = counts[at]
        if at in starts and (ident, at) not in found.begun:
            found.begun.add((ident, at))
            counts[at] = starts[at]
        else:
            counts[at] = starts.get(at, levels[at].start) if last is None else last + 1
        for below in range(at + 1, _LEVELS):
            restart = levels[below].restart if below in levels else None
            if restart is None or (restart > 0 and at < restart):
                counts[below] = None


def _part(found: _List, levels: dict[int, _Level], at: int, *, legal: bool) -> str:
    level = levels.get(at, _Level())
    reached = found.counts[at]
    kind = "decimal" if legal and level.kind not in ("bullet", "none") else level.kind
    return count(kind, level.start if reached is None else reached)


def _levels(node: etree._Element) -> Iterator[tuple[int, _Level]]:
    for one in node.iterfind(f"{W}lvl"):
        restart = value(child(one, "lvlRestart"))
        yield (
            number(one.get(f"{W}ilvl"), 0),
            _Level(
                start=number(value(child(one, "start")), 1),
                kind=value(child(one, "numFmt")) or "decimal",
                text=value(child(one, "lvlText")) or "",
                restart=number(restart, 0) if restart is not None else None,
                legal=bool(switch(child(one, "isLgl"))),
                style=value(child(one, "pStyle")),
            ),
        )
