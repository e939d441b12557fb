"""Table cells as answers: which rows and columns a question means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from assistant.extract import FOUND, HEADED, NEAR, OWN, Wanted, shares
from assistant.question import Kind, Question, gloss
from assistant.text import bag, bare, fold, grams
from ingest.document import Document, Table

_PHRASE = 20  # characters of a cell that says something by itself
_PROSE = (Kind.OPEN, Kind.APPLICABILITY, Kind.LIST, Kind.DEFINITION, Kind.YES_NO)  # what such a cell may answer
_ORDINAL = re.compile(r"^(?:序号|编号|no\.?)$", re.I)
_CLASS = re.compile(r"^(?:类别|类型|分类|大类)$")
_ASKED = (
    (re.compile(r"单位|来源|部门|主体|机构|负责"), re.compile(r"谁|单位|部门|机构|来源|依托|哪家|提供|负责|院所")),
    (
        re.compile(r"时间|日期|期限|年份"),
        re.compile(r"什么时候|何时|哪年|哪一年|时间|几年|多久|建成|开工|周期|完工|年份|日期"),
    ),
    (
        re.compile(r"区域|地点|位置|地区|所在"),
        re.compile(r"在哪|哪里|哪儿|哪个(?:区|片)|片区|区域|位于|落在|地点|还是"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row that answers. `columns` are those asked for, as (column, value); `fit` (0..1) says how well its label, or
    one of its values, is named; `score` compares with the scores of sentences."""

    document: Document
    table: Table
    index: int
    columns: tuple[tuple[str, str], ...]
    fit: float
    score: float

    @property
    def label(self) -> str:
        """The row's label, as printed."""
        return self.table.rows[self.index][self.table.label_column]


def find_rows(
    question: Question,
    wants: Sequence[Wanted],
    document: Document,
    weight: Callable[[str], float],
    pointed: Mapping[tuple[str, str], float],
) -> list[Row]:
    """Rows of the document's tables that the question means, best first.

    Rows are found by their label or, when a list is asked for, by a value (哪些设施在临港). One that says something in
    whole phrases is found like a sentence, too: where search found it, `pointed` has its table's path and its label
    with its search score (0..1).
    """
    new = [term for term in question.terms if term.weight >= 1.0]
    parts = [part for piece in question.pieces for part in re.split("[和与跟及、]", piece) if len(part) >= 3]
    words = [*question.pieces, *parts, *(word for term in new for word in (term.text, *term.alternatives))]
    said = {gram for word in words for gram in grams(word)}
    telling = [
        tuple(dict.fromkeys(gram for gram in grams(word) if not gram.isdigit()))
        for word in words
        if len(bare(word)) >= 4
    ]
    whole = [(pairs, sum(map(weight, pairs))) for pairs in telling if pairs]
    found: list[Row] = []
    asked = gloss(question.text)
    for table in _named(question, document.tables):
        title = bag(document.title)
        head = bag(f"{table.path} {table.caption or ''} {' '.join(table.columns)}")
        by_value = _by_value(question, table)
        for index, cells in enumerate(table.rows):
            if table.labels[index] is None or (len(cells) > 1 and len(set(cells)) == 1):
                continue  # a heading that runs across all columns
            label = cells[table.label_column]
            fit = _fit(label, said, whole, weight)
            said_near = pointed.get((table.path, label), 0.0) if question.kind in _PROSE else 0.0
            if fit < 0.5 and index not in by_value:
                if said_near and (whole_row := _prose(table, index)):
                    text = " ".join([label, *(value for _, value in whole_row)])
                    own, headed, beside = shares(wants, bag(text), head, title)
                    score = OWN * own + HEADED * headed + NEAR * beside + FOUND * said_near
                    found.append(
                        Row(document=document, table=table, index=index, columns=whole_row, fit=fit, score=score)
                    )
                continue
            columns = _columns(question, table, index)
            if fit < 0.75 and index in by_value:
                fit, columns = 0.9, _joined(by_value[index], columns if len(columns) < 3 else ())
            text = " ".join([label, *(f"{name} {value}" for name, value in columns)])
            own, headed, near = shares(wants, bag(text), head, title)
            score = OWN * own + HEADED * headed + NEAR * near + 0.45 * fit
            if question.years:
                dated = sum(any(year in name for name, _ in columns) for year in question.years)
                score += min(0.3, 0.15 * dated) if dated else -0.1
            if len(_named(question, document.tables)) < len(document.tables):
                score += 0.2
            if any(column.search(name) and words.search(asked) for column, words in _ASKED for name, _ in columns):
                score += 0.12
            if any(re.search(rf"\d\s*{re.escape(unit)}", value) for unit in question.units for _, value in columns):
                score += 0.12
            if question.kind in (Kind.APPLICABILITY, Kind.OPEN, Kind.DEFINITION):
                score -= 0.15
            if question.kind is Kind.YES_NO:
                score -= 0.3
            found.append(Row(document=document, table=table, index=index, columns=columns, fit=fit, score=score))
    return sorted(found, key=lambda row: (-row.score, row.index))


