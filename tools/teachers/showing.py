"""What a teacher is shown: the labels at issue and training examples of them."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tools.curation.duplicates import shingles, similarity
from tools.examples import Example
from tools.language import base_language
from tools.llm.asking import clipped, line
from tools.llm.prompt import Json
from tools.task import Label, TaskSpec
from tools.text import folded

USER = "user"
"""Licence of what is written from the user's words alone."""
_MADE_FROM = 0.3
"""Similarity to a shown example from which on a text counts as made from it.

Of 1,469 bank questions that a model wrote without seeing any example, 5% are as similar to one of
five real questions with their label.
"""
MOST_MEANINGS = 20
"""Labels that a prompt may describe all; of more, it describes those at issue."""


@dataclass(frozen=True)
class Room:
    """How much may be shown.

    Attributes:
        of_a_label: Examples of one label; text tasks share out all there is room for.
        in_all: Examples.
        characters: Characters of one example.
        characters_in_all: Characters of all examples together.
    """

    of_a_label: int
    in_all: int
    characters: int
    characters_in_all: int


AMPLE = Room(of_a_label=2, in_all=12, characters=1_500, characters_in_all=3_000)
SCARCE = Room(of_a_label=1, in_all=4, characters=300, characters_in_all=600)


def choose(
    examples: Sequence[Example],
    labels: Sequence[str],
    room: Room,
    seed: object,
    of: Callable[[str], str] = str,
) -> list[Example]:
    """Return examples to show, label by label: those that people wrote, or else synthetic ones.

    Args:
        examples: Training examples.
        labels: Labels, or kinds of output, to show; none in text tasks without kinds.
        room: How many.
        seed: Another seed chooses others.
        of: Gives the one that an output counts under.
    """
    each = max(1, min(room.of_a_label, room.in_all // len(labels))) if labels else room.in_all
    ranked = [
        _ranked([e for e in examples if of(e.output) == label], f"{seed} {label}")[:each]
        for label in labels
    ] or [_ranked(examples, f"{seed}")[:each]]
    chosen: set[int] = set()
    left = room.characters_in_all
    for rank in range(each):
        for place, row in enumerate(ranked):
            if rank < len(row) and left > 0 and len(chosen) < room.in_all:
                left -= min(room.characters, len(row[rank].input))
                chosen.add(rank * len(ranked) + place)
    return [
        clipped_example(e, room.characters)
        for place, row in enumerate(ranked)
        for rank, e in enumerate(row)
        if rank * len(ranked) + place in chosen
    ]


def _ranked(examples: Sequence[Example], seed: str) -> list[Example]:
    order = [e for e in examples if not is_written(e)] or list(examples)
    random.Random(seed).shuffle(order)
    return order


def is_written(example: Example) -> bool:
    """Say whether a teacher wrote an example, so that its words are no model for others."""
    return example.evidence == "synthetic"


def clipped_example(example: Example, most: int) -> Example:
    """Return an example whose texts have at most `most` characters."""
    return replace(
        example, input=clipped(example.input, most), output=clipped(example.output, most)
    )


def about(spec: TaskSpec, names: Iterable[str], examples: Iterable[Example]) -> Json:
    """Return what every prompt says about a task, as values of its template.

    Args:
        spec: The task.
        names: Labels to list, as far as known with meaning and rule.
        examples: Examples to show.
    """
    known = {label.name: label for label in spec.labels}
    return {
        "instruction": spec.instruction,
        "language": _language_name(spec),
        "labels": [_undoubled(known.get(name) or Label(name=name), spec) for name in names],
        "asked": (),
        "examples": as_data(examples),
        "schema": line(spec.output_schema) if spec.output_schema else "",
        "conventions": [line(said) for said in spec.conventions],
    }


def _undoubled(label: Label, spec: TaskSpec) -> Label:
    """Return a label without its meaning where the user's own words say it already."""
    said = folded(label.meaning) in folded(spec.instruction)
    return label.model_copy(update={"meaning": ""}) if said else label


def as_data(examples: Iterable[Example]) -> list[str]:
    """Return examples as lines of a data block."""
    return [line({"input": e.input, "output": e.output}) for e in examples]


def _language_name(spec: TaskSpec) -> str:
    """Return what the inputs' languages are called in English; empty where none is known."""
    import langcodes

    known = [langcodes.get(tag).display_name() for tag in spec.languages if base_language(tag)]
    return " or ".join(known)


def all_labels(spec: TaskSpec, examples: Sequence[Example]) -> list[str]:
    """Return the names of the task's labels; where it names none, those of the examples."""
    if spec.output_type == "text":
        return []
    return list(spec.label_names) or sorted({example.output for example in examples})


def made_from(text: str, shown: Sequence[Example]) -> tuple[int, ...]:
    """Return the ids of the shown examples that `text` is plainly a variation of, likest first."""
    grams = shingles(folded(text))
    alike = [(similarity(grams, shingles(folded(e.input))), e.id) for e in shown]
    return tuple(id_ for value, id_ in sorted(alike, reverse=True) if value >= _MADE_FROM)


def licence_of(shown: Iterable[Example]) -> str:
    """Return the licences of all examples that a prompt shows, joined."""
    parts = {part for example in shown for part in example.licence.split(" AND ")}
    return " AND ".join(sorted(parts)) or USER
