"""How a model that writes is asked, and how its answer is put together, token by token."""

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tools.shipping.templates.command_line import Answer, Likely, answered

WIDTH = 4
"""How many beginnings of a label are followed at once."""
UNLIKELY = math.log(1_000)

Trie = dict[int, "Trie | str"]
"""Token → what can follow it; a label where only one is left, however it goes on."""
Scores = Any
"""A number for every token."""
State = Any
"""What a network remembers of what it has read; reading on makes a new one."""


class Tokens(Protocol):
    """A tokenizer."""

    def encode(self, text: str, *, plain: bool, special: bool) -> list[int]:
        """Return the tokens of a text.

        Args:
            text: What to take apart.
            plain: Whether what looks like a special token is none.
            special: Whether to add the special tokens that stand at the ends.
        """
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of tokens, special ones left out."""
        ...


class Prompts:
    """Turns texts into the tokens that a model was trained to read."""

    def __init__(self, tokens: Tokens, settings: Mapping[str, Any]) -> None:
        self._form = settings
        self._tokens = tokens

    def ids(self, text: str) -> list[int]:
        """Return the tokens of a prompt; of a text that is too long the end is left out."""
        longest = self._form["longest_prompt"]
        ids = self._ids(text)
        while len(ids) > longest and text:
            text = text[: min(len(text) - 1, len(text) * longest // len(ids))]
            ids = self._ids(text)
        return ids

    def _ids(self, text: str) -> list[int]:
        form = self._form
        before, after, cut = form["before"], form["after"], form["cut"]
        if any(mark in text for mark in form["marks"]):
            # What looks like a special token in a text is none.
            parts = self._encode(before), self._encode(text, plain=True), self._encode(after)
            ids = [*form["first"], *parts[0], *parts[1], *parts[2], *form["last"]]
        else:
            text = text.strip() if form["strip"] else text
            ids = self._encode(before + text + after, special=form["special"])
        return [*(ids[:-1] if cut and ids[-1:] == cut else ids), *form["end"]]

    def _encode(self, text: str, *, plain: bool = False, special: bool = False) -> list[int]:
        return self._tokens.encode(text, plain=plain, special=special)


class Writer(ABC):
    """A model that writes; `start` and `go_on` are the network's part."""

    def __init__(self, folder: Path, tokens: Tokens) -> None:
        self.settings = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        self._tokens = tokens
        self._prompts = Prompts(tokens, self.settings)
        self._labels = grow(list(self.settings["labels"].items()))

    @abstractmethod
    def start(self, ids: list[int]) -> tuple[Scores, State]:
        """Read a prompt; return what comes next how likely, and what to go on with."""

    @abstractmethod
    def go_on(self, state: State, token: int) -> tuple[Scores, State]:
        """Read one more token."""

    def predict(self, texts: Sequence[str]) -> Iterator[Answer]:
        """Yield `input`, `output` and `confidence` for each text."""
        for text in texts:
            yield answered(text, self.likely(text))

    def likely(self, text: str) -> Likely:
        """Return the labels found likely, the likeliest first; of free texts the one answer."""
        scores, state = self.start(self._prompts.ids(text))
        return self._choose(scores, state) if self._labels else [self._write(scores, state)]

    def _write(self, scores: Scores, state: State) -> tuple[str, float]:
        """Take the likeliest token until the answer ends; how sure is a geometric mean."""
        ids: list[int] = []
        chances: list[float] = []
        while True:
            token = int(np.argmax(scores))
            chances.append(float(log_softmax(scores)[token]))
            if token in self.settings["stops"]:
                break
            ids.append(token)
            if len(chances) == self.settings["longest_completion"]:
                break
            scores, state = self.go_on(state, token)
        return self._tokens.decode(ids).strip(), math.exp(sum(chances) / len(chances))

    def _choose(self, scores: Scores, state: State) -> Likely:
        """Return the likely labels; probabilities are those among tokens that lead to one."""
        found: dict[str, float] = {}
        paths = [(0.0, self._labels, scores, state)]
        while paths:
            onward: list[tuple[float, Trie, int, State]] = []
            for so_far, node, scores, state in paths:
                for token, chance in zip(node, log_softmax(scores[list(node)]), strict=True):
                    following = node[token]
                    if isinstance(following, str):
                        found[following] = so_far + float(chance)
                    else:
                        onward.append((so_far + float(chance), following, token, state))
            onward.sort(key=lambda path: -path[0])
            least = max([*found.values(), *(path[0] for path in onward[:1])]) - UNLIKELY
            hopeful = [path for path in onward[:WIDTH] if path[0] >= least]
            paths = [
                (so_far, node, *self.go_on(state, token)) for so_far, node, token, state in hopeful
            ]
        ranked = sorted(found.items(), key=lambda pair: -pair[1])
        return [(label, math.exp(chance)) for label, chance in ranked]


def log_softmax(scores: Scores) -> Any:
    """Return log-probabilities."""
    shifted = np.asarray(scores, np.float64) - np.max(scores)
    return shifted - np.log(np.exp(shifted).sum())


def grow(completions: Sequence[tuple[str, list[int]]], depth: int = 0) -> Trie:
    """Return the trie of labels, given the tokens of each; none begins another."""
    following: dict[int, list[tuple[str, list[int]]]] = {}
    for label, tokens in completions:
        following.setdefault(tokens[depth], []).append((label, tokens))
    return {
        token: rest[0][0] if len(rest) == 1 else grow(rest, depth + 1)
        for token, rest in following.items()
    }
