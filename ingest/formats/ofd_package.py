"""The members of an OFD file (GB/T 33190-2016, a zip archive), opened within limits."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib

from lxml import etree

from errors import IngestError

MAX_MEMBERS = 20_000
MAX_PART = 64 * 1024 * 1024  # bytes of one member, unpacked
MAX_ALL = 512 * 1024 * 1024  # bytes of all members that are read
MAX_RATIO = 300  # unpacked to packed, of a member larger than a mebibyte

_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError, RuntimeError)


class Package:
    """The members of an OFD file by their path."""

    def __init__(self, data: bytes, name: str) -> None:
        """Open `data`; `name` is what messages call the file. Raises IngestError (damaged, locked, beyond limits)."""
        self._name = name
        self._left = MAX_ALL
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            members = self._archive.infolist()
        except _DAMAGED:
            raise self.fault("压缩包损坏或不完整", "请重新下载或重新导出") from None
        if len(members) > MAX_MEMBERS:
            raise self.fault(f"包里的文件超过 {MAX_MEMBERS} 个", "请检查它的来源")
        if any(member.flag_bits & 1 for member in members):
            raise self.fault("有密码保护", "请先去掉密码再读")
        self._members = {_tidy(member.filename).lower(): member for member in members}

    def has(self, member: str) -> bool:
        """Whether there is such a member."""
        return member.lower() in self._members

    def tree(self, member: str) -> etree._Element | None:
        """The root of an XML member, `None` where there is none. Raises IngestError (damaged, beyond limits)."""
        data = self.bytes(member)
        return None if data is None else self.parsed(data, member)

    def parsed(self, data: bytes, member: str) -> etree._Element:
        """The root of the XML in `data`, which is `member`. Raises IngestError when it is damaged."""
        if b"<!DOCTYPE" in data[:4096]:
            raise self.fault(f"{member} 里有 DTD", "请重新导出")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        try:
            return etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError):
            raise self.fault(f"{member} 已损坏", "请重新下载或重新导出") from None

    def bytes(self, member: str) -> bytes | None:
        """A member unpacked, `None` where there is none. Raises IngestError (damaged, beyond limits)."""
        found = self._members.get(member.lower())
        if found is None:
            return None
        limit = min(MAX_PART, self._left)
        try:
            with self._archive.open(found) as stream:
                data = stream.read(limit + 1)
        except _DAMAGED:
            raise self.fault(f"{member} 解压不出来", "请重新下载或重新导出") from None
        if len(data) > limit or (len(data) > 1024**2 and len(data) > MAX_RATIO * max(1, found.compress_size)):
            raise self.fault(f"{member} 解压后太大", "请拆分或检查它的来源")
        self._left -= len(data)
        return data

    def fault(self, what: str, remedy: str) -> IngestError:
        """What is wrong with this file, in one line."""
        return IngestError(f"OFD {what}：{self._name}；{remedy}。")


def beside(member: str, target: str) -> str:
    """The member that `target`, written in `member`, names: from the root of the package or from its folder."""
    target = target.strip().replace("\\", "/")
    return _tidy(target if target.startswith("/") else posixpath.join(posixpath.dirname(member), target))


def _tidy(path: str) -> str:
    return posixpath.normpath(posixpath.join("/", path.replace("\\", "/"))).lstrip("/")
