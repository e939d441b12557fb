"""Saved replies over HTTP: the whole way, what each role may not do, and who is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.approved import Approved
from index.build import build
from index.embedding import open_embedding
from service.access import KeyFile
from settings import Settings
from tests.index.conftest import STUDIO
from tests.service.conftest import client_of
from tests.service.test_api import fault

QUESTION = "首次播出的原创动画片最高补贴多少？"
PEOPLE = {"访客": "reader", "经办": "staff", "处长": "approver", "管理": "admin"}


@pytest.fixture
def tokens(settings: Settings) -> dict[str, str]:
    keys = KeyFile(settings.key_file)
    return {name: keys.add(name, role) for name, role in PEOPLE.items()}


@pytest.fixture
def guarded(settings: Settings, tokens: dict[str, str]) -> Iterator[TestClient]:
    with client_of(settings) as opened:
        yield opened


def send(client: TestClient, token: str, method: str, path: str, **body: Any) -> Any:
    sent = {"json": body} if body else {}
    return client.request(method, f"/v1/approved{path}", headers={"authorization": f"Bearer {token}"}, **sent)


def test_the_whole_way_and_who_is_named(guarded: TestClient, tokens: dict[str, str], settings: Settings) -> None:
    saved = send(guarded, tokens["经办"], "POST", "", question=QUESTION)
    assert (saved.status_code, saved.json()["id"], saved.json()["state"]) == (200, 1, "draft")
    assert send(guarded, tokens["经办"], "POST", "/1/review").json()["state"] == "reviewed"
    accepted = send(guarded, tokens["处长"], "POST", "/1/accept").json()
    assert [(step["state"], step["by"]) for step in accepted["steps"]] == [
        ("draft", "经办"),
        ("reviewed", "经办"),
        ("approved", "处长"),
    ]
    listed = send(guarded, tokens["访客"], "GET", "").json()["replies"]
    assert [one["id"] for one in listed] == [1]
    assert send(guarded, tokens["访客"], "GET", "/1").json()["problems"] == []
    headers = {"authorization": f"Bearer {tokens['访客']}"}
    answer = guarded.post("/v1/ask", json={"question": f"请问{QUESTION}"}, headers=headers).json()
    assert answer["approved"] == {"id": 1, "by": "处长", "at": accepted["steps"][-1]["at"]}
    chat = {"messages": [{"role": "user", "content": QUESTION}]}
    said = guarded.post("/v1/chat/completions", json=chat, headers=headers).json()
    assert "本答复由处长于" in said["choices"][0]["message"]["content"]
    assert send(guarded, tokens["经办"], "POST", "/1/withdraw").json()["state"] == "withdrawn"
    assert "approved" not in guarded.post("/v1/ask", json={"question": QUESTION}, headers=headers).json()
    assert Approved(settings.approved_file).get(1).state == "withdrawn"


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        ("访客", "POST", ""),
        ("访客", "POST", "/1/review"),
        ("访客", "POST", "/1/accept"),
        ("访客", "POST", "/1/withdraw"),
        ("访客", "GET", "/1"),  # a draft
        ("访客", "GET", "?state=draft"),
        ("访客", "GET", "?state=all"),
        ("经办", "POST", "/1/accept"),
    ],
)
def test_what_a_role_may_not_do(
    guarded: TestClient, tokens: dict[str, str], settings: Settings, name: str, method: str, path: str
) -> None:
    send(guarded, tokens["经办"], "POST", "", question=QUESTION)
    if path == "/1/accept":
        send(guarded, tokens["管理"], "POST", "/1/review")
    before = Approved(settings.approved_file).get(1)
    response = send(guarded, tokens[name], method, path, **({"question": QUESTION} if method == "POST" else {}))
    assert (response.status_code, "密钥的角色是" in fault(response)) == (403, True)
    assert Approved(settings.approved_file).listing() == (before,)


def test_nobody_acts_in_the_name_of_another(guarded: TestClient, tokens: dict[str, str]) -> None:
    send(guarded, tokens["经办"], "POST", "", question=QUESTION)
    response = send(guarded, tokens["经办"], "POST", "/1/review", by="处长")
    assert (response.status_code, "密钥的名称" in fault(response)) == (400, True)
    assert send(guarded, tokens["经办"], "POST", "/1/review", by="经办").status_code == 200


def test_two_persons(settings: Settings, tokens: dict[str, str]) -> None:
    with client_of(replace(settings, two_persons=True)) as client:
        send(client, tokens["处长"], "POST", "", question=QUESTION)
        send(client, tokens["处长"], "POST", "/1/review")
        response = send(client, tokens["处长"], "POST", "/1/accept")
        assert (response.status_code, "另一人" in fault(response)) == (409, True)
        assert send(client, tokens["管理"], "POST", "/1/accept").status_code == 200


def test_without_keys_the_request_says_who(client: TestClient) -> None:
    assert client.post("/v1/approved", json={"question": QUESTION}).json()["steps"][0]["by"] == "本机"
    assert client.post("/v1/approved/1/review", json={"by": "李明"}).json()["steps"][-1]["by"] == "李明"
    assert client.post("/v1/approved/1/accept").json()["steps"][-1]["by"] == "本机"


def test_wrong_numbers_and_steps_are_told(client: TestClient) -> None:
    assert "没有第 9 号答复" in fault(client.get("/v1/approved/9"))
    assert client.get("/v1/approved/9").status_code == 404
    assert client.post("/v1/approved/9/review").status_code == 404
    client.post("/v1/approved", json={"question": QUESTION})
    response = client.post("/v1/approved/1/accept")
    assert (response.status_code, "不能改为“已批准”" in fault(response)) == (409, True)
    for path in ("/0", "/x", f"/{10**30}", "?state=none"):
        assert client.get(f"/v1/approved{path}").status_code == 422
    assert client.post("/v1/approved/1/review", json={"by": "\u202e"}).status_code == 400


def test_a_changed_section_is_told_and_the_answer_is_of_today(
    client: TestClient, settings: Settings, library: Path
) -> None:
    client.post("/v1/approved", json={"question": QUESTION})
    client.post("/v1/approved/1/review")
    client.post("/v1/approved/1/accept")
    assert client.post("/v1/ask", json={"question": QUESTION}).json()["approved"]["by"] == "本机"
    (library / "c_studio.txt").write_text(STUDIO.replace("100万元", "300万元"), encoding="utf-8")
    build([library], settings.index, embedding=open_embedding(settings.embedding))
    answer = client.post("/v1/ask", json={"question": QUESTION}).json()
    assert "approved" not in answer
    assert "300万元" in answer["answer"]
    assert answer["notes"][-1].startswith("已批准的第1号答复须复核")
    assert "临河市支持动画制作若干措施" in client.get("/v1/approved/1").json()["problems"][0]
