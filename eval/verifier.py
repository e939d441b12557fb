"""How many false sentences the verifier rejects, and how many true ones: `python -m eval.verifier [FILE…]`."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from assistant.evidence import Reading
from assistant.text import han_share
from assistant.verify import check
from errors import IngestError
from eval.makers import Maker, Sentence, Trial
from eval.mutations import FALSE
from eval.rewordings import TRUE
from ingest.reader import read

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
PER_KIND = 120  # trials of one kind, at most


@dataclass(frozen=True, kw_only=True)
class Count:
    """Trials of one kind: how many were made, how many the verifier rejected, and those it got wrong."""

    kind: str
    made: int
    rejected: int
    wrong: tuple[Trial, ...]


def sentences(paths: Sequence[Path]) -> list[Sentence]:
    """Every sentence of the documents with what stands around it. A file that cannot be read is left out."""
    read_ones = []
    for path in paths:
        try:
            document = read(path)
        except IngestError:
            continue
        units = [
            u for u in Reading(document).units if not u.is_heading and len(u.text) >= 12 and han_share(u.text) >= 0.5
        ]
        read_ones.append((document, units))
    found = []
    for document, units in read_ones:
        random = Random(document.title)
        others = [u.text for other, theirs in read_ones if other is not document for u in theirs]
        foreign = tuple(random.sample(others, min(60, len(others))))
        for unit in units:
            passage = tuple(other.text for other in units if other.section is unit.section)
            outside = [other.text for other in units if other.section is not unit.section]
            found.append(
                Sentence(
                    text=unit.text,
                    passage=passage,
                    elsewhere=tuple(random.sample(outside, min(80, len(outside)))),
                    foreign=foreign,
                    title=document.title,
                    path=unit.section.path,
                )
            )
    return found


def trials(found: Sequence[Sentence], makers: Mapping[str, Maker], limit: int = PER_KIND) -> Iterator[Trial]:
    """At most `limit` trials of each kind, spread over the sentences; the cited text is the sentence's passage."""
    for kind, make in makers.items():
        random = Random(kind)
        order = list(found)
        random.shuffle(order)
        made = 0
        for sentence in order:
            text = make(sentence, random)
            if text is None or (text == sentence.text and makers is FALSE):
                continue
            passage = "\n".join(sentence.passage)
            if makers is FALSE and _plain(text) in _plain(passage) and kind not in _CUTS:
                continue
            yield Trial(kind=kind, sentence=text, cited=(passage,), context=(sentence.title, sentence.path))
            made += 1
            if made == limit:
                break


_CUTS = (
    "cut behind a not",
    "condition dropped",
    "target year dropped",
    "hedge dropped",
    "bound dropped",
    "limit dropped",
    "negation dropped",
)


def _plain(text: str) -> str:
    return re.sub(r"\W+", "", text)


def count(tried: Iterator[Trial], wrong: Callable[[bool], bool]) -> list[Count]:
    """Trials by kind; `wrong` says of a verdict (rejected or not) whether it is a mistake."""
    by_kind: dict[str, list[tuple[Trial, bool]]] = {}
    for trial in tried:
        by_kind.setdefault(trial.kind, []).append((trial, bool(check(trial.sentence, trial.cited, trial.context))))
    return [
        Count(
            kind=kind,
            made=len(verdicts),
            rejected=sum(rejected for _, rejected in verdicts),
            wrong=tuple(trial for trial, rejected in verdicts if wrong(rejected)),
        )
        for kind, verdicts in by_kind.items()
    ]


def main(arguments: Sequence[str]) -> None:
    """Print the tables. Arguments: files to take sentences from (default: the corpus); `-v` prints mistakes."""
    verbose = "-v" in arguments
    paths = [Path(argument) for argument in arguments if argument != "-v"]
    found = sentences(paths or sorted(CORPUS.glob("00[0234]*")))
    started = time.perf_counter()
    false = count(trials(found, FALSE), lambda rejected: not rejected)
    true = count(trials(found, TRUE, 10 * PER_KIND), lambda rejected: rejected)
    seconds = time.perf_counter() - started
    for name, counts in (("false", false), ("true", true)):
        print(f"| {name} sentence | n | rejected |\n|---|---|---|")
        for one in [
            *counts,
            Count(kind="**all**", made=sum(c.made for c in counts), rejected=sum(c.rejected for c in counts), wrong=()),
        ]:
            print(f"| {one.kind} | {one.made} | {one.rejected / max(1, one.made):.1%} |")
            for trial in one.wrong[:12] if verbose else ():
                print(
                    "   ",
                    trial.sentence[:160],
                    " ".join(f"{p.kind}:{p.detail[:40]}" for p in check(trial.sentence, trial.cited, trial.context)),
                )
        print()
    total = sum(one.made for one in (*false, *true))
    print(f"{len(found)} sentences, {total} trials, {1000 * seconds / max(1, total):.2f} ms each, made and checked")


if __name__ == "__main__":
    main(sys.argv[1:])
