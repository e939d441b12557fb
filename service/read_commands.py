"""`wence verify`, `status`, `outline`, `diff`, `text` and `search`: what an index and its documents hold.

Imported with the command line, so everything heavy is imported where it is used.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from errors import ConfigError
from service.terminal import (
    IndexOption,
    JsonOption,
    complain,
    day_of,
    open_searcher,
    plain,
    print_json,
    print_plain,
    settings_for,
)
from settings import Settings

if TYPE_CHECKING:
    from ingest.document import Document


def verify(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Check every file of the index."""
    from index.manifest import rebuild
    from index.snapshot import verify as verify_index
    from render import verify_json

    settings = settings_for(index)
    found = verify_index(settings.index, settings.store)
    if as_json:
        print_json(verify_json(found))
    elif not found:
        print(f"索引完好：{settings.index}")
    for damage in found:
        complain(f"索引已损坏：{settings.index}（{damage.file}：{damage.problem}）；{rebuild(settings.index)}")
    if found:
        raise typer.Exit(1)


def status(
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="列出各文件在这一天是否有效（2024、2024-06 或 2024-06-30）"),
    ] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what the index holds, and what of it is in force on a day."""
    from index.snapshot import open_snapshot
    from index.standing import standing
    from render import standing_json, status_json

    settings = settings_for(index)
    day = day_of("--as-of", as_of)
    snapshot = open_snapshot(settings.index, store=settings.store)
    manifest, uncited = snapshot.manifest, snapshot.catalogue.uncited()
    told = [(entry, standing(entry, snapshot.entries, day)) for entry in snapshot.entries] if day else []
    if as_json:
        listed = {"as_of": day.isoformat(), "files": [standing_json(*one) for one in told]} if day else {}
        print_json({**status_json(manifest, uncited), **listed})
        return
    counts, embedding = manifest.counts, manifest.embedding
    print(f"索引：{settings.index}")
    print(f"内容：{counts.documents} 份文件，{counts.sections} 节，{counts.chunks} 段")
    if uncited:
        more = f"等 {len(uncited)} 份" if len(uncited) > 5 else ""
        print(plain(f"没有可引用的正文：{'、'.join(uncited[:5])}{more}"))
    print(f"嵌入模型：{embedding.name}（{embedding.dimension} 维，{embedding.digest[:12]}）")
    print(f"大小：{manifest.size / 1e6:.1f} MB")
    print(f"建于：{manifest.built_at}")
    if day:
        print(f"{day.isoformat()} 各文件：")
    for entry, found in told:
        number = f"（{entry.doc_number}）" if entry.doc_number else ""
        print(plain(f"  {found.state}　《{entry.title}》{number}{f'　{found.why}' if found.why else ''}　{entry.file}"))


def outline(
    source: Annotated[str, typer.Argument(metavar="FILE|DOC", help="磁盘上的文件，或索引里的文件名、文件编号")],
    coverage: Annotated[bool, typer.Option("--coverage", help="章节、表格、弃去各多少字，有什么可疑")] = False,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a document's outline, or what became of its characters."""
    from ingest.document import NOTHING_TO_CITE

    document = _document(source, settings_for(index))
    if coverage:
        from ingest.coverage import coverage as account
        from render import coverage_json
        from service.texts import coverage_text

        if as_json:
            print_json(coverage_json(document, account(document)))
        else:
            print_plain(coverage_text(document, account(document)))
        return
    if as_json:
        from render import outline_json

        print_json(outline_json(document))
        return
    facts = (document.doc_number, document.issuer, document.issue_date, document.period and "—".join(document.period))
    print(document.title, *(fact for fact in facts if fact), sep="　")
    if not document.sections and not document.tables:
        print(f"{NOTHING_TO_CITE}；请用 wence outline --coverage 看每个字去了哪里")
    for section in document.walk():
        print(f"{'  ' * section.level}{section.number or ''}{section.heading or ''}　[{section.start}, {section.end})")
    for table in document.tables:
        print(f"表：{table.path}　{len(table.rows)} 行 × {len(table.columns)} 列")


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="旧的一份：磁盘上的文件，或索引里的文件名、文件编号")],
    after: Annotated[str, typer.Argument(metavar="B", help="新的一份")],
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two documents."""
    from ingest.compare import compare
    from render import difference_json
    from service.texts import difference_text

    settings = settings_for(index)
    old, new = _document(before, settings), _document(after, settings)
    found = compare(old, new)
    if as_json:
        print_json(difference_json(old, new, found))
    else:
        print_plain(difference_text(old, new, found))


def text(
    source: Annotated[str, typer.Argument(metavar="FILE|DOC", help="磁盘上的文件，或索引里的文件名、文件编号")],
    index: IndexOption = None,
) -> None:
    """Print the text that offsets count in, and not a character more."""
    from ingest.files import load

    path = Path(source)
    content = load(path).text if path.exists() else _document(source, settings_for(index)).text
    sys.stdout.buffer.write(content.encode())
    sys.stdout.buffer.flush()


def search(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="问题、关键词、文号、标题或条目编号")],
    k: Annotated[int, typer.Option("-k", min=1, help="最多几段")] = 10,
    doc: Annotated[list[str] | None, typer.Option("--doc", help="只查这份文件（文件名、文号或标题的一部分）")] = None,
    place: Annotated[list[str] | None, typer.Option("--place", help="只查这个地方的文件（含所辖地方）")] = None,
    year: Annotated[list[str] | None, typer.Option("--year", help="只查这一年发布的、或规划期含这一年的文件")] = None,
    in_force: Annotated[
        str | None,
        typer.Option("--in-force", metavar="DATE", help="只查这一天有效的文件（2024、2024-06 或 2024-06-30）"),
    ] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the passages closest to a question."""
    from index.query import Only
    from render import hit_json

    day = day_of("--in-force", in_force)
    searcher = open_searcher(settings_for(index))
    only = Only(docs=tuple(doc or ()), places=tuple(place or ()), years=tuple(year or ()), day=day)
    asked = searcher.read(question, only)
    if asked.expansions and not as_json:
        print(f"同时查：{plain('、'.join(dict.fromkeys(one.added for one in asked.expansions)))}\n")
    for rank, hit in enumerate(searcher.search(asked, k=k), 1):
        document = searcher.snapshot.document(hit.chunk.doc)
        if as_json:
            print_json(hit_json(rank, hit, document, asked.expansions))
        else:
            name = document.doc_number or document.title
            print(f"{rank}. {plain(f'{name} {hit.chunk.section}')}　[{hit.score:.3f}] {document.file}")
            print("".join(f"   {plain(line)}\n" for line in hit.chunk.text.split("\n")))


def _document(source: str, settings: Settings) -> Document:
    """The document in a file, or the one of that name in the index."""
    path = Path(source)
    if path.exists():
        from ingest.reader import read

        return read(path)
    from index.manifest import has_index
    from index.snapshot import open_snapshot

    snapshot = open_snapshot(settings.index, store=settings.store) if has_index(settings.index) else None
    entry = snapshot.find(source) if snapshot else None
    if snapshot is None or entry is None:
        raise ConfigError(f"没有这个文件，索引里也没有：{source!r}（索引：{settings.index}）；请检查路径或文件名")
    return snapshot.document(entry.id)
