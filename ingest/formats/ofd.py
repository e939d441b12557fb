"""OFD (GB/T 33190-2016): text objects with their place, put together by the geometry of `printed`.

The order of pages is that of Document.xml. A template that stands under several pages is running matter; attachments
are listed, custom tags, signatures and annotations are no text of the document.
"""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import etree

from errors import IngestError
from ingest.document import Attachment
from ingest.formats import Step, ocr, unwatched
from ingest.formats.ofd_package import Package, beside
from ingest.formats.printed import Glyph, Page, Piece, Rule, line_of, pages_named, pieces_of, rows_of
from ingest.formats.printed_text import compose
from ingest.formats.scan import images
from ingest.layout import Extract

MAX_PAGES = 5000
MAX_CHARACTERS = 20_000_000
MAX_SECONDS = 120.0  # apart from recognising pictures
MAX_RECOGNISED = 300  # pages of one file that are read as pictures

_POINTS = 72 / 25.4  # in a millimetre, the unit of OFD
_MOST_REPEATS = 100_000  # of one step in a DeltaX, and of the characters of one text object
_MOST_STROKES = 20_000
_THIN = 2.5
_TEMPLATE = re.compile(rb"""TemplateID\s*=\s*["'](\d{1,10})["']""")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page as Document.xml lists it: its member, the members of the templates
    and pictures by their ID, its size."""

    member: str
    templates: dict[str, str]
    pictures: dict[str, str]
    box: tuple[float, float, float, float]


def read(data: bytes, name: str, step: Step = unwatched) -> Extract:
    """The text of an OFD file. Raises IngestError: locked, damaged, without text, or beyond a limit."""
    package = Package(data, name)
    sheets, attachments = _contents(package)
    if not sheets:
        raise package.fault("没有页面，可能已损坏", "请重新下载或重新导出")
    if len(sheets) > MAX_PAGES:
        raise package.fault(f"有 {len(sheets)} 页，超过 {MAX_PAGES} 页的上限", "请拆分后再读")
    uses = Counter(member for sheet in sheets for member in _templates(package.read(sheet.member) or b"", sheet))
    pages: list[Page] = []
    missing: list[int] = []
    pictures: list[int] = []
    letters, started = 0, time.monotonic()
    for number, sheet in enumerate(sheets, 1):
        if time.monotonic() - started > MAX_SECONDS:
            raise package.fault(
                f"读了 {MAX_SECONDS:.0f} 秒还没有读完（第 {number} 页，共 {len(sheets)} 页）", "请拆分后再读"
            )
        step(number)
        page, shown = _page(package, sheet, uses)
        if page is None:
            missing.append(number)
            page = Page(width=595, height=842, pieces=())
        elif not page.pieces and not page.aside and shown:
            paused = time.monotonic()
            recognised = _recognised(package, sheet, shown) if number <= MAX_RECOGNISED else None
            started += time.monotonic() - paused
            if recognised is None:
                pictures.append(number)
            page = recognised or page
        letters += sum(len(piece.text) for piece in page.pieces)
        if letters > MAX_CHARACTERS:
            raise package.fault(f"的文字超过 {MAX_CHARACTERS} 字的上限", "请拆分后再读")
        pages.append(page)
    if not any(page.pieces or page.aside for page in pages):
        if pictures:
            remedy = "请换成清晰的扫描件" if ocr.available() else "请安装 wence[ocr] 后再读，或换成带文字的 OFD"
            raise package.fault("的页面只有图片，没有文字", remedy)
        raise package.fault("没有文字，可能已损坏", "请换成有内容的文件")
    warnings = [f"{pages_named(missing)}的内容缺失，没有读出来"] if missing else []
    if pictures:
        remedy = "没有认出文字" if ocr.available() else "没有读；安装 wence[ocr] 后可以识别"
        warnings.append(f"{pages_named(pictures)}只有图片，{remedy}")
    step(0)
    extract = compose(pages, warnings)
    return _with_attachments(extract, attachments)


def _with_attachments(extract: Extract, attachments: tuple[Attachment, ...]) -> Extract:
    return replace(extract, layout=replace(extract.layout, attachments=attachments)) if attachments else extract


def _local(element: etree._Element) -> str:
    """The name of an element without its namespace, which writers spell differently."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _below(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    for each in element.iter() if element is not None else ():
        if _local(each) == name:
            yield each


def _words(element: etree._Element | None, name: str) -> str | None:
    found = next(_below(element, name), None)
    return (found.text or "").strip() if found is not None else None


