"""Settings, read once from the environment: WENCE_INDEX, WENCE_EMBEDDING, WENCE_THREADS."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a user may choose without touching code.

    index      folder of the index (WENCE_INDEX, default `.wence`)
    embedding  name or path of a sentence-transformers model; `None` is the one that ships (WENCE_EMBEDDING)
    threads    threads for embedding and processes for cutting words at build time, 1 to 64 (WENCE_THREADS, default 2:
               more of them wait for each other on a machine that does other work)
    """

    index: Path = Path(".wence")
    embedding: str | None = None
    threads: int = 2


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings of this process; an empty variable counts as unset. Raises ConfigError for a bad number of threads."""
    threads = environment.get("WENCE_THREADS") or str(Settings.threads)
    if not (threads.isascii() and threads.isdigit() and 1 <= int(threads) <= 64):
        raise ConfigError(f"WENCE_THREADS 应是 1 到 64 的整数，现为 {threads!r}；请改正或取消这个环境变量")
    return Settings(
        index=Path(environment.get("WENCE_INDEX") or Settings.index),
        embedding=environment.get("WENCE_EMBEDDING") or None,
        threads=int(threads),
    )
