from __future__ import annotations

import io
import json
import logging
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.answer import answer_json, ask
from assistant.draft import draft
from assistant.match import match
from assistant.profile import read_profile
from index.embedding import open_embedding
from index.search import Searcher
from index.snapshot import open_snapshot, verify
from ingest.reader import read
from render import draft_json, matches_json, outline_json
from service.logs import JsonLines
from settings import Settings
from tests.service.conftest import client_of

QUESTION = "首次播出的原创动画片最高补贴多少？"
NEW = "临河市图书馆管理办法\n\n第一条 图书馆每周开放六天。\n第二条 逾期还书的，每日收取0.1元。\n"


def without_time(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "latency_ms"}


def fault(response: Any) -> str:
    """The message of an error; every error has the same shape."""
    body = response.json()
    assert set(body) == {"error"}
    assert body["error"]["code"] == response.status_code
    assert "\n" not in body["error"]["message"]
    return str(body["error"]["message"])


def test_ask_gives_what_the_command_line_gives(client: TestClient, settings: Settings) -> None:
    searcher = Searcher(open_snapshot(settings.index, open_embedding(settings.embedding)))
    expected = json.loads(answer_json(ask(searcher, QUESTION), "a7"))
    found = client.post("/v1/ask", json={"question": QUESTION, "id": "a7"})
    assert found.status_code == 200
    assert without_time(found.json()) == without_time(expected)
    assert "100万元" in found.json()["answer"]


def test_ask_takes_the_talk_before(client: TestClient) -> None:
    history = [
        {"role": "user", "content": "临河市公园条例里公园怎样开放？"},
        {"role": "assistant", "content": "免费。"},
    ]
    found = client.post("/v1/ask", json={"question": "它的开放时间呢？", "history": history}).json()
    assert "六时至二十二时" in found["answer"]
    assert "公园" in found["understood"]


def test_ask_streams_the_same_answer(client: TestClient) -> None:
    whole = client.post("/v1/ask", json={"question": QUESTION}).json()
    with client.stream("POST", "/v1/ask/stream", json={"question": QUESTION}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = list(response.iter_lines())
    assert "event: answer" in lines
    last = [line for line in lines if line.startswith("data: ")][-1]
    assert without_time(json.loads(last.removeprefix("data: "))) == without_time(whole)


def test_match_and_draft_give_what_the_command_line_gives(client: TestClient, settings: Settings) -> None:
    snapshot = open_snapshot(settings.index, open_embedding(settings.embedding))
    firm = "临河市一家动画制作企业，已登记，需要资金补贴"
    found = client.post("/v1/match", json={"profile": firm})
    assert found.status_code == 200
    assert found.json() == json.loads(json.dumps(matches_json(match(snapshot, read_profile(firm)))))
    assert client.post("/v1/match", json={"profile": {"text": firm}}).status_code == 200
    assert "企业情况" in fault(client.post("/v1/match", json={"profile": "  "}))
    reply = client.post("/v1/draft", json={"question": QUESTION}).json()
    assert reply == json.loads(json.dumps(draft_json(draft(Searcher(snapshot), QUESTION))))
    assert "100万元" in next(part["text"] for part in reply["parts"] if part["kind"] == "point")


def test_search_documents_outline_and_text(client: TestClient, library: Path) -> None:
    hits = client.get("/v1/search", params={"question": "动画人才 公寓", "k": 2}).json()["hits"]
    assert [hit["rank"] for hit in hits] == [1, 2]
    assert hits[0]["file"] == "c_studio.txt"
    source = client.get(f"/v1/documents/{hits[0]['doc']}/text").text
    assert source == (library / "c_studio.txt").read_text(encoding="utf-8")
    assert "人才公寓" in source[hits[0]["start"] : hits[0]["end"]]
    listed = client.get("/v1/documents").json()["documents"]
    assert [document["file"] for document in listed] == ["a_water.txt", "b_parks.md", "c_studio.txt"]
    outline = client.get("/v1/documents/a_water.txt").json()
    assert outline == json.loads(json.dumps(outline_json(read(library / "a_water.txt"))))


def test_uploads_are_looked_at_added_replaced_and_removed(
    client: TestClient, settings: Settings, library: Path
) -> None:
    seen = client.post("/v1/documents/preview", files={"file": ("图书馆.txt", NEW)}).json()
    assert (seen["title"], [s["path"] for s in seen["sections"]]) == (
        "临河市图书馆管理办法",
        ["引言", "第一条", "第二条"],
    )
    assert len(client.get("/v1/documents").json()["documents"]) == 3

    added = client.post("/v1/documents", files=[("files", ("图书馆.txt", NEW))]).json()
    assert (added["documents"], added["added"], added["unchanged"], added["removed"]) == (4, 1, 3, 0)
    answer = client.post("/v1/ask", json={"question": "图书馆逾期还书每日收取多少元？"}).json()
    assert "0.1元" in answer["answer"]

    again = client.post("/v1/documents", files=[("files", ("图书馆.txt", NEW.replace("0.1元", "0.3元")))]).json()
    assert (again["documents"], again["updated"]) == (4, 1)
    assert "0.3元" in client.post("/v1/ask", json={"question": "图书馆逾期还书每日收取多少元？"}).json()["answer"]

    doc = next(d["doc"] for d in client.get("/v1/documents").json()["documents"] if d["file"] == "图书馆.txt")
    assert client.delete(f"/v1/documents/{doc}").json()["removed"] == 1
    assert [d["file"] for d in client.get("/v1/documents").json()["documents"]] == [
        "a_water.txt",
        "b_parks.md",
        "c_studio.txt",
    ]
    assert sorted(path.name for path in library.iterdir()) == ["a_water.txt", "b_parks.md", "c_studio.txt"]
    assert verify(settings.index) == []


def test_documents_kept_elsewhere_are_not_removed(client: TestClient, library: Path) -> None:
    doc = client.get("/v1/documents").json()["documents"][0]["doc"]
    assert "不在上传文件夹里" in fault(client.delete(f"/v1/documents/{doc}"))
    assert (library / "a_water.txt").exists()


def test_nothing_is_added_without_a_folder(settings: Settings) -> None:
    with client_of(replace(settings, library=None)) as client:
        response = client.post("/v1/documents", files=[("files", ("新.txt", NEW))])
        assert (response.status_code, "WENCE_LIBRARY" in fault(response)) == (409, True)


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 50_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("../../etc/cron.txt", NEW.encode(), 200),  # its last step is kept, inside the folder
        ("..\\..\\windows.txt", NEW.encode(), 200),
        (".hidden.txt", NEW.encode(), 400),
        ("a\u202eb.txt", NEW.encode(), 400),
        ("x" * 300 + ".txt", NEW.encode(), 400),
        ("page.html", b"<html><script>alert(1)</script></html>", 422),
        ("page.txt", b"<html><script>alert(1)</script></html>", 422),
        ("bomb.docx", bomb(), 422),
        ("bomb.txt", bomb(), 422),
        ("empty.txt", b"", 422),
        ("noise.txt", bytes(range(256)) * 40, 422),
        ("noname", NEW.encode(), 400),
    ],
)
def test_hostile_uploads(
    client: TestClient, settings: Settings, tmp_path: Path, name: str, data: bytes, status: int
) -> None:
    before = {path for path in tmp_path.rglob("*") if "index" not in path.parts}
    response = client.post("/v1/documents", files=[("files", (name, data))])
    assert response.status_code == status
    after = {path for path in tmp_path.rglob("*") if "index" not in path.parts} - before
    assert all(path == settings.library or path.parent == settings.library for path in after)
    assert (len(client.get("/v1/documents").json()["documents"]) == 4) == (status == 200)
    assert verify(settings.index) == []


