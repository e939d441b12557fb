"""What is wrong with a request is said in one line of Chinese, over HTTP and to agents."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

JSON = {"content-type": "application/json"}
MCP = {**JSON, "accept": "application/json, text/event-stream"}


def told(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("", "body（缺少这一项）"),
        ("{", "body.1（不是完整的 JSON）"),
        ("[]", "body（应是 JSON 对象）"),
        ("{}", "body.question（缺少这一项）"),
        ('{"question": 5}', "body.question（应是文字）"),
        ('{"question": ""}', "body.question（至少 1 个字）"),
        (json.dumps({"question": "问" * 20_001}), "body.question（至多 20000 个字）"),
        ('{"question": "\\ud800"}', "body.question（不是完好的 Unicode 文字）"),
        ('{"question": "甲", "history": "乙"}', "body.history（应是列表）"),
        (
            '{"question": "甲", "history": [{"role": "system", "content": ""}]}',
            "body.history.0.role（应是 'user' 或 'assistant'）",
        ),
        (
            json.dumps({"question": "甲", "history": [{"role": "user", "content": "乙"}] * 51}),
            "body.history（至多 50 项）",
        ),
    ],
)
def test_a_body_that_does_not_fit(client: TestClient, body: str, line: str) -> None:
    response = client.post("/v1/ask", content=body.encode(), headers=JSON)
    assert told(response) == (422, f"请求不合格式：{line}；格式见 /docs")


@pytest.mark.parametrize(
    ("k", "line"),
    [("0", "应不小于 1"), ("101", "应不大于 100"), ("many", "应是整数"), ("9" * 5000, "应是整数，且不能这么长")],
)
def test_a_number_that_does_not_fit(client: TestClient, k: str, line: str) -> None:
    assert told(client.get("/v1/search", params={"question": "甲", "k": k})) == (
        422,
        f"请求不合格式：query.k（{line}）；格式见 /docs",
    )


@pytest.mark.parametrize(
    "body", [b'{"question": "\xff"}', b'{"question": ' + b"[" * 100_000, b'{"id": ' + b"9" * 5_000 + b"}"]
)
def test_a_body_that_cannot_be_read(client: TestClient, body: bytes) -> None:
    line = "请求的内容不是完好的 UTF-8 JSON，或嵌套太深；请改正"
    assert told(client.post("/v1/ask", content=body, headers=JSON)) == (400, line)


def test_forms_that_cannot_be_read(client: TestClient) -> None:
    path, file = "/v1/documents/preview", ("a.txt", b"x")
    many = client.post(path, files=[("file", file), ("file", file)])
    assert told(many) == (400, "一次上传的文件太多；请分几次上传")
    field = client.post(path, files={"file": file}, data={"more": "x"})
    assert told(field) == (400, "表单里只能有文件，不能有别的栏，文件也要有名称；请改正")
    bare = client.post(path, content=b"x", headers={"content-type": "multipart/form-data"})
    assert told(bare) == (400, "表单没有写明分隔（multipart 的 boundary）；请改正 Content-Type")


def called(client: TestClient, name: str, **arguments: object) -> tuple[bool, str]:
    """What the tool `name` says, and whether it failed."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    result = client.post("/mcp/", json=body, headers=MCP).json()["result"]
    return result["isError"], result["content"][0]["text"]


@pytest.mark.parametrize(
    ("tool", "arguments", "line"),
    [
        ("ask_policy", {}, "请求不合格式：question（缺少这一项）；请改正参数"),
        ("ask_policy", {"question": " "}, "问题是空的：请写出要问的内容"),
        ("search_policy", {"question": "甲", "k": 51}, "请求不合格式：k（应不大于 50）；请改正参数"),
        ("search_policy", {"question": " "}, "问题是空的；请写出要查的内容"),
        ("match_policy", {"profile": "{"}, '企业情况不是完整的 JSON；请写成 {"text": "…"} 或直接写一段话'),
        ("outline_policy", {"document": "无此文件"}, "索引里没有这份文件：'无此文件'；document 留空则列出所有文件"),
        ("outline_policy", {"detail": "x"}, "请求不合格式：detail（应是 'outline' 或 'list'）；请改正参数"),
        ("forget_policy", {}, "没有这个工具：'forget_policy'；tools/list 列出所有工具"),
    ],
)
def test_an_agent_hears_what_was_wrong(client: TestClient, tool: str, arguments: dict[str, object], line: str) -> None:
    assert called(client, tool, **arguments) == (True, line)


def test_what_breaks_inside_is_not_told_to_an_agent(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("/secret/place")

    monkeypatch.setattr("service.agents.read_profile", broken)
    failed, line = called(client, "match_policy", profile="甲")
    assert (failed, line) == (True, "服务出错了，已记入日志；请稍后再试，或告诉管理员")


def test_an_agent_finds_a_document_by_its_number_and_by_its_title(client: TestClient) -> None:
    by_file = called(client, "outline_policy", document="a_water.txt")
    assert not by_file[0]
    assert called(client, "outline_policy", document="临政发〔2021〕16号") == by_file
    assert called(client, "outline_policy", document="临河市节约用水办法") == by_file


def test_no_stream_is_left_open_for_agents(client: TestClient) -> None:
    for method in ("GET", "DELETE", "PUT"):
        response = client.request(method, "/mcp/")
        assert told(response) == (405, "MCP 在这里只接受 POST；见 /docs")
        assert response.headers["allow"] == "POST"
