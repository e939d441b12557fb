"""Wence inside LangChain: the retriever, the runnable, and the program that the docs show."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.answer import answer_json, ask
from assistant.chain import PolicyRetriever, answering
from errors import UsageError
from index.search import Searcher

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "新建万吨级冷库的企业能拿到多少补助？"


def test_documents_stand_where_their_metadata_says(small: Searcher) -> None:
    found = PolicyRetriever(searcher=small, k=3).invoke(QUESTION)
    assert len(found) == 3
    first = found[0]
    source = small.snapshot.document(first.metadata["doc"])
    assert {name: first.metadata[name] for name in ("file", "doc_number", "section")} == {
        "file": "海河市冷链办法.txt",
        "doc_number": "海商规〔2024〕7号",
        "section": "第二章第三条",
    }
    for document in found:
        text = small.snapshot.document(document.metadata["doc"]).text
        placed = text[document.metadata["start"] : document.metadata["end"]]
        assert "".join(document.page_content.split()) == "".join(placed.split())
    assert source.text.count(first.page_content) == 1
    assert found == asyncio.run(PolicyRetriever(searcher=small, k=3).ainvoke(QUESTION))


def test_the_runnable_gives_the_contracts_object(small: Searcher) -> None:
    runnable = answering(small)
    expected = json.loads(answer_json(ask(small, QUESTION)))
    for given in (
        runnable.invoke(QUESTION),
        runnable.invoke({"question": QUESTION, "history": []}),
        runnable.batch([QUESTION])[0],
        next(runnable.stream(QUESTION)),
        asyncio.run(runnable.ainvoke(QUESTION)),
    ):
        assert {**given, "latency_ms": 0} == {**expected, "latency_ms": 0}


@pytest.mark.parametrize("given", [7, None, {}, {"question": 3}, {"question": "x", "history": [{"role": "system"}]}])
def test_other_inputs_are_one_clear_error(small: Searcher, given: object) -> None:
    with pytest.raises(UsageError, match="question"):
        answering(small).invoke(given)


def test_the_program_in_the_docs_runs(corpus: Searcher) -> None:
    text = (ROOT / "docs" / "langchain.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "WENCE_INDEX": str(corpus.snapshot.index_dir)}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "最高200万元" in ran.stdout
    assert "上海" in ran.stdout.splitlines()[-1]
    assert "2035" in ran.stdout.splitlines()[-1]
