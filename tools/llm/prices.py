"""What a request costs: a user's own price list over the bundled one of `genai_prices`."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.llm.endpoint import Endpoint
from tools.services import ToolError

_MILLION = 1_000_000


@dataclass(frozen=True)
class _Price:
    """USD per million tokens."""

    input: float
    output: float
    cached_input: float

    def cost(self, prompt_tokens: int, completion_tokens: int, cached_tokens: int) -> float:
        fresh = (prompt_tokens - cached_tokens) * self.input
        return (fresh + cached_tokens * self.cached_input + completion_tokens * self.output) / (
            _MILLION
        )


def _number(table: Mapping[str, Any], key: str, where: str) -> float:
    value = table.get(key)
    if value is None:
        raise ToolError(f"{where} has no {key!r}, in USD per million tokens")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ToolError(f"{where}: {key!r} is {value!r}, which is not a number")
    if value < 0:
        raise ToolError(f"{where}: {key!r} is negative")
    return float(value)


def _price(table: object, where: str) -> _Price:
    if not isinstance(table, dict):
        raise ToolError(f'{where} is no table; a price looks like ["model"] input = 1 output = 2')
    if unknown := sorted(table.keys() - {"input", "output", "cached_input"}):
        raise ToolError(f"{where}: {unknown[0]!r} is neither 'input', 'output' nor 'cached_input'")
    price = _number(table, "input", where)
    cached = _number(table, "cached_input", where) if "cached_input" in table else price
    return _Price(price, _number(table, "output", where), cached)


def _read(path: Path) -> dict[str, _Price]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ToolError(f"price list {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ToolError(f"price list {path} is not TOML: {error}") from error
    return {
        model: _price(table, f"price list {path}: {model!r}") for model, table in tables.items()
    }


class Prices:
    """Prices of models.

    Args:
        path: TOML file with a table per model, `["my-model"]`, holding `input`, `output` and,
            if it differs, `cached_input`, in USD per million tokens. It goes before the bundled
            prices, whatever the endpoint.

    Raises:
        ToolError: The file cannot be used; the message names the file and what is wrong.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._own = {} if path is None else _read(path)

    def cost(
        self,
        endpoint: Endpoint,
        prompt_tokens: int,
        completion_tokens: int,
        cached_tokens: int = 0,
    ) -> float | None:
        """Return USD, or None where the price is unknown, as it is for a server of one's own.

        Args:
            endpoint: Its host says whose prices apply: one model has many sellers.
            prompt_tokens: All tokens of the prompt.
            completion_tokens: Tokens of the answer, reasoning included.
            cached_tokens: How many of `prompt_tokens` the provider had in its cache.
        """
        cached_tokens = min(cached_tokens, prompt_tokens)
        if own := self._own.get(endpoint.model):
            return own.cost(prompt_tokens, completion_tokens, cached_tokens)
        from genai_prices import Usage, calc_price

        usage = Usage(
            input_tokens=prompt_tokens,
            output_tokens=completion_tokens,
            cache_read_tokens=cached_tokens,
        )
        try:
            price = calc_price(usage, endpoint.model, provider_api_url=endpoint.where)
        except LookupError:
            return None
        return float(price.total_price)
