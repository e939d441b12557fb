from __future__ import annotations

from math import log2

import pytest

from eval.metrics import NONE, Share
from eval.retrieval import Passages, by_passage, by_section, measure
from index.search import Hit
from ingest.chunks import chunk
from tests.eval.cases import question, sources

SOURCES = sources()
CHUNKS = {s.name: chunk(s.document) for s in SOURCES.all}
FILES = {s.document.id: s.name for s in SOURCES.all}
PASSAGES = Passages(CHUNKS, FILES, {c.id: c.id for chunks in CHUNKS.values() for c in chunks})


def hit(file: str, section: str) -> Hit:
    found = next(c for c in CHUNKS[file] if c.section == section)
    return Hit(chunk=found, score=1.0, parts=())


def values(shares: dict[str, Share]) -> dict[str, float | None]:
    return {name: share.value for name, share in shares.items()}


def test_measures_by_hand():
    found = measure({"q": (["a", "x", "b", "y"], frozenset({"a", "b", "c"}))})["q"]
    ideal = 1 + 1 / log2(3) + 1 / log2(4)
    assert values(found) == {
        "recall@1": pytest.approx(1 / 3),
        "recall@5": pytest.approx(2 / 3),
        "recall@10": pytest.approx(2 / 3),
        "mrr@10": 1.0,
        "ndcg@10": pytest.approx((1 + 1 / log2(4)) / ideal),
    }


def test_the_reciprocal_rank_ends_at_ten():
    ten = [f"x{at}" for at in range(10)]
    found = measure({"ten": ([*ten[:9], "a"], frozenset("a")), "eleven": ([*ten, "a"], frozenset("a"))})
    assert found["ten"]["mrr@10"].value == pytest.approx(1 / 10)
    assert found["eleven"]["mrr@10"].value == 0


def test_nothing_found_is_zero_and_nothing_to_find_does_not_count():
    found = measure({"none": ([], frozenset("a")), "free": (["x"], frozenset())})
    assert set(values(found["none"]).values()) == {0.0}
    assert set(found["free"].values()) == {NONE}


def test_a_section_is_found_by_the_first_hit_in_it_or_below():
    asked = question(gold=[{"file": "100", "section": "二、", "quote": "租金减免50%"}])
    hits = [hit("100_notice.md", "一、"), hit("101_notice.txt", "二、（一）"), hit("100_notice.md", "二、（二）")]
    ranking, relevant = by_section(asked, hits, FILES, SOURCES)
    assert list(ranking) == ["100_notice.md 一", "gold 100 二"]
    assert relevant == {"gold 100 二"}


def test_of_nested_gold_sections_the_deepest_counts():
    golds = [{"file": "100", "section": path, "quote": "x"} for path in ("二、", "二、（一）")]
    hits = [hit("100_notice.md", "二、（一）"), hit("100_notice.md", "二、（二）")]
    assert by_section(question(gold=golds), hits, FILES, SOURCES)[0] == ("gold 100 二/一", "gold 100 二")


def test_the_passage_of_a_gold_quote_is_the_chunk_that_holds_it():
    asked = question(gold=[{"file": "100", "section": "二、（一）", "quote": "租金减免50%，期限三年"}])
    hits = [hit("100_notice.md", "一、"), hit("100_notice.md", "二、（一）")]
    ranking, relevant = by_passage(asked, hits, PASSAGES, SOURCES)
    assert relevant == {hits[1].chunk.id}
    assert values(measure({"q": (ranking, relevant)})["q"])["mrr@10"] == 1 / 2


def test_a_repeated_passage_is_led_to_the_one_that_a_search_returns():
    plain, marked = hit("101_notice.txt", "一、").chunk, hit("100_notice.md", "一、").chunk
    passages = Passages({"101_notice.txt": [plain]}, FILES, {plain.id: marked.id})
    assert passages.holding(question().gold[0], SOURCES) == marked.id


def test_a_quote_that_no_chunk_holds_is_never_found():
    asked = question(gold=[{"file": "200", "section": "一、", "quote": "最高100万元奖励"}])
    ranking, relevant = by_passage(asked, [hit("100_notice.md", "一、")], PASSAGES, SOURCES)
    assert relevant == {"lost 0"}
    assert measure({"q": (ranking, relevant)})["q"]["recall@10"] == Share(0, 1)
