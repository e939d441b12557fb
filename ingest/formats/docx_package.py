"""The parts of a DOCX file (ECMA-376, Open Packaging Conventions), opened within limits."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from ingest.formats.archive import Archive

MAX_MEMBERS = 5_000
MAX_ALL = 128 * 1024 * 1024  # bytes of all parts that are read

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", W[1:-1].encode()),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)


@dataclass(frozen=True)
class Relation:
    """A part that another part names; `target` is a member of the package, or an address when it is `outside`."""

    kind: str
    target: str
    outside: bool


class Package:
    """The members of a DOCX file."""

    def __init__(self, data: bytes, name: str) -> None:
        """Open `data`; `name` is what messages call the file. Raises IngestError (damaged, locked, beyond limits)."""
        self._archive = Archive(data, name, kind="DOCX", most=MAX_MEMBERS, total=MAX_ALL)
        main = next((r.target for r in self.relations("") if r.kind == "officeDocument"), "word/document.xml")
        self.main = main if main in self._archive else "word/document.xml"
        """The name of the part that holds the document."""

    def document(self) -> etree._Element:
        """The root of the main part. Raises IngestError when there is none."""
        root = self.part(self.main)
        if root is None:
            raise self._archive.fault("缺少正文（word/document.xml）", "请用 Word 或 WPS 重新保存")
        if root.tag != f"{W}document":
            raise self._archive.fault("正文不是 Word 文档", "请用 Word 或 WPS 重新保存")
        return root

    def part(self, member: str) -> etree._Element | None:
        """The root of an XML part, None where there is no such part. Raises IngestError (damaged, beyond limits)."""
        data = self._archive.read(member)
        if data is None:
            return None
        for strict, usual in _STRICT:
            data = data.replace(strict, usual)
        return self._archive.parsed(data, member)

    def relations(self, member: str) -> Iterator[Relation]:
        """What a part names, the package itself for ""."""
        folder, base = posixpath.split(member)
        root = self.part(posixpath.join(folder, "_rels", f"{base}.rels"))
        for one in root.iter(_RELATIONSHIP) if root is not None else ():
            outside = one.get("TargetMode") == "External"
            target = one.get("Target") or ""
            if not outside:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            yield Relation((one.get("Type") or "").rpartition("/")[2], target, outside)
