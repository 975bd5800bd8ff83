"""Rows as token numbers: how long they may be, what is cut, and which are held out."""

import math
import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tools.curation.duplicates import clusters
from tools.services import ToolError, TrainingSet, UnfitBaseError
from tools.students.text.form import Form
from tools.text import folded, one_line

_LEAST_ROWS = 80
_DEV_SHARE = 0.1
_MOST_DEV = 500
_CLUSTERED = 5_000
_QUANTILE = 0.995
_ROOM = 2.0
_SHORTEST_PROMPT = 64
_LEAST_INPUT = 16
_SHORTEST_COMPLETION = 16
_LONGEST = 2_048
_SHOWN = 60


@dataclass(frozen=True)
class Row:
    """Token numbers of one example.

    Attributes:
        number: Its place in the training set; negative for rows that are not of it.
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


def usable(data: TrainingSet) -> list[int]:
    """Return the numbers of the rows with an output.

    Raises:
        ToolError: There are none.
    """
    found = [i for i, output in enumerate(data.outputs) if output.strip()]
    if not found:
        raise ToolError("there is no row with an output; a student learns from such rows only")
    return found


def read(
    data: TrainingSet,
    form: Form,
    tokenizer: Any,
    context: int | None,
    held_out: Collection[int],
    extra: Sequence[tuple[str, str]] = (),
) -> tuple[Rows, Form]:
    """Tokenise the rows, and settle the lengths of the form by theirs.

    Twice the length of nearly all rows is allowed, since inputs to come may be longer.

    Args:
        data: The examples.
        form: Its lengths do not matter.
        tokenizer: That of the base.
        context: Tokens that the base reads at most, prompt and completion together; None for any.
        held_out: Numbers of the rows to watch on.
        extra: Inputs and outputs to learn from besides.

    Raises:
        ToolError: No output fits.
        UnfitBaseError: The task leaves no room for an input, or the base cannot write the outputs.
    """
    pairs = {i: (data.texts[i], data.outputs[i]) for i in usable(data)}
    pairs |= {-place: pair for place, pair in enumerate(extra, 1)}
    completions = {i: form.completion_ids(tokenizer, pair[1]) for i, pair in pairs.items()}
    unwritable = [i for i, ids in completions.items() if _unwritable(ids, form, tokenizer)]
    if len(unwritable) > len(completions) / 2:
        raise UnfitBaseError(
            "the base has no tokens for characters of most outputs, such as "
            f"{one_line(pairs[unwritable[0]][1], _SHOWN)!r}; choose another base"
        )
    form = _with_lengths(form, completions, context)
    fitting = [i for i, ids in completions.items() if len(ids) <= form.longest_completion]
    if not any(i >= 0 and i not in held_out for i in fitting):
        shortest = min(map(len, completions.values()))
        raise ToolError(
            f"no output fits: the shortest has {shortest:,} tokens, and there is room for "
            f"{form.longest_completion:,}; choose a base with a longer context"
        )
    room = form.longest_prompt
    asked = len(form.prompt_ids(tokenizer, ""))
    if asked + _LEAST_INPUT > room:
        raise UnfitBaseError(
            f"the task takes {asked:,} tokens before any input, and there is room for {room:,}; "
            "say it in fewer words, or choose a base with a longer context"
        )
    prompts = {i: form.prompt_ids(tokenizer, pairs[i][0]) for i in fitting}
    longest = _allowed([len(ids) for ids in prompts.values()], _SHORTEST_PROMPT)
    form = replace(form, longest_prompt=min(room, longest, _LONGEST))
    for i, ids in prompts.items():
        if len(ids) > form.longest_prompt:
            prompts[i] = form.prompt_ids(tokenizer, pairs[i][0])
    weights = {i: data.weights[i] if i >= 0 and data.weights else 1.0 for i in fitting}
    mean = math.fsum(weights.values()) / len(fitting)
    rows = [Row(i, prompts[i], completions[i], weights[i] / mean) for i in fitting]
    return Rows(
        [row for row in rows if row.number not in held_out],
        [row for row in rows if row.number in held_out],
    ), form


def _with_lengths(form: Form, completions: Mapping[int, list[int]], context: int | None) -> Form:
    """Settle the length of completions, and leave prompts what the context has left."""
    most = context or _LONGEST * 2
    shared = form.kind == "causal"
    wanted = _allowed([len(ids) for ids in completions.values()], _SHORTEST_COMPLETION)
    longest = min(wanted, most // 2 if shared else most, _LONGEST)
    return replace(
        form, longest_completion=longest, longest_prompt=most - longest if shared else most
    )


def notes(data: TrainingSet, rows: Rows, form: Form, tokenizer: Any) -> list[str]:
    """Say what of the examples is not learned from."""
    own = [row for row in [*rows.train, *rows.dev] if row.number >= 0]
    kept = len(own)
    empty = sum(not output.strip() for output in data.outputs)
    long = len(data.outputs) - empty - kept
    full = sum(len(row.prompt) >= form.longest_prompt - 1 for row in own)
    unwritable = sum(_unwritable(row.completion, form, tokenizer) for row in own)
    said = []
    if empty:
        said.append(f"rows with an empty output, left out: {empty:,}")
    if long:
        said.append(
            f"rows with an output of more than {form.longest_completion:,} tokens, left out: "
            f"{long:,}"
        )
    if unwritable:
        said.append(
            f"{unwritable:,} of {kept:,} outputs hold characters that the base has no tokens for, "
            "so it cannot write them"
        )
    if full:
        said.append(
            f"{full:,} of {kept:,} inputs lost their end: a prompt has {form.longest_prompt:,} "
            "tokens at most"
        )
    return said


def _unwritable(completion: Sequence[int], form: Form, tokenizer: Any) -> bool:
    """Say whether a completion holds what the tokenizer has no token for, as T5 has none for {.

    Labels are told apart by their tokens, and need not be read from them.
    """
    # Some tokenizers name as unknown what ends a text; they know everything.
    return not form.labels and tokenizer.unk_token_id in completion[:-1]


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
