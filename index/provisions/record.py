"""The record of one provision. Every field points at the words that it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingest.document import Span

Strength = Literal["commitment", "direction", "target", "statement"]
Where = Literal["own", "heading", "above", "document"]


@dataclass(frozen=True, slots=True)
class Word:
    """A value and the source text it was read from; `span` is None when only the file's name says it."""

    value: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Sector:
    """A line of business that a provision names: an official term of the lexicon, or a heading's own words.

    `where`: in the provision itself, in its section's heading, in a heading above, or in the document's title.
    `used_for` tells a product that the sector is only a use of (锂电池用膜材料 names 锂电池).
    """

    value: str
    span: Span | None
    where: Where
    used_for: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """An official place name. `others` tells a list that ends in 等区域: further places are not ruled out."""

    value: str
    span: Span | None
    where: Where
    others: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum or share as printed (最高100万元), with its bound (最高, 不超过, 不低于, 约, or "" for an exact one)."""

    text: str
    bound: str
    span: Span


@dataclass(frozen=True, slots=True)
class Guide:
    """What a guide states. `field`: 惠及对象, 申报条件, 兑现时限, 受理部门, 咨询电话 or 申报时间."""

    field: str
    value: str
    span: Span


@dataclass(frozen=True, kw_only=True)
class Provision:
    """One provision: a sentence, or the part of a sentence that names its own addressee.

    `text` is the sentence cleaned of wraps; `spans` is where it stands in the source, in reading order.
    `kinds` are the kinds of addressee (企业, 大学, 投资机构…), `qualifications` what they must hold (瞪羚企业…),
    `stages` 初创期, 成长期 or 成熟期. `guides` are those of its chapter, or of the only chapter that states them.
    """

    section: str
    heading: str | None
    spans: tuple[Span, ...]
    text: str
    strength: Strength
    measures: tuple[Word, ...]
    kinds: tuple[Word, ...]
    qualifications: tuple[Word, ...]
    stages: tuple[Word, ...]
    sectors: tuple[Sector, ...]
    places: tuple[Place, ...]
    conditions: tuple[Word, ...]
    amounts: tuple[Amount, ...]
    period: Word | None
    guides: tuple[Guide, ...]
