"""Every error that the page or the HTTP interface may show can be said in English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.access import KeyFile
from service.english import in_english, prefers_english
from settings import Settings
from tests.service.conftest import client_of
from tests.service.test_faults import called

REPOSITORY = Path(__file__).parents[2]
HAN = re.compile("[\u3400-\u9fff]")
SHOWN = [  # whose errors a visitor meets; those of commands and settings are met where they are typed
    *("api.py", "service/approved_routes.py", "service/chat.py", "service/shelf.py", "service/trials.py"),
    *("assistant/approved.py", "assistant/profile.py", "assistant/question.py", "assistant/revise.py"),
    *("assistant/standing.py", "ingest/files.py"),
    *(f"ingest/formats/{path.name}" for path in sorted((REPOSITORY / "ingest" / "formats").glob("*.py"))),
]


def lines(path: str) -> Iterator[str]:
    """The messages of the errors that are raised there, 7 where a value stands."""
    for node in ast.walk(ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        arguments = node.args[:2] if name == "HTTPException" else node.args[:1]
        for argument in arguments if name.endswith(("Error", "Exception")) else ():
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value
            elif isinstance(argument, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in argument.values)


@pytest.mark.parametrize("path", SHOWN)
def test_every_line_has_its_english(path: str) -> None:
    unknown = [line for line in lines(path) if HAN.search(line) and HAN.search(in_english(line))]
    assert unknown in ([], ["7 7：7；7。"])  # the faults of packages, below


def test_there_are_lines_to_translate() -> None:
    assert sum(1 for path in SHOWN for line in lines(path) if HAN.search(line)) > 60


@pytest.mark.parametrize(
    ("line", "english"),
    [
        ("问题是空的：请写出要问的内容", "The question is empty: write what you want to know"),
        (
            "第 3 号答复现为“草稿”，不能改为“已批准”（须先是草稿或已审核）；请用 wence approve show 3 看经过",
            "Reply 3 is a draft and cannot become approved (it must be a draft or reviewed first): "
            "wence approve show 3 tells its history",
        ),
        (
            "不收这种文件：甲.exe；可上传 .txt、.md",
            "Files of this kind are not taken: 甲.exe: you may upload .txt, .md",
        ),
        (
            "DOCX 压缩包损坏或不完整：a.docx；请重新下载或重新保存。",
            "The DOCX package is damaged or incomplete: a.docx: download or save it again",
        ),
        ("从来没有这一句", "从来没有这一句"),
    ],
)
def test_lines(line: str, english: str) -> None:
    assert in_english(line) == english


def test_who_asks_in_english_hears_english(client: TestClient) -> None:
    assert [prefers_english(each) for each in ("en-GB,zh;q=0.5", "EN", "zh-CN,en", "", "*")] == [True, True] + 3 * [
        False
    ]
    for language, said in (("en-US,en;q=0.9", "The question is empty"), ("zh-CN", "问题是空的"), ("", "问题是空的")):
        headers = {"accept-language": language}
        known = client.post("/v1/ask", json={"question": " "}, headers=headers)
        assert known.json()["error"]["message"].startswith(said)
        streamed = client.post("/v1/ask/stream", json={"question": " "}, headers=headers)
        assert said.encode("unicode_escape").decode() in streamed.text or said in streamed.text
    english = {"accept-language": "en"}
    assert client.get("/nothing", headers=english).json()["error"]["message"] == (
        "There is nothing at this address: see /docs"
    )
    wrong = client.get("/v1/search", params={"question": "甲", "k": 0}, headers=english)
    assert wrong.json()["error"]["message"] == (
        "The request does not fit: query.k (Input should be greater than or equal to 1): see /docs"
    )


def test_the_door_refuses_in_the_language_of_who_knocks(settings: Settings) -> None:
    key = KeyFile(settings.key_file).add("one", "reader")
    with client_of(replace(settings, rate="3/minute")) as client:

        def refused(language: str, method: str, path: str, **more: str | bytes) -> tuple[int, str]:
            headers = {
                "accept-language": language,
                **({"authorization": f"Bearer {key}"} if more.pop("key", "") else {}),
            }
            response = client.request(method, path, headers=headers, content=more.get("content"))
            return response.status_code, response.json()["error"]["message"]

        english, chinese = refused("en", "GET", "/v1/documents"), refused("zh", "GET", "/v1/documents")
        assert english == (
            401,
            "A key is needed: send the header Authorization: Bearer wk_…; "
            "an administrator issues keys with wence key add",
        )
        assert chinese[1].startswith("需要密钥")
        assert refused("en", "GET", "/metrics", key="yes") == (
            403,
            "This key is a reader's, and this needs the role staff: ask an administrator",
        )
        large = refused("en-GB", "POST", "/v1/ask", key="yes", content=b"x" * 2_000_000)
        assert large == (413, "The request is too large: shorten the question, or upload the files in parts")
        assert refused("zh", "POST", "/v1/ask", key="yes", content=b"x" * 2_000_000)[1].startswith("请求太大")
        assert refused("en", "GET", "/mcp/x", key="yes")[1] == "There is nothing at this address: see /docs"
        assert refused("en", "GET", "/v1/documents", key="yes") == (429, "Too many requests: try again later")


def test_an_agent_that_asks_in_english_hears_english(client: TestClient) -> None:
    assert called(client, "search_policy", question="awards", k=51) == (
        True,
        "The request does not fit: k (Input should be less than or equal to 50): correct the arguments",
    )
    long = called(client, "ask_policy", question="a" * 20_001)
    assert long[1].startswith("The request does not fit: question (")
    assert called(client, "ask_policy", question="奖励" * 10_001)[1].startswith("请求不合格式")
    assert called(client, "forget_policy", question="which awards are there?") == (
        True,
        "There is no such tool: 'forget_policy': tools/list lists all",
    )
