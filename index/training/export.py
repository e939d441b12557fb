"""Vectors and tokenizer to a sentence-transformers directory with int8 rows."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save
from tokenizers import Tokenizer

MODULES = (
    ("", "sentence_transformers.sentence_transformer.modules.StaticEmbedding"),
    ("1_Normalize", "sentence_transformers.sentence_transformer.modules.Normalize"),
)


def quantise(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rows as int8 in -127..127 and one scale per row: table ≈ rows * scales[:, None], within half a scale."""
    scales = (np.abs(table).max(axis=1) / 127).astype(np.float32)
    rows = np.round(table / np.maximum(scales, 1e-12)[:, None]).astype(np.int8)
    return rows, scales


def export(table: NDArray[np.float32], tokenizer: Tokenizer, directory: Path) -> None:
    """Writes tokenizer, weights and configuration into `directory`; a model card that is there stays.

    sentence-transformers multiplies `embeddings` by `weights` when it loads them, so both sides read one set of
    numbers. Each file is written beside its place and then renamed.
    """
    rows, scales = quantise(table)
    modules = [
        {"idx": place, "name": str(place), "path": path, "type": kind} for place, (path, kind) in enumerate(MODULES)
    ]
    settings: dict[str, object] = {"prompts": {}, "default_prompt_name": None, "similarity_fn_name": "cosine"}
    directory.mkdir(parents=True, exist_ok=True)
    _put(directory / "model.safetensors", save({"embeddings": rows, "weights": scales}))
    _put(directory / "tokenizer.json", tokenizer.to_str(pretty=False).encode())
    _put(directory / "modules.json", _json(modules))
    _put(directory / "config_sentence_transformers.json", _json(settings))


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def _put(path: Path, content: bytes) -> None:
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(content)
    beside.replace(path)
