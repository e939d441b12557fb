"""The web page (Gradio): one page in Chinese, the same in English at /en; each tab calls one function for a click."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported

import gradio as gr
from fastapi import FastAPI
from starlette.middleware import Middleware

from service.guard import Entrance, Guard
from service.service import Service, open_service
from settings import Settings, load_settings
from web import drafts, evaluation, firms, library, talk
from web.exports import Exports
from web.frame import Frame
from web.gate import Gate
from web.heartbeats import Heartbeats
from web.languages import WORDS
from web.login import login_routes
from web.people import People, known
from web.words import Words

_UPLOADS = (3600, 86_400)  # every hour, what visitors sent or fetched more than a day ago is deleted
_STYLE = Path(__file__).parent / "web" / "style.css"


@dataclass(frozen=True, kw_only=True)
class Tabs:
    """What the tabs of one language work with."""

    ask: talk.Talk
    firms: firms.Firms
    drafts: drafts.Drafts
    library: library.Library
    evaluation: evaluation.Evaluation


def create_ui(settings: Settings | None = None, leaving: asyncio.Event | None = None) -> FastAPI:
    """The page alone, over the index of `settings`; `leaving` is set when the server is told to stop.

    Raises WenceError when the index cannot be opened.
    """
    service = open_service(settings or load_settings(), leaving)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with service.ending:
            yield

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    entrance = Entrance(base="", sessions=service.sessions)
    app.add_middleware(Guard, keys=service.keys, limit=service.limit, figures=service.figures, page=entrance)
    app.add_api_route("/ready", _ready)
    add_page(app, service, "")
    return app


def add_page(app: FastAPI, service: Service, base: str) -> None:
    """Put the page at `base` ("" or "/ui") of an application whose guard knows of it (`service.guard.Entrance`)."""
    settings = service.settings
    people = People(service.keys)
    candidates = settings.index.with_name(f"{settings.index.name}.candidates.jsonl")
    exports = Exports()
    service.ending.callback(exports.close)
    app.add_middleware(Heartbeats, leaving=service.leaving)
    app.add_middleware(Frame, languages={base: WORDS["zh"].code, f"{base}/en": WORDS["en"].code})
    for words, home in ((WORDS["en"], f"{base}/en"), (WORDS["zh"], base)):
        app.include_router(login_routes(service, words, base, home))
        tabs = Tabs(
            ask=talk.Talk(desk=service.desk, people=people, words=words, candidates=candidates, exports=exports),
            firms=firms.Firms(desk=service.desk, exports=exports, words=words),
            drafts=drafts.Drafts(desk=service.desk, exports=exports, people=people, words=words),
            library=library.Library(desk=service.desk, shelf=service.shelf, people=people, words=words),
            evaluation=evaluation.Evaluation(trials=service.trials, people=people, words=words),
        )
        page = _page(words, tabs, base, home if people.needed() else None)
        gr.mount_gradio_app(
            app,
            page,
            path=home or "/",
            app_kwargs={"middleware": [Middleware(Gate, page=page, words=words)]},
            auth_dependency=known,
            max_file_size="64mb",
            footer_links=[],
            run_history=False,
            ssr_mode=False,
            enable_monitoring=False,
            show_error=True,
            theme=_theme(),
            css_paths=[_STYLE],
            js=_script(words),
            i18n=gr.I18n(**{words.code: dict(words.gradio_keys)}),
        )


def _script(words: Words) -> str:
    """What the page does by itself; it heads messages in its language."""
    titles = {"error": words.title_fault, "info": words.title_done, "warning": words.title_warning}
    script = (Path(__file__).parent / "web" / "page.js").read_text(encoding="utf-8")
    for name, said in (("TITLES", titles), ("TEXTS", dict(words.gradio_texts)), ("GONE", words.gone)):
        script = script.replace(name, json.dumps(said, ensure_ascii=False))
    return script


def _page(words: Words, tabs: Tabs, base: str, leave: str | None) -> gr.Blocks:
    """The page of one language; `leave`: below which address its visitors log out."""
    out = ""
    if leave is not None:
        out = f'<form method="post" action="{leave}/leave"><button>{words.log_out}</button></form>'
    page: gr.Blocks
    with gr.Blocks(title=words.title, analytics_enabled=False, delete_cache=_UPLOADS) as page:
        gr.HTML(
            f'<header class="wence-head"><h1>{words.title}</h1><p>{words.lead}</p>'
            f'<a href="{base}{words.other_path}" lang="{words.other_code}">{words.other}</a>{out}</header>'
        )
        with gr.Tab(words.tab_ask, id="ask"):
            talk.tab(tabs.ask)
        with gr.Tab(words.tab_firms, id="firms"):
            firms.tab(tabs.firms)
        with gr.Tab(words.tab_draft, id="draft"):
            drafts.tab(tabs.drafts)
        with gr.Tab(words.tab_library, id="library"):
            library.tab(tabs.library)
        with gr.Tab(words.tab_eval, id="eval"):
            evaluation.tab(tabs.evaluation)
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
