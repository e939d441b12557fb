"""Provisions: the fields of real sentences, read whole; every field points back at its words; kept with the index."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from index.build import build, standard_reader
from index.catalogue import part_folder
from index.embedding import StaticEmbedding
from index.lexicon import Entry, Lexicon
from index.manifest import read_manifest
from index.part import TEXTS
from index.provisions.codec import dump, load
from index.provisions.read import read_provisions
from index.provisions.record import Provision
from index.provisions.sectors import terms_in
from index.provisions.version import version
from index.snapshot import open_snapshot, verify
from ingest.document import Document, Span
from ingest.reader import read

ROOT = Path(__file__).parents[2]
POLICIES = ROOT.parent / "shared" / "data" / "policies"
MEASURES = """# 江北区促进氢能产业发展若干措施

## 一、支持企业发展

（一）对首次认定的瞪羚企业给予最高100万元奖励，对首次认定的独角兽企业给予不超过200万元奖励。

（二）支持高新技术企业建设中试基地，按核定合同金额给予30%补贴。

（三）到2030年，培育50家企业，产值达到300亿元。

## 二、申报

申报条件：在本区注册满1年。

咨询电话：025-12345678
"""


def document(tmp_path: Path, text: str, name: str = "a.md") -> Document:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read(path)


def spans(provision: Provision) -> list[tuple[str, Span | None]]:
    """Every (words, place) of a provision whose words are printed as they are."""
    found: list[tuple[str, Span | None]] = [(amount.text, amount.span) for amount in provision.amounts]
    found += [(guide.value, guide.span) for guide in provision.guides]
    found += [(word.value, word.span) for word in provision.conditions]
    return found + ([(provision.period.value, provision.period.span)] if provision.period else [])


def plain(path: Path, folder: Path) -> Path:
    """The text of a web page, a line a block: what reading it is not about here."""
    text = re.sub(r"(?s)<(script|style|!--).*?(</\1>|-->)", "", path.read_text(encoding="utf-8"))
    text = re.sub(r"<(?:p|div|br|tr|h\d|li|td)\b[^>]*>", "\n", text)
    lines = (line.strip() for line in unescape(re.sub(r"<[^>]+>", "", text)).splitlines())
    target = folder / f"{path.stem}.txt"
    target.write_text("\n".join(line for line in lines if line), encoding="utf-8")
    return target


def squeeze(text: str) -> str:
    return "".join(text.replace("*", "").replace(" and ", "和").split())


def test_a_sentence_is_read_whole(tmp_path: Path) -> None:
    found = read_provisions(document(tmp_path, MEASURES))
    gazelle, unicorn, pilot, goal, *_ = found
    assert [p.text for p in (gazelle, unicorn)] == [
        "对首次认定的瞪羚企业给予最高100万元奖励",
        "对首次认定的独角兽企业给予不超过200万元奖励。",
    ]
    assert [(a.text, a.bound) for a in gazelle.amounts] == [("最高100万元", "最高")]
    assert [(a.text, a.bound) for a in unicorn.amounts] == [("不超过200万元", "不超过")]
    assert [w.value for w in gazelle.qualifications] == ["瞪羚企业"]
    assert [w.value for w in unicorn.qualifications] == ["独角兽企业"]
    assert [w.value for w in gazelle.conditions] == ["首次认定"]
    assert (gazelle.strength, pilot.strength, goal.strength) == ("commitment", "commitment", "target")
    assert [w.value for w in pilot.measures] == ["资金奖励", "平台/中试"]
    assert goal.amounts == ()
    assert [(s.value, s.where) for s in gazelle.sectors] == [("氢能产业", "document")]
    assert [(g.field, g.value) for g in gazelle.guides] == [
        ("申报条件", "在本区注册满1年。"),
        ("咨询电话", "025-12345678"),
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "corpus").glob("0*")), ids=lambda path: path.name[:3])
def test_every_field_points_at_its_words(path: Path) -> None:
    source = read(path)
    found = read_provisions(source)
    assert len(found) > 50
    for provision in found:
        assert squeeze("".join(source.text[s.start : s.end] for s in provision.spans)) == squeeze(provision.text)
        for words, span in spans(provision):
            assert span is not None
            assert squeeze(source.text[span.start : span.end]) == squeeze(words)
        for word in (*provision.measures, *provision.kinds, *provision.qualifications, *provision.stages):
            assert word.span is not None
            assert any(s.start <= word.span.start < s.end for s in provision.spans)
        for named in (*provision.sectors, *provision.places):
            if named.where == "own":
                assert named.span is not None


def test_a_document_reads_the_same_again_and_survives_storage() -> None:
    source = read(ROOT / "corpus" / "004_frontier_measures_press_qa.md")
    found = read_provisions(source)
    assert read_provisions(source) == found
    assert load(dump(found)) == found
    assert load(dump(())) == ()


@pytest.mark.skipif(not POLICIES.is_dir(), reason="needs shared/data/policies beside the repository")
@pytest.mark.parametrize(
    ("pattern", "amounts", "fields"),
    [
        ("local_txt/2022-09-13*", {"50万元"}, {"申报时间", "惠及对象"}),
        ("local_txt/2021-12-31*", {"6000元", "1万元", "50%"}, {"惠及对象"}),
        ("local_txt/2022-10-27*", {"0.5%"}, {"惠及对象", "受理部门"}),
        ("gz_html/16_*", {"10000元"}, {"申报条件", "惠及对象"}),
        ("gz_html/35c_*", set(), set()),
    ],
    ids=["购房补贴", "人口进城", "惠企纾困", "创业补贴", "人才入户"],
)
def test_policies_never_seen_are_read_with_their_fields(
    tmp_path: Path, pattern: str, amounts: set[str], fields: set[str]
) -> None:
    (path,) = POLICIES.glob(pattern)
    if path.suffix == ".html":
        path = plain(path, tmp_path)
    found = read_provisions(read(path))
    printed = {amount.text for provision in found for amount in provision.amounts}
    assert {want for want in amounts if not any(want in text for text in printed)} == set()
    assert fields - {guide.field for provision in found for guide in provision.guides} == set()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("促进未来产业培育的措施", [("未来产业", "未来产业培育")]),
        ("重点未来产业", [("未来产业", "重点未来产业")]),
        ("促进产业培育的措施", []),
    ],
)
def test_a_longer_word_of_no_trade_does_not_hide_the_trade_in_it(text: str, named: list[tuple[str, str]]) -> None:
    def entry(term: str, kind: str) -> Entry:
        above = "战略性新兴产业" if kind == "industry" else ""
        return Entry(term=term, same=(), near=(), english=(), broader=above, related=(), kind=kind, source="")

    words = (
        ("未来产业", "industry"),
        ("未来产业培育", "general"),
        ("重点未来产业", "general"),
        ("产业培育", "general"),
    )
    lexicon = Lexicon([entry(term, kind) for term, kind in words], frozenset())
    assert [(one.value, text[one.start : one.end]) for one in terms_in(text, lexicon)] == named


def test_text_of_other_kinds_has_no_provisions(tmp_path: Path) -> None:
    assert read_provisions(document(tmp_path, "会议于九点开始。\n\n与会人员合影。\n")) == ()


def test_provisions_are_kept_with_the_index(tmp_path: Path, embedding: StaticEmbedding) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    source = document(folder, MEASURES)
    build([folder], tmp_path / "index", embedding=embedding)
    snapshot = open_snapshot(tmp_path / "index")
    (entry,) = snapshot.entries
    assert snapshot.provisions(entry.id) == read_provisions(source)


def test_only_changed_documents_are_read_again(
    tmp_path: Path, embedding: StaticEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, index = tmp_path / "files", tmp_path / "index"
    folder.mkdir()
    document(folder, MEASURES)
    build([folder], index, embedding=embedding)
    seen: list[str] = []

    def noting(source: Document) -> tuple[Provision, ...]:
        seen.append(source.file)
        return read_provisions(source)

    reader = replace(standard_reader(), provisions=noting)
    document(folder, "# 江北区人才安居办法\n\n一、对引进人才给予5万元补贴。\n", "b.md")
    build([folder], index, embedding=embedding, reader=reader)
    assert seen == ["b.md"]
    # Other words for provisions: every document is read again for them, and none is embedded again.
    for module in ("index.build", "index.old"):
        monkeypatch.setattr(f"{module}.provisions_version", lambda: "newer")
    unread = replace(reader, read=lambda found: pytest.fail(f"read again: {found.file}"))
    build([folder], index, embedding=embedding, reader=unread)
    assert seen == ["b.md", "a.md", "b.md"]
    assert read_manifest(index).provisions == "newer"


def test_damaged_provisions_are_named(tmp_path: Path, embedding: StaticEmbedding) -> None:
    folder, index = tmp_path / "files", tmp_path / "index"
    folder.mkdir()
    document(folder, MEASURES)
    build([folder], index, embedding=embedding)
    path = part_folder(read_manifest(index).folder(index), 0) / TEXTS
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE documents SET provisions = zeroblob(length(provisions))")
    assert [damage.file.rsplit("/", 1)[1] for damage in verify(index)] == [TEXTS]


def test_the_version_names_code_and_words() -> None:
    assert version() == version()
    assert json.dumps(version())


def test_reading_takes_time_as_the_document_grows_not_its_square(tmp_path: Path) -> None:
    def seconds(articles: int) -> float:
        lines = [f"第{number}条 对第{number}类企业给予{number}元奖励。" for number in range(1, articles + 1)]
        long = document(tmp_path, "临河市扶持办法\n\n" + "\n".join(lines) + "\n")
        assert len(long.sections) > articles
        started = time.process_time()
        assert len(read_provisions(long)) == articles
        return time.process_time() - started

    seconds(100)  # the tables are read
    assert seconds(8000) < 40 * seconds(1000) + 1
