"""What a sentence must hold to tell a place, a sum, a share or a rate."""

from __future__ import annotations

import pytest

from assistant.question import understand
from assistant.telling import telling


@pytest.mark.parametrize(
    ("question", "tells", "silent"),
    [
        ("冷库补助多少钱？", "每套补贴6000元", "相关材料由企业统一提交"),
        ("住房租金每月扣除多少？", "扣除标准为每月1500元", "住房租金等6项专项附加扣除"),
        ("贴息比例是多少？", "按50%给予贴息", "按规定给予贴息"),
        ("分拨中心建在哪个区？", "在河东区建设分拨中心", "加快建设分拨中心"),
        ("台账要留几年？", "应当保存2年备查", "2019年建立台账"),
        ("会议多久开一次？", "每半年召开两次会议", "会议情况定期报告"),
        ("买多大的房子才有补贴？", "建筑面积低于140平方米的住房", "每套补贴12000元"),
        ("本办法什么时候施行？", "本办法自2025年7月1日起施行", "应当于2025年7月1日前报送"),
        ("丧葬补助能领多少钱？", "按月平均工资的三倍计发", "凭证明到窗口办理"),
    ],
)
def test_sentences_that_can_tell(question: str, tells: str, silent: str) -> None:
    able = telling(understand(question))
    assert able is not None
    assert able(tells)
    assert not able(silent)


def test_most_questions_are_told_by_any_sentence() -> None:
    assert telling(understand("冷链物流怎么发展？")) is None
