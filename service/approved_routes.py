"""Saved replies over HTTP: save a draft, look through them, review, approve, withdraw. The guard knows who may do what.

A reader sees approved replies only. Who reviews and approves is the key's name; on a machine without keys the request
says who it is.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from assistant.answer import Turn
from assistant.approved import Approved, Kept, State
from assistant.draft import draft
from errors import UsageError
from render import kept_json
from service.access import Caller, Role
from service.desk import Desk
from service.schemas import AskRequest, ByRequest, RepliesModel, ReplyModel
from service.whom import Whom


async def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.service.desk
    return desk


Here = Annotated[Desk, Depends(_desk)]
By = Annotated[ByRequest | None, Body()]
Number = Annotated[int, Path(ge=1, le=2**53, description="答复的编号")]
router = APIRouter(prefix="/v1/approved", tags=["approved"], max_body_size=1024 * 1024)


@router.get("", response_model=RepliesModel, summary="存下的答复，新的在前")
def list_route(
    desk: Here,
    caller: Whom,
    state: Annotated[Literal["draft", "reviewed", "approved", "withdrawn", "all"], Query()] = "approved",
    search: Annotated[str, Query(max_length=200, description="问题或答复里的词")] = "",
) -> JSONResponse:
    """Replies in a state; a reader may ask for the approved ones."""
    if state != "approved":
        _allow(caller)
    found = desk.approved.listing(None if state == "all" else state, search)
    return JSONResponse({"replies": [kept_json(kept) for kept in found]})


@router.get("/{number}", response_model=ReplyModel, summary="一份答复，并对照现行文件核对")
def show_route(number: Number, desk: Here, caller: Whom) -> JSONResponse:
    """The reply with its steps, and what no longer holds."""
    kept = desk.approved.get(number)
    if kept.state != "approved":
        _allow(caller)
    return JSONResponse(kept_json(kept, desk.approved.standing(kept, desk.searcher().snapshot).problems))


@router.post("", response_model=ReplyModel, summary="起草并存下一份答复")
def save_route(body: AskRequest, desk: Here, caller: Whom) -> JSONResponse:
    """The saved draft."""
    searcher = desk.searcher()
    history = tuple(Turn(role=turn.role, content=turn.content) for turn in body.history)
    reply = draft(searcher, body.question, history, model=desk.model)
    return JSONResponse(kept_json(desk.approved.save(reply, searcher.snapshot, caller.who)))


@router.post("/{number}/review", response_model=ReplyModel, summary="审核：草稿 → 已审核")
def review_route(number: Number, desk: Here, caller: Whom, body: By = None) -> JSONResponse:
    """The reviewed reply."""
    return _advanced(desk.approved, number, "reviewed", caller, body)


@router.post("/{number}/accept", response_model=ReplyModel, summary="批准：已审核 → 已批准")
def accept_route(number: Number, desk: Here, caller: Whom, body: By = None) -> JSONResponse:
    """The approved reply: from now on it is given first when the same question comes."""
    return _advanced(desk.approved, number, "approved", caller, body)


@router.post("/{number}/withdraw", response_model=ReplyModel, summary="撤回：不再采用")
def withdraw_route(number: Number, desk: Here, caller: Whom, body: By = None) -> JSONResponse:
    """The withdrawn reply."""
    return _advanced(desk.approved, number, "withdrawn", caller, body)


def _advanced(approved: Approved, number: int, to: State, caller: Caller, body: ByRequest | None) -> JSONResponse:
    kept: Kept = approved.advance(number, to, _name(caller, body))
    return JSONResponse(kept_json(kept))


def _name(caller: Caller, body: ByRequest | None) -> str:
    """Who it is. Raises UsageError when the request gives another name than its key's."""
    if body is None or body.by is None:
        return caller.who
    if not caller.local and body.by != caller.name:
        raise UsageError(f"by 应是密钥的名称（{caller.name}），现为另一个；请去掉 by，或换用那个人的密钥")
    return body.by


def _allow(caller: Caller) -> None:
    if caller.role < Role.STAFF:
        raise HTTPException(403, f"这个密钥的角色是 {caller.role.name.lower()}，只能看已批准的答复；请联系管理员")
