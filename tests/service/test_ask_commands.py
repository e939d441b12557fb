"""`wence ask`, one question or many, and `wence match`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands import Wence, built, one_line, wence
from tests.index.conftest import PARKS, library, model_dir

__all__ = ["built", "library", "model_dir", "wence"]  # fixtures

PROMISED = ["id", "question", "answer", "refused", "reason", "citations", "notes", "confidence", "writer", "latency_ms"]
BATCH = [
    '{"id": "一", "question": "携犬进入公园应当使用不超过多少米的牵引绳？", "other": [1]}',
    "not json",
    "",
    '{"id": 2}',
    '{"id": 3, "question": ""}',
    '{"id": 4, "question": "水", "history": "no list"}',
    '{"id": "五", "question": "罚款多少？", "history": [{"role": "user", "content": "违反节约用水办法第二条会怎样？"},'
    ' {"role": "assistant", "content": "会被处罚。"}]}',
]


def test_ask_gives_the_promised_object(built: Wence) -> None:
    answer = built.json("ask", "携犬进入公园应当使用不超过多少米的牵引绳？")
    assert [key for key in PROMISED if key not in answer] == []
    assert answer["refused"] is False
    citation = answer["citations"][0]
    assert (citation["n"], citation["file"], citation["section"]) == (1, "b_parks.md", "第二条")
    assert "".join(PARKS[citation["start"] : citation["end"]].split()) == "".join(citation["quote"].split())
    status, out, err = built("ask", "携犬进入公园应当使用不超过多少米的牵引绳？")
    assert (status, err) == (0, "")
    assert answer["answer"] in out
    assert "[1] 临河市公园条例 第二条" in out


def test_a_refusal_is_an_answer(built: Wence) -> None:
    answer = built.json("ask", "火星移民的签证费是多少美元？")
    assert answer["refused"] is True
    assert answer["reason"] in ("not_covered", "false_premise", "out_of_scope", "unclear")


def test_a_batch_keeps_order_and_ids_and_tells_of_bad_lines(built: Wence, tmp_path: Path) -> None:
    (tmp_path / "batch.jsonl").write_text("\n".join(BATCH), encoding="utf-8")
    status, out, err = built("ask", "--batch", tmp_path / "batch.jsonl", "--json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert status == 1
    assert [answer["id"] for answer in answers] == ["一", "五"]
    assert "2米" in answers[0]["answer"]
    assert "违反节约用水办法第二条会怎样" not in answers[0]["understood"]
    assert "节约用水办法" in answers[1]["understood"]
    numbers = [line.partition("第 ")[2].partition(" 行：")[0] for line in err.splitlines()]
    assert numbers == ["2", "4", "5", "6"]


def test_a_good_batch(built: Wence, tmp_path: Path) -> None:
    (tmp_path / "batch.jsonl").write_bytes(b"\xef\xbb\xbf" + BATCH[0].encode() + b"\r\n")
    status, out, err = built("ask", "--batch", tmp_path / "batch.jsonl", "--json")
    assert (status, err, json.loads(out)["id"]) == (0, "", "一")


def test_a_batch_that_is_not_there(built: Wence, tmp_path: Path) -> None:
    status, out, err = built("ask", "--batch", tmp_path / "nowhere.jsonl", "--json")
    assert (status, out) == (1, "")
    one_line(err, "nowhere.jsonl", "；请")


def test_match_says_what_applies_and_saves_it(built: Wence, tmp_path: Path) -> None:
    profile = tmp_path / "firm.json"
    profile.write_text('{"text": "一家自来水公司", "needs": ["补贴"]}', encoding="utf-8")
    value = built.json("match", "--profile-file", profile, "-o", tmp_path / "out.xlsx")
    assert list(value) == ["profile", "applies", "maybe", "excluded", "ask"]
    assert value["profile"]["needs"] == ["资金奖励"]
    assert (tmp_path / "out.xlsx").stat().st_size > 0
    status, out, _ = built("match", "--profile", "一家自来水公司")
    assert (status, out.splitlines()[0]) == (0, f"适用（{len(value['applies'])}条）")


def test_match_refuses_what_it_cannot_read(built: Wence, tmp_path: Path) -> None:
    assert built("match")[0] == 2
    status, out, err = built("match", "--profile-file", tmp_path / "none.txt")
    assert (status, out) == (1, "")
    one_line(err, "企业情况文件读不了", "none.txt")
    (tmp_path / "latin.txt").write_bytes(b"\xff\xfe\x00")
    one_line(built("match", "--profile-file", tmp_path / "latin.txt")[2], "不是 UTF-8")
    one_line(built("match", "--profile", " ")[2], "企业情况是空的")
