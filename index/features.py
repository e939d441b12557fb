"""What tells a passage that answers from one that only shares words: one row of features per candidate.

Everything is worked out for all candidates of a question at once, over their characters laid end to end: a question
has few distinct characters, so a table from character to its number in the question turns matching into look-ups.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedding import StaticEmbedding
from index.words import fold

Floats = NDArray[np.float32]
_Columns = dict[str, NDArray[Any]]

_LONGEST = 1500  # characters of a passage that are looked at; more only cost time
_QUERY = 120  # characters of a question that are matched in order
_WORD = re.compile(r"[^\W_]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_STOP = re.compile(r"[。！？!?；;\n]")
_NOTHING = np.zeros(1, dtype=np.int32)
_NEAR = 12  # characters between two matches that still count as close together
_CHARACTERS = 0x10000
_SAME, _ALIKE, _UNLIKE = 0.98, 0.4, 0.3  # cosines of two words
_LEAST = 0.02  # what a word that all candidates hold still counts

NAMES: tuple[str, ...] = (
    "fused", "fused_below", "cosine", "cosine_below", "cosine_rank", "window", "window_below", "late", "late_below",
    "late_near", "late_missing", "next_share", "next_cosine", "company",
    "bm25", "bm25_share", "bm25_rank", "bm25_lead", "words_share", "pairs_share", "characters_share",
    "cover_words", "cover_pairs", "cover_characters", "sentence_pairs", "two_sentences_pairs",
    "two_sentences_characters", "body_pairs", "heading_pairs", "heading_used", "run", "run_share", "ordered",
    "density", "numbers", "places", "length", "question_length", "sentences", "best_place",
    "rare_words", "rare_pairs", "rare_characters", "rare_body_pairs", "rare_sentence", "rare_two_sentences",
    "rare_two_characters", "rare_late", "rare_late_below", "document_size",
)  # fmt: skip
"""What each column means; see `features`."""


@dataclass(frozen=True)
class Passage:
    """A passage made ready for matching; it does not depend on any question.

    text: the folded characters. codes: their code points, uint16, rarer ones all 65535 (shape (n,), n at least 1).
    body: where the text below the headings begins. starts: where each sentence begins, starts[0] == 0.
    pieces: the embedding's word pieces, shape (p,), p at least 1; bounds: where each sentence's pieces begin,
    bounds[0] == 0; norms: the length, above 0, of the sum of the vectors of each sentence and the one after it.
    """

    text: str
    codes: NDArray[np.uint16]
    body: int
    starts: NDArray[np.int32]
    pieces: NDArray[np.int32]
    bounds: NDArray[np.int32]
    norms: Floats


@dataclass(frozen=True)
class Asked:
    """A question and what the index knows of it.

    words: its distinct words of two characters or more. documents: of every token, how many passages hold it.
    total: passages in the index. vector: its embedding, shape (dimension,). pieces: its distinct word pieces.
    weights: how much a term of a question tells (`index.rerank.Model`), 1 for terms that are not in it.
    """

    text: str
    words: tuple[str, ...]
    documents: Mapping[str, int]
    total: int
    vector: Floats
    pieces: NDArray[np.int32]
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Scores:
    """What the first stage says of each candidate, shape (n,) each.

    fused, bm25 (all tokens), words (BM25 by whole words alone), cosine; rows: their places in the index;
    next_fused, next_cosine: the better one of the two passages beside it.
    sizes: how many passages its document has (`index.works.document_sizes`).
    """

    fused: Floats
    bm25: Floats
    words: Floats
    cosine: Floats
    rows: NDArray[np.int64]
    next_fused: Floats
    next_cosine: Floats
    sizes: NDArray[np.intp]


def prepare(passages: Sequence[tuple[Sequence[str], str]], embedding: StaticEmbedding) -> list[Passage]:
    """Passages from their headings (outermost first) and texts; all at once, as each call of the tokenizer costs."""
    if not passages:
        return []
    cuts = [_cut(headings, text) for headings, text in passages]
    sentences = embedding.pieces_of([cut.text[a:b] for cut in cuts for a, b in pairwise(cut.inside)])
    held: list[NDArray[np.int32]] = []
    counts: list[int] = []
    at = 0
    for cut in cuts:
        own = [pieces for pieces in sentences[at : at + len(cut.inside) - 1] if len(pieces)] or [_NOTHING]
        at += len(cut.inside) - 1
        held += own
        counts.append(len(own))
    ends = np.cumsum([len(pieces) for pieces in held])
    flat, begins = np.concatenate(held), np.concatenate([[0], ends[:-1]])
    sums = np.add.reduceat(embedding.piece_vectors(flat), begins, axis=0)
    lasts = np.cumsum(counts)
    follows = np.ones(len(held), dtype=bool)
    follows[lasts - 1] = False
    sums[follows] += sums[np.flatnonzero(follows) + 1]
    norms = (np.linalg.norm(sums, axis=1) + 1e-6).astype(np.float32)
    return [
        Passage(
            text=cut.text,
            codes=np.minimum(np.frombuffer(cut.text.encode("utf-32-le", "replace"), np.uint32), _CHARACTERS - 1).astype(
                np.uint16
            ),
            body=cut.body,
            starts=np.array(cut.starts, dtype=np.int32),
            pieces=flat[begins[first] : ends[last - 1]],
            bounds=(begins[first:last] - begins[first]).astype(np.int32),
            norms=norms[first:last],
        )
        for cut, first, last in zip(cuts, lasts - counts, lasts, strict=True)
    ]


@dataclass(frozen=True)
class _Cut:
    """A passage's folded text, where its body and its sentences begin, and what its word pieces are summed over:
    the headings with the first sentence, then sentence after sentence, as places from 0 to the end."""

    text: str
    body: int
    starts: list[int]
    inside: list[int]


def _cut(headings: Sequence[str], text: str) -> _Cut:
    head = fold("\n".join(headings) + "\n") if headings else ""
    whole = (head + fold(text))[:_LONGEST] or "\n"
    body = min(len(head), len(whole) - 1)
    starts = [0, *(match.end() for match in _STOP.finditer(whole, 0, len(whole) - 1))]
    return _Cut(whole, body, starts, [0, *(at for at in starts if at > body), len(whole)])


def features(asked: Asked, passages: Sequence[Passage], scores: Scores, embedding: StaticEmbedding) -> Floats:
    """Features of the candidates, shape (n, len(NAMES)), finite; n at least 1.

    Shares are relative to the best candidate, `_below` is the distance to it, ranks are 1 / place, coverage is the
    part (0 to 1) of the question's weight that is met, each term weighed by its inverse document frequency. In
    the `rare_` ones it is also weighed by how few candidates hold it: what all of them share tells none from another.
    """
    n = len(passages)
    columns: _Columns = {}
    query = fold(asked.text)
    _first_stage(columns, scores)
    _near(columns, scores)
    _meaning(columns, asked, passages, scores.cosine, embedding)
    _matches(columns, query, asked, passages)
    _words(columns, query, asked, passages)
    lengths = np.array([len(passage.codes) for passage in passages])
    columns["length"] = np.log1p(lengths)
    columns["document_size"] = np.log1p(scores.sizes)
    columns["question_length"] = np.full(n, np.log1p(len(query)))
    columns["sentences"] = np.log1p([len(passage.starts) for passage in passages])
    return np.stack([np.asarray(columns[name], dtype=np.float32) for name in NAMES], axis=1)


def _first_stage(columns: _Columns, scores: Scores) -> None:
    fused, cosine = scores.fused, scores.cosine
    columns["fused"], columns["fused_below"] = fused, fused - fused.max()
    columns["cosine"], columns["cosine_below"], columns["cosine_rank"] = cosine, cosine - cosine.max(), _ranks(cosine)
    bm25, best = scores.bm25, float(scores.bm25.max()) + 1e-6
    second = float(np.partition(bm25, -2)[-2]) if len(bm25) > 1 else 0.0
    columns["bm25"], columns["bm25_share"], columns["bm25_rank"] = np.log1p(bm25), bm25 / best, _ranks(bm25)
    columns["bm25_lead"] = np.full(len(bm25), 1 - second / best, dtype=np.float32)
    columns["words_share"] = scores.words / (float(scores.words.max()) + 1e-6)


def _near(columns: _Columns, scores: Scores) -> None:
    """What the passages around a candidate say of it: they often stand under one heading."""
    best = float(scores.fused.max()) + 1e-6
    columns["next_share"], columns["next_cosine"] = scores.next_fused / best, scores.next_cosine
    near = np.exp(-np.abs(scores.rows[:, None] - scores.rows[None, :]) / 4.0)
    np.fill_diagonal(near, 0.0)
    columns["company"] = near @ (scores.fused / best)


def _meaning(
    columns: _Columns, asked: Asked, passages: Sequence[Passage], cosine: Floats, embedding: StaticEmbedding
) -> None:
    """Cosines: of two sentences in a row, and of each word of the question with the nearest word of the passage."""
    distinct, places = np.unique(np.concatenate([p.pieces for p in passages]), return_inverse=True)
    vectors = embedding.piece_vectors(distinct)
    sizes = np.array([len(p.pieces) for p in passages])
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    sums = np.concatenate([[0.0], np.cumsum((vectors @ asked.vector)[places], dtype=np.float64)])
    counts = np.array([len(p.bounds) for p in passages])
    firsts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    begins = np.concatenate([p.bounds + offset for p, offset in zip(passages, offsets, strict=True)])
    lasts = np.repeat(firsts + counts, counts)
    until = np.append(begins, len(places))[np.minimum(np.arange(len(begins)) + 2, lasts)]
    windows = (sums[until] - sums[begins]) / np.concatenate([p.norms for p in passages])
    window = np.maximum(np.maximum.reduceat(windows, firsts), cosine)
    columns["window"], columns["window_below"] = window, window - window.max()
    words = embedding.piece_vectors(asked.pieces)
    lengths = np.linalg.norm(words, axis=1)
    share = lengths / (lengths.sum() + 1e-9)
    scale = np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    similar = (vectors / scale) @ (words / (lengths[:, None] + 1e-9)).T
    best = np.maximum.reduceat(similar[places], offsets, axis=0)
    late = best @ share
    columns["late"], columns["late_below"] = late, late - late.max()
    rare = share * np.maximum(1.0 - best.mean(axis=0), _LEAST)
    rare_late = best @ (rare / rare.sum())
    columns["rare_late"], columns["rare_late_below"] = rare_late, rare_late - rare_late.max()
    columns["late_near"] = ((best > _ALIKE) & (best < _SAME)) @ share
    columns["late_missing"] = (best < _UNLIKE) @ share


def _matches(columns: _Columns, query: str, asked: Asked, passages: Sequence[Passage]) -> None:
    """Everything that comes from matching the question's characters and pairs of characters."""
    n = len(passages)
    order = query[:_QUERY]
    distinct = sorted({c for c in order if _WORD.match(c) and ord(c) < _CHARACTERS - 1})
    number = np.zeros(_CHARACTERS, dtype=np.int16)
    number[[ord(c) for c in distinct]] = np.arange(1, len(distinct) + 1)
    m = len(distinct) + 1
    known = set(distinct)
    pairs = list(dict.fromkeys(a + b for a, b in pairwise(order) if a in known and b in known))
    table = np.zeros((m, m), dtype=np.int16)
    for place, both in enumerate(pairs, 1):
        table[number[ord(both[0])], number[ord(both[1])]] = place
    one = np.array([0.0, *(_idf(asked, c) for c in distinct)])
    two = np.array([0.0, *(_idf(asked, p) for p in pairs)])
    sizes = np.array([len(p.codes) for p in passages])
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    owner = np.repeat(np.arange(n), sizes)
    marks = np.zeros(int(sizes.sum()), dtype=np.int32)
    sentence_starts = np.concatenate([p.starts + o for p, o in zip(passages, offsets, strict=True)])
    marks[sentence_starts] = 1
    sentence = np.cumsum(marks) - 1
    sentence_owner = owner[sentence_starts]
    first_sentence = sentence[offsets]
    body = np.concatenate([np.arange(len(p.codes)) >= p.body for p in passages])
    codes = number[np.concatenate([p.codes for p in passages])]
    found = np.zeros(len(codes), dtype=np.int16)
    found[:-1] = table[codes[:-1], codes[1:]]
    found[np.cumsum(sizes) - 1] = 0
    at = np.flatnonzero(found)
    pair, holder = found[at], owner[at]
    single = np.flatnonzero(codes)
    total_two, total_one = two.sum() + 1e-9, one.sum() + 1e-9
    columns["pairs_share"] = _bm25(_counts(holder, pair, n, len(two)), two, sizes)
    columns["characters_share"] = _bm25(_counts(owner[single], codes[single], n, len(one)), one, sizes)
    inside = body[at]
    heads = _present(holder[~inside], pair[~inside], n, len(two))
    bodies = _present(holder[inside], pair[inside], n, len(two))
    letters = _present(owner[single], codes[single], n, len(one))
    columns["cover_pairs"] = (heads | bodies) @ two / total_two
    columns["cover_characters"] = letters @ one / total_one
    columns["body_pairs"], columns["heading_pairs"] = bodies @ two / total_two, heads @ two / total_two
    rare_two, rare_one = _rare(heads | bodies, two), _rare(letters, one)
    columns["rare_pairs"], columns["rare_body_pairs"] = (heads | bodies) @ rare_two, bodies @ _rare(bodies, two)
    columns["rare_characters"] = letters @ rare_one
    columns["heading_used"] = np.bincount(holder[~inside], minlength=n) / np.array([p.body + 5.0 for p in passages])
    columns["density"] = np.bincount(holder, weights=two[pair], minlength=n) / (sizes + 10.0)
    count = len(sentence_starts)
    alone = _present(sentence[at], pair, count, len(two))
    neighbours = alone.copy()
    same = sentence_owner[1:] == sentence_owner[:-1]
    neighbours[:-1][same] |= alone[1:][same]
    each = alone @ two
    columns["sentence_pairs"] = np.maximum.reduceat(each, first_sentence) / total_two
    columns["two_sentences_pairs"] = np.maximum.reduceat(neighbours @ two, first_sentence) / total_two
    spelt = _present(sentence[single], codes[single], count, len(one))
    double = spelt.copy()
    double[:-1][same] |= spelt[1:][same]
    columns["two_sentences_characters"] = np.maximum.reduceat(double @ one, first_sentence) / total_one
    columns["rare_sentence"] = np.maximum.reduceat(alone @ rare_two, first_sentence)
    columns["rare_two_sentences"] = np.maximum.reduceat(neighbours @ rare_two, first_sentence)
    columns["rare_two_characters"] = np.maximum.reduceat(double @ rare_one, first_sentence)
    bounds = np.append(first_sentence, count)
    best = np.array([int(np.argmax(each[a:b])) for a, b in pairwise(bounds)])
    columns["best_place"] = 1 / (1 + best)
    _order(columns, pairs, at, pair, holder, n, order, two)
    columns["run"] = np.log1p(_runs(order, number, codes, owner, n))
    columns["run_share"] = np.expm1(columns["run"]) / max(1, len(order))


