"""Builds the tokenizer: a Unigram model whose pieces are the words jieba finds in the training texts.

A Unigram model picks the segmentation of highest total log frequency, as jieba does with its dictionary, but in Rust
and without jieba at run time. Punctuation is dropped; Latin letters, digits and Han characters never share a piece.
"""

import math
import multiprocessing
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

HAN = "〇\u3400-\u9fff"
UNKNOWN = "[UNK]"
UNKNOWN_SCORE = -30.0
CHARACTERS = 8_000
ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_RUN = re.compile(f"[a-z]+|[0-9]+|[{HAN}]+")
_SLICE = 4_000


def _count(texts: Sequence[str]) -> Counter[str]:
    import jieba

    jieba.setLogLevel(60)
    words: Counter[str] = Counter()
    for text in texts:
        for run in _RUN.findall(unicodedata.normalize("NFKC", text).lower()):
            if run[0].isascii():
                words[run] += 1
            else:
                words.update(jieba.cut(run, HMM=False))
    return words


def count_words(texts: Sequence[str], processes: int = 1) -> Counter[str]:
    """Counts the words of `texts` after NFKC and lower-casing: Han runs cut by jieba, other runs whole.

    With more than one process the texts are shared out to spawned ones (never forked: a fork after an OpenMP pool has
    started hangs).
    """
    slices = [texts[start : start + _SLICE] for start in range(0, len(texts), _SLICE)]
    total: Counter[str] = Counter()
    if processes <= 1 or len(slices) <= 1:
        for part in slices:
            total.update(_count(part))
        return total
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        for counted in pool.map(_count, slices):
            total.update(counted)
    return total


def build_tokenizer(words: Counter[str], size: int) -> Tokenizer:
    """Makes the tokenizer of at most `size` pieces: the unknown piece (id 0), the most frequent characters, then words.

    Ties in frequency are settled by the text of the word, so equal counts give equal bytes.
    """
    characters: Counter[str] = Counter()
    for word, count in words.items():
        for character in word:
            characters[character] += count
    ranked = sorted(characters.items(), key=lambda item: (-item[1], item[0]))[: min(CHARACTERS, size // 2)]
    pieces = {character: max(words[character], 1) for character in (*(c for c, _ in ranked), *ALPHABET)}
    for word, count in sorted(words.items(), key=lambda item: (-item[1], item[0])):
        if len(pieces) >= size - 1:
            break
        pieces.setdefault(word, count)
    total = max(1, sum(words.values()))
    ordered = sorted(pieces.items(), key=lambda item: (-item[1], item[0]))
    scored = [(UNKNOWN, UNKNOWN_SCORE), *((piece, math.log(count / total)) for piece, count in ordered)]
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(f"[^a-z0-9{HAN}]+"), "removed"),
            pre_tokenizers.Split(Regex(_RUN.pattern), "isolated"),
        ]
    )
    return tokenizer
