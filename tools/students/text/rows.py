"""Rows as token numbers: how long they may be, what is cut, and which are held out."""

import math
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tools.curation.duplicates import clusters
from tools.disjoint import DisjointSets
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


@dataclass(frozen=True)
class HeldOut:
    """What a student does not learn from: numbers of rows.

    Attributes:
        dev: What it is watched on.
        related: What was made from some of these.
    """

    dev: frozenset[int] = frozenset()
    related: frozenset[int] = frozenset()


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
    held: HeldOut,
    extra: Sequence[tuple[str, str]] = (),
) -> tuple[Rows, Form, list[str]]:
    """Tokenise the rows, and settle the lengths of the form by theirs.

    Twice the length of nearly all rows is allowed, since inputs to come may be longer.

    Args:
        data: The examples.
        form: Its lengths do not matter.
        tokenizer: That of the base.
        context: Tokens that the base reads at most, prompt and completion together; None for any.
        held: Rows to watch on, and others not to learn from.
        extra: Inputs and outputs to learn from besides.

    Returns:
        The rows, the form with its lengths, and what of the examples is not learned from.

    Raises:
        ToolError: No output fits.
        UnfitBaseError: The task leaves no room for an input, or the base cannot write the outputs.
    """
    kept = [i for i in usable(data) if i not in held.related]
    pairs = {i: (data.texts[i], data.outputs[i]) for i in kept}
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
    if not any(i >= 0 and i not in held.dev for i in fitting):
        shortest = min(map(len, completions.values()))
        raise ToolError(
            f"no output fits: the shortest has {shortest:,} tokens, and there is room for "
            f"{form.longest_completion:,}; choose a base with a longer context"
        )
    form, prompts, cut = _prompts({i: pairs[i][0] for i in fitting}, form, tokenizer)
    weights = {i: data.weights[i] if i >= 0 and data.weights else 1.0 for i in fitting}
    mean = math.fsum(weights.values()) / len(fitting)
    rows = [Row(i, prompts[i], completions[i], weights[i] / mean) for i in fitting]
    read = Rows(
        [row for row in rows if row.number not in held.dev],
        [row for row in rows if row.number in held.dev],
    )
    own = {i for i in fitting if i >= 0}
    said = _left_out(data, len(kept) - len(own), len(held.related), form)
    lost = len(own.intersection(unwritable)), len(own & cut)
    return read, form, said + _spoilt(*lost, len(own), form)


def _prompts(
    texts: Mapping[int, str], form: Form, tokenizer: Any
) -> tuple[Form, dict[int, list[int]], set[int]]:
    """Return the form with the length of prompts, the prompts, and which of them were cut.

    Raises:
        UnfitBaseError: The task leaves no room for an input.
    """
    room = form.longest_prompt
    asked = len(form.prompt_ids(tokenizer, ""))
    if asked + _LEAST_INPUT > room:
        raise UnfitBaseError(
            f"the task takes {asked:,} tokens before any input, and there is room for {room:,}; "
            "say it in fewer words, or choose a base with a longer context"
        )
    whole = replace(form, longest_prompt=sys.maxsize)
    prompts = {i: whole.prompt_ids(tokenizer, text) for i, text in texts.items()}
    longest = _allowed([len(ids) for ids in prompts.values()], _SHORTEST_PROMPT)
    # However long the task is, there is to be room for an input, too.
    most = max(_LONGEST, asked + _LONGEST // 2)
    form = replace(form, longest_prompt=min(room, longest, most))
    cut = {i for i, ids in prompts.items() if len(ids) > form.longest_prompt}
    prompts |= {i: form.prompt_ids(tokenizer, texts[i]) for i in cut}
    return form, prompts, cut


def _with_lengths(form: Form, completions: Mapping[int, list[int]], context: int | None) -> Form:
    """Settle the length of completions, and leave prompts what the context has left."""
    most = context or _LONGEST * 2
    shared = form.kind == "causal"
    wanted = _allowed([len(ids) for ids in completions.values()], _SHORTEST_COMPLETION)
    longest = min(wanted, most // 2 if shared else most, _LONGEST)
    return replace(
        form, longest_completion=longest, longest_prompt=most - longest if shared else most
    )


def _unwritable(completion: Sequence[int], form: Form, tokenizer: Any) -> bool:
    """Say whether a completion holds what the tokenizer has no token for, as T5 has none for {.

    Labels are told apart by their tokens, and need not be read from them.
    """
    # Some tokenizers name as unknown what ends a text; they know everything.
    return not form.labels and tokenizer.unk_token_id in completion[:-1]


def _left_out(data: TrainingSet, long: int, related: int, form: Form) -> list[str]:
    """Say how many examples are not learned from, and why."""
    empty = sum(not output.strip() for output in data.outputs)
    counted = {
        "with an empty output": empty,
        f"with an output of more than {form.longest_completion:,} tokens": long,
        "made from rows to watch the training on": related,
    }
    return [f"rows {which}, left out: {n:,}" for which, n in counted.items() if n]


def _spoilt(unwritable: int, cut: int, rows: int, form: Form) -> list[str]:
    """Say of how many examples a part is lost, and why."""
    said = []
    if unwritable:
        said.append(
            f"{unwritable:,} of {rows:,} outputs hold characters that the base has no tokens for, "
            "so it cannot write them"
        )
    if cut:
        said.append(
            f"{cut:,} of {rows:,} inputs lost their end: a prompt has {form.longest_prompt:,} "
            "tokens at most"
        )
    return said


def hold_out(data: TrainingSet) -> HeldOut:
    """Choose which rows to watch a training on; none of few.

    Families stay together, and so do near-duplicates, unless nearly all texts are ones of each
    other: then only equal texts do, as in data sets made from templates.
    """
    numbers = usable(data)
    if len(numbers) < _LEAST_ROWS:
        return HeldOut()
    texts = [data.texts[i] for i in numbers]
    families = [data.families[i] if data.families else [i] for i in numbers]
    own = [first for first, *_ in families]
    wanted = min(_MOST_DEV, round(_DEV_SHARE * len(texts)))
    chosen: list[int] = []
    if len(texts) <= _CLUSTERED:
        chosen = _whole_groups(_joined(own, clusters(texts)), wanted, data.seed)
    if len(chosen) <= wanted // 2:
        chosen = _whole_groups(_joined(own, [folded(text) for text in texts]), wanted, data.seed)
    dev = frozenset(numbers[place] for place in chosen)
    out = {own[place] for place in chosen}
    related = {i for i, of in zip(numbers, families, strict=True) if not out.isdisjoint(of)}
    return HeldOut(dev, frozenset(related - dev))


def _joined(*keys: Sequence[object]) -> list[int]:
    """Return a group number per place, where all that share a key of one kind are a group."""
    sets = DisjointSets(len(keys[0]))
    for kind in keys:
        first: dict[object, int] = {}
        for place, key in enumerate(kind):
            sets.join(place, first.setdefault(key, place))
    return [sets.root(place) for place in range(len(keys[0]))]


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
