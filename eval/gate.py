"""The baseline and the gate: red when a figure falls further than it may, or falls for certain."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from errors import ConfigError
from eval.metrics import LOWER_IS_BETTER, NONE, Share
from eval.run import Row, Run
from eval.statistics import compare

FORMAT = 1
BASELINE = Path(__file__).with_name("baseline.json")
CERTAIN = 0.01  # a drop with a p below this turns the gate red however small it is
TOLERANCES: Mapping[str, float] = {  # how far each guarded figure may fall
    "right": 0.01,
    "right_concise": 0.01,
    "keys_all": 0.01,
    "numbers_exact": 0.02,
    "cite_first": 0.01,
    "cite_recall": 0.01,
    "cite_precision": 0.01,
    "section_exact": 0.005,
    "section_number": 0.005,
    "verbatim": 0.0,
    "offsets": 0.0,
    "whole": 0.005,
    "uncited": 0.0,
    "refuse_recall": 0.02,
    "refuse_wrong": 0.01,
    "section_recall@5": 0.01,
    "section_mrr@10": 0.01,
    "passage_recall@5": 0.01,
    "passage_mrr@10": 0.01,
}


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The run that others are held against.

    `rows` has for each question its digest and its shares, in the order of `tolerances`.
    """

    made_with: Mapping[str, Any]
    tolerances: Mapping[str, float]
    rows: Mapping[str, tuple[str, tuple[Share, ...]]]


@dataclass(frozen=True, kw_only=True)
class Red:
    """A figure that fell: by more than `tolerance`, or for certain (`p`).

    `after` is `None` when the figure applies to no question any more.
    """

    metric: str
    before: float
    after: float | None
    tolerance: float
    p: float


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The verdict over the `compared` questions that both runs have, unchanged.

    `lost` and `won` are the questions that turned wrong and right; `notes` say what could not be compared.
    """

    compared: int
    reds: tuple[Red, ...]
    lost: tuple[str, ...]
    won: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def open(self) -> bool:
        """Whether nothing fell."""
        return not self.reds


def judge(run: Run, baseline: Baseline) -> Gate:
    """Hold a run against a baseline. Raises ConfigError when they have no question in common."""
    rows = {row.question.id: row for row in run.rows}
    common = [id_ for id_, (digest, _) in baseline.rows.items() if id_ in rows and rows[id_].question.digest == digest]
    if not common:
        raise ConfigError("基线里没有一道与本次相同的题；请用 wence eval --save-baseline 重新存基线")
    reds: list[Red] = []
    for at, (metric, tolerance) in enumerate(baseline.tolerances.items()):
        before = [baseline.rows[id_][1][at] for id_ in common]
        after = [rows[id_].shares.get(metric, NONE) for id_ in common]
        red = _fell(metric, tolerance, before, after)
        if red:
            reds.append(red)
    was = {id_: baseline.rows[id_][1][list(baseline.tolerances).index("right")].got for id_ in common}
    now = {id_: rows[id_].shares["right"].got for id_ in common}
    return Gate(
        compared=len(common),
        reds=tuple(reds),
        lost=tuple(id_ for id_ in common if now[id_] < was[id_]),
        won=tuple(id_ for id_ in common if now[id_] > was[id_]),
        notes=_notes(run, baseline, len(common)),
    )


def save(path: Path, run: Run) -> None:
    """Make a run the baseline; the tolerances of a baseline that already stands there are kept."""
    tolerances = load(path).tolerances if path.exists() else TOLERANCES
    head = {"format": FORMAT, "made_with": asdict(run.made_with), "tolerances": dict(tolerances)}
    lines = [f"  {_dump(row.question.id)}: {_dump(_stored(row, tolerances))}" for row in run.rows]
    text = ",\n ".join(f"{_dump(name)}: {_dump(value)}" for name, value in head.items())
    try:
        path.write_text("{" + text + ',\n "rows": {\n' + ",\n".join(lines) + "\n }}\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"基线写不了：{path}（{error.strerror}）；请检查路径和权限") from error


def load(path: Path) -> Baseline:
    """Read a baseline. Raises ConfigError when there is none, or it is not one."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if value["format"] != FORMAT or "right" not in value["tolerances"]:
            raise ValueError(f"格式 {value['format']!r}")
        rows = {
            id_: (digest, tuple(Share(*share) if share else NONE for share in shares))
            for id_, (digest, shares) in value["rows"].items()
        }
        if any(len(shares) != len(value["tolerances"]) for _, shares in rows.values()):
            raise ValueError("各题的指标数不一")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"基线读不了：{path}（{error}）；请用 wence eval --save-baseline 重新存基线") from error
    return Baseline(made_with=value["made_with"], tolerances=value["tolerances"], rows=rows)


def _fell(metric: str, tolerance: float, before: Sequence[Share], after: Sequence[Share]) -> Red | None:
    was, now = _value(before), _value(after)
    if was is None:
        return None
    if now is None:
        return Red(metric=metric, before=was, after=None, tolerance=tolerance, p=0.0)
    drop = now - was if metric in LOWER_IS_BETTER else was - now
    compared = compare(before, after)
    p = compared.p if compared else 1.0
    if drop > tolerance + 1e-9 or (drop > 0 and p < CERTAIN):
        return Red(metric=metric, before=was, after=now, tolerance=tolerance, p=p)
    return None


def _value(shares: Sequence[Share]) -> float | None:
    of = sum(share.of for share in shares)
    return sum(share.got for share in shares) / of if of else None


def _notes(run: Run, baseline: Baseline, common: int) -> tuple[str, ...]:
    notes: list[str] = []
    ids = {row.question.id for row in run.rows}
    gone = sum(id_ not in ids for id_ in baseline.rows)
    if gone:
        notes.append(f"基线中有 {gone} 道题这次没有跑")
    if len(ids) > common:
        notes.append(f"这次有 {len(ids) - common} 道题是基线之后新加或改过的，没有比较")
    if list(run.made_with.documents) != list(baseline.made_with.get("documents", ())):
        notes.append("索引里的文件与基线不同")
    return tuple(notes)


def _stored(row: Row, tolerances: Mapping[str, float]) -> list[object]:
    """A row's digest, and its share in each guarded figure: [got, of], or 0 where the figure does not apply."""
    shares = [row.shares.get(metric, NONE) for metric in tolerances]
    return [row.question.digest, [[round(s.got, 4), s.of] if s.of else 0 for s in shares]]


def _dump(value: object) -> str:
    def plain(part: object) -> object:
        if isinstance(part, float) and part.is_integer():
            return int(part)
        if isinstance(part, list | tuple):
            return [plain(item) for item in part]
        return {key: plain(item) for key, item in part.items()} if isinstance(part, dict) else part

    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))
