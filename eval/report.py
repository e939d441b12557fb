"""A run as one JSON object, and as a table on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from statistics import median

from rich.console import Console
from rich.table import Table

from eval.gate import Gate, Red
from eval.metrics import FAILURES, METRICS
from eval.retrieval import RETRIEVAL
from eval.run import Row, Run
from eval.statistics import Figure, figure

FIGURES: Mapping[str, str] = {
    "right": "答对",
    "right_concise": "答对且简洁",
    "keys_all": "要点齐全",
    "keys_share": "要点占比",
    "numbers_exact": "数字准确",
    "cite_first": "首条引用命中",
    "cite_recall": "引用召回",
    "cite_precision": "引用精确",
    "section_recall": "章节标注召回",
    "section_precision": "章节标注精确",
    "section_exact": "引用章节正确",
    "section_number": "引用编号正确",
    "verbatim": "引文逐字",
    "offsets": "引文位置",
    "whole": "引文断句完整",
    "uncited": "无引用的句子 ↓",
    "refuse_recall": "该拒而拒",
    "refuse_precision": "拒得对",
    "refuse_wrong": "误拒 ↓",
    "section_recall@1": "章节检索 召回@1",
    "section_recall@5": "章节检索 召回@5",
    "section_recall@10": "章节检索 召回@10",
    "section_mrr@10": "章节检索 MRR@10",
    "section_ndcg@10": "章节检索 nDCG@10",
    "passage_recall@1": "段落检索 召回@1",
    "passage_recall@5": "段落检索 召回@5",
    "passage_recall@10": "段落检索 召回@10",
    "passage_mrr@10": "段落检索 MRR@10",
    "passage_ndcg@10": "段落检索 nDCG@10",
}
GROUPED = ("right", "right_concise", "cite_first", "cite_recall", "cite_precision", "section_recall@5")
TYPES: Mapping[str, str] = {
    "adversarial": "对抗",
    "applicability": "适用性",
    "cross_document": "跨文件",
    "definition": "定义",
    "english": "英文",
    "list": "列举",
    "location": "地点",
    "multi_turn": "追问",
    "number": "数字",
    "paraphrase": "口语",
    "responsible": "责任单位",
    "table_003": "表格",
    "time": "时间",
    "unanswerable": "不可答",
}
USERS: Mapping[str, str] = {"firm": "企业", "staff": "工作人员", "eval": "评测人员"}
NO_DOCUMENT = "—"
Json = dict[str, object]


def figures(rows: Sequence[Row], names: Sequence[str] = (*METRICS, *RETRIEVAL)) -> dict[str, Figure]:
    """The figures of some rows; those that apply to none of them are left out."""
    found = {name: figure([row.shares[name] for row in rows if name in row.shares]) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def groups(rows: Sequence[Row], names: Callable[[Row], Sequence[str]]) -> dict[str, list[Row]]:
    """Rows by name, sorted; a row with several names is in several groups."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        for name in names(row):
            found.setdefault(name, []).append(row)
    return dict(sorted(found.items()))


def all_groups(rows: Sequence[Row]) -> dict[str, dict[str, list[Row]]]:
    """Rows by type, by user, and by document (`—` for questions that no document answers)."""
    return {
        "by_type": groups(rows, lambda row: [row.question.type]),
        "by_user": groups(rows, lambda row: [row.question.user]),
        "by_document": groups(rows, lambda row: row.documents or [NO_DOCUMENT]),
    }


def failures(rows: Sequence[Row]) -> dict[str, int]:
    """How often each reason made a question fail, the most frequent first."""
    counted = Counter(row.failure for row in rows if row.failure)
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def failure_title(name: str) -> str:
    """A reason in Chinese."""
    return FAILURES.get(name, "程序出错")


def timing(run: Run) -> dict[str, float]:
    """Milliseconds per answer and seconds in all: the part of a report that no two runs have in common."""
    latencies = sorted(row.answer.latency_ms for row in run.rows)
    return {
        "latency_ms_p50": round(median(latencies), 2),
        "latency_ms_p95": round(latencies[max(0, int(len(latencies) * 0.95) - 1)], 2),
        "seconds": round(run.seconds, 1),
    }


