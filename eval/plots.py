"""Small plots as inline SVG, drawn with the colours of the page that holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_LABEL, _PLOT, _VALUE, _ROW, _TOP = 190, 400, 150, 26, 8  # widths and heights, in user units


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A bar from 0 to `value`, with its interval; `note` stands after the number."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""


def bars(rows: Sequence[Bar], *, title: str, highest: float = 1.0, digits: int = 3) -> str:
    """Horizontal bars, one a row, on a scale from 0 to `highest`; an interval is drawn as a whisker."""
    width, bottom = _LABEL + _PLOT + _VALUE, _TOP + _ROW * len(rows)
    scale = _PLOT / (highest or 1.0)
    parts = [
        f'<svg class="plot" viewBox="0 0 {width} {bottom + 22}" role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
    ]
    for step in range(5):
        x = _LABEL + _PLOT * step / 4
        tick = f"{highest * step / 4:g}"
        parts.append(f'<line class="grid" x1="{x}" y1="{_TOP}" x2="{x}" y2="{bottom}"/>')
        parts.append(f'<text class="tick" x="{x}" y="{bottom + 16}" text-anchor="middle">{tick}</text>')
    for at, row in enumerate(rows):
        middle = _TOP + _ROW * at + _ROW / 2
        shown = f"{row.value:.{digits}f}" + (f"　{row.note}" if row.note else "")
        parts.append(
            f'<text x="{_LABEL - 8}" y="{middle + 4.5}" text-anchor="end">{escape(row.label)}</text>'
            f'<rect class="bar" x="{_LABEL}" y="{middle - 8}" width="{row.value * scale:.1f}" height="16" rx="2"/>'
            f'<text x="{_LABEL + _PLOT + 8}" y="{middle + 4.5}">{escape(shown)}</text>'
        )
        if row.low is not None and row.high is not None:
            left, right = _LABEL + row.low * scale, _LABEL + row.high * scale
            parts.append(
                f'<path class="whisker" d="M{left:.1f} {middle - 4}v8M{left:.1f} {middle}H{right:.1f}M{right:.1f} '
                f'{middle - 4}v8"/>'
            )
    return "".join([*parts, "</svg>"])
