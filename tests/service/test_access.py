from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import create_app
from errors import ConfigError, UsageError
from service.access import ROLES, KeyFile, RateLimit, Role, Sessions
from service.guard import rule_for
from service.server import run
from settings import Settings
from tests.service.conftest import client_of

# The least role that may do it, for every route there is.
MAY = {
    ("POST", "/v1/ask"): "reader",
    ("POST", "/v1/ask/stream"): "reader",
    ("POST", "/v1/match"): "reader",
    ("POST", "/v1/draft"): "staff",
    ("GET", "/v1/approved"): "reader",
    ("POST", "/v1/approved"): "staff",
    ("GET", "/v1/approved/{number}"): "reader",
    ("POST", "/v1/approved/{number}/review"): "staff",
    ("POST", "/v1/approved/{number}/accept"): "approver",
    ("POST", "/v1/approved/{number}/withdraw"): "staff",
    ("GET", "/v1/search"): "reader",
    ("GET", "/v1/documents"): "reader",
    ("GET", "/v1/documents/{doc}"): "reader",
    ("GET", "/v1/documents/{doc}/text"): "reader",
    ("POST", "/v1/documents/preview"): "staff",
    ("POST", "/v1/documents"): "staff",
    ("DELETE", "/v1/documents/{doc}"): "admin",
    ("POST", "/v1/eval"): "admin",
    ("GET", "/v1/eval"): "admin",
    ("DELETE", "/v1/eval"): "admin",
    ("GET", "/v1/models"): "reader",
    ("POST", "/v1/chat/completions"): "reader",
    ("GET", "/metrics"): "staff",
    ("GET", "/health"): None,
    ("GET", "/ready"): None,
}


@pytest.fixture
def tokens(settings: Settings) -> dict[str, str]:
    keys = KeyFile(settings.key_file)
    return {role: keys.add(f"test {role}", role) for role in ROLES}


@pytest.fixture
def client(settings: Settings, tokens: dict[str, str]) -> Iterator[TestClient]:
    with client_of(settings) as opened:
        yield opened


def status(client: TestClient, method: str, path: str, token: str | None) -> int:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return int(
        client.request(method, path.replace("{doc}", "none").replace("{number}", "9"), headers=headers).status_code
    )


def test_the_table_names_every_route(settings: Settings) -> None:
    paths = create_app(settings).openapi()["paths"]
    assert {(method.upper(), path) for path, methods in paths.items() for method in methods} == set(MAY)


@pytest.mark.parametrize(("method", "path"), MAY)
def test_each_role_does_what_it_may_and_nothing_else(
    client: TestClient, tokens: dict[str, str], method: str, path: str
) -> None:
    least = MAY[method, path]
    assert (status(client, method, path, None) == 401) == (least is not None)
    assert (status(client, method, path, "wk_00000000_wrong") == 401) == (least is not None)
    for role, token in tokens.items():
        refused = least is not None and ROLES[role] < ROLES[least]
        assert (status(client, method, path, token) == 403) == refused, role


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/mcp/", "/mcp", "/docs/assets/swagger-ui.css", "/nothing"])
def test_mounted_applications_and_unknown_paths_need_a_key_too(client: TestClient, path: str) -> None:
    assert status(client, "GET", path, None) == 401
    assert status(client, "POST", path, None) == 401


@pytest.mark.parametrize("path", ["/v1/documents/../metrics", "//metrics", "/v1//documents", "/V1/DOCUMENTS"])
def test_no_spelling_of_a_path_gets_round_the_door(client: TestClient, tokens: dict[str, str], path: str) -> None:
    assert client.delete(path, headers={"authorization": f"Bearer {tokens['reader']}"}).status_code in (403, 404, 405)
    assert rule_for("DELETE", "/v1/documents/x").role is Role.ADMIN


def test_a_key_that_is_taken_back_no_longer_opens(
    client: TestClient, settings: Settings, tokens: dict[str, str]
) -> None:
    assert status(client, "GET", "/v1/documents", tokens["reader"]) == 200
    KeyFile(settings.key_file).remove("test reader")
    assert status(client, "GET", "/v1/documents", tokens["reader"]) == 401


def test_keys_are_kept_as_hashes_for_their_owner_only(settings: Settings, tokens: dict[str, str]) -> None:
    text = settings.key_file.read_text(encoding="utf-8")
    assert [token for token in tokens.values() if token in text or token.split("_", 2)[2] in text] == []
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
    assert [row["role"] for row in json.loads(text)] == ["reader", "staff", "approver", "admin"]


def test_keys_that_cannot_be_made(settings: Settings) -> None:
    keys = KeyFile(settings.key_file)
    keys.add("a", "reader")
    for name, role in (("a", "reader"), ("b", "root"), ("", "reader"), ("x\ny", "reader"), ("n" * 81, "reader")):
        with pytest.raises(UsageError):
            keys.add(name, role)
    with pytest.raises(UsageError):
        keys.remove("b")
    assert [key.name for key in keys.all()] == ["a"]


