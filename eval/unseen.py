"""Questions about documents that nothing was fitted on, and how many are answered right: `python -m eval.unseen`.

The documents are the 40 policies that stand beside the repository (`--policies DIR`), all in one index, so that each
question has to find its own. The questions (tests/golden/unseen/*.jsonl) are one JSON object a line: `id`, `file` (a
name, or a list where several documents are asked about), `question`, `type`, `answerable`, `answer_keys` (a list of
alternatives for everything a right answer must contain, as the document prints it) and `section` (of which the first
citation's path or heading should hold one; "" for any).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from assistant.answer import Answer, ask
from assistant.write import Citation
from errors import ConfigError, WenceError
from eval.compare import loose
from index.build import build
from index.embedding import open_embedding
from index.search import Searcher
from index.snapshot import open_snapshot

QUESTIONS = Path(__file__).resolve().parents[1] / "tests" / "golden" / "unseen"
POLICIES = Path(__file__).resolve().parents[2] / "shared" / "data" / "policies"
_TODAY = date(2026, 11, 21)  # validity is judged as of one day, or the figures would change with the calendar
_UNANSWERABLE = "unanswerable"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question; `keys` and `sections` are alternatives, `sections` () where any section of a file will do."""

    id: str
    question: str
    type: str
    answerable: bool
    files: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    sections: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of a question. `missing` are the first spellings of the keys that the answer lacks; `first` tells
    whether the first citation is the passage that answers, `cited` whether any is."""

    asked: Asked
    refused: bool
    missing: tuple[str, ...]
    first: bool
    cited: bool

    @property
    def right(self) -> bool:
        """Answered with every key; or refused, where the documents do not say."""
        return not self.refused and not self.missing if self.asked.answerable else self.refused


def load(path: Path) -> list[Asked]:
    """The questions of a file. Raises ConfigError for a file that cannot be read or a line that is no question."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"问题文件读不了：{path}（{error}）；请检查路径和编码") from error
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(_parse(json.loads(line)))
            except (ValueError, TypeError, KeyError) as error:
                raise ConfigError(f"{path} 第 {number} 行不是问题（{error!r}）；格式见 eval/unseen.py") from error
    return found


def _parse(value: Any) -> Asked:
    if not isinstance(value, dict):
        raise TypeError(type(value).__name__)
    keys = [[key] if isinstance(key, str) else key for key in value.get("answer_keys", ())]
    if value["answerable"] and not all(keys):
        raise ValueError("answer_keys")
    return Asked(
        id=str(value["id"]),
        question=str(value["question"]),
        type=str(value["type"]) if value["answerable"] else _UNANSWERABLE,
        answerable=bool(value["answerable"]),
        files=tuple(Path(name).name for name in _several(value["file"])),
        keys=tuple(tuple(map(str, key)) for key in keys),
        sections=_several(value.get("section", "")),
    )


def _several(value: str | list[str]) -> tuple[str, ...]:
    return tuple(part for part in ([value] if isinstance(value, str) else value) if part)


def judge(asked: Asked, answer: Answer) -> Verdict:
    """How good an answer is; its text is compared without white space and punctuation."""
    said = loose(answer.text)
    at = [_at(citation, asked) for citation in answer.citations]
    return Verdict(
        asked=asked,
        refused=answer.refused,
        missing=tuple(key[0] for key in asked.keys if not any(loose(one) in said for one in key)),
        first=at[:1] == [True],
        cited=any(at),
    )


def _at(citation: Citation, asked: Asked) -> bool:
    if Path(citation.file).name not in asked.files:
        return False
    path, heading = loose(citation.section), loose(citation.heading or "")
    keys = [loose(section) for section in asked.sections]
    return not keys or any(key in path or (heading and (key in heading or heading in key)) for key in keys)


def score(searcher: Searcher, questions: Iterable[Asked]) -> list[Verdict]:
    """The verdict on every question, in order, without a language model."""
    return [judge(asked, ask(searcher, asked.question, today=_TODAY)) for asked in questions]


def index_of(policies: Path, folder: Path) -> Searcher:
    """All documents below `policies`, with their index in `folder`. Raises ConfigError when there is no such folder."""
    if not policies.is_dir():
        raise ConfigError(f"没有这个文件夹：{policies}；请用 --policies 给出政策文件所在的文件夹")
    embedding = open_embedding()
    build([path for path in sorted(policies.iterdir()) if path.is_dir()] or [policies], folder, embedding=embedding)
    return Searcher(open_snapshot(folder, embedding))


def table(verdicts: Sequence[Verdict]) -> str:
    """Right answers by type and the totals, as lines of text."""
    types = sorted({verdict.asked.type for verdict in verdicts})
    by_type = {kind: [verdict for verdict in verdicts if verdict.asked.type == kind] for kind in types}
    able = [verdict for verdict in verdicts if verdict.asked.answerable]
    unable = by_type.get(_UNANSWERABLE, [])
    rows = [(kind, _right(of), len(of)) for kind, of in by_type.items()]
    lines = [f"{kind:<16}{right:>4}/{count}" for kind, right, count in rows]
    lines.append(f"{'合计':<14}{_right(verdicts):>4}/{len(verdicts)}")
    lines.append(
        f"可答 {_right(able)}/{len(able)}，误拒 {sum(v.refused for v in able)}，"
        f"首条引用正确 {sum(v.first for v in able)}，有引用正确 {sum(v.cited for v in able)}；"
        f"不可答已拒 {_right(unable)}/{len(unable)}；答错 {sum(not v.right and not v.refused for v in verdicts)}"
    )
    return "\n".join(lines)


def _right(verdicts: Iterable[Verdict]) -> int:
    return sum(verdict.right for verdict in verdicts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is wrong and the figures; the exit status is 1 when the work could not be done."""
    parser = argparse.ArgumentParser(prog="python -m eval.unseen", description="未见过的文件上的问答")
    parser.add_argument("questions", nargs="*", type=Path, metavar="QUESTIONS.jsonl", help="默认：tests/golden/unseen")
    parser.add_argument("--policies", type=Path, default=POLICIES, metavar="DIR", help=f"政策文件，默认 {POLICIES}")
    given = parser.parse_args(arguments)
    try:
        asked = [one for path in given.questions or sorted(QUESTIONS.glob("*.jsonl")) for one in load(path)]
        with tempfile.TemporaryDirectory() as folder:
            searcher = index_of(given.policies, Path(folder) / "index")
            verdicts = score(searcher, asked)
            searcher.snapshot.close()
    except WenceError as error:
        print(f"wence：{error}", file=sys.stderr)
        return 1
    for verdict in verdicts:
        if not verdict.right:
            said = "拒答" if verdict.refused else f"缺 {'、'.join(verdict.missing)}" if verdict.missing else "未拒答"
            print(f"{verdict.asked.id}　{said}　{verdict.asked.question}")
    print(table(verdicts))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
