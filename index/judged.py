"""Judged sets in BEIR's layout: `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`, plain or gzipped.

Each document of a set is one passage. The benchmark and the training of the re-ranker read them here.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import ConfigError
from index.build import Reader
from ingest.document import Chunk, CleanText, Document, Run, Section, Span
from ingest.files import Found


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The questions of a set that have an answer, by id, and for each what was judged of which passages (ids)."""

    corpus: Path
    questions: Mapping[str, str]
    grades: Mapping[str, Mapping[str, int]]


def read_judged(folder: Path) -> Judged:
    """Questions and judgements of a set. Raises ConfigError for a folder that holds no such set."""
    queries = {line["_id"]: line["text"] for line in _lines(_file(folder, "queries.jsonl"))}
    grades = {query: found for query, found in _qrels(_file(folder, "qrels/test.tsv")).items() if query in queries}
    if not grades:
        raise ConfigError(f"{folder}：qrels 里没有一个 queries.jsonl 的问题；请检查这份测试集")
    questions = {query: text for query, text in queries.items() if query in grades}
    return Judged(corpus=_file(folder, "corpus.jsonl"), questions=questions, grades=grades)


def passage_ids(corpus: Path) -> list[str]:
    """The ids of the passages, in order; chunk i of an index of this corpus alone is passage i. Raises ConfigError."""
    return [line["_id"] for line in _lines(corpus)]


def _read(found: Found) -> Document:
    """A whole corpus as one document, each of its passages a section whose path is the passage's id."""
    sections: list[Section] = []
    texts: list[str] = []
    at = 0
    for line in _lines(found.path):
        text = line.get("text") or line.get("title") or " "
        heading = (line.get("title") or None) if line.get("text") else None
        span = Span(at, at + len(text))
        sections.append(Section(path=line["_id"], number=None, heading=heading, level=1, paragraphs=((span,),)))
        texts.append(text)
        at = span.end
    return Document(
        id="corpus",
        file=found.file,
        sha256="",
        text="".join(texts),
        title=found.file,
        doc_number=None,
        issuer=None,
        issue_date=None,
        kind=None,
        region=None,
        period=None,
        relations=(),
        sections=tuple(sections),
        tables=(),
        dropped=(),
        repairs=(),
    )


def _passages(document: Document) -> list[Chunk]:
    return [
        Chunk(
            doc=document.id,
            section=section.path,
            headings=(section.heading,) if section.heading else (),
            clean=CleanText(
                document.text[section.start : section.end], (Run(0, section.start, section.end - section.start),)
            ),
        )
        for section in document.sections
    ]


def _file(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise ConfigError(f"{folder}：没有 {name}（或 {name}.gz）；请给出 BEIR 格式的文件夹")


def _text_lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            yield from ((number, line) for number, line in enumerate(file, 1) if line.strip())
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise ConfigError(f"测试集读不了：{path}（{error}）；请检查文件") from error


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in _text_lines(path):
        try:
            value = json.loads(line)
            if not isinstance(value["_id"], str):
                raise TypeError("_id 应是文字")
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"测试集 {path} 第 {number} 行读不了：{error}；请改正这一行") from error
        yield value


def _qrels(path: Path) -> dict[str, dict[str, int]]:
    """query-id, corpus-id, score, parted by tabs, below one line of headings; scores of 0 are kept as judged."""
    found: dict[str, dict[str, int]] = {}
    for number, line in _text_lines(path):
        parts = line.rstrip("\n").split("\t")
        if number == 1 and not parts[-1].lstrip("-").isdigit():
            continue
        if len(parts) != 3 or not parts[2].lstrip("-").isdigit():
            raise ConfigError(f"测试集 {path} 第 {number} 行应是 query-id、corpus-id、score 三列；请改正这一行")
        found.setdefault(parts[0], {})[parts[1]] = int(parts[2])
    return {query: judged for query, judged in found.items() if any(score > 0 for score in judged.values())}


CORPUS = Reader(read=_read, chunk=_passages, version="beir", provisions=lambda _: ())
"""Reads a corpus so that each passage is a chunk, its id the section."""