def _contents(package: Package) -> tuple[list[_Sheet], tuple[Attachment, ...]]:
    """The pages of every document in the package, in order, and its attachments."""
    root = package.tree("OFD.xml")
    if root is None:
        raise package.fault("缺少入口文件 OFD.xml", "请重新下载或重新导出")
    sheets: list[_Sheet] = []
    attachments: list[Attachment] = []
    for body in _below(root, "DocRoot"):
        member = beside("OFD.xml", body.text or "")
        tree = package.tree(member)
        if tree is None:
            continue
        box = _box(_words(tree, "PhysicalBox")) or (0.0, 0.0, 210.0, 297.0)
        templates = {
            each.get("ID", ""): beside(member, each.get("BaseLoc", "")) for each in _below(tree, "TemplatePage")
        }
        pictures = _pictures(package, member, tree)
        for each in _below(next(_below(tree, "Pages"), None), "Page"):
            page = beside(member, each.get("BaseLoc", ""))
            sheets.append(_Sheet(page, templates, pictures, box))
            if len(sheets) > MAX_PAGES:
                raise package.fault(f"的页数超过 {MAX_PAGES} 页的上限", "请拆分后再读")
        attachments += _attachments(package, member, tree)
    return sheets, tuple(attachments)


def _attachments(package: Package, member: str, tree: etree._Element) -> Iterator[Attachment]:
    where = _words(tree, "Attachments")
    listed = package.tree(beside(member, where)) if where else None
    for each in _below(listed, "Attachment"):
        target = _words(each, "FileLoc")
        if where and target and each.get("Visible", "true") != "false":
            name = each.get("Name") or target
            yield Attachment(name=name, target=beside(beside(member, where), target))


def _page(package: Package, sheet: _Sheet, uses: Counter[str]) -> tuple[Page | None, str]:
    """A page, `None` where its content is missing, and the resource of the largest picture that it shows, or ""."""
    content = package.read(sheet.member)
    if content is None:
        return None, ""
    tree = package.parsed(content, sheet.member)
    box = _box(_words(next(_below(tree, "Area"), None), "PhysicalBox")) or sheet.box
    running: list[Glyph] = []
    glyphs: list[Glyph] = []
    rules: list[Rule] = []
    picture = max(_below(tree, "ImageObject"), key=_area, default=None)
    for member in _templates(content, sheet):
        template = package.tree(member)
        if template is not None:
            (running if uses[member] > 1 else glyphs).extend(_glyphs(template, box))
            rules += _rules(template, box)
    glyphs += _glyphs(tree, box)
    rules += _rules(tree, box)
    return (
        Page(
            width=box[2] * _POINTS,
            height=box[3] * _POINTS,
            pieces=tuple(pieces_of(glyphs, rules)),
            rules=tuple(rules),
            aside=tuple((line_of(row), "模板") for row in rows_of(_bare(running))),
        ),
        picture.get("ResourceID", "-") if picture is not None else "",
    )


def _area(element: etree._Element) -> float:
    box = _numbers(element.get("Boundary", ""))
    return box[2] * box[3] if len(box) >= 4 else 0.0


def _recognised(package: Package, sheet: _Sheet, resource: str) -> Page | None:
    """The page that a picture shows; `None` where it cannot be read or nothing is recognised."""
    member = sheet.pictures.get(resource)
    data = package.read(member) if member and ocr.available() else None
    if data is None:
        return None
    try:
        page = ocr.recognise(next(images(data, member or "")), sheet.box[2] * _POINTS)
    except (IngestError, StopIteration):
        return None
    return page if page.pieces else None


def _pictures(package: Package, member: str, tree: etree._Element) -> dict[str, str]:
    """The members of the pictures of a document by their resource ID."""
    found: dict[str, str] = {}
    for kind in ("PublicRes", "DocumentRes"):
        for each in _below(tree, kind):
            where = beside(member, each.text or "")
            resources = package.tree(where)
            if resources is None:
                continue
            folder = beside(where, f"{resources.get('BaseLoc', '.')}/")
            for media in _below(resources, "MultiMedia"):
                file = _words(media, "MediaFile")
                if file and media.get("Type") == "Image":
                    found[media.get("ID", "")] = beside(f"{folder}/-", file)
    return found


def _bare(glyphs: list[Glyph]) -> list[Piece]:
    return pieces_of(glyphs) if glyphs else []


def _templates(content: bytes, sheet: _Sheet) -> list[str]:
    """The members of the templates that a page names."""
    numbers = [found[1].decode() for found in _TEMPLATE.finditer(content)]
    return [sheet.templates[number] for number in numbers if number in sheet.templates]


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    """Four finite numbers, the size above nothing."""
    parts = _numbers(text or "")
    if len(parts) < 4 or not (0 < parts[2] < 20_000 and 0 < parts[3] < 20_000):
        return None
    return parts[0], parts[1], parts[2], parts[3]


