"""Our figures and those of the shared scorer, on the same answers to the same questions."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from assistant.answer import answer_json
from eval.questions import load, shipped
from eval.report import figures
from eval.run import run
from tests.eval.cases import CORPUS, SHARED, searcher_of

SCORER = SHARED / "checks" / "score_answers.py"
COMMON = (
    *("right", "right_concise", "keys_all", "keys_share", "cite_first", "cite_recall", "cite_precision"),
    *("section_exact", "section_number", "verbatim", "offsets", "uncited", "refuse_recall", "refuse_wrong"),
)


@pytest.mark.skipif(not SCORER.exists(), reason="the shared scorer is not beside this checkout")
def test_both_give_the_same_figures(corpus_index, embedding, tmp_path):
    paths = [*shipped(), SHARED / "checks" / "sample_questions.jsonl"]
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()][::5]
    asked, answered = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    asked.write_text("\n".join(lines), encoding="utf-8")
    found = run(searcher_of(corpus_index, embedding), load([asked]))
    answers = [answer_json(row.answer, row.question.id) for row in found.rows]
    answered.write_text("\n".join(answers), encoding="utf-8")
    command = [sys.executable, str(SCORER), str(asked), str(answered), str(CORPUS), "--json"]
    theirs = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    ours = {name: round(value.value, 4) for name, value in figures(found.rows).items()}
    assert {name: ours[name] for name in COMMON} == {name: theirs[name] for name in COMMON}
    assert theirs["questions"] == len(found.rows)
    by_type = {name: [0.0, 0] for name in theirs["right_by_type"]}
    for row in found.rows:
        by_type[row.question.type][0] += row.shares["right"].got
        by_type[row.question.type][1] += 1
    assert {name: [round(got / n, 3), n] for name, (got, n) in by_type.items()} == theirs["right_by_type"]
