"""The verifier on true sentences, on the same sentences made false, and on a whole corpus mutated."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from assistant.evidence import Reading
from assistant.verify import check, quantities
from eval.makers import Sentence
from eval.mutations import FALSE
from eval.rewordings import TRUE
from eval.verifier import count, sentences, trials
from ingest.reader import read
from tests.assistant.conftest import ROOT

SOURCE = (
    "对新建冷库的企业，给予最高300万元补助，占投资额的30%，争取2025年建成5座左右；对复审合格的企业，不再给予奖励。"
    "支持在河东区建设区域分拨中心，全市冷藏车达到2000辆（预估）。"
)
SAID = [
    SOURCE,
    "对新建冷库的企业，给予最高300万元补助，占投资额的30%[1]。",
    "对复审合格的企业，不再给予奖励[2]。",
    "支持在河东区建设区域分拨中心",
    "全市冷藏车达到2000辆（预估）",
]
SPOILT = {
    "condition dropped": ("给予最高300万元补助，占投资额的30%", "condition"),
    "condition of another": ("对复审合格的企业，给予最高300万元补助", "condition"),
    "ten times": ("给予最高3000万元补助", "number"),
    "another unit": ("给予最高300亿元补助", "number"),
    "another measure": ("全市冷藏车达到2000家（预估）", "unit"),
    "percentage": ("占投资额的40%", "number"),
    "year": ("争取2026年建成5座左右", "date"),
    "bound dropped": ("给予300万元补助", "bound"),
    "bound cut off": ("争取2025年建成5座", "bound"),
    "bound turned": ("给予不低于300万元补助", "bound"),
    "estimate dropped": ("全市冷藏车达到2000辆", "bound"),
    "negation dropped": ("对复审合格的企业，再给予奖励", "negation"),
    "negation cut off": ("再给予奖励", "negation"),
    "negation added": ("不支持在河东区建设区域分拨中心", "negation"),
    "duty": ("必须在河东区建设区域分拨中心", "modality"),
    "hedge dropped": ("2025年建成5座左右", "modality"),
    "city and district": ("全区冷藏车达到2000辆（预估）", "place"),
    "another district": ("支持在河西区建设区域分拨中心", "place"),
    "another thing": ("支持在河东区建设区域会展中心", "words"),
    "something added": ("支持在河东区建设区域分拨中心和跨境电商园", "words"),
    "another text": ("办好义务教育是政府的责任，学费由财政负担", "words"),
}


@pytest.mark.parametrize("sentence", SAID)
def test_true_sentences_pass(sentence: str) -> None:
    assert check(sentence, [SOURCE]) == ()


@pytest.mark.parametrize(("sentence", "kind"), SPOILT.values(), ids=list(SPOILT))
def test_false_sentences_are_rejected_for_their_reason(sentence: str, kind: str) -> None:
    assert kind in [problem.kind for problem in check(sentence, [SOURCE])]


def test_a_label_may_bring_names_but_no_numbers() -> None:
    label = "《海河市冷链规划》一、"
    assert check(f"{label}：支持在河东区建设区域分拨中心[1]。", [SOURCE], [label]) == ()
    assert check("冷藏车达到900辆", [SOURCE], ["900辆"]) != ()


def test_quantities_are_scaled_and_keep_unit_and_bound() -> None:
    found = [
        (float(q.value[0]), float(q.value[-1]), q.unit, q.bound) for q in quantities("不低于1.5亿元，3-5个，五千亿")
    ]
    assert found == [(1.5e8, 1.5e8, "元", "不低于"), (3, 5, "个", ""), (5e11, 5e11, "", "")]


@pytest.fixture(scope="module")
def found() -> list[Sentence]:
    return sentences(sorted((ROOT / "corpus").glob("00[0234]*")))


def test_the_corpus_mutated(found: list[Sentence]) -> None:
    """At least 99 of 100 false sentences are rejected, and 97 of 100 of every kind."""
    counts = count(trials(found, FALSE, limit=50), lambda rejected: not rejected)
    assert sum(one.made for one in counts) >= 1500
    assert len(counts) >= 40
    for one in counts:
        assert one.rejected >= 0.97 * one.made, (one.kind, [trial.sentence for trial in one.wrong])
    assert sum(one.rejected for one in counts) >= 0.99 * sum(one.made for one in counts)


def test_the_corpus_reworded(found: list[Sentence]) -> None:
    """At most 2 of 100 true sentences are rejected, as they stand and said otherwise."""
    counts = count(trials(found, TRUE, limit=100), lambda rejected: rejected)
    assert len(counts) >= 18
    for one in counts:
        assert one.rejected <= max(1, 0.02 * one.made), (one.kind, [trial.sentence for trial in one.wrong])
    assert sum(one.rejected for one in counts) <= 0.02 * sum(one.made for one in counts)


def test_unseen_policies_mutated_and_reworded() -> None:
    """The same floor on documents that no rule was written for."""
    folder = ROOT.parent / "shared" / "data" / "policies"
    paths = sorted([*folder.glob("*/*.txt"), *folder.glob("*/*.md")])
    if not paths:
        pytest.skip("no policies beside the repository")
    unseen = sentences(paths)
    false = count(trials(unseen, FALSE, limit=40), lambda rejected: not rejected)
    true = count(trials(unseen, TRUE, limit=60), lambda rejected: rejected)
    assert sum(one.rejected for one in false) >= 0.98 * sum(one.made for one in false) > 1000
    assert sum(one.rejected for one in true) <= 0.02 * sum(one.made for one in true)


def test_what_a_lying_model_would_write() -> None:
    """Hand-written falsehoods out of the words of the passage itself: conditions, years, actors and denials moved."""
    lines = Path(__file__).with_name("lies.jsonl").read_text(encoding="utf-8").splitlines()
    said = [json.loads(line) for line in lines]
    assert len(said) >= 50
    assert [one["said"] for one in said if not check(one["said"], [one["cited"]], ["海河市冷链物流扶持办法"])] == []


def test_what_a_model_would_write() -> None:
    """Hand-written restatements, free ones among them: three in four pass. What fails is dropped, not shown."""
    lines = Path(__file__).with_name("honest.jsonl").read_text(encoding="utf-8").splitlines()
    said = [json.loads(line) for line in lines]
    passed = [one for one in said if not check(one["said"], [one["cited"]], one["label"])]
    assert len(passed) >= 0.75 * len(said)


def test_one_check_takes_about_a_millisecond(found: list[Sentence]) -> None:
    tried = list(trials(found, FALSE, limit=10))
    started = time.process_time()
    for trial in tried:
        check(trial.sentence, trial.cited, trial.context)
    assert (time.process_time() - started) / len(tried) < 0.005  # it takes 0.4 ms; other work may run beside it


def test_the_same_trials_every_time(found: list[Sentence]) -> None:
    assert list(trials(found[:60], FALSE, limit=5)) == list(trials(found[:60], FALSE, limit=5))


def test_a_sentence_of_another_section_is_rejected() -> None:
    texts = [unit.text for unit in Reading(read(next((ROOT / "corpus").glob("002*")))).units if len(unit.text) > 20]
    pairs = [(text, other) for text, other in zip(texts, texts[7:], strict=False) if text != other]
    assert all(check(text, [other]) for text, other in pairs)
