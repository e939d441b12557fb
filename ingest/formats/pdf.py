"""PDF: characters with their boxes, rules and pictures from PDFium, put together by the geometry of `printed`.

PDFium does the parsing (pypdfium2, Apache-2.0 or BSD-3-Clause). It is not safe for threads, so one file is read at a
time; between pages the time is checked, and `ingest.formats.apart` ends a page that does not come to an end.
"""

from __future__ import annotations

import ctypes
import math
import re
import time
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator
from threading import Lock

import pypdfium2 as pdfium  # type: ignore[import-untyped]
from pypdfium2 import raw

from errors import IngestError
from ingest.formats import Step, ocr, unwatched
from ingest.formats.printed import Glyph, Page, Piece, Rule, line_of, pages_named, pieces_of, rows_of
from ingest.formats.printed_text import compose
from ingest.layout import Extract

MAX_PAGES = 5000
MAX_CHARACTERS = 20_000_000
MAX_STREAM = 256 * 1024 * 1024  # bytes that one stream may unpack to
MAX_SECONDS = 120.0
MAX_RECOGNISED = 300  # pages of one file that are read as pictures
MAX_SECONDS_RECOGNISING = 1800.0

_LOCK = Lock()
_MOST_PATHS = 20_000  # drawn lines of one page that are looked at
_STREAM = re.compile(rb"<<(?P<dict>[^\0]{0,4000}?)>>\s*stream\r?\n")
_THIN = 2.5  # points: a filled bar this thin is a rule
_SPACES = frozenset((0x20, 0xA0, 0x3000, 0x09, 0x0A, 0x0D))
_NO_TEXT = frozenset((0, 0xFFFE, 0xFFFF))
_RADICALS = {"⺠": "民", "⻄": "西", "⻅": "见", "⻆": "角", "⻉": "贝", "⻋": "车", "⻓": "长", "⻔": "门", "⻘": "青",
             "⻚": "页", "⻛": "风", "⻝": "食", "⻢": "马", "⻣": "骨", "⻥": "鱼", "⻦": "鸟", "⻩": "黄", "⻬": "齐",
             "⻮": "齿", "⻰": "龙", "⺟": "母", "⻜": "飞"}  # fmt: skip


def read(data: bytes, name: str, step: Step = unwatched) -> Extract:
    """The text of a PDF. Raises IngestError: locked, damaged, without text, or beyond a limit."""
    _refuse_bombs(data, name)
    with _LOCK:
        document = _opened(data, name)
        try:
            return _read(document, data, name, step)
        finally:
            document.close()


def _opened(data: bytes, name: str) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise IngestError(f"PDF 有打开密码：{name}；请先去掉密码再读。") from None
        if "security" in str(error).lower():
            raise IngestError(f"PDF 的加密方式不支持：{name}；请另存为没有加密的 PDF。") from None
        raise IngestError(f"PDF 已损坏或不完整，打不开：{name}；请重新下载或重新导出。") from None


