"""How two texts or two section paths are compared: blind to layout, strict about words.

Every figure rests on these few functions, so that a quote in another rendering (full width, hard wraps, Markdown
marks) is still the same quote.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

_BLANK = re.compile(r"[\s*]+")
_MARK = r"[\[〔]\d+[\]〕]"
_MARKS_AFTER_STOP = re.compile(rf"([。！？!?])((?:\s*{_MARK})+)")
_SENTENCE_END = re.compile(r"(?<=[。！？!?])(?![”」])|\n+")
_SHORTEST = 6  # characters of a quote that can show by itself where it is from


def fold(text: str) -> str:
    """Compatibility forms made plain (NFKC), lower case, without white space and asterisks."""
    return _BLANK.sub("", unicodedata.normalize("NFKC", text)).lower()


def loose(text: str) -> str:
    """`fold` without citation marks and punctuation (`%` stays): what answer keys are looked up in."""
    unmarked = re.sub(r"\[\d+\]|〔\d+〕(?=\D|$)", "", text)
    return re.sub(r"[^\w%]+", "", fold(unmarked))


def section_key(path: str) -> str:
    """A section path without its punctuation: `二、（一）`, `二.(一)` and `二（一）` have one key."""
    return re.sub(r"[^\w]+", "/", unicodedata.normalize("NFKC", path)).strip("/").lower()


def under(path: str, other: str) -> bool:
    """Whether `path` is the section `other` or lies below it."""
    key, root = section_key(path), section_key(other)
    return key == root or key.startswith(root + "/")


def overlap(one: str, other: str) -> int:
    """Length of the longest run of characters that both folded texts have."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.find_longest_match(0, len(one), 0, len(other)).size


def same_words(one: str, other: str) -> bool:
    """Whether two folded, non-empty quotes show the same passage.

    One holds the other (six characters at least, or they are equal), or they share a run of at least six characters
    and of half of the shorter one.
    """
    shorter = min(len(one), len(other))
    if one in other or other in one:
        return shorter >= _SHORTEST or one == other
    return shorter >= _SHORTEST and overlap(one, other) >= max(_SHORTEST, shorter // 2)


def has_mark(sentence: str) -> bool:
    """Whether a sentence carries a citation mark: `[1]` or `〔1〕`."""
    return re.search(_MARK, sentence) is not None


def sentences(answer: str) -> list[str]:
    """The sentences of an answer, each with its marks.

    What has fewer than eight letters and digits, or ends in a colon because it only leads in, is no sentence.
    """
    text = _MARKS_AFTER_STOP.sub(r"\2\1", answer)
    parts = (part.strip() for part in _SENTENCE_END.split(text))
    return [part for part in parts if len(loose(part)) >= 8 and not part.endswith(("：", ":"))]
