"""Who asks, as a route is given it: whoever the guard has let in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from service.access import Caller


async def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


Whom = Annotated[Caller, Depends(_caller)]
