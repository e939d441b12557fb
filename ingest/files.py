"""Find source files and read them: which files, which encoding, and what is refused.

The decoded text is what every offset counts in, so nothing in it is changed: CRLF stays two characters,
full-width digits stay as they are, and no character is ever replaced. Only a byte order mark, which belongs
to the encoding and not to the text, is left out.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from charset_normalizer import from_bytes

from errors import IngestError
from ingest.formats import FORMATS, PICTURES, format_named
from ingest.layout import Layout

SUFFIXES = (".txt", ".md", ".markdown", *(suffix for one in FORMATS for suffix in one.suffixes))
UNREAD = (".docx", ".doc", ".wps", ".pdf", ".ofd", ".rtf", ".html", ".htm", ".xlsx", ".xls", ".et")
"""Documents too: listed, to be refused where no reader is there."""
_LISTED = frozenset((*SUFFIXES, *UNREAD))
MAX_BYTES = 64 * 1024 * 1024

_LEAST_PICTURE = 20 * 1024  # bytes: a smaller one in a folder is an icon
_SAMPLE = 256 * 1024  # bytes an encoding is judged by
_PLAIN_SHARE = 0.85  # of the characters outside ASCII: below it a decoding is taken for garbage
_CONTROL_SHARE = 0.01

# UTF-32 stands before UTF-16: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_FOREIGN = ("cp1252", "cp1250", "cp1251", "cp932", "shift_jis", "euc_jp", "cp949", "euc_kr")
_LEAST = 32  # bytes: what is shorter is only tried as GB 18030 and Big5
_CHINESE = ("gb18030", "cp950", "big5hkscs")
_LEGACY = (*_CHINESE, "utf-16-le", "utf-16-be")

_KINDS = (
    (b"%PDF-", "PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版 Office（.doc、.xls、.wps）"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG\r\n\x1a\n", "PNG 图片"),
    (b"\xff\xd8\xff", "JPEG 图片"),
    (b"GIF8", "GIF 图片"),
    (b"II*\x00", "TIFF 图片"),
    (b"MM\x00*", "TIFF 图片"),
    (b"\x1f\x8b", "gzip 压缩包"),
    (b"Rar!\x1a\x07", "RAR 压缩包"),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包"),
)
_ZIP_KINDS = ((b"OFD.xml", "OFD"), (b"word/", "DOCX"), (b"xl/", "XLSX"), (b"ppt/", "PPTX"))
_HTML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the stream that holds a locked DOCX or XLSX
_CONTROLS = bytes(sorted(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))) + b"\x7f"


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A file to read. `file` names it for people: relative to the folder asked for, or its base name.

    `where` is its path as it was given, `real` without links (empty where nobody has looked). Both are plain strings:
    to make a `Path` takes longer than to list the file, and of a large library hardly one is opened.
    """

    file: str
    where: str
    real: str = field(default="", compare=False)

    @property
    def path(self) -> Path:
        """Where to read it."""
        return Path(self.where)


@dataclass(frozen=True, kw_only=True)
class SourceText:
    """A file, read. `sha256` is of its bytes, `encoding` the Python codec that turned them into `text`.

    `layout` is None for plain text.
    """

    file: str
    path: Path
    sha256: str
    text: str
    encoding: str
    layout: Layout | None = None


def find(paths: Sequence[Path | Found]) -> list[Found]:
    """The files that `paths` stand for: each once, in the order given, a folder's own sorted by name.

    What is found already (`Found`) keeps its name.
    A folder yields its `SUFFIXES` files at any depth, without hidden ones, without a README, which describes the
    folder, and without icons and the pictures of saved web pages; documents of the `UNREAD` kinds too, so that `load`
    says that they were not read.
    A path given by itself is always listed, whatever its kind; so is one that does not exist and a folder
    without such files: `load` then says what is wrong, and the other files go on.
    """
    listed: dict[str, Found] = {}
    names: set[str] = set()
    for path in paths:
        if isinstance(path, Found):
            real = os.path.realpath(path.where)
            listed.setdefault(real, replace(path, real=real))
            names.add(path.file)
            continue
        inside = list(_walk(path)) if _is_folder(path) else []
        for name, where, real in inside or [(path.name or str(path), str(path), os.path.realpath(path))]:
            if real in listed:
                continue
            name = shown(name)
            name = shown(where) if name in names else name
            names.add(name)
            listed[real] = Found(name, where, real)
    return list(listed.values())


