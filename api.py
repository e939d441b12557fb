"""The HTTP interface: every route calls one function and gives back the objects that the command line prints."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, FastAPI, File, Query, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from fastapi.staticfiles import StaticFiles
from mcp.server.transport_security import TransportSecuritySettings
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException as StarletteHTTPException

import render
from assistant.answer import Answer, Turn, answer_json
from assistant.draft import draft
from assistant.match import match
from assistant.profile import read_profile
from errors import BusyError, ConfigError, IngestError, MissingError, SnapshotError, StateError, UsageError, WenceError
from ingest.document import Document
from ingest.files import MAX_BYTES
from service import approved_routes, chat
from service.agents import Posts, agent_server
from service.english import in_english, prefers_english
from service.faults import invalid, unread
from service.guard import Entrance, Guard
from service.schemas import (
    AnswerModel,
    AskRequest,
    BuildModel,
    ChatRequest,
    DocumentModel,
    DocumentsModel,
    EvalModel,
    EvalRequest,
    FaultModel,
    HitsModel,
    MatchRequest,
    profile_text,
)
from service.service import Service, open_service
from service.shelf import Upload
from service.trials import trial_json
from service.whom import Whom
from settings import Settings, load_settings

_STATUS: dict[type[WenceError], int] = {  # the first that fits
    MissingError: 404,
    StateError: 409,
    UsageError: 400,
    ConfigError: 409,
    BusyError: 409,
    IngestError: 422,
    SnapshotError: 503,
}
_FAULTS: dict[int | str, dict[str, Any]] = {
    status: {"model": FaultModel} for status in (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
}
_WORKERS = 8  # answers at once: working one out needs a processor, and more would only wait for each other
_BODY = 1024 * 1024  # bytes of a request that uploads nothing
_FORM = 1024 * 1024  # bytes that an upload's form needs beside its files
_log = logging.getLogger("wence")


def create_app(settings: Settings | None = None, service: Service | None = None, *, page: str | None = None) -> FastAPI:
    """The application over the index of `settings`, or over an opened `service`.

    `page`: the path that `ui.add_page` will put the web page at. Raises WenceError when the index cannot be opened.
    """
    here = service or open_service(settings or load_settings())
    agents = agent_server(here.desk)
    mcp = agents.streamable_http_app(
        streamable_http_path="/",
        stateless_http=True,
        json_response=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),  # the guard sees to it
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if here.desk.model is None:
            to_thread.current_default_thread_limiter().total_tokens = _WORKERS
        with here.ending:
            async with agents.session_manager.run():
                yield

    app = FastAPI(
        title="Wence 问策",
        version="1",
        summary="从中国政策文件里回答问题，句句注明出处。",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses=_FAULTS,
    )
    app.state.service = here
    app.include_router(router)
    app.include_router(approved_routes.router)
    app.mount("/mcp", Posts(mcp))
    app.mount("/docs/assets", StaticFiles(packages=[("fastapi_swagger", "resources")]))
    entrance = None if page is None else Entrance(base=page, sessions=here.sessions)
    app.add_middleware(Guard, keys=here.keys, limit=here.limit, figures=here.figures, page=entrance)
    app.add_exception_handler(WenceError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StarletteHTTPException, _http)
    app.add_exception_handler(Exception, _unknown)
    return app


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Here = Annotated[Service, Depends(_service)]
router = APIRouter(max_body_size=_BODY)


@router.post("/v1/ask", response_model=AnswerModel, summary="回答一个问题", tags=["ask"])
def ask_route(body: AskRequest, here: Here, caller: Whom) -> Response:
    """The answer object; a refusal is an answer."""
    history = tuple(Turn(role=turn.role, content=turn.content) for turn in body.history)
    answer = here.desk.ask(body.question, history, who=caller.who)
    return Response(answer_json(answer, body.id), media_type="application/json")


@router.post(
    "/v1/ask/stream",
    summary="回答一个问题，边核对边送出",
    tags=["ask"],
    response_class=EventSourceResponse,
)
def ask_stream_route(body: AskRequest, here: Here, caller: Whom, request: Request) -> Iterator[ServerSentEvent]:
    """Server-sent events: a `sentence` for each that is verified, then the `answer` object; or an `error`."""
    history = tuple(Turn(role=turn.role, content=turn.content) for turn in body.history)
    try:
        for event in here.desk.stream(body.question, history, who=caller.who):
            if isinstance(event, Answer):
                yield ServerSentEvent(event="answer", raw_data=answer_json(event, body.id))
            else:
                yield ServerSentEvent(event="sentence", data={"text": event.text})
    except WenceError as error:  # the status has been sent already
        yield ServerSentEvent(event="error", data={"code": _status(error), "message": _said(request, str(error))})


@router.post("/v1/match", summary="企业可用哪些条款", tags=["match"])
def match_route(body: MatchRequest, here: Here) -> JSONResponse:
    """The object of `wence match`: applies, maybe, excluded, and what to ask back."""
    return JSONResponse(render.matches_json(match(here.desk.searcher().snapshot, read_profile(profile_text(body)))))


@router.post("/v1/draft", summary="起草一份答复", tags=["draft"])
def draft_route(body: AskRequest, here: Here) -> JSONResponse:
    """The object of `wence draft --json`: paragraphs with their citations, gaps marked."""
    history = tuple(Turn(role=turn.role, content=turn.content) for turn in body.history)
    return JSONResponse(render.draft_json(draft(here.desk.searcher(), body.question, history, model=here.desk.model)))


@router.get("/v1/search", response_model=HitsModel, summary="查与问题最接近的段落", tags=["search"])
def search_route(
    here: Here,
    question: Annotated[str, Query(min_length=1, max_length=20_000, examples=["合成生物 园区"])],
    k: Annotated[int, Query(ge=1, le=100)] = 10,
) -> JSONResponse:
    """Passages, best first."""
    searcher = here.desk.searcher()
    rows = [
        render.hit_json(rank, hit, searcher.snapshot.document(hit.chunk.doc))
        for rank, hit in enumerate(searcher.search(question, k=k), 1)
    ]
    return JSONResponse({"hits": rows})


@router.get("/v1/documents", response_model=DocumentsModel, summary="索引里的文件", tags=["documents"])
def documents_route(here: Here) -> DocumentsModel:
    """Every document of the index."""
    entries = here.desk.searcher().snapshot.entries
    return DocumentsModel(
        documents=[DocumentModel(doc=e.id, file=e.file, title=e.title, doc_number=e.doc_number) for e in entries]
    )


@router.get("/v1/documents/{doc}", summary="一份文件的目录、表格和要素", tags=["documents"])
def document_route(doc: str, here: Here) -> JSONResponse:
    """The outline object of `wence outline`."""
    return JSONResponse(render.outline_json(_document(here, doc)))


@router.get("/v1/documents/{doc}/text", summary="一份文件解码后的文本", tags=["documents"])
def text_route(doc: str, here: Here) -> PlainTextResponse:
    """The text that offsets count in."""
    return PlainTextResponse(_document(here, doc).text)


@router.post(
    "/v1/documents/preview",
    summary="看一份文件会成为怎样的目录，不入库",
    tags=["documents"],
    max_body_size=MAX_BYTES + _FORM,
    form_limits={"max_files": 1, "max_fields": 0},
)
def preview_route(file: Annotated[UploadFile, File()], here: Here) -> JSONResponse:
    """The outline of an upload; nothing is kept."""
    return JSONResponse(render.outline_json(here.shelf.preview(_upload(file))))


@router.post(
    "/v1/documents",
    response_model=BuildModel,
    summary="加入文件",
    tags=["documents"],
    max_body_size=MAX_BYTES + _FORM,
    form_limits={"max_files": 20, "max_fields": 0},
)
def add_route(files: Annotated[list[UploadFile], File()], here: Here) -> JSONResponse:
    """Keep and index documents; all of them or none."""
    return JSONResponse(render.report_json(here.shelf.add([_upload(file) for file in files])))


@router.delete("/v1/documents/{doc}", response_model=BuildModel, summary="删除一份文件", tags=["documents"])
def remove_route(doc: str, here: Here) -> JSONResponse:
    """Take an uploaded document out of the index."""
    return JSONResponse(render.report_json(here.shelf.remove(_document(here, doc).id)))


@router.post("/v1/eval", response_model=EvalModel, status_code=202, summary="开始一次评测", tags=["eval"])
def start_eval_route(body: EvalRequest, here: Here) -> JSONResponse:
    """Begin to run the known-answer set; 409 while a run is under way."""
    return JSONResponse(trial_json(here.trials.start(body.share, body.types)), 202)


@router.get("/v1/eval", response_model=EvalModel, summary="评测的进度和结果", tags=["eval"])
def eval_route(here: Here, rows: Annotated[bool, Query(description="带上每道题和它的答案")] = False) -> JSONResponse:
    """The run under way, or the last one since the start; `idle` when there was none."""
    return JSONResponse(trial_json(here.trials.latest, rows=rows))


@router.delete("/v1/eval", response_model=EvalModel, summary="停下评测", tags=["eval"])
def stop_eval_route(here: Here) -> JSONResponse:
    """End the run under way after its present question."""
    return JSONResponse(trial_json(here.trials.stop()))


@router.get("/v1/models", summary="OpenAI 协议：模型", tags=["openai"])
def models_route() -> JSONResponse:
    """The one model there is."""
    return JSONResponse({"object": "list", "data": [{"id": chat.MODEL, "object": "model", "owned_by": "wence"}]})


@router.post("/v1/chat/completions", summary="OpenAI 协议：对话，引文在消息里", tags=["openai"])
def chat_route(body: ChatRequest, here: Here, caller: Whom) -> Response:
    """A chat completion, streamed when asked for."""
    question, history = chat.asked(body.messages)
    answer = here.desk.ask(question, history, who=caller.who)
    if not body.stream:
        return JSONResponse(chat.completion(answer))
    return StreamingResponse((f"data: {chunk}\n\n" for chunk in chat.chunks(answer)), media_type="text/event-stream")


@router.get("/health", summary="进程活着", tags=["service"])
async def health_route() -> JSONResponse:
    """Alive; waits for no answer under way."""
    return JSONResponse({"ok": True})


@router.get("/ready", summary="可以回答", tags=["service"])
async def ready_route(here: Here) -> JSONResponse:
    """The index is open; its documents and when it was built. Waits for no answer under way."""
    manifest = here.desk.opened.snapshot.manifest
    return JSONResponse({"ok": True, "documents": manifest.counts.documents, "built_at": manifest.built_at})


@router.get("/metrics", summary="Prometheus 指标", tags=["service"], response_class=PlainTextResponse)
def metrics_route(here: Here) -> Response:
    """Counts and times since the start."""
    return Response(generate_latest(here.figures.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/docs", include_in_schema=False)
def docs_route() -> HTMLResponse:
    """The interface, to be read and tried; its scripts come with the project, not from another host."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Wence 问策 API",
        swagger_js_url="/docs/assets/swagger-ui-bundle.js",
        swagger_css_url="/docs/assets/swagger-ui.css",
        swagger_favicon_url="/docs/assets/favicon-32x32.png",
    )


