"""`wence eval` and `wence bench`: what they take, and which function each one calls.

Imported with the command line, so everything heavy is imported where it is used.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer.core import TyperGroup

from errors import ConfigError, UsageError
from service.terminal import IndexOption, JsonOption, open_searcher, print_json, progress, settings_for
from settings import Settings, load_settings

if TYPE_CHECKING:
    from eval.questions import Question
    from eval.sources import Sources

SAMPLES = Path(__file__).parents[2] / "shared" / "checks" / "sample_questions.jsonl"
CandidatesOption = Annotated[
    Path | None, typer.Option("--candidates", metavar="FILE", help="候选题文件（默认 eval/candidates.jsonl）")
]


class _RunByDefault(TyperGroup):
    """`wence eval …` runs the set unless the first word is a command of its own."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        return super().parse_args(ctx, args if args and args[0] in self.commands else ["run", *args])


eval_app = typer.Typer(cls=_RunByDefault, help="跑已知答案的题库，逐句核对引用；add、accept 收录用户报告的错题。")


@eval_app.command("run", help="跑题库：答得对不对、引得准不准；比基线差则退出状态为 1。（另见 wence eval add --help）")
def run_set(
    questions: Annotated[
        list[Path] | None, typer.Argument(metavar="[QUESTIONS.jsonl]...", help="题库文件（默认随程序附带的题库）")
    ] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="写一份自成一体的网页报告")] = None,
    baseline: Annotated[Path | None, typer.Option("--baseline", metavar="FILE", help="与这份基线比较")] = None,
    save_baseline: Annotated[
        bool, typer.Option("--save-baseline", help="把这次的结果存为基线（存到 --baseline，否则 eval/baseline.json）")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="只核对题库：引文、章节、要点、重复")] = False,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FILE", help="与 --check 同用：不得与这份题库有相同的题")
    ] = None,
    type_: Annotated[list[str] | None, typer.Option("--type", help="只跑这种题型（可重复给出）")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="只跑这么多题，均匀抽取")] = None,
) -> None:
    """Run the known-answer set, or check it."""
    from eval import gate, report
    from eval.questions import drawn, load, shipped
    from eval.run import run

    settings = settings_for(index)
    asked = load(questions or shipped())
    if check:
        _check(asked, load([against]) if against else _samples(), settings, as_json)
        return
    if type_:
        unknown = sorted(set(type_) - {question.type for question in asked})
        if unknown:
            raise UsageError(
                f"题库里没有题型 {'、'.join(unknown)}；现有题型：{'、'.join(sorted({q.type for q in asked}))}"
            )
        asked = [question for question in asked if question.type in type_]
    if limit is not None:
        asked = drawn(asked, limit)
    if save_baseline and (type_ or limit):
        raise UsageError("--save-baseline 存的是整个题库的结果；请去掉 --type 和 --limit")
    held_against = gate.load(baseline) if baseline and not save_baseline else None
    with progress("作答") as told:
        result = run(open_searcher(settings), asked, told)
    verdict = gate.judge(result, held_against) if held_against else None
    if save_baseline:
        gate.save(baseline or gate.BASELINE, result)
    if html:
        from eval.page import page

        _write(html, page(result, verdict))
    if as_json:
        print_json(report.summary(result, verdict))
    else:
        from rich.console import Console

        report.show(result, verdict, Console() if sys.stdout.isatty() else Console(width=120))
    if verdict and not verdict.open:
        raise typer.Exit(1)


@eval_app.command("add", help="收一道答错的题：进候选题文件，经人看过（wence eval accept）才进题库。")
def add_candidate(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="用户的问题")],
    given: Annotated[str, typer.Option("--given", help="系统给出的答案")],
    expected: Annotated[str, typer.Option("--expected", help="应有的答案")],
    quote: Annotated[
        list[str] | None, typer.Option("--quote", help="证明它的原文（可重复给出）；没有原文就是文件没有答案")
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option("--key", help="答案必须有的要点，几种写法用 | 分开（可重复给出）")
    ] = None,
    user: Annotated[Literal["firm", "staff", "eval"], typer.Option("--user", help="谁问的")] = "firm",
    index: IndexOption = None,
    candidates: CandidatesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a question that was answered wrongly among the candidates."""
    from eval.candidates import CANDIDATES, add, propose

    path = candidates or CANDIDATES
    record = propose(
        question,
        given=given,
        expected=expected,
        quotes=quote or [],
        keys=key or [],
        user=user,
        sources=_sources(settings_for(index)),
    )
    add(record, path)
    if as_json:
        print_json(record)
        return
    places = "、".join(f"{gold['file']} {gold['section']}" for gold in record["gold"]) or "（文件没有答案）"
    print(f"已收为候选题 {record['id']}：{path}；出处：{places}；看过之后请用 wence eval accept {record['id']}")


@eval_app.command("accept", help="把一道候选题收进题库。")
def accept_candidate(
    id_: Annotated[str, typer.Argument(metavar="ID", help="候选题的编号")],
    index: IndexOption = None,
    candidates: CandidatesOption = None,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FILE", help="收进哪个题库（默认 eval/questions/accepted.jsonl）")
    ] = None,
) -> None:
    """Move a candidate into the question set."""
    from eval.candidates import ACCEPTED, CANDIDATES, accept

    target = into or ACCEPTED
    question = accept(id_, candidates or CANDIDATES, target, _sources(settings_for(index)))
    print(f"已收进题库 {target}：{question.id} {question.question}")


def bench(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="BEIR 格式的文件夹：corpus.jsonl、queries.jsonl、qrels/test.tsv")
    ],
    k: Annotated[int, typer.Option("-k", min=1, help="每个问题取多少段")] = 100,
    mode: Annotated[Literal["hybrid", "dense", "sparse"], typer.Option("--mode", help="检索方式")] = "hybrid",
    weight: Annotated[
        float | None, typer.Option("--weight", min=0.0, max=1.0, help="hybrid 中余弦的权重（默认与检索相同）")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the search on a BEIR-layout set."""
    from eval.bench import measure
    from index.embedding import open_embedding
    from index.search import COSINE_WEIGHT

    settings = load_settings()
    with progress("检索") as told:
        result = measure(
            folder,
            open_embedding(settings.embedding, settings.threads),
            k=k,
            mode=mode,
            cosine_weight=COSINE_WEIGHT if weight is None else weight,
            processes=settings.threads,
            progress=told,
        )
    values = result.json()
    if as_json:
        print_json(values)
        return
    for name, value in values.items():
        print(f"{name:14} {value}")


def _check(asked: Sequence[Question], others: Sequence[Question], settings: Settings, as_json: bool) -> None:
    """Print what is wrong with a set; exit status 1 if anything is."""
    from eval.check import check

    faults = check(asked, _sources(settings), others)
    if as_json:
        named = [{"question": fault.question, "problem": fault.problem} for fault in faults]
        print_json({"questions": len(asked), "faults": named})
    elif not faults:
        print(f"题库无误：{len(asked)} 题")
    else:
        for fault in faults:
            print(f"{fault.question}：{fault.problem}")
    if faults:
        raise typer.Exit(1)


def _samples() -> list[Question]:
    """The sample questions that lie beside a checkout, [] where there are none."""
    from eval.questions import load

    return load([SAMPLES]) if SAMPLES.exists() else []


def _sources(settings: Settings) -> Sources:
    from eval.sources import sources_of
    from index.snapshot import open_snapshot

    return sources_of(open_snapshot(settings.index, store=settings.store))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"报告写不了：{path}（{error.strerror}）；请检查路径和权限") from error
