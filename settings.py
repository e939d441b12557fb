"""Settings, read once from the environment (WENCE_…)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a user may choose without touching code.

    index      folder of the index (WENCE_INDEX, default `.wence`)
    embedding  name or path of a sentence-transformers model; `None` is the one that ships (WENCE_EMBEDDING)
    store      an engine that finds candidates in place of this machine's files (WENCE_STORE, docs/scale-out.md):
               milvus+http://HOST:19530 or milvus+file:PATH.db
    threads    threads for embedding and processes for cutting words at build time, 1 to 64 (WENCE_THREADS, default 2:
               more of them wait for each other on a machine that does other work)
    processes  processes that read files at build time, 1 to 64 (WENCE_PROCESSES, default: one a core)
    vectors    kind of FAISS index (WENCE_VECTORS): `auto` (default: by the number of passages), `flat`, `sq8`, `ivf` or
               `hnsw` (docs/scale.md)

    Of a language model, which is not needed:

    model          its name at an OpenAI-compatible endpoint (WENCE_MODEL); None: answers are extracted
    model_url      the endpoint (WENCE_MODEL_URL, e.g. http://127.0.0.1:11434/v1; default: OpenAI's)
    model_key      its key (WENCE_MODEL_KEY); never printed
    model_timeout  seconds until an attempt is given up, 1 to 600 (WENCE_MODEL_TIMEOUT, default 60)
    model_retries  attempts after the first, with growing pauses, 0 to 10 (WENCE_MODEL_RETRIES, default 2)
    model_budget   characters of passages that it is shown, 500 to 100000 (WENCE_MODEL_BUDGET, default 6000: some
                   6,000 to 9,000 tokens)

    audit          whether answers are kept in the history beside the index (WENCE_AUDIT): `off` (default: nobody's
                   questions are kept unasked), `masked` without personal details, or `full`

    approved       file of replies that people have approved (WENCE_APPROVED, default: beside the index,
                   `.wence.approved.sqlite`)
    two_persons    whether a reply must be approved by another person than reviewed it (WENCE_TWO_PERSONS=1, default no)

    Of a server only:

    keys       file of API keys (WENCE_KEYS, default: beside the index, `.wence.keys.json`); without any key the server
               listens on loopback only, and whoever uses this machine may do everything
    rate       how often each key may ask (WENCE_RATE, default 240/minute)
    library    folder that uploads are kept in (WENCE_LIBRARY); None: documents cannot be added or removed, but by
               `wence ui`, which keeps them beside the index (`.wence.uploads`)
    log_questions  whether questions stand in the logs (WENCE_LOG_QUESTIONS=1, default no)
    """

    index: Path = Path(".wence")
    embedding: str | None = None
    store: str | None = field(default=None, repr=False)  # may hold a password
    threads: int = 2
    processes: int = 2
    vectors: Literal["auto", "flat", "sq8", "ivf", "hnsw"] = "auto"
    model: str | None = None
    model_url: str | None = None
    model_key: str | None = field(default=None, repr=False)
    model_timeout: float = 60.0
    model_retries: int = 2
    model_budget: int = 6000
    audit: Literal["off", "masked", "full"] = "off"
    approved: Path | None = None
    two_persons: bool = False
    keys: Path | None = None
    rate: str = "240/minute"
    library: Path | None = None
    log_questions: bool = False

    @property
    def uploads(self) -> Path:
        """Where `wence ui` keeps uploads when no folder was named."""
        return self.index.with_name(f"{self.index.name}.uploads")

    @property
    def audit_file(self) -> Path:
        """Where the history of answers is kept: beside the index, which is replaced and may be deleted."""
        return self.index.with_name(f"{self.index.name}.audit.jsonl")

    @property
    def approved_file(self) -> Path:
        """Where the approved replies are kept."""
        return self.approved or self.index.with_name(f"{self.index.name}.approved.sqlite")

    @property
    def key_file(self) -> Path:
        """Where the API keys are kept."""
        return self.keys or self.index.with_name(f"{self.index.name}.keys.json")


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings of this process; an empty variable counts as unset. Raises ConfigError for a number that is none."""
    return Settings(
        index=Path(environment.get("WENCE_INDEX") or Settings.index),
        embedding=environment.get("WENCE_EMBEDDING") or None,
        store=environment.get("WENCE_STORE") or None,
        threads=_number(environment, "WENCE_THREADS", Settings.threads, 1, 64),
        processes=_number(environment, "WENCE_PROCESSES", min(64, os.cpu_count() or 2), 1, 64),
        vectors=_vectors(environment),
        model=environment.get("WENCE_MODEL") or None,
        model_url=environment.get("WENCE_MODEL_URL") or None,
        model_key=environment.get("WENCE_MODEL_KEY") or None,
        model_timeout=_number(environment, "WENCE_MODEL_TIMEOUT", int(Settings.model_timeout), 1, 600),
        model_retries=_number(environment, "WENCE_MODEL_RETRIES", Settings.model_retries, 0, 10),
        model_budget=_number(environment, "WENCE_MODEL_BUDGET", Settings.model_budget, 500, 100_000),
        audit=_audit(environment),
        approved=_path(environment, "WENCE_APPROVED"),
        two_persons=environment.get("WENCE_TWO_PERSONS") == "1",
        keys=_path(environment, "WENCE_KEYS"),
        rate=environment.get("WENCE_RATE") or Settings.rate,
        library=_path(environment, "WENCE_LIBRARY"),
        log_questions=environment.get("WENCE_LOG_QUESTIONS") == "1",
    )


def _number(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    given = environment.get(name) or str(default)
    if not (given.isascii() and given.isdigit() and least <= int(given) <= most):
        raise ConfigError(f"{name} 应是 {least} 到 {most} 的整数，现为 {given!r}；请改正或取消这个环境变量")
    return int(given)


def _vectors(environment: Mapping[str, str]) -> Literal["auto", "flat", "sq8", "ivf", "hnsw"]:
    match environment.get("WENCE_VECTORS") or "auto":
        case "auto" | "flat" | "sq8" | "ivf" | "hnsw" as given:
            return given
        case given:
            raise ConfigError(f"WENCE_VECTORS 应是 auto、flat、sq8、ivf 或 hnsw，现为 {given!r}；请改正")


def _audit(environment: Mapping[str, str]) -> Literal["off", "masked", "full"]:
    match environment.get("WENCE_AUDIT") or "off":
        case "off" | "masked" | "full" as given:
            return given
        case given:
            raise ConfigError(f"WENCE_AUDIT 应是 off、masked 或 full，现为 {given!r}；请改正或取消这个环境变量")


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    return Path(environment[name]) if environment.get(name) else None
