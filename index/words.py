"""Words, characters and character pairs: what BM25 counts in a passage and in a question.

One bag of jieba's search-mode words, single characters and pairs of neighbouring characters ranked best of every
choice that was measured (docs/benchmarks.md); pairs and characters also carry the words that no dictionary knows.

The words are jieba's to the letter, by its dictionary and its model for unknown words, but found by loops of our own
that take less than half its time, a quarter of what a build spends on a document. jieba also keeps its prefix table in
the shared temporary folder and reads it back with `marshal`, so that any local user could plant one. Here no cache is
written or read: the dictionary's lines are sorted (about 0.04 s), and those that begin with a character are parsed when
it first appears in a text.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from math import log
from operator import add
from pathlib import Path
from threading import Thread

import jieba
from jieba.finalseg import cut as cut_unknown

from index.folding import fold as fold

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_HAN}]+|[0-9]+\.[0-9]+|[^\W_{_HAN}]+")
_HAN_FIRST = re.compile(f"[{_HAN}]").match
_BLOCK = re.compile(rf"[\u4e00-\u9fd5a-z0-9+#&._%-]+|[{_HAN}]|[^\W_]")  # what jieba cuts as one, in folded text
_FIRST_HAN = "\u3400"
_NEVER = float("-inf")
_BLOCKS = 1024  # blocks whose words are remembered
_LONGEST = 64  # characters of a token; a longer run (an encoded picture) is cut
_LONG_QUERY = 200  # characters; in a longer question single characters only add noise


def tokens_version() -> str:
    """Names what decides the tokens; an index holds the one it was made with."""
    return f"1 jieba {jieba.__version__} {_dictionary().stat().st_size}"


class _Shares(dict[str, float]):
    """The logarithm of a word's share in all words, by its frequency as the dictionary prints it; 0 for none."""

    def __init__(self, total: int) -> None:
        self._total = log(total)

    def __missing__(self, frequency: str) -> float:
        number = int(frequency)
        self[frequency] = log(number) - self._total if number else 0.0
        return self[frequency]


class Segmenter:
    """jieba's search mode over its own dictionary, with nothing read from or written to the temporary folder.

    Safe to use from several threads.
    """

    def __init__(self, total: int | None = None) -> None:
        """`total` is `dictionary_total()`, for whoever knows it already."""
        self._lines = sorted(_dictionary().read_bytes().split(b"\n"))
        self._shares = _Shares(total or dictionary_total())
        self._once = self._shares["1"]  # what an unknown character counts as
        self._table: dict[str, float] = {}  # the shares of words, and 0 for what only begins a word
        self._known: set[str] = set()  # characters whose words are in the table
        self._remembered = lru_cache(maxsize=_BLOCKS)(self._words)  # a document's passages begin with its headings

    def words(self, text: str) -> list[str]:
        """Search-mode words of the folded text that begin with a letter, a digit or a Chinese character."""
        folded = fold(text)
        if not self._known.issuperset(folded):
            self._learn(set(folded) - self._known)
        found: list[str] = []
        for block in _BLOCK.findall(folded):
            found += self._remembered(block) if len(block) <= _LONGEST else self._words(block)
        return found

    def _words(self, block: str) -> list[str]:
        """The words of a block, each behind the shorter ones that it holds."""
        get = self._table.get
        found: list[str] = []
        for word in self._cut(block):
            if (size := len(word)) > 2:
                found += [pair for at in range(size - 1) if get(pair := word[at : at + 2])]
            if size > 3:
                found += [three for at in range(size - 2) if get(three := word[at : at + 3])]
            found.append(word)
        return [word[:_LONGEST] for word in found if word >= _FIRST_HAN or word[0].isalnum()]

    def _cut(self, block: str) -> list[str]:
        """The words of a block whose shares have the greatest product; what stands between them is cut by jieba's model
        for words that no dictionary knows."""
        found: list[str] = []
        ends = self._ends(block)
        start = lone = 0
        while start < len(block):
            end = ends[start]
            if end - start > 1:
                if lone < start:
                    found += self._unknown(block[lone:start])
                found.append(block[start:end])
                lone = end
            start = end
        if lone < start:
            found += self._unknown(block[lone:])
        return found

    def _ends(self, block: str) -> list[int]:
        """For each place of a block the end of the word that the best cutting from there begins with; of equals the
        longest."""
        get, size = self._table.get, len(block)
        text = f"{block}\n"  # no word goes on beyond the block
        best, ends = [0.0] * (size + 1), [0] * size
        for start in range(size - 1, -1, -1):
            end = to = start + 1
            share = get(text[start])
            top = share + best[end] if share else _NEVER
            while share is not None:
                end += 1
                share = get(text[start:end])
                if share and (here := share + best[end]) >= top:
                    top, to = here, end
            best[start] = top if top != _NEVER else self._once + best[to]
            ends[start] = to
        return ends

    def _unknown(self, run: str) -> Iterable[str]:
        return run if len(run) == 1 or self._table.get(run) else cut_unknown(run)

    def _learn(self, characters: Iterable[str]) -> None:
        """Put what begins with `characters` into the table: words with their shares, beginnings with 0."""
        for character in characters:
            key = character.encode("utf-8", "surrogatepass")
            lines = self._lines[bisect_left(self._lines, key) : bisect_left(self._lines, key + b"\xff")]
            fields = b" ".join(lines).decode().split(" ")  # a word, its frequency, its kind
            words = fields[::3] if lines else []
            table = dict(zip(words, map(self._shares.__getitem__, fields[1::3]), strict=True))
            for word in words:
                while (word := word[:-1]) and word not in table:
                    table[word] = 0.0
            self._table.update(table)
            self._known.add(character)


