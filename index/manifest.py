"""The manifest names one snapshot, what it was made with, and every file of it: size and SHA-256.

index_dir/manifest.json               replaced in one step: what it names is the index
index_dir/snapshots/<id>/…            the files of a snapshot, never changed once published
index_dir/unfinished/…                what a build that has not published yet has written
index_dir/lock                        held by the one build that may write
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import file_digest, sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from errors import SnapshotError
from index.catalogue import CATALOGUE, Counts
from index.part import Part

__all__ = ["CATALOGUE", "FORMAT", "KEYWORDS", "MANIFEST"]

FORMAT = 7
KEYWORDS = "keywords"
LEDGER = "engine.sqlite"  # only where an engine holds the passages too
MANIFEST = "manifest.json"
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file of the snapshot: its path below the snapshot's folder, bytes, and digest in hexadecimal.

    `stamp` is what its inode said (number, time of the last change) when the digest was that of its bytes.
    """

    path: str
    size: int
    sha256: str
    stamp: str = field(default="", compare=False)


@dataclass(frozen=True, kw_only=True)
class EmbeddingId:
    """What decides the vectors of an index."""

    name: str
    dimension: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What an index is made of. `built_at` is ISO 8601 in UTC; `tokens`, `reader` and `provisions` name the code that
    made it.

    `parts` are the parts that the snapshot is made of, in order. `words_total` is the dictionary's sum of frequencies,
    with which a question is segmented (`index.words`).
    """

    snapshot: str
    built_at: str
    embedding: EmbeddingId
    tokens: str
    words_total: int
    reader: str
    provisions: str
    counts: Counts
    parts: tuple[Part, ...]
    files: tuple[StoredFile, ...]
    format: int = FORMAT

    def folder(self, index_dir: Path) -> Path:
        """Where the snapshot's files are."""
        return index_dir / "snapshots" / self.snapshot

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def read_manifest(index_dir: Path) -> Manifest:
    """The manifest of an index. Raises SnapshotError when there is none or it is damaged."""
    path = index_dir / MANIFEST
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise SnapshotError(f"没有索引：{index_dir}；请先运行 wence build 文件或文件夹 --index {index_dir}") from None
    except OSError as error:
        raise SnapshotError(f"索引清单读不了：{path}（{error.strerror}）；请检查权限") from error
    try:
        value = json.loads(data)
        if value["format"] != FORMAT:
            raise SnapshotError(f"索引格式不同：{path}（{value['format']!r}，本程序用 {FORMAT}）；{rebuild(index_dir)}")
        seal = value.pop("sha256")
        manifest = _from_json(value)
        sealed = seal == _seal(value) and _ID.fullmatch(manifest.snapshot)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SnapshotError(f"索引清单已损坏：{path}；{rebuild(index_dir)}") from error
    if not sealed:
        raise SnapshotError(f"索引清单被改动过：{path}；{rebuild(index_dir)}")
    return manifest


def has_index(index_dir: Path) -> bool:
    """Whether there is an index at all, whole or not."""
    return (index_dir / MANIFEST).exists()


def publish(index_dir: Path, manifest: Manifest) -> None:
    """Make `manifest` the index, in one step: before the rename readers see the old one, after it the new one."""
    draft = index_dir / f"{MANIFEST}.new"
    with draft.open("w", encoding="utf-8") as file:
        value = asdict(manifest)
        json.dump({**value, "sha256": _seal(value)}, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(index_dir / MANIFEST)
    sync_folder(index_dir)


def stored_files(folder: Path, known: Mapping[Path, StoredFile] = MappingProxyType({})) -> tuple[StoredFile, ...]:
    """Every file below `folder` with its digest, forced to disk; lock files, which are empty, aside.

    `known` are files that are on disk already and whose digests were checked.
    """
    found: list[StoredFile] = []
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            sync_folder(path)
        elif path in known:
            found.append(known[path])
        elif path.suffix != ".lock":
            with path.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
                os.fsync(file.fileno())
            seen = path.stat()
            name = path.relative_to(folder).as_posix()
            found.append(StoredFile(path=name, size=seen.st_size, sha256=digest, stamp=_stamp(seen)))
    sync_folder(folder)
    sync_folder(folder.parent)
    return tuple(found)


def damage(folder: Path, file: StoredFile, *, contents: bool, unless_stamped: bool = False) -> str | None:
    """What is wrong with a file of a snapshot, in Chinese, `None` when nothing is.

    `contents` reads all of it; `unless_stamped` spares it that when it bears the stamp of the manifest.
    """
    path = folder / file.path
    try:
        seen = path.stat()
        if seen.st_size != file.size:
            return f"大小应为 {file.size} 字节，现为 {seen.st_size} 字节"
        if contents and not (unless_stamped and file.stamp == _stamp(seen)):
            with path.open("rb") as stream:
                if file_digest(stream, "sha256").hexdigest() != file.sha256:
                    return "内容与清单的 SHA-256 不符"
    except FileNotFoundError:
        return "文件不见了"
    except OSError as error:
        return f"读不了（{error.strerror}）"
    return None


def stamped(folder: Path, file: StoredFile) -> StoredFile:
    """A file whose bytes are right, with its stamp of today."""
    return replace(file, stamp=_stamp((folder / file.path).stat()))


def _stamp(seen: os.stat_result) -> str:
    """What does not change while a file is linked, renamed and shared, and does when it is written."""
    return f"{seen.st_ino} {seen.st_mtime_ns}"


def rebuild(index_dir: Path) -> str:
    """What to do about an index that cannot be used."""
    return f"请用原来的文件重新运行 wence build 文件或文件夹 --index {index_dir}"


def sync_folder(folder: Path) -> None:
    """Force a folder's entries to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _seal(value: dict[str, Any]) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _from_json(value: dict[str, Any]) -> Manifest:
    bare = Manifest(
        **{
            **value,
            "embedding": EmbeddingId(**value["embedding"]),
            "counts": Counts(**value["counts"]),
            "parts": tuple(Part(**part) for part in value["parts"]),
            "files": (),
        }
    )
    return replace(bare, files=tuple(StoredFile(**file) for file in value["files"]))
