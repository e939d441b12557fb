"""Small pure functions on Chinese and English text: folding, sentences, clauses, and the grams that are compared."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_SPACE_NEAR_HAN = re.compile(rf"(?<=[{HAN}，。；：、！？（）《》“”‘’])\s+|\s+(?=[{HAN}，。；：、！？（）《》“”‘’])")
_WORD = re.compile(rf"[{HAN}]+|[a-z0-9]+(?:[-.'][a-z0-9]+)*%?")
_STOP = re.compile(r"[。！？!?]+[”」』’）)]?|\n+")
# C0, C1, what has no width, what turns the direction of text, tags: nothing that a terminal or a reader should get
_CONTROL = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def fold(text: str) -> str:
    """NFKC, lower case, no white space and no Markdown emphasis: what two texts are compared by."""
    return re.sub(r"[\s*]+", "", unicodedata.normalize("NFKC", text)).lower()


def bare(text: str) -> str:
    """`fold` without punctuation."""
    return re.sub(r"[^\w%]+", "", fold(text))


def tidy(text: str) -> str:
    """One line without control characters, bold marks, or the spaces that stand beside Chinese characters.

    Spaces between Chinese characters and Latin letters or digits stay out as well: `到 2030 年` → `到2030年`.
    """
    line = re.sub(r"\s+", " ", _CONTROL.sub("", text.replace("*", ""))).strip()
    return _SPACE_NEAR_HAN.sub("", line)


def visible(line: str) -> str:
    """A line of JSON with control characters as \\uNNNN: the same value, and nothing for a terminal to obey."""
    return _CONTROL.sub(lambda found: json.dumps(found[0])[1:-1], line)


def unmarked(text: str) -> str:
    """`text` with its own [1] as ［1］: in an answer only the marks of its citations look like marks."""
    return re.sub(r"\[(\d+)\]", r"［\1］", text)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The `[start, end)` of every sentence, without surrounding white space, in order.

    A sentence ends at 。！？ (with the closing quotation mark or bracket that follows) or at a line's end.
    """
    start = 0
    for stop in [*_STOP.finditer(text), None]:
        end = stop.end() if stop else len(text)
        left, right = start, end
        while left < right and text[left].isspace():
            left += 1
        while left < right and text[right - 1].isspace():
            right -= 1
        if left < right:
            yield left, right
        start = end


def clauses(text: str, marks: str = "；;") -> Iterator[tuple[int, int]]:
    """The `[start, end)` of the parts between `marks`; a mark belongs to the part before it, brackets hold."""
    depth, start = 0, 0
    for at, char in enumerate(text):
        if char in "（(“《[":
            depth += 1
        elif char in "）)”》]":
            depth = max(0, depth - 1)
        elif char in marks and depth == 0:
            yield start, at + 1
            start = at + 1
    if start < len(text):
        yield start, len(text)


def grams(text: str) -> list[str]:
    """Comparable pieces in order: Chinese bigrams (a lone character as itself), Latin words, numbers.

    Everything is folded first; nothing is removed twice, so the same gram can occur again.
    """
    found: list[str] = []
    for run in _WORD.findall(unicodedata.normalize("NFKC", text).lower().replace(",", "")):
        if run[0] < "\u3400" or len(run) == 1:
            found.append(run)
        else:
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
    return found


def bag(text: str) -> frozenset[str]:
    """The grams of a text and its single Chinese characters, for looking grams up."""
    return frozenset(grams(text)) | frozenset(filter(is_han, text))


def is_han(char: str) -> bool:
    """Whether a character is a Chinese ideograph."""
    return "\u3400" <= char <= "\u9fff"


def han_share(text: str) -> float:
    """Chinese characters among the letters of a text, 0..1; 1 for a text without letters."""
    letters = [char for char in text if char.isalpha()]
    return sum(map(is_han, letters)) / len(letters) if letters else 1.0


def is_english(text: str) -> bool:
    """Whether a question is to be answered in English: hardly any of its letters are Chinese."""
    return han_share(text) <= 0.3
