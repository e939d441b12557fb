"""Prove a question set against the documents: every quote stands where it is said to, every key in its answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from eval.compare import fold, loose, section_key, under
from eval.questions import USERS, Gold, GoldCell, Question
from eval.sources import Source, Sources
from ingest.document import Table


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something wrong with a question, in Chinese."""

    question: str
    problem: str


def check(questions: Sequence[Question], sources: Sources, others: Iterable[Question] = ()) -> list[Fault]:
    """Every fault of a set, in its order; [] when it is sound. No question may be equal to one of `others`."""
    faults: list[Fault] = []
    ids = Counter(question.id for question in questions)
    texts = Counter(map(_asked, questions))
    foreign = {_asked(question) for question in others}
    for question in questions:
        problems = [*_fields(question), *_passages(question, sources)]
        if ids[question.id] > 1:
            problems.append("编号重复")
        if texts[_asked(question)] > 1:
            problems.append("与本题库另一题重复")
        if _asked(question) in foreign:
            problems.append("与样题相同")
        faults += [Fault(question=question.id, problem=problem) for problem in problems]
    return faults


def _asked(question: Question) -> str:
    """What is asked, the talk before it included: 那2025年呢 is another question after another one."""
    return "\n".join(loose(text) for text in (*(turn.content for turn in question.history), question.question))


def _fields(question: Question) -> Iterator[str]:
    if not question.question.strip():
        yield "问题是空的"
    if question.user not in USERS:
        yield f"user 应是 {'、'.join(USERS)} 之一，现为 {question.user!r}"
    if not question.keys or not all(question.keys) or not all(loose(key) for keys in question.keys for key in keys):
        yield "answer_keys 为空，或有空的写法"
    if question.answerable and not question.core():
        yield "可答的题没有 core 出处"
    answer = loose(question.answer)
    for keys in question.keys:
        if not any(loose(key) in answer for key in keys):
            yield f"答案里没有要点 {'、'.join(keys[:3])}"


def _passages(question: Question, sources: Sources) -> Iterator[str]:
    for gold in question.known():
        for form in gold.renderings():
            named = sources.named(form.file)
            where = f"{form.file} {form.section}"
            if not named:
                yield f"{where}：没有文件名以 {form.file!r} 开头的文件"
            elif not any(_has_section(source, form.section) for source in named):
                yield f"{where}：文件里没有这一节"
            elif form.cell:
                yield from _cell(form, form.cell, named, where)
            elif form.quote:
                yield from _quote(form, named, where)


def _has_section(source: Source, path: str) -> bool:
    document = source.document
    paths = [*(section.path for section in document.walk()), *(table.path for table in document.tables)]
    return any(under(other, path) for other in paths)


def _quote(gold: Gold, named: Sequence[Source], where: str) -> Iterator[str]:
    """The quote stands in the file, and a section that it touches is the gold one, above it or below it."""
    found = [(source, span) for source in named for span in source.find(gold.quote)]
    if not found:
        yield f"{where}：文件里没有这句引文“{gold.quote[:30]}”"
        return
    touched = [path for source, span in found for path in source.sections(span)]
    if not any(under(path, gold.section) or under(gold.section, path) for path in touched):
        yield f"{where}：引文“{gold.quote[:30]}”不在这一节，而在 {'、'.join(dict.fromkeys(touched)) or '被舍弃的文字'}"


def _cell(gold: Gold, cell: GoldCell, named: Sequence[Source], where: str) -> Iterator[str]:
    """Some table of that path has the row, the column, and that value where they meet."""
    tables = [t for source in named for t in source.document.tables if section_key(t.path) == section_key(gold.section)]
    if not any(_holds(table, cell) for table in tables):
        yield f"{where}：表里“{cell.row}”行、“{cell.column}”列不是“{cell.value}”"
    elif fold(gold.quote) != fold(cell.row):
        yield f"{where}：表格出处的引文应是行名“{cell.row}”，现为“{gold.quote[:30]}”"


def _holds(table: Table, cell: GoldCell) -> bool:
    columns = [at for at, column in enumerate(table.columns) if fold(column) == fold(cell.column)]
    rows = [row for row in table.rows if fold(row[table.label_column]) == fold(cell.row)]
    return any(fold(row[at]) == fold(cell.value) for row in rows for at in columns)
