"""Whole answers over judged sets: `python -m eval.answered SET... [--half N] [--groups N]` (docs/benchmarks.md).

The documents of a set (BEIR's layout, as for `eval.removed`) are indexed some tens at a time, and every question is
answered from its index as a user's would be. What became of it is told by stage: refused; its passage not among what
search puts first; found, but another one cited; cited, but not the sentence that answers; right. Where the set has
written answers (`answers.jsonl`), the answer must hold half of what they tell beyond the question.

The documents are parted in two halves by their names, so that what is fitted on the questions of one half can be
judged by those of the other.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

from assistant.answer import ask
from assistant.text import bag, grams
from errors import ConfigError, WenceError
from eval.removed import TODAY, Group, groups, lines, shelves

STAGES = {"right": "答对", "sentence": "句子不对", "selected": "选错", "searched": "没查到", "refused": "拒答"}
"""right: the passage that answers is cited, and its answer told. sentence: cited, but something else of it is said.
selected: among what search puts first, but not cited. searched: not even that. refused: as it says."""

FIRST = 10  # hits of a search that count as found
_ENOUGH = 0.5  # share of what a written answer tells beyond its question
_FEW = 2  # grams that tell nothing


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a question of the document `document`. `place` is that of the first hit in the passage that
    answers, from 1, `None` when it is not among the first; `first` whether the first citation is of that passage;
    `told` the share (0..1) of the written answer that is said, `None` where there is none to compare."""

    question: str
    document: str
    stage: str
    place: int | None
    first: bool
    told: float | None

    @property
    def half(self) -> int:
        """Which half of the documents it is of: 0 or 1."""
        return half_of(self.document)


def half_of(document: str) -> int:
    """0 or 1, by a document's name alone."""
    return sha256(document.encode()).digest()[0] % 2


def expected(folder: Path) -> dict[str, tuple[str, ...]]:
    """What answers each question of a set in somebody's own words or as the document prints it; {} for a set without
    written answers. Raises ConfigError for a file that cannot be read."""
    found = [path for name in ("answers.jsonl", "answers.jsonl.gz") if (path := folder / name).is_file()]
    if not found:
        return {}
    try:
        return {
            line["question"]: tuple(filter(None, (line["answer"], "".join(line.get("gold_text") or ()))))
            for line in lines(found[0])
        }
    except (KeyError, TypeError) as error:
        raise ConfigError(f"{found[0]} 不是答案文件（{error!r}）；每行要有 question 和 answer") from error


def told(question: str, answers: Iterable[str], said: str) -> float | None:
    """How much of one of the answers, what the question says aside, is said (0..1, the best); `None` without any."""
    asked, held = bag(question), bag(said)
    shares = []
    for answer in answers:
        fresh = [gram for gram in grams(answer) if gram not in asked]
        if len(fresh) >= _FEW:
            shares.append(sum(gram in held for gram in fresh) / len(fresh))
    return max(shares, default=None)


def titled(group: Group) -> Group:
    """The same documents, each beginning with its name where no passage prints it."""
    documents = {
        name: passages if any(name in text for _, text in passages[:1]) else (("", name), *passages)
        for name, passages in group.documents.items()
    }
    return replace(group, documents=documents)


def outcomes(group: Group, answers: Mapping[str, Sequence[str]], half: int | None = None) -> list[Outcome]:
    """What becomes of the questions of a group (of a half of its documents), in order."""
    home = {key: name for name, passages in group.documents.items() for key, _ in passages}
    wanted = [(home[min(one.gold)], one) for one in group.removals]
    wanted = [(name, one) for name, one in wanted if half is None or half_of(name) == half]
    found: list[Outcome] = []
    for shelf in shelves(titled(group), (None,)) if wanted else ():
        for name, one in wanted:
            answer = ask(shelf.searcher, one.question, today=TODAY)
            quotes = [citation.quote for citation in answer.citations]
            share = told(one.question, answers.get(one.question, ()), answer.text)
            hits = shelf.searcher.search(one.question, k=FIRST)
            place = next((at for at, hit in enumerate(hits, 1) if group.tells(one, [hit.chunk.text])), None)
            cited = not answer.refused and group.tells(one, quotes)
            found.append(
                Outcome(
                    question=one.question,
                    document=name,
                    stage=_stage(answer.refused, cited, share, place),
                    place=place,
                    first=not answer.refused and group.tells(one, quotes[:1]),
                    told=share,
                )
            )
    return found


def _stage(refused: bool, cited: bool, share: float | None, place: int | None) -> str:
    if refused:
        return "refused"
    if not cited:
        return "searched" if place is None else "selected"
    return "right" if share is None or share >= _ENOUGH else "sentence"


def table(name: str, found: Sequence[Outcome]) -> str:
    """The counts of each half, a line each."""
    rows = []
    for half in (0, 1):
        own = [one for one in found if one.half == half]
        counts = "，".join(f"{said} {sum(one.stage == stage for one in own)}" for stage, said in STAGES.items())
        rows.append(f"{name} {half}：{len(own)} 问，{counts}；首条引用正确 {sum(one.first for one in own)}")
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the counts of each set; the exit status is 1 when the work could not be done."""
    parser = argparse.ArgumentParser(prog="python -m eval.answered", description="标注集上的整篇答案，按失败的环节统计")
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET", help="BEIR 格式的标注集")
    parser.add_argument("--half", type=int, choices=(0, 1), help="只问这一半文件的问题")
    parser.add_argument("--groups", type=int, default=0, help="每个集只用前几组文件，0 为全部")
    parser.add_argument("--wrong", action="store_true", help="列出没有答对的问题")
    parser.add_argument("--processes", type=int, default=2, help="进程数（默认 2）")
    given = parser.parse_args(arguments)
    try:
        with ProcessPoolExecutor(given.processes, mp_context=get_context("spawn")) as pool:
            for folder in given.sets:
                every = groups(folder)
                work = partial(outcomes, answers=expected(folder), half=given.half)
                made = pool.map(work, every[: given.groups or len(every)])
                found = [one for part in made for one in part]
                for one in found if given.wrong else ():
                    if one.stage != "right":
                        print(f"{STAGES[one.stage]}　{one.question}　《{one.document}》")
                print(table(folder.name, found), flush=True)
    except WenceError as error:
        print(f"wence：{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
