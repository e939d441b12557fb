"""What the HTTP interface takes and gives, described for OpenAPI. The records themselves are made elsewhere."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1, max_length=20_000)]


class Message(BaseModel):
    """One turn of the talk before the question."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=100_000)


class AskRequest(BaseModel):
    """A question, and the talk before it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"question": "首次入选的独角兽企业奖励多少？"},
                {
                    "question": "那2035年呢？",
                    "history": [{"role": "user", "content": "上海未来产业2030年的目标是什么？"}],
                },
            ]
        }
    )
    question: Text
    history: list[Message] = Field(default=[], max_length=50)
    id: str | int | None = Field(default=None, description="handed back as it came")


class ByRequest(BaseModel):
    """Who reviews or approves, where no key says it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"by": "李明"}]})
    by: str | None = Field(default=None, max_length=80)


class MatchRequest(BaseModel):
    """A firm: free text, or an object with `text`, `sectors`, `places`, `stage`, `size`, `qualifications`, `needs`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"profile": "张江的细胞治疗初创企业，有高新技术企业资质，需要资金和场地"}]}
    )
    profile: Text | dict[str, str | list[str]]


class EvalRequest(BaseModel):
    """How much of the known-answer set to run: a share, evenly drawn, of some types of question or of all."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"share": 0.1}, {"share": 1, "types": ["number"]}]})
    share: float = Field(default=0.1, gt=0, le=1)
    types: list[Annotated[str, Field(max_length=100)]] = Field(default=[], max_length=50)


class EvalModel(BaseModel):
    """A run of the known-answer set: how far it is and, once it is done, its figures."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "9f1c22ab",
                    "state": "done",
                    "done": 63,
                    "total": 63,
                    "started": "2026-11-21T08:00:00Z",
                    "error": None,
                    "report": {
                        "questions": 63,
                        "figures": {"right": {"value": 0.98, "low": 0.95, "high": 1.0, "n": 63}},
                    },
                },
                {
                    "id": "9f1c22ab",
                    "state": "running",
                    "done": 12,
                    "total": 63,
                    "started": "2026-11-21T08:00:00Z",
                    "error": None,
                    "report": None,
                },
            ]
        }
    )
    id: str | None
    state: Literal["idle", "running", "done", "failed", "stopped"]
    done: int
    total: int
    started: str | None
    error: str | None
    report: dict[str, object] | None = Field(description="the object of `wence eval --json`, its rows on request")


class CellModel(BaseModel):
    """A cell of a table."""

    row: str
    column: str
    value: str


class CitationModel(BaseModel):
    """A passage that a sentence rests on. `quote` stands word for word in the source at [start, end)."""

    n: int
    file: str
    doc: str
    title: str
    doc_number: str | None
    section: str
    heading: str | None
    quote: str
    start: int
    end: int
    page: int | None
    cell: CellModel | None = None


class ApprovalModel(BaseModel):
    """Who approved an answer, when (ISO 8601, UTC); `id` is the number of the saved reply."""

    id: int
    by: str
    at: str


class AnswerModel(BaseModel):
    """An answer; `answer` are sentences that each end in their [n] marks."""

    model_config = ConfigDict(extra="allow")
    id: str | int | None
    question: str
    answer: str
    refused: bool
    reason: str | None
    citations: list[CitationModel]
    notes: list[str]
    confidence: float
    writer: str
    latency_ms: float
    approved: ApprovalModel | None = None


class StepModel(BaseModel):
    """A change of state, when in ISO 8601 (UTC)."""

    state: Literal["draft", "reviewed", "approved", "withdrawn"]
    by: str
    at: str


class PartModel(BaseModel):
    """A paragraph of a reply, with the numbers of its citations."""

    kind: str
    text: str
    citations: list[int]


class ReplyModel(BaseModel):
    """A saved reply; `problems`, where they were looked for, are what no longer holds in today's documents."""

    id: int
    state: Literal["draft", "reviewed", "approved", "withdrawn"]
    question: str
    understood: str
    refused: bool
    steps: list[StepModel]
    parts: list[PartModel]
    citations: list[CitationModel]
    problems: list[str] | None = None


class RepliesModel(BaseModel):
    """Saved replies, newest first."""

    replies: list[ReplyModel]


class HitModel(BaseModel):
    """A passage found; `start` and `end` are characters of the source."""

    model_config = ConfigDict(extra="allow")
    rank: int
    score: float
    file: str
    doc: str
    title: str
    doc_number: str | None
    path: str
    heading: str | None
    text: str
    start: int | None
    end: int | None


class HitsModel(BaseModel):
    """Passages, best first."""

    hits: list[HitModel]


class DocumentModel(BaseModel):
    """A document of the index, without its text."""

    doc: str
    file: str
    title: str
    doc_number: str | None


class DocumentsModel(BaseModel):
    """All documents, by file name."""

    documents: list[DocumentModel]


class BuildModel(BaseModel):
    """What a change of the documents did to the index."""

    documents: int
    sections: int
    chunks: int
    added: int
    updated: int
    unchanged: int
    removed: int
    failed: list[dict[str, str]]
    seconds: float


class Fault(BaseModel):
    """What went wrong, where, and what to do."""

    code: int
    message: str


class FaultModel(BaseModel):
    """Every answer with a status from 400 on."""

    error: Fault


class ChatMessage(BaseModel):
    """A message of OpenAI's chat protocol; system messages are not followed: they are no policy."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[dict[str, object]] | None = None


class ChatRequest(BaseModel):
    """What OpenAI's `/v1/chat/completions` takes, as far as it means something here; other fields are ignored."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {"model": "wence", "messages": [{"role": "user", "content": "首次入选的独角兽企业奖励多少？"}]}
            ]
        },
    )
    messages: list[ChatMessage] = Field(min_length=1, max_length=100)
    model: str = Field(default="wence", max_length=200)
    stream: bool = False


def profile_text(request: MatchRequest) -> str:
    """The firm as `assistant.profile.read_profile` takes it."""
    given = request.profile
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
