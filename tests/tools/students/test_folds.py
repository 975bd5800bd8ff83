import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.examples import Example
from tools.services import ToolError
from tools.students.folds import make_folds


def example(number: int, output: str, group: str = "", parents: tuple[int, ...] = ()) -> Example:
    evidence = "synthetic" if parents else "gold"
    return Example(
        f"text {number}", output, "train", "user", "mit", evidence,  # type: ignore[arg-type]
        group=group, parents=parents, id=number,
    )  # fmt: skip


@st.composite
def families(draw: st.DrawFn) -> list[Example]:
    groups = st.sampled_from(["", "", "g1", "g2"])
    labels = st.sampled_from("abc")
    n = draw(st.integers(2, 12))
    originals = [example(i, draw(labels), draw(groups)) for i in range(1, n + 1)]
    parents = st.lists(st.integers(1, n), min_size=1, max_size=3, unique=True)
    children = [
        example(n + 1 + i, draw(labels), parents=tuple(draw(parents)))
        for i in range(draw(st.integers(0, 12)))
    ]
    return draw(st.permutations([*originals, *children]))


@given(families(), st.data(), st.integers(2, 5))
def test_nothing_held_out_leaks_into_training(
    examples: list[Example], data: st.DataObject, folds: int
) -> None:
    ids = [e.id for e in examples]
    scored = data.draw(st.sets(st.sampled_from(ids), min_size=1))
    try:
        made = make_folds(examples, scored, folds, seed=0)
    except ToolError:
        return
    answered = [examples[row].id for fold in made for row in fold.held_out]
    assert sorted(answered) == sorted(scored)
    for fold in made:
        held_out = [examples[row] for row in fold.held_out]
        held_ids = {e.id for e in held_out}
        groups = {e.group for e in held_out} - {""}
        first_parents = {e.parents[0] for e in held_out if e.parents}
        for row in fold.train:
            training = examples[row]
            assert training.id not in held_ids | first_parents
            assert training.group not in groups
            assert not set(training.parents) & (held_ids | first_parents)


@given(families())
def test_folds_are_the_same_every_time(examples: list[Example]) -> None:
    scored = {e.id for e in examples if not e.parents}
    try:
        made = make_folds(examples, scored, 5, seed=3)
    except ToolError:
        return
    assert made == make_folds(examples, scored, 5, seed=3)


def test_folds_have_like_outputs_and_keep_all_that_is_unrelated() -> None:
    originals = [example(i, "ab"[i % 2]) for i in range(1, 41)]
    other = [example(i, "a") for i in range(41, 51)]
    child = example(99, "a", parents=(1, 2))
    examples = [*originals, *other, child]
    folds = make_folds(examples, range(1, 41), 5, seed=0)
    for fold in folds:
        held_out = [examples[row].output for row in fold.held_out]
        assert held_out.count("a") == held_out.count("b") == 4
        training = {examples[row].id for row in fold.train}
        assert {e.id for e in other} <= training
    assert sum(50 in fold.train for fold in folds) in (3, 4)


def test_a_single_family_cannot_be_cross_validated() -> None:
    examples = [example(i, "a", group="one") for i in range(1, 5)]
    with pytest.raises(ToolError, match="too few different examples"):
        make_folds(examples, range(1, 5), 5, seed=0)
