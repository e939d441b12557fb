"""The tab 起草答复: a question becomes a draft to edit, which is kept, reviewed and approved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import gradio as gr

from assistant.approved import STATES, Kept, State
from assistant.draft import ReplyDraft, as_markdown, draft
from assistant.revise import doubts, gaps, revise, text_of
from assistant.word import write_word
from errors import WenceError
from service.access import LOCAL, Role
from service.desk import Desk
from web import html
from web.exports import Exports
from web.faults import fault, said
from web.people import People
from web.sources import opened
from web.words import Words

T = TypeVar("T")
EXAMPLES = ("首次入选的独角兽企业奖励多少？", "雨林计划由谁负责，企业怎样参加？")
_SCRIPTS = Path(__file__).parent
_DRAFT, _KEPT = 0, 1  # which of the two replies on the page a mark belongs to
_LISTED = 50


@dataclass(frozen=True, kw_only=True)
class Drafts:
    """What the tab works with."""

    desk: Desk
    exports: Exports
    people: People
    words: Words

    def draft(self, question: str, request: gr.Request) -> tuple[ReplyDraft, str]:
        """A new draft, and its text to edit."""
        self.people.allow(request, Role.STAFF, self.words)
        reply = self._told(lambda: draft(self.desk.searcher(), question, model=self.desk.model))
        return reply, text_of(reply)

    def look(self, drafted: ReplyDraft | None, text: str) -> str:
        """How the edited draft reads: gaps and marks, how many gaps are open, what has no proof."""
        if drafted is None:
            return ""
        try:
            edited = revise(drafted, text)
            wrong = doubts(edited, drafted, self.desk.searcher().snapshot)
        except WenceError as error:
            return html.problems((said(str(error), self.words),), self.words)
        return html.reply(edited, _DRAFT, self.words, open_gaps=gaps(edited), wrong=wrong)

    def file(self, drafted: ReplyDraft | None, text: str, suffix: str, request: gr.Request) -> object:
        """The edited draft as a file."""
        self.people.allow(request, Role.STAFF, self.words)
        edited = self._edited(drafted, text)
        if suffix == ".md":
            return self.exports.offer(suffix, lambda path: path.write_text(as_markdown(edited), encoding="utf-8"))
        return self._told(lambda: self.exports.offer(suffix, lambda path: write_word(edited, path)))

    def save(self, drafted: ReplyDraft | None, text: str, name: str, request: gr.Request) -> Kept:
        """Keep the edited draft."""
        self.people.allow(request, Role.STAFF, self.words)
        edited, by = self._edited(drafted, text), self._by(name, request)
        return self._told(lambda: self.desk.approved.save(edited, self.desk.searcher().snapshot, by))

    def advance(
        self, number: int | None, to: State, name: str, request: gr.Request, drafted: ReplyDraft | None = None
    ) -> Kept:
        """Take a kept reply to its next state."""
        self.people.allow(request, Role.APPROVER if to == "approved" else Role.STAFF, self.words)
        if number is None:
            raise fault(self.words.no_reply_yet if drafted is None else self.words.keep_first, self.words)
        by = self._by(name, request)
        if to == "approved" and self._told(lambda: self.desk.approved.get(number)).state == "draft":
            raise fault(self.words.review_first, self.words)
        return self._told(lambda: self.desk.approved.advance(number, to, by))

    def listing(self, state: str, search: str, request: gr.Request) -> list[tuple[str, int]]:
        """What is kept, newest first: a line for each, and its number. A reader sees what is approved."""
        wanted: State | None = next((one for one in STATES if one == state), None)
        if not self.people.may(request, Role.STAFF):
            wanted = "approved"
        found = self._told(lambda: self.desk.approved.listing(wanted, search))[:_LISTED]
        return [
            (f"{kept.id}　{self.words.state_names[kept.state]}　{html.shown(kept.question)}", kept.id) for kept in found
        ]

    def kept(self, number: int | None, request: gr.Request) -> Kept | None:
        """A kept reply, None without a number."""
        if number is None:
            return None
        kept = self._told(lambda: self.desk.approved.get(number))
        if kept.state != "approved":
            self.people.allow(request, Role.STAFF, self.words)
        return kept

    def record(self, kept: Kept | None) -> str:
        """A kept reply, who did what with it when, and what no longer holds."""
        if kept is None:
            return ""
        standing = self._told(lambda: self.desk.approved.standing(kept, self.desk.searcher().snapshot))
        steps = [(_moment(step.at), self.words.state_names[step.state], step.by) for step in kept.steps]
        title = self.words.reply_number.format(number=kept.id)
        looks = html.reply(
            kept.reply, _KEPT, self.words, open_gaps=gaps(kept.reply), wrong=standing.problems, steps=steps
        )
        return f"<h2>{html.text(title)}</h2>{looks}"

    def source(self, drafted: ReplyDraft | None, kept: Kept | None, which: int, n: int) -> str:
        """The passage behind a mark of the draft or of the kept reply."""
        reply = drafted if which == _DRAFT else kept.reply if kept else None
        return opened(reply.citations if reply else (), n, self.desk, self.words)

    def _edited(self, drafted: ReplyDraft | None, text: str) -> ReplyDraft:
        if drafted is None:
            raise fault(self.words.no_reply_yet, self.words)
        return self._told(lambda: revise(drafted, text))

    def _by(self, name: str, request: gr.Request) -> str:
        """Whoever logged in; on a machine without keys, whoever the visitor says to be."""
        caller = self.people.caller(request)
        return self.people.who(request) if caller is not LOCAL else name.strip() or LOCAL.who

    def _told(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except WenceError as error:
            raise fault(error, self.words) from error


def _moment(at: str) -> str:
    """A time as the clock of the server's place shows it."""
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"