def _order(
    columns: _Columns, pairs: Sequence[str], at: NDArray[np.intp], pair: NDArray[np.int16],
    holder: NDArray[np.intp], n: int, order: str, two: NDArray[np.float64],
) -> None:  # fmt: skip
    """The part of the question's pairs that another one follows closely, as in the question."""
    columns["ordered"] = np.zeros(n, dtype=np.float32)
    if len(at) > 1:
        place = np.array([0, *(order.index(p) for p in pairs)])[pair]
        step = np.diff(place)
        close = (np.diff(at) <= _NEAR) & (holder[1:] == holder[:-1]) & (step > 0) & (step <= _NEAR)
        columns["ordered"] = _covered(holder[1:][close], pair[1:][close], n, two) / (two.sum() + 1e-9)


def _runs(order: str, number: NDArray[np.int16], codes: NDArray[np.int16], owner: NDArray[np.intp], n: int) -> Floats:
    """Length of the longest run of letters and digits that a passage shares with the question."""
    kept = np.flatnonzero(codes)
    longest = np.zeros(n, dtype=np.int64)
    if not len(kept):
        return longest.astype(np.float32)
    values, owners = codes[kept], owner[kept]
    joined = np.zeros(len(kept), dtype=bool)
    joined[1:] = (np.diff(kept) == 1) & (owners[1:] == owners[:-1])
    run = np.zeros(len(kept), dtype=np.int16)
    most = np.zeros(len(kept), dtype=np.int16)
    for character in order:
        value = number[min(ord(character), _CHARACTERS - 1)]
        before = np.zeros_like(run)
        before[1:] = run[:-1]
        run = np.where(values == value, np.where(joined, before, 0) + 1, 0).astype(np.int16) if value else before * 0
        np.maximum(most, run, out=most)
    np.maximum.at(longest, owners, most)
    return longest.astype(np.float32)


