from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Wence, built, one_line, wence
from tests.index.conftest import library, model_dir

__all__ = ["built", "library", "model_dir", "wence"]  # fixtures

REPOSITORY = Path(__file__).parents[1]
COMMANDS = ["build", "verify", "status", "outline", "text", "search", "ask", "match"]


def test_build_reports_as_promised(wence: Wence, library: Path) -> None:
    report = wence.json("build", library)
    seconds = report.pop("seconds")
    chunks, sections = report.pop("chunks"), report.pop("sections")
    assert (report.pop("warnings"), report.pop("answers_to_review"), report.pop("moved")) == ([], [], 0)
    assert report == {"documents": 3, "added": 3, "updated": 0, "unchanged": 0, "removed": 0, "failed": []}
    assert (seconds > 0, chunks >= 8, sections >= 12) == (True, True, True)
    again = wence.json("build", library)
    assert (again["added"], again["unchanged"], again["chunks"], again["sections"]) == (0, 3, chunks, sections)


def test_build_for_people(wence: Wence, library: Path) -> None:
    status, out, err = wence("build", library)
    assert (status, err) == (0, "")
    assert out.startswith("索引已发布：")
    assert "3 份文件" in out
    assert "（新增 3，更新 0，未变 0，移除 0）" in out


@pytest.mark.parametrize(("options", "status"), [((), 0), (("--strict",), 1)], ids=["lenient", "strict"])
def test_a_file_that_cannot_be_read(wence: Wence, library: Path, options: tuple[str, ...], status: int) -> None:
    (library / "bad.txt").write_bytes(b"\0\1\2\3" * 100)
    found, out, err = wence("build", library, "--json", *options)
    assert found == status
    assert [failure["file"] for failure in json.loads(out)["failed"]] == ["bad.txt"]
    one_line(err, "bad.txt", "；请")


def test_a_file_of_which_nothing_can_be_cited(wence: Wence, library: Path, tmp_path: Path) -> None:
    marks = library / "marks.txt"
    marks.write_text("===PAGE 1===\n\n===PAGE 2===\n", encoding="utf-8")
    status, out, err = wence("build", marks, "--json")
    assert (status, json.loads(out)["documents"]) == (1, 0)
    warning, lack = err.splitlines()
    assert warning.startswith("wence：marks.txt：没有可引用的正文（全文 22 字，弃去 22 字：分隔线或页码 22 字）；请")
    assert lack.startswith("wence：没有一份文件有可引用的正文，索引没有改动：")
    status, out, err = wence("build", library, "--strict", "--json")
    assert (status, json.loads(out)["documents"], json.loads(out)["failed"]) == (0, 4, [])
    one_line(err, "marks.txt", "没有可引用的正文")
    assert wence.json("status")["uncited"] == ["marks.txt"]
    assert "没有可引用的正文：marks.txt\n" in wence("status")[1]
    for source in (marks, "marks.txt"):
        assert wence.json("outline", source)["warnings"] == ["没有可引用的正文"]
        assert "没有可引用的正文；请用" in wence("outline", source)[1]
        found = wence.json("outline", source, "--coverage")
        assert (found["kept"], found["discarded"], found["warnings"]) == (1.0, 22, [])
        assert found["problem"].startswith("没有可引用的正文")
    assert wence("text", marks)[1] == marks.read_text(encoding="utf-8")
    assert wence("search", "公园")[0] == 0
    marks.unlink()
    wence("build", library)
    assert wence.json("status")["uncited"] == []
    assert "没有可引用" not in wence("status")[1]


def test_nothing_readable(wence: Wence, tmp_path: Path) -> None:
    status, out, err = wence("build", tmp_path / "nowhere", "--json")
    assert status == 1
    assert [json.loads(out)[key] for key in ("documents", "added")] == [0, 0]
    assert [line.split("：")[0] for line in err.splitlines()] == ["wence", "wence"]
    assert "索引没有改动" in err
    assert not (tmp_path / "index" / "manifest.json").exists()


def test_build_lists_files_of_which_too_little_was_kept(wence: Wence, library: Path) -> None:
    (library / "d_rules.txt").write_text("云溪市冷库方案\n" + "--------\n" * 20 + "一、做好工作。\n", encoding="utf-8")
    status, out, err = wence("build", library, "--json")
    report = json.loads(out)
    [warned] = report["warnings"]
    assert (status, warned["file"], report["failed"]) == (0, "d_rules.txt", [])
    assert warned["warning"].startswith("d_rules.txt：弃去的字过半（")
    assert err == f"wence：{warned['warning']}\n"


