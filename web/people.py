"""Who uses the page: the key's name and the key are the log-in; what a visitor may do follows from the key's role."""

from __future__ import annotations

import hmac

import gradio as gr

from service.access import LOCAL, ROLES, KeyFile, Role


class People:
    """Visitors of the page by their keys; without any key whoever sits at this machine may do everything."""

    def __init__(self, keys: KeyFile) -> None:
        """Reads the keys whenever it is asked."""
        self._keys = keys

    def log_in(self, name: str, token: str) -> bool:
        """Whether that is the key of that name."""
        caller = self._keys.caller(token)
        return caller is not None and hmac.compare_digest(caller.name.encode(), name.encode())

    def needed(self) -> bool:
        """Whether visitors must log in."""
        return bool(self._keys.all())

    def may(self, request: gr.Request | None, role: Role) -> bool:
        """Whether the visitor who sent the request may do what `role` may."""
        if not self.needed():
            return True
        name = request.username if request is not None else None
        return any(key.name == name and ROLES[key.role] >= role for key in self._keys.all())


def who(request: gr.Request) -> str:
    """How records name the visitor who sent the request."""
    return request.username or LOCAL.who
