"""Wence inside LangChain programs: a retriever whose documents know their section, and a runnable that answers.

Import this module only where LangChain is wanted; nothing else of Wence needs it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import ConfigDict, Field

from assistant.answer import Turn, answer_json, ask
from assistant.models import LanguageModel
from errors import UsageError
from index.search import Searcher


class PolicyRetriever(BaseRetriever):
    """Searches an open index. `page_content` is the passage word for word.

    `metadata` says where it stands: file, doc, title, doc_number, section, heading, start, end (characters of the
    source) and score. Raises UsageError for an empty question.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)
    searcher: Searcher
    k: int = Field(default=8, ge=1, le=100)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        snapshot = self.searcher.snapshot
        made: list[Document] = []
        for hit in self.searcher.search(query, k=self.k):
            source = snapshot.document(hit.chunk.doc)
            clean = hit.chunk.clean
            spans = clean.locate(0, len(clean.text), source.text)
            headings = (section.heading for section in source.walk() if section.path == hit.chunk.section)
            made.append(
                Document(
                    id=hit.chunk.id,
                    page_content=hit.chunk.text,
                    metadata={
                        "file": source.file,
                        "doc": source.id,
                        "title": source.title,
                        "doc_number": source.doc_number,
                        "section": hit.chunk.section,
                        "heading": next(headings, None),
                        "start": min((span.start for span in spans), default=None),
                        "end": max((span.end for span in spans), default=None),
                        "score": hit.score,
                    },
                )
            )
        return made


def answering(searcher: Searcher, model: LanguageModel | None = None) -> Runnable[Any, dict[str, Any]]:
    """A runnable from a question, or {"question", "history"}, to the answer object of `wence ask --json`.

    `history` is a list of {"role", "content"}. It can be invoked, batched, streamed and awaited like any other.
    Raises UsageError for an input of another shape.
    """

    def answer(given: Any) -> dict[str, Any]:
        question, history = _asked(given)
        made: dict[str, Any] = json.loads(answer_json(ask(searcher, question, history, model=model)))
        return made

    return RunnableLambda(answer, name="wence")


def _asked(given: Any) -> tuple[str, Sequence[Turn]]:
    if isinstance(given, str):
        return given, ()
    if isinstance(given, dict) and isinstance(given.get("question"), str):
        turns = given.get("history") or []
        if all(
            isinstance(turn, dict)
            and turn.get("role") in ("user", "assistant")
            and isinstance(turn.get("content"), str)
            for turn in turns
        ):
            return given["question"], [Turn(role=turn["role"], content=turn["content"]) for turn in turns]
    raise UsageError('应是问题，或 {"question": …, "history": [{"role", "content"}…]}；请改正')
