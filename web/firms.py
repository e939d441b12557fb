"""The tab 适用政策: what a firm may claim, what must be confirmed, what does not apply and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from pathlib import Path

import gradio as gr

from assistant.export import export
from assistant.match import Match, Matches, match
from assistant.profile import read_profile
from errors import WenceError
from service.desk import Desk
from web import html
from web.exports import Exports
from web.faults import fault
from web.firm_english import in_english
from web.sources import opened
from web.words import Words

EXAMPLE = "张江一家细胞治疗初创企业，有高新技术企业资质，B轮，需要资金、场地和临床试验支持"
_SCRIPTS = Path(__file__).parent
_SHOWN = 30  # cards of one verdict; the export holds all


@dataclass(frozen=True, kw_only=True)
class Firms:
    """What the tab works with."""

    desk: Desk
    exports: Exports
    words: Words

    def find(self, profile: str) -> tuple[Matches, str, object, object, object, object]:
        """The matches of a firm, how they look, what to filter them by, and what saves them.

        Raises gr.Error with one clear line.
        """
        try:
            found = match(self.desk.searcher().snapshot, read_profile(profile))
        except WenceError as error:
            raise fault(error, self.words) from error
        measures, documents = filters(found, self.words)
        return (
            found,
            cards(found, self.words),
            gr.Dropdown(choices=[(self.words.any_measure, ""), *measures], value="", visible=True),
            gr.Dropdown(choices=[(self.words.any_document, ""), *documents], value="", visible=True),
            gr.Row(visible=True),
            gr.File(visible=False),
        )

    def open_source(self, found: Matches | None, n: int) -> str:
        """The passage behind a card."""
        if found is None:
            return ""
        items = (*found.applies, *found.maybe, *found.excluded)
        return opened((item.citation for item in items), n, self.desk, self.words)

    def save(self, found: Matches | None, suffix: str) -> object:
        """A file with every provision. Raises gr.Error when there is nothing to save."""
        if found is None:
            raise fault(self.words.no_match_yet, self.words)
        return self.exports.offer(suffix, lambda path: export(found, path))


def said(line: str, words: Words) -> str:
    """What Wence says on a card, in the language of the page."""
    return line if words.code.startswith("zh") else in_english(line)


def filters(found: Matches, words: Words) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The measures and the documents of the matches, the most frequent first: what is shown, and what is chosen."""
    items = (*found.applies, *found.maybe, *found.excluded)
    measures = Counter(word for item in items for word in dict.fromkeys(_measures(item)))
    documents = Counter(item.citation.doc for item in items)
    titles = {item.citation.doc: html.shown(item.citation.title) for item in items}
    return (
        [(words.counted.format(name=said(word, words), count=count), word) for word, count in measures.most_common()],
        [(words.counted.format(name=titles[doc], count=count), doc) for doc, count in documents.most_common()],
    )


def cards(found: Matches, words: Words, measure: str = "", document: str = "") -> str:
    """Three lists of cards, of one measure and one document when they are given; what a firm should say is first."""
    questions = [said(question, words) for question in found.ask]
    asked = "".join(f"<li{words.spoken(question)}>{html.text(question)}</li>" for question in questions)
    parts = [f"<h2>{escape(words.please_add)}</h2><ul>{asked}</ul>"] if asked else []
    if measure or document:
        total = len(found.applies) + len(found.maybe) + len(found.excluded)
        parts.append(f'<p role="status">{escape(words.of_these.format(count=total))}</p>')
    for name, items in ((words.applies, found.applies), (words.maybe, found.maybe), (words.excluded, found.excluded)):
        wanted = [
            item
            for item in items
            if (not measure or measure in _measures(item)) and (not document or item.citation.doc == document)
        ]
        shown = "".join(_card(item, words) for item in wanted[:_SHOWN]) or f"<p>{escape(words.none)}</p>"
        if len(wanted) > _SHOWN:
            shown += f"<p>{escape(words.unlisted.format(count=len(wanted) - _SHOWN))}</p>"
        title = words.counted.format(name=escape(name), count=len(wanted))
        if items is found.excluded and not (measure or document):
            parts.append(f"<details><summary><h2>{title}</h2></summary>{shown}</details>")
        else:
            parts.append(f"<h2>{title}</h2>{shown}")
    return f'<div class="talk firms">{"".join(parts)}</div>'


