from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.answer import Answer, Citation
from eval.questions import Question, parse
from eval.sources import Source, Sources
from index.build import Reader, build
from index.embedding import Embedding
from index.search import Searcher
from index.snapshot import open_snapshot
from ingest.files import SourceText
from ingest.reader import parse as read_text

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "corpus"
SHARED = ROOT.parent / "shared"

# Two renderings of one notice, and another document. 租金 stands in the second section, 奖励 in the first.
NOTICE = """# 关于支持创新的通知

## 一、奖励
对初创企业给予最高100万元奖励。奖励每年申报一次。

## 二、空间
### （一）租金
租金减免50%，期限三年。租金减免三年。
### （二）场地
提供场地1.5万平方米。
"""
PLAIN = NOTICE.replace("#", "").replace("\n ", "\n").lstrip()
OTHER = """关于发展的办法

一、基金
设立规模20亿元的基金。

二、期限
租金减免三年。
"""


def sources() -> Sources:
    texts = {"100_notice.md": NOTICE, "101_notice.txt": PLAIN, "200_other.txt": OTHER}
    documents = [
        read_text(SourceText(file=file, path=Path(file), sha256="0" * 64, text=text, encoding="utf-8"))
        for file, text in texts.items()
    ]
    return Sources([Source(document, work) for document, work in zip(documents, (0, 0, 2), strict=True)])


def question(**fields: object) -> Question:
    gold = {"file": "100", "section": "一、", "quote": "最高100万元奖励"}
    plain = {
        "id": "Q",
        "type": "number",
        "question": "奖励多少？",
        "answerable": True,
        "answer": "最高100万元。",
        "answer_keys": [["100万元"]],
        "gold": [gold],
    }
    return parse({**plain, **fields})


def cite(quote: str, *, file: str = "100_notice.md", section: str = "一、", n: int = 1, shift: int = 0) -> Citation:
    text = {source.name: source.document.text for source in sources().all}.get(file, "")
    start = max(0, text.find(quote)) + shift
    return Citation(
        n=n,
        file=file,
        doc="",
        title="",
        doc_number=None,
        section=section,
        heading=None,
        quote=quote,
        start=start,
        end=start + len(quote),
    )


def answer(text: str, *citations: Citation, refused: bool = False) -> Answer:
    return Answer(
        question="",
        understood="",
        text=text,
        refused=refused,
        reason="not_covered" if refused else None,
        citations=citations,
        notes=(),
        confidence=1.0,
        writer="extractive",
        latency_ms=1.0,
    )


def searcher_of(index: Path, embedding: Embedding) -> Searcher:
    return Searcher(open_snapshot(index, embedding))


def searcher_with(reader: Reader, index: Path, embedding: Embedding, paths: Sequence[Path] = (CORPUS,)) -> Searcher:
    build(paths, index, embedding=embedding, reader=reader, processes=1)
    return searcher_of(index, embedding)
