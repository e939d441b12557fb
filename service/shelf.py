"""The documents that a server may change: uploads are looked at first, then kept in one folder and indexed."""

from __future__ import annotations

import os
import tempfile
import threading
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from errors import ConfigError, IngestError, UsageError
from index.build import BuildReport, build
from index.manifest import has_index
from index.snapshot import open_snapshot
from ingest.document import Document
from ingest.files import MAX_BYTES, SUFFIXES, Found, find, shown
from ingest.reader import read
from service.desk import Desk


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as somebody sent it: its name is not trusted, nor is a byte of it."""

    name: str
    data: bytes


class Shelf:
    """A folder of documents that are added and removed while the index serves.

    Documents that were indexed from elsewhere stay in the index and are not touched.
    """

    def __init__(self, folder: Path | None, desk: Desk, *, processes: int = 2, max_files: int = 20) -> None:
        """`folder` None: nothing can be changed. `max_files` at a time."""
        self._folder, self._desk = folder, desk
        self._processes, self._max_files = processes, max_files
        self._changing = threading.Lock()

    def preview(self, upload: Upload) -> Document:
        """The document that an upload would become; nothing is kept. Raises UsageError or IngestError."""
        name = _name(upload)
        with tempfile.TemporaryDirectory(prefix="wence-") as folder:
            path = Path(folder) / f"upload{Path(name).suffix}"
            path.write_bytes(upload.data)
            try:
                document = read(path)
            except IngestError as error:  # whoever sent it knows it by its name, and need not know our folders
                raise IngestError(str(error).replace(str(path), name)) from error
        return replace(document, file=name)

    def add(self, uploads: list[Upload]) -> BuildReport:
        """Keep and index documents; a file of the same name is replaced. Each is read before anything is changed.

        Raises ConfigError without a folder, UsageError for bad names or too many files, IngestError for a file that
        cannot be read: nothing has changed then.
        """
        folder = self._writable()
        if not 1 <= len(uploads) <= self._max_files:
            raise UsageError(f"一次可上传 1 到 {self._max_files} 份文件，现为 {len(uploads)} 份")
        names = [_name(upload) for upload in uploads]
        if len(set(names)) < len(names):
            raise UsageError("几份文件同名；请改名后再上传")
        for upload in uploads:
            self.preview(upload)
        with self._changing:
            for name, upload in zip(names, uploads, strict=True):
                _write(folder / name, upload.data)
            return self._build(folder)

    def remove(self, doc: str) -> BuildReport:
        """Take a document out of the folder and the index.

        Raises ConfigError without a folder, UsageError for an unknown document or one that is kept elsewhere.
        """
        folder = self._writable()
        entry = self._desk.searcher().snapshot.entry(doc)
        path = Path(entry.path)
        if folder.resolve() not in path.resolve().parents:
            raise UsageError(
                f"这份文件不在上传文件夹里，不能从这里删除：{entry.file}；请在原处删除后重新运行 wence build"
            )
        if self._desk.searcher().snapshot.counts().documents == 1:
            raise UsageError(f"这是索引里最后一份文件，不能删除：{entry.file}；请先上传别的文件")
        with self._changing:
            path.unlink(missing_ok=True)
            return self._build(folder)

    def _build(self, folder: Path) -> BuildReport:
        inside = find([folder]) if any(folder.iterdir()) else []
        kept = {os.path.realpath(item.where) for item in inside}
        index_dir = self._desk.index_dir
        entries = open_snapshot(index_dir).entries if has_index(index_dir) else ()
        elsewhere = [
            Found(entry.file, entry.path)
            for entry in entries
            if entry.path not in kept and folder.resolve() not in Path(entry.path).parents and Path(entry.path).exists()
        ]
        return build(
            [*elsewhere, *inside],
            index_dir,
            embedding=self._desk.embedding,
            processes=self._processes,
            store=self._desk.store,
        )

    def _writable(self) -> Path:
        if self._folder is None:
            raise ConfigError("没有设置上传文件夹，不能增删文件；请设置 WENCE_LIBRARY 后重新启动")
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder


def _name(upload: Upload) -> str:
    """The last step of the name, if it is one that can be kept. Raises UsageError."""
    name = PurePosixPath(upload.name.replace("\\", "/")).name
    if not name or name.startswith(".") or not name.isprintable() or len(name.encode()) > 200:
        raise UsageError(f"文件名不能用：{shown(upload.name[:80])!r}；请改成普通的名称")
    if Path(name).suffix.lower() not in SUFFIXES:
        raise UsageError(f"不收这种文件：{name}；可上传 {'、'.join(SUFFIXES)}")
    if len(upload.data) > MAX_BYTES:
        raise UsageError(f"文件超过 {MAX_BYTES // 1024**2} MB 的上限：{name}；请拆分后再上传")
    return name


def _write(path: Path, data: bytes) -> None:
    """Put a whole file there, or leave what was there."""
    draft = path.with_name(f".{path.name}.new")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
