from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from assistant.answer import Answer, Sentence, ask, stream
from assistant.generate import _sentences
from assistant.models import open_model
from assistant.text import bare
from errors import ConfigError
from eval.mutations import FALSE
from eval.questions import load, shipped
from eval.verifier import sentences
from index.search import Searcher
from settings import Settings, load_settings
from tests.assistant.scripted import KEY, Shown, endpoint, events

QUESTION = "新建万吨级冷库的企业能拿到多少补助？"
TRUE = "对新建万吨级冷库的企业，给予不超过300万元的一次性补助"


@pytest.fixture(scope="module")
def server() -> Iterator[HTTPServer]:
    with HTTPServer() as running:
        yield running


def handle_of(shown: Shown, words: str) -> str:
    return next(handle for handle, text in shown.passages.items() if words in text)


def lawful(answer: Answer) -> None:
    """The laws that every answer keeps, whoever wrote it."""
    marks = [int(mark) for mark in re.findall(r"\[(\d+)\]", answer.text)]
    assert set(marks) == {citation.n for citation in answer.citations}
    for line in answer.text.splitlines():
        assert answer.refused or re.search(r"\[\d+\]", line), line
    assert KEY not in repr(answer)


def test_an_honest_model_writes_and_its_quotes_are_ours(small: Searcher, server: HTTPServer) -> None:
    model = endpoint(server, lambda shown: f"{TRUE}[{handle_of(shown, '万吨级')}]。")
    answer = ask(small, QUESTION, model=model)
    assert answer.text == f"{TRUE}[1]。"
    assert answer.writer == "scripted"
    (citation,) = answer.citations
    document = small.snapshot.document(citation.doc)
    assert document.text[citation.start : citation.end] == f"第三条 {TRUE}。"
    assert (citation.section, citation.doc_number) == ("第二章第三条", "海商规〔2024〕7号")
    lawful(answer)


def test_marks_before_and_behind_the_stop_and_in_other_brackets_count(small: Searcher, server: HTTPServer) -> None:
    for form in (
        "{t}[{h}]。",
        "{t}。[{h}]",
        "{t}【{h}】。",
        "{t}（{h}、c99）。",
        "1. {t}。 [{H}]\n",
        "- **{t}** [{h}]。",
    ):
        model = endpoint(
            server, lambda shown, form=form: form.format(t=TRUE, h=(h := handle_of(shown, "万吨级")), H=h.upper())
        )
        assert ask(small, QUESTION, model=model).text.startswith(TRUE), form


def test_sentences_come_as_they_are_verified(small: Searcher, server: HTTPServer) -> None:
    def script(shown: Shown) -> str:
        handle = handle_of(shown, "万吨级")
        return f"给予1000万元补助[{handle}]。{TRUE}[{handle}]。" if not shown.mending else ""

    *coming, last = list(stream(small, QUESTION, model=endpoint(server, script)))
    assert [event.text for event in coming if isinstance(event, Sentence)] == [f"{TRUE}[1]。"]
    assert isinstance(last, Answer)
    assert last.text == f"{TRUE}[1]。"


def test_what_fails_is_mended_once_and_then_dropped(small: Searcher, server: HTTPServer) -> None:
    asked: list[bool] = []

    def mends(shown: Shown) -> str:
        asked.append(shown.mending)
        handle = handle_of(shown, "万吨级")
        return f"{TRUE if shown.mending else TRUE.replace('300', '3000')}[{handle}]。"

    assert ask(small, QUESTION, model=endpoint(server, mends)).text == f"{TRUE}[1]。"
    assert asked == [False, True]

    asked.clear()

    def insists(shown: Shown) -> str:
        asked.append(shown.mending)
        return f"{TRUE.replace('300', '3000')}[{handle_of(shown, '万吨级')}]。"

    answer = ask(small, QUESTION, model=endpoint(server, insists))
    assert asked == [False, True]
    assert (answer.writer, "3000" in answer.text, "300万元" in answer.text) == ("extractive", False, True)
    assert answer.notes[-1] == "模型写的话没有一句经得起核对，改由摘录原文作答。"