def _read(document: pdfium.PdfDocument, data: bytes, name: str, step: Step) -> Extract:
    count = len(document)
    if count == 0:
        raise IngestError(f"PDF 没有页面，可能已损坏：{name}；请重新下载或重新导出。")
    if count > MAX_PAGES:
        raise IngestError(f"PDF 有 {count} 页，超过 {MAX_PAGES} 页的上限：{name}；请拆分后再读。")
    warnings: list[str] = []
    if b"%%EOF" not in data[-2048:]:
        warnings.append("文件末尾不完整，可能被截断，后面的内容或许缺失")
    pages: list[Page] = []
    recognised: set[int] = set()
    scanned: list[int] = []
    unmapped: list[int] = []
    broken: list[int] = []
    letters, started = 0, time.monotonic()
    for number in range(count):
        if time.monotonic() - started > MAX_SECONDS:
            raise IngestError(
                f"PDF 读了 {MAX_SECONDS:.0f} 秒还没有读完（第 {number + 1} 页，共 {count} 页）：{name}；请拆分后再读。"
            )
        step(number + 1)
        try:
            page = _page(document, number)
        except (pdfium.PdfiumError, ValueError, OverflowError):
            broken.append(number + 1)
            page = Page(width=595, height=842, pieces=())
        if page.pieces or page.aside:
            strange = sum(piece.text.count("\ufffd") for piece in page.pieces)
            if strange > 0.1 * sum(len(piece.text) for piece in page.pieces):
                unmapped.append(number)
        elif number + 1 not in broken and _has_picture(document, number):
            scanned.append(number)
        letters += sum(len(piece.text) for piece in page.pieces)
        if letters > MAX_CHARACTERS:
            raise IngestError(f"PDF 的文字超过 {MAX_CHARACTERS} 字的上限：{name}；请拆分后再读。")
        pages.append(page)
    if ocr.available():
        recognised = _recognised(document, [*scanned, *unmapped], pages, step)
        scanned = [number for number in scanned if number not in recognised]
        unmapped = [number for number in unmapped if number not in recognised]
    if not any(page.pieces or page.aside for page in pages):
        if scanned:
            raise IngestError(f"PDF 是扫描件，没有文字层：{name}；请安装 wence[ocr] 后再读，或换成带文字的 PDF。")
        if recognised:
            raise IngestError(f"PDF 是扫描件，没有认出文字：{name}；请换成清晰的扫描件。")
        if broken:
            raise IngestError(f"PDF 的页面都已损坏，读不出来：{name}；请重新下载或重新导出。")
        raise IngestError(f"PDF 的 {count} 页都是空白：{name}；请换成有内容的文件。")
    if broken:
        warnings.append(f"{pages_named(broken)}已损坏，没有读出来")
    remedy = f"超过每份 {MAX_RECOGNISED} 页的上限" if ocr.available() else "安装 wence[ocr] 后可以识别"
    if scanned:
        warnings.append(f"{pages_named([at + 1 for at in scanned])}是扫描图片，没有文字层，没有读；{remedy}")
    if unmapped:
        warnings.append(
            f"{pages_named([at + 1 for at in unmapped])}的字体没有说明文字编码，读出来的可能是乱码；{remedy}"
        )
    step(0)
    return compose(pages, warnings)


def _recognised(document: pdfium.PdfDocument, numbers: list[int], pages: list[Page], step: Step) -> set[int]:
    """Put what is recognised in pictures of the pages `numbers` (from 0) in `pages`; which ones these are."""
    done: set[int] = set()
    started = time.monotonic()
    for number in sorted(numbers)[:MAX_RECOGNISED]:
        if time.monotonic() - started > MAX_SECONDS_RECOGNISING:
            break
        step(number + 1)
        page = document[number]
        try:
            wide, high = page.get_size()
            scale = min(ocr.DOTS / 72, 3600 / max(wide, high, 1.0))
            image = page.render(scale=scale, grayscale=True).to_numpy()
        except (pdfium.PdfiumError, ValueError, MemoryError):
            continue
        finally:
            page.close()
        pages[number] = ocr.recognise(image.reshape(image.shape[:2]).copy(), wide)
        done.add(number)
    return done


def _refuse_bombs(data: bytes, name: str) -> None:
    """A stream that unpacks to more than `MAX_STREAM` bytes is refused before anything unpacks it."""
    for found in _STREAM.finditer(data):
        filters = found["dict"]
        if b"Flate" not in filters or b"/Image" in filters:
            continue
        end = data.find(b"endstream", found.end())
        packed = memoryview(data)[found.end() : end if end >= 0 else len(data)]
        twice = len(re.findall(rb"/Fl(?:ateDecode)?\b", filters)) > 1
        if twice or len(packed) * 1040 > MAX_STREAM:
            _unpack(bytes(packed), 2 if twice else 1, name)


def _unpack(packed: bytes, times: int, name: str) -> None:
    for _ in range(times):
        try:
            packed, size = _inflated(packed)
        except zlib.error:
            return
        if size > MAX_STREAM:
            raise IngestError(
                f"PDF 里有解开后超过 {MAX_STREAM // 1024**2} MB 的数据流（压缩炸弹）：{name}；请换成正常导出的 PDF。"
            )


