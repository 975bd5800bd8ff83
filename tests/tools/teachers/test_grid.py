import random
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tools.task import TaskSpec
from tools.teachers.assignments import assignments
from tools.teachers.grid import ALWAYS, ANY_TASK, DIFFICULTY, Attribute, Grid, cell, read_attributes
from tools.teaching import Focus, TeachingRequest

PLACES = Attribute("place", ("home", "sea", "air"))
TIMES = Attribute("time", ("day", "night"))


@given(n=st.integers(0, 40), seed=st.integers(0, 9))
def test_values_are_used_evenly(n: int, seed: int) -> None:
    grid = Grid([PLACES, TIMES], {}, random.Random(seed))
    drawn = [grid.draw("x") for _ in range(n)]
    for place, attribute in enumerate((PLACES, TIMES)):
        counts = Counter(values[place] for values in drawn)
        uses = [counts[value] for value in attribute.values]
        assert max(uses) - min(uses) <= 1


def test_the_emptiest_cells_come_first_for_each_label() -> None:
    cells = {cell("x", ("home", "day")): 5, cell("x", ("sea", "day")): 5, cell("y", ("air",)): 9}
    grid = Grid([PLACES, TIMES], cells, random.Random(0))
    assert {grid.draw("x") for _ in range(5)} == {("air", "night")}
    assert grid.draw("y")[0] != "air"


def test_stored_cells_are_read_whatever_a_label_or_value_holds() -> None:
    odd = Attribute("odd", ("a / b", "c"))
    grid = Grid([odd], {cell("x | y", ("c",)): 3}, random.Random(0))
    assert [grid.draw("x | y") for _ in range(3)] == [("a / b",)] * 3
    Grid([odd], {"": 1, "another teacher's cell": 2}, random.Random(0)).draw("x")


def test_attributes_are_taken_only_as_far_as_usable() -> None:
    good = {"name": "who", "values": ["a  cook", "a | pilot", "a cook", "", 3, "x" * 200]}
    found: list[Any] = [None, {"name": "n"}, {"name": "one", "values": ["a"]}, good, "x"]
    assert read_attributes(found) == (Attribute("who", ("a cook", "a / pilot")),)
    assert len(read_attributes([good] * 9)) == 2


@given(
    quotas=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 40), min_size=1),
    focus=st.sampled_from(["cover", "balance", "hard"]),
    per_call=st.integers(2, 20),
)
def test_prompts_together_ask_for_the_quotas(
    quotas: dict[str, int], focus: Focus, per_call: int
) -> None:
    spec = TaskSpec(instruction="sort")
    pairs = [("a", "b"), ("b", "a"), ("b", "c"), ("d", "z")]
    request = TeachingRequest(spec, focus, quotas, (), 1, sum(quotas.values()), confusions=pairs)
    kinds = (*ANY_TASK, *ALWAYS, DIFFICULTY)
    made = assignments(request, kinds, per_call)
    assert made == assignments(request, kinds, per_call)
    assert Counter(one.label for wanted in made for one in wanted) == quotas
    assert all(0 < len(wanted) <= per_call + per_call % 2 for wanted in made)
    if focus == "hard":
        near = {frozenset((one.label, one.near)) for wanted in made for one in wanted if one.near}
        assert near <= {frozenset(pair) for pair in pairs}


def test_a_prompt_turns_to_the_next_label_after_a_few() -> None:
    spec = TaskSpec(instruction="sort")
    many = TeachingRequest(spec, "cover", {"a": 30, "b": 30, "c": 30}, (), 1, 90)
    assert [Counter(one.label for one in wanted) for wanted in assignments(many, (), 15)] == [
        {"a": 5, "b": 5, "c": 5}
    ] * 6
    few = TeachingRequest(spec, "cover", dict.fromkeys("abcdefghijklmno", 1), (), 1, 15)
    assert [len(wanted) for wanted in assignments(few, (), 15)] == [15]


def test_the_two_sides_of_a_contrast_stay_together() -> None:
    spec = TaskSpec(instruction="sort")
    hard = TeachingRequest(spec, "hard", {"a": 13, "b": 13}, (), 1, 26, confusions=[("b", "a")])
    for wanted in assignments(hard, (*ANY_TASK, DIFFICULTY), 15):
        for one, other in zip(wanted[::2], wanted[1::2], strict=True):
            assert (one.label, one.near, one.values) == (other.near, other.label, other.values)
            assert len(one.values) == len(ANY_TASK)