def test_an_option_beats_the_environment(wence: Wence, library: Path, tmp_path: Path) -> None:
    assert wence("build", library, "--index", tmp_path / "elsewhere")[0] == 0
    assert wence("status")[0] == 1
    assert wence("status", "--index", tmp_path / "elsewhere")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ["请给出命令", *COMMANDS]),
        (("divine",), ["没有这个命令：divine", *COMMANDS]),
        (("search",), ["缺少 QUESTION", "wence search --help"]),
        (("search", "水", "--loud"), ["没有选项 --loud"]),
        (("search", "水", "-k", "many"), ["-k"]),
        (("search", "水", "-k", "0"), ["-k"]),
        (("search", "水", "火"), ["用法不对"]),
        (("search", "  "), ["问题是空的"]),
        (("build",), ["缺少 PATH"]),
        (("ask",), ["请给出一个问题"]),
        (("ask", "水", "--batch", "q.jsonl", "--json"), ["二者取一"]),
        (("ask", "--batch", "q.jsonl"), ["--json"]),
        (("ask", "水", "--as-of", "明天"), ["--as-of", "2024-06-30"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage(built: Wence, arguments: tuple[str, ...], words: list[str]) -> None:
    status, out, err = built(*arguments)
    assert (status, out) == (2, "")
    one_line(err, *words)


@pytest.mark.parametrize("command", [("status",), ("verify",), ("search", "水"), ("ask", "水费怎么交？")], ids=str)
def test_no_index_says_what_to_run(wence: Wence, command: tuple[str, ...]) -> None:
    status, out, err = wence(*command)
    assert (status, out) == (1, "")
    one_line(err, "没有索引", "wence build")


@pytest.mark.parametrize("threads", ["0", "65", "two", "-1", "٣"])
def test_a_bad_setting(wence: Wence, monkeypatch: pytest.MonkeyPatch, threads: str) -> None:
    monkeypatch.setenv("WENCE_THREADS", threads)
    status, out, err = wence("status")
    assert (status, out) == (1, "")
    one_line(err, "WENCE_THREADS", threads)


def test_an_unknown_embedding(built: Wence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENCE_EMBEDDING", "no-such-model")
    status, out, err = built("search", "水")
    assert (status, out) == (1, "")
    one_line(err, "no-such-model")


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=str)
def test_help_is_in_chinese(wence: Wence, command: list[str]) -> None:
    status, out, err = wence(*command, "--help")
    assert (status, err) == (0, "")
    assert "索引" in out or "JSON" in out


ASKED = '{"question": "携犬进入公园应当使用不超过多少米的牵引绳？", "id": "一"}'


def process(*arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", "import cli; cli.main()", *arguments], cwd=REPOSITORY, **options
    )


def test_a_reader_that_goes_away_is_no_crash(built: Wence, tmp_path: Path) -> None:
    (tmp_path / "batch.jsonl").write_text("\n".join([ASKED] * 500), encoding="utf-8")
    asking = process(
        "ask", "--batch", tmp_path / "batch.jsonl", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert asking.stdout is not None
    assert asking.stderr is not None
    assert json.loads(asking.stdout.readline())["id"] == "一"
    asking.stdout.close()
    assert asking.stderr.read() == b""
    asking.stderr.close()
    assert asking.wait() == 1


def test_a_reader_that_has_gone_before_the_first_word(built: Wence) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    asking = process("search", "公园", "-k", "1", stdout=writing, stderr=subprocess.PIPE, env=usual)
    os.close(writing)
    assert asking.communicate() == (None, b"")
    assert asking.returncode == 1


def test_output_is_utf_8_whatever_the_locale(built: Wence) -> None:
    asking = process(
        "search",
        "公园",
        "-k",
        "1",
        stdout=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    )
    assert "公园" in asking.communicate()[0].decode("utf-8")
    assert asking.returncode == 0


HEAVY = [
    "torch",
    "sentence_transformers",
    "datasketch",
    "rich",
    "index.build",
    "langchain",
    "docx",
    "openpyxl",
    "numpy.ma",
    "multiprocessing",
]


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (("search", "公园"), [*HEAVY, "assistant"]),
        (("ask", "公园几点开放？"), [*HEAVY, "ingest.numbering", "ingest.paragraphs"]),
        (("status",), ["torch", "faiss", "numpy", "jieba", "tantivy", "tokenizers"]),
        (("outline", "b_parks.md"), ["torch", "faiss", "numpy", "jieba", "tantivy", "tokenizers"]),
    ],
    ids=["search", "ask", "status", "outline"],
)
def test_a_cold_command_imports_only_what_it_needs(
    built: Wence, arguments: tuple[str, ...], unwanted: list[str]
) -> None:
    code = (
        "import cli, sys\nstatus = cli.run(sys.argv[1:])\n"
        f"print(status, [name for name in {unwanted!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *arguments], cwd=REPOSITORY, capture_output=True, check=True
    )
    assert done.stderr == b"0 []\n"


def test_a_command_leaves_without_taking_its_index_apart(built: Wence) -> None:
    code = (
        "import atexit, cli, gc\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 10_000, gc.get_threshold()[0] >= 50_000))\n"
        "cli.main()"
    )
    command = [sys.executable, "-W", "ignore", "-c", code, "ask", "公园几点开放？"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True)
    assert done.stdout.decode().splitlines()[-1] == "True True"
