import random
from collections import Counter
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from tools.teachers.grid import ANY_TASK, BRIEF, MANNERS, Attribute, Grid, Variety, cell

PLACES = Attribute("place", ("home", "sea", "air"))
TIMES = Attribute("time", ("day", "night"))
SUBJECTS = {"x": ["tea", "rope", "tin"]}


def grid(cells: dict[str, int] | None = None, seed: int = 0) -> Grid:
    return Grid(Variety((PLACES, TIMES), SUBJECTS), cells or {}, random.Random(seed))


@given(n=st.integers(0, 60), seed=st.integers(0, 9))
def test_subjects_and_values_are_used_evenly(n: int, seed: int) -> None:
    made = grid(seed=seed)
    drawn = [made.draw_plain("x") for _ in range(n)]
    subjects = Counter(subject for subject, _ in drawn)
    uses = [subjects[subject] for subject in SUBJECTS["x"]]
    assert max(uses) - min(uses) <= 1
    values = Counter(trait for _, traits in drawn for trait in traits)
    of_places = sum(values[value] for value in PLACES.values)
    assert abs(2 * of_places - n) <= 1
    assert max(values[v] for v in TIMES.values) - min(values[v] for v in TIMES.values) <= 1


def test_few_traits_and_the_harder_ones_less_often() -> None:
    made = grid()
    drawn = [made.draw("x") for _ in range(200)]
    assert Counter(traits[-1] for _, traits in drawn) == {m: 10 * n for m, n in MANNERS.items()}
    assert sum(MANNERS.values()) == 20
    assert all(len(traits) == (1 if BRIEF in traits else 2) for _, traits in drawn)


def test_the_emptiest_cells_come_first_for_each_label() -> None:
    cells = {cell("x", ("tea", "home")): 5, cell("x", ("rope", "sea")): 5, cell("y", ("air",)): 9}
    made = grid(cells)
    assert {made.draw_plain("x")[0] for _ in range(5)} == {"tin"}
    # Time was never used, place ten times.
    assert {made.draw_plain("x")[1][0] for _ in range(5)} == {"day", "night"}
    assert "air" not in {made.draw_plain("y")[1][0] for _ in range(8)}


def test_stored_cells_are_read_whatever_a_label_or_value_holds() -> None:
    odd = Variety((), {"x | y": ("a / b", "c")})
    made = Grid(odd, {cell("x | y", ("c", "")): 3}, random.Random(0))
    assert list(islice((made.draw_plain("x | y") for _ in range(3)), 3)) == [("a / b", ())] * 3
    Grid(odd, {"": 1, "another teacher's cell": 2}, random.Random(0)).draw("x")


def test_any_task_has_values_that_are_all_different() -> None:
    values = [*MANNERS, *(value for attribute in ANY_TASK for value in attribute.values)]
    assert len(set(values)) == len(values)
