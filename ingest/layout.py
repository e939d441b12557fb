"""What a file format says about its text beyond the characters: paragraphs, tables, pages, discards.

A plain text says nothing (`SourceText.layout` is None) and ingest works out the paragraphs and tables by itself.
Every other format has a reader in `ingest.formats` that writes all visible characters of the file into one text
(`wence text` prints it, every offset counts in it) and says in a `Layout` what each part of that text is.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.document import Attachment, Doubt, Dropped, Span
from ingest.tables_cells import Grid


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The parts of an extracted text; each visible character is in exactly one paragraph, table or discard.

    `paragraphs` are in reading order; several spans of one paragraph are its lines, which join without a break.
    `styled` maps the number of a paragraph that the format marks as a heading to its depth, from 1: a hint, never a
    level. A merged cell stands in every row and column of its table that it spans. `pages[i]` is where page i + 1
    begins; empty where the format has no pages. `labels` are facts that stand outside the text (`<meta
    name="PubDate">` as `("发布日期", "2024-07-29")`), named as a document prints them. `doubts` are stretches that
    were recognised with less than full confidence (OCR). `warnings` name what could not be read, in Chinese, one line
    each.
    """

    paragraphs: tuple[tuple[Span, ...], ...]
    styled: tuple[tuple[int, int], ...] = ()
    tables: tuple[Grid, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    pages: tuple[int, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Extract:
    """A file's text and layout, as a reader of `ingest.formats` returns them; `encoding` is that of its characters."""

    text: str
    layout: Layout
    encoding: str
