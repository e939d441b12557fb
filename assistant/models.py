"""A language model behind any OpenAI-compatible endpoint, through LangChain. It is a guest: nothing here trusts it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from errors import ConfigError
from settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_LONGEST = 20_000  # characters of one reply: what runs on past them is cut off
_REPLY_TOKENS = 1500


class ModelError(Exception):
    """The model gave nothing usable; the message says why in a few Chinese words, with no key and no address."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a model."""

    role: Literal["system", "user", "assistant"]
    content: str


class LanguageModel(Protocol):
    """What writing with a model needs of it."""

    @property
    def name(self) -> str:
        """The model's name, as an answer's `writer`."""
        ...

    @property
    def budget(self) -> int:
        """How many characters of passages it is shown, at most."""
        ...

    def reply(self, messages: Sequence[Message]) -> Iterator[str]:
        """The reply as it comes, piece by piece. Raises ModelError."""
        ...


class ChatModel:
    """A LangChain chat model: streaming, with the time-out and retries (exponential back-off) it was made with."""

    def __init__(self, chat: BaseChatModel, name: str, budget: int) -> None:
        """`budget` in characters of passages."""
        self._chat, self.name, self.budget = chat, name, budget

    def reply(self, messages: Sequence[Message]) -> Iterator[str]:
        """The reply as it comes. Raises ModelError for whatever the endpoint, the network or the protocol does."""
        total = 0
        try:
            for chunk in self._chat.stream([(message.role, message.content) for message in messages]):
                piece = chunk.text
                total += len(piece)
                yield piece
                if total > _LONGEST:
                    return
        except Exception as error:  # endpoints fail in more ways than can be listed; none may cost the answer
            raise ModelError(_why(error)) from error


def open_model(settings: Settings) -> LanguageModel | None:
    """The model that the settings name, `None` without one. Nothing is asked of it yet.

    Raises ConfigError when only a part of the settings is given.
    """
    if not settings.model:
        if settings.model_url:
            raise ConfigError("设置了 WENCE_MODEL_URL，没有设置 WENCE_MODEL；请写出模型的名称，或取消前者")
        return None
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    chat = ChatOpenAI(
        model=settings.model,
        base_url=settings.model_url,
        api_key=SecretStr(settings.model_key or "none"),
        timeout=settings.model_timeout,
        max_retries=settings.model_retries,
        temperature=0.0,
        max_completion_tokens=_REPLY_TOKENS,
        use_responses_api=False,
        stream_usage=False,
    )
    return ChatModel(chat, settings.model, settings.model_budget)


def _why(error: Exception) -> str:
    """What went wrong, in a few words. The error's own text may hold addresses and keys, so it is not shown."""
    status = getattr(error, "status_code", None)
    if status in (401, 403):
        return "模型服务拒绝了密钥"
    if status == 404:
        return "模型服务没有这个模型"
    if status == 429:
        return "模型服务请求太频繁或额度用完"
    if isinstance(status, int):
        return f"模型服务出错（{status}）"
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & {"APITimeoutError", "TimeoutException", "TimeoutError", "StreamChunkTimeoutError"}:
        return "模型服务超时"
    if names & {"APIConnectionError", "TransportError", "ConnectionError"}:
        return "连不上模型服务"
    return "模型服务的回复读不懂"
