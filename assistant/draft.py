"""A reply that somebody can sign: salutation, what was asked, the answer in points, its basis, what is still open.

Every sentence with policy in it comes from a verified answer and keeps its citations; what the documents do not say is
a visible gap 【待核实：…】, never a guess. Fixed phrases are marked as such.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from assistant.answer import Answer, Turn, ask
from assistant.models import LanguageModel
from assistant.references import plain
from assistant.text import bare, tidy
from assistant.write import Citation
from errors import ConfigError
from index.search import Searcher
from ingest.document import Document, Section

Kind = Literal["title", "fixed", "asked", "heading", "point", "remark", "responsible", "gap", "sign"]
Form = Literal["md", "docx", "txt"]

_QUESTION = re.compile(r"[^？?\n]+[？?]")
_LEAST, _MOST = 4, 6  # letters of a question, and questions of a letter that are answered one by one
_MARK = re.compile(r"\[(\d+)\]")
_RESPONSIBLE = re.compile(
    r"(?:责任(?:单位|部门)|牵头(?:单位|部门)|受理(?:单位|部门)|解释(?:单位|机关)|联系(?:人|电话|方式)|咨询电话)[：:]?\s*"
    r"[^。；;\n]{2,60}|[^。；;，,\s]{2,30}负责(?:解释|受理|办理|实施)"
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A paragraph of a reply. `text` has its [n] marks where `citations` stand; a fixed phrase has none."""

    kind: Kind
    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReplyDraft:
    """A reply in the order of its paragraphs. `citations` are all of them once, by number: the basis.

    `understood` is the question as it was read (a follow-up is rewritten), `writer` who wrote the points.
    """

    question: str
    understood: str
    writer: str
    refused: bool
    parts: tuple[Part, ...]
    citations: tuple[Citation, ...]


def draft(
    searcher: Searcher, question: str, history: Sequence[Turn] = (), *, model: LanguageModel | None = None
) -> ReplyDraft:
    """Draft a reply to a question, or to the several questions of one letter when they cannot be answered as one.

    Raises UsageError for a question that is empty or too long.
    """
    answer = _answer(searcher, question, history, model)
    found = _responsible(answer, searcher)
    parts = [
        Part(kind="title", text="关于政策咨询的答复"),
        Part(kind="fixed", text="您好！您咨询的问题收悉。现答复如下："),
        Part(kind="asked", text=f"您问：{tidy(answer.understood)}"),
        *_points(answer),
        *(Part(kind="remark", text=f"说明：{note}") for note in answer.notes),
        *_open(answer, found),
        Part(kind="fixed", text="以上答复依据所列文件作出，供参考；具体办理以主管部门的规定为准。感谢您的关心和支持！"),
        Part(kind="sign", text="【待核实：署名】"),
        Part(kind="sign", text="【待核实：日期】"),
    ]
    citations = (*answer.citations, *(citation for part in found for citation in part.citations))
    return ReplyDraft(
        question=question,
        understood=answer.understood,
        writer=answer.writer,
        refused=answer.refused,
        parts=tuple(parts),
        citations=citations,
    )


def _answer(searcher: Searcher, question: str, history: Sequence[Turn], model: LanguageModel | None) -> Answer:
    """The answer; where the whole is refused, what the questions of the letter get one by one (a gap for each that is
    refused)."""
    whole = ask(searcher, question, history, model=model)
    asked = [one.strip() for one in _QUESTION.findall(question) if len(bare(one)) >= _LEAST]
    if not whole.refused or not 2 <= len(asked) <= _MOST:
        return whole
    answers = [ask(searcher, one, history, model=model) for one in asked]
    if all(answer.refused for answer in answers):
        return whole
    lines: list[str] = []
    citations: list[Citation] = []
    for one, answer in zip(asked, answers, strict=True):
        if answer.refused:
            lines.append(f"【待核实：{one.rstrip('？?')}（{answer.text.splitlines()[0].rstrip('。')}）】")
            continue
        first = len(citations)
        lines += [_renumbered(line, first) for line in answer.text.splitlines()]
        citations += [replace(citation, n=citation.n + first) for citation in answer.citations]
    notes = dict.fromkeys(note for answer in answers if not answer.refused for note in answer.notes)
    return replace(
        whole, text="\n".join(lines), refused=False, reason=None, citations=tuple(citations), notes=tuple(notes)
    )


def _renumbered(line: str, first: int) -> str:
    return _MARK.sub(lambda mark: f"[{int(mark[1]) + first}]", line)


