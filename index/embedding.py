"""Texts to vectors: the static model that ships with Wence, or any sentence-transformers model in its place.

A static model gives every piece of its vocabulary one vector; a text is the mean of its pieces' vectors, at unit
length. That needs neither torch nor sentence-transformers, loads in about a sixth of a second and encodes thousands of
passages a second. The directory is an ordinary sentence-transformers one: `SentenceTransformer(path)` gives the same
vectors. Training: `index.training`; what the shipped weights were trained on: `index/model/README.md`.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from errors import ConfigError
from index.pieces import Pieces

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

MODEL_DIR = Path(__file__).parent / "model"
"""The directory of the shipped model."""

_BLOCK_TEXTS = 128
_HUB_SECONDS = 10.0  # for the hub to say whether it knows a model
_BLOCK_CHARACTERS = 64_000
_FEW_TEXTS = 8
_CUT_HERE = 40_000  # characters until it pays to load the tokenizer
_KEPT_TEXTS = 32
_KEPT_RUNS = 16_384  # of letters, whose pieces are remembered: those of two dozen documents, 8 MB
_REMEMBERED = 64  # characters of such a run
_LANES = 16  # columns for which a matrix product is fastest: fewer take as long
_TINY = 1e-9

Vectors = NDArray[np.float32]


class Embedding(Protocol):
    """What search asks of an embedding.

    `name` is for people, `dimension` the length of a vector, `digest` the sha256 (64 hex digits) of everything that
    decides the vectors: two embeddings with one digest can serve one index.
    """

    @property
    def name(self) -> str:
        """The name or path it was opened by."""
        ...

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        ...

    @property
    def digest(self) -> str:
        """The sha256 of what decides the vectors, in hex."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of `texts`: shape (len(texts), dimension), rows of length 1 (0 for a text without known words)."""
        ...


