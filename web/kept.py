"""A conversation as the browser keeps it for its tab, so that it outlives a reload; the server keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from assistant.text import fold, tidy
from assistant.transcript import Exchange
from assistant.write import Citation
from errors import WenceError
from index.snapshot import Snapshot

_LONGEST = 1_000_000  # characters: a browser keeps some millions for a site
_VERSION = 1  # of the form below


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What the browser holds; `who` asked, as records name visitors."""

    version: int
    who: str
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What is left of it: the exchanges that still stand, and how many `gone` ones cite what has changed since."""

    exchanges: tuple[Exchange, ...] = ()
    gone: int = 0


_FORM = TypeAdapter(Kept)


def kept(exchanges: Sequence[Exchange], who: str) -> str:
    """The newest exchanges, as many as there is room for; "" when there are none."""
    for first in range(len(exchanges)):
        record = Kept(version=_VERSION, who=who, exchanges=tuple(exchanges[first:]))
        text = _FORM.dump_json(record).decode()
        if len(text) <= _LONGEST:
            return text
    return ""


def restored(text: object, who: str, snapshot: Snapshot) -> Restored:
    """The exchanges in what a browser gives back; none of another visitor, or of what `kept` has not written.

    Whoever sits at the browser can write there what they like: each citation is looked up again.
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        return Restored()
    try:
        record = _FORM.validate_json(text, strict=True)
    except ValidationError:
        return Restored()
    if record.version != _VERSION or record.who != who:
        return Restored()
    stand = tuple(exchange for exchange in record.exchanges if _stands(exchange, snapshot))
    return Restored(exchanges=stand, gone=len(record.exchanges) - len(stand))


def _stands(exchange: Exchange, snapshot: Snapshot) -> bool:
    return all(_quoted(citation, snapshot) for citation in exchange.answer.citations)


def _quoted(citation: Citation, snapshot: Snapshot) -> bool:
    try:
        text = snapshot.document(citation.doc).text
    except WenceError:
        return False
    here = text[citation.start : citation.end] if 0 <= citation.start < citation.end else ""
    return bool(here) and fold(tidy(here)) == fold(tidy(citation.quote))
