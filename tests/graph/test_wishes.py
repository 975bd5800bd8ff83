from typing import Any, cast

import pytest

from graph.state import State, Wish
from graph.wishes import fresh, joined
from tests.graph.rounds import a_round
from tools.splits import Fresh
from tools.task import Label, TaskSpec

STUDENT = {"student": "s"}
SPEC = TaskSpec(
    instruction="Sort mails.",
    labels=(Label(name="refund"), Label(name="charge")),
    other_languages=("fr",),
)


@pytest.mark.parametrize(
    ("known", "learned"),
    [
        ({}, -1),
        ({"best": STUDENT}, 2),
        ({"best": None, "earlier": STUDENT}, 2),
        ({"best": STUDENT, "trained": STUDENT}, 3),
        ({"trained": STUDENT}, 3),
    ],
)
def test_what_a_student_that_counts_has_learned_is_not_held_out(
    known: dict[str, Any], learned: int
) -> None:
    state = {"rounds": [a_round(), a_round()], "fresh": {"labels": ["loan"]}} | known
    assert fresh(cast(State, state)) == Fresh(labels=["loan"], learned=learned)
    assert fresh(cast(State, known)) is None


def wish(do: str, why: str, labels: list[str] | None = None, language: str | None = None) -> Wish:
    blank = {"guidance": "", "hard": False}
    return {"do": do, "why": why, "labels": labels or [], "language": language, **blank}  # type: ignore[typeddict-item]


def test_what_was_wanted_before_is_not_forgotten() -> None:
    french = [wish("write", "in French", language="fr"), wish("train", "with French")]
    smaller = [wish("train", "smaller")]
    assert [w["why"] for w in joined(french, smaller, {}, SPEC)] == [
        "in French",
        "with French",
        "smaller",
    ]
    assert joined(french, french, {}, SPEC) == french


def test_data_comes_before_training_whoever_asked_first() -> None:
    open_, new = [wish("train", "smaller")], [wish("write", "more refunds", ["refund"])]
    assert [w["do"] for w in joined(open_, new, {}, SPEC)] == ["write", "train"]


def test_wishes_follow_their_labels_and_languages() -> None:
    open_ = [
        wish("write", "renamed", ["money back"]),
        wish("write", "gone", ["loan"]),
        wish("find", "in Dutch", language="nl"),
    ]
    kept = joined(open_, [], {"money back": "refund"}, SPEC)
    assert [(w["why"], w["labels"]) for w in kept] == [("renamed", ["refund"])]
