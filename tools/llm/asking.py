"""What all who ask an LLM share: whom they ask, and the parts that their prompts have."""

import json
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from prompts import render
from tools.llm.prompt import Json, Prompt, Reply
from tools.services import Progress, silent

BUDGET = "budget"
TOO_LONG = "too long"
"""Problems of a reply that are answered here; all others only count."""
_THINKING = 2_000
"""Tokens that a reasoning model may think before it answers."""
_BYTES_PER_TOKEN = 2.5
"""Fewer than in any usual language, so that estimates err on the long side."""


class Asker(Protocol):
    """Sends prompts to one model, all at once as far as its endpoint allows."""

    model: str

    def ask(
        self, prompts: Sequence[Prompt], call: str, progress: Progress = silent
    ) -> Iterator[Reply]:
        """Yield the replies in the order of the prompts; costs are booked under `call`."""
        ...


def tokens(characters: Sequence[str], each: int, answers: int) -> int:
    """Return how many tokens to allow for `answers` items.

    Args:
        characters: Texts that the items will be like.
        each: Tokens of an item beside such a text.
        answers: Number of items.
    """
    size = sum(len(text.encode(errors="surrogatepass")) for text in characters)
    usual = size / max(1, len(characters)) / _BYTES_PER_TOKEN
    return _THINKING + answers * (each + math.ceil(2 * usual))


def seed_of(*parts: object) -> int:
    """Return a seed for the server, 31 bits, that follows from `parts` alone."""
    return zlib.crc32(" ".join(map(str, parts)).encode()) & 0x7FFFFFFF


def message(template: str, request: Json, **values: object) -> str:
    """Return a rendered prompt whose last line is the request object."""
    return render(template, request=line(request), **values).strip()


def line(value: Any) -> str:
    """Return a JSON value on one line that cannot close a data block."""
    return json.dumps(value, ensure_ascii=False, default=str).replace("</", "<\\/")


def clipped(text: str, most: int) -> str:
    """Return the first `most` characters, with an ellipsis where some are left out."""
    return text if len(text) <= most else text[:most].rstrip() + " …"


def items(reply: Reply, key: str) -> list[Any]:
    """Return the list that an answer has under `key`; empty where it has none."""
    found = (reply.value or {}).get(key)
    return found if isinstance(found, list) else []


def texts_of(item: Any, *keys: str) -> tuple[str, ...] | None:
    """Return the strings under `keys`, stripped; None unless `item` is an object with all."""
    if not isinstance(item, dict) or not all(isinstance(item.get(key), str) for key in keys):
        return None
    return tuple(item[key].strip() for key in keys)


def written_out(item: Any) -> Any:
    """Return an item with its output as text, where a model gave the JSON itself."""
    if isinstance(item, dict) and isinstance(item.get("output"), dict | list):
        return item | {"output": json.dumps(item["output"], ensure_ascii=False)}
    return item


def spelled(output: str, names: Iterable[str]) -> str:
    """Return the one of `names` that differs from `output` in case only, or else `output`."""
    return next((name for name in names if name.casefold() == output.casefold()), output)


def list_schema(key: str, **fields: Json) -> Json:
    """Return the schema of an object whose only property `key` lists objects of `fields`."""
    return closed({key: {"type": "array", "items": closed(dict(fields))}})


def closed(properties: Json) -> Json:
    """Return the schema of an object that has these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TEXT: Json = {"type": "string"}
_MOST_NAMES = 200
"""More choices than this, and servers refuse the schema."""


def one_of(names: Sequence[str]) -> Json:
    """Return the schema of a string that is one of `names`; of any string where there are none."""
    return {"type": "string", "enum": list(names)} if 0 < len(names) <= _MOST_NAMES else TEXT
