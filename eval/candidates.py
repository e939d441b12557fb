"""Questions that users report as wrong: kept apart from the set until a person has looked at them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from errors import ConfigError, UsageError
from eval.check import check
from eval.compare import fold
from eval.questions import Question, parse
from eval.sources import Source, Sources
from ingest.document import Span

CANDIDATES = Path(__file__).parent / "candidates.jsonl"
ACCEPTED = Path(__file__).parent / "questions" / "accepted.jsonl"
REPORTED = "reported"  # the type of a case until somebody gives it a better one
Record = dict[str, Any]


def propose(
    question: str,
    *,
    given: str,
    expected: str,
    quotes: Sequence[str],
    keys: Sequence[str],
    user: str,
    sources: Sources,
) -> Record:
    """A candidate case: its gold passages are found by their quotes; no quote means that the documents don't answer.

    A key is what the answer must contain, its spellings parted by `|`; without keys it is the whole expected answer.
    Raises UsageError when something is empty or a quote stands in no document.
    """
    if not question.strip() or not expected.strip():
        raise UsageError("问题和应有的答案都不能是空的；请用 --expected 写出应有的答案")
    record: Record = {
        "id": "R-" + sha256(fold(question).encode()).hexdigest()[:8],
        "type": REPORTED if quotes else "unanswerable",
        "user": user,
        "difficulty": 1,
        "question": question.strip(),
        "answer": expected.strip(),
        "answer_keys": [key.split("|") for key in keys] or [[expected.strip()]],
        "answerable": bool(quotes),
        "gold": [_gold(quote, sources) for quote in quotes],
        "given": given.strip(),
    }
    faults = check([parse(record)], sources)
    if faults:
        raise UsageError(f"候选题有误：{faults[0].problem}；请改正后再加")
    return record


def add(record: Record, path: Path) -> None:
    """Put a candidate into a file, in the place of an older one of the same question."""
    _write(path, [*(other for other in read(path) if other["id"] != record["id"]), record])


def accept(id_: str, candidates: Path, accepted: Path, sources: Sources) -> Question:
    """Move a candidate into the question set. Raises UsageError when there is none of that id or it no longer holds."""
    waiting = read(candidates)
    record = next((other for other in waiting if other["id"] == id_), None)
    if record is None:
        known = "、".join(other["id"] for other in waiting) or "没有"
        raise UsageError(f"没有这道候选题：{id_!r}；现有的候选题：{known}（{candidates}）")
    question = parse({name: value for name, value in record.items() if name != "given"})
    faults = check([question], sources)
    if faults:
        raise UsageError(f"候选题 {id_} 与文件不符：{faults[0].problem}；请重新 wence eval add")
    kept = [other for other in read(accepted) if other["id"] != id_]
    _write(accepted, [*kept, {name: value for name, value in record.items() if name != "given"}])
    _write(candidates, [other for other in waiting if other["id"] != id_])
    return question


def read(path: Path) -> list[Record]:
    """The records of a file, [] when there is none yet. Raises ConfigError when it cannot be read."""
    if not path.exists():
        return []
    try:
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        for record in records:
            parse(record)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"候选题文件读不了：{path}（{error}）；请改正或移走这个文件") from error
    return records


def _gold(quote: str, sources: Sources) -> Record:
    """The passage a quote stands in: its first place, and the same words in other renderings of that document."""
    found = [(source, span) for source in sources.all for span in source.find(quote)[:1]]
    if not found:
        raise UsageError(f"索引里没有一份文件有这句引文：“{quote[:40]}”；请照原文抄一句")
    first, span = found[0]
    gold = _passage(first, quote, span.start, span.end)
    equivalent = [
        _passage(source, quote, other.start, other.end) for source, other in found[1:] if source.work == first.work
    ]
    return {**gold, **({"equivalent": equivalent} if equivalent else {})}


def _passage(source: Source, quote: str, start: int, end: int) -> Record:
    sections = source.sections(Span(start, end))
    if not sections:
        raise UsageError(f"{source.name}：引文“{quote[:40]}”不在任何一节里（在被舍弃的文字里）；请换一句正文")
    return {
        "file": source.name,
        "section": sections[0],
        "quote": source.document.text[start:end],
        "span": [start, end],
        "role": "core",
        "section_number": sections[0],
    }


def _write(path: Path, records: Sequence[Record]) -> None:
    draft = path.with_name(path.name + ".new")
    try:
        draft.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise ConfigError(f"写不了 {path}（{error.strerror}）；请检查路径和权限") from error