def test_a_refusal_is_not_the_models_to_give_or_to_take(small: Searcher, server: HTTPServer) -> None:
    asked: list[Shown] = []

    def script(shown: Shown) -> str:
        asked.append(shown)
        return "北京市给予100万元补贴[c1]。"

    answer = ask(small, "北京市对量子企业有什么补贴？", model=endpoint(server, script))
    assert (answer.refused, answer.writer, asked) == (True, "extractive", [])
    says_no = ask(small, QUESTION, model=endpoint(server, lambda _: "资料没有回答。"))
    assert (says_no.refused, says_no.writer) == (False, "extractive")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Response("no", 401), "模型服务拒绝了密钥"),
        (Response("no", 404), "模型服务没有这个模型"),
        (Response("no", 500), "模型服务出错（500）"),
        (Response("slow down", 429, {"retry-after": "0"}), "模型服务请求太频繁或额度用完"),
        (Response("<html>", content_type="text/html"), "改由摘录原文作答"),
        (Response("data: {broken\n\n", content_type="text/event-stream"), "模型服务的回复读不懂"),
        (Response('data: {"choices": 7}\n\n', content_type="text/event-stream"), "改由摘录原文作答"),
        (Response("", content_type="text/event-stream"), "改由摘录原文作答"),
    ],
    ids=["key", "name", "broken", "busy", "html", "json", "shape", "empty"],
)
def test_an_endpoint_that_fails_costs_nothing(small: Searcher, server: HTTPServer, reply: Response, why: str) -> None:
    plain = ask(small, QUESTION)
    answer = ask(small, QUESTION, model=endpoint(server, lambda _: reply))
    assert (answer.text, answer.citations, answer.writer) == (plain.text, plain.citations, "extractive")
    assert why in answer.notes[-1]
    assert KEY not in repr(answer)
    assert "127.0.0.1" not in repr(answer)


def test_a_stream_that_breaks_off_keeps_what_was_verified(small: Searcher, server: HTTPServer) -> None:
    def script(shown: Shown) -> Response:
        whole = list(events(f"{TRUE}[{handle_of(shown, '万吨级')}]。对首次认定的冷链示范企业给予", size=200))
        return Response(b"".join(whole[:1]) + b'data: {"error": {"message": "died", "code": 500}}\n\n')

    answer = ask(small, QUESTION, model=endpoint(server, script))
    assert answer.text == f"{TRUE}[1]。"
    assert answer.notes[-1].endswith("以下只有已核对的部分。") or answer.writer == "scripted"


def test_retries_follow_the_endpoint(small: Searcher, server: HTTPServer) -> None:
    tries: list[float] = []

    def script(shown: Shown) -> str | Response:
        tries.append(time.monotonic())
        if len(tries) == 1:
            return Response("busy", 429, {"retry-after": "1"})
        return f"{TRUE}[{handle_of(shown, '万吨级')}]。"

    answer = ask(small, QUESTION, model=endpoint(server, script, retries=1))
    assert (len(tries), answer.writer) == (2, "scripted")
    assert tries[1] - tries[0] >= 0.9


def test_an_endpoint_that_is_slow_or_gone(small: Searcher, server: HTTPServer) -> None:
    def script(shown: Shown) -> str:
        time.sleep(0.6)
        return f"{TRUE}[{handle_of(shown, '万吨级')}]。"

    slow = ask(small, QUESTION, model=endpoint(server, script, timeout=0.2))
    assert (slow.writer, slow.notes[-1]) == ("extractive", "模型服务超时，改由摘录原文作答。")
    gone = open_model(Settings(model="m", model_url="http://127.0.0.1:9/v1", model_key=KEY, model_retries=0))
    answer = ask(small, QUESTION, model=gone)
    assert (answer.writer, answer.notes[-1]) == ("extractive", "连不上模型服务，改由摘录原文作答。")


def test_a_flood_is_cut_off(small: Searcher, server: HTTPServer) -> None:
    began = time.perf_counter()
    answer = ask(small, QUESTION, model=endpoint(server, lambda shown: "啊" * 200_000))
    assert answer.writer == "extractive"
    assert time.perf_counter() - began < 60  # it ends, however busy the machine
    again = ask(small, QUESTION, model=endpoint(server, lambda shown: f"{TRUE}[{handle_of(shown, '万吨级')}]。" * 500))
    assert again.text == f"{TRUE}[1]。"


def test_the_budget_of_passages_holds(small: Searcher, server: HTTPServer) -> None:
    sizes: list[int] = []

    def script(shown: Shown) -> str:
        sizes.append(sum(map(len, shown.passages.values())))
        return ""

    server.clear()
    for budget in (500, 6000):
        endpoint(server, script)
        settings = Settings(model="m", model_url=server.url_for("/v1"), model_key=KEY, model_budget=budget)
        ask(small, QUESTION, model=open_model(settings))
    assert sizes[0] <= 500 < 6000
    assert sizes[1] <= 6000


