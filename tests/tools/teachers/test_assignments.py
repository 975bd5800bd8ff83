from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tools.task import Label, TaskSpec
from tools.teachers.assignments import assignments
from tools.teachers.grid import ANY_TASK, MANNERS, Variety
from tools.teaching import Confusion, Focus, TeachingRequest

SPEC = TaskSpec(instruction="sort")
VARIETY = Variety(ANY_TASK, {label: (f"{label} 1", f"{label} 2") for label in "abc"})
QUOTAS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 40), min_size=1)


def request(
    focus: Focus, quotas: dict[str, int], confusions: list[Confusion] | None = None
) -> TeachingRequest:
    n = sum(quotas.values())
    return TeachingRequest(SPEC, focus, quotas, (), 1, n, confusions=confusions or ())


@given(
    quotas=QUOTAS,
    focus=st.sampled_from(["cover", "balance"]),
    per_call=st.integers(2, 20),
)
def test_prompts_together_ask_for_the_quotas(
    quotas: dict[str, int], focus: Focus, per_call: int
) -> None:
    asked = request(focus, quotas)
    made = assignments(asked, VARIETY, per_call)
    assert made == assignments(asked, VARIETY, per_call)
    assert Counter(one.label for wanted in made for one in wanted) == quotas
    assert all(0 < len(wanted) <= per_call for wanted in made)
    assert all(len(one.traits) <= 2 for wanted in made for one in wanted)


def test_a_prompt_turns_to_the_next_label_after_a_few() -> None:
    many = request("cover", {"a": 30, "b": 30, "c": 30})
    assert [Counter(one.label for one in wanted) for wanted in assignments(many, VARIETY, 15)] == [
        {"a": 5, "b": 5, "c": 5}
    ] * 6
    few = request("cover", dict.fromkeys("abcdefghijklmno", 1))
    assert [len(wanted) for wanted in assignments(few, VARIETY, 15)] == [15]


def test_labels_that_are_near_each_other_are_asked_for_together() -> None:
    labels = ("red car", "old boat", "tall tree", "blue car", "new boat", "small tree")
    rule = Label(name="key", borderline="A key of an OLD BOAT is old boat.")
    spec = TaskSpec(instruction="s", labels=(*(Label(name=name) for name in labels), rule))
    quotas = dict.fromkeys([*labels, "key"], 5)
    asked = TeachingRequest(
        spec, "cover", quotas, (), 1, 35, confusions=[("tall tree", "red car", 3)]
    )
    made = assignments(asked, VARIETY, 15)
    together = [{one.label for one in wanted} for wanted in made]
    # By a mistake, by a name, by a rule.
    assert {"red car", "tall tree", "small tree"} in together
    assert any({"old boat", "key"} <= labels for labels in together)


@given(quotas=QUOTAS, per_call=st.integers(2, 20))
def test_contrasts_are_whole_pairs_in_one_prompt(quotas: dict[str, int], per_call: int) -> None:
    confused = [("a", "b", 9), ("b", "a", 2), ("b", "c", 5), ("d", "z", 3), ("h", "a", 1)]
    asked = request("hard", quotas, confused)
    made = assignments(asked, VARIETY, per_call)
    counts = Counter(one.label for wanted in made for one in wanted)
    assert all(counts[label] >= quota for label, quota in quotas.items())
    known = {frozenset(pair[:2]) for pair in confused}
    for wanted in made:
        assert 0 < len(wanted) <= per_call + per_call % 2
        paired = [one for one in wanted if one.near]
        assert wanted[: len(paired)] == paired
        for one, other in zip(paired[::2], paired[1::2], strict=True):
            assert (one.label, one.near) == (other.near, other.label)
            assert {one.label, one.near} in known
            assert one.values == other.values
            assert len(one.traits) == 1
            assert not set(one.traits) & set(MANNERS)


def test_contrasts_go_to_the_most_frequent_confusions_in_proportion() -> None:
    confused = [("a", "b", 4), ("c", "b", 4), ("b", "a", 4), ("a", "c", 3), ("c", "a", 1)]
    made = assignments(request("hard", {"a": 20, "b": 30, "c": 10}, confused), VARIETY, 15)
    pairs = Counter(frozenset((one.label, one.near)) for wanted in made for one in wanted)
    assert pairs == {frozenset("ab"): 40, frozenset("bc"): 20}
    assert {one.subject[0] for wanted in made for one in wanted} == set("abc")
