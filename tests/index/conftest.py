"""A small library of texts written for these tests, and a small real embedding."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from index.catalogue import Entry
from index.embedding import Embedding, StaticEmbedding, open_embedding

WATER = """临河市节约用水办法

临政发〔2021〕16号

第一条 为了节约用水，制定本办法。
第二条 年用水量五万立方米以上的单位，应当每三年做一次水平衡测试。
第三条 违反本办法第二条的，由水务部门处以2万元罚款。
第四条 本办法自2021年7月1日起施行。
"""
PARKS = """临河市公园条例

第一条 公园应当免费向公众开放。
第二条 携犬进入公园的，应当使用不超过2米的牵引绳。
第三条 公园开放时间为每日六时至二十二时。
"""
STUDIO = """临河市支持动画制作若干措施

一、支持对象
在本市登记的动画制作企业。
（一）资金支持
对首次播出的原创动画片，按每分钟2000元给予补贴，最高100万元。
（二）人才支持
高层次动画人才可以申请人才公寓，租金减免百分之五十。
二、申报方式
企业于每年3月通过市文化和旅游局网站申报。根据《临河市节约用水办法》使用再生水的企业优先。
"""


@cache
def shipped() -> StaticEmbedding:
    """The embedding that ships."""
    embedding = open_embedding()
    assert isinstance(embedding, StaticEmbedding)
    return embedding


def entry(number: int, title: str = "t") -> Entry:
    """A document's line that tells its title only; alone in its work."""
    return Entry(
        number=number,
        id=f"d{number}",
        path=f"/{number}",
        file=f"{number}",
        sha256="",
        title=title,
        doc_number=None,
        issuer=None,
        issue_date=None,
        kind=None,
        region=None,
        period=None,
        section_count=0,
        first_chunk=0,
        chunk_count=0,
        work=number,
        signature=b"",
    )


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A folder with three files."""
    folder = tmp_path / "library"
    folder.mkdir()
    for name, text in (("a_water.txt", WATER), ("b_parks.md", PARKS), ("c_studio.txt", STUDIO)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A static model of 32 dimensions: a seeded random vector for every character of the texts above."""
    return write_model(tmp_path_factory.mktemp("model"), seed=0)


def write_model(folder: Path, *, seed: int) -> Path:
    """A static sentence-transformers directory with random rows."""
    characters = sorted({character for character in WATER + PARKS + STUDIO if not character.isspace()})
    vocabulary = {"[UNK]": 0, **{character: at for at, character in enumerate(characters, 1)}}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.save(str(folder / "tokenizer.json"))
    rows = np.random.default_rng(seed).normal(size=(len(vocabulary), 32)).astype(np.float32)
    rows[0] = 0
    save_file({"embedding.weight": rows}, str(folder / "model.safetensors"))
    kind = "sentence_transformers.models."
    modules = [{"idx": 0, "name": "0", "path": "", "type": f"{kind}StaticEmbedding"}]
    modules.append({"idx": 1, "name": "1", "path": "1_Normalize", "type": f"{kind}Normalize"})
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    return folder


class RecordingEmbedding:
    """Passes everything on to a real embedding and keeps what it was asked to encode."""

    def __init__(self, inner: Embedding) -> None:
        self.name, self.dimension, self.digest = inner.name, inner.dimension, inner.digest
        self.texts: list[str] = []
        self._inner = inner

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts.extend(texts)
        return self._inner.encode(texts)


@pytest.fixture
def embedding(model_dir: Path) -> RecordingEmbedding:
    return RecordingEmbedding(StaticEmbedding(model_dir, name="small"))


@pytest.fixture
def other_embedding(tmp_path: Path) -> StaticEmbedding:
    folder = tmp_path / "other_model"
    folder.mkdir()
    return StaticEmbedding(write_model(folder, seed=1), name="other")
