"""The tab 评测: run the known-answer questions and read the report."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import gradio as gr

from errors import WenceError
from eval import gate
from eval.commands import BASELINE
from eval.page import page
from eval.questions import load, shipped
from eval.run import run
from service.access import Role
from service.desk import Desk
from web import html
from web.people import People
from web.words import Words


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What the tab works with."""

    desk: Desk
    people: People
    words: Words

    def report(self, part: float, request: gr.Request, progress: gr.Progress) -> str:
        """Run `part` (0..1) of the set, evenly drawn; the report, in a frame of its own that runs no script."""
        if not self.people.may(request, Role.STAFF):
            raise gr.Error(self.words.may_not, print_exception=False)
        try:
            questions = load(shipped())
            count = max(1, round(len(questions) * part))
            asked = [questions[at * len(questions) // count] for at in range(count)]
            result = run(
                self.desk.searcher(), asked, lambda done, total: progress((done, total), desc=self.words.running)
            )
            verdict = gate.judge(result, gate.load(BASELINE))
        except WenceError as error:
            raise gr.Error(html.text(str(error)), print_exception=False) from error
        frame = escape(page(result, verdict), quote=True)
        return f'<iframe sandbox title="{escape(self.words.figures)}" srcdoc="{frame}" class="report"></iframe>'


def tab(evaluation: Evaluation) -> None:
    """Lay out the tab and wire it."""
    words = evaluation.words
    part = gr.Radio(
        choices=[("10 %", 0.1), ("25 %", 0.25), ("100 %", 1.0)], value=0.1, label=words.share, elem_id="share"
    )
    start = gr.Button(words.run, variant="primary", elem_id="run")
    shown = gr.HTML("", elem_id="report-frame")

    def report(share: float, request: gr.Request, progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008
        return evaluation.report(share, request, progress)

    start.click(report, part, shown, api_visibility="private", concurrency_limit=1)
