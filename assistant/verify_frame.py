"""What stands in front of a claim and claims nothing: 其中, 该方案提出, the label, 根据《…》, the speaker."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.text import bare

_PAPER = "方案|规划|办法|通知|文件|条例|意见|措施|规定|政策|细则|计划|纲要"
_OPENING = re.compile(
    rf"(?:其中|此外|同时|另外|(?:根据|按照|依据)(?:该|本|上述|有关|相关)?(?:{_PAPER}))[，,：:]\s*|"
    rf"(?:该|本|这一|此)?(?:{_PAPER})(?:中|还|也)?(?:明确)?(?:提出|规定|明确|要求|指出)(?:了)?[，,：:]?\s*|"
    rf"(?:该|本)(?:{_PAPER})(?=有效期|自|由|所称)|"
    r"(?:具体|主要)(?:目标|任务|内容|措施|要求|举措)?(?:包括|如下|有)[，,：:]\s*"
)
_TOPIC = re.compile(
    r"(?:在|就)?([\u4e00-\u9fffA-Za-z0-9]{2,12})(?:方面|领域)[，,]\s*|([\u4e00-\u9fff]{2,6})提出[，,：:]?\s*"
)
_FRAME = re.compile(
    r"(?:的)?(?:规定|提出|明确|指出|要求|显示|强调|介绍|表示|中|说|答|回应|写明|载明|称)*(?:了)?[，,：:\s]*"
)


def unframed(said: str, context: Sequence[str], evidence: str) -> str:
    """`said` without the label, the 根据《…》 or the speaker in front of it."""
    labels = [label for label in sorted(context, key=len, reverse=True) if label.strip()]
    known = bare("".join(context)) + "\n" + evidence
    rest, found = said.strip(), False
    for _ in range(2):
        opened, topic = _OPENING.match(rest), _TOPIC.match(rest)
        if opened and bare(opened[0]) not in evidence:
            said = rest = rest[opened.end() :]
        elif topic and bare(topic[0]) not in evidence and bare(topic[1] or topic[2]) in known:
            said = rest = rest[topic.end() :]
    opening = re.match(r"(?:根据|按照|依据|依照|在)?\s*", rest)
    body = rest[opening.end() :] if opening else rest
    for _ in range(4):
        label = next((text for one in labels for text in (one, f"《{one}》") if body.startswith(text)), "")
        title = re.match(r"《([^》]{4,80})》", body)
        if not label and title and bare(title[1]) in known:
            label = title[0]
        if label:
            body, found = body[len(label) :].lstrip(), True
    speaker = re.match(r"([\u4e00-\u9fff]{2,8})(?=(?:表示|介绍|指出|说|回应|答)[，,：:])", body)
    if speaker and bare(speaker[1]) in known:
        body, found = body[speaker.end() :], True
    if not found:
        return said
    frame = _FRAME.match(body)
    return body[frame.end() :] if frame else body
