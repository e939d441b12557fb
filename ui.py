"""The web page (Gradio): one page in Chinese, the same in English at /en; each tab calls one function for a click."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported

import gradio as gr
from fastapi import FastAPI

from assistant.models import open_model
from service.access import KeyFile, RateLimit
from service.desk import Desk
from service.guard import Figures, Guard
from service.shelf import Shelf
from service.trials import Trials
from settings import Settings, load_settings
from web import drafts, evaluation, firms, library, talk
from web.people import People
from web.words import WORDS, Words

_STYLE = Path(__file__).parent / "web" / "style.css"


def create_ui(settings: Settings | None = None) -> FastAPI:
    """The page over the index of `settings`. Raises WenceError when that cannot be opened."""
    settings = settings or load_settings()
    desk = Desk(settings, open_model(settings))
    shelf = Shelf(settings.library, desk, processes=settings.threads)
    trials = Trials(desk)
    keys = KeyFile(settings.key_file)
    people = People(keys)
    candidates = settings.index.with_name(f"{settings.index.name}.candidates.jsonl")
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, keys=keys, limit=RateLimit(settings.rate), figures=Figures(), page=True)
    app.add_api_route("/ready", _ready)
    for words, path in ((WORDS["en"], "/en"), (WORDS["zh"], "/")):
        gr.mount_gradio_app(
            app,
            _page(
                words,
                desk,
                shelf,
                trials,
                people,
                talk.Talk(desk=desk, words=words, candidates=candidates),
            ),
            path=path,
            auth=people.log_in if people.needed() else None,
            auth_message=words.lead,
            max_file_size="64mb",
            footer_links=[],
            run_history=False,
            ssr_mode=False,
            enable_monitoring=False,
            show_error=True,
            theme=_theme(),
            css_paths=[_STYLE],
        )
    return app


def _page(words: Words, desk: Desk, shelf: Shelf, trials: Trials, people: People, asking: talk.Talk) -> gr.Blocks:
    page: gr.Blocks
    with gr.Blocks(title=words.title, analytics_enabled=False) as page:
        gr.HTML(
            f'<header class="wence-head"><h1>{words.title}</h1><p>{words.lead}</p>'
            f'<a href="{words.other_path}" lang="{words.other_code}">{words.other}</a></header>'
        )
        with gr.Tab(words.tab_ask, id="ask"):
            talk.tab(asking)
        with gr.Tab(words.tab_firms, id="firms"):
            firms.tab(firms.Firms(desk=desk, words=words))
        with gr.Tab(words.tab_draft, id="draft"):
            drafts.tab(drafts.Drafts(desk=desk, people=people, words=words))
        with gr.Tab(words.tab_library, id="library"):
            library.tab(library.Library(desk=desk, shelf=shelf, people=people, words=words))
        with gr.Tab(words.tab_eval, id="eval"):
            evaluation.tab(evaluation.Evaluation(trials=trials, people=people, words=words))
    page.queue(default_concurrency_limit=8)
    return page


async def _ready() -> dict[str, bool]:
    """The page can be opened; before it is made, the first screen answers here that it is not."""
    return {"ok": True}


def _theme() -> gr.themes.Base:
    """System fonts, as the default theme's come from another host; colours that meet WCAG AA in light and dark."""
    fonts = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
    theme = gr.themes.Default(
        primary_hue="blue", neutral_hue="slate", font=fonts, font_mono=["ui-monospace", "Consolas", "monospace"]
    )
    fill = {"button_primary_background_fill": "*primary_700", "button_primary_background_fill_hover": "*primary_800"}
    dark = {f"{name}_dark": value for name, value in fill.items()}
    return theme.set(**fill, **dark, button_primary_text_color="white", button_primary_text_color_dark="white")