def _measures(item: Match) -> tuple[str, ...]:
    """What a provision offers, as its card names it when it names no measure."""
    return tuple(word.value for word in item.provision.measures) or (item.measure,)


def _card(item: Match, words: Words) -> str:
    citation = item.citation
    name = f"{citation.doc_number or citation.title} {citation.section}"
    reasons = item.missing or ((item.why_not,) if item.why_not else item.why)
    amount = f" · {html.text(item.amount)}" if item.amount else ""
    who = html.told(words.who, said(item.who, words), "who", words) if item.who else ""
    notes = html.told(words.note, said("；".join(item.notes), words), "note", words) if item.notes else ""
    quote, why = " ".join(citation.quote.split()), said("；".join(reason for reason in reasons if reason), words)
    measure = said(item.measure, words)
    return (
        f'<section class="answer"><p class="verdict"{words.spoken(measure)}>{html.text(measure)}'
        f"<span{words.spoken(amount)}>{amount}</span></p>"
        f"<p{words.spoken(quote)}>{html.text(quote)}</p>{who}<p{words.spoken(why)}>{html.text(why)}</p>{notes}"
        f'<button type="button" class="cite" data-turn="0" data-n="{citation.n}"{words.spoken(name)}>'
        f"{html.text(name)}</button></section>"
    )


def tab(firms: Firms) -> None:
    """Lay out the tab and wire it."""
    words = firms.words
    found = gr.State(None)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            profile = gr.Textbox(label=words.firm, placeholder=words.firm_hint, lines=3, max_lines=8, elem_id="firm")
            go = gr.Button(words.match, variant="primary", elem_id="match")
            gr.Examples([[EXAMPLE]], inputs=profile, label=words.examples)
            with gr.Row():
                measure = gr.Dropdown(choices=[], label=words.measure, visible=False, elem_id="measure")
                document = gr.Dropdown(choices=[], label=words.document, visible=False, elem_id="of-document")
            with gr.Row(visible=False) as saving:
                save_xlsx = gr.Button(words.save_xlsx, size="sm")
                save_docx = gr.Button(words.save_docx, size="sm")
            saved = gr.File(visible=False, show_label=False, elem_id="saved-matches")
            listed = gr.HTML("", js_on_load=(_SCRIPTS / "talk.js").read_text(encoding="utf-8"), elem_id="matches")
        with gr.Column(scale=2, min_width=320, elem_classes="beside"):
            gr.Markdown(f"## {words.source}")
            source = gr.HTML(
                f'<p class="hint">{words.firm_source_hint}</p>',
                js_on_load=(_SCRIPTS / "source.js").read_text(encoding="utf-8"),
                elem_id="firm-source",
            )

    def click(kept: Matches | None, event: gr.SelectData) -> str:
        return firms.open_source(kept, int(event.index[1]))

    def filtered(kept: Matches | None, of_measure: str | None, of_document: str | None) -> str:
        return cards(kept, words, of_measure or "", of_document or "") if kept else ""

    go.click(firms.find, profile, [found, listed, measure, document, saving, saved], api_visibility="private")
    for chosen in (measure, document):
        chosen.input(filtered, [found, measure, document], listed, api_visibility="private")
    listed.select(click, found, source, api_visibility="private")
    save_xlsx.click(lambda kept: firms.save(kept, ".xlsx"), found, saved, api_visibility="private")
    save_docx.click(lambda kept: firms.save(kept, ".docx"), found, saved, api_visibility="private")