class StaticEmbedding:
    """A static model read from a sentence-transformers directory, without torch.

    Args:
        directory: holds `tokenizer.json` and `model.safetensors` (`embeddings`, int8 rows, with `weights`, one float32
            scale per row; or `embedding.weight`, floats).
        name: what to call it; the directory's path when left out.
        threads: how many threads `encode` may use for many texts, 1 or more.

    Raises:
        ConfigError: a file is missing, damaged, or does not fit the other.
    """

    def __init__(self, directory: Path, *, name: str | None = None, threads: int = 2) -> None:
        """Reads both files and checks that they fit each other."""
        self.name = str(directory) if name is None else name
        self.directory = directory
        self._threads = _checked_threads(threads)
        weights = _read(directory / "model.safetensors")
        vocabulary = _read(directory / "tokenizer.json")
        self._rows, self._scales = _table(weights, directory)
        self._vocabulary = vocabulary
        try:
            self._pieces: Pieces | None = Pieces(vocabulary)
        except ValueError:
            self._pieces = None
        self._cut_here = 0  # characters that were cut without the tokenizer
        size = self._tokenizer.get_vocab_size() if self._pieces is None else len(self._pieces)
        if size != len(self._rows):
            raise ConfigError(
                f"嵌入模型的词表与权重对不上：{directory}（{size} 词，{len(self._rows)} 行）；请重新安装或重新训练"
            )
        self.dimension = int(self._rows.shape[1])
        self._lengths = np.full(len(self._rows), np.nan, dtype=np.float32)  # of the pieces compared so far
        self._remembered = lru_cache(maxsize=_KEPT_RUNS)(self._run)
        self._ids = lru_cache(maxsize=_KEPT_TEXTS)(self._cut)  # a question is cut for its vector and for its pieces
        self.digest = hashlib.sha256(hashlib.sha256(weights).digest() + hashlib.sha256(vocabulary).digest()).hexdigest()
        # The threads below do the sharing out; a second pool inside the tokenizer only gets in their way.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        try:
            return Tokenizer.from_buffer(self._vocabulary)
        except Exception as error:  # tokenizers raises bare Exception
            raise _damaged(self.directory / "tokenizer.json") from error

    def _bags(self, texts: Sequence[str]) -> list[list[int]]:
        """The numbers of the pieces of each well-formed text."""
        if self._pieces is None:
            return [one.ids for one in self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
        return [self._bag(text, self._pieces) for text in texts]

    def _bag(self, text: str, pieces: Pieces) -> list[int]:
        """The pieces of a text, run by run: half the tokenizer's time goes into folding it and finding the runs that
        pieces lie in, and a passage is cut twice, whole for its vector and sentence by sentence for its matching."""
        runs = pieces.runs(text)
        if runs is None:
            return self._tokenizer.encode(text, add_special_tokens=False).ids
        found: list[int] = []
        for run in runs:
            found += self._remembered(run) if len(run) <= _REMEMBERED else self._run(run)
        return found

    def _run(self, run: str) -> tuple[int, ...]:
        """The pieces of a run: a question's few are cut here, many by the tokenizer."""
        if self._pieces is None or self._cut_here + len(run) > _CUT_HERE:
            return tuple([token.id for token in self._tokenizer.model.tokenize(run)])
        self._cut_here += len(run)
        try:
            return tuple(self._pieces.best(run))
        except ValueError as error:
            raise _damaged(self.directory / "tokenizer.json") from error

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Embedding.encode`. Memory beyond the result is bounded by the thread count, not by the texts."""
        texts = [_well_formed(text) for text in texts]
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        if len(texts) <= _FEW_TEXTS:
            for place, text in enumerate(texts):
                vectors[place] = self._weighted(self._ids(text)).sum(axis=0, dtype=np.float64)
        else:
            # Imported here: it takes a fifth of the loading time and one question does without it.
            from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

            # One BLAS thread per thread of ours: OpenBLAS' own threads would spin against each other.
            with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(self._threads) as pool:
                blocks = list(_blocks(texts))
                sums = pool.map(lambda block: self._sums(texts[block]), blocks)
                for block, rows in zip(blocks, sums, strict=True):
                    vectors[block] = rows
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, lengths, out=vectors, where=lengths > 0)
        return vectors

    def pieces(self, text: str) -> NDArray[np.int32]:
        """The numbers of the vocabulary's pieces that the text is cut into, in order; shape (pieces,)."""
        return np.array(self._ids(_well_formed(text)), dtype=np.int32)

    def pieces_of(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """`pieces` of each text."""
        return [np.array(bag, dtype=np.int32) for bag in self._bags([*map(_well_formed, texts)])]

    def piece_vectors(self, pieces: NDArray[np.int32]) -> Vectors:
        """The vectors whose sum is a text's vector before it is scaled, shape (len(pieces), dimension)."""
        return self._weighted(pieces)

    @property
    def vocabulary(self) -> int:
        """How many pieces there are."""
        return len(self._rows)

    def compare(self, pieces: NDArray[np.integer], vectors: Vectors) -> tuple[Vectors, Vectors]:
        """The cosine of each piece's vector to each of `vectors`, which have unit length, and the pieces' own lengths.

        Shapes (len(pieces), len(vectors)) and (len(pieces),).
        """
        rows = self._rows.take(pieces, axis=0).astype(np.float32, copy=False)
        scales, lengths = self._scales[pieces], self._lengths[pieces]
        fresh = np.flatnonzero(np.isnan(lengths))
        if len(fresh):
            lengths[fresh] = np.linalg.norm(rows[fresh], axis=1) * np.abs(scales[fresh])
            self._lengths[pieces[fresh]] = lengths[fresh]
        wide = np.zeros((-(-len(vectors) // _LANES) * _LANES, self.dimension), dtype=np.float32)
        wide[: len(vectors)] = vectors
        cosines: Vectors = rows @ wide.T
        cosines *= (scales / (lengths + _TINY))[:, None]
        return cosines[:, : len(vectors)], lengths

    def _cut(self, text: str) -> tuple[int, ...]:
        return tuple(self._bags([text])[0])

    def _weighted(self, ids: Sequence[int] | NDArray[np.integer]) -> Vectors:
        places = np.asarray(ids, dtype=np.intp)
        rows: Vectors = self._rows[places] * self._scales[places, None]
        return rows

    def _sums(self, texts: Sequence[str]) -> Vectors:
        """Sums of the rows of each text, as counts of distinct pieces times their rows: far less memory to move."""
        bags = self._bags(texts)
        sizes = np.fromiter(map(len, bags), dtype=np.intp, count=len(bags))
        ids = np.fromiter(chain.from_iterable(bags), dtype=np.intp, count=int(sizes.sum()))
        column = np.zeros(len(self._rows), dtype=np.intp)
        column[ids] = 1
        distinct = np.flatnonzero(column)
        column[distinct] = np.arange(len(distinct))
        cells = np.repeat(np.arange(len(bags)) * len(distinct), sizes) + column[ids]
        counts = np.bincount(cells, minlength=len(bags) * len(distinct)).astype(np.float32)
        sums: Vectors = counts.reshape(len(bags), len(distinct)) @ self._weighted(distinct)
        return sums


class SentenceTransformerEmbedding:
    """Any sentence-transformers model. Needs the extra `transformers`.

    Args:
        name: a directory, the name of an installed package that carries a model, or a Hugging Face name, which is
            looked for in the local cache first and downloaded only when it is not there.
        threads: torch's thread count (for the whole process), 1 or more. Few are faster on a busy machine.

    Raises:
        ConfigError: the extra is not installed, or there is no such model, or it cannot be read or fetched.
    """

    def __init__(self, name: str, *, threads: int = 2) -> None:
        """Imports torch and loads the model: seconds, not milliseconds."""
        _checked_threads(threads)
        place = _directory(name)
        try:
            import torch
            from huggingface_hub import HfApi
            from sentence_transformers import SentenceTransformer
            from transformers.utils.logging import disable_progress_bar
        except ImportError as error:
            raise ConfigError(f"嵌入模型 {name} 需要扩展包；请运行 pip install 'wence[transformers]'") from error
        torch.set_num_threads(threads)
        disable_progress_bar()  # type: ignore[no-untyped-call]
        self._model: SentenceTransformer
        try:
            self._model = SentenceTransformer(str(place or name), device="cpu", local_files_only=True)
        except Exception as error:  # the library raises OSError, ValueError, KeyError, SafetensorError, …
            if place is not None:
                raise ConfigError(
                    f"嵌入模型读不出来：{place}；请检查它是否是完整的 sentence-transformers 目录"
                ) from error
            try:
                HfApi().model_info(name, timeout=_HUB_SECONDS)  # fails at once where loading would retry for a minute
                self._model = SentenceTransformer(name, device="cpu")
            except Exception as refused:
                raise ConfigError(
                    f"没有嵌入模型 {name}：本机没有，也下载不到；请改正 WENCE_EMBEDDING，或联网后再试"
                ) from refused
        self.name = name
        self.dimension = int(self._model.encode([""]).shape[1])
        self.digest = _model_digest(self._model)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Embedding.encode`."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def open_embedding(name: str | None = None, threads: int = 2) -> Embedding:
    """Opens the shipped static model (`name` None or empty) or the model called `name`.

    A directory that holds a static model is read without torch, every other name or directory with
    sentence-transformers. Raises ConfigError as the two classes do.
    """
    if not name:
        return StaticEmbedding(MODEL_DIR, name="wence-static", threads=threads)
    place = _directory(name)
    if place is not None and _is_static(place):
        return StaticEmbedding(place, name=name, threads=threads)
    return SentenceTransformerEmbedding(name, threads=threads)


def _checked_threads(threads: int) -> int:
    if threads < 1:
        raise ConfigError(f"线程数必须至少为 1，现在是 {threads}；请改正 WENCE_THREADS")
    return threads


def _well_formed(text: str) -> str:
    """The text with lone surrogates (a terminal's undecodable bytes) replaced, which the tokenizer would not take."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def _damaged(path: Path) -> ConfigError:
    return ConfigError(f"嵌入模型文件损坏：{path}；请重新安装 wence，或用 python -m index.training 重新训练")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"嵌入模型文件读不到：{path}（{error.strerror}）；请重新安装 wence 或改正 WENCE_EMBEDDING"
        ) from error


def _table(weights: bytes, directory: Path) -> tuple[NDArray[np.int8] | Vectors, Vectors]:
    """The rows as stored, shape (pieces, dimension), and the scale of each, float32 of shape (pieces,)."""
    path = directory / "model.safetensors"
    try:
        tensors = load_tensors(weights)
    except (SafetensorError, ValueError, KeyError) as error:
        raise _damaged(path) from error
    rows = tensors.get("embeddings", tensors.get("embedding.weight"))
    if rows is None or rows.ndim != 2 or not rows.size:
        raise _damaged(path)
    if rows.dtype != np.int8:
        rows = rows.astype(np.float32)
    scales = tensors.get("weights", np.ones(len(rows), dtype=np.float32)).astype(np.float32)
    if scales.shape != (len(rows),) or not np.isfinite(scales).all():
        raise _damaged(path)
    return rows, scales


def _blocks(texts: Sequence[str]) -> Iterator[slice]:
    """Ranges of texts of at most _BLOCK_TEXTS texts and, unless it is a single one, _BLOCK_CHARACTERS characters."""
    start = characters = 0
    for place, text in enumerate(texts):
        if place > start and (place - start == _BLOCK_TEXTS or characters + len(text) > _BLOCK_CHARACTERS):
            yield slice(start, place)
            start, characters = place, 0
        characters += len(text)
    if start < len(texts):
        yield slice(start, len(texts))


def _directory(name: str) -> Path | None:
    """The model directory that `name` means on this machine: itself, or the one inside the package of that name."""
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    import importlib.metadata  # a quarter of the import time, and the default needs no look-up

    try:
        distribution = importlib.metadata.distribution(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None
    for file in distribution.files or ():
        if file.name == "modules.json":
            return Path(str(distribution.locate_file(file))).parent
    return None


def _is_static(directory: Path) -> bool:
    try:
        modules = json.loads((directory / "modules.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(modules, list) or not modules or not isinstance(modules[0], dict):
        return False
    return str(modules[0].get("type", "")).endswith(".StaticEmbedding") and not modules[0].get("path")


def _model_digest(model: "SentenceTransformer") -> str:
    """The sha256 of the modules, the tokenizer and every weight of a loaded model, wherever it was loaded from."""
    digest = hashlib.sha256(repr(model).encode())
    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    if backend is not None:
        digest.update(backend.to_str().encode())
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().view(-1).numpy(force=True).tobytes())
    return digest.hexdigest()
