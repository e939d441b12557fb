"""Pictures of documents: photographs and scans of one page or, in a TIFF file, several."""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from errors import IngestError
from ingest.formats import Step, ocr, unwatched
from ingest.formats.printed import Page
from ingest.formats.printed_text import compose
from ingest.layout import Extract

if TYPE_CHECKING:
    from ingest.formats.ocr import Image

MAX_PIXELS = 120_000_000
MAX_PAGES = 300
MAX_SECONDS = 1800.0
_LARGEST = 3600  # pixels of the longer side that are kept


def read(data: bytes, name: str, step: Step = unwatched) -> Extract:
    """The text of a picture. Raises IngestError: no recognition installed, damaged, too large, without text."""
    if not ocr.available():
        raise IngestError(f"识别图片里的文字要先安装 wence[ocr]：{name}；或换成带文字的文件。")
    pages: list[Page] = []
    started = time.monotonic()
    for image in images(data, name):
        if len(pages) == MAX_PAGES:
            raise IngestError(f"图片超过 {MAX_PAGES} 页的上限：{name}；请拆分后再读。")
        if time.monotonic() - started > MAX_SECONDS:
            raise IngestError(f"图片识别了 {MAX_SECONDS / 60:.0f} 分钟还没有完成：{name}；请拆分后再读。")
        step(len(pages) + 1)
        pages.append(ocr.recognise(image))
    if not any(page.pieces for page in pages):
        raise IngestError(f"图片里没有认出文字：{name}；请换成清晰的扫描件。")
    step(0)
    return compose(pages)


def images(data: bytes, name: str) -> Iterator[Image]:
    """The pages of a picture in grey, upright as the camera says, no larger than is of use."""
    import numpy as np
    from PIL import Image as Picture
    from PIL import ImageOps

    damaged = (OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, IndexError, OverflowError, MemoryError)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Picture.open(io.BytesIO(data), formats=("PNG", "JPEG", "TIFF", "BMP"))
            for number in range(getattr(picture, "n_frames", 1)):
                picture.seek(number)
                if picture.width * picture.height > MAX_PIXELS:
                    raise Picture.DecompressionBombError
                frame = ImageOps.exif_transpose(picture).convert("RGBA")
                paper = Picture.new("RGBA", frame.size, "white")
                grey = Picture.alpha_composite(paper, frame).convert("L")
                grey.thumbnail((_LARGEST, _LARGEST))
                if min(grey.size) >= 16:
                    yield np.array(grey, dtype=np.uint8)
    except Picture.DecompressionBombError:
        raise IngestError(f"图片超过 {MAX_PIXELS // 10**6} 百万像素的上限：{name}；请缩小到 300 dpi 以内。") from None
    except damaged:
        raise IngestError(f"图片已损坏，打不开：{name}；请重新扫描或下载。") from None
