"""Answers that can only be labels: the likeliest path through a trie of their tokens."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.services import Prediction, UnfitBaseError
from tools.students.text.decoding import begin
from tools.students.text.form import Form

WIDTH = 4
"""How many beginnings of a row's answer are followed at once."""
_UNLIKELY = math.log(1_000)

Trie = dict[int, "Trie | str"]
"""Token → what can follow it; the label where only one is left, however it goes on."""


def trie_of(form: Form, tokenizer: Any) -> Trie | str | None:
    """Return the trie of a form's labels; None where any text may be an answer.

    Raises:
        UnfitBaseError: Two labels have the same tokens.
    """
    completions = {label: form.completion_ids(tokenizer, label) for label in form.labels}
    return grow(completions) if completions else None


def grow(completions: Mapping[str, Sequence[int]]) -> Trie | str:
    """Return the trie of labels, given the tokens of each, the one that ends it included.

    Raises:
        UnfitBaseError: Two labels have the same tokens.
    """
    return _grown([*completions.items()], 0)


def _grown(completions: Sequence[tuple[str, Sequence[int]]], depth: int) -> Trie | str:
    if len(completions) == 1:
        return completions[0][0]
    following: dict[int, list[tuple[str, Sequence[int]]]] = {}
    for label, tokens in completions:
        # Every completion ends with a token that stands nowhere else, so none begins another.
        if len(tokens) == depth:
            first, second = completions[0][0], completions[1][0]
            raise UnfitBaseError(
                f"the tokenizer cannot tell label {first!r} from {second!r};"
                " choose another base, or rename one of them"
            )
        following.setdefault(tokens[depth], []).append((label, tokens))
    return {token: _grown(rest, depth + 1) for token, rest in following.items()}


@dataclass(frozen=True)
class _Path:
    """A row, the way that led to a part of the trie, and the log-probability of that."""

    row: int
    place: int
    token: int
    node: Trie | str
    score: float


def choose(model: Any, prompts: Sequence[Sequence[int]], trie: Trie | str) -> list[Prediction]:
    """Return the likeliest label of each prompt.

    At each token the probabilities are those among the tokens that lead to a label, so that those
    of all labels add up to one. A beginning is given up when it is a thousand times less likely
    than the best, or when `WIDTH` others are likelier.
    """
    if isinstance(trie, str):
        return [Prediction(trie, 1.0, 1.0) for _ in prompts]
    found: list[list[_Path]] = [[] for _ in prompts]
    paths = [_Path(row, row, 0, trie, 0.0) for row in range(len(prompts))]
    decoding = begin(model, prompts)
    while True:
        onward: list[list[_Path]] = [[] for _ in prompts]
        for path in _expanded(decoding.logits, paths):
            (found if isinstance(path.node, str) else onward)[path.row].append(path)
        paths = [path for row in zip(onward, found, strict=True) for path in _hopeful(*row)]
        if not paths:
            return [_best(labels) for labels in found]
        decoding.go_on([path.place for path in paths], [path.token for path in paths])


def _expanded(logits: Any, paths: Sequence[_Path]) -> Iterable[_Path]:
    """Yield the paths that are one token longer; row i of `logits` goes on with paths[i]."""
    import torch

    following = [[*path.node] for path in paths if isinstance(path.node, dict)]
    width = max(map(len, following))
    padded = [tokens + tokens[:1] * (width - len(tokens)) for tokens in following]
    counts = torch.tensor([len(tokens) for tokens in following], device=logits.device)
    scores = logits.gather(1, torch.tensor(padded, device=logits.device))
    absent = torch.arange(width, device=logits.device) >= counts[:, None]
    table = scores.masked_fill(absent, -math.inf).log_softmax(-1).tolist()
    for place, (path, tokens) in enumerate(zip(paths, following, strict=True)):
        assert isinstance(path.node, dict)
        for token, score in zip(tokens, table[place], strict=False):
            yield _Path(path.row, place, token, path.node[token], path.score + score)


def _hopeful(onward: list[_Path], found: Sequence[_Path]) -> list[_Path]:
    """Return the paths of a row that may still lead to its best label or the second best."""
    onward.sort(key=lambda path: -path.score)
    scores = sorted((path.score for path in found), reverse=True)
    likeliest = max([*scores[:1], *(path.score for path in onward[:1])])
    least = max([likeliest - _UNLIKELY, *scores[1:2]])
    return [path for path in onward[:WIDTH] if path.score >= least]


def _best(labels: list[_Path]) -> Prediction:
    labels.sort(key=lambda path: -path.score)
    first, second = (*(math.exp(path.score) for path in labels[:2]), 0.0)[:2]
    return Prediction(str(labels[0].node), first, first - second)
