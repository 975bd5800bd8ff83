"""A model in memory that answers from the request object at the end of each prompt."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.llm.prompt import Json, Prompt, Reply
from tools.services import Progress, silent

_WORDS = ["amber", "basin", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "jetty"]


def asked(prompt: Prompt) -> Json:
    """The request object of a prompt."""
    request: Json = json.loads(prompt.user.splitlines()[-1])
    return request


@dataclass
class Desk:
    """Answers every prompt; an input's first word decides how it labels it.

    Attributes:
        spoil: Gives the reply to a prompt in place of the usual one, unless it returns None.
        waves: The prompts of each `ask` so far.
    """

    spoil: Callable[[Prompt], Reply | None] = lambda _: None
    waves: list[list[Prompt]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    model: str = "desk-1"

    def ask(
        self, prompts: Sequence[Prompt], call: str, progress: Progress = silent
    ) -> Iterator[Reply]:
        del progress
        self.waves.append(list(prompts))
        self.calls.append(call)
        return (self.spoil(prompt) or Reply(_answer(prompt)) for prompt in prompts)

    def prompts(self, name: str) -> list[Prompt]:
        return [prompt for wave in self.waves for prompt in wave if prompt.name == name]


def _answer(prompt: Prompt) -> Json:
    request = asked(prompt)
    ((kind, what),) = ((k, v) for k, v in request.items() if k != "hard")
    rng = random.Random(prompt.seed)
    answers: dict[str, Callable[[], Json]] = {
        "write": lambda: {"examples": _written(what, rng)},
        "inputs": lambda: {
            "outputs": [{"id": id_, "output": text.split()[0]} for id_, text in what.items()]
        },
        "attributes": lambda: {
            "attributes": [
                {"name": "who", "values": ["a cook", "a pilot"]},
                {"name": "where", "values": ["at home", "at sea", "abroad"]},
            ]
        },
        "subjects": lambda: {
            "subjects": [
                {"label": label.upper(), "values": [f"{label} {i}" for i in range(4)]}
                for label in what["labels"]
            ]
            or ["tea", "rope"]
        },
        "rows": lambda: {
            "examples": [
                {"row": id_, "input": f"{row['text']} {_salad(rng)}", "output": row["kind"]}
                for id_, row in what.items()
            ]
        },
        "plan": lambda: {"plan": "use the text as it is"},
    }
    return answers[kind]()


def _written(what: Any, rng: random.Random) -> list[Json]:
    if isinstance(what, int):
        texts = [_salad(rng) for _ in range(what)]
        return [{"input": text, "output": text.upper()} for text in texts]
    return [
        {"input": f"{label} {_salad(rng)}", "output": label}
        for label, times in what.items()
        for _ in range(times)
    ]


def _salad(rng: random.Random) -> str:
    return " ".join([*rng.sample(_WORDS, 5), str(rng.randrange(10**9))])
