"""Chinese numerals and days as numbers and dates. A question is read by them too: no reader of files is needed."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

NARROW = str.maketrans("０１２３４５６７８９．", "0123456789.")
CENTURY = "(?:19|20|１９|２０)"  # the first two digits of a year, in either width
DIGITS = "零一二三四五六七八九"


def han_to_int(text: str) -> int:
    """`十二` → 12, `一百零三` → 103, `12` → 12, `②` → 2, `Ⅱ` → 2, `b` → 2; 0 for an empty text."""
    if text.isdecimal():
        return int(text)
    for first, last in ("①⑳", "ⅠⅫ", "az", "AZ", "ａｚ", "ＡＺ"):
        if len(text) == 1 and first <= text <= last:
            return ord(text) - ord(first) + 1
    total = digit = 0
    for char in text.replace("〇", "零").replace("两", "二"):
        if char in DIGITS:
            digit = DIGITS.index(char)
        else:
            total += (digit or 1) * {"十": 10, "百": 100}[char]
            digit = 0
    return total + digit


def last_day(year: str, month: str | None, day: str | None) -> date | None:
    """The day, or the last one of the month or year; `None` when there is no such day."""
    if month is None:
        return date(int(year), 12, 31)
    if day is None:
        return _day(year, month, str(monthrange(int(year), int(month))[1])) if 1 <= int(month) <= 12 else None
    return _day(year, month, day)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:  # 2月30日: the file prints no such day
        return None
