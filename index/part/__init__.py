"""A part of an index: the texts, passages and vectors of some of its documents, written once and never changed.

folder/texts.sqlite     documents in reading order with their outlines, provisions and words, packed; their passages
folder/vectors.faiss    the passages' vectors

A build writes one part (documents that are new, and those of small parts that it takes in); larger ones stay as they
are. What it has written survives a kill: the same build begun again goes on from there.
"""

from index.part.codec import dump_body, dump_chunk, embed_text, load_body, pack
from index.part.reader import PartTexts
from index.part.record import TEXTS, VECTORS, Facts, Kept, Part, Prepared, Row, Stored
from index.part.writer import PartWriter

__all__ = [
    "TEXTS",
    "VECTORS",
    "Facts",
    "Kept",
    "Part",
    "PartTexts",
    "PartWriter",
    "Prepared",
    "Row",
    "Stored",
    "dump_body",
    "dump_chunk",
    "embed_text",
    "load_body",
    "pack",
]
