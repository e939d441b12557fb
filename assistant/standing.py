"""Does what was cited once still stand? A citation is looked up again in today's documents, a sentence checked again.

A citation is pinned when it is saved: a digest of its section's text (its own paragraphs and the headings below it) or
of its table. Where an answer cites several sections side by side, the headings beside them are pinned too: a section
that is added there would be missing from the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from assistant.difference import difference
from assistant.text import fold, sentences, tidy, unmarked
from assistant.verify import check
from assistant.write import Cell, Citation, place_name
from errors import UsageError
from index.snapshot import Snapshot
from ingest.document import Document, Section, Span, Table

_MARK = re.compile(r"\[(\d+)\]")
_COUNTED = re.compile(r"^（共(\d+)项）")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, kw_only=True)
class Pin:
    """SHA-256 of what stood around a citation: its section or table, and ("" if it does not matter) its neighbours."""

    digest: str
    beside: str


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A citation that no longer stands, and in Chinese why."""

    citation: Citation
    problem: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A section (or table) of a document with the sections beside it; a whole document when there are no sections."""

    text: str
    spans: tuple[Span, ...]
    table: Table | None
    parent: str
    beside: str


def pin(citations: Sequence[Citation], snapshot: Snapshot) -> tuple[Pin, ...]:
    """What stands around each citation now. Raises UsageError when one of them does not stand in the snapshot."""
    places: list[_Place] = []
    for citation in citations:
        found = _look_up(citation, snapshot)
        if isinstance(found, Lost):
            raise UsageError(f"草稿与索引对不上（{label(citation)}：{found.problem}）；请重新起草后再保存")
        places.append(found[0][1])
    parents = [(citation.file, place.parent) for citation, place in zip(citations, places, strict=True)]
    sections = {(citation.file, citation.section, parent) for citation, parent in zip(citations, parents, strict=True)}
    listed = {parent for parent in parents if sum(one[2] == parent for one in sections) > 1}
    return tuple(
        Pin(digest=_digest(place.text), beside=_digest(place.beside) if parent in listed else "")
        for place, parent in zip(places, parents, strict=True)
    )


def again(citation: Citation, pinned: Pin, snapshot: Snapshot) -> Citation | Lost:
    """The citation as it stands now, its offsets looked up again; or why it does not."""
    found = _look_up(citation, snapshot)
    if isinstance(found, Lost):
        return found
    same = [(current, place) for current, place in found if _digest(place.text) == pinned.digest]
    if not same:
        return Lost(citation=citation, problem="条款内容已改动")
    if pinned.beside and all(_digest(place.beside) != pinned.beside for _, place in same):
        return Lost(citation=citation, problem="同级条款有增减")
    return same[0][0]


def unsupported(line: str, citations: Sequence[Citation], question: str, snapshot: Snapshot) -> str | None:
    """Why a line of an answer does not follow from its citations (all as they stand now), `None` when it does.

    The label in front must be a section cited or one above it; counts and differences are worked out again; the rest
    passes the verifier, and each of its numbers stands in a section cited.
    """
    own = [citation for n in dict.fromkeys(_MARK.findall(line)) for citation in citations if citation.n == int(n)]
    if not own or not all(_MARK.search(line[start:end]) or _MARK.match(line, end) for start, end in sentences(line)):
        return "有一句没有引用"
    quotes = [citation.quote for citation in own]
    english = line.rstrip().endswith(".")
    if len(own) == 2 and _MARK.sub("", line).rstrip(".。") == difference(question, *quotes, english=english):
        return None
    body, listed = _unlabelled(line, own, snapshot)
    cells = _cells(own)
    held = fold("".join([*quotes, *cells, *(place.text for one in own for place in _places(one, snapshot))]))
    printed = set(_NUMBER.findall(held))
    missing = [number for number in _NUMBER.findall(fold(_MARK.sub("", body))) if number not in printed]
    if missing:
        return f"数字{missing[0]}不见于现行条款"
    context = [text for one in own for text in (one.title, one.section, one.heading or "")]
    for piece in listed or [body]:
        said = _MARK.sub("", piece).strip(" 。；;.")
        marks = {int(mark) for mark in _MARK.findall(piece)}
        proof = cells or [one.quote for one in own if one.n in marks]
        bare = said.strip("“”")
        if _compact(bare) not in _compact("".join(proof)) and (problems := check(said, proof, context)):
            return f"“{problems[0].detail}”不见于所引条款"
    return None


def label(citation: Citation) -> str:
    """`《题名》条目`."""
    return f"《{citation.title}》{citation.section}"


def _look_up(citation: Citation, snapshot: Snapshot) -> list[tuple[Citation, _Place]] | Lost:
    """Where the citation stands now, where it stood before first: sections may bear the same path."""
    document = _document(citation, snapshot)
    if document is None:
        return Lost(citation=citation, problem="索引里已没有这份文件")
    places = list(_in_document(citation, document))
    if not places:
        return Lost(citation=citation, problem="文件里已没有这一条")
    found: list[tuple[Citation, _Place]] = []
    for place in places:
        cell = citation.cell
        if cell is not None and (place.table is None or not _has_cell(place.table, cell)):
            continue
        at = _position(citation, document, place)
        if at is not None:
            moved = replace(
                citation,
                file=document.file,
                doc=document.id,
                title=tidy(document.title),
                doc_number=document.doc_number,
                start=at[0],
                end=at[1],
                page=document.page(at[0]),
            )
            found.append((moved, place))
    found.sort(key=lambda one: one[0].start != citation.start)
    return found or Lost(citation=citation, problem="所引原文已不在这一条里")


def _document(citation: Citation, snapshot: Snapshot) -> Document | None:
    """The document of that id, else of that file name, else the only one of that title and number."""
    entries = snapshot.entries
    found = [entry for entry in entries if entry.id == citation.doc] or [
        entry for entry in entries if entry.file == citation.file
    ]
    if not found:
        found = [
            entry for entry in entries if (tidy(entry.title), entry.doc_number) == (citation.title, citation.doc_number)
        ]
    return snapshot.document(found[0].id) if len(found) == 1 else None


def _places(citation: Citation, snapshot: Snapshot) -> Iterator[_Place]:
    document = _document(citation, snapshot)
    if document is not None:
        yield from _in_document(citation, document)


def _in_document(citation: Citation, document: Document) -> Iterator[_Place]:
    """What bears the citation's path: sections, tables; the whole document for an empty path."""
    if not citation.section:
        yield _Place(document.text, (Span(0, len(document.text)),), None, "", "")
    for section, above, siblings in _walk(document.sections, "", document.sections):
        if section.path == citation.section and citation.cell is None:
            spans = tuple(span for paragraph in section.paragraphs for span in paragraph)
            own = "".join(document.text[span.start : span.end] for span in spans)
            below = "".join(f"｜{child.path} {child.heading}" for child in section.children)
            beside = "".join(f"｜{one.path} {one.heading}" for one in siblings)
            yield _Place(own + below, spans, None, above, beside)
    for table in document.tables:
        if table.path == citation.section:
            text = "｜".join(cell for row in (table.columns, *table.rows) for cell in row)
            yield _Place(text, table.spans, table, "", "")


