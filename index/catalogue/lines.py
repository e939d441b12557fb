"""The columns of a document's line, and how its values are stored in them."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import Any

from index import codec
from index.catalogue.record import Entry
from index.part import Facts

_TOLD = "publish_date, effective_date, valid_until, level, period, issuers"
_FACTS = f"id, path, file, sha256, stamp, title, doc_number, issuer, issue_date, kind, region, {_TOLD}"
_COUNTED = "section_count, first_chunk, chunk_count, part, place, work, signature"
ENTRY_COLUMNS = f"number, ended_by, ended_how, ended_from, {_COUNTED}, {_FACTS}"
FACTS_COLUMNS = f"{_FACTS}, section_count, relations, part, place"
_NAMES = tuple(ENTRY_COLUMNS.split(", "))
_PLAIN = attrgetter(*_NAMES[:-2])  # all but period and issuers


def entry_values(entry: Entry) -> tuple[Any, ...]:
    """The values of `ENTRY_COLUMNS`."""
    period = None if entry.period is None else codec.dump(entry.period)
    return (*_PLAIN(entry), period, codec.dump(entry.issuers))


def read_entry(row: tuple[Any, ...]) -> Entry:
    """The entry whose values these are."""
    values = dict(zip(_NAMES, row, strict=True))
    values["period"], values["issuers"] = _period(values["period"]), _issuers(values["issuers"])
    entry = object.__new__(Entry)
    entry.__dict__.update(values)  # a frozen dataclass sets field by field: four times as long, for every document
    return entry


def read_facts(row: tuple[Any, ...]) -> tuple[Facts, int, int]:
    """Of the values of `FACTS_COLUMNS` a document's facts, its part and its place there."""
    *values, sections, relations, part, place = row
    named = dict(zip(_FACTS.split(", "), values, strict=True))
    facts = Facts(
        **{**named, "period": _period(named["period"]), "issuers": _issuers(named["issuers"])},
        section_count=sections,
        relations=codec.load_relations(relations),
    )
    return facts, part, place


def _issuers(text: str) -> tuple[str, ...]:
    return () if text == "[]" else tuple(json.loads(text))


def _period(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    first, last = json.loads(text)
    return (first, last)