def _inflated(packed: bytes) -> tuple[bytes, int]:
    """The start of what is packed (to be unpacked again), and how long all of it is, up to the limit."""
    inflate = zlib.decompressobj()
    start, size, rest = b"", 0, packed
    while rest and size <= MAX_STREAM:
        part = inflate.decompress(rest, 1 << 20)
        start = start or part
        size += len(part)
        rest = inflate.unconsumed_tail
        if not part:
            break
    return start, size


def _page(document: pdfium.PdfDocument, number: int) -> Page:
    """The pieces and rules of one page, turned so that its text stands upright."""
    page = document[number]
    try:
        left, bottom, right, top = page.get_cropbox()
        turned = _glyphs(page)
        if not turned:
            return Page(width=right - left, height=top - bottom, pieces=())
        upright = max(
            Counter({angle: len(each) for angle, each in turned.items() if angle % 90 == 0}).items(),
            key=lambda item: item[1],
            default=(0, 0),
        )[0]
        frame = _Frame(left, bottom, right, top, upright)
        rules = [frame.rule(*box) for box in _rules(page)]
        inside: list[Glyph] = []
        outside: list[Glyph] = []
        for glyph in turned.get(upright, ()):
            placed = frame.glyph(glyph)
            on_paper = -5 < placed.left < frame.width + 5 and -5 < placed.top < frame.height + 5
            (inside if on_paper else outside).append(placed)
        aside = [(line_of(row), "页面之外") for row in rows_of(pieces_of(outside))]
        for angle, glyphs in turned.items():
            if angle % 90:
                aside.append((_slanted([frame.glyph(glyph) for glyph in glyphs]), "水印"))
            elif angle != upright:
                other = _Frame(left, bottom, right, top, angle)
                rows = rows_of(pieces_of([other.glyph(glyph) for glyph in glyphs]))
                aside += [(line_of(row), "") for row in rows]
        return Page(
            width=frame.width,
            height=frame.height,
            pieces=tuple(pieces_of(inside, rules)),
            rules=tuple(rules),
            aside=tuple(aside),
        )
    finally:
        page.close()


def _slanted(glyphs: list[Glyph]) -> Piece:
    """Text that runs across the page, in the order of the file."""
    first = glyphs[0]
    text = "".join(glyph.char for glyph in glyphs)
    return Piece(text, first.left, glyphs[-1].right, first.top, first.bottom, first.size)


