from __future__ import annotations

from dataclasses import replace

import numpy as np
from datasketch import MinHash

from index.minhash import minhash
from index.renderings import link, passages, signature, works
from ingest.document import Relation
from tests.index.conftest import PARKS, STUDIO, WATER, entry

MARKED = WATER.replace("第一条 ", "## **第一条**　").replace("\n", "\r\n\r\n")


def group(*texts: str, numbers: tuple[str | None, ...] | None = None) -> list[int]:
    return works([signature(text) for text in texts], numbers or (None,) * len(texts))


def test_two_renderings_of_one_text_are_one_work() -> None:
    assert group(PARKS, WATER, STUDIO, MARKED) == [0, 1, 2, 1]


def test_a_common_number_makes_one_work_however_it_is_printed() -> None:
    numbers = ("临政发〔2021〕16号", None, "临政发 [2021] 16 号".replace("[", "〔").replace("]", "〕"))
    assert group(PARKS, WATER, STUDIO, numbers=numbers) == [0, 1, 0]


def test_works_join_across_a_middle_one() -> None:
    assert group(WATER, PARKS, MARKED, numbers=(None, "甲1号", "甲1号")) == [0, 0, 0]


def test_texts_without_a_word_stand_alone() -> None:
    assert group("", "。。。", "短") == [0, 1, 2]


def test_a_thousand_copies_are_looked_at_as_one_kind() -> None:
    marks = [signature(WATER)] * 300
    kinds = [number % 7 == 0 for number in range(300)]
    looked: list[tuple[int, int]] = []

    def apart(one: int, other: int) -> bool:
        looked.append((one, other))
        return kinds[one] != kinds[other]

    one_by_one = works(marks, [None] * 300, apart)
    assert len(looked) > 10 * 3000
    looked.clear()
    assert works(marks, [None] * 300, apart, lambda number: kinds[number]) == one_by_one
    assert len(looked) < 3000
    assert set(one_by_one) == {0, 1}


def test_no_document_no_work() -> None:
    assert works([], []) == []


def test_a_repeated_chunk_is_led_to_its_first_rendering() -> None:
    first = [
        (0, "第二条 携犬进入公园的，应当使用不超过2米的牵引绳。"),
        (1, "第三条 公园开放时间为每日六时至二十二时。"),
    ]
    second = [
        (2, "**第二条** 携犬进入公园的,应当使用不超过 2 米的牵引绳。"),
        (3, "第四条 公园内禁止吸烟，违者处以罚款。"),
    ]
    third = [(4, "第四条 公园内禁止吸烟，违者处以罚款"), (5, "携犬进入公园的，应当使用不超过2米的牵引绳。")]
    assert passages([first, second, third]) == [(2, 0), (4, 3), (5, 0)]


def test_another_number_is_another_passage() -> None:
    first = [(0, "携犬进入公园的，应当使用不超过2米的牵引绳，并为犬只佩戴嘴套和标识牌。")]
    second = [(1, "携犬进入公园的，应当使用不超过3米的牵引绳，并为犬只佩戴嘴套和标识牌。")]
    assert passages([first, second]) == []


def test_chunks_of_one_document_are_never_led_to_each_other() -> None:
    assert passages([[(0, "同一句话。"), (1, "同一句话。")]]) == []


def test_relations_find_the_document_of_that_title() -> None:
    entries = [
        entry(0, "临河市节约用水办法"),
        entry(1, "临河市人民政府关于印发《临河市公园管理办法》的通知"),
        entry(2, "《临河市节约用水办法》政策解读"),
    ]
    named = tuple(
        Relation(type="依据", title=title) for title in ("临河市节约用水办法", "临河市公园管理办法", "临河市动画条例")
    )
    assert link(entries, [0, 1, 2], [(), (), named]) == [
        (0, ()),
        (1, ()),
        (2, (replace(named[0], doc="d0"), replace(named[1], doc="d1"), named[2])),
    ]


def test_a_document_is_not_related_to_itself_or_its_renderings() -> None:
    entries = [entry(0, "临河市公园条例"), entry(1, "临河市公园条例")]
    named = (Relation(type="提及", title="临河市公园条例", doc="stale"),)
    assert link(entries, [0, 0], [named, named]) == [
        (0, (replace(named[0], doc=None),)),
        (1, (replace(named[0], doc=None),)),
    ]


def test_signatures_are_those_of_datasketch() -> None:
    members = [text.encode() for text in sorted({WATER[at : at + 5] for at in range(len(WATER))} | {PARKS, STUDIO})]
    for some in ([], members[:1], members, members * 50):
        sketch = MinHash(num_perm=128, scheme="affine32")
        sketch.update_batch(some)
        assert np.frombuffer(minhash(some), dtype="<u4").tolist() == sketch.hashvalues.tolist()
