"""Pictures of pages → pieces with their place and confidence, by RapidOCR (models inside its package, no network).

Part of the extra `ocr`; nothing here is imported unless a picture is to be read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from itertools import pairwise
from statistics import median
from threading import Lock
from typing import TYPE_CHECKING, Any

from ingest.formats.printed import Page, Piece, Rule
from ingest.lines import is_han, width

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    """Grey values 0 to 255, (rows, columns)."""

DOTS = 200
"""Dots an inch at which pages are pictured for recognition."""

_LOCK = Lock()
_THREADS = 2
_SIDE = (1280, 2400)  # pixels of the longer side in which text is looked for
_LEAST = 0.3  # confidence; below it what was read is noise
_UPRIGHT = 0.6  # confidence; a page read with less is tried upside down
_WIDE, _NARROW = "（）：；，？！", "():;,?!"
_HALF_BEFORE, _HALF_AFTER = "（《〔“【(", "。，、；：？！）》〕”】),;:"  # no ink in one half of their place
_PAIR = re.compile(r"[(（]([^()（）]{1,40})[)）]")
_YEAR = re.compile(r"[\[［(（〔]((?:19|20)\d{2})[\]］)）〕](?=第?\d+号)")


def available() -> bool:
    """Whether pictures can be read."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def recognise(image: Image, wide: float | None = None) -> Page:
    """The page in a picture, turned upright and straight; `wide` is its width in points (default: that of A4)."""
    import numpy as np

    boxes = _boxes(image)
    if _is_sideways(boxes):
        image, wide = np.ascontiguousarray(np.rot90(image)), None
        boxes = _boxes(image)
    image = _straightened(image, boxes)
    lines = _lines(image) if boxes else []
    if lines and _confidence(lines) < _UPRIGHT:
        turned = np.ascontiguousarray(np.rot90(image, 2))
        other = _lines(turned)
        if _confidence(other) > _confidence(lines):
            image, lines = turned, other
    high, across = image.shape[:2]
    scale = (wide or (595.0 if high >= across else 842.0)) / across
    whole = _even(_pieces(lines, scale))
    rules = [rule for rule in _rules(image, scale) if not any(_is_stroke(rule, piece) for piece in whole)]
    pieces = [part for piece in whole for part in _parted(piece, rules)]
    sure = tuple(piece for piece in pieces if piece.confidence >= _LEAST)
    return Page(
        width=across * scale,
        height=high * scale,
        pieces=_mended(sure),
        rules=tuple(rules),
        aside=tuple((piece, "识别不清") for piece in pieces if piece.confidence < _LEAST),
    )


_Line = tuple[Any, str, float]
"""The corners of a line (four points in pixels, clockwise from the top left), its text, its confidence."""


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.text_score": 0.0,
            "Det.limit_type": "max",
            "EngineConfig.onnxruntime.intra_op_num_threads": _THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _boxes(image: Image) -> list[Any]:
    """Where lines stand in a picture."""
    import cv2

    with _LOCK:
        found = _engine()(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), use_det=True, use_cls=False, use_rec=False)
    return list(found.boxes) if found.boxes is not None else []


def _lines(image: Image) -> list[_Line]:
    """What stands in a picture."""
    import cv2

    with _LOCK:
        found = _engine()(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), use_det=True, use_cls=False, use_rec=True)
    if found.boxes is None or found.txts is None:
        return []
    lines = zip(found.boxes, found.txts, found.scores, strict=True)
    return [(box, _closed(" ".join(text.split())), float(score)) for box, text, score in lines if text.strip()]


def _closed(text: str) -> str:
    """`text` without the spaces that large type gets between single characters."""
    words = text.split(" ")
    apart = len(words) > 2 and 2 * sum(len(word) == 1 and is_han(word) for word in words) >= len(words) - 1
    return "".join(words) if apart else text


def _confidence(lines: Sequence[_Line]) -> float:
    letters = sum(len(text) for _, text, _ in lines)
    return sum(score * len(text) for _, text, score in lines) / letters if letters else 0.0


