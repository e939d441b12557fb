"""Settings, read once from the environment (WENCE_…)."""

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

    Of a server only:

    keys       file of API keys (WENCE_KEYS, default: beside the index, `.wence.keys.json`); without any key the server
               listens on loopback only, and whoever uses this machine may do everything
    rate       how often each key may ask (WENCE_RATE, default 240/minute)
    library    folder that uploads are kept in (WENCE_LIBRARY); None: documents cannot be added or removed
    log_questions  whether questions stand in the logs (WENCE_LOG_QUESTIONS=1, default no)
    """

    index: Path = Path(".wence")
    embedding: str | None = None
    threads: int = 2
    keys: Path | None = None
    rate: str = "240/minute"
    library: Path | None = None
    log_questions: bool = False

    @property
    def key_file(self) -> Path:
        """Where the API keys are kept."""
        return self.keys or self.index.with_name(f"{self.index.name}.keys.json")


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings of this process; an empty variable counts as unset. Raises ConfigError for a bad number of threads."""
    threads = environment.get("WENCE_THREADS") or str(Settings.threads)
    if not (threads.isascii() and threads.isdigit() and 1 <= int(threads) <= 64):
        raise ConfigError(f"WENCE_THREADS 应是 1 到 64 的整数，现为 {threads!r}；请改正或取消这个环境变量")
    return Settings(
        index=Path(environment.get("WENCE_INDEX") or Settings.index),
        embedding=environment.get("WENCE_EMBEDDING") or None,
        threads=int(threads),
        keys=_path(environment, "WENCE_KEYS"),
        rate=environment.get("WENCE_RATE") or Settings.rate,
        library=_path(environment, "WENCE_LIBRARY"),
        log_questions=environment.get("WENCE_LOG_QUESTIONS") == "1",
    )


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    return Path(environment[name]) if environment.get(name) else None
