"""A document as a page shows it: facts, coverage, relations as a small graph, outline, tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from index.catalogue import Entry
from ingest.coverage import Coverage, coverage
from ingest.document import Document, Section
from web.html import shown, table_html, text
from web.words import Words

_ROW, _WIDTH, _TITLE = 38, 560, 26  # pixels and characters of the graph
_DRAWN = 14  # relations in the graph; the list has all
_SAME = "same_text"


@dataclass(frozen=True, kw_only=True)
class Tie:
    """A document related to this one, by `type`; `doc` is its id where the index holds it."""

    type: str
    title: str
    doc: str | None


def outline(document: Document, words: Words, twins: Sequence[Entry] = ()) -> str:
    """A document's facts, coverage, relations, tree and tables; `twins` are the other renderings of its text."""
    facts = [
        (words.number, document.doc_number),
        (words.issuer, "、".join(document.issuers) or document.issuer),
        (words.level, document.level),
        (words.issued, document.issue_date),
        (words.in_force, document.effective_date),
        (words.valid_until, document.valid_until),
        (words.period, "—".join(document.period) if document.period else None),
        (words.kind, document.kind),
        (words.region, document.region),
    ]
    rows = "".join(_fact(name, value or words.none, words) for name, value in facts)
    parts = [
        f"<h2{words.spoken(document.title)}>{text(document.title)}</h2><dl>{rows}</dl>",
        f"<h3>{escape(words.coverage)}</h3>{_coverage(coverage(document), words)}",
    ]
    ties = _ties(document, twins)
    if ties:
        parts.append(f"<h3>{escape(words.relations)}</h3>{graph(document, ties, words)}{_listed(ties, words)}")
    tree = "".join(_node(section) for section in document.sections)
    parts.append(f"<h3>{escape(words.outline)}</h3><ul class='tree'{words.spoken(document.text[:1000])}>{tree}</ul>")
    for table in document.tables:
        parts.append(
            f"<div class='wide' tabindex='0' role='region' aria-label='{text(table.caption or table.path)}'"
            f"{words.spoken(table.caption or table.path)}>"
            f"{table_html(table)}</div>"
        )
    return f"<article class='document'>{''.join(parts)}</article>"


def _ties(document: Document, twins: Sequence[Entry]) -> tuple[Tie, ...]:
    """What stands above it, the same text, then everything else that it names, each once."""
    named = [Tie(type=one.type, title=one.title, doc=one.doc) for one in document.relations]
    above = [tie for tie in named if tie.type == "based_on"]
    same = [Tie(type=_SAME, title=entry.file, doc=entry.id) for entry in twins if entry.id != document.id]
    return tuple(dict.fromkeys((*above, *same, *(tie for tie in named if tie.type != "based_on"))))


def graph(document: Document, ties: Sequence[Tie], words: Words) -> str:
    """Relations as a picture: above the document what it is based on, below it the rest; dashed: not in the index.

    The list below the picture says the same in words.
    """
    drawn = ties[:_DRAWN]
    above = [tie for tie in drawn if tie.type == "based_on"]
    rows: list[Tie | None] = [*above, None, *drawn[len(above) :]]
    own = len(above) * _ROW + _ROW // 2
    height = len(rows) * _ROW + (_ROW if len(ties) > _DRAWN else 0)
    last = (len(rows) - 1) * _ROW + _ROW // 2
    first = _ROW // 2 if above else own
    pieces = [f'<path class="tie" d="M16 {first}V{last}"/>']
    for at, tie in enumerate(rows):
        middle = at * _ROW + _ROW // 2
        if tie is None:
            pieces.append(_box(4, middle, _WIDTH - 8, f"{words.this_document}　{_short(document.title)}", "own"))
            continue
        pieces.append(f'<path class="tie" d="M16 {middle}H40"/>')
        kind = "there" if tie.doc else "elsewhere"
        pieces.append(_box(40, middle, _WIDTH - 44, f"{words.relation(tie.type)}　{_short(tie.title)}", kind))
    if len(ties) > _DRAWN:
        more = words.more.format(count=len(ties) - _DRAWN)
        pieces.append(f'<text x="52" y="{len(rows) * _ROW + _ROW // 2}">{escape(more)}</text>')
    label = words.labelled(words.relations, "；".join(f"{words.relation(tie.type)} {tie.title}" for tie in drawn))
    return (
        f'<svg class="graph" role="img" aria-label="{text(label)}"{words.spoken(label)} '
        f'viewBox="0 0 {_WIDTH} {height}" style="max-width: {_WIDTH}px" xmlns="http://www.w3.org/2000/svg">{"".join(pieces)}</svg>'
    )


def _box(left: int, middle: int, width: int, line: str, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{left}" y="{middle - 14}" width="{width}" height="28" rx="6"/>'
        f'<text x="{left + 12}" y="{middle}">{text(line)}</text>'
    )


def _short(title: str) -> str:
    line = shown(" ".join(title.split()))
    return line if len(line) <= _TITLE else f"{line[:_TITLE]}…"


def _listed(ties: Sequence[Tie], words: Words) -> str:
    """The relations in words; a document of the index can be opened."""
    lines: list[str] = []
    for tie in ties:
        name = text(tie.title)
        opened = f'<button type="button" data-doc="{text(tie.doc)}">{name}</button>' if tie.doc else name
        opened = f"<span{words.spoken(tie.title)}>{opened}</span>"
        lines.append(f"<li>{words.labelled(escape(words.relation(tie.type)), opened)}</li>")
    return f"<ul class='ties'>{''.join(lines)}</ul>"


def _coverage(found: Coverage, words: Words) -> str:
    """Where the visible characters of the file are, and what looks wrong about it."""
    rows = [
        (words.characters, f"{found.characters}"),
        (words.in_sections, f"{found.in_sections}"),
        (words.in_tables, f"{found.in_tables}"),
        (words.dropped, f"{found.discarded}{_reasons(found)}"),
        (words.kept, f"{found.kept:.1%}"),
    ]
    if found.confidence is not None:
        rows.append((words.doubtful, f"{found.doubtful}（{found.confidence:.0%}）"))
    cells = "".join(_fact(name, value, words) for name, value in rows)
    said = (*((found.problem,) if found.problem else ()), *found.warnings)
    notes = "".join(f"<li{words.spoken(line)}>{text(line)}</li>" for line in said)
    return f"<dl>{cells}</dl>" + (f"<h3>{escape(words.to_check)}</h3><ul>{notes}</ul>" if notes else "")


def _fact(name: str, value: str, words: Words) -> str:
    return f"<dt>{escape(name)}</dt><dd{words.spoken(value)}>{text(value)}</dd>"


def _reasons(found: Coverage) -> str:
    listed = "，".join(f"{reason} {count}" for reason, count in found.dropped)
    return f"（{listed}）" if listed else ""


def _node(section: Section) -> str:
    name = f"{section.number or ''}{section.heading or ''}" or section.path
    if not section.children:
        return f"<li>{text(name)}</li>"
    children = "".join(_node(child) for child in section.children)
    return f"<li><details open><summary>{text(name)}</summary><ul>{children}</ul></details></li>"
