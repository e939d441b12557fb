"""Makers: from a sentence and what stands around it another sentence, to ask the verifier about.

A maker gives `None` where its kind does not apply. Everything is chosen by a seeded generator: the same documents give
the same trials.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence of a document. `passage` are the sentences of its section, `elsewhere` those of its other sections
    (same document), `foreign` some of other documents; `title` and `path` are what its label says."""

    text: str
    passage: tuple[str, ...]
    elsewhere: tuple[str, ...]
    foreign: tuple[str, ...]
    title: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What the verifier is asked: does `cited` support `sentence`? `context` is the label."""

    kind: str
    sentence: str
    cited: tuple[str, ...]
    context: tuple[str, ...]


Maker = Callable[[Sentence, Random], str | None]

NUMBER = r"(?<![\d.〔\[（(第a-zA-Z/_%-])\d[\d,]*(?:\.\d+)?(?![\d.〕\]]|\s*[年月日a-zA-Z号版]|[-—]\d)"
ITEM = re.compile(r"(?<=、)[\u4e00-\u9fff]{2,9}(?=、|等|和)")
VERBS = (
    "支持|鼓励|推动|推进|加快|建设|打造|培育|开展|完善|建立|加强|提升|发展|构建|实施|引导|组织|给予|促进|探索|"
    "研究|深化|强化|优化|健全|落实|扩大|制定|负责|突破|攻关|布局"
)


def swap(pattern: str, to: str | Callable[[re.Match[str]], str]) -> Maker:
    """A maker that changes one match of `pattern`, chosen at random."""
    compiled = re.compile(pattern)

    def make(sentence: Sentence, random: Random) -> str | None:
        found = list(compiled.finditer(sentence.text))
        if not found:
            return None
        match = random.choice(found)
        new = match.expand(to) if isinstance(to, str) else to(match)
        return sentence.text[: match.start()] + new + sentence.text[match.end() :]

    return make


def table(words: Mapping[str, str], before: str = "", after: str = "") -> Maker:
    """A maker that puts one word of a table in place of another."""
    pattern = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return swap(f"{before}(?:{pattern}){after}", lambda match: words[match[0]])


def another(pattern: re.Pattern[str], group: int = 0, extra: Sequence[str] = ()) -> Maker:
    """A maker that puts a match of `pattern` from elsewhere in the place of one here (the passage has neither)."""

    def make(sentence: Sentence, random: Random) -> str | None:
        found = list(pattern.finditer(sentence.text))
        pool = {match[group] for text in (*sentence.elsewhere, *sentence.foreign) for match in pattern.finditer(text)}
        choices = sorted(word for word in pool | set(extra) if word not in sentence.text)
        if not found or not choices:
            return None
        match = random.choice(found)
        start, end = match.span(group)
        new = random.choice(choices)
        if new in match[group] or match[group] in new:
            return None
        return sentence.text[:start] + new + sentence.text[end:]

    return make


def prefixed(words: Sequence[str]) -> Maker:
    """An article, number or authority in front that the passage does not print."""

    def make(sentence: Sentence, random: Random) -> str | None:
        made = random.choice(words) + sentence.text
        return made if len(sentence.text) > 10 else None

    return make


def other(texts: Callable[[Sentence], Sequence[str]]) -> Maker:
    """A whole sentence that stands, but elsewhere (wrong section or document cited)."""

    def make(sentence: Sentence, random: Random) -> str | None:
        held = "".join(sentence.passage)
        pool = [
            text for text in texts(sentence) if len(text) >= 15 and text.rstrip("。；") not in held + sentence.title
        ]
        return random.choice(pool) if pool else None

    return make
