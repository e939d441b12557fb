"""Gradio's own page tells its language before its scripts begin, and nothing else is touched."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from fastapi.testclient import TestClient

from web.frame import Frame

PAGE = """<!doctype html>
<html
	lang="en"
><head><meta charset="utf-8">
<meta property="og:title" content="Gradio" /><meta
	name="twitter:image"
	content="https://elsewhere.example/a.jpg"
/><title>问策</title></head></html>"""


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    app.add_middleware(Frame, languages={"/ui": "zh-CN", "/ui/en": "en"})

    @app.get("/ui/")
    def page() -> HTMLResponse:
        return HTMLResponse(PAGE)

    @app.get("/ui/en/")
    def parts() -> StreamingResponse:
        return StreamingResponse(iter([PAGE[:9], PAGE[9:]]), media_type="text/html")

    @app.get("/ui")
    def data() -> JSONResponse:
        return JSONResponse({"page": PAGE})

    @app.get("/other")
    def other() -> HTMLResponse:
        return HTMLResponse(PAGE)

    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize(("path", "code"), [("/ui/", "zh-CN"), ("/ui/en/", "en")])
def test_a_page_is_in_its_language(client: TestClient, path: str, code: str) -> None:
    got = client.get(path)
    assert got.text.startswith(f'<!doctype html>\n<html lang="{code}"\n><head><script>Object.defineProperty(navigator')
    assert f"value: '{code}'" in got.text
    assert "<title>问策</title>" in got.text
    assert "og:" not in got.text
    assert "elsewhere" not in got.text
    assert int(got.headers.get("content-length", len(got.content))) == len(got.content)


def test_nothing_else_is_touched(client: TestClient) -> None:
    assert (client.get("/other")).text == PAGE
    assert (client.get("/ui")).json() == {"page": PAGE}