def grams(text: str) -> list[str]:
    """Single characters and pairs of every run of Chinese characters, and other runs of letters or digits whole."""
    found: list[str] = []
    for run in _RUN.findall(fold(text)):
        if _HAN_FIRST(run):
            found += run
            found += map(add, run, run[1:])
        else:
            found.append(run[:_LONGEST])
    return found


def query_tokens(query: str, segmenter: Segmenter) -> list[str]:
    """Tokens of a question, repeats kept; one of more than 200 characters goes without single characters."""
    return tokens_of(query, segmenter.words(query))


def tokens_of(query: str, words: Sequence[str]) -> list[str]:
    """`query_tokens` of a question whose words are cut already."""
    tokens = [*words, *grams(query)]
    return [token for token in tokens if len(token) > 1] if len(query) > _LONG_QUERY else tokens


@cache
def dictionary_total() -> int:
    """The sum of all frequencies in jieba's dictionary."""
    return sum(map(int, re.findall(rb" (\d+) ", _dictionary().read_bytes())))


@contextmanager
def segmenting(processes: int) -> Iterator[Callable[[Sequence[str]], list[str]]]:
    """A function that gives the words of each text, parted by blanks; `processes` processes share the work."""
    if processes <= 1:
        yield segment
        return
    from concurrent.futures import ProcessPoolExecutor  # what only a build needs takes a question 20 ms to import
    from multiprocessing import get_context

    # Spawned, not forked: the parent may hold threads of FAISS and tantivy.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:

        def shared(texts: Sequence[str]) -> list[str]:
            slices = [texts[at : at + 64] for at in range(0, len(texts), 64)]
            return [line for part in pool.map(segment, slices) for line in part]

        yield shared


def end_with_parent() -> None:
    """Have this process end when the one that started it is gone: those of a pool would wait for work for ever."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(parent: int) -> None:
    from multiprocessing.connection import wait

    wait([parent])
    os._exit(1)


@cache
def _segmenter() -> Segmenter:
    return Segmenter()


def segment(texts: Sequence[str]) -> list[str]:
    """The words of each text, parted by blanks."""
    segmenter = _segmenter()
    return [" ".join(segmenter.words(text)) for text in texts]


def _dictionary() -> Path:
    return Path(jieba.__file__).parent / "dict.txt"