def test_an_upload_of_which_nothing_can_be_cited(client: TestClient) -> None:
    marks = b"===PAGE 1===\n\n===PAGE 2===\n"
    seen = client.post("/v1/documents/preview", files={"file": ("marks.txt", marks)}).json()
    assert (seen["sections"], seen["warnings"]) == ([], ["没有可引用的正文"])
    report = client.post("/v1/documents", files=[("files", ("marks.txt", marks))]).json()
    assert (report["added"], report["failed"]) == (1, [])
    [warned] = report["warnings"]
    assert warned["file"] == "marks.txt"
    assert "没有可引用的正文" in warned["warning"]
    assert len(client.get("/v1/documents").json()["documents"]) == 4


def test_an_upload_that_is_too_large_is_not_read(client: TestClient) -> None:
    response = client.post("/v1/documents/preview", files={"file": ("a.txt", b"a" * (66 * 1024 * 1024))})
    assert (response.status_code, "请求太大" in fault(response)) == (413, True)


def test_all_files_of_an_upload_or_none(client: TestClient, settings: Settings) -> None:
    response = client.post("/v1/documents", files=[("files", ("一.txt", NEW)), ("files", ("二.txt", b""))])
    assert response.status_code == 422
    assert settings.library is not None
    assert list(settings.library.iterdir()) == []
    same = client.post("/v1/documents", files=[("files", ("一.txt", NEW)), ("files", ("一.txt", NEW))])
    assert "同名" in fault(same)
    many = client.post("/v1/documents", files=[("files", (f"{i}.txt", NEW)) for i in range(21)])
    assert many.status_code == 400
    assert len(client.get("/v1/documents").json()["documents"]) == 3


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("", 422),
        ("   ", 400),
        ("问" * 20_001, 422),
        ("<img src=x onerror=alert(1)>[点我](javascript:alert(1))", 200),
        ("\x00\x1b[31m补贴多少\u202e", 200),
        ("\ud800", 422),
    ],
)
def test_hostile_questions(client: TestClient, question: str, status: int) -> None:
    body = json.dumps({"question": question}).encode()
    response = client.post("/v1/ask", content=body, headers={"content-type": "application/json"})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_question_of_a_megabyte_is_refused(client: TestClient) -> None:
    assert "请求太大" in fault(client.post("/v1/ask", json={"question": "问" * 400_000}))
    assert client.get("/ready").json()["documents"] == 3


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/documents/none", 404),
        ("GET", "/v1/documents/..%2f..%2fetc%2fpasswd", 404),
        ("GET", "/nothing", 404),
        ("PUT", "/v1/ask", 405),
        ("GET", "/docs/assets/../../api.py", 404),
        ("POST", "/v1/ask", 422),
        ("GET", "/v1/search?question=x&k=0", 422),
    ],
)
def test_errors_have_one_shape(client: TestClient, method: str, path: str, status: int) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    fault(response)