def test_settings_of_the_model() -> None:
    assert open_model(Settings()) is None
    with pytest.raises(ConfigError, match="WENCE_MODEL"):
        open_model(Settings(model_url="http://127.0.0.1"))
    with pytest.raises(ConfigError, match="WENCE_MODEL_TIMEOUT"):
        load_settings({"WENCE_MODEL_TIMEOUT": "soon"})
    settings = load_settings({"WENCE_MODEL": "m", "WENCE_MODEL_KEY": KEY, "WENCE_MODEL_RETRIES": "0"})
    assert (settings.model, settings.model_retries) == ("m", 0)
    assert KEY not in repr(settings)


def test_sentences_are_cut_the_same_however_the_reply_is_cut() -> None:
    reply = "甲得10万元[c1]。乙得20万元。[c2][c3] 丙“是。”[c1]\n丁（c4）！末尾没有句号[c1]"
    expected = ["甲得10万元[c1]。", "乙得20万元。[c2][c3]", " 丙“是。”[c1]", "\n", "丁（c4）！", "末尾没有句号[c1]"]
    for size in (1, 2, 3, 5, 100):
        pieces = [reply[at : at + size] for at in range(0, len(reply), size)]
        assert [piece for piece in _sentences(iter(pieces)) if piece.strip()] == [e for e in expected if e.strip()], (
            size
        )


LIES = (
    "number ×10",
    "number ÷10",
    "number + 1",
    "scale 万/亿",
    "currency",
    "year ± 1",
    "bound turned",
    "negation added",
    "may and must not",
    "target reached",
    "level",
    "opposite",
)


def test_two_hundred_lies_and_none_gets_through(corpus: Searcher, server: HTTPServer) -> None:
    """A model that changes numbers, invents articles, cites what it never saw or nothing, draft and mending alike."""
    folder = Path(__file__).resolve().parents[2] / "corpus"
    truths = {one.text: one for one in sentences(sorted(folder.glob("0*")))}
    flat = bare("".join(truths))
    random = Random(7)
    told: list[str] = []

    def lie(shown: Shown) -> str:
        handles = list(shown.passages)
        for _ in range(30):
            handle = random.choice(handles)
            known = [text for text in truths if text in shown.passages[handle]]
            if not known:
                continue
            truth = truths[random.choice(known)]
            kind = random.choice((*LIES, "article", "handle", "nothing", "section", "document"))
            if kind == "article":
                article, amount = random.randint(31, 99), random.randint(11, 97)
                text = f"根据第{article}条，{truth.text.rstrip('。')}，并给予{amount}万元补贴"
            elif kind == "handle":
                told.append(truth.text)
                return f"{truth.text.rstrip('。')}，补贴{random.randint(1001, 9999)}万元[c{random.randint(90, 99)}]。"
            elif kind == "nothing":
                text = f"每家企业可得{random.randint(1001, 9999)}万元"
                told.append(text)
                return f"{text}。"
            elif kind == "section":
                text = f"第{random.randint(31, 99)}条规定每家企业得{random.randint(1001, 9999)}万元"
            elif kind == "document":
                text = f"《{random.choice(('北京', '深圳', '杭州'))}市未来产业条例》规定：{truth.text.rstrip('。')}"
            else:
                changed = FALSE[kind](truth, random)
                if changed is None or bare(changed) in flat:
                    continue
                text = changed.rstrip("。")
            told.append(text)
            return f"{text}[{handle}]。"
        return ""

    model = endpoint(server, lie)
    questions = [
        one.question for one in load(shipped()) if one.answerable and not one.history and one.type != "english"
    ]
    answers = 0
    for question in random.sample(questions, len(questions)):
        if answers >= 200:
            break
        before = len(told)
        answer = ask(corpus, question, model=model)
        lies = told[before:]
        if not lies:
            continue
        answers += 1
        lawful(answer)
        false = [
            text for text in lies if bare(text) not in flat and bare(text) in bare(re.sub(r"\[\d+\]", "", answer.text))
        ]
        assert false == [], (question, answer.text)
        assert answer.writer == "extractive", (question, lies, answer.text)
    assert answers == 200
