"""The tab 问答: ask, read the answer, open its sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from assistant.answer import Answer, Turn
from assistant.transcript import Exchange, markdown, word
from errors import WenceError
from eval.candidates import add, propose
from eval.sources import sources_of
from service.desk import Desk
from web import html
from web.exports import Exports
from web.faults import fault
from web.kept import kept, restored
from web.people import People
from web.sources import opened
from web.words import Words

EXAMPLES = {  # one for each kind of user: firm, staff, evaluator, and whoever reads English
    "zh-CN": (
        "首次入选的独角兽企业奖励多少？",
        "浦东2030年未来产业产值目标是多少？",
        "上海重点发展哪些未来产业？",
        "北京市对量子企业有什么补贴？",
    ),
    "en": (
        "How much is the award for a unicorn enterprise selected for the first time?",
        "Which future industries does Shanghai give priority to?",
        "浦东2030年未来产业产值目标是多少？",
    ),
}
_SCRIPTS = Path(__file__).parent
_KEPT = 50  # exchanges of a conversation


@dataclass(frozen=True, kw_only=True)
class Talk:
    """What the tab works with. `candidates` is the file that reports of users go to."""

    desk: Desk
    people: People
    words: Words
    candidates: Path
    exports: Exports

    def answer(
        self, question: str, exchanges: Sequence[Exchange], request: gr.Request
    ) -> Iterator[tuple[str, list[Exchange], object, object, object]]:
        """The emptied question box, the conversation, how it looks as verified sentences come, and what saves it.

        A file that was saved before is gone: it lacks the new answer.

        Raises gr.Error with one clear line.
        """
        history = [
            turn
            for exchange in exchanges
            for turn in (
                Turn(role="user", content=exchange.question),
                Turn(role="assistant", content=exchange.answer.text),
            )
        ]
        sentences: list[str] = []
        try:
            for event in self.desk.stream(question, history, who=self.people.who(request)):
                if isinstance(event, Answer):
                    longer = [*exchanges, Exchange(question=question, answer=event)][-_KEPT:]
                    yield (
                        "",
                        longer,
                        self.shown(longer, request),
                        gr.Row(visible=True),
                        gr.File(visible=False),
                    )
                else:
                    sentences.append(event.text)
                    if self.desk.model is not None:  # an extractive answer is whole at once
                        coming = html.conversation(exchanges, self.words, (question, sentences))
                        yield "", list(exchanges), coming, gr.Row(visible=bool(exchanges)), gr.File(visible=False)
        except WenceError as error:
            raise fault(error, self.words) from error

    def shown(self, exchanges: Sequence[Exchange], request: gr.Request) -> object:
        """The conversation as it looks, and as the browser is to keep it."""
        return gr.HTML(html.conversation(exchanges, self.words), kept=kept(exchanges, self.people.who(request)))

    def restore(self, text: object, request: gr.Request) -> tuple[list[Exchange], object, object]:
        """The conversation that the browser has kept, how it looks, and what saves it."""
        found = restored(text, self.people.who(request), self.desk.searcher().snapshot)
        if found.gone:
            gr.Warning(self.words.some_gone.format(count=found.gone))
        exchanges = list(found.exchanges)[-_KEPT:]
        return exchanges, self.shown(exchanges, request), gr.Row(visible=bool(exchanges))

    def open_source(self, exchanges: Sequence[Exchange], turn: int, n: int) -> str:
        """The passage behind mark `n` of an exchange."""
        if not 0 <= turn < len(exchanges):
            return ""
        return opened(exchanges[turn].answer.citations, n, self.desk, self.words)

    def report(self, exchange: Exchange, expected: str, quote: str) -> None:
        """Put an exchange among the candidates for the known-answer set. Raises gr.Error with one clear line."""
        try:
            record = propose(
                exchange.question,
                given=exchange.answer.text,
                expected=expected,
                quotes=[line.strip() for line in quote.splitlines() if line.strip()],
                keys=[],
                user="firm",
                sources=sources_of(self.desk.searcher().snapshot),
            )
            add(record, self.candidates)
        except WenceError as error:
            raise fault(error, self.words) from error


def tab(talk: Talk) -> None:
    """Lay out the tab and wire it."""
    words = talk.words
    exchanges = gr.State([])
    reported = gr.State(-1)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            conversation = gr.HTML(
                html.conversation((), words),
                js_on_load="".join((_SCRIPTS / name).read_text(encoding="utf-8") for name in ("talk.js", "kept.js")),
                kept=None,
                elem_id="conversation",
            )
            question = gr.Textbox(
                label=words.question, placeholder=words.question_hint, lines=1, max_lines=6, elem_id="question"
            )
            with gr.Row():
                send = gr.Button(words.ask, variant="primary", elem_id="ask")
                clear = gr.Button(words.clear)
            gr.Examples([[example] for example in EXAMPLES[words.code]], inputs=question, label=words.examples)
            with gr.Group(visible=False) as form:
                expected = gr.Textbox(label=words.report_expected, elem_id="expected")
                quote = gr.Textbox(label=words.report_quote, lines=2)
                submit = gr.Button(words.report_send, elem_id="report")
            with gr.Row(visible=False) as saving:
                save_md = gr.Button(words.save_md, size="sm")
                save_docx = gr.Button(words.save_docx, size="sm")
            saved = gr.File(visible=False, show_label=False, elem_id="saved")
        with gr.Column(scale=2, min_width=320, elem_classes="beside"):
            gr.Markdown(f"## {words.source}")
            source = gr.HTML(
                f'<p class="hint">{words.source_hint}</p>',
                js_on_load=(_SCRIPTS / "source.js").read_text(encoding="utf-8"),
                elem_id="source",
            )

    def restore(event: gr.EventData, request: gr.Request) -> tuple[list[Exchange], object, object]:
        return talk.restore(getattr(event, "text", None), request)

    def click(kept: list[Exchange], event: gr.SelectData) -> str:
        turn, n = event.index
        return talk.open_source(kept, int(turn), int(n))

    def judged(kept: list[Exchange], event: gr.LikeData) -> tuple[int, object]:
        turn = event.index if isinstance(event.index, int) else -1
        if not 0 <= turn < len(kept):
            return -1, gr.Group(visible=False)
        if event.liked:
            exchange = kept[turn]
            quotes = "\n".join(" ".join(citation.quote.split()) for citation in exchange.answer.citations)
            talk.report(exchange, exchange.answer.text, quotes)
            gr.Info(words.thanks)
            return -1, gr.Group(visible=False)
        return turn, gr.Group(visible=True)

    def sent(kept: list[Exchange], turn: int, right: str, proof: str) -> tuple[int, object, str, str]:
        if 0 <= turn < len(kept):
            talk.report(kept[turn], right, proof)
            gr.Info(words.thanks)
        return -1, gr.Group(visible=False), "", ""

    def save(kept: list[Exchange], suffix: str) -> object:
        if not kept:
            raise fault(words.nothing_to_save, words)
        if suffix == ".md":
            return talk.exports.offer(suffix, lambda path: path.write_text(markdown(kept), encoding="utf-8"))
        return talk.exports.offer(suffix, lambda path: word(kept, path))

    asking = [question, exchanges], [question, exchanges, conversation, saving, saved]
    send.click(talk.answer, *asking, api_visibility="private")
    question.submit(talk.answer, *asking, api_visibility="private")
    clear.click(
        lambda: (
            *([], gr.HTML(html.conversation((), words), kept=""), f'<p class="hint">{words.source_hint}</p>'),
            *(gr.Row(visible=False), gr.File(visible=False), -1, gr.Group(visible=False)),
        ),
        None,
        [exchanges, conversation, source, saving, saved, reported, form],
        api_visibility="private",
    )
    conversation.restore(
        restore, None, [exchanges, conversation, saving], api_visibility="private", show_progress="hidden"
    )
    conversation.select(click, exchanges, source, api_visibility="private")
    conversation.like(judged, exchanges, [reported, form], api_visibility="private")
    submit.click(
        sent, [exchanges, reported, expected, quote], [reported, form, expected, quote], api_visibility="private"
    )
    save_md.click(lambda kept: save(kept, ".md"), exchanges, saved, api_visibility="private")
    save_docx.click(lambda kept: save(kept, ".docx"), exchanges, saved, api_visibility="private")
