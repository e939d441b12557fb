"""Records as HTML. Every character that comes from a document, a question or a file name is escaped: it is text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import escape

from assistant.draft import Part, ReplyDraft
from assistant.references import gbt7714, plain
from assistant.revise import GAP
from assistant.transcript import Exchange
from assistant.write import Citation
from ingest.document import Document, Span, Table
from web.words import Words

_MARK = re.compile(r"\[(\d{1,4})\]")
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def text(value: str) -> str:
    """`value` as text in HTML; characters that hide or reorder others are shown as a replacement mark."""
    return escape(shown(value))


def shown(value: str) -> str:
    """`value` on a page that escapes by itself: characters that hide or reorder others become a replacement mark."""
    return _HIDDEN.sub("\ufffd", value)


def conversation(exchanges: Sequence[Exchange], words: Words, coming: tuple[str, Sequence[str]] | None = None) -> str:
    """All exchanges, the newest last; each mark is a button that opens its source.

    `coming` is a question under way and the sentences that are there already.
    """
    turns = "".join(_exchange(at, exchange, words) for at, exchange in enumerate(exchanges))
    if coming is not None:
        body = "".join(f"<p>{text(sentence)}</p>" for sentence in coming[1])
        turns += (
            f'<section class="turn"><div class="asked"{words.spoken(coming[0])}>{text(coming[0])}</div>'
            f'<div class="answer coming" aria-busy="true">{body}</div></section>'
        )
    return f'<div class="talk" role="log" aria-live="polite" aria-label="{escape(words.conversation)}">{turns}</div>'


def _exchange(at: int, exchange: Exchange, words: Words) -> str:
    answer = exchange.answer
    parts = [f'<div class="asked"{words.spoken(exchange.question)}>{text(exchange.question)}</div>']
    if _plain(answer.understood) != _plain(exchange.question):
        parts.append(told(words.understood, answer.understood, "understood", words))
    kind = "answer refusal" if answer.refused else "answer"
    title = f'<p class="verdict">{escape(words.refused)}</p>' if answer.refused else ""
    body = "".join(
        f"<p{words.spoken(line)}>{_marked(line, at, answer.citations, words)}</p>"
        for line in answer.text.splitlines()
        if line.strip()
    )
    notes = "".join(told(words.note, note, "note", words) for note in answer.notes)
    listed = "".join(_listed(at, citation, words) for citation in answer.citations)
    writer = f"{words.extractive if answer.writer == 'extractive' else text(answer.writer)} · "
    took = f"{'' if answer.refused else writer}{answer.latency_ms / 1000:.2f} {escape(words.seconds)}"
    cited = f'<ol class="cited">{listed}</ol>' if listed else ""
    foot = (
        f'<div class="foot"><span>{took}</span>'
        f'<button type="button" data-turn="{at}" data-good="1">{escape(words.good)}</button>'
        f'<button type="button" data-turn="{at}" data-good="0">{escape(words.bad)}</button></div>'
    )
    parts.append(f'<div class="{kind}">{title}{body}{notes}{cited}{foot}</div>')
    return f'<section class="turn">{"".join(parts)}</section>'


def _plain(value: str) -> str:
    """What is left of a question when the width of its characters and white space do not count."""
    return "".join(unicodedata.normalize("NFKC", value).split())


def told(name: str, value: str, kind: str, words: Words) -> str:
    """A line of the page about an answer."""
    said = f"<span{words.spoken(value)}>{text(value)}</span>"
    return f'<p class="{kind}">{words.labelled(escape(name), said)}</p>'


def reply(
    made: ReplyDraft,
    at: int,
    words: Words,
    *,
    open_gaps: int,
    wrong: Sequence[str] = (),
    steps: Sequence[tuple[str, str, str]] = (),
) -> str:
    """A reply as it reads, gaps and marks visible; what has no proof first; `steps` are (when, what, who)."""
    lines = "".join(f"<p{words.spoken(part.text)}>{_gaps(part, at, words)}</p>" for part in made.parts)
    listed = "".join(_listed(at, citation, words) for citation in made.citations)
    cited = f'<ol class="cited">{listed}</ol>' if listed else ""
    done = "".join(
        f"<li>{when}　{escape(what)}　<span{words.spoken(who)}>{text(who)}</span></li>" for when, what, who in steps
    )
    past = f'<ul class="note">{done}</ul>' if done else ""
    state = f'<p class="verdict" role="status">{escape(words.open_gaps.format(count=open_gaps))}</p>'
    return (
        f'<div class="talk">{problems(wrong, words)}<div class="answer reply">{state}{lines}{cited}{past}</div></div>'
    )


def problems(found: Sequence[str], words: Words) -> str:
    """What does not hold, "" when there is nothing."""
    listed = "".join(f"<li{words.spoken(line)}>{text(line)}</li>" for line in found)
    title = f'<p class="verdict">{escape(words.to_check)}</p>'
    return f'<div class="answer refusal" role="alert">{title}<ul>{listed}</ul></div>' if listed else ""


def _gaps(part: Part, at: int, words: Words) -> str:
    """A paragraph of a reply, its gaps marked."""
    pieces: list[str] = []
    end = 0
    for gap in GAP.finditer(part.text):
        pieces += [
            _marked(part.text[end : gap.start()], at, part.citations, words),
            f'<mark class="gap">{text(gap[0])}</mark>',
        ]
        end = gap.end()
    return "".join(pieces) + _marked(part.text[end:], at, part.citations, words)


def _marked(line: str, at: int, citations: Sequence[Citation], words: Words) -> str:
    """A line with a button for each [n]."""
    pieces: list[str] = []
    end = 0
    known = {citation.n: citation for citation in citations}
    for mark in _MARK.finditer(line):
        citation = known.get(int(mark[1]))
        pieces.append(text(line[end : mark.start()]))
        end = mark.end()
        if citation is None:
            pieces.append(text(mark[0]))
            continue
        label = words.labelled(f"{words.cite} {citation.n}", f"{_name(citation)} {citation.section}")
        pieces.append(_button(at, citation, f"[{citation.n}]", label))
    return "".join(pieces) + text(line[end:])


def _listed(at: int, citation: Citation, words: Words) -> str:
    name = f"{_name(citation)} {citation.section}"
    return f'<li value="{citation.n}"{words.spoken(name)}>{_button(at, citation, name, name)}</li>'


def _button(at: int, citation: Citation, shown: str, label: str) -> str:
    return (
        f'<button type="button" class="cite" data-turn="{at}" data-n="{citation.n}" aria-label="{text(label)}">'
        f"{text(shown)}</button>"
    )


def _name(citation: Citation) -> str:
    return citation.doc_number or citation.title


def source(citation: Citation, document: Document, words: Words) -> str:
    """The section a citation stands in, with the quoted words marked, and how to cite it."""
    facts = [
        (words.document, document.title),
        (words.number, document.doc_number),
        (words.section, _place(citation)),
        (words.issuer, document.issuer),
        (words.issued, document.issue_date),
        (words.period, "—".join(document.period) if document.period else None),
    ]
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd{words.spoken(value)}>{text(value)}</dd>" for name, value in facts if value
    )
    body = _passage(citation, document)
    copies = "".join(
        f'<button type="button" data-copy="{text(value)}" data-done="{escape(words.copied)}">{escape(label)}</button>'
        for label, value in (
            (words.copy_standard, gbt7714(citation, document)),
            (words.copy_plain, plain(citation)),
        )
    )
    return (
        f'<article class="source" aria-label="{escape(words.source)}"><dl>{rows}</dl>'
        f'<div class="passage" tabindex="0"{words.spoken(citation.quote)}>{body}</div>'
        f'<div class="foot">{copies}<button type="button" data-back>{escape(words.back)}</button></div></article>'
    )


def _place(citation: Citation) -> str:
    """The path of a section and its heading, which is said once."""
    said = not citation.heading or citation.section.endswith(citation.heading)
    return citation.section if said else f"{citation.section} {citation.heading}"


def _passage(citation: Citation, document: Document) -> str:
    table = next((table for table in document.tables if table.path == citation.section), None)
    if table is not None and citation.cell is not None:
        return table_html(table, row=citation.cell.row, column=citation.cell.column)
    section = next((section for section in document.walk() if section.path == citation.section), None)
    quoted = Span(citation.start, citation.end)
    paragraphs = section.paragraphs if section is not None else ((quoted,),)
    shown = "".join(f"<p>{_paragraph(paragraph, quoted, document.text)}</p>" for paragraph in paragraphs)
    return (
        shown if "<mark>" in shown else f"<p><mark>{text(document.text[quoted.start : quoted.end])}</mark></p>{shown}"
    )


def _paragraph(paragraph: Sequence[Span], quoted: Span, source: str) -> str:
    """A paragraph's lines joined, with what lies in `quoted` marked."""
    pieces: list[str] = []
    for span in paragraph:
        left, right = max(span.start, quoted.start), min(span.end, quoted.end)
        if left >= right:
            pieces.append(text(source[span.start : span.end]))
            continue
        pieces += [
            text(source[span.start : left]),
            f"<mark>{text(source[left:right])}</mark>",
            text(source[right : span.end]),
        ]
    return "".join(pieces)


def table_html(table: Table, *, row: str | None = None, column: str | None = None) -> str:
    """A table; the cell at `row` (its label) and `column` is marked."""
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in table.columns)
    lines: list[str] = []
    for values in table.rows:
        ours = row is not None and values[table.label_column] == row
        cells = [
            f"<td><mark>{text(value)}</mark></td>" if ours and name == column else f"<td>{text(value)}</td>"
            for name, value in zip(table.columns, values, strict=True)
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    caption = f"<caption>{text(table.caption or table.path)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