def _walk(
    sections: Sequence[Section], above: str, siblings: Sequence[Section]
) -> Iterator[tuple[Section, str, Sequence[Section]]]:
    for section in sections:
        yield section, above, siblings
        yield from _walk(section.children, section.path, section.children)


def _has_cell(table: Table, cell: Cell) -> bool:
    columns = [tidy(column) for column in table.columns]
    return any(
        tidy(row[table.label_column]) == cell.row
        and any(column == cell.column and tidy(value) == cell.value for column, value in zip(columns, row, strict=True))
        for row in table.rows
    )


def _position(citation: Citation, document: Document, place: _Place) -> tuple[int, int] | None:
    """Where the quote stands in a place: where it stood before, if it still does, else its first occurrence."""
    quote = _compact(citation.quote)
    text = document.text
    inside = any(span.start <= citation.start < span.end for span in place.spans)
    if inside and quote and _compact(text[citation.start : citation.end]) == quote:
        return citation.start, citation.end
    first = min(span.start for span in place.spans)
    kept = [at for at in range(first, len(text)) if _shows(text[at])]
    flat = "".join(text[at] for at in kept)
    at = flat.find(quote) if quote else -1
    while at >= 0:
        if any(span.start <= kept[at] < span.end for span in place.spans):
            return kept[at], kept[at + len(quote) - 1] + 1
        at = flat.find(quote, at + 1)
    return None


def _unlabelled(line: str, own: Sequence[Citation], snapshot: Snapshot) -> tuple[str, list[str]]:
    """A line without the label that its citations bear, and the items that it counts, if they are so many."""
    for citation in own:
        document = _document(citation, snapshot)
        title = unmarked(f"《{citation.title}》")
        if document is None or not line.startswith(title):
            continue
        rest = line.removeprefix(title).removeprefix(", section ")
        named = [place for one in _labels(citation, document) if (place := unmarked(one)) and rest.startswith(place)]
        rest = rest.removeprefix(max(named, key=len, default=""))
        counted = _COUNTED.match(rest)
        body = rest[counted.end() if counted else 0 :]
        if not body.startswith(("：", ":")):
            continue
        body = body[1:].strip()
        items = [item for item in re.split(r"(?<=\])[；;]", body) if item.strip(" 。")]
        headed = not any(one.cell for one in own) and len(items) > 1
        if counted and int(counted[1]) != len(items):
            return line, []
        return body, items if counted or headed else []
    return line, []


def _labels(citation: Citation, document: Document) -> set[str]:
    """What a line that rests on a citation may bear in front: its section, one above it, its table."""
    above = {section.path: parent for section, parent, _ in _walk(document.sections, "", document.sections)}
    line, path = {citation.section}, citation.section
    while (path := above.get(path, "")) and path not in line:
        line.add(path)
    return {place_name(section) for section in document.walk() if section.path in line} | line


def _cells(citations: Sequence[Citation]) -> list[str]:
    """What the cells cited say, a row at a time: `row column：value；column：value`."""
    rows: dict[str, list[str]] = {}
    for citation in citations:
        if citation.cell is not None:
            rows.setdefault(citation.cell.row, []).append(f"{citation.cell.column}：{citation.cell.value}")
    return [f"{row} {'；'.join(values)}" for row, values in rows.items()]


def _compact(text: str) -> str:
    return "".join(filter(_shows, text))


def _shows(char: str) -> bool:
    """Whether a character is ink: neither white space nor a bold mark nor invisible."""
    return char != "*" and char.isprintable() and not char.isspace()


def _digest(text: str) -> str:
    return sha256(_compact(text).encode("utf-8", "surrogatepass")).hexdigest()
