"""The passage behind a mark: the same for answers, cards and drafts."""

from __future__ import annotations

import time
from collections.abc import Iterable

from assistant.write import Citation
from errors import WenceError
from service.desk import Desk
from web import html
from web.faults import fault
from web.words import Words


def opened(citations: Iterable[Citation], n: int, desk: Desk, words: Words) -> str:
    """The source of citation `n`, "" when there is none. Raises gr.Error when its document has been removed since."""
    citation = next((citation for citation in citations if citation.n == n), None)
    if citation is None:
        return ""
    try:
        document = desk.searcher().snapshot.document(citation.doc)
    except WenceError as error:
        raise fault(error, words) from error
    return f"{html.source(citation, document, words)}<!-- {time.monotonic_ns()} -->"  # shown again when asked for again
