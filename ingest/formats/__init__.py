"""Readers of file formats other than plain text, one module each, loaded only when such a file is met.

A reader is a function `read(data, name) -> Extract` over a file's bytes; it raises IngestError with one Chinese
line (what, where, what to do) for a file that is damaged, locked or beyond its limits, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from ingest.layout import Extract


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that can be read: its name for people, its suffixes, the module that reads it."""

    name: str
    suffixes: tuple[str, ...]
    module: str

    def reader(self) -> Callable[[bytes, str], Extract]:
        """The function that reads it."""
        read: Callable[[bytes, str], Extract] = import_module(f"ingest.formats.{self.module}").read
        return read


FORMATS: tuple[Format, ...] = (
    Format("HTML", (".html", ".htm"), "html"),
    Format("DOCX", (".docx",), "docx"),
    Format("PDF", (".pdf",), "pdf"),
    Format("OFD", (".ofd",), "ofd"),
    Format("PNG 图片", (".png",), "scan"),
    Format("JPEG 图片", (".jpg", ".jpeg"), "scan"),
    Format("TIFF 图片", (".tif", ".tiff"), "scan"),
    Format("BMP 图片", (".bmp",), "scan"),
)
PICTURES = tuple(suffix for one in FORMATS if one.module == "scan" for suffix in one.suffixes)


def format_named(name: str) -> Format | None:
    """The format that files of the kind `name` have, `None` when there is no reader for it."""
    return next((one for one in FORMATS if one.name == name), None)
