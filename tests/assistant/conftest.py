"""One index of the corpus and one of three small policies, opened once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.build import build
from index.embedding import Embedding, open_embedding
from index.search import Searcher
from index.snapshot import open_snapshot

ROOT = Path(__file__).resolve().parents[2]

SMALL = {
    "海河市冷链办法.txt": """海河市冷链物流扶持办法

海商规〔2024〕7号

第一章 总则

第一条 为了促进本市冷链物流发展，制定本办法。

第二条 本办法所称冷链，是指从产地到销地全程控温的物流。

第二章 扶持措施

第三条 对新建万吨级冷库的企业，给予不超过300万元的一次性补助。

第四条 对首次认定的冷链示范企业，给予最高50万元奖励；对复审合格的企业，不再给予奖励。

第五条 支持企业在河东区、塘沽区建设区域分拨中心。

第三章 附则

第六条 市商务局负责解释本办法。

第七条 本办法自2024年3月1日起施行，有效期至2026年12月31日。
""",
    "海河市冷链规划.md": """# 海河市冷链物流发展规划（2019-2023年）

## 一、发展目标

到2023年，冷库总容量达到120万吨，冷藏车保有量达到2000辆左右。

## 二、主要任务

（一）建设骨干网络

建设3个国家骨干冷链物流基地。

（二）推广绿色技术

推广光伏冷库，淘汰高耗能设备。

（三）培育龙头企业

培育8家左右龙头企业。
""",
    "河东区冷链问答.md": """# 河东区冷链物流政策问答实录

**发布日期**: 2024-05-06

海河日报：河东区今年怎么支持冷链企业？

　　王磊：今年我们安排专项资金2000万元，重点支持预制菜冷链。

　　海河电视台：分拨中心什么时候建成？

　　王磊：河东分拨中心计划2025年底建成。
""",
}


@pytest.fixture(scope="session")
def embedding() -> Embedding:
    return open_embedding()


def _searcher(paths: list[Path], index: Path, embedding: Embedding) -> Searcher:
    build(paths, index, embedding=embedding, processes=1)
    return Searcher(open_snapshot(index, embedding))


def indexed(texts: dict[str, str], folders: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    """An index of a few texts by their file names, closed afterwards."""
    folder = folders.mktemp("texts")
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    searcher = _searcher([folder], folders.mktemp("index") / "index", embedding)
    yield searcher
    searcher.snapshot.close()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    yield from indexed(SMALL, tmp_path_factory, embedding)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Iterator[Searcher]:
    searcher = _searcher([ROOT / "corpus"], tmp_path_factory.mktemp("index") / "corpus", embedding)
    yield searcher
    searcher.snapshot.close()


@pytest.fixture
def opened(tmp_path: Path, embedding: Embedding) -> Iterator[Callable[[dict[str, str]], Searcher]]:
    """Index a few texts and open the index."""
    made: list[Searcher] = []

    def open_texts(texts: dict[str, str]) -> Searcher:
        for name, text in texts.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        made.append(_searcher([tmp_path / name for name in texts], tmp_path / "index", embedding))
        return made[-1]

    yield open_texts
    for searcher in made:
        searcher.snapshot.close()
