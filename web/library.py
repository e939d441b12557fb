"""The tab 文档库: what is in the index, and how to add to it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from errors import WenceError
from index.build import BuildReport
from ingest.files import SUFFIXES
from service.access import Role
from service.desk import Desk
from service.shelf import Shelf, Upload
from web import html
from web.document import outline
from web.faults import fault
from web.people import People
from web.words import Words


@dataclass(frozen=True, kw_only=True)
class Library:
    """What the tab works with."""

    desk: Desk
    shelf: Shelf
    people: People
    words: Words

    def choices(self) -> list[tuple[str, str]]:
        """Each document's name and id."""
        entries = self.desk.searcher().snapshot.entries
        return [(f"{entry.title}（{entry.doc_number or entry.file}）", entry.id) for entry in entries]

    def show(self, doc: str | None) -> str:
        """A document, as HTML."""
        if not doc:
            return ""
        snapshot = self.desk.searcher().snapshot
        try:
            twins = [snapshot.entry(other) for other in snapshot.renderings(doc)]
            return outline(snapshot.document(doc), self.words, twins)
        except WenceError as error:
            raise fault(error, self.words) from error

    def preview(self, files: list[str] | None, request: gr.Request) -> str:
        """The outlines of files that are not in the index yet."""
        self.people.allow(request, Role.STAFF, self.words)
        if not files:
            raise fault(self.words.no_file, self.words)
        try:
            documents = [self.shelf.preview(upload) for upload in _uploads(files)]
        except WenceError as error:
            raise fault(error, self.words) from error
        return "".join(outline(document, self.words) for document in documents)

    def add(self, files: list[str] | None, request: gr.Request) -> tuple[object, object, str]:
        """The new list of documents, the emptied upload box, and the first new document."""
        self.people.allow(request, Role.STAFF, self.words)
        if not files:
            raise fault(self.words.no_file, self.words)
        return self._changed(lambda: self.shelf.add(_uploads(files)), {Path(path).name for path in files})

    def remove(self, doc: str | None, request: gr.Request) -> tuple[object, object, str]:
        """The new list of documents."""
        self.people.allow(request, Role.ADMIN, self.words)
        return self._changed(lambda: self.shelf.remove(doc or ""))

    def _changed(self, change: Callable[[], BuildReport], shown: Collection[str] = ()) -> tuple[object, object, str]:
        """`shown` are the files of which the first is shown then; without any, the first of all documents."""
        try:
            report = change()
            choices = self.choices()
        except WenceError as error:
            raise fault(error, self.words) from error
        counted = self.words.changed.format(
            added=report.added, updated=report.updated, removed=report.removed, documents=report.documents
        )
        gr.Info(counted)
        for warned in report.warnings:
            gr.Warning(html.text(warned.warning))
        entries = self.desk.searcher().snapshot.entries
        first = next((one.id for one in entries if Path(one.path).name in shown), entries[0].id if entries else None)
        return gr.Dropdown(choices=choices, value=first), None, self.show(first)


def tab(library: Library) -> None:
    """Lay out the tab and wire it."""
    words = library.words
    choices = library.choices()
    with gr.Row(equal_height=False):
        with gr.Column(scale=1, min_width=280):
            chosen = gr.Dropdown(
                choices=choices, value=choices[0][1] if choices else None, label=words.documents, elem_id="documents"
            )
            with gr.Accordion(words.upload, open=False, elem_id="upload"):
                gr.Markdown(f"{words.upload_hint}\n\n{words.readable}{' '.join(SUFFIXES)}")
                files = gr.File(label=words.upload, file_count="multiple", elem_id="files")
                look = gr.Button(words.preview)
                keep = gr.Button(words.add, variant="primary")
            with gr.Accordion(words.remove, open=False):
                drop = gr.Button(words.remove_sure, variant="stop")
        with gr.Column(scale=3, min_width=320):
            shown = gr.HTML(
                library.show(choices[0][1]) if choices else "",
                js_on_load=(Path(__file__).parent / "library.js").read_text(encoding="utf-8"),
                elem_id="document",
            )

    def related(event: gr.SelectData) -> tuple[str, str]:
        return str(event.value), library.show(str(event.value))

    chosen.change(library.show, chosen, shown, api_visibility="private")
    shown.select(related, None, [chosen, shown], api_visibility="private")
    look.click(library.preview, files, shown, api_visibility="private")
    keep.click(library.add, files, [chosen, files, shown], api_visibility="private")
    drop.click(library.remove, chosen, [chosen, files, shown], api_visibility="private")


def _uploads(files: list[str] | None) -> list[Upload]:
    return [Upload(name=Path(path).name, data=Path(path).read_bytes()) for path in files or ()]
