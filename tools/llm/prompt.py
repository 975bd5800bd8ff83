"""What is sent to a chat model and what comes back, without any library's own types."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Prompt:
    """One chat request that asks for a JSON object.

    Attributes:
        name: What the answer is, as an identifier: `examples`, `outputs`, `task`…
        schema: JSON schema of the answer, fit for strict mode: every property required, no others.
        seed: Makes this request differ from an otherwise equal one; sent to the server too.
        max_tokens: Most tokens of the answer, reasoning included.
    """

    name: str
    system: str
    user: str
    schema: Json
    seed: int
    max_tokens: int
    temperature: float = 1.0


@dataclass(frozen=True)
class Reply:
    """What became of a prompt.

    Attributes:
        value: The answer; None if there is none that can be used.
        problem: Why there is none, in a few words.
        truncated: Whether the answer was cut off, so that `value` holds its complete items only.
    """

    value: Json | None
    problem: str = ""
    truncated: bool = False
