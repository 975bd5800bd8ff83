"""One request to an endpoint, in terms that the endpoint understands."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from tools.llm.endpoint import Endpoint
from tools.llm.failures import Failure, Feature, classify, shortened
from tools.llm.prompt import Json, Prompt

Messages = Sequence[dict[str, str]]

# Servers refuse requests with 400 or 422 for what they do not know: each offers a way out.
_FORMATS = ("json_schema", "json_object", "text")
_FEWEST_TOKENS = 64
_IN_WORDS = "\n\nAnswer with nothing but one JSON object that fits this JSON schema:\n"


@dataclass(frozen=True)
class Dialect:
    """Which optional parts of the chat API are used with an endpoint."""

    response_format: int = 0
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    left_out: frozenset[Feature] = frozenset()
    most_tokens: int | None = None

    def body(self, prompt: Prompt, messages: Messages) -> Json:
        """Return the request, less the model's name."""
        kind = _FORMATS[self.response_format]
        body: Json = {"messages": list(messages), self.limit: self._limited(prompt)}
        if kind == "json_schema":
            schema = {"name": prompt.name, "schema": prompt.schema, "strict": True}
            body["response_format"] = {"type": kind, "json_schema": schema}
        else:
            first, *rest = messages
            words = first["content"] + _IN_WORDS + json.dumps(prompt.schema, ensure_ascii=False)
            body["messages"] = [{**first, "content": words}, *rest]
        if kind == "json_object":
            body["response_format"] = {"type": kind}
        optional = {"seed": prompt.seed, "temperature": prompt.temperature}
        return body | {name: v for name, v in optional.items() if name not in self.left_out}

    def _limited(self, prompt: Prompt) -> int:
        return min(prompt.max_tokens, self.most_tokens or prompt.max_tokens)

    def after(self, failure: Failure, prompt: Prompt) -> "Dialect | None":
        """Return the dialect to try after a complaint about its feature; None if none is left."""
        feature = failure.feature
        if feature is None:
            return None
        if feature == "most_tokens":
            asked = self._limited(prompt)
            # The height that is allowed is mostly said, beside the one that was asked for.
            most = max((n for n in failure.numbers if n < asked), default=0)
            most = most if most >= _FEWEST_TOKENS else asked // 2
            return replace(self, most_tokens=most) if most >= _FEWEST_TOKENS else None
        if feature == "response_format":
            more = self.response_format + 1
            return replace(self, response_format=more) if more < len(_FORMATS) else None
        if feature == "max_tokens":
            other = replace(self, limit="max_completion_tokens")
            return other if other != self else None
        if feature in self.left_out:
            return None
        return replace(self, left_out=self.left_out | {feature})


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Details(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None


class _Answer(BaseModel):
    model: str | None = None
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


@dataclass(frozen=True)
class Completion:
    """An answer of a model.

    Attributes:
        refused: Whether the model or a filter declined.
        prompt_tokens: As billed; bytes / 4 where the server says nothing.
        completion_tokens: Likewise, reasoning included where the server counts it.
        model: What the server calls the model that answered; None where it does not say.
    """

    text: str
    refused: bool
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    model: str | None = None
    finish_reason: str | None = None


class Chat:
    """Sends requests to one endpoint. Belongs to the loop that it is used in.

    Args:
        endpoint: Where to.
        call_timeout_s: Longest time from sending a request to the last byte of its answer.
    """

    def __init__(self, endpoint: Endpoint, call_timeout_s: float) -> None:
        self._endpoint = endpoint
        self._call_timeout_s = call_timeout_s
        self._client = endpoint.client(call_timeout_s)
        self._dialect = Dialect()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def send(self, prompt: Prompt, messages: Messages) -> Completion | Failure:
        """Send a request, again in other words as long as the server does not know the words.

        What is learnt of the server holds for all further requests.
        """
        guessed = False
        while True:
            dialect = self._dialect
            result = await self._send(dialect.body(prompt, messages))
            if isinstance(result, Completion) or result.feature is None:
                return result
            if guessed and result.kind == "fatal":
                return result
            guessed = guessed or result.kind == "fatal"
            # Another request under way may have learnt the same in the meantime.
            if self._dialect is dialect:
                if (learnt := dialect.after(result, prompt)) is None:
                    return replace(result, kind="fatal")
                self._dialect = learnt

    async def _send(self, body: Json) -> Completion | Failure:
        from openai import APIError

        where = self._endpoint.where
        try:
            # The client's own timeout is between two bytes, which a slow drip never reaches.
            async with asyncio.timeout(self._call_timeout_s):
                raw = await self._client.chat.completions.with_raw_response.create(
                    model=self._endpoint.model, **body
                )
            answer = _Answer.model_validate_json(raw.content)
        except APIError as error:
            return classify(error, self._endpoint)
        except TimeoutError:
            message = f"{where} gave no answer within {self._call_timeout_s:.0f} s"
            return Failure("broken", message, billed=True)
        except ValidationError:
            said = shortened(self._endpoint.redacted(raw.text))
            message = f"{where} answers with what is no chat completion: {said}"
            return Failure("broken", message, billed=True)
        return self._completion(answer, body)

    def _completion(self, answer: _Answer, body: Json) -> Completion:
        choice, usage = answer.choices[0], answer.usage or _Usage()
        text = self._endpoint.redacted(choice.message.content or "")
        details = usage.prompt_tokens_details or _Details()
        prompt_tokens, completion_tokens = usage.prompt_tokens, usage.completion_tokens
        if prompt_tokens is None:
            prompt_tokens = len(json.dumps(body, ensure_ascii=False).encode()) // 4
        if completion_tokens is None:
            completion_tokens = len(text.encode(errors="replace")) // 4
        return Completion(
            text=text,
            refused=bool(choice.message.refusal) or choice.finish_reason == "content_filter",
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            cached_tokens=details.cached_tokens or 0,
            model=answer.model,
            finish_reason=choice.finish_reason,
        )