def _words(columns: _Columns, query: str, asked: Asked, passages: Sequence[Passage]) -> None:
    weights = np.array([_idf(asked, word) for word in asked.words] or [0.0])
    holds = np.array([[word in p.text for word in asked.words] or [False] for p in passages])
    columns["cover_words"] = holds @ weights / (weights.sum() + 1e-9)
    columns["rare_words"] = holds @ _rare(holds, weights)
    numbers = set(_NUMBER.findall(query))
    columns["numbers"] = np.array(
        [len(numbers & set(_NUMBER.findall(p.text))) / len(numbers) if numbers else 0.5 for p in passages]
    )
    places = [at for at, word in enumerate(asked.words) if word[-1] in "省市区县州镇乡国"]
    columns["places"] = holds[:, places].mean(axis=1) if places else np.full(len(passages), 0.5)


def _idf(asked: Asked, token: str) -> float:
    known = asked.documents.get(token, 0)
    idf = float(np.log(1 + (asked.total - known + 0.5) / (known + 0.5)))
    idf *= asked.weights.get(token, 1.0)
    return idf if known else 0.3 * idf  # phrasing that stands in no passage tells little


def _counts(rows: NDArray[np.intp], terms: NDArray[np.int16], n: int, m: int) -> NDArray[np.float64]:
    return np.bincount(rows * m + terms, minlength=n * m).reshape(n, m).astype(np.float64)