def tab(drafts: Drafts) -> None:
    """Lay out the tab and wire it."""
    words = drafts.words
    talk_script = (_SCRIPTS / "talk.js").read_text(encoding="utf-8")
    drafted, record = gr.State(None), gr.State(None)
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=320):
            question = gr.Textbox(
                label=words.letter, placeholder=words.letter_hint, lines=2, max_lines=8, elem_id="letter"
            )
            write = gr.Button(words.draft, variant="primary", elem_id="draft")
            gr.Examples([[example] for example in EXAMPLES], inputs=question, label=words.examples)
            editor = gr.Textbox(label=words.editor, info=words.editor_hint, lines=14, max_lines=30, elem_id="editor")
            look = gr.HTML("", js_on_load=talk_script, elem_id="reply")
            with gr.Row():
                save_docx = gr.Button(words.save_docx, size="sm", elem_id="reply-docx")
                save_md = gr.Button(words.save_md, size="sm", elem_id="reply-md")
            saved = gr.File(visible=False, show_label=False, elem_id="saved-reply")
            name = gr.Textbox(
                label=words.your_name, visible=not drafts.people.needed(), max_length=80, elem_id="your-name"
            )
            keep = gr.Button(words.keep, elem_id="keep")
            gr.Markdown(f"## {words.replies}")
            with gr.Row():
                state = gr.Dropdown(
                    choices=[(words.all_states, ""), *((words.state_names[one], one) for one in STATES)],
                    value="",
                    label=words.state,
                    elem_id="reply-state",
                )
                search = gr.Textbox(label=words.find_replies, elem_id="find-replies")
            found = gr.Dropdown(choices=[], value=None, label=words.replies, elem_id="replies")
            shown = gr.HTML("", js_on_load=talk_script, elem_id="kept-reply")
            with gr.Row():
                steps: tuple[tuple[gr.Button, State], ...] = (
                    (gr.Button(words.review, size="sm", elem_id="review"), "reviewed"),
                    (gr.Button(words.approve, size="sm", elem_id="approve"), "approved"),
                    (gr.Button(words.withdraw, size="sm", elem_id="withdraw"), "withdrawn"),
                )
                load = gr.Button(words.edit_again, size="sm", elem_id="edit-again")
        with gr.Column(scale=2, min_width=320, elem_classes="beside"):
            gr.Markdown(f"## {words.source}")
            source = gr.HTML(
                f'<p class="hint">{words.source_hint}</p>',
                js_on_load=(_SCRIPTS / "source.js").read_text(encoding="utf-8"),
                elem_id="draft-source",
            )

    def listed(wanted: str, text: str, request: gr.Request) -> object:
        return gr.Dropdown(choices=drafts.listing(wanted, text, request), value=None)

    def chosen(number: int | None, request: gr.Request) -> tuple[Kept | None, str]:
        kept = drafts.kept(number, request)
        return kept, drafts.record(kept)

    def now(kept: Kept, request: gr.Request) -> tuple[object, object, str, Kept, str]:
        """The list without a filter, with a reply that was just changed."""
        return "", gr.Dropdown(choices=drafts.listing("", "", request), value=kept.id), "", kept, drafts.record(kept)

    def kept_now(reply: ReplyDraft | None, text: str, by: str, request: gr.Request) -> tuple[object, ...]:
        return now(drafts.save(reply, text, by, request), request)

    def edit_again(kept: Kept | None) -> tuple[ReplyDraft, str]:
        if kept is None:
            raise fault(words.no_reply_yet, words)
        return kept.reply, text_of(kept.reply)

    def click(reply: ReplyDraft | None, kept: Kept | None, event: gr.SelectData) -> str:
        return drafts.source(reply, kept, int(event.index[0]), int(event.index[1]))

    def file(suffix: str) -> Callable[[ReplyDraft | None, str, gr.Request], object]:
        def made(reply: ReplyDraft | None, text: str, request: gr.Request) -> object:
            return drafts.file(reply, text, suffix, request)

        return made

    def step(to: State) -> Callable[[int | None, str, ReplyDraft | None, gr.Request], tuple[object, ...]]:
        def taken(number: int | None, by: str, reply: ReplyDraft | None, request: gr.Request) -> tuple[object, ...]:
            return now(drafts.advance(number, to, by, request, reply), request)

        return taken

    changed = [state, found, search, record, shown]
    write.click(drafts.draft, question, [drafted, editor], api_visibility="private")
    editor.change(  # its input event misses what is pasted first after a draft has come
        drafts.look,
        [drafted, editor],
        look,
        api_visibility="private",
        trigger_mode="always_last",
        show_progress="hidden",
    )
    look.select(click, [drafted, record], source, api_visibility="private")
    shown.select(click, [drafted, record], source, api_visibility="private")
    save_docx.click(file(".docx"), [drafted, editor], saved, api_visibility="private")
    save_md.click(file(".md"), [drafted, editor], saved, api_visibility="private")
    keep.click(kept_now, [drafted, editor, name], changed, api_visibility="private")
    state.input(listed, [state, search], found, api_visibility="private")
    search.submit(listed, [state, search], found, api_visibility="private")
    found.focus(listed, [state, search], found, api_visibility="private", show_progress="hidden")
    found.input(chosen, found, [record, shown], api_visibility="private")
    for button, to in steps:
        button.click(step(to), [found, name, drafted], changed, api_visibility="private")
    load.click(edit_again, record, [drafted, editor], api_visibility="private")
