"""What a teacher is shown: the labels at issue and training examples of them."""

import random
from collections.abc import Iterable, Sequence
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
_MOST_NAMES = 40
_NEAREST = 20


@dataclass(frozen=True)
class Room:
    """How much may be shown.

    Attributes:
        of_a_label: Examples of one label; all that there are, in text tasks.
        in_all: Examples.
        characters: Characters of one example.
        characters_in_all: Characters of all examples together.
    """

    of_a_label: int
    in_all: int
    characters: int
    characters_in_all: int


AMPLE = Room(of_a_label=5, in_all=18, characters=1_500, characters_in_all=4_000)
SCARCE = Room(of_a_label=1, in_all=4, characters=300, characters_in_all=600)


def choose(
    examples: Sequence[Example], labels: Sequence[str], room: Room, seed: object
) -> list[Example]:
    """Return examples to show, label by label, those that people wrote before synthetic ones.

    Args:
        examples: Training examples.
        labels: Labels to show; none in text tasks.
        room: How many.
        seed: Another seed chooses others.
    """
    each = max(1, min(room.of_a_label, room.in_all // len(labels))) if labels else room.in_all
    ranked = [
        _ranked([e for e in examples if e.output == label], f"{seed} {label}")[:each]
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


def _ranked(examples: Iterable[Example], seed: str) -> list[Example]:
    order = list(examples)
    random.Random(seed).shuffle(order)
    return sorted(order, key=lambda example: example.evidence == "synthetic")


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
        "labels": [known.get(name) or Label(name=name) for name in names],
        "examples": [line({"input": e.input, "output": e.output}) for e in examples],
    }


def _language_name(spec: TaskSpec) -> str:
    """Return what the inputs' language is called in English; empty where it is not known."""
    import langcodes

    return langcodes.get(spec.language).display_name() if base_language(spec.language) else ""


def all_labels(spec: TaskSpec, examples: Sequence[Example]) -> list[str]:
    """Return the names of the task's labels; where it names none, those of the examples."""
    if spec.output_type == "text":
        return []
    return list(spec.label_names) or sorted({example.output for example in examples})


def other_labels(everything: Sequence[str], shown: Sequence[str]) -> list[str]:
    """Return the names of labels that are not shown; of many, those most like the shown ones."""
    from rapidfuzz.fuzz import token_set_ratio

    others = [name for name in everything if name not in shown]
    if len(others) <= _MOST_NAMES:
        return others

    def nearness(name: str) -> float:
        return max(token_set_ratio(_words(name), _words(label)) for label in shown)

    return sorted(sorted(others, key=nearness, reverse=True)[:_NEAREST])


def _words(name: str) -> str:
    return name.replace("_", " ").casefold()


def made_from(text: str, shown: Sequence[Example]) -> tuple[int, ...]:
    """Return the ids of the shown examples that `text` is plainly a variation of, likest first."""
    grams = shingles(folded(text))
    alike = [(similarity(grams, shingles(folded(e.input))), e.id) for e in shown]
    return tuple(id_ for value, id_ in sorted(alike, reverse=True) if value >= _MADE_FROM)


def licence_of(shown: Iterable[Example]) -> str:
    """Return the licences of all examples that a prompt shows, joined."""
    parts = {part for example in shown for part in example.licence.split(" AND ")}
    return " AND ".join(sorted(parts)) or USER
