"""Numbers as office programs and browsers generate them: 1, a, iv, 一, 壹, ①, 甲 …"""

from __future__ import annotations

_HAN = "〇一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)
_ALIASES = {
    "chineseCounting": "chinese",
    "chineseCountingThousand": "chinese",
    "taiwaneseCounting": "chinese",
    "taiwaneseCountingThousand": "chinese",
    "japaneseCounting": "chinese",
    "koreanCounting": "chinese",
    "chineseLegalSimplified": "legal",
    "ideographLegalTraditional": "legal",
    "ideographDigital": "digits",
    "taiwaneseDigital": "digits",
    "japaneseDigitalTenThousand": "digits",
    "ideographTraditional": "stems",
    "ideographZodiac": "branches",
    "decimalEnclosedCircle": "circled",
    "decimalEnclosedCircleChinese": "circled",
}


def count(kind: str, number: int) -> str:
    """`number` in the way `kind` names (an OOXML `numFmt`, or `chinese`); an unknown kind counts 1, 2, 3."""
    kind = _ALIASES.get(kind, kind)
    if kind in ("none", "bullet"):
        return ""
    if kind == "chinese" and 0 < number < 10_000:
        return _chinese(number, _HAN, "十百千")
    if kind == "legal" and 0 < number < 10_000:
        return _chinese(number, _LEGAL, "拾佰仟")
    if kind == "digits" and number >= 0:
        return "".join(_HAN[int(digit)] for digit in str(number))
    if kind == "stems" and 0 < number <= 10:
        return _STEMS[number - 1]
    if kind == "branches" and 0 < number <= 12:
        return _BRANCHES[number - 1]
    if kind == "circled" and 0 < number <= 20:
        return chr(ord("①") + number - 1)
    if kind == "decimalZero":
        return f"{number:02d}"
    if kind == "decimalFullWidth" or kind == "decimalFullWidth2":
        return str(number).translate({48 + digit: 0xFF10 + digit for digit in range(10)})
    if kind == "decimalEnclosedParen":
        return chr(ord("⑴") + number - 1) if 0 < number <= 20 else f"({number})"
    if kind == "decimalEnclosedFullstop":
        return chr(ord("⒈") + number - 1) if 0 < number <= 20 else f"{number}."
    if kind in ("upperLetter", "lowerLetter") and 0 < number <= 780:
        letter = chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if kind == "upperLetter" else letter.lower()
    if kind in ("upperRoman", "lowerRoman") and 0 < number < 4000:
        return _roman(number) if kind == "upperRoman" else _roman(number).lower()
    return str(number)


def _chinese(number: int, digits: str, units: str) -> str:
    """1 to 9999 with units: 十, 十二, 二十, 一百零三; 壹拾 with the legal digits."""
    out, zero = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit == 0:
            zero = bool(out)
            continue
        out += ("零" if zero else "") + digits[digit] + (units[place - 1] if place else "")
        zero = False
    return out[1:] if out.startswith("一十") else out


def _roman(number: int) -> str:
    out = ""
    for value, letters in _ROMAN:
        out += letters * (number // value)
        number %= value
    return out