def load(path: Path, file: str | None = None) -> SourceText:
    """Read one file of at most `MAX_BYTES`; `file` is the name to give it (default: its base name).

    Raises `IngestError` when it cannot be read, is empty, is no text, or cannot be decoded without loss.
    """
    data = _read(path)
    if not data:
        raise IngestError(f"文件是空的（0 字节）：{shown(str(path))}；请换成有内容的文件。")
    kind = _kind(data) or ("HTML" if path.suffix.lower() in (".html", ".htm") else None)
    layout: Layout | None = None
    if kind is None:
        text, encoding = decode(data, shown(str(path)))
    elif (known := format_named(kind)) is not None:
        extract = known.read(data, shown(str(path)))
        text, encoding, layout = extract.text, extract.encoding, extract.layout
    elif _ENCRYPTED in data:
        raise IngestError(f"文件有密码保护：{shown(str(path))}；请去掉密码后再读。")
    else:
        raise IngestError(f"暂不支持 {kind} 文件：{shown(str(path))}；请先另存为纯文本（.txt 或 .md）。")
    if not text.strip():
        raise IngestError(f"文件里只有空白字符：{shown(str(path))}；请换成有内容的文件。")
    return SourceText(
        file=file or shown(path.name),
        path=path,
        sha256=sha256(data).hexdigest(),
        text=text,
        encoding=encoding,
        layout=layout,
    )


def unforeseen(error: Exception, path: Path) -> IngestError:
    """What to say of an error that no reader should meet, in one line."""
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return IngestError(f"读取时出错（{reason}）：{shown(str(path))}；请换一种格式另存，或把文件发给维护者。")


def shown(name: str) -> str:
    """`name` as it can be printed on one line: bytes that are no UTF-8 and control characters become \\xNN, what has
    no width or turns the direction of text \\uNNNN."""
    if name.isprintable():
        return name
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    text = re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda m: f"\\x{ord(m[0]):02x}", text)
    return re.sub(r"[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", lambda m: f"\\u{ord(m[0]):04x}", text)


def _walk(folder: Path) -> Iterator[tuple[str, str, str]]:
    """The readable kinds of files below `folder`, sorted: name below it, path, path without links.

    A folder that links back to itself is entered once.
    """
    entered: set[str] = set()
    pending = [("", str(folder))]
    while pending:
        above, here = pending.pop()
        real = os.path.realpath(here)
        if real in entered:
            continue
        entered.add(real)
        try:
            with os.scandir(here) as listed:
                entries = sorted((one for one in listed if one.name[0] != "."), key=lambda one: os.fsencode(one.name))
        except OSError:
            yield above.rstrip("/") or Path(here).name, here, real  # load() says why it cannot be read
            continue
        folders = [entry.name for entry in entries if _is_folder(entry)]
        inside, own = f"{here.rstrip('/')}/", f"{real.rstrip('/')}/"
        pending += [(f"{above}{name}/", inside + name) for name in reversed(folders)]
        apart = set(folders)
        for entry in entries:
            name = entry.name
            suffix = _suffix(name)
            if suffix not in _LISTED or name in apart or name.lower().split(".")[0] == "readme":
                continue
            if suffix in PICTURES and _is_ornament(here, entry):
                continue
            yield above + name, inside + name, os.path.realpath(entry) if entry.is_symlink() else own + name


def _is_ornament(folder: str, picture: os.DirEntry[str]) -> bool:
    """Whether a picture is too small for a page of text, or one that a saved web page shows."""
    try:
        return picture.stat().st_size < _LEAST_PICTURE or folder.endswith(("_files", ".files"))
    except OSError:
        return False


def _suffix(name: str) -> str:
    return name[name.rfind(".") :].lower()