def _points(answer: Answer) -> list[Part]:
    """The answer's lines as numbered points; the words of a refusal are no policy and become a gap."""
    by_number = {citation.n: citation for citation in answer.citations}
    lines = [line for line in answer.text.splitlines() if line.strip()]
    cited = [line for line in lines if _MARK.search(line)]
    said = [line for line in lines if not _MARK.search(line) and not line.endswith(("：", ":"))]
    parts: list[Part] = []
    if answer.refused:
        parts.append(Part(kind="gap", text=f"【待核实：{'；'.join(line.rstrip('。：:') for line in said)}】"))
        if cited:
            parts.append(Part(kind="fixed", text="库内文件中与此最接近的规定是："))
    parts += [Part(kind="gap", text=line) for line in said if not answer.refused and line.startswith("【待核实：")]
    for number, line in enumerate(cited, 1):
        own = tuple(by_number[int(mark)] for mark in dict.fromkeys(_MARK.findall(line)))
        parts.append(Part(kind="point", text=f"{number}．{line}", citations=own))
    return parts


def _open(answer: Answer, found: Sequence[Part]) -> list[Part]:
    """Whom the documents name as responsible, or that they name nobody."""
    if answer.refused and not answer.citations:
        return [Part(kind="gap", text="【待核实：主管部门及其口径】")]
    return list(found) or [Part(kind="gap", text="【待核实：责任单位和联系方式，所引条款没有写明】")]


def _responsible(answer: Answer, searcher: Searcher) -> list[Part]:
    """What the documents cited print of who is responsible, nearest first, each with its own citation; two at most."""
    parts: list[Part] = []
    number = len(answer.citations)
    for doc, path in dict.fromkeys((citation.doc, citation.section) for citation in answer.citations):
        document = searcher.snapshot.document(doc)
        for section in _near(document, path):
            for span in (span for paragraph in section.paragraphs for span in paragraph):
                for match in _RESPONSIBLE.finditer(document.text, span.start, span.end):
                    quote = tidy(match[0])
                    if any(quote == part.citations[0].quote for part in parts) or len(parts) == 2:
                        continue
                    number += 1
                    citation = Citation(
                        n=number,
                        file=document.file,
                        doc=document.id,
                        title=tidy(document.title),
                        doc_number=document.doc_number,
                        section=section.path,
                        heading=section.heading,
                        quote=quote,
                        start=match.start(),
                        end=match.end(),
                        page=document.page(match.start()),
                    )
                    parts.append(Part(kind="responsible", text=f"文件写明：{quote}[{number}]。", citations=(citation,)))
    return parts


def _near(document: Document, path: str) -> list[Section]:
    """The section at `path`, then those under the same parent, then all others (offices are named at the end)."""
    sections = list(document.walk())
    beside = [
        child
        for parent in sections
        if any(child.path == path for child in parent.children)
        for child in parent.children
    ]
    return [*(section for section in sections if section.path == path), *beside, *sections]


def footnote(citation: Citation) -> str:
    """What stands at the foot of the page for a citation: document, number, section, words."""
    if citation.cell is not None:
        cell = citation.cell
        return f"{plain(citation)}（{cell.row}，{cell.column}：{cell.value}）"
    return plain(citation)


def as_text(reply: ReplyDraft) -> str:
    """The reply as plain text, the basis at its end."""
    body = [part.text for part in reply.parts if part.kind != "sign"]
    signs = [part.text for part in reply.parts if part.kind == "sign"]
    basis = [f"[{citation.n}] {footnote(citation)}" for citation in reply.citations]
    return "\n\n".join([*body, *(["依据：", *basis] if basis else []), *signs]) + "\n"


def as_markdown(reply: ReplyDraft) -> str:
    """The reply as Markdown with footnotes; markup of documents and questions is shown as text."""
    out: list[str] = []
    for part in reply.parts:
        text = _MARK.sub(lambda mark: f"[^{mark[1]}]", _escaped(part.text)) if part.citations else _escaped(part.text)
        out.append(f"# {text}" if part.kind == "title" else f"**{text}**" if part.kind == "gap" else text)
    out += [f"[^{citation.n}]: {_escaped(footnote(citation))}" for citation in reply.citations]
    return "\n\n".join(out) + "\n"


def form_of(path: Path) -> Form:
    """The form that a file's suffix stands for; Markdown for any other."""
    suffix = path.suffix.lower().lstrip(".")
    return next((form for form in get_args(Form) if form == suffix), "md")


def write_reply(reply: ReplyDraft, path: Path, form: Form) -> None:
    """Write the reply to `path`. Raises ConfigError when that cannot be written."""
    if form == "docx":
        from assistant.word import write_word

        write_word(reply, path)
        return
    try:
        path.write_text(as_text(reply) if form == "txt" else as_markdown(reply), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"文件写不了：{path}（{error.strerror}）；请检查路径和权限") from error


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}<>#|]|\](?=[(:]))", r"\\\1", text)
