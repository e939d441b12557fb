"""The parts of a DOCX file (ECMA-376, Open Packaging Conventions), opened within limits."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from errors import IngestError

MAX_MEMBERS = 5_000
MAX_PART = 64 * 1024 * 1024  # bytes of one part, unpacked
MAX_ALL = 128 * 1024 * 1024  # bytes of all parts that are read
MAX_RATIO = 300  # unpacked to packed, of a part larger than a mebibyte

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", W[1:-1].encode()),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)

_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError)


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
        self._name = name
        self._left = MAX_ALL
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            members = self._archive.infolist()
        except _DAMAGED as error:
            raise self._fault("压缩包损坏或不完整", "请重新保存或下载") from error
        if len(members) > MAX_MEMBERS:
            raise self._fault(f"包里的文件超过 {MAX_MEMBERS} 个", "请检查它的来源")
        if any(member.flag_bits & 1 for member in members):
            raise self._fault("有密码保护", "请去掉密码后再读")
        self._members = {member.filename: member for member in members}
        self._folded = {member.filename.lower(): member for member in members}
        main = next((r.target for r in self.relations("") if r.kind == "officeDocument"), "word/document.xml")
        self.main = main if self._find(main) else "word/document.xml"
        """The name of the part that holds the document."""

    def document(self) -> etree._Element:
        """The root of the main part. Raises IngestError when there is none."""
        root = self.part(self.main)
        if root is None:
            raise self._fault("缺少正文（word/document.xml）", "请用 Word 或 WPS 重新保存")
        if root.tag != f"{W}document":
            raise self._fault("正文不是 Word 文档", "请用 Word 或 WPS 重新保存")
        return root

    def part(self, member: str) -> etree._Element | None:
        """The root of an XML part, None where there is no such part. Raises IngestError (damaged, beyond limits)."""
        data = self._read(member)
        if data is None:
            return None
        for strict, usual in _STRICT:
            data = data.replace(strict, usual)
        if b"<!DOCTYPE" in data[:4096]:
            raise self._fault(f"{member} 里有 DTD", "请用 Word 或 WPS 重新保存")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise self._fault(
                f"{member} 损坏（{' '.join(str(error).split())[:60]}）", "请用 Word 或 WPS 重新保存"
            ) from error
        return root

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

    def _find(self, member: str) -> zipfile.ZipInfo | None:
        return self._members.get(member) or self._folded.get(member.lower())

    def _read(self, member: str) -> bytes | None:
        found = self._find(member)
        if found is None:
            return None
        limit = min(MAX_PART, self._left)
        try:
            with self._archive.open(found) as stream:
                data = stream.read(limit + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            ValueError,
            NotImplementedError,
            EOFError,
            RuntimeError,
        ) as error:
            raise self._fault(f"{member} 解压不出来", "请重新保存或下载") from error
        if len(data) > limit or (len(data) > 1024**2 and len(data) > MAX_RATIO * max(1, found.compress_size)):
            raise self._fault(f"{member} 解压后太大", "请拆分或检查它的来源")
        self._left -= len(data)
        return data

    def _fault(self, what: str, remedy: str) -> IngestError:
        return IngestError(f"DOCX {what}：{self._name}；{remedy}。")
