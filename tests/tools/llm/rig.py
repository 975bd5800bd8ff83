"""What the tests of the gateway share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.tools.llm.server import Script, Server
from tools.llm.book import Book
from tools.llm.endpoint import Endpoint
from tools.llm.gateway import Gateway
from tools.llm.prices import Prices
from tools.llm.prompt import Json, Prompt

KEY = "sk-canary-3141592653589793"
PRICES = '["m"]\ninput = 1.0\noutput = 2.0\n'
ITEM = {
    "type": "object",
    "properties": {"input": {"type": "string"}, "output": {"type": "string"}},
    "required": ["input", "output"],
    "additionalProperties": False,
}
SCHEMA: Json = {
    "type": "object",
    "properties": {"examples": {"type": "array", "items": ITEM}},
    "required": ["examples"],
    "additionalProperties": False,
}


def prompt(number: int, **changes: Any) -> Prompt:
    values: Json = {
        "name": "examples",
        "system": "You write examples.",
        "user": f'Write some.\n{{"write": {number}}}',
        "schema": SCHEMA,
        "seed": number,
        "max_tokens": 100,
    }
    return Prompt(**(values | changes))


def prompts(count: int) -> list[Prompt]:
    return [prompt(number) for number in range(count)]


def examples(*inputs: str) -> Json:
    return {"examples": [{"input": text, "output": "a"} for text in inputs]}


def asked(body: Json) -> int:
    """The number of the prompt that a request comes from."""
    return int(body["seed"])


class Rig:
    """A server and a gateway to it."""

    def __init__(self, server: Server, folder: Path, cap_usd: float, **settings: Any) -> None:
        priced = folder / "prices.toml"
        priced.write_text(PRICES)
        self.server, self.folder = server, folder
        self.endpoint = Endpoint("m", server.url, KEY)
        self.book = Book(folder / "book.sqlite", cap_usd)
        self.gateway = Gateway(self.endpoint, self.book, Prices(priced), "teacher", **settings)


@contextmanager
def rig(folder: Path, script: Script, cap_usd: float = 10.0, **settings: Any) -> Iterator[Rig]:
    with Server(script) as server:
        made = Rig(server, folder, cap_usd, **settings)
        try:
            yield made
        finally:
            made.gateway.close()
            made.book.close()
