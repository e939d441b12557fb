"""`wence build`: once, or whenever the files change; and which answers cite what has changed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from errors import SnapshotError, WenceError
from service.terminal import IndexOption, JsonOption, complain, plain, print_json, progress, settings_for
from settings import Settings

if TYPE_CHECKING:
    from assistant.affected import Affected
    from index.build import Engine
    from index.snapshot import Snapshot


def build(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="文件或文件夹")],
    index: IndexOption = None,
    as_json: JsonOption = False,
    strict: Annotated[bool, typer.Option("--strict", help="有一个文件读不了，退出状态就是 1")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="一直看着这些文件，有变化就重建，直到中断（Ctrl-C）")] = False,
    every: Annotated[float, typer.Option("--every", min=0.1, max=3600, help="--watch 隔几秒看一次")] = 2.0,
    engine: Annotated[
        Literal["local", "ray"], typer.Option("--engine", help="由谁读文件、算向量：本机，或 Ray 集群（RAY_ADDRESS）")
    ] = "local",
) -> None:
    """Publish an index of `paths`, once or whenever they change."""
    settings = settings_for(index)
    if not watch:
        if not _build(paths, settings, engine, as_json, strict):
            raise typer.Exit(1)
        return
    from index.watch import watch as keep_in_step

    def rebuild() -> None:
        try:
            _build(paths, settings, engine, as_json, strict)
        except WenceError as error:
            complain(str(error))

    with _interrupted() as stop:
        keep_in_step(paths, rebuild, stop, every=every)


def _build(paths: list[Path], settings: Settings, engine: Engine, as_json: bool, strict: bool) -> bool:
    """Build, and say what was done and which answers to look at again; whether it went well."""
    from index.build import build as build_index
    from index.embedding import open_embedding
    from render import affected_json, report_json

    review = _Review(settings)
    with progress("读取") as told:
        report = build_index(
            paths,
            settings.index,
            embedding=open_embedding(settings.embedding, settings.threads),
            processes=settings.processes,
            vectors=None if settings.vectors == "auto" else settings.vectors,
            store=settings.store,
            engine=engine,
            progress=told,
        )
    found = review.affected() if report.documents else []
    if as_json:
        print_json({**report_json(report), "answers_to_review": [affected_json(one) for one in found]})
    elif report.documents:
        print(
            f"索引已发布：{settings.index}，{report.documents} 份文件、{report.sections} 节、{report.chunks} 段"
            f"（新增 {report.added}，更新 {report.updated}，未变 {report.unchanged}，移除 {report.removed}），"
            f"用时 {report.seconds:.1f} 秒",
            flush=True,
        )
        for one in found:
            name = "批准的答复第" if one.kind == "approved" else "问答记录第"
            print(plain(f"请复核{name} {one.number} 号：{one.question}　引用的条目有改动：{'、'.join(one.cites)}"))
    for failure in report.failed:
        complain(failure.error)
    for warned in report.warnings:
        complain(warned.warning)
    if not report.documents:
        lack = "没有一份文件有可引用的正文" if report.warnings else "没有一份文件读得出来"
        complain(f"{lack}，索引没有改动：{settings.index}；请检查给出的路径")
    return bool(report.documents) and not (strict and report.failed)


class _Review:
    """The index as it stands before a build, if there are answers that may cite it."""

    def __init__(self, settings: Settings) -> None:
        from index.manifest import has_index
        from index.snapshot import open_snapshot

        self._settings = settings
        self._before: Snapshot | None = None
        kept = settings.audit_file.exists() or settings.approved_file.exists()
        if kept and has_index(settings.index):
            with suppress(SnapshotError):  # damaged or of an older form: the build replaces it
                self._before = open_snapshot(settings.index)

    def affected(self) -> list[Affected]:
        """The answers that cite what has changed since."""
        if self._before is None:
            return []
        from assistant.affected import affected, changed
        from assistant.approved import Approved
        from assistant.audit import History
        from index.snapshot import open_snapshot

        settings, after = self._settings, open_snapshot(self._settings.index)
        try:
            changes = changed(self._before, after)
        finally:
            self._before.close()
            after.close()
        return affected(changes, History(settings.audit_file), Approved(settings.approved_file))


@contextmanager
def _interrupted() -> Iterator[Event]:
    """An event that Ctrl-C and termination set; nothing under way is broken off."""
    stop = Event()
    before = {kind: signal.signal(kind, lambda *_: stop.set()) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
