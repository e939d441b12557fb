"""Uploads that mean harm, and a real server that has to live through them."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
from fastapi.testclient import TestClient

from index.snapshot import verify
from settings import Settings
from tests.service.test_server import serving

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
MEGABYTE = 1024 * 1024
QUESTION = "首次播出的原创动画片最高补贴多少？"


def packed(parts: dict[str, str | int]) -> bytes:
    """A ZIP; a number stands for so many megabytes of zeros."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            with archive.open(name, "w") as part:
                for block in [b"0" * MEGABYTE] * data if isinstance(data, int) else [data.encode()]:
                    part.write(block)
    return made.getvalue()


def word(document: str | int) -> bytes:
    types = (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
    )
    links = (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}" Target="word/document.xml"/></Relationships>'
    )
    return packed({"[Content_Types].xml": types, "_rels/.rels": links, "word/document.xml": document})


def body(text: str, before: str = "") -> str:
    return f'{before}<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>'


def pages(count: int) -> bytes:
    """A PDF of empty pages."""
    kids = " ".join(f"{at} 0 R" for at in range(3, count + 3))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {count}/Kids[{kids}]>>"]
    objects += ["<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"] * count
    out, offsets = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, value in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(f"{number} 0 obj\n{value}\nendobj\n".encode())
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.writelines(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out.write(f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


LAUGHS = "".join(f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 10}">' for at in range(9))
HOSTILE: dict[str, Callable[[], bytes]] = {
    "pages.pdf": lambda: pages(10_000),
    "cut.pdf": lambda: pages(10)[:300],
    "bomb.docx": lambda: word(300),
    "laughs.docx": lambda: word(body("&j;", f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{LAUGHS}]>')),
    "outside.docx": lambda: word(body("&e;", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>')),
    "bomb.ofd": lambda: packed({"OFD.xml": 200}),
    "climbs.ofd": lambda: packed({"OFD.xml": "<x/>", "../../../../tmp/wence-climbed.txt": "x"}),
    "script.html": lambda: b"<html><script>alert(1)</script></html>",
}


def test_each_is_refused_in_one_line_and_nothing_is_left(client: TestClient, settings: Settings) -> None:
    for name, make in HOSTILE.items():
        data = make()
        began = time.monotonic()
        for path, field in (("/v1/documents/preview", "file"), ("/v1/documents", "files")):
            response = client.post(path, files=[(field, (name, data))])
            message = response.json()["error"]["message"]
            assert (response.status_code, message.count("\n")) == (422, 0), message
            assert name in message
            assert "wence-" not in message, "no folder of ours is told"
        assert time.monotonic() - began < 10, name
    assert settings.library is not None
    assert list(settings.library.iterdir()) == []
    assert not Path("/tmp/wence-climbed.txt").exists()
    assert len(client.get("/v1/documents").json()["documents"]) == 3
    assert verify(settings.index) == []


def test_scripts_and_handlers_of_a_page_are_no_part_of_its_text(client: TestClient) -> None:
    page = (
        "<html><head><title>图片</title></head><body><h1>临河市图片管理办法</h1>"
        "<script>alert('第九条 补贴九元。')</script>"
        "<p onclick='alert(2)'>第一条 图片补贴为5元。<img src=x onerror=alert(3)></p>"
        "<p>第二条 逾期不补&lt;b&gt;。</p></body></html>"
    )
    added = client.post("/v1/documents", files=[("files", ("图片.html", page.encode()))])
    assert added.json()["added"] == 1
    text = client.get("/v1/documents/图片.html/text").text
    assert "第一条 图片补贴为5元。" in text
    assert "逾期不补<b>。" in text  # as it reads, and escaped wherever it is shown
    assert [word for word in ("alert", "onerror", "onclick", "script", "第九条") if word in text] == []
    assert "5元" in client.post("/v1/ask", json={"question": "图片补贴为多少元？"}).json()["answer"]


def test_two_hundred_megabytes_are_cut_off_and_the_server_goes_on(settings: Settings) -> None:
    sent = 0

    def upload() -> Iterator[bytes]:
        nonlocal sent
        yield b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        for _ in range(200):
            yield b"a" * MEGABYTE
            sent += 1
        yield b"\r\n--b--\r\n"

    def peak(process: int) -> int:
        """Megabytes at most so far."""
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
        return int(status.split("VmHWM:")[1].split()[0]) // 1024

    with serving(settings) as (address, process):
        headers = {"content-type": "multipart/form-data; boundary=b"}
        httpx.post(f"{address}/v1/ask", json={"question": QUESTION})
        before = peak(process.pid)
        try:
            response = httpx.post(f"{address}/v1/documents/preview", content=upload(), headers=headers, timeout=60)
            assert (response.status_code, "请求太大" in response.text) == (413, True)
        except (httpx.WriteError, httpx.ReadError):
            pass  # it hung up while we were still sending
        assert sent < 150, "it does not listen to the end"
        assert peak(process.pid) < before + 150
        answer = httpx.post(f"{address}/v1/ask", json={"question": QUESTION}).json()
        assert "100万元" in answer["answer"]
