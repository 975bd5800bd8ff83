"""Rows as token numbers: how long they may be, what is cut, and which are held out."""

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tools.curation.duplicates import clusters
from tools.services import ToolError, TrainingSet
from tools.students.text.form import Form
from tools.text import folded

_LEAST_ROWS = 100
_DEV_SHARE = 0.1
_MOST_DEV = 500
_CLUSTERED = 5_000
_QUANTILE = 0.995
_ROOM = 2.0
_SHORTEST_PROMPT = 64
_SHORTEST_COMPLETION = 16
_LONGEST = 2_048


@dataclass(frozen=True)
class Row:
    """Token numbers of one example.

    Attributes:
        number: Its place in the training set.
        weight: How much it counts; 1 on average over all rows.
    """

    number: int
    prompt: list[int]
    completion: list[int]
    weight: float


@dataclass(frozen=True)
class Rows:
    """What a student learns from, and what it is watched on."""

    train: list[Row]
    dev: list[Row]


def read(data: TrainingSet, form: Form, tokenizer: Any, context: int | None) -> tuple[Rows, Form]:
    """Tokenise the rows, and settle the lengths of the form by theirs.

    Twice the length of nearly all rows is allowed, since inputs to come may be longer.

    Args:
        data: The examples.
        form: Its lengths do not matter.
        tokenizer: That of the base.
        context: Tokens that the base reads at most, prompt and completion together; None for any.

    Raises:
        ToolError: There is nothing to learn from, or no output fits.
    """
    usable = [i for i, output in enumerate(data.outputs) if output.strip()]
    if not usable:
        raise ToolError("all outputs are empty; a student learns from rows that have one")
    most = context or _LONGEST * 4
    completions = {i: form.completion_ids(tokenizer, data.outputs[i]) for i in usable}
    wanted = _allowed([len(ids) for ids in completions.values()], _SHORTEST_COMPLETION)
    longest_completion = min(wanted, most // 2 if form.kind == "causal" else most, _LONGEST)
    room = most - longest_completion if form.kind == "causal" else most
    form = replace(form, longest_prompt=room, longest_completion=longest_completion)
    fitting = [i for i in usable if len(completions[i]) <= longest_completion]
    if not fitting:
        shortest = min(len(ids) for ids in completions.values())
        raise ToolError(
            f"no output fits: the shortest has {shortest:,} tokens, and at most "
            f"{longest_completion:,} fit; choose a base with a longer context"
        )
    prompts = {i: form.prompt_ids(tokenizer, data.texts[i]) for i in fitting}
    longest = _allowed([len(ids) for ids in prompts.values()], _SHORTEST_PROMPT)
    form = replace(form, longest_prompt=min(room, longest, _LONGEST))
    for i, ids in prompts.items():
        if len(ids) > form.longest_prompt:
            prompts[i] = form.prompt_ids(tokenizer, data.texts[i])
    weights = data.weights or [1.0] * len(data.texts)
    mean = math.fsum(weights[i] for i in fitting) / len(fitting)
    rows = {i: Row(i, prompts[i], completions[i], weights[i] / mean) for i in fitting}
    held_out = hold_out([data.texts[i] for i in fitting], data.seed)
    dev = {fitting[place] for place in held_out}
    return (
        Rows([rows[i] for i in fitting if i not in dev], [rows[i] for i in sorted(dev)]),
        form,
    )


def notes(data: TrainingSet, rows: Rows, form: Form) -> list[str]:
    """Say what of the examples is not learned from."""
    kept = len(rows.train) + len(rows.dev)
    empty = sum(not output.strip() for output in data.outputs)
    long = len(data.outputs) - empty - kept
    full = sum(len(row.prompt) >= form.longest_prompt - 1 for row in [*rows.train, *rows.dev])
    said = []
    if empty:
        said.append(f"{empty:,} rows have an empty output and were left out")
    if long:
        said.append(
            f"{long:,} rows have an output of more than {form.longest_completion:,} tokens and "
            "were left out"
        )
    if full:
        said.append(
            f"{full:,} of {kept:,} inputs lost their end: a prompt has {form.longest_prompt:,} "
            "tokens at most"
        )
    return said


def hold_out(texts: Sequence[str], seed: int) -> list[int]:
    """Return the numbers of the texts to watch a training on; none of few.

    Near-duplicates stay together, unless nearly all texts are ones of each other: then only equal
    texts do, as in data sets made from templates.
    """
    if len(texts) < _LEAST_ROWS:
        return []
    wanted = min(_MOST_DEV, round(_DEV_SHARE * len(texts)))
    if len(texts) <= _CLUSTERED:
        chosen = _whole_groups(clusters(texts), wanted, seed)
        if len(chosen) > wanted // 2:
            return chosen
    numbers: dict[str, int] = {}
    equal = [numbers.setdefault(folded(text), len(numbers)) for text in texts]
    return _whole_groups(equal, wanted, seed)


def _whole_groups(groups: Sequence[int], wanted: int, seed: int) -> list[int]:
    """Return the places of up to `wanted` members, of groups drawn by seed."""
    sizes = Counter(groups)
    drawn = list(sizes)
    random.Random(seed).shuffle(drawn)
    chosen: set[int] = set()
    taken = 0
    for group in drawn:
        if taken + sizes[group] <= wanted:
            chosen.add(group)
            taken += sizes[group]
    return [place for place, group in enumerate(groups) if group in chosen]


def _allowed(lengths: Sequence[int], least: int) -> int:
    """Return the length that rows may have, from the lengths that they have."""
    usual = sorted(lengths)[min(len(lengths) - 1, math.ceil(_QUANTILE * len(lengths)) - 1)]
    return max(least, math.ceil(_ROOM * usual))
