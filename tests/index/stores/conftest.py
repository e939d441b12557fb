"""A library of four places, its index, and the Milvus Lite file beside it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.build import build
from index.embedding import StaticEmbedding, open_embedding
from index.ledger import Ledger
from index.manifest import LEDGER, read_manifest
from index.milvus import Passages, connect, read_address
from index.search import Searcher
from index.snapshot import open_snapshot

PLACES = ("临河市", "海安市", "北川县", "东宁区")
SUBJECTS = (
    ("公园", "公园每日六时至二十二时向公众免费开放", "携犬进入公园应当使用不超过2米的牵引绳"),
    ("节约用水", "年用水量五万立方米以上的单位每三年做一次水平衡测试", "违反规定的处以2万元罚款"),
    ("动画制作", "对首次播出的原创动画片按每分钟2000元给予补贴", "高层次动画人才公寓租金减免百分之五十"),
    ("充电设施", "新建公共充电桩每千瓦补助300元", "充电设施运营企业应当接入市级监测平台"),
    ("冷链物流", "新建冷库按每立方米100元给予补助", "冷藏车购置补贴最高3.5万元"),
    ("低空经济", "开设载人航线的企业每年给予50万元奖励", "无人机试飞场地由区政府无偿提供"),
)
LITE = all(importlib.util.find_spec(name) is not None for name in ("pymilvus", "milvus_lite"))
needs_lite = pytest.mark.skipif(not LITE, reason="the extra milvus is not installed")


def write_library(folder: Path) -> Path:
    """24 documents of four places, six subjects, years from 2015, the older ones out of force."""
    folder.mkdir()
    for at, place in enumerate(PLACES):
        for number, (subject, first, second) in enumerate(SUBJECTS):
            year = 2015 + (at * len(SUBJECTS) + number) % 9
            until = f"，有效期至{year + 3}年12月31日" if number % 2 else ""
            text = (
                f"{place}{subject}管理办法\n\n{place}政发〔{year}〕{number + 1}号\n\n"
                f"第一条 为了规范{place}的{subject}，制定本办法。\n第二条 {first}。\n第三条 {place}规定，{second}。\n"
                f"第四条 本办法自{year}年7月1日起施行{until}。\n\n{place}人民政府\n{year}年6月1日\n"
            )
            (folder / f"{at}{number}_{subject}.txt").write_text(text, encoding="utf-8")
    return folder


class Shelf:
    """A library, its index, and the Milvus Lite file beside it."""

    def __init__(self, folder: Path, embedding: StaticEmbedding) -> None:
        self.library = write_library(folder / "library")
        self.index, self.embedding = folder / "index", embedding
        self.setting = f"milvus+file:{folder / 'store.db'}"

    def build(self) -> Any:
        return build([self.library], self.index, embedding=self.embedding, store=self.setting if LITE else None)

    def open(self, store: str) -> Searcher:
        return Searcher(open_snapshot(self.index, self.embedding, self.setting if store == "milvus" else None))

    def passages(self) -> Passages:
        address = read_address(self.setting)
        folder = read_manifest(self.index).folder(self.index)
        return Passages(address, connect(address), Ledger(folder / LEDGER).collection)


@pytest.fixture(scope="module")
def embedding() -> StaticEmbedding:
    opened = open_embedding()
    assert isinstance(opened, StaticEmbedding)
    return opened


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, embedding: StaticEmbedding) -> Shelf:
    shelf = Shelf(tmp_path_factory.mktemp("both"), embedding)
    shelf.build()
    return shelf


@pytest.fixture(scope="module", params=["local", pytest.param("milvus", marks=needs_lite)])
def searcher(request: pytest.FixtureRequest, shelf: Shelf) -> Iterator[Searcher]:
    found = shelf.open(request.param)
    yield found
    found.snapshot.close()
