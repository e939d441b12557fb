"""Provisions as compact JSON and back: what the catalogue keeps beside a document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from index.codec import dump as dump_json
from index.provisions.record import Amount, Guide, Place, Provision, Sector, Word
from ingest.document import Span

_WORDS = ("measures", "kinds", "qualifications", "stages", "conditions")


def dump(provisions: Sequence[Provision]) -> str:
    """One JSON text; a guide that several provisions share is written once."""
    guides = list(dict.fromkeys(guide for provision in provisions for guide in provision.guides))
    return dump_json(
        {
            "guides": [[guide.field, guide.value, _span(guide.span)] for guide in guides],
            "provisions": [
                {**_provision(provision), "guides": [guides.index(guide) for guide in provision.guides]}
                for provision in provisions
            ],
        }
    )


def load(text: str) -> tuple[Provision, ...]:
    """What `dump` wrote. Raises ValueError, KeyError or TypeError for anything else."""
    value = json.loads(text)
    guides = tuple(Guide(field, words, Span(*span)) for field, words, span in value["guides"])
    return tuple(_read(item, guides) for item in value["provisions"])


def _provision(provision: Provision) -> dict[str, object]:
    return {
        "section": provision.section,
        "heading": provision.heading,
        "spans": [_span(span) for span in provision.spans],
        "text": provision.text,
        "strength": provision.strength,
        **{name: [_word(word) for word in getattr(provision, name)] for name in _WORDS},
        "sectors": [[s.value, _span(s.span), s.where, s.used_for] for s in provision.sectors],
        "places": [[p.value, _span(p.span), p.where, p.others] for p in provision.places],
        "amounts": [[amount.text, amount.bound, _span(amount.span)] for amount in provision.amounts],
        "period": _word(provision.period) if provision.period else None,
    }


def _read(value: dict[str, Any], guides: Sequence[Guide]) -> Provision:
    words = {name: tuple(_read_word(word) for word in value[name]) for name in _WORDS}
    return Provision(
        section=value["section"],
        heading=value["heading"],
        spans=tuple(Span(*span) for span in value["spans"]),
        text=value["text"],
        strength=value["strength"],
        measures=words["measures"],
        kinds=words["kinds"],
        qualifications=words["qualifications"],
        stages=words["stages"],
        conditions=words["conditions"],
        sectors=tuple(Sector(name, _place(span), where, used) for name, span, where, used in value["sectors"]),
        places=tuple(Place(name, _place(span), where, others) for name, span, where, others in value["places"]),
        amounts=tuple(Amount(words, bound, Span(*span)) for words, bound, span in value["amounts"]),
        period=_read_word(value["period"]) if value["period"] else None,
        guides=tuple(guides[number] for number in value["guides"]),
    )


def _span(span: Span | None) -> list[int] | None:
    if span is None:
        return None
    return [span.start, span.end]


def _place(value: list[int] | None) -> Span | None:
    return Span(*value) if value is not None else None


def _word(word: Word) -> list[object]:
    return [word.value, _span(word.span)]


def _read_word(value: list[Any]) -> Word:
    return Word(value[0], _place(value[1]))
