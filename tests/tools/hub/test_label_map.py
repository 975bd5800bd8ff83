from collections.abc import Sequence

import pytest

from tests.tools.hub.makers import GramEncoder, info_of
from tools.hub.choose_texts import Reading
from tools.hub.label_map import LabelMap, map_labels
from tools.hub.label_numbers import match_numbers, names_in_card
from tools.hub.rows import RawRow
from tools.services import ToolError
from tools.task import Label, TaskSpec

READING = Reading("text", "label", ())


def mapped(theirs: Sequence[str], ours: Sequence[str]) -> LabelMap:
    rows = [RawRow(f"{name} {i}", name, "train") for name in theirs for i in range(3)]
    spec = TaskSpec(instruction="Sort.", labels=tuple(Label(name=name) for name in ours))
    info = info_of({"text": "string", "label": "string"}, {"label": tuple(theirs)})
    found = map_labels(info, READING, rows, spec, GramEncoder(), None)
    assert found is not None
    return found


def test_many_labels_are_sorted_under_few_where_all_are_clear() -> None:
    theirs = ["lost card", "stolen card", "broken card", "late payment", "failed payment"]
    pairs = mapped(theirs, ["card", "payment"]).pairs
    assert pairs == {name: name.split()[1] for name in theirs}


def test_what_is_not_clear_is_said_in_words_a_planner_can_act_on() -> None:
    theirs = ["lost card", "stolen card", "broken card", "late payment", "opening hours"]
    with pytest.raises(
        ToolError,
        match=r"not clear for 1: opening hours; nearest, which are not .*label_map=",
    ):
        mapped(theirs, ["card", "payment"])


def test_as_many_labels_that_do_not_all_match_are_asked_about() -> None:
    with pytest.raises(ToolError, match="as many labels.*xyz, qrs means which of tuv, mno"):
        mapped(["card", "payment", "xyz", "qrs"], ["payment", "card", "tuv", "mno"])


@pytest.mark.parametrize(
    "card",
    ["0: rude, 1: polite", "`0` (rude), `1` (polite)", "rude=0, polite=1", "0 is rude; 1 is polite",
     "Labels are 0 for rude and 1 for polite.", "polite (1) or rude (0)", "0 = rude\n1 = polite"],
)  # fmt: skip
def test_a_card_names_numbers(card: str) -> None:
    names = {number: name.split()[0] for number, name in names_in_card(card, ["0", "1"]).items()}
    assert names == {"0": "rude", "1": "polite"}


@pytest.mark.parametrize("card", ["", "10: rude, 11: polite", "0: rude", "0: rude, 1: rude",
                                  "0: rude, 0: polite, 1: x"])  # fmt: skip
def test_a_card_that_does_not_name_them_all_names_none(card: str) -> None:
    assert names_in_card(card, ["0", "1"]) == {}


def test_numbers_match_numbers() -> None:
    assert match_numbers(["1 star", "2 stars"], ["two", "one"]) == {
        "1 star": "one",
        "2 stars": "two",
    }
    assert match_numbers(["0", "1"], ["spam", "ham"]) == {}
    assert match_numbers(["1", "2"], ["good", "bad"]) == {}
