"""`wence verify`, `status`, `outline`, `diff`, `text` and `search`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.reader import read
from tests.commands import Wence, built, one_line, wence
from tests.index.conftest import PARKS, STUDIO, WATER, library, model_dir

__all__ = ["built", "library", "model_dir", "wence"]  # fixtures


def test_verify_finds_nothing_or_names_it(built: Wence, tmp_path: Path) -> None:
    assert built.json("verify") == {"ok": True, "damaged": []}
    status, out, err = built("verify")
    assert (status, err) == (0, "")
    assert out.startswith("索引完好：")
    catalogue = next((tmp_path / "index").rglob("catalogue.sqlite"))
    catalogue.write_bytes(catalogue.read_bytes()[:-9])
    status, out, err = built("verify", "--json")
    assert status == 1
    [damage] = json.loads(out)["damaged"]
    assert damage["file"] == catalogue.relative_to(tmp_path / "index").as_posix()
    one_line(err, damage["file"], damage["problem"], "wence build")


def test_status(built: Wence, tmp_path: Path, model_dir: Path) -> None:
    status = built.json("status")
    embedding = status["embedding"]
    assert (status["documents"], embedding["name"], embedding["dimension"]) == (3, str(model_dir), 32)
    held = [path for path in (tmp_path / "index" / "snapshots").rglob("*") if path.is_file()]
    assert status["size"] == sum(path.stat().st_size for path in held)
    assert status["built_at"].endswith("Z")
    out = built("status")[1]
    assert "3 份文件" in out
    assert "32 维" in out


def test_outline_of_a_file_needs_no_index(wence: Wence, library: Path) -> None:
    found = wence.json("outline", library / "c_studio.txt")
    document = read(library / "c_studio.txt")
    keys = [
        "file",
        "title",
        "doc_number",
        "issuer",
        "issue_date",
        "kind",
        "region",
        "period",
        "relations",
        "sections",
        "tables",
        "dropped",
        "attachments",
        "warnings",
        "issuers",
        "publish_date",
        "effective_date",
        "valid_until",
        "level",
        "facts",
    ]
    assert list(found) == keys
    assert (found["file"], found["title"]) == ("c_studio.txt", document.title)

    def walk(sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one for section in sections for one in (section, *walk(section["children"]))]

    flat = walk(found["sections"])
    assert [section["path"] for section in flat] == [section.path for section in document.walk()]
    assert {tuple(section) for section in flat} == {
        ("path", "number", "heading", "level", "start", "end", "spans", "children")
    }
    money = next(section for section in flat if section["path"] == "一、（一）")
    assert (money["number"], money["heading"]) == ("（一）", "资金支持")
    assert STUDIO[money["start"] : money["end"]].startswith("（一）资金支持")
    assert "最高100万元" in "".join(STUDIO[start:end] for start, end in money["spans"])


def test_status_says_what_is_in_force(built: Wence) -> None:
    found = built.json("status", "--as-of", "2024-06-30")
    assert found["as_of"] == "2024-06-30"
    assert [one["file"] for one in found["files"]] == ["a_water.txt", "b_parks.md", "c_studio.txt"]
    assert {one["state"] for one in found["files"]} <= {"现行有效", "未施行", "已过有效期", "未载明"}
    out = built("status", "--as-of", "2024-06-30")[1]
    assert all(one["state"] in out and one["title"] in out for one in found["files"])
    assert built("status", "--as-of", "昨天")[0] == 2


def test_diff_shows_what_changed(built: Wence, library: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.txt"
    newer.write_text(STUDIO.replace("最高100万元", "最高120万元"), encoding="utf-8")
    found = built.json("diff", "c_studio.txt", newer)
    assert (found["a"]["file"], found["b"]["file"]) == ("c_studio.txt", "newer.txt")
    [change] = found["changes"]
    assert (change["status"], change["path_a"], change["path_b"]) == ("changed", "一、（一）", "一、（一）")
    assert [mark for mark in change["marks"] if mark["op"] != "equal"] == [
        {"op": "delete", "text": "100"},
        {"op": "insert", "text": "120"},
    ]
    assert "最高[-100-]{+120+}万元" in built("diff", library / "c_studio.txt", newer)[1]
    assert built("diff", newer, newer)[1].endswith("没有不同\n")
    assert built("diff", "没有.txt", newer)[0] == 1


def test_outline_accounts_for_every_character(wence: Wence, library: Path) -> None:
    found = wence.json("outline", library / "c_studio.txt", "--coverage")
    assert found["characters"] == len("".join(STUDIO.split()))
    assert found["in_sections"] + found["in_tables"] + found["discarded"] == found["characters"]
    assert (found["kept"], found["problem"], found["warnings"]) == (1.0, None, [])
    assert f"全文 {found['characters']} 字" in wence("outline", library / "c_studio.txt", "--coverage")[1]


def test_outline_of_a_document_in_the_index(built: Wence, library: Path) -> None:
    by_file = built.json("outline", library / "b_parks.md")
    assert built.json("outline", "b_parks.md") == by_file
    status, out, err = built("outline", "b_parks.md")
    assert (status, err) == (0, "")
    assert "第三条" in out


@pytest.mark.parametrize("command", ["outline", "text"])
def test_no_such_document(built: Wence, command: str) -> None:
    status, out, err = built(command, "nowhere.txt")
    assert (status, out) == (1, "")
    one_line(err, "nowhere.txt", "；请")


def test_no_such_document_and_no_index(wence: Wence) -> None:
    status, out, err = wence("outline", "nowhere.txt")
    assert (status, out) == (1, "")
    one_line(err, "nowhere.txt", "；请")


@pytest.mark.parametrize("text", [WATER, WATER.replace("\n", "\r\n"), "无换行的一行"], ids=["lf", "crlf", "bare"])
def test_text_is_what_offsets_count_in(wence: Wence, tmp_path: Path, text: str) -> None:
    (tmp_path / "one.txt").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert wence("text", tmp_path / "one.txt") == (0, text, "")


def test_text_of_a_document_in_the_index(built: Wence) -> None:
    assert built("text", "b_parks.md") == (0, PARKS, "")


def test_search_prints_one_object_a_line(built: Wence) -> None:
    status, out, err = built("search", "公园开放时间", "-k", "3", "--json")
    hits = [json.loads(line) for line in out.splitlines()]
    assert (status, err, len(hits)) == (0, "", 3)
    assert [hit["rank"] for hit in hits] == [1, 2, 3]
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    promised = ["rank", "score", "file", "doc", "title", "doc_number", "path", "heading", "text", "start", "end"]
    assert list(hits[0])[: len(promised)] == promised
    texts = {"a_water.txt": WATER, "b_parks.md": PARKS, "c_studio.txt": STUDIO}
    for hit in hits:
        source = texts[hit["file"]][hit["start"] : hit["end"]]
        assert "".join(source.split()) == "".join(hit["text"].split())
    assert (hits[0]["file"], hits[0]["title"], hits[0]["doc_number"]) == ("b_parks.md", "临河市公园条例", None)
    assert (hits[0]["path"], hits[0]["heading"]) == ("第三条", None)
    hit = json.loads(built("search", "动画片每分钟补贴", "-k", "1", "--json")[1])
    assert (hit["path"], hit["heading"]) == ("一、（一）", "资金支持")


def test_search_for_people(built: Wence) -> None:
    status, out, err = built("search", "第二条 水平衡测试", "-k", "1")
    assert (status, err) == (0, "")
    assert out.startswith("1. 临政发〔2021〕16号 第二条　[")
    assert "每三年做一次水平衡测试。" in out