def _numbers(text: str) -> list[float]:
    """The finite numbers of a list."""
    found = []
    for word in text.split():
        try:
            value = float(word)
        except ValueError:
            continue
        if math.isfinite(value) and abs(value) < 1e7:
            found.append(value)
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """From the space of an object to the page, in points: its CTM, then the corner of its boundary."""

    a: float
    b: float
    c: float
    d: float
    x: float
    y: float

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point on the page."""
        return (self.a * x + self.c * y + self.x) * _POINTS, (self.b * x + self.d * y + self.y) * _POINTS


def _place(element: etree._Element, box: tuple[float, float, float, float]) -> _Place:
    boundary = _numbers(element.get("Boundary", ""))
    x, y = (boundary[0], boundary[1]) if len(boundary) >= 4 else (0.0, 0.0)
    matrix = _numbers(element.get("CTM", ""))
    a, b, c, d, e, f = matrix if len(matrix) == 6 else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    return _Place(a, b, c, d, x + e - box[0], y + f - box[1])


def _glyphs(tree: etree._Element, box: tuple[float, float, float, float]) -> Iterator[Glyph]:
    """The characters of a page's visible text objects."""
    for element in _below(tree, "TextObject"):
        if element.get("Visible", "true").lower() == "false":
            continue
        place = _place(element, box)
        size = (_numbers(element.get("Size", "")) or [4.0])[0]
        high = size * math.hypot(place.c, place.d) * _POINTS
        if not 0.5 < high < 2000:
            continue
        for code in (each for each in element if _local(each) == "TextCode"):
            yield from _coded(code, place, size, high)


def _coded(code: etree._Element, place: _Place, size: float, high: float) -> Iterator[Glyph]:
    """The characters of one TextCode; a step that is not given is the width of the character."""
    text = (code.text or "")[:_MOST_REPEATS]
    x, y = (_numbers(code.get("X", "0")) or [0.0])[0], (_numbers(code.get("Y", "0")) or [0.0])[0]
    across, down = _steps(code.get("DeltaX", "")), _steps(code.get("DeltaY", ""))
    spaced = False
    for char in text:
        wide = size * (0.5 if char.isascii() else 1.0)
        step = next(across, None)
        fall = next(down, 0.0)
        if char.isspace():
            spaced = True
        elif char.isprintable() or char == "\ufffd" or "\ue000" <= char <= "\uf8ff":
            own = min(wide, step) if step is not None and step > 0 else wide
            left, base = place.point(x, y)
            right, _ = place.point(x + own, y)
            shown = "\ufffd" if "\ue000" <= char <= "\uf8ff" else char
            yield Glyph(shown, min(left, right), max(left, right), base - 0.86 * high, base + 0.14 * high, high, spaced)
            spaced = False
        x += wide if step is None and not _falls(code) else step or 0.0
        y += fall


def _falls(code: etree._Element) -> bool:
    """Whether the characters stand below each other."""
    return bool(code.get("DeltaY")) and not code.get("DeltaX")


def _steps(text: str) -> Iterator[float]:
    """The steps of a DeltaX or DeltaY; `g 3 4.2` is three times 4.2."""
    words = iter(text.split()[:_MOST_REPEATS])
    for word in words:
        if word != "g":
            yield from _numbers(word)
            continue
        count, value = _numbers(next(words, "")), _numbers(next(words, ""))
        if count and value:
            for _ in range(int(min(max(count[0], 0), _MOST_REPEATS))):
                yield value[0]


def _rules(tree: etree._Element, box: tuple[float, float, float, float]) -> Iterator[Rule]:
    """The upright and level lines of a page's visible paths."""
    seen = 0
    for element in _below(tree, "PathObject"):
        if element.get("Visible", "true").lower() == "false":
            continue
        place = _place(element, box)
        lines = list(_strokes(_words(element, "AbbreviatedData") or "", place))
        xs = [x for line in lines for x in (line[0], line[2])]
        ys = [y for line in lines for y in (line[1], line[3])]
        if xs and min(max(xs) - min(xs), max(ys) - min(ys)) <= _THIN:
            lines = [(min(xs), min(ys), max(xs), max(ys))]  # a thin bar
        elif element.get("Stroke", "true").lower() == "false":
            continue
        for x0, y0, x1, y1 in lines:
            seen += 1
            if seen > _MOST_STROKES:
                return
            wide, high = abs(x1 - x0), abs(y1 - y0)
            if max(wide, high) <= 4 or min(wide, high) > _THIN:
                continue
            if high > wide:
                yield Rule((x0 + x1) / 2, min(y0, y1), (x0 + x1) / 2, max(y0, y1))
            else:
                yield Rule(min(x0, x1), (y0 + y1) / 2, max(x0, x1), (y0 + y1) / 2)


def _strokes(path: str, place: _Place) -> Iterator[tuple[float, float, float, float]]:
    """The straight lines of a path: (x0, y0, x1, y1) in points; curves are passed over."""
    words = path.split()[: 4 * _MOST_STROKES]
    counts = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
    start = here = (0.0, 0.0)
    at = 0
    while at < len(words):
        command = words[at]
        count = counts.get(command)
        at += 1
        if count is None:
            continue
        values = _numbers(" ".join(words[at : at + count]))
        if len(values) < count:
            return
        at += count
        if command == "C":
            yield (*here, *start)
            here = start
            continue
        there = place.point(values[-2], values[-1])
        if command == "L":
            yield (*here, *there)
        elif command in "SM":
            start = there
        here = there
