"""The members of an OFD file (GB/T 33190-2016, a zip archive)."""

from __future__ import annotations

import posixpath

from lxml import etree

from ingest.formats.archive import Archive, tidy

MAX_MEMBERS = 20_000
MAX_ALL = 512 * 1024 * 1024  # bytes of all members that are read


class Package(Archive):
    """The members of an OFD file by their path."""

    def __init__(self, data: bytes, name: str) -> None:
        """Open `data`; `name` is what messages call the file. Raises IngestError (damaged, locked, beyond limits)."""
        super().__init__(data, name, kind="OFD", most=MAX_MEMBERS, total=MAX_ALL)

    def tree(self, member: str) -> etree._Element | None:
        """The root of an XML member, `None` where there is none. Raises IngestError (damaged, beyond limits)."""
        data = self.read(member)
        return None if data is None else self.parsed(data, member)


def beside(member: str, target: str) -> str:
    """The member that `target`, written in `member`, names: from the root of the package or from its folder."""
    target = target.strip().replace("\\", "/")
    return tidy(target if target.startswith("/") else posixpath.join(posixpath.dirname(member), target))
