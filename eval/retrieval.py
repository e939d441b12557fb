"""How well the search finds the passages that prove an answer, by ir-measures over pytrec-eval.

Two views of one ranking. By section: each gold section is one relevant item, found by the first hit that lies in it
or below it. By passage: each chunk that holds a gold quote is one relevant item. Unanswerable questions are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures
from ir_measures import RR, R, nDCG

from eval.compare import fold, overlap, same_words, section_key, under
from eval.metrics import NONE, Share
from eval.questions import Gold, Question
from eval.sources import Sources
from index.catalogue import Catalogue
from index.search import Hit
from ingest.document import Chunk

DEPTH = 20  # hits that are judged
MEASURES: Mapping[str, ir_measures.Measure] = {
    "recall@1": R @ 1,
    "recall@5": R @ 5,
    "recall@10": R @ 10,
    "mrr@10": RR @ 10,
    "ndcg@10": nDCG @ 10,
}
VIEWS = ("section", "passage")
RETRIEVAL = tuple(f"{view}_{name}" for view in VIEWS for name in MEASURES)

Ranking = Sequence[str]  # items, best first, no item twice
Relevant = frozenset[str]  # the items that should be found


@dataclass(frozen=True)
class Passages:
    """Every chunk of an index, by file; `stands_for` leads from a chunk's id to that of the one a search returns."""

    by_file: Mapping[str, Sequence[Chunk]]
    files: Mapping[str, str]
    stands_for: Mapping[str, str]

    @staticmethod
    def of(catalogue: Catalogue) -> Passages:
        """Read them from an index."""
        files = {entry.id: entry.file for entry in catalogue.entries()}
        by_file = {e.file: catalogue.chunks(e.first_chunk, e.chunk_count) for e in catalogue.entries()}
        rows = catalogue.chunks(0, catalogue.counts().chunks)
        first = catalogue.passages(range(len(rows)))
        return Passages(by_file, files, {chunk.id: rows[first[row]].id for row, chunk in enumerate(rows)})

    def holding(self, gold: Gold, sources: Sources) -> str | None:
        """The id of the chunk that holds a gold quote, `None` when there is none.

        A chunk of the gold section goes before others, then the one that has most of the quote, then the first.
        """
        quote = fold(gold.quote)
        best: tuple[bool, int] = (False, 0)
        found: str | None = None
        for file, chunks in self.by_file.items():
            if not quote or not sources.same_work(file, gold.file):
                continue
            for chunk in chunks:
                text = fold(chunk.text)
                if not text or not same_words(text, quote):
                    continue
                rank = (under(chunk.section, gold.section), len(quote) if quote in text else overlap(text, quote))
                if rank > best:
                    best, found = rank, chunk.id
        return found and self.stands_for[found]


def by_section(
    question: Question, hits: Sequence[Hit], files: Mapping[str, str], sources: Sources
) -> tuple[Ranking, Relevant]:
    """The ranking of sections, and the gold sections: a hit counts for the deepest gold section that holds it."""
    core = sorted(question.core(), key=lambda gold: -len(section_key(gold.section)))
    ranking: dict[str, None] = {}
    for hit in hits:
        file = files[hit.chunk.doc]
        item = next((_item(g) for g in core if sources.in_section(file, hit.chunk.section, g)), None)
        ranking.setdefault(item or f"{file} {section_key(hit.chunk.section)}")
    return tuple(ranking), frozenset(map(_item, core))


def by_passage(
    question: Question, hits: Sequence[Hit], passages: Passages, sources: Sources
) -> tuple[Ranking, Relevant]:
    """The ranking of chunks, and the chunks that hold the gold quotes; a quote that no chunk holds is never found."""
    wanted = {passages.holding(gold, sources) or f"lost {at}" for at, gold in enumerate(question.core()) if gold.quote}
    return tuple(dict.fromkeys(hit.chunk.id for hit in hits)), frozenset(wanted)


def measure(rankings: Mapping[str, tuple[Ranking, Relevant]]) -> dict[str, dict[str, Share]]:
    """For each question and each of MEASURES its value; questions without a relevant item have none."""
    judged = {id_: pair for id_, pair in rankings.items() if pair[1]}
    qrels = {id_: dict.fromkeys(sorted(relevant), 1) for id_, (_, relevant) in judged.items()}
    run = {id_: {item: -float(rank) for rank, item in enumerate(ranking)} for id_, (ranking, _) in judged.items()}
    names = {str(found): name for name, found in MEASURES.items()}
    results = {id_: dict.fromkeys(MEASURES, Share(0.0, 1.0) if id_ in judged else NONE) for id_ in rankings}
    for metric in ir_measures.iter_calc(list(MEASURES.values()), qrels, run):
        results[metric.query_id][names[str(metric.measure)]] = Share(float(metric.value), 1.0)
    return results


def _item(gold: Gold) -> str:
    return f"gold {gold.file} {section_key(gold.section)}"
