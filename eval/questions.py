"""The known-answer set: questions with their answers and the passages that prove them, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from assistant.answer import Turn
from errors import ConfigError

SHIPPED = Path(__file__).parent / "questions"
TODAY = date(2026, 11, 21)  # the day for which the shipped answers hold: which plans have ended depends on it
USERS = ("firm", "staff", "eval")


@dataclass(frozen=True, kw_only=True)
class GoldCell:
    """A cell of a table: the row's label, the column's name, and what stands there."""

    row: str
    column: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Gold:
    """A passage that proves an answer.

    `file` is a file name or how it begins; `section` a section path. `quote` is empty when the whole section counts.
    `core` passages are what an answer must cite. `number` is the nearest section above that has a printed number.
    `equivalent` is the same passage in other renderings of the document.
    """

    file: str
    section: str
    number: str
    quote: str = ""
    core: bool = True
    cell: GoldCell | None = None
    equivalent: tuple[Gold, ...] = ()

    def renderings(self) -> tuple[Gold, ...]:
        """This passage and the same one in other renderings."""
        return (self, *self.equivalent)


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question, who asks it, and what a right answer is.

    `keys` must all stand in a right answer, each in one of its spellings; no text of `forbidden` may (a substring,
    `^` and a beginning, or `re:` and a pattern). `also_ok` are passages that may be cited and need not be.
    An unanswerable question has no right answer but a refusal; its `gold` is what a refusal may point to.
    `digest` changes whenever anything of this does.
    """

    id: str
    type: str
    user: str
    question: str
    answerable: bool
    answer: str
    keys: tuple[tuple[str, ...], ...]
    gold: tuple[Gold, ...]
    also_ok: tuple[Gold, ...]
    forbidden: tuple[str, ...]
    history: tuple[Turn, ...]
    subtype: str
    difficulty: int
    digest: str

    def known(self) -> tuple[Gold, ...]:
        """Every passage that may be cited."""
        return (*self.gold, *self.also_ok)

    def core(self) -> tuple[Gold, ...]:
        """The passages that must be cited."""
        return tuple(gold for gold in self.gold if gold.core)


def shipped() -> list[Path]:
    """The files of the set that comes with the program, by name."""
    return sorted(SHIPPED.glob("*.jsonl"))


def load(paths: Iterable[Path]) -> list[Question]:
    """The questions of some files, in order. Raises ConfigError for a file or a line that cannot be read."""
    questions: list[Question] = []
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"题库读不了：{path}（{error}）；请检查路径，文件应是 UTF-8 的 JSONL") from error
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    questions.append(parse(json.loads(line)))
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    reason = f"缺少 {error}" if isinstance(error, KeyError) else str(error)
                    raise ConfigError(f"题库 {path} 第 {number} 行读不了：{reason}；请改正这一行") from error
    return questions


def parse(value: Mapping[str, Any]) -> Question:
    """One question. Raises KeyError for a missing field, ValueError or TypeError for one that does not fit."""
    answerable = value["answerable"]
    if not isinstance(answerable, bool):
        raise ValueError("answerable 应是 true 或 false")
    texts = {name: _text(value, name) for name in ("id", "type", "question", "answer")}
    return Question(
        **texts,
        user=_text(value, "user", "eval"),
        answerable=answerable,
        keys=tuple((key,) if isinstance(key, str) else tuple(key) for key in value["answer_keys"]),
        gold=tuple(_gold(gold) for gold in value["gold"]),
        also_ok=tuple(_gold(gold) for gold in value.get("also_ok", ())),
        forbidden=tuple(value.get("must_not", ())),
        history=tuple(Turn(role=turn["role"], content=turn["content"]) for turn in value.get("history") or ()),
        subtype=_text(value, "subtype", ""),
        difficulty=int(value.get("difficulty", 1)),
        digest=sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:12],
    )


def drawn(questions: Sequence[Question], count: int) -> list[Question]:
    """`count` of the questions, evenly over their order; all of them when there are not more."""
    count = min(count, len(questions))
    return [questions[at * len(questions) // count] for at in range(count)]


def digest(questions: Sequence[Question]) -> str:
    """Changes with any question of the set, and with their order."""
    return sha256("\n".join(question.digest for question in questions).encode()).hexdigest()[:12]


def _gold(value: Mapping[str, Any]) -> Gold:
    cell = value.get("cell")
    return Gold(
        file=_text(value, "file"),
        section=_text(value, "section"),
        number=_text(value, "section_number", _text(value, "section")),
        quote=_text(value, "quote", ""),
        core=value.get("role", "core") == "core",
        cell=GoldCell(row=cell["row"], column=cell["column"], value=cell["value"]) if cell else None,
        equivalent=tuple(_gold(other) for other in value.get("equivalent", ())),
    )


def _text(value: Mapping[str, Any], name: str, default: str | None = None) -> str:
    found = value[name] if default is None else value.get(name, default)
    if not isinstance(found, str):
        raise ValueError(f"{name} 应是文字")
    return found