def _is_folder(path: Path | os.DirEntry[str]) -> bool:
    """Whether `path` is a folder; what cannot be looked at is taken for a file, which `load` explains."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _read(path: Path) -> bytes:
    """All bytes of a regular file; anything else (a pipe, a device) is refused before it is opened."""
    name = shown(str(path))
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise IngestError(_about_folder(path))
        if not stat.S_ISREG(mode):
            raise IngestError(f"不是普通文件（管道或设备）：{name}；请改用磁盘上的文件。")
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise IngestError(f"找不到文件：{name}；请检查路径。") from None
    except PermissionError:
        raise IngestError(f"没有读取权限：{name}；请先授予读取权限。") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise IngestError(f"文件读不出来（{reason}）：{name}；请检查路径和磁盘。") from None
    if len(data) > MAX_BYTES:
        raise IngestError(f"文件超过 {MAX_BYTES // 1024**2} MB 的上限：{name}；请拆分后再读。")
    return data


def _about_folder(folder: Path) -> str:
    """Why a folder was not read."""
    name, kinds = shown(str(folder)), "、".join(SUFFIXES)
    if not os.access(folder, os.R_OK | os.X_OK):
        return f"没有读取文件夹的权限：{name}；请先授予读取权限。"
    if next(_walk(folder), None) is None:
        return f"文件夹里没有可以读取的文件（{kinds}）：{name}；请换一个文件夹。"
    return f"这是文件夹，不是文件：{name}；请指明其中一个文件（{kinds}）。"


def _kind(data: bytes) -> str | None:
    """The kind of a file that is no plain text, by its first bytes; `None` if it may be text."""
    for magic, kind in _KINDS:
        if data.startswith(magic):
            return kind
    if data.startswith(b"PK\x03\x04"):
        return next((kind for member, kind in _ZIP_KINDS if member in data), "ZIP 压缩包")
    if data.startswith(b"BM") and data[6:10] == b"\0\0\0\0" and len(data) > 26:
        return "BMP 图片"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP 图片"
    return "HTML" if _HTML.match(data[:1024].removeprefix(codecs.BOM_UTF8)) else None


def decode(data: bytes, name: str) -> tuple[str, str]:
    """The text and the codec that gave it: by byte order mark, else UTF-8, else what reads like a language.

    Raises IngestError, which names the file `name`, when nothing fits without loss.
    """
    for mark, encoding in _MARKS:
        body = data.removeprefix(mark)
        text = _strict(body, encoding) if len(body) < len(data) else None
        if text is not None and "\0" not in text:
            return text, encoding
    if len(data) - len(data.translate(None, _CONTROLS)) > _CONTROL_SHARE * len(data) or b"\0" in data:
        for encoding in _likely(data, _WIDE):
            text = _strict(data, encoding)
            if text is not None and "\0" not in text:
                return text, encoding
        raise IngestError(f"不是文本文件（二进制内容）：{name}；请换成文本文件（.txt 或 .md）。")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        damage = error.start
    for encoding in _likely(data, _LEGACY if len(data) >= _LEAST else _CHINESE) or _guess(data):
        text = _strict(data, encoding)
        if text is not None:
            return text, encoding
    raise IngestError(f"认不出编码（不是完好的 UTF-8，第 {damage + 1} 个字节处出错）：{name}；请另存为 UTF-8。")


def _strict(data: bytes, encoding: str) -> str | None:
    """`data` decoded without loss, else `None`."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _likely(data: bytes, encodings: Sequence[str]) -> list[str]:
    """Those of `encodings` in which the start of `data` reads like Chinese or English, best first."""
    scored: list[tuple[float, str]] = []
    for encoding in encodings:
        try:
            sample = codecs.getincrementaldecoder(encoding)().decode(data[:_SAMPLE], final=len(data) <= _SAMPLE)
        except UnicodeDecodeError:
            continue
        scored.append((_plain_share(sample), encoding))
    return [name for share, name in sorted(scored, key=lambda item: -item[0]) if share >= _PLAIN_SHARE]


def _guess(data: bytes) -> list[str]:
    """The encoding of another language that charset-normalizer finds, where nothing speaks against it."""
    sample = data[:_SAMPLE]
    best = from_bytes(sample, cp_isolation=list(_FOREIGN)).best() if len(data) >= _LEAST else None
    if best is None or best.percent_chaos > 0 or best.language == "Unknown":
        return []
    return [best.encoding] if str(best).encode(best.encoding) == sample else []


def _plain_share(text: str) -> float:
    """Share of the characters outside ASCII that are common ones; 1.0 if there are none, 0.0 if text holds NUL."""
    if "\0" in text:
        return 0.0
    rare = [char for char in text if char >= "\x80"]
    return sum(map(_is_common, rare)) / len(rare) if rare else 1.0


@lru_cache(maxsize=65536)
def _is_common(char: str) -> bool:
    """Chinese punctuation, a full-width form, or a character of the first level of GB 2312 or Big5."""
    if "\u3000" <= char <= "\u303f" or "\uff01" <= char <= "\uffe5" or "\u2010" <= char <= "\u2033":
        return True
    if char in "·×÷°§±\xa0\ufeff\u200b" or "\u2460" <= char <= "\u249b" or "\u25a0" <= char <= "\u25cf":
        return True
    gb, big5 = char.encode("gb2312", "ignore"), char.encode("big5", "ignore")
    return b"\xb0" <= gb[:1] <= b"\xd7" or b"\xa4\x40" <= big5 <= b"\xc6\x7e"
