from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import cli
from ingest.reader import read
from tests.index.conftest import PARKS, STUDIO, WATER, library, model_dir

__all__ = ["library", "model_dir"]  # fixtures

REPOSITORY = Path(__file__).parents[1]
COMMANDS = ["build", "verify", "status", "outline", "text", "search", "ask", "match"]


class Wence:
    """Runs the command in this process, with the index and the embedding set by the environment."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        self._capfd.readouterr()
        status = cli.run([str(argument) for argument in arguments])
        sys.stdout.flush()
        out, err = self._capfd.readouterr()
        return status, out, err

    def json(self, *arguments: str | Path) -> Any:
        status, out, err = self(*arguments, "--json")
        assert (status, err, out.count("\n")) == (0, "", 1)
        return json.loads(out)


@pytest.fixture
def wence(tmp_path: Path, model_dir: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Wence:
    monkeypatch.setenv("WENCE_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("WENCE_EMBEDDING", str(model_dir))
    monkeypatch.delenv("WENCE_THREADS", raising=False)
    return Wence(capfd)


@pytest.fixture
def built(wence: Wence, library: Path) -> Wence:
    assert wence("build", library)[0] == 0
    return wence


def one_line(text: str, *words: str) -> None:
    """Whether a message is a single line that holds the words."""
    assert text.count("\n") == 1, text
    assert text.startswith("wence：")
    assert [word for word in words if word not in text] == []


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


def test_build_lists_files_of_which_too_little_was_kept(wence: Wence, library: Path) -> None:
    (library / "d_rules.txt").write_text("云溪市冷库方案\n" + "--------\n" * 20 + "一、做好工作。\n", encoding="utf-8")
    status, out, err = wence("build", library, "--json")
    report = json.loads(out)
    [warned] = report["warnings"]
    assert (status, warned["file"], report["failed"]) == (0, "d_rules.txt", [])
    assert warned["warning"].startswith("d_rules.txt：弃去的字过半（")
    assert err == f"wence：{warned['warning']}\n"


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


PROMISED = ["id", "question", "answer", "refused", "reason", "citations", "notes", "confidence", "writer", "latency_ms"]


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


def process(*arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", "import cli; cli.main()", *arguments], cwd=REPOSITORY, **options
    )


def test_a_reader_that_goes_away_is_no_crash(built: Wence, tmp_path: Path) -> None:
    (tmp_path / "batch.jsonl").write_text("\n".join([BATCH[0]] * 500), encoding="utf-8")
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


HEAVY = ["torch", "sentence_transformers", "datasketch", "rich", "index.build", "langchain", "docx", "openpyxl"]


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
