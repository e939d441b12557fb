"""Who uses the page: whoever the guard let in; what a visitor may do follows from the role of the key."""

from __future__ import annotations

from fastapi import Request
from gradio import Request as PageRequest

from service.access import LOCAL, Caller, KeyFile, Role
from web.faults import fault
from web.words import Words


class People:
    """Visitors of the page; without any key whoever sits at this machine may do everything."""

    def __init__(self, keys: KeyFile) -> None:
        """Reads the keys whenever it is asked."""
        self._keys = keys

    def needed(self) -> bool:
        """Whether visitors must log in."""
        return bool(self._keys.all())

    def caller(self, request: PageRequest) -> Caller | None:
        """The visitor who sent the request; `None` when the key has been taken back since."""
        if request.username == LOCAL.id and not self.needed():
            return LOCAL
        return self._keys.holder(request.username or "")

    def may(self, request: PageRequest, role: Role) -> bool:
        """Whether the visitor who sent the request may do what `role` may."""
        caller = self.caller(request)
        return caller is not None and caller.role >= role

    def allow(self, request: PageRequest, role: Role, words: Words) -> None:
        """Raises gr.Error, in the language of the page, where the visitor may not do what `role` may."""
        if not self.may(request, role):
            raise fault(words.may_not, words)

    def who(self, request: PageRequest) -> str:
        """How records name the visitor who sent the request."""
        caller = self.caller(request)
        return caller.who if caller is not None else ""


def known(request: Request) -> str | None:
    """The visitor as gradio is to know them: the id of the key that the guard let in."""
    caller: Caller | None = request.state.caller
    return caller.id if caller is not None else None
