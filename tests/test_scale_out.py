"""What docs/scale-out.md and the compose file tell people to type exists."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from index.milvus import read_address
from settings import Settings

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "scale-out.md").read_text(encoding="utf-8")
COMPOSE = (ROOT / "deploy" / "milvus-compose.yaml").read_text(encoding="utf-8")


def test_every_setting_is_one() -> None:
    named = set(re.findall(r"WENCE_([A-Z_]+)", GUIDE + COMPOSE))
    assert named == {"STORE", "PROCESSES"}
    assert {name.lower() for name in named} <= {field.name for field in fields(Settings)}
    for address in re.findall(r"WENCE_STORE=(milvus\S+?)[`\s]", GUIDE):
        assert read_address(address)


def test_every_file_is_there() -> None:
    for name in set(re.findall(r"\b(?:docs|deploy|benchmarks)/[\w.-]+\.\w+", GUIDE)):
        assert (ROOT / name).is_file(), name


def test_the_compose_file_offers_nothing_to_the_network_and_holds_no_secret() -> None:
    yaml = pytest.importorskip("yaml")
    told = yaml.safe_load(COMPOSE)
    services = told["services"]
    assert services.keys() == {"etcd", "minio", "standalone"}
    assert [port for one in services.values() for port in one.get("ports", [])] == ["127.0.0.1:19530:19530"]
    assert services["standalone"]["environment"]["COMMON_SECURITY_AUTHORIZATIONENABLED"] == "true"
    for secret in ("MINIO_ROOT_PASSWORD", "MINIO_SECRET_ACCESS_KEY"):
        [value] = [one["environment"][secret] for one in services.values() if secret in one.get("environment", {})]
        assert value.startswith("${MINIO_PASSWORD:?")
    kept = [volume.partition(":")[0] for one in services.values() for volume in one.get("volumes", [])]
    assert sorted(kept) == sorted(told["volumes"])
    assert all(re.search(r":v?[\w.${}-]+$", one["image"]) and "latest" not in one["image"] for one in services.values())