class _Frame:
    """From the page's own coordinates (y upward) to those in which text at `angle` runs to the right, y downward."""

    def __init__(self, left: float, bottom: float, right: float, top: float, angle: int) -> None:
        self.box = (left, bottom, right, top)
        self.angle = angle
        wide, high = right - left, top - bottom
        self.width, self.height = (wide, high) if angle in (0, 180) else (high, wide)

    def place(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) of a box given by its lower left and upper right corner."""
        left, bottom, right, top = self.box
        if self.angle == 0:
            return x0 - left, top - y1, x1 - left, top - y0
        if self.angle == 90:
            return y0 - bottom, x0 - left, y1 - bottom, x1 - left
        if self.angle == 180:
            return right - x1, y0 - bottom, right - x0, y1 - bottom
        return top - y1, right - x1, top - y0, right - x0

    def glyph(self, found: _Found) -> Glyph:
        """A character in this frame."""
        char, x0, y0, x1, y1, ox, oy, size, spaced = found
        left, _, right, _ = self.place(x0, y0, x1, y1)
        _, base, _, _ = self.place(ox, oy, ox, oy)
        return Glyph(char, left, right, base - 0.86 * size, base + 0.14 * size, size, spaced)

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> Rule:
        """A line in this frame."""
        left, top, right, bottom = self.place(x0, y0, x1, y1)
        if bottom - top > right - left:
            middle = (left + right) / 2
            return Rule(middle, top, middle, bottom)
        middle = (top + bottom) / 2
        return Rule(left, middle, right, middle)


_Found = tuple[str, float, float, float, float, float, float, float, bool]


def _glyphs(page: pdfium.PdfPage) -> dict[int, list[_Found]]:
    """The visible characters of a page by the angle (degrees, anticlockwise) that their line runs at."""
    text = page.get_textpage()
    try:
        handle = text.raw
        box, matrix = raw.FS_RECTF(), raw.FS_MATRIX()
        x, y = ctypes.c_double(), ctypes.c_double()
        found: dict[int, list[_Found]] = {}
        spaced = False
        for at in range(raw.FPDFText_CountChars(handle)):
            code = raw.FPDFText_GetUnicode(handle, at)
            if code in _SPACES:
                spaced = spaced or not raw.FPDFText_IsGenerated(handle, at)
                continue
            if not raw.FPDFText_GetLooseCharBox(handle, at, box) or not raw.FPDFText_GetMatrix(handle, at, matrix):
                continue
            raw.FPDFText_GetCharOrigin(handle, at, x, y)
            size = raw.FPDFText_GetFontSize(handle, at) * math.hypot(matrix.c, matrix.d)
            across = max(box.right - box.left, box.top - box.bottom)
            if not 0.3 * across < size < 4 * across:
                size = across
            angle = round(math.degrees(math.atan2(matrix.b, matrix.a))) % 360
            angle = round(angle / 90) * 90 % 360 if abs((angle + 45) % 90 - 45) <= 3 else angle
            if size > 0.5:
                found.setdefault(angle, []).append(
                    (_char(code), box.left, box.bottom, box.right, box.top, x.value, y.value, size, spaced)
                )
            spaced = False
        return found
    finally:
        text.close()


def _char(code: int) -> str:
    """What a character code shows: radicals that stand for whole characters become these."""
    if code in _NO_TEXT or code < 0x20 or 0xD800 <= code <= 0xDFFF or 0xE000 <= code <= 0xF8FF:
        return "-" if code == 2 else "\ufffd"
    char = chr(code)
    if 0x2F00 <= code <= 0x2FDF or 0xF900 <= code <= 0xFAFF:
        return unicodedata.normalize("NFKC", char)
    return _RADICALS.get(char, char)


def _rules(page: pdfium.PdfPage) -> Iterator[tuple[float, float, float, float]]:
    """The drawn lines of a page, thin bars and the sides of boxes included: (x0, y0, x1, y1), y upward."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    stroke, fill = ctypes.c_int(), ctypes.c_int()
    for number, shape in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=4)):
        if number >= _MOST_PATHS:
            return
        if not raw.FPDFPageObj_GetBounds(shape.raw, left, bottom, right, top):
            continue
        x0, y0, x1, y1 = left.value, bottom.value, right.value, top.value
        wide, high = x1 - x0, y1 - y0
        if wide <= _THIN or high <= _THIN:
            if max(wide, high) > 4:
                yield x0, y0, x1, y1
            continue
        raw.FPDFPath_GetDrawMode(shape.raw, fill, stroke)
        if stroke.value:
            yield from _segments(shape)


def _segments(shape: pdfium.PdfObject) -> Iterator[tuple[float, float, float, float]]:
    """The upright and level parts of a drawn path."""
    matrix = shape.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    start = last = (0.0, 0.0)
    for at in range(min(raw.FPDFPath_CountSegments(shape.raw), _MOST_PATHS)):
        segment = raw.FPDFPath_GetPathSegment(shape.raw, at)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        here = matrix.on_point(x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            start = here
        elif kind == raw.FPDF_SEGMENT_LINETO:
            yield from _straight(last, here)
        if raw.FPDFPathSegment_GetClose(segment):
            yield from _straight(here, start)
        last = here


def _straight(one: tuple[float, float], other: tuple[float, float]) -> Iterator[tuple[float, float, float, float]]:
    x0, x1 = sorted((one[0], other[0]))
    y0, y1 = sorted((one[1], other[1]))
    if min(x1 - x0, y1 - y0) < 1.5 and max(x1 - x0, y1 - y0) > 4:
        yield x0, y0, x1, y1


def _has_picture(document: pdfium.PdfDocument, number: int) -> bool:
    """Whether a page shows an image."""
    page = document[number]
    try:
        return next(iter(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4)), None) is not None
    finally:
        page.close()
