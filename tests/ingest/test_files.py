"""Reading files: every encoding gives the same text, and every refusal says what, where and what to do."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import IngestError
from ingest import files
from ingest.files import Found, find, load

PLAIN = "一、总体要求\r\n到２０２５年，新增企业100家（预估）。\n\u3000\u3000二、主要任务：“补助”５０万元；\r\t第三条"
TRADITIONAL = "一、總體要求\n到二○二五年，新增企業一百家。\r\n二、獎勵與補貼，應於三個月內發給。\n"
MARKED = ["utf-8-sig", "utf-16", "utf-32"]
UNMARKED = ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030"]


def written(folder: Path, data: bytes, name: str = "a.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(IngestError) as caught:
        load(path)
    message = str(caught.value)
    assert "\n" not in message
    return message


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root may read everything; step down while a permission is tested."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("encoding", MARKED + UNMARKED)
def test_every_encoding_gives_the_same_text(tmp_path: Path, encoding: str) -> None:
    data = PLAIN.encode(encoding)
    source = load(written(tmp_path, data))
    assert (source.text, source.file, source.sha256) == (PLAIN, "a.txt", sha256(data).hexdigest())


@pytest.mark.parametrize("encoding", ["big5", "cp950", "big5hkscs", "gb18030"])
def test_traditional_characters_are_not_taken_for_simplified_ones(tmp_path: Path, encoding: str) -> None:
    text = TRADITIONAL.replace("○", "〇") if encoding in ("big5hkscs", "gb18030") else TRADITIONAL
    assert load(written(tmp_path, text.encode(encoding))).text == text


@pytest.mark.parametrize(("encoding", "text"), [
    ("shift_jis", "東京都は本年度の予算を決定しました。補助金の申請は四月からです。" * 3),
    ("cp1251", "Политика города: субсидии предприятиям выделяются с апреля."),
    ("cp1252", "“Smart quotes” – the policy’s text in English is like this; firms may apply for it."),
])  # fmt: skip
def test_other_languages_are_recognised(tmp_path: Path, encoding: str, text: str) -> None:
    assert load(written(tmp_path, text.encode(encoding))).text == text


@given(st.text(st.sampled_from(PLAIN), min_size=40, max_size=200), st.sampled_from(MARKED + UNMARKED))
def test_any_chinese_text_round_trips(tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str) -> None:
    text += "结束。"
    assert load(written(tmp_path_factory.getbasetemp(), text.encode(encoding), "any.txt")).text == text


@given(st.binary(max_size=300))
@settings(deadline=None)  # the first picture loads its reader
def test_bytes_are_read_without_loss_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = written(tmp_path_factory.getbasetemp(), data, "bytes.txt")
    try:
        source = load(path)
    except IngestError:
        return
    assert data.decode(source.encoding).removeprefix("\ufeff") == source.text


@pytest.mark.parametrize("data", [b"\xfa\x80\t", b"\xb1\xfe\n\xfe\xd8\xa1\xfe\xff\xff2", b"caf\xe9"])
def test_a_few_odd_bytes_are_not_guessed_at(tmp_path: Path, data: bytes) -> None:
    assert "认不出编码" in refusal(written(tmp_path, data))


def test_only_one_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    assert load(written(tmp_path, "\ufeff\ufeff第一条".encode())).text == "\ufeff第一条"


@pytest.mark.parametrize(("data", "words"), [
    (b"", "文件是空的"),
    (" \r\n\u3000\t".encode(), "只有空白字符"),
    (b"%PDF-1.7\n%\xe2\xe3", "PDF 已损坏或不完整，打不开"),
    (b"PK\x03\x04..word/document.xml", "DOCX 压缩包损坏"),
    (b"PK\x03\x04..OFD.xml", "OFD 压缩包损坏或不完整"),
    (b"PK\x03\x04..xl/workbook.xml", "暂不支持 XLSX 文件"),
    (b"PK\x03\x04..notes", "暂不支持 ZIP 压缩包 文件"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版 Office"),
    (b"\x89PNG\r\n\x1a\n\0\0", "图片"),
    (b"\xff\xd8\xff\xe0", "图片"),
    (b"RIFF\0\0\0\0WEBP", "WebP 图片"),
    (b"\n<!DOCTYPE html>\n<p>", "网页里没有文字"),
    (b"policy\0text", "二进制内容"),
    (b"\x01\x02\x03" * 9, "二进制内容"),
    ("第一条 总则。".encode() * 20 + b"\xe4" + "第二条".encode(), "第 381 个字节"),
])  # fmt: skip
def test_what_is_no_text_is_refused_with_its_kind(tmp_path: Path, data: bytes, words: str) -> None:
    message = refusal(written(tmp_path, data))
    assert words in message
    assert str(tmp_path / "a.txt") in message
    assert "请" in message


def test_a_path_without_a_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    (tmp_path / "empty").mkdir()
    written(tmp_path, b"x")
    assert refusal(tmp_path / "gone.txt") == f"找不到文件：{tmp_path}/gone.txt；请检查路径。"
    assert "不是普通文件" in refusal(tmp_path / "pipe.txt")
    assert "不是普通文件" in refusal(tmp_path / "zero.txt")
    assert "读不出来" in refusal(tmp_path / "loop.txt")
    assert "读不出来" in refusal(tmp_path / ("长" * 200))
    assert "读不出来" in refusal(tmp_path / "nul\0.txt")
    assert "这是文件夹，不是文件" in refusal(tmp_path)
    assert "文件夹里没有可以读取的文件" in refusal(tmp_path / "empty")


def test_missing_permission_is_named(tmp_path: Path) -> None:
    path, folder = written(tmp_path, b"x"), tmp_path / "closed"
    folder.mkdir()
    path.chmod(0)
    folder.chmod(0)
    with without_privileges():
        assert "没有读取权限" in refusal(path)
        assert "权限" in refusal(folder)
        assert find([folder]) == [Found("closed", str(folder))]
    folder.chmod(0o700)


def test_the_size_limit_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1024**2)
    assert len(load(written(tmp_path, b"a" * 1024**2)).text) == 1024**2
    assert "超过 1 MB 的上限" in refusal(written(tmp_path, b"a" * (1024**2 + 1)))


def test_a_folder_yields_its_texts_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for loop in ("back", "again"):
        (tmp_path / "b" / loop).symlink_to(tmp_path)
    (tmp_path / "b" / "same.txt").symlink_to(tmp_path / "z.TXT")
    for name in (
        "b/2.markdown",
        "b/1.md",
        "z.TXT",
        "a.pdf",
        "a.png",
        "README.md",
        "b/README.zh-CN.md",
        ".a.txt",
        ".git/c.txt",
    ):
        written(tmp_path, b"x", name)
    assert find([tmp_path]) == [
        Found(name, str(tmp_path / name)) for name in ("a.pdf", "z.TXT", "b/1.md", "b/2.markdown")
    ]


def test_a_path_given_by_itself_is_always_listed_and_listed_once(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    one, other = written(tmp_path, b"x", "README.md"), written(tmp_path, b"x", "b/README.md")
    gone, pdf = tmp_path / "gone.txt", written(tmp_path, b"%PDF-", "a.pdf")
    assert find([one, pdf, gone, one, other, tmp_path / "b"]) == [
        Found("README.md", str(one)),
        Found("a.pdf", str(pdf)),
        Found("gone.txt", str(gone)),
        Found(str(other), str(other)),
        Found("b", str(tmp_path / "b")),
    ]


def test_what_is_found_says_where_it_really_is(tmp_path: Path) -> None:
    (tmp_path / "away").mkdir()
    (tmp_path / "library" / "sub").mkdir(parents=True)
    one, linked = written(tmp_path, b"x", "library/sub/a.txt"), written(tmp_path, b"x", "away/b.txt")
    (tmp_path / "library" / "c.txt").symlink_to(linked)
    (tmp_path / "library" / "there").symlink_to(tmp_path / "away")
    (tmp_path / "by_link").symlink_to(tmp_path / "library")
    for folder in (tmp_path / "library", tmp_path / "by_link"):
        found = find([folder])
        assert [(item.file, item.real) for item in found] == [("c.txt", str(linked)), ("sub/a.txt", str(one))]
        assert find(found) == found


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "open" / "closed").mkdir(parents=True)
    scandir = os.scandir

    def refusing(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("/closed"):
            raise PermissionError
        return scandir(path)

    monkeypatch.setattr("os.scandir", refusing)
    assert [item.file for item in find([tmp_path / "open"])] == ["closed"]
    assert [item.file for item in find([tmp_path / "open" / "closed"])] == ["closed"]


def test_odd_names_can_be_printed(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xd5\xfe\n.txt"))
    path.write_bytes("政策".encode())
    (found,) = find([tmp_path])
    assert load(found.path, found.file).file == "\\xd5\\xfe\\x0a.txt"
    found.file.encode("utf-8")
    path.write_bytes(b"")
    assert "\\x0a.txt；" in refusal(path)
