"""The members of a zip archive (DOCX, OFD), opened within limits: no bomb, no outside entity, nothing locked."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib

from lxml import etree

from errors import IngestError

MAX_PART = 64 * 1024 * 1024  # bytes of one member, unpacked
MAX_RATIO = 300  # unpacked to packed, of a member larger than a mebibyte

_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError, RuntimeError)


class Archive:
    """The members of a file of the kind `kind`, by their paths; case and slashes do not tell them apart."""

    def __init__(self, data: bytes, name: str, *, kind: str, most: int, total: int) -> None:
        """Open `data`; `name` is what messages call the file, `most` how many members and `total` how many unpacked
        bytes it may have. Raises IngestError (damaged, locked, beyond limits)."""
        self._kind, self._name, self._left = kind, name, total
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            members = self._archive.infolist()
        except _DAMAGED:
            raise self.fault("压缩包损坏或不完整", "请重新下载或重新保存") from None
        if len(members) > most:
            raise self.fault(f"包里的文件超过 {most} 个", "请检查它的来源")
        if any(member.flag_bits & 1 for member in members):
            raise self.fault("有密码保护", "请去掉密码后再读")
        self._members = {tidy(member.filename).lower(): member for member in members}

    def __contains__(self, member: str) -> bool:
        """Whether there is such a member."""
        return member.lower() in self._members

    def read(self, member: str) -> bytes | None:
        """A member unpacked, `None` where there is none. Raises IngestError (damaged, beyond limits)."""
        found = self._members.get(member.lower())
        if found is None:
            return None
        limit = min(MAX_PART, self._left)
        try:
            with self._archive.open(found) as stream:
                data = stream.read(limit + 1)
        except _DAMAGED:
            raise self.fault(f"{member} 解压不出来", "请重新下载或重新保存") from None
        if len(data) > limit or (len(data) > 1024**2 and len(data) > MAX_RATIO * max(1, found.compress_size)):
            raise self.fault(f"{member} 解压后太大", "请拆分或检查它的来源")
        self._left -= len(data)
        return data

    def parsed(self, data: bytes, member: str) -> etree._Element:
        """The root of the XML in `data`, which is `member`. Raises IngestError when it is damaged."""
        if b"<!DOCTYPE" in data[:4096]:
            raise self.fault(f"{member} 里有 DTD", "请重新保存或重新导出")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        try:
            return etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError):
            raise self.fault(f"{member} 已损坏", "请重新下载或重新保存") from None

    def fault(self, what: str, remedy: str) -> IngestError:
        """What is wrong with this file, in one line."""
        return IngestError(f"{self._kind} {what}：{self._name}；{remedy}。")


def tidy(path: str) -> str:
    """A member's path from the root of its package, with forward slashes."""
    return posixpath.normpath(posixpath.join("/", path.replace("\\", "/"))).lstrip("/")