def _is_sideways(boxes: Sequence[Any]) -> bool:
    """Whether most of the text stands in upright strips."""
    tall = sum(_high(box) > 2 * _across(box) for box in boxes)
    flat = sum(_across(box) > 2 * _high(box) for box in boxes)
    return tall > flat


def _across(box: Any) -> float:
    return float(box[:, 0].max() - box[:, 0].min())


def _high(box: Any) -> float:
    return float(box[:, 1].max() - box[:, 1].min())


def _straightened(image: Image, boxes: Sequence[Any]) -> Image:
    """The picture turned by the slope of its longer lines, if they slope."""
    import cv2

    long = [box for box in boxes if _across(box) > 0.25 * image.shape[1]]
    slopes = [float((box[1][1] - box[0][1]) / max(1.0, box[1][0] - box[0][0])) for box in long]
    slope = median(slopes) if len(slopes) >= 3 else 0.0
    if not 0.003 < abs(slope) < 0.2:
        return image
    high, across = image.shape[:2]
    turn = cv2.getRotationMatrix2D((across / 2, high / 2), 57.29578 * slope, 1.0)
    paper = int(median(image[:: max(1, high // 50)].ravel().tolist()))
    return cv2.warpAffine(image, turn, (across, high), flags=cv2.INTER_CUBIC, borderValue=paper).astype("uint8")


def _pieces(lines: Sequence[_Line], scale: float) -> list[Piece]:
    """Lines in points; the size of type comes from a line's length, and where it is short from its height."""
    shares = [_length(box, text) / _high(box) for box, text, _ in lines if width(text) >= 6]
    share = median(shares) if shares else 0.75
    found = []
    for box, text, confidence in lines:
        size = _length(box, text)
        if width(text) < 5 or not 0.6 * share < size / max(1.0, _high(box)) < 1.4 * share:
            size = share * _high(box)
        left, right = float(box[:, 0].min()), float(box[:, 0].max())
        left -= 0.45 * size * (text[0] in _HALF_BEFORE)
        right += 0.45 * size * (text[-1] in _HALF_AFTER)
        top = float(box[:, 1].min() + box[:, 1].max() - size) / 2
        size = max(1.0, size * scale)
        found.append(
            Piece(text, left * scale, right * scale, top * scale, top * scale + size, size, min(1.0, confidence))
        )
    return found


def _length(box: Any, text: str) -> float:
    """How long one full-width character of a line is, in pixels."""
    blank = 0.45 * (text[0] in _HALF_BEFORE) + 0.45 * (text[-1] in _HALF_AFTER)
    return _across(box) / max(0.5, width(text) - blank)


def _even(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces whose sizes differ only by measuring get the same size; one of few characters that of its neighbour."""
    long = [piece for piece in pieces if width(piece.text) >= 5]
    short = {id(piece) for piece in pieces if width(piece.text) < 5}
    left = sorted(long, key=lambda piece: piece.size)
    sizes: dict[int, float] = {}
    while left:
        best: list[Piece] = []
        low = 0
        for high in range(len(left)):
            while left[high].size > 1.15 * left[low].size:
                low += 1
            if _letters(left[low : high + 1]) > _letters(best):
                best = left[low : high + 1]
        size = median(piece.size for piece in best for _ in range(min(20, len(piece.text))))
        near = [piece for piece in left if 0.87 * size <= piece.size <= 1.15 * size] or best
        sizes |= {id(piece): size for piece in near}
        left = [piece for piece in left if id(piece) not in sizes]
    for piece in pieces:
        if id(piece) in short:
            beside = min(long, key=lambda other: _distance(other, piece), default=piece)
            size = sizes.get(id(beside), piece.size)
            sizes[id(piece)] = size if 0.6 < piece.size / size < 1.6 else piece.size
    return [_resized(piece, sizes[id(piece)]) for piece in pieces]


def _distance(one: Piece, other: Piece) -> float:
    return abs(one.top - other.top) + abs(one.left - other.left)


def _letters(pieces: Sequence[Piece]) -> int:
    return sum(len(piece.text) for piece in pieces)


def _resized(piece: Piece, size: float) -> Piece:
    middle = (piece.top + piece.bottom) / 2
    return replace(piece, size=size, top=middle - size / 2, bottom=middle + size / 2)


def _is_stroke(rule: Rule, piece: Piece) -> bool:
    """Whether a straight line is part of a character."""
    if max(rule.right - rule.left, rule.bottom - rule.top) > 1.5 * piece.size:
        return False
    return rule.left < piece.right and rule.right > piece.left and rule.top < piece.bottom and rule.bottom > piece.top


def _parted(piece: Piece, rules: Sequence[Rule]) -> list[Piece]:
    """A piece cut where an upright rule crosses it."""
    middle, edge = (piece.top + piece.bottom) / 2, 0.8 * piece.size
    cuts = sorted(
        rule.left
        for rule in rules
        if rule.upright and rule.top < middle < rule.bottom and piece.left + edge < rule.left < piece.right - edge
    )
    unit = (piece.right - piece.left) / width(piece.text)
    found: list[Piece] = []
    for left, right in pairwise([piece.left, *cuts, piece.right]):
        text, at = "", piece.left
        for char in piece.text:
            step = unit * width(char)
            if left <= at + step / 2 < right or (right == piece.right and at + step / 2 >= right):
                text += char
            at += step
        if text.strip():
            found.append(replace(piece, text=text.strip(), left=left, right=right))
    return found


def _rules(image: Image, scale: float) -> list[Rule]:
    """The straight lines of a picture that are long enough for a table."""
    import cv2
    import numpy as np

    _, ink = cv2.threshold(cv2.GaussianBlur(image, (3, 3), 0), 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    found: list[Rule] = []
    reach = max(25, int(28 / scale))
    for shape, thick in (((reach, 1), (1, 3)), ((1, reach), (3, 1))):
        bridged = cv2.dilate(ink, np.ones(thick[::-1], np.uint8))
        lines = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape))
        count, _, stats, _ = cv2.connectedComponentsWithStats(lines)
        for x, y, wide, high, _ in stats[1 : min(count, 2000)].tolist():
            if min(wide, high) * scale > 6:
                continue  # a block of ink, no line
            if wide > high:
                at = (y + high / 2) * scale
                found.append(Rule(x * scale, at, (x + wide) * scale, at))
            else:
                at = (x + wide / 2) * scale
                found.append(Rule(at, y * scale, at, (y + high) * scale))
    return found


def _mended(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Brackets and stops beside Chinese characters made full-width, 〔2024〕 mended, stray Traditional characters made
    Simplified in a Simplified page: what recognition is known to mix up."""
    texts = [_YEAR.sub(r"〔\1〕", _widened(piece.text)) for piece in pieces]
    return tuple(replace(piece, text=text) for piece, text in zip(pieces, _simplified(texts), strict=True))


def _widened(text: str) -> str:
    """`text` with full-width marks where Chinese stands beside them."""
    chars = list(text)
    paired: set[int] = set()
    for found in _PAIR.finditer(text):
        wide = "（" in found[0] or "）" in found[0] or any(map(is_han, found[1]))
        chars[found.start()], chars[found.end() - 1] = "（）" if wide else "()"
        paired |= {found.start(), found.end() - 1}
    for at, char in enumerate(chars):
        if char in _NARROW and at not in paired:
            beside = chars[max(0, at - 1) : at] + chars[at + 1 : at + 2]
            if any(is_han(each) or each in _WIDE + "。、“”〔〕《》" for each in beside):
                chars[at] = _WIDE[_NARROW.index(char)]
    return "".join(chars)


def _simplified(texts: Sequence[str]) -> list[str]:
    from opencc import OpenCC

    whole = "\n".join(texts)
    simple = OpenCC("t2s").convert(whole)
    changed = sum(one != other for one, other in zip(whole, simple, strict=False))
    few = len(simple) == len(whole) and 0 < changed <= 0.05 * sum(map(is_han, whole))
    return simple.split("\n") if few else list(texts)
