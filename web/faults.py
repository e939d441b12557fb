"""What goes wrong, as the page says it: one line in its language."""

from __future__ import annotations

import gradio as gr

from service.english import in_english
from web import html
from web.words import Words


def fault(problem: object, words: Words) -> gr.Error:
    """An error to raise; `problem` is the line, or the error that holds it."""
    return gr.Error(html.text(said(str(problem), words)), print_exception=False)


def said(line: str, words: Words) -> str:
    """A line of Wence's in the language of the page."""
    return line if words.code.startswith("zh") else in_english(line)
