"""Which sentences tell where."""

from __future__ import annotations

import pytest

from assistant.places import asks_where, tells_where


@pytest.mark.parametrize(
    ("text", "question", "tells"),
    [
        ("支持企业在河东区建设分拨中心", "分拨中心建在哪个区", True),
        ("在张江科学城内建设", "建在浦东哪里", True),
        ("上海将加快布局", "建在浦东哪里", False),
        ("我市研判布局了一系列领域", "放在哪个区", False),
        ("落户浦东", "浦东的基地放在哪个区", False),
        ("开展了产品临床试验，帮助患者恢复运动能力", "放在哪个区", False),
    ],
)
def test_a_place_that_the_question_does_not_name(text: str, question: str, tells: bool) -> None:
    assert tells_where(text, question) is tells


@pytest.mark.parametrize(
    ("question", "asks"),
    [("基地放在哪个区", True), ("基地在哪？", True), ("哪里能帮我试制", False), ("这个词在哪几处提到", False)],
)
def test_places_on_the_map_are_asked_for(question: str, asks: bool) -> None:
    assert asks_where(question) is asks
