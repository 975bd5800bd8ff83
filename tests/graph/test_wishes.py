from typing import Any, cast

import pytest

from graph.state import State
from graph.wishes import fresh
from tests.graph.rounds import a_round
from tools.splits import Fresh

STUDENT = {"student": "s"}


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
