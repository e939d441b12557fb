from __future__ import annotations

from index.lexicon import Entry, Lexicon, load_lexicon
from index.training.pairs import GROUPS, PairSet
from index.training.sayings import sayings

POLICY = next(group for group in GROUPS if group.name == "policy")
NEWS = next(group for group in GROUPS if group.name == "news title")


def entry(term: str, near: tuple[str, ...], english: tuple[str, ...], kind: str = "measure") -> Entry:
    return Entry(term=term, same=(), near=near, english=english, broader="", related=(), kind=kind, source="")


def small() -> Lexicon:
    return Lexicon(
        entries=(
            entry("资金支持", ("给钱",), ("funding",)),
            entry("重点实验室", ("大实验室",), ("key laboratory",)),
            entry("上海市", (), ("Shanghai",), "place"),
        ),
        guards=frozenset(),
    )


def test_an_official_sentence_is_asked_for_in_other_names() -> None:
    passage = "对新建重点实验室给予一次性资金支持。其他事项另行规定。"
    seen = set()
    for seed in range(40):
        texts = ["标题", passage]
        made = sayings(texts, [PairSet(POLICY, [0], [1])], small(), seed)
        asked = [texts[a] for a, p in zip(made.anchors, made.positives, strict=True) if p == 1]
        assert len(asked) <= 1
        seen.update(asked)
    assert seen == {
        "对新建大实验室给予一次性给钱",
        "对新建大实验室给予一次性资金支持",
        "对新建重点实验室给予一次性给钱",
        "key laboratory funding",
    }


def test_the_names_of_a_concept_belong_together() -> None:
    texts: list[str] = []
    made = sayings(texts, [], small(), 1)
    pairs = [(texts[a], texts[p]) for a, p in zip(made.anchors, made.positives, strict=True)]
    assert ("给钱", "资金支持") in pairs
    assert ("key laboratory", "重点实验室") in pairs


def test_news_are_not_reworded() -> None:
    texts = ["标题", "对新建重点实验室给予一次性资金支持。"]
    assert 1 not in sayings(texts, [PairSet(NEWS, [0], [1])], small(), 1).positives


def test_the_same_seed_gives_the_same_pairs_and_no_term_fills_them_all() -> None:
    passages = [f"第{n}项：对高层次人才给予资金支持和住房补贴。" for n in range(400)]
    made = []
    for _ in range(2):
        texts = list(passages)
        pairs = sayings(texts, [PairSet(POLICY, list(range(400)), list(range(400)))], load_lexicon(), 7)
        made.append([(texts[a], texts[p]) for a, p in zip(pairs.anchors, pairs.positives, strict=True)])
    assert made[0] == made[1]
    assert 40 <= sum(positive in set(passages) for _, positive in made[0]) <= 240