def _document(here: Service, name: str) -> Document:
    snapshot = here.desk.searcher().snapshot
    entry = snapshot.find(name)
    if entry is None:
        raise StarletteHTTPException(404, f"索引里没有这份文件：{name[:80]!r}；GET /v1/documents 列出所有文件")
    return snapshot.document(entry.id)


def _upload(file: UploadFile) -> Upload:
    return Upload(name=file.filename or "", data=file.file.read())


def _fault(request: Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": {"code": status, "message": _said(request, message)}}, status, headers)


def _said(request: Request, message: str) -> str:
    """An error's line in the language that the caller prefers."""
    return in_english(message) if prefers_english(request.headers.get("accept-language", "")) else message


def _known(request: Request, error: Exception) -> JSONResponse:
    return _fault(request, _status(error), str(error))


def _status(error: Exception) -> int:
    return next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    english = prefers_english(request.headers.get("accept-language", ""))
    return _fault(
        request, 422, invalid(error.errors(), english=english) + (": see /docs" if english else "；格式见 /docs")
    )


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StarletteHTTPException)
    lines = {404: "没有这个地址；见 /docs", 405: "这个地址不接受这种方法；见 /docs"}
    standard = HTTPStatus(error.status_code).phrase
    detail = str(error.detail)
    said = lines.get(error.status_code, standard) if detail == standard else unread(detail) or detail
    return _fault(request, error.status_code, said, error.headers)


def _unknown(request: Request, error: Exception) -> JSONResponse:
    """What nobody expected: the log knows, the answer does not say."""
    _log.error("unexpected", exc_info=error)
    return _fault(request, 500, "服务出错了，已记入日志；请稍后再试，或把响应头里的 x-request-id 告诉管理员")
