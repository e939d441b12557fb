"""Words, characters and character pairs: what BM25 counts in a passage and in a question.

One bag of jieba's search-mode words, single characters and pairs of neighbouring characters ranked best of every
choice that was measured (docs/benchmarks.md); pairs and characters also carry the words that no dictionary knows.

jieba keeps its prefix table in the shared temporary folder and reads it back with `marshal`, so that any local user
could plant one. Here no cache is written or read: the dictionary's lines are sorted (about 0.04 s), and those that
begin with a character are parsed when it first appears in a text.
"""

from __future__ import annotations

import os
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Thread

import jieba

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_HAN}]+|[0-9]+\.[0-9]+|[^\W_{_HAN}]+")
_LONGEST = 64  # characters of a token; a longer run (an encoded picture) is cut
_LONG_QUERY = 200  # characters; in a longer question single characters only add noise


def tokens_version() -> str:
    """Names what decides the tokens; an index holds the one it was made with."""
    return f"1 jieba {jieba.__version__} {_dictionary().stat().st_size}"


def fold(text: str) -> str:
    """Compatibility forms made plain (full width, ligatures) and capitals made small; the length may change."""
    return unicodedata.normalize("NFKC", text).lower()


class Segmenter:
    """jieba's search mode over its own dictionary, with nothing read from or written to the temporary folder.

    Safe to use from several threads.
    """

    def __init__(self, total: int | None = None) -> None:
        """`total` is `dictionary_total()`, for whoever knows it already."""
        self._lines = sorted(_dictionary().read_bytes().split(b"\n"))
        self._known: set[str] = set()  # characters whose words are in jieba's table
        self._jieba = jieba.Tokenizer()
        self._jieba.FREQ, self._jieba.total = {}, total or dictionary_total()
        self._jieba.initialized = True

    def words(self, text: str) -> list[str]:
        """Search-mode words of the folded text that begin with a letter, a digit or a Chinese character."""
        folded = fold(text)
        self._learn(set(folded) - self._known)
        return [word[:_LONGEST] for word in self._jieba.cut_for_search(folded) if _RUN.match(word)]

    def _learn(self, characters: Iterable[str]) -> None:
        """Put what begins with `characters` into jieba's table: words with their frequencies, beginnings with 0."""
        for character in characters:
            key = character.encode("utf-8", "surrogatepass")
            lines = self._lines[bisect_left(self._lines, key) : bisect_left(self._lines, key + b"\xff")]
            fields = b" ".join(lines).decode().split(" ")  # a word, its frequency, its kind
            words = fields[::3] if lines else []
            table = dict(zip(words, map(int, fields[1::3]), strict=True))
            for word in words:
                while (word := word[:-1]) and word not in table:
                    table[word] = 0
            self._jieba.FREQ.update(table)
            self._known.add(character)


def grams(text: str) -> list[str]:
    """Single characters and pairs of every run of Chinese characters, and other runs of letters or digits whole."""
    found: list[str] = []
    for run in _RUN.findall(fold(text)):
        if re.match(f"[{_HAN}]", run):
            found.extend(run)
            found.extend(run[at : at + 2] for at in range(len(run) - 1))
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