def _prose(table: Table, index: int) -> tuple[tuple[str, str], ...]:
    """The cells of a row that say something in whole phrases, with their columns; () when none does."""
    cells = enumerate(table.rows[index])
    return tuple((table.columns[at], cell) for at, cell in cells if at != table.label_column and len(cell) >= _PHRASE)


def _joined(one: tuple[tuple[str, str], ...], other: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _named(question: Question, tables: Sequence[Table]) -> list[Table]:
    """The tables the question names (设施表); all when it names none."""
    named = [
        table for table in tables if table.path in question.text or (table.caption and table.caption in question.text)
    ]
    return named or list(tables)


def _fit(
    label: str,
    asked: AbstractSet[str],
    words: Sequence[tuple[tuple[str, ...], float]],
    weight: Callable[[str], float],
) -> float:
    """How fully the label (or one of its parts) is named by the question, or one of its words by the label, 0..1.

    `asked` are the question's grams, `words` those of its longer words, each with the sum of their weights.
    """
    core = re.sub(r"[（(][^（）()]*[）)]", "", label)
    best = 0.0
    for part in {core, *re.split(r"[、，]", core)}:
        inside = dict.fromkeys(grams(part))
        if not inside:
            continue
        best = max(best, sum(weight(gram) for gram in inside if gram in asked) / sum(map(weight, inside)))
        for pairs, total in words:
            best = max(best, 0.95 * sum(weight(gram) for gram in pairs if gram in inside) / total)
    return min(1.0, best)


def _columns(question: Question, table: Table, index: int) -> tuple[tuple[str, str], ...]:
    """The columns asked for: by year, by name, by the kind of answer; all telling ones when none is named."""
    cells = table.rows[index]
    usable = [
        at
        for at, name in enumerate(table.columns)
        if at != table.label_column and not _ORDINAL.match(fold(name)) and not _CLASS.match(fold(name)) and cells[at]
    ]
    years = question.years
    if len(years) == 2 and re.search(rf"{years[0]}年?\S{{0,3}}(?:到|至|-|—){years[1][:2]}?", question.text):
        years = tuple(map(str, range(int(years[0]), int(years[1]) + 1)))
    dated = [at for at in usable if any(year in table.columns[at] for year in years)]
    text = gloss(question.text)
    asked = set(grams(text))
    named = [
        at
        for at in usable
        if not re.search(r"\d{4}", table.columns[at])
        and any(
            (part := set(grams(name))) and len(part & asked) / len(part) >= 0.6
            for name in re.split(r"[/、]", table.columns[at])
        )
    ]
    kinds = [at for at in usable for column, words in _ASKED if column.search(table.columns[at]) and words.search(text)]
    plain = [at for at in usable if re.search(r"\d", cells[at])] if question.kind is Kind.NUMBER else []
    chosen = sorted({*dated, *named, *kinds}) or plain or usable
    return tuple((table.columns[at], cells[at]) for at in chosen)


def _by_value(question: Question, table: Table) -> dict[int, tuple[tuple[str, str], ...]]:
    """Rows of which a value is named, when a list is asked for: row → the (column, value) that is named."""
    if question.kind not in (Kind.LIST, Kind.WHO, Kind.NUMBER, Kind.OPEN, Kind.WHERE):
        return {}
    text = bare(question.text)
    rows: dict[int, tuple[tuple[str, str], ...]] = {}
    for index, cells in enumerate(table.rows):
        for at, value in enumerate(cells):
            core = bare(value)
            if at == table.label_column or len(core) < 2 or core.isdigit():
                continue
            if not _about(table, at, text):
                continue
            if core in text or (len(core) >= 8 and any(part in text for part in _tails(core))):
                rows[index] = ((table.columns[at], value),)
    return rows if len(rows) <= max(1, len(table.rows) * 2 // 3) else {}


def _about(table: Table, column: int, text: str) -> bool:
    """Whether the question speaks of the table or the column, so that a value (临港) may point at its rows."""
    return bare(table.path).removesuffix("表") in text or bare(table.columns[column])[:2] in text


def _tails(core: str) -> list[str]:
    """Short names of a long one: its last six to all characters (中国科学院上海应用物理研究所 → 应用物理研究所)."""
    return [core[-size:] for size in range(6, len(core))]
