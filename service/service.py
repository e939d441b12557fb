"""What the doors of one process work with: one desk, one shelf, one set of keys, rates, log-ins and figures."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass, field

from assistant.answer import Answer
from assistant.models import open_model
from service.access import KeyFile, RateLimit, Sessions
from service.desk import Desk
from service.guard import Figures
from service.shelf import Shelf
from service.trials import Trials
from settings import Settings


@dataclass(frozen=True, kw_only=True)
class Service:
    """Made once for a process. `ending` is closed when it ends, `leaving` is set as soon as it is told to stop."""

    settings: Settings
    desk: Desk
    shelf: Shelf
    trials: Trials
    keys: KeyFile
    limit: RateLimit
    sessions: Sessions
    figures: Figures
    leaving: asyncio.Event
    ending: ExitStack = field(default_factory=ExitStack)


def open_service(settings: Settings, leaving: asyncio.Event | None = None) -> Service:
    """Opens the index of `settings`. Raises WenceError when that cannot be done."""
    figures = Figures()

    def told(answer: Answer) -> None:
        figures.answers.labels(answer.reason or "answered").inc()

    desk = Desk(settings, open_model(settings), told=told)
    keys = KeyFile(settings.key_file)
    service = Service(
        settings=settings,
        desk=desk,
        shelf=Shelf(settings.library, desk, processes=settings.threads),
        trials=Trials(desk),
        keys=keys,
        limit=RateLimit(settings.rate),
        sessions=Sessions(keys),
        figures=figures,
        leaving=leaving or asyncio.Event(),
    )
    service.ending.callback(service.trials.stop)
    return service
