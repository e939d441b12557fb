"""A provision that is asked for by its number alone (第九条讲了什么): its own words, and not those that mention it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from assistant.evidence import Library, Reading, Unit
from assistant.question import Question, content_words
from assistant.scope import Scope
from assistant.text import bare
from index.search import Hit
from ingest.document import Section
from ingest.numerals import han_to_int

_ARTICLE = re.compile(r"第\s*([一二三四五六七八九十百零〇]{1,6}|\d{1,3})\s*条(?!例)(?:之([一二三四五六七八九]))?")
_NUMBERED = re.compile(r"([一二三四五六七八九十百]{1,4})[、.．]$")
_ASKS = re.compile(r"内容|规定|原文|全文|条文|具体|说明|要求")
_BESIDE = 1  # characters beside the number and the document's name that do not make it a question of its own
_TITLED = 0.6  # share of the character pairs beside the number that a title must have to be meant
_SAME = 3  # first hits that must be of one document for it to be meant when none is named
_MOST = 8  # sentences that are told


def asked_for(question: Question, named: Scope, library: Library, hits: Sequence[Hit]) -> list[Unit]:
    """The sentences of the provision whose number the question gives; [] when it asks anything besides.

    The documents are those that are named, or the one that search brings up before all others.
    """
    given = list(_ARTICLE.finditer(question.focus))
    if len(given) != 1 or question.language != "zh":
        return []
    rest = question.focus.replace(given[0][0], " ")
    docs = sorted(named.docs) or meant(rest, library, hits)
    for name in named.cut:
        rest = rest.replace(name, " ")
    for doc in docs:
        rest = without_title(rest, library.snapshot.entry(doc).title)
    if sum(len(bare(word)) for word in content_words(_ASKS.sub(" ", rest))) > _BESIDE:
        return []
    number, later = han_to_int(given[0][1]), given[0][2]
    found: list[Unit] = []
    for doc in docs:
        reading = library.reading(doc)
        section = article(reading, number, later)
        if section is not None:
            units = (unit for part in section.walk() for unit in reading.of(part.path))
            found += [unit for unit in units if not unit.is_heading][:_MOST]
            break
    return found


def article(reading: Reading, number: int, later: str | None = None) -> Section | None:
    """The 第N条 of a document, with `later` 第N条之一; where it has no 条 at all, what it prints as N、. `None` when
    there is none."""
    articles = False
    numbered: Section | None = None
    for section in reading.document.walk():
        printed = unicodedata.normalize("NFKC", section.number or "")
        match = _ARTICLE.match(printed)
        if match:
            articles = True
            if (han_to_int(match[1]), match[2]) == (number, later):
                return section
        plain = _NUMBERED.match(printed)
        if plain and numbered is None and han_to_int(plain[1]) == number:
            numbered = section
    return None if articles or later else numbered


def meant(text: str, library: Library, hits: Sequence[Hit]) -> list[str]:
    """The one document whose title has most of what is said beside the number, or that the first hits are of."""
    said = bare(text)
    pairs = [said[at : at + 2] for at in range(len(said) - 1)]
    shares = library.shelf.titles.sharing(pairs, _TITLED)
    best = [library.entries[number].id for number, share in shares.items() if share == max(shares.values())]
    first = {hit.chunk.doc for hit in hits[:_SAME]}
    return best if len(best) == 1 else sorted(first) if len(first) == 1 and not best else []


def without_title(text: str, title: str) -> str:
    """A question without the pairs of characters that the title has: who says 丹东提取细则 means the document."""
    pairs = {title[at : at + 2] for at in range(len(title) - 1)}
    kept = [
        char
        for at, char in enumerate(text)
        if text[at : at + 2] not in pairs and (at == 0 or text[at - 1 : at + 1] not in pairs)
    ]
    return "".join(kept)
