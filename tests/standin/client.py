"""A plain client of the stand-in, for its own tests and for trying it by hand."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import openai

from tests.standin.server import StandIn
from tests.standin.wire import Json

KEY = "sk-stand-in"


@contextmanager
def serving(server: StandIn) -> Iterator[openai.OpenAI]:
    """Serve meanwhile; give a client that never tries again."""
    with server as url, connected(url) as client:
        yield client


def connected(url: str) -> openai.OpenAI:
    """Return a client that never tries again and waits for at most ten seconds."""
    return openai.OpenAI(base_url=url, api_key=KEY, max_retries=0, timeout=10)


def ask(client: openai.OpenAI, request: Json, words: str = "", **more: Any) -> Any:
    """Return the completion of a prompt that ends with a request object."""
    prompt = f"{words} Please, with {{care}}.\n{json.dumps(request)}"
    messages = [{"role": "user", "content": prompt}]
    return client.chat.completions.create(**{"model": "m", "messages": messages, **more})


def said(client: openai.OpenAI, request: Json, words: str = "", **more: Any) -> str:
    """Return the text of the answer to a request object."""
    return str(ask(client, request, words, **more).choices[0].message.content)


def told(client: openai.OpenAI, request: Json, words: str = "", **more: Any) -> Any:
    """Return the JSON of the answer to a request object."""
    return json.loads(said(client, request, words, **more))
