"""Does the cited text say what the sentence says? A pure check: numbers, units, dates, bounds, negation, places, words.

`check` finds which runs of a sentence are copied from the cited text, and looks at three things: what is new, what
was skipped between two runs, and what governs a run in the cited text (a condition, a date, a not). It errs on the
side of rejecting: what it cannot find in the cited text is a problem. See docs/verifier.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from assistant.text import bare, fold, han_share
from assistant.verify_copied import joined, new, spliced
from assistant.verify_frame import unframed
from assistant.verify_governed import dates, guarded, numbers
from assistant.verify_text import Problem, Quantity, Text, align, plain, quantities, tokenize

__all__ = ["Problem", "Quantity", "check", "quantities"]

_MARK = re.compile(r"[\[［]\d+[\]］]|〔\d{1,3}〕")
_GETS = re.compile("(?:可以?|将)(?:获得|享受|得到)")
_QUOTED = re.compile(r"[“\"「][^”\"」]*[”\"」]")
_ENGLISH_FRAME = frozenset(
    re.findall(
        r"\w+",
        "a according action also an and answer are article as at by clause says cited document documents does for "
        "from i ii in is it its no notice of on or passage plan plans policy provision provides part quote quoted "
        "reads regarding said same say section sections sets source specified specifies states stated stating "
        "statement text that the their there these this title titled to under which while with following",
    )
)


def check(
    sentence: str, cited: Sequence[str], context: Sequence[str] = (), coverage: float = 0.75
) -> tuple[Problem, ...]:
    """Problems of a sentence whose cited texts are `cited`; () when they support it.

    `context` holds what the citations' labels say (document title, section heading): names, places and words may
    come from there, numbers, negation and modality may not unless they stand in the same words. [n] marks and a
    label before them are ignored. `coverage` is the least share (0..1) of the sentence's characters that are copied
    from the cited text and context.
    """
    said = _MARK.sub("", sentence)
    if not bare(said):
        return ()
    evidence, flat = _prepare(tuple(cited))
    label = bare("\n".join(context))
    said = unframed(said, context, flat)
    if "给予" in flat and not _GETS.search(flat):
        said = _GETS.sub("给予", said)
    told = tokenize([said])
    if not told.tokens:
        return ()
    runs = align(told, evidence)
    whole = len(runs) == 1 and runs[0].end - runs[0].start == len(told.tokens)
    if whole and min(evidence.marks[runs[0].at], evidence.marks[runs[0].stop]) >= 4:
        return ()
    if not whole and re.search(r"[A-Za-z]{2}", said) and han_share(_QUOTED.sub("", said)) < 0.3:
        return tuple(dict.fromkeys(_english(said, cited, label)))
    return tuple(
        dict.fromkeys(
            (
                *new(told, evidence, runs, label, coverage),
                *joined(told, evidence, runs),
                *spliced(told, evidence, runs),
                *guarded(told, evidence, runs),
                *numbers(told, evidence, runs),
                *dates(told, evidence, runs),
            )
        )
    )


@lru_cache(maxsize=64)
def _prepare(cited: tuple[str, ...]) -> tuple[Text, str]:
    unmarked = [_MARK.sub("", text) for text in cited]
    return tokenize(unmarked), bare("\n".join(unmarked))


def _english(said: str, cited: Sequence[str], label: str) -> Iterator[Problem]:
    """An English sentence: its Chinese quotes stand word for word, its frame says nothing by itself."""
    quotes = [quote for quote in re.findall(r"[“\"「]([^”\"」]*)[”\"」]", said) if han_share(quote) > 0.3]
    whole = [fold(text) for text in cited]
    for quote in quotes:
        if not any(fold(quote).strip("。；;，,.") in text for text in whole):
            yield Problem("words", quote)
        yield from check(quote, cited)
    if not any(len(bare(quote)) >= 6 for quote in quotes):
        yield Problem("words", "没有原文引语")
    frame = re.sub(r"[“\"「][^”\"」]*[”\"」]", " ", said)
    held = bare("".join(cited)) + label
    printed = {quantity.value for text in cited for quantity in quantities(text)}
    for quantity in quantities(frame):
        if quantity.value not in printed and plain(quantity.text) not in label:
            yield Problem("number", quantity.text)
    for word in re.findall(r"[A-Za-z][A-Za-z'-]*", frame):
        if word.lower() not in _ENGLISH_FRAME and word.lower() not in held:
            yield Problem("words", word)
    for run in re.findall(r"[\u3400-\u9fff]+", frame):
        if run not in held:
            yield Problem("words", run)