def summary(run: Run, gate: Gate | None) -> Json:
    """The whole run as one object. The same input gives the same object, byte for byte, `timing` aside."""
    grouped = {
        kind: {name: {"questions": len(rows), **_plain(figures(rows, GROUPED))} for name, rows in by_name.items()}
        for kind, by_name in all_groups(run.rows).items()
    }
    return {
        "questions": len(run.rows),
        "figures": _plain(figures(run.rows)),
        **grouped,
        "failures": failures(run.rows),
        "rows": [_row(row) for row in run.rows],
        "gate": None if gate is None else _gate(gate),
        "made_with": asdict(run.made_with),
        "timing": timing(run),
    }


def show(run: Run, gate: Gate | None, console: Console) -> None:
    """Print the tables of a run."""
    whole = Table("指标", "值", "95% 区间", "题数", title=f"{len(run.rows)} 题")
    for name, value in figures(run.rows).items():
        whole.add_row(FIGURES[name], f"{value.value:.3f}", f"{value.low:.3f}–{value.high:.3f}", str(value.n))
    console.print(whole)
    titles = {"by_type": ("题型", TYPES), "by_user": ("用户", USERS), "by_document": ("文件", {})}
    for kind, by_name in all_groups(run.rows).items():
        head, words = titles[kind]
        table = Table(head, "题数", *(FIGURES[name] for name in GROUPED))
        for name, rows in by_name.items():
            found = figures(rows, GROUPED)
            cells = (f"{found[metric].value:.3f}" if metric in found else "" for metric in GROUPED)
            table.add_row(words.get(name, name), str(len(rows)), *cells)
        console.print(table)
    for name, count in failures(run.rows).items():
        console.print(f"{failure_title(name)}：{count} 题")
    for row in run.rows:
        if row.error:
            console.print(f"  {row.question.id}：{row.error}", markup=False)
    timed = timing(run)
    console.print(
        f"每题 {timed['latency_ms_p50']:.0f} 毫秒（中位），{timed['latency_ms_p95']:.0f} 毫秒（95%）；"
        f"共 {timed['seconds']:.1f} 秒"
    )
    if gate:
        for line in gate_lines(gate):
            console.print(line, highlight=False)


def gate_lines(gate: Gate) -> list[str]:
    """The verdict, in Chinese, a line for each thing to know."""
    lines = [f"与基线比较 {gate.compared} 题：" + ("通过" if gate.open else f"不通过，{len(gate.reds)} 项指标下降")]
    lines += [f"  {red_line(red)}" for red in gate.reds]
    if gate.lost:
        lines.append(f"  由对变错 {len(gate.lost)} 题：{'、'.join(gate.lost)}")
    if gate.won:
        lines.append(f"  由错变对 {len(gate.won)} 题：{'、'.join(gate.won)}")
    return [*lines, *(f"  注：{note}" for note in gate.notes)]


def red_line(red: Red) -> str:
    """One figure that fell."""
    after = "无从计算" if red.after is None else f"{red.after:.4f}"
    return f"{FIGURES[red.metric]}（{red.metric}）{red.before:.4f} → {after}，容差 {red.tolerance:g}，p = {red.p:.4f}"


def _plain(values: Mapping[str, Figure]) -> dict[str, Json]:
    return {
        name: {"value": round(f.value, 4), "low": round(f.low, 4), "high": round(f.high, 4), "n": f.n}
        for name, f in values.items()
    }


def _row(row: Row) -> Json:
    shares = {name: round(share.value, 4) for name, share in row.shares.items() if share.value is not None}
    return {
        "id": row.question.id,
        "type": row.question.type,
        "failure": row.failure,
        **({"error": row.error} if row.error else {}),
        "refused": row.answer.refused,
        "shares": shares,
    }


def _gate(gate: Gate) -> Json:
    return {**asdict(gate), "open": gate.open}