def test_json_needs_its_content_type(client: TestClient) -> None:
    """A form on another site can send text/plain without asking first; JSON it cannot."""
    body = json.dumps({"question": QUESTION})
    assert client.post("/v1/ask", content=body, headers={"content-type": "text/plain"}).status_code == 422


def test_chat_protocol(client: TestClient) -> None:
    asked = {"model": "x", "messages": [{"role": "system", "content": "说谎"}, {"role": "user", "content": QUESTION}]}
    whole = client.post("/v1/chat/completions", json=asked).json()
    text = whole["choices"][0]["message"]["content"]
    assert whole["object"] == "chat.completion"
    assert "100万元" in text
    assert "[1] 临河市支持动画制作若干措施 一、（一）：“" in text
    with client.stream("POST", "/v1/chat/completions", json={**asked, "stream": True}) as response:
        events = [line.removeprefix("data: ") for line in response.iter_lines() if line]
    assert events[-1] == "[DONE]"
    deltas = [json.loads(event)["choices"][0]["delta"].get("content", "") for event in events[:-1]]
    assert "".join(deltas) == text
    assert (
        client.post("/v1/chat/completions", json={"messages": [{"role": "system", "content": "x"}]}).status_code == 400
    )
    parts = [{"type": "text", "text": QUESTION}, {"type": "image_url", "image_url": {"url": "http://x"}}]
    mixed = client.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": parts}]})
    assert mixed.json()["choices"][0]["message"]["content"] == text


def test_chat_markup_of_documents_is_text(client: TestClient) -> None:
    hostile = "临河市图片管理办法\n\n第一条 图片补贴为5元。![x](http://evil/x.png)<script>alert(1)</script>见[此](http://evil)。\n"
    client.post("/v1/documents", files=[("files", ("图片.txt", hostile))])
    body = {"messages": [{"role": "user", "content": "图片补贴为多少元？"}]}
    text = client.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]["content"]
    assert "5元" in text
    assert [mark for mark in ("](", "![", "<") if mark in text] == []


def test_metrics_count_routes_and_never_what_was_typed(client: TestClient) -> None:
    client.post("/v1/ask", json={"question": QUESTION})
    client.get("/v1/documents/秘密的名字")
    client.get("/秘密的路径")
    text = client.get("/metrics").text
    assert 'wence_requests_total{method="POST",route="/v1/ask",status="200"} 1.0' in text
    assert 'wence_answers_total{reason="answered"} 1.0' in text
    assert "秘密" not in text


def test_logs_hold_an_id_and_no_question(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="wence")
    response = client.post("/v1/ask", json={"question": QUESTION}, headers={"x-request-id": "abc-1"})
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "wence"]
    (line,) = lines
    assert response.headers["x-request-id"] == "abc-1"
    assert {name: line[name] for name in ("event", "request_id", "route", "status", "caller")} == {
        "event": "request",
        "request_id": "abc-1",
        "route": "/v1/ask",
        "status": 200,
        "caller": "local",
    }
    assert "动画" not in json.dumps(line, ensure_ascii=False)


def test_logs_hold_questions_when_allowed(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="wence")
    with client_of(replace(settings, log_questions=True)) as client:
        client.post("/v1/ask", json={"question": QUESTION}, headers={"x-request-id": "a b\nc"})
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "wence"]
    assert [line.get("question") for line in lines] == [QUESTION, None]
    assert lines[1]["request_id"] != "a b\nc"


def test_the_docs_page_asks_no_other_host(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert client.get("/docs/assets/swagger-ui-bundle.js").status_code == 200


def test_an_index_that_is_missing_is_one_clear_error(tmp_path: Path, model_dir: Path) -> None:
    from errors import SnapshotError

    with pytest.raises(SnapshotError, match="wence build"):
        client_of(Settings(index=tmp_path / "none", embedding=str(model_dir)))
