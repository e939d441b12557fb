"""Questions in people's own words and in English, made by rule from the lexicon and training passages.

A sentence of a passage names things as officials do (资金支持). The lexicon knows what people say for them (给钱) and
the English (funding), so the same sentence with other names is a question whose answer is known. Without these pairs
nothing in the training texts ties the names of one thing together.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from index.lexicon import Entry, Lexicon, Match
from index.training.pairs import OTHER, Group, PairSet

GROUP = Group("sayings", ("sayings",), 0.05, False)
_OFFICIAL = ("law", "policy", "petition", OTHER.name)  # groups whose passages are official texts
_SENTENCES = re.compile(r"[^。；！？\n]+")
_SHORTEST, _LONGEST = 8, 60  # characters of a sentence that is reworded
_OFTEN = 120  # rewordings that one entry may take part in, so that 企业 does not fill them all
_LOOKED_AT = 600  # characters at the beginning of a passage
_ENGLISH = 0.12  # of the rewordings are lists of English terms
_SWAPPED = 0.75  # of the names in a sentence that are exchanged


def sayings(texts: list[str], groups: Sequence[PairSet], lexicon: Lexicon, seed: int) -> PairSet:
    """Pairs of a reworded sentence and the passage that it is from, and of the names of one concept.

    `groups` are pairs over `texts`, to which the new anchors are appended. The same input and seed give the same pairs.
    """
    draw = random.Random(seed)
    official = [group for group in groups if group.group.name.startswith(_OFFICIAL)]
    passages = sorted({place for group in official for place in group.positives})
    draw.shuffle(passages)
    places = {text: place for place, text in enumerate(texts)}
    made = PairSet(GROUP, [], [])
    used: Counter[str] = Counter()
    for place in passages:
        anchor = _reworded(texts[place][:_LOOKED_AT], lexicon, used, draw)
        if anchor is not None:
            made.anchors.append(_place(anchor, texts, places))
            made.positives.append(place)
    for anchor, positive in _names(lexicon):
        made.anchors.append(_place(anchor, texts, places))
        made.positives.append(_place(positive, texts, places))
    return made


def _reworded(passage: str, lexicon: Lexicon, used: Counter[str], draw: random.Random) -> str | None:
    """One of the sentences with other names, or the English of its names; `None` when none has two useful ones."""
    usable: list[tuple[str, tuple[Match, ...]]] = []
    for found in _SENTENCES.finditer(passage):
        sentence = found.group().strip()
        if _SHORTEST <= len(sentence) <= _LONGEST:
            matches = lexicon.find(sentence)
            fresh = [one for one in matches if _open(one.entries[0][0], used)]
            if len(fresh) > 1:
                usable.append((sentence, matches))
    if not usable:
        return None
    sentence, matches = draw.choice(usable)
    used.update(one.entries[0][0].term for one in matches)
    if draw.random() < _ENGLISH:
        named = [draw.choice(entry.english) for one in matches if (entry := one.entries[0][0]).english]
        return " ".join(named) if len(named) > 1 else None
    parts: list[str] = []
    at = 0
    for one in matches:
        entry, relation = one.entries[0]
        others = entry.near or entry.same if relation == "same" else ()
        if others and draw.random() < _SWAPPED:
            parts.extend((sentence[at : one.start], draw.choice(others)))
            at = one.end
    return "".join((*parts, sentence[at:])) if parts else None


def _open(entry: Entry, used: Counter[str]) -> bool:
    """Whether an entry may still be used; a place has no other name worth learning."""
    return entry.kind != "place" and used[entry.term] < _OFTEN and bool(entry.near or entry.english)


def _names(lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """What people say, and the English, each beside the official names of the concept."""
    for entry in lexicon.entries:
        official = " ".join((entry.term, *entry.same))
        for name in (*entry.near, *entry.english):
            yield name, official


def _place(text: str, texts: list[str], places: dict[str, int]) -> int:
    place = places.setdefault(text, len(texts))
    if place == len(texts):
        texts.append(text)
    return place
