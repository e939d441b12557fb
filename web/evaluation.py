"""The tab 评测: run the known-answer questions and read the report."""

from __future__ import annotations

import time
from dataclasses import dataclass
from html import escape

import gradio as gr

from errors import BusyError, WenceError
from eval.page import page
from service.access import Role
from service.trials import Trial, Trials
from web.faults import fault
from web.people import People
from web.words import Words

_LOOK = 0.2  # seconds between two looks at the progress


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What the tab works with."""

    trials: Trials
    people: People
    words: Words

    def report(self, share: float, request: gr.Request, progress: gr.Progress) -> str:
        """Run `share` (0..1) of the set; the report, in a frame of its own that runs no script.

        While a run is under way, somebody else's too, that one is watched: there is one at a time.
        """
        self.people.allow(request, Role.ADMIN, self.words)
        try:
            trial = self._begin(share)
        except WenceError as error:
            raise fault(error, self.words) from error
        while trial.running:
            progress((trial.done, trial.total), desc=self.words.running, unit=self.words.answered_unit)
            time.sleep(_LOOK)
            trial = self.trials.latest or trial
        if trial.result is None:
            raise fault(trial.error or self.words.stopped, self.words)
        frame = escape(page(trial.result, trial.verdict, english=self.words.code == "en"), quote=True)
        return f'<iframe sandbox title="{escape(self.words.figures)}" srcdoc="{frame}" class="report"></iframe>'

    def _begin(self, share: float) -> Trial:
        try:
            return self.trials.start(share)
        except BusyError:
            latest = self.trials.latest
            if latest is None:
                raise
            return latest


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

    start.click(report, part, shown, api_visibility="private")
