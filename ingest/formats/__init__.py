"""Readers of file formats other than plain text, one module each, loaded only when such a file is met.

A reader is a function `read(data, name) -> Extract` over a file's bytes; it raises IngestError with one Chinese
line (what, where, what to do) for a file that is damaged, locked or beyond its limits, and nothing else. The reader of
a format that is read apart takes a third argument: a function that it calls with the number of the page at hand (from
1, 0 between pages), so that whoever waits for it knows where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from ingest.layout import Extract


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that can be read: its name for people, its suffixes, the module that reads it.

    Those that libraries in C take apart are read `apart`: in a process that is ended when it hangs.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    apart: bool = False

    def read(self, data: bytes, name: str) -> Extract:
        """The text of a file of this kind. Raises IngestError."""
        if self.apart:
            from ingest.formats import apart

            return apart.read(self.name, self.module, data, name)
        extract: Extract = import_module(f"ingest.formats.{self.module}").read(data, name)
        return extract


FORMATS: tuple[Format, ...] = (
    Format("HTML", (".html", ".htm"), "html"),
    Format("DOCX", (".docx",), "docx"),
    Format("PDF", (".pdf",), "pdf", apart=True),
    Format("OFD", (".ofd",), "ofd", apart=True),
    Format("PNG 图片", (".png",), "scan", apart=True),
    Format("JPEG 图片", (".jpg", ".jpeg"), "scan", apart=True),
    Format("TIFF 图片", (".tif", ".tiff"), "scan", apart=True),
    Format("BMP 图片", (".bmp",), "scan", apart=True),
)
Step = Callable[[int], None]
"""Told the number of the page that is read next, from 1; 0 between pages."""


def unwatched(page: int) -> None:
    """A `Step` that nobody follows."""


PICTURES = tuple(suffix for one in FORMATS if one.module == "scan" for suffix in one.suffixes)


def format_named(name: str) -> Format | None:
    """The format that files of the kind `name` have, `None` when there is no reader for it."""
    return next((one for one in FORMATS if one.name == name), None)
