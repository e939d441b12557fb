"""What was read from a scan is cited with how sure the recognition was."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from assistant.answer import ask
from assistant.validity import recognised
from index.build import build
from index.embedding import Embedding
from index.search import Searcher
from index.snapshot import open_snapshot
from ingest.document import Doubt, Span
from ingest.files import SourceText
from ingest.formats import ocr
from ingest.layout import Layout
from ingest.reader import parse
from tests.fixtures.pdf import drawn
from tests.fixtures.scan import encoded, rendered
from tests.fixtures.typeset import Leaf, Words


@pytest.mark.parametrize(
    ("span", "least"), [((0, 4), None), ((3, 6), 0.7), ((5, 9), 0.7), ((9, 12), 0.85), ((4, 12), 0.7), ((12, 13), None)]
)
def test_least_sure_character_of_a_span(span: tuple[int, int], least: float | None) -> None:
    doubts = tuple(Doubt(start=a, end=b, confidence=c) for a, b, c in ((0, 3, 0.95), (4, 8, 0.7), (9, 12, 0.85)))
    layout = Layout(paragraphs=((Span(0, 13),),), doubts=doubts)
    source = SourceText(
        file="a.png", path=Path("a.png"), sha256="0", text="第一条为了规范管理制定办法", encoding="utf-8", layout=layout
    )
    assert recognised(parse(source), *span) == least


@pytest.mark.skipif(not ocr.available(), reason="the extra ocr is not installed")
@pytest.mark.parametrize(("dots", "noise"), [(200, 12.0), (40, 25.0)])
def test_answer_from_a_poor_scan_says_so(dots: int, noise: float, tmp_path: Path, embedding: Embedding) -> None:
    lines = (
        ("海河市冷链物流扶持办法", 180, 60, 22),
        ("第一条　对新建万吨级冷库的企业，给予不超过300万元的补助。", 79, 110, 16),
        ("第二条　对首次认定的示范企业，给予不超过50万元的奖励。", 79, 140, 16),
    )
    (page,) = rendered(drawn([Leaf([Words(*line) for line in lines])]), dots=dots, skew=0.0, noise=noise)
    page = page.crop((0, 0, page.width, page.width * 27 // 100)).resize((1653, 446))
    (tmp_path / "a.png").write_bytes(encoded(page, "PNG"))
    build([tmp_path / "a.png"], tmp_path / "index", embedding=embedding, processes=1)
    with closing(open_snapshot(tmp_path / "index", embedding)) as snapshot:
        answer = ask(Searcher(snapshot), "对首次认定的示范企业，给予不超过多少的奖励？", today=date(2025, 1, 1))
        document = snapshot.document(answer.citations[0].doc)
    unsure = [(one.n, recognised(document, one.start, one.end)) for one in answer.citations]
    assert answer.citations[0].page == 1
    assert answer.notes == tuple(f"[{n}]处为扫描识别，置信度 {p:.0%}，请核对原件。" for n, p in unsure if p is not None)
    assert (dots > 100) == (not answer.notes)
