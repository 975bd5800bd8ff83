"""Answers in free text: the likeliest token, one after the other."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tools.students.text.decoding import begin


class Guide(Protocol):
    """Decides what may come next in each row of a batch."""

    def start(self, rows: int) -> None:
        """Begin with this many rows, nothing written in any."""
        ...

    def restrict(self, logits: Any, rows: Sequence[int]) -> None:
        """Set the scores of what may not come next to minus infinity; logits[i] is of rows[i]."""
        ...

    def take(self, row: int, token: int) -> None:
        """Hear what a row went on with."""
        ...


@dataclass
class Written:
    """What has been written in a row: tokens, without the one that ends it, and how sure it is."""

    ids: list[int] = field(default_factory=list)
    ended: bool = False
    steps: int = 0
    log_probability: float = 0.0
    lead: float = 1.0

    def add(self, token: int, best: float, second: float, stops: Collection[int]) -> None:
        """Take a token; `best` is its log-probability, `second` that of the next likely one."""
        self.steps += 1
        self.log_probability += best
        self.lead = min(self.lead, math.exp(best) - math.exp(second))
        self.ended = token in stops
        if not self.ended:
            self.ids.append(token)

    @property
    def confidence(self) -> float:
        """The geometric mean of the probabilities of the tokens, the last one included."""
        return math.exp(self.log_probability / max(1, self.steps))


def write(
    model: Any,
    prompts: Sequence[Sequence[int]],
    stops: Collection[int],
    longest: int,
    guide: Guide | None = None,
) -> list[Written]:
    """Go on with the likeliest token, until one of `stops` or `longest` tokens in all.

    transformers' own `generate` keeps rows that have ended in the batch, and its bookkeeping takes
    longer than a step of a small model.
    """
    written = [Written() for _ in prompts]
    if guide:
        guide.start(len(prompts))
    live = [*range(len(prompts))]
    decoding = begin(model, prompts)
    for step in range(1, longest + 1):
        if guide:
            guide.restrict(decoding.logits, live)
        best = decoding.logits.log_softmax(-1).topk(2)
        tokens = best.indices[:, 0].tolist()
        for row, token, (first, second) in zip(live, tokens, best.values.tolist(), strict=True):
            written[row].add(token, first, second, stops)
            if guide:
                guide.take(row, token)
        going_on = [place for place, row in enumerate(live) if not written[row].ended]
        live = [live[place] for place in going_on]
        if not live or step == longest:
            break
        decoding.go_on(going_on, [tokens[place] for place in going_on])
    return written