def test_keys_made_at_once_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda i: KeyFile(path).add(f"k{i}", "reader"), range(24)))
    keys = KeyFile(path)
    assert sorted(key.name for key in keys.all()) == sorted(f"k{i}" for i in range(24))
    assert all(keys.caller(token) for token in tokens)


def test_a_broken_key_file_opens_to_nobody(client: TestClient, settings: Settings, tokens: dict[str, str]) -> None:
    settings.key_file.write_text("{", encoding="utf-8")
    assert status(client, "GET", "/v1/documents", tokens["admin"]) >= 400
    assert status(client, "GET", "/v1/documents", None) >= 400
    with pytest.raises(ConfigError):
        KeyFile(settings.key_file).all()


def test_too_many_requests_are_told_when_to_come_back(settings: Settings, tokens: dict[str, str]) -> None:
    with client_of(replace(settings, rate="3/minute")) as client:
        seen = [status(client, "GET", "/v1/documents", tokens["reader"]) for _ in range(5)]
        assert seen == [200, 200, 200, 429, 429]
        assert status(client, "GET", "/v1/documents", tokens["staff"]) == 200
        late = client.get("/v1/documents", headers={"authorization": f"Bearer {tokens['reader']}"})
        assert late.headers["retry-after"] == "60"


def test_sessions_end_with_their_time_their_number_and_their_key(settings: Settings, tokens: dict[str, str]) -> None:
    keys = KeyFile(settings.key_file)
    reader, staff = keys.caller(tokens["reader"]), keys.caller(tokens["staff"])
    assert reader is not None
    assert staff is not None
    short = Sessions(keys, seconds=0)
    assert short.caller(short.open(reader)) is None
    few = Sessions(keys, most=2)
    first, second, third = few.open(reader), few.open(staff), few.open(reader)
    assert [few.caller(value) for value in (first, second, third, "", first[:-1])] == [None, staff, reader, None, None]
    keys.remove("test staff")
    assert few.caller(second) is None
    few.close(third)
    assert few.caller(third) is None
    assert Sessions(keys).cookie != Sessions(keys).cookie


def test_a_rate_that_makes_no_sense() -> None:
    with pytest.raises(ConfigError, match="120/minute"):
        RateLimit("often")
    assert RateLimit("1/second").allows("somebody")


def test_other_sites_and_foreign_names_are_kept_out(settings: Settings) -> None:
    with client_of(settings) as client:
        body = {"question": "补贴多少"}
        assert client.post("/v1/ask", json=body, headers={"origin": "https://evil.example"}).status_code == 403
        assert client.post("/v1/ask", json=body, headers={"origin": "null"}).status_code == 403
        assert client.post("/v1/ask", json=body, headers={"host": "evil.example"}).status_code == 403
        assert client.post("/v1/ask", json=body, headers={"origin": "http://127.0.0.1:7861"}).status_code == 200
        preflight = client.options("/v1/ask", headers={"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in preflight.headers


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"])
def test_without_keys_nobody_comes_in_through_a_proxy(settings: Settings, header: str) -> None:
    with client_of(settings) as client:
        assert client.get("/v1/documents").status_code == 200
        assert client.get("/v1/documents", headers={header: "198.51.100.7"}).status_code == 403
        assert client.delete("/v1/documents/none", headers={header: "127.0.0.1"}).status_code == 403


def test_with_keys_a_proxy_may_stand_in_front(client: TestClient, tokens: dict[str, str]) -> None:
    headers = {"x-forwarded-for": "198.51.100.7", "host": "policy.example"}
    assert client.get("/v1/documents", headers=headers).status_code == 401
    headers["authorization"] = f"Bearer {tokens['reader']}"
    assert client.get("/v1/documents", headers=headers).status_code == 200


def test_without_keys_nobody_else_comes_in(settings: Settings) -> None:
    app = create_app(settings)
    with TestClient(app, base_url="http://127.0.0.1", client=("10.0.0.9", 5000)) as stranger:
        assert stranger.get("/v1/documents").status_code == 401
        assert stranger.get("/health").status_code == 200


def test_without_keys_the_server_stays_on_this_machine(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="wence key add"):
        run(lambda made, _: create_app(made), settings, "0.0.0.0", 0, what="接口")


def test_security_headers(settings: Settings) -> None:
    with client_of(settings) as client:
        for path in ("/health", "/v1/documents", "/nothing", "/docs"):
            headers = client.get(path).headers
            assert headers["x-frame-options"] == "DENY"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["referrer-policy"] == "no-referrer"
            assert "server" not in headers
