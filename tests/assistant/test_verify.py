"""The verifier on true sentences, on the same sentences made false, and on a whole corpus mutated."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from assistant.evidence import read as units_of
from assistant.verify import check, quantities
from ingest.reader import read
from tests.assistant.conftest import ROOT

SOURCE = (
    "对新建冷库的企业，给予最高300万元补助，占投资额的30%，争取2025年建成5座左右；对复审合格的企业，不再给予奖励。"
    "支持在河东区建设区域分拨中心，全市冷藏车达到2000辆（预估）。"
)
TRUE = [
    SOURCE,
    "给予最高300万元补助，占投资额的30%[1]。",
    "对复审合格的企业，不再给予奖励[2]。",
    "支持在河东区建设区域分拨中心",
    "全市冷藏车达到2000辆（预估）",
]
FALSE = {
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


@pytest.mark.parametrize("sentence", TRUE)
def test_true_sentences_pass(sentence: str) -> None:
    assert check(sentence, [SOURCE]) == ()


@pytest.mark.parametrize(("sentence", "kind"), FALSE.values(), ids=list(FALSE))
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


def _first(pattern: str, to: str | Callable[[re.Match[str]], str]) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, to, text, count=1)


MUTATIONS: dict[str, Callable[[str], str]] = {
    "times ten": _first(r"(?<![\d.])(\d{1,5})(?![\d.]|年|月|日)", r"\g<1>0"),
    "unit": _first(r"(?<=\d)(\s*)(家|个|亿元)", lambda m: m[1] + {"家": "个", "个": "家", "亿元": "万元"}[m[2]]),
    "year": _first(r"(20[123])(\d)(?=\s*年)", lambda m: f"{m[1]}{(int(m[2]) + 1) % 10}"),
    "percent": _first(r"(\d[\d.]*)%", r"9\1%"),
    "about dropped": _first(r"(\d[^，。；]{0,4}?)左右", r"\1"),
    "bound turned": _first("不低于", "不超过"),
    "negation": _first("(支持|鼓励|推动|给予)", r"不\1"),
    "duty": _first("(支持|鼓励|探索)", "必须"),
    "hedge dropped": _first("(争取|力争|探索)", ""),
    "level": _first("全市|市级", lambda m: {"全市": "全区", "市级": "区级"}[m[0]]),
    "item": _first(r"、([\u4e00-\u9fff]{3,8})、", "、预制菜冷链、"),
    "item added": _first(r"等(?=[\u4e00-\u9fff])", "和跨境电商等"),
    "place": _first("张江|临港|金桥", "虹桥"),
    "clause added": lambda text: f"{text.rstrip('。')}，并给予每家企业100万元补贴。",
}


def test_the_corpus_mutated() -> None:
    """At least 97 of 100 false sentences are rejected, at most 2 of 100 true ones; each kind by itself 85."""
    texts = [
        unit.text
        for path in sorted((ROOT / "corpus").glob("00[0234]*"))
        for unit in units_of(read(path)).units
        if not unit.is_heading and len(unit.text) >= 12
    ]
    clauses = [(part, text) for text in texts for part in re.split("[；。]", text) if len(part) >= 10]
    assert sum(bool(check(part, [text])) for part, text in clauses) <= 0.02 * len(clauses)
    made = rejected = 0
    for kind, mutate in MUTATIONS.items():
        false = [(mutated, text) for text in texts if (mutated := mutate(text)) != text]
        caught = sum(bool(check(mutated, [text])) for mutated, text in false)
        assert caught >= 0.85 * len(false), kind
        made, rejected = made + len(false), rejected + caught
    assert made >= 500
    assert rejected >= 0.97 * made


def test_a_sentence_of_another_section_is_rejected() -> None:
    texts = [unit.text for unit in units_of(read(next((ROOT / "corpus").glob("002*")))).units if len(unit.text) > 20]
    pairs = [(text, other) for text, other in zip(texts, texts[7:], strict=False) if text != other]
    assert all(check(text, [other]) for text, other in pairs)
