"""The folder of an index while it is written: its lock, the snapshots in it, their permissions."""

from __future__ import annotations

import fcntl
import re
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import SnapshotError
from index.catalogue import CATALOGUE
from index.manifest import read_manifest

_SNAPSHOT = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}")  # nothing else below snapshots/ is ever removed


@contextmanager
def writing_to(index_dir: Path) -> Iterator[None]:
    """Hold the index's lock; what the disk refuses becomes one clear line."""
    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        with (index_dir / "lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SnapshotError(
                    f"另一个 wence build 正在写这个索引：{index_dir}；请等它结束，或用 --index 换一个文件夹"
                ) from None
            yield
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SnapshotError(
            f"写不了索引：{index_dir}（{reason}）；原有的索引没有改动，请检查磁盘空间和权限后重试"
        ) from error


def published(index_dir: Path) -> str | None:
    """The snapshot that readers see, `None` when there is none that could be read."""
    try:
        return read_manifest(index_dir).snapshot
    except SnapshotError:
        return None


def clean(index_dir: Path, keep: str | None) -> None:
    """Remove snapshots other than `keep`: replaced ones, and what a build that was killed has left."""
    snapshots = index_dir / "snapshots"
    for folder in snapshots.iterdir() if snapshots.is_dir() else ():
        if _SNAPSHOT.fullmatch(folder.name) and folder.name != keep:
            shutil.rmtree(folder, ignore_errors=True)


def share(folder: Path) -> None:
    """Give every file the permissions of the catalogue, which are the user's usual ones (tantivy's are 0600)."""
    mode = stat.S_IMODE((folder / CATALOGUE).stat().st_mode)
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(mode)
