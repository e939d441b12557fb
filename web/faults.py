"""What goes wrong, as the page says it: one line."""

from __future__ import annotations

import gradio as gr

from web import html


def fault(problem: object) -> gr.Error:
    """An error to raise; `problem` is the line, or the error that holds it."""
    return gr.Error(html.text(str(problem)), print_exception=False)
