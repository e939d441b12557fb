"""Reads training pairs: lines of JSON with `anchor`, `positive` and `source`, plain or xz-compressed."""

import json
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from errors import UsageError

ZERO_SHOT_PREFIX = "law_"
"""National law: its articles are what the legal benchmarks search, so `--zero-shot` leaves these sources out."""
LOCAL_LAW_PREFIX = "law_local_"


@dataclass(frozen=True, slots=True)
class Group:
    """Sources whose pairs may share a batch, because telling them apart teaches nothing about meaning.

    `share` is the part of all batches (shares are normalised over the groups that have pairs); `views` says whether
    keywords and spans of the passage may stand in for the given anchor (true for running text, false where the anchor
    is already a question or a title).
    """

    name: str
    prefixes: tuple[str, ...]
    share: float
    views: bool


GROUPS: tuple[Group, ...] = (
    Group("news sentence", ("news_ict",), 0.19, True),
    Group("news neighbour", ("news_neighbour",), 0.09, True),
    Group("news title", ("news_lead_body", "news_title"), 0.07, True),
    Group("news question", ("news_question",), 0.04, False),
    Group("law passage", ("law_ict", "law_local_ict", "law_first_rest", "law_local_first_rest"), 0.17, True),
    Group("law heading", ("law_heading", "law_local_heading", "law_topic", "law_local_topic"), 0.11, True),
    Group("law question", ("law_q_", "law_local_q_"), 0.06, False),
    Group("policy", ("policy_",), 0.10, True),
    Group("petition", ("zhengwu_",), 0.02, False),
    Group("policy question", ("ncp_",), 0.02, False),
    Group("reading", ("drcd_", "cmrc_", "cail2019_"), 0.04, False),
    Group("search", ("qbqtc_",), 0.01, False),
)
OTHER = Group("other", ("",), 0.25, True)
"""Takes every source that no group names, so that one's own documents can be trained on without editing this file."""


@dataclass(frozen=True, slots=True)
class PairSet:
    """The pairs of one group: `anchors[i]` and `positives[i]` are indices into the list of distinct texts."""

    group: Group
    anchors: list[int]
    positives: list[int]


def group_of(source: str) -> Group:
    """The group a source name belongs to: the longest prefix that fits, `OTHER` when none does."""
    fits = [(len(prefix), group) for group in GROUPS for prefix in group.prefixes if source.startswith(prefix)]
    return max(fits, key=lambda fit: fit[0])[1] if fits else OTHER


def is_national_law(source: str) -> bool:
    """True for what `--zero-shot` drops."""
    return source.startswith(ZERO_SHOT_PREFIX) and not source.startswith(LOCAL_LAW_PREFIX)


def read_lines(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Each line's number from 1 and its object. Raises UsageError for a file or a line that cannot be read."""
    opener = lzma.open if path.suffix == ".xz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    record = json.loads(line)
                except ValueError as error:
                    raise UsageError(f"训练数据第 {number} 行不是 JSON：{path}；请修正这一行") from error
                if not isinstance(record, dict):
                    raise UsageError(f"训练数据第 {number} 行不是 JSON 对象：{path}；请修正这一行")
                yield number, record
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise UsageError(f"训练数据读不出来：{path}（{error}）；请用 --pairs 指定完整的 UTF-8 文件") from error


def read_pairs(path: Path, *, zero_shot: bool = False, limit: int | None = None) -> tuple[list[str], list[PairSet]]:
    """Reads the pairs of `path`.

    Returns the distinct texts in order of first appearance, and the pairs by group in the order of `GROUPS`. With
    `zero_shot` national law is left out; `limit` stops after so many lines.
    Raises UsageError for a file that cannot be opened, a line that is not such a pair, or no pair at all.
    """
    texts: dict[str, int] = {}
    found = {group.name: PairSet(group, [], []) for group in (*GROUPS, OTHER)}
    for number, record in read_lines(path):
        if limit is not None and number > limit:
            break
        anchor, positive, source = record.get("anchor"), record.get("positive"), record.get("source", "")
        if not (isinstance(anchor, str) and isinstance(positive, str) and isinstance(source, str)):
            raise UsageError(f"训练数据第 {number} 行缺少 anchor 或 positive 文本：{path}；请补齐")
        if zero_shot and is_national_law(source):
            continue
        pairs = found[group_of(source).name]
        pairs.anchors.append(texts.setdefault(anchor, len(texts)))
        pairs.positives.append(texts.setdefault(positive, len(texts)))
    if not texts:
        raise UsageError(f"训练数据里没有可用的句对：{path}；请检查文件内容")
    return list(texts), [pairs for pairs in found.values() if pairs.anchors]
