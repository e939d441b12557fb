"""A run as one web page that needs nothing else: figures with their intervals, and every wrong question laid open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape

from eval.english import Say, in_chinese, in_english
from eval.gate import Gate
from eval.metrics import Case
from eval.plots import Bar, bars
from eval.questions import Gold
from eval.report import (
    FIGURES,
    GROUPED,
    NO_DOCUMENT,
    TYPES,
    USERS,
    all_groups,
    failure_title,
    failures,
    figures,
    gate_lines,
    timing,
)
from eval.run import Row, Run
from eval.statistics import Figure
from eval.style import STYLE
from index.search import Hit

_SHOWN = 10  # hits of a wrong question
_FIRST = 4  # of them, those that are not folded away
_LARGE = ("right", "right_concise", "cite_first", "cite_recall", "cite_precision", "refuse_recall")
_MADE_WITH: Mapping[str, str] = {
    "questions": "题库",
    "documents": "文件",
    "index": "索引",
    "embedding": "嵌入模型",
    "code": "代码",
    "writer": "撰写",
    "cosine_weight": "余弦权重",
    "today": "以此日为今天",
}


def page(run: Run, gate: Gate | None, *, english: bool = False) -> str:
    """The report as HTML, with its own style and plots and no script; in Chinese, or in English."""
    say = in_english if english else in_chinese
    found = figures(run.rows)
    wrong = [row for row in run.rows if row.failure]
    parts = [
        f"<!doctype html>\n<html lang={'en' if english else 'zh-CN'}><head><meta charset=utf-8>",
        '<meta name=viewport content="width=device-width, initial-scale=1">',
        f"<title>{say(f'问策评测：{len(run.rows)} 题')}</title><style>{STYLE}</style></head><body>",
        f"<header><h1>{say('问策评测')}</h1><p>{say(f'{len(run.rows)} 题，{len(wrong)} 题不合格')}</p></header><main>",
        _verdict(gate, say) if gate else "",
        _tiles(found, say),
        _section("指标", "横线是 95% 区间（按题自助抽样）；↓ 越低越好。", _figure_bars(found, say), say),
        _groups(run.rows, say),
        _failure_bars(run.rows, say),
        _section("由来", "同样的输入得同样的结果；用时除外。", _made_with(run, say), say),
        _wrong(wrong, run, say),
        "</main></body></html>\n",
    ]
    return "".join(parts)


def _section(title: str, note: str, body: str, say: Say) -> str:
    return f"<section><h2>{escape(say(title))}</h2><p class=note>{escape(say(note))}</p>{body}</section>"


def _verdict(gate: Gate, say: Say) -> str:
    lines = "".join(f"<li>{escape(say(line.strip()))}</li>" for line in gate_lines(gate))
    return (
        f'<section class="verdict {"pass" if gate.open else "fail"}"><h2>{say("基线")}</h2><ul>{lines}</ul></section>'
    )


def _tiles(found: Mapping[str, Figure], say: Say) -> str:
    tiles = (
        f"<div class=tile><span>{escape(say(FIGURES[name]))}</span><b>{100 * found[name].value:.1f}%</b>"
        f"<small>{say(f'{100 * found[name].low:.1f}–{100 * found[name].high:.1f}，{found[name].n} 题')}</small></div>"
        for name in _LARGE
        if name in found
    )
    return f"<section class=tiles>{''.join(tiles)}</section>"


def _figure_bars(found: Mapping[str, Figure], say: Say) -> str:
    rows = [
        Bar(label=say(FIGURES[name]), value=value.value, low=value.low, high=value.high, note=say(f"{value.n} 题"))
        for name, value in found.items()
    ]
    return bars(rows, title=say("各项指标"))


def _groups(rows: Sequence[Row], say: Say) -> str:
    grouped = all_groups(rows)
    by_type = []
    for name, of_type in grouped["by_type"].items():
        value = figures(of_type, ("right",))["right"]
        label, note = say(TYPES.get(name, name)), say(f"{value.n} 题")
        by_type.append(Bar(label=label, value=value.value, low=value.low, high=value.high, note=note))
    plot = bars(sorted(by_type, key=lambda bar: bar.value), title=say("各题型答对的比例"))
    tables = [
        _table("题型", {say(TYPES.get(name, name)): rows for name, rows in grouped["by_type"].items()}, say),
        _table("用户", {say(USERS.get(name, name)): rows for name, rows in grouped["by_user"].items()}, say),
        _table("文件", grouped["by_document"], say),
    ]
    note = f"一题引几份文件，就在几份文件里各算一次；{NO_DOCUMENT} 是没有文件能回答的题。"
    return _section("各题型答对的比例", "", plot, say) + _section("分组", note, "".join(tables), say)


def _table(head: str, by_name: Mapping[str, Sequence[Row]], say: Say) -> str:
    heads = (head, "题数", *(FIGURES[name] for name in GROUPED))
    titles = "".join(f"<th>{escape(say(title))}</th>" for title in heads)
    lines: list[str] = []
    for name, rows in by_name.items():
        found = figures(rows, GROUPED)
        cells = "".join(f"<td>{found[m].value:.3f}</td>" if m in found else "<td></td>" for m in GROUPED)
        lines.append(f"<tr><th>{escape(name)}</th><td>{len(rows)}</td>{cells}</tr>")
    return f"<div class=scroll><table><thead><tr>{titles}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"


def _failure_bars(rows: Sequence[Row], say: Say) -> str:
    counted = failures(rows)
    if not counted:
        return ""
    drawn = [Bar(label=say(failure_title(name)), value=count) for name, count in counted.items()]
    return _section(
        "错在哪里",
        "每题只算最先的一个原因。",
        bars(drawn, title=say("错因"), highest=_round_up(counted), digits=0),
        say,
    )


def _round_up(counted: Mapping[str, int]) -> float:
    return float(-(-max(counted.values()) // 4) * 4)


def _made_with(run: Run, say: Say) -> str:
    values = asdict(run.made_with) | {"documents": "、".join(run.made_with.documents)}
    timed = timing(run)
    used = f"每题中位 {timed['latency_ms_p50']} 毫秒，95% {timed['latency_ms_p95']} 毫秒，共 {timed['seconds']} 秒"
    lines = [(_MADE_WITH[name], str(value)) for name, value in values.items()] + [("用时", say(used))]
    body = "".join(f"<tr><th>{escape(say(name))}</th><td>{escape(value)}</td></tr>" for name, value in lines)
    return f"<div class=scroll><table class=plain>{body}</table></div>"


def _wrong(wrong: Sequence[Row], run: Run, say: Say) -> str:
    parts: list[str] = []
    for name, count in failures(wrong).items():
        cards = "".join(_card(row, run, say) for row in wrong if row.failure == name)
        title = say(f"{say(failure_title(name))}（{count} 题）")
        parts.append(f"<details open><summary>{escape(title)}</summary>{cards}</details>")
    note = "中栏：绿边是引到了的出处，红边是没有引到的。右栏：检索到的段落，绿边是应引的章节。"
    return _section("不合格的题", note, "".join(parts), say)


def _card(row: Row, run: Run, say: Say) -> str:
    question = row.question
    talk = "".join(
        f"<p class=turn>{_label('问' if t.role == 'user' else '答', say)}{escape(t.content)}</p>"
        for t in question.history
    )
    own = " lang=en" if say is in_english else ""
    kind = f"{say(TYPES.get(question.type, question.type))} · {say(USERS.get(question.user, question.user))}"
    return (
        f"<article id='{escape(question.id)}' lang=zh-CN>"
        f"<h3><code>{escape(question.id)}</code> {escape(question.question)}"
        f"<small{own}>{escape(kind)}</small></h3>{talk}<div class=sides>"
        f"<div><h4{own}>{say('系统的答案')}</h4>{_given(row, say)}</div>"
        f"<div><h4{own}>{say('应有的答案')}</h4>{_expected(row, run, say)}</div>"
        f"<div><h4{own}>{say('检索到的段落')}</h4>{_hits(row, run, say)}</div></div></article>"
    )


def _label(name: str, say: Say) -> str:
    return f"{say(name)}{': ' if say is in_english else '：'}"


def _given(row: Row, say: Say) -> str:
    answer = row.answer
    if row.error:
        return f"<p class=missing>{escape(row.error)}</p>"
    refused = f"<p class=tag>{_label('拒答', say)}{escape(answer.reason or '')}</p>" if answer.refused else ""
    text = f"<p class=text>{escape(answer.text)}</p>"
    understood = (
        f"<p class=note>{_label('理解为', say)}{escape(answer.understood)}</p>"
        if answer.understood != answer.question
        else ""
    )
    cited = "".join(
        f"<li value={c.n}><b>{escape(c.file)} {escape(c.section)}</b> {escape(' '.join(c.quote.split()))}"
        f"{escape(f' | {c.cell.column} | {c.cell.value}' if c.cell else '')}</li>"
        for c in answer.citations
    )
    return f"{refused}{text}{understood}<ol>{cited}</ol>"


def _expected(row: Row, run: Run, say: Say) -> str:
    question = row.question
    case = Case(question, row.answer, run.sources)
    keys = "".join(
        f"<span class='{'found' if found else 'missing'}'>{escape(' / '.join(spellings[:3]))}</span>"
        for spellings, found in zip(question.keys, case.keys_found, strict=True)
    )
    cited = [any(column) for column in zip(*case.support, strict=True)] or [False] * len(question.known())
    gold = "".join(_gold(one, found, say) for one, found in zip(question.gold, cited, strict=False))
    what = "" if question.answerable else f"<p class=tag>{say('应拒答')}</p>"
    shown = f"<p class=keys>{keys}</p>" if question.answerable else ""
    return f"{what}<p class=text>{escape(question.answer)}</p>{shown}<ul>{gold}</ul>"


def _gold(gold: Gold, cited: bool, say: Say) -> str:
    quote = f"{gold.cell.row} | {gold.cell.column} | {gold.cell.value}" if gold.cell else gold.quote
    return (
        f"<li class='{'found' if cited else 'missing'}'><b>{escape(gold.file)} {escape(gold.section)}</b> "
        f"{escape(' '.join(quote.split()))}{'' if gold.core else say('（可引可不引）')}</li>"
    )


def _hits(row: Row, run: Run, say: Say) -> str:
    drawn = [_hit(hit, row, run) for hit in row.hits[:_SHOWN]]
    if not drawn:
        return f"<p class=missing>{say('一段也没有')}</p>"
    more = drawn[_FIRST:]
    title = say(f"其余 {len(more)} 段")
    folded = f"<details><summary>{title}</summary><ol start={_FIRST + 1}>{''.join(more)}</ol></details>"
    return f"<ol>{''.join(drawn[:_FIRST])}</ol>{folded if more else ''}"


def _hit(hit: Hit, row: Row, run: Run) -> str:
    file = run.files[hit.chunk.doc]
    gold = any(run.sources.in_section(file, hit.chunk.section, g) for g in row.question.core())
    parts = "，".join(f"{name} {value:.2f}" for name, value in hit.parts)
    return (
        f"<li class='{'found' if gold else ''}'><b>{escape(file)} {escape(hit.chunk.section)}</b> "
        f"<small>{hit.score:.3f}（{parts}）</small> {escape(hit.chunk.text)}</li>"
    )
