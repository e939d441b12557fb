"""Is a question refused when the provision that answers it is taken out? `python -m eval.removed SET...`

A set is in BEIR's layout (`corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`, plain or gzipped), its passages in the
order of their documents; `metadata` names the document as `law` or `doc`, else `title` does. Documents are indexed some
tens at a time, as they are and without what answers every second of their questions. What is left treats the subject
and does not tell what is asked: the hardest questions to refuse.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from assistant.answer import ask
from assistant.judge import DOUBTED
from assistant.text import bare
from errors import ConfigError, WenceError
from index.build import build
from index.embedding import open_embedding
from index.judged import read_judged
from index.search import Searcher
from index.snapshot import open_snapshot

TODAY = date(2026, 11, 21)  # validity is judged as of one day, or the figures would change with the calendar
_TOGETHER = 40  # documents of one index
_LONGEST = 100_000  # characters of a document
_SHORT = 4  # characters of a quote that may stand in any passage


@dataclass(frozen=True, kw_only=True)
class Removal:
    """A question and the passages (ids) that answer it; `turn` (0 or 1) tells in which half they are taken out."""

    question: str
    gold: frozenset[str]
    turn: int


@dataclass(frozen=True, kw_only=True)
class Group:
    """Documents that are indexed together, by title, each its passages as (id, text); and what is asked of them."""

    name: str
    documents: Mapping[str, tuple[tuple[str, str], ...]]
    removals: tuple[Removal, ...]

    def without(self, turn: int) -> frozenset[str]:
        """The passages to take out for the questions of a turn: those that answer no question of the other."""
        kept = frozenset().union(*(one.gold for one in self.removals if one.turn != turn))
        return frozenset().union(*(one.gold for one in self.removals if one.turn == turn)) - kept

    def gone(self, turn: int) -> list[Removal]:
        """The questions of a turn whose whole answer is taken out."""
        gone = self.without(turn)
        return [one for one in self.removals if one.turn == turn and one.gold <= gone]

    def write(self, folder: Path, without: frozenset[str]) -> None:
        """The documents as text files in a new folder."""
        folder.mkdir(parents=True)
        for number, (title, passages) in enumerate(self.documents.items()):
            text = "\n".join(text for key, text in passages if key not in without)
            if text.strip():
                name = re.sub(r"[^\w]", "_", title)[:60]
                (folder / f"{number:02}_{name}.txt").write_text(text, encoding="utf-8")

    def tells(self, removal: Removal, quotes: Sequence[str]) -> bool:
        """Whether one of the quotes stands in a passage that answers, or holds one."""
        gold = [bare(text) for passages in self.documents.values() for key, text in passages if key in removal.gold]
        said = [text for quote in quotes if len(text := bare(quote)) >= _SHORT]
        return any(one in text or text in one for one in said for text in gold if len(text) >= _SHORT)


def groups(folder: Path, apart: Path | None = None) -> list[Group]:
    """The documents of a set of which something is asked, in groups, the same ones each time.

    Long documents are left out, those of which `apart` has a file of that name, and questions that several documents
    answer. Raises ConfigError for no such set.
    """
    judged = read_judged(folder)
    documents: dict[str, list[tuple[str, str]]] = {}
    where: dict[str, str] = {}
    for line in lines(judged.corpus):
        about = line.get("metadata") or {}
        name = str(about.get("law") or about.get("doc") or line.get("title") or line["_id"])
        article = about.get("article") or ""
        text = line.get("text") or ""
        said = text if not article or text.startswith(article) else f"{article}　{text}"
        documents.setdefault(name, []).append((line["_id"], said))
        where[line["_id"]] = name
    asked: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for query, grades in judged.grades.items():
        gold = frozenset(passage for passage, grade in grades.items() if grade > 0 and passage in where)
        homes = {where[passage] for passage in gold}
        if len(homes) == 1:
            asked.setdefault(homes.pop(), []).append((judged.questions[query], gold))
    kept_apart = {bare(path.stem) for path in apart.rglob("*")} if apart else frozenset[str]()
    short = [name for name in asked if sum(len(text) for _, text in documents[name]) <= _LONGEST]
    names = [name for name in short if bare(name) not in kept_apart]
    Random(7).shuffle(names)
    made = []
    for number, at in enumerate(range(0, len(names), _TOGETHER)):
        together = names[at : at + _TOGETHER]
        every = [one for name in together for one in asked[name]]
        made.append(
            Group(
                name=f"{folder.name}-{number}",
                documents={name: tuple(documents[name]) for name in together},
                removals=tuple(Removal(question=q, gold=g, turn=n % 2) for n, (q, g) in enumerate(every)),
            )
        )
    return made


def lines(path: Path) -> Iterator[Any]:
    """The values of a JSON Lines file, plain or gzipped. Raises ConfigError for anything else."""
    raw = path.read_bytes()
    try:
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
        yield from (json.loads(line) for line in text.split("\n") if line.strip())
    except (ValueError, EOFError, OSError) as error:
        raise ConfigError(f"{path} 不是 JSON Lines（{error}）；请检查这份测试集") from error


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """A group's documents ready to be asked: `turn` is that of the questions whose answers are taken out, or `None`."""

    group: Group
    turn: int | None
    searcher: Searcher

    @property
    def removals(self) -> Sequence[Removal]:
        """What to ask of it."""
        return self.group.removals if self.turn is None else self.group.gone(self.turn)


def shelves(group: Group, turns: Sequence[int | None] = (None, 0, 1)) -> Iterator[Shelf]:
    """The documents as they are and without what answers the questions of either turn, one index after the other."""
    embedding = open_embedding()
    for turn in turns:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            group.write(folder / "text", frozenset() if turn is None else group.without(turn))
            build([folder / "text"], folder / "index", embedding=embedding)
            snapshot = open_snapshot(folder / "index", embedding)
            try:
                yield Shelf(group=group, turn=turn, searcher=Searcher(snapshot))
            finally:
                snapshot.close()


def measure(group: Group, turns: Sequence[int | None]) -> Counter[str]:
    """How many questions are asked, answered with their provision, with a needless doubt, refused; with it taken out,
    asked, refused, answered with a doubt."""
    count: Counter[str] = Counter()
    for shelf in shelves(group, turns):
        for removal in shelf.removals:
            answer = ask(shelf.searcher, removal.question, today=TODAY)
            doubted = any(DOUBTED in note for note in answer.notes)
            if shelf.turn is not None:
                count["removed"] += 1
                count["removed, refused"] += answer.refused
                count["removed, doubted"] += doubted
                continue
            told = group.tells(removal, [citation.quote for citation in answer.citations])
            count["asked"] += 1
            count["answered with the provision"] += told and not answer.refused
            count["and doubted"] += told and doubted
            count["refused"] += answer.refused
    return count


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the counts of each set; the exit status is 1 when the work could not be done."""
    parser = argparse.ArgumentParser(prog="python -m eval.removed", description="答案所在的条文被拿掉后，是否拒答")
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET", help="BEIR 格式的标注集")
    parser.add_argument("--groups", type=int, default=0, help="每个集只用前几组文件，0 为全部")
    given = parser.parse_args(arguments)
    try:
        for folder in given.sets:
            every = groups(folder)
            count: Counter[str] = Counter()
            for group in every[: given.groups or len(every)]:
                count.update(measure(group, (None, 1)))
            print(folder.name, "，".join(f"{name} {number}" for name, number in count.items()), flush=True)
    except WenceError as error:
        print(f"wence：{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