def _present(rows: NDArray[Any], terms: NDArray[np.int16], n: int, m: int) -> NDArray[np.bool_]:
    held = np.zeros((n, m), dtype=bool)
    held[rows, terms] = True
    return held


def _rare(held: NDArray[np.bool_], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The terms' weights, less for those that more rows hold, scaled to the sum 1."""
    rare = weights * np.log((len(held) + 1) / (held.sum(axis=0) + 0.5))
    scaled: NDArray[np.float64] = rare / (rare.sum() + 1e-9)
    return scaled


def _covered(
    rows: NDArray[np.intp], terms: NDArray[np.int16], n: int, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    covered: NDArray[np.float64] = _present(rows, terms, n, len(weights)) @ weights
    return covered


def _bm25(counts: NDArray[np.float64], weights: NDArray[np.float64], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """BM25 (k1 1.2, b 0.75) against the candidates' mean length, relative to the best candidate."""
    norm = 1.2 * (0.25 + 0.75 * sizes / sizes.mean())
    scores = (counts * 2.2 / (counts + norm[:, None])) @ weights
    share: NDArray[np.float64] = scores / (scores.max() + 1e-6)
    return share


def _ranks(values: Floats) -> NDArray[np.float64]:
    places = np.empty(len(values), dtype=np.int64)
    places[np.argsort(-values, kind="stable")] = np.arange(len(values))
    return 1.0 / (1 + places)
