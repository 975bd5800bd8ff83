import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.talk.change import MOST_ROUNDS, amended, sound
from tools.talk.versions import compare
from tools.talking import Change
from tools.task import Label, TaskSpec

SPEC = TaskSpec(
    instruction="Sort mails into refund, charge or other.",
    labels=(Label(name="refund", meaning="money back"), Label(name="charge"), Label(name="other")),
)
TEXT = TaskSpec(instruction="Summarise.", output_type="text")


def change(**fields: object) -> Change:
    return sound(Change.model_validate(fields), SPEC, ["accuracy"])[0]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (change(add_labels=[{"name": "loan", "meaning": "about loans"}]),
         ["New label: loan: about loans"]),
        (change(add_labels=[{"name": "Charge", "meaning": "a fee"}]), ["charge now means: a fee"]),
        (change(add_labels=[{"name": "charge", "borderline": "if unsure, other"}]),
         ["Borderline of charge: if unsure, other"]),
        (change(remove_labels=["Other"]), ["No longer a label: other."]),
        (change(rename_labels={"refund": "money back"}), ["refund is now called money back."]),
        (change(language="de"), ["Inputs are in German, too.", "Inputs are no longer in English."]),
        (change(add_languages=["fr", "en", "fr"]), ["Inputs are in French, too."]),
        (change(metric="accuracy"), ["It is measured by accuracy."]),
        (change(conventions=["Empty mails are other."]), ["New rule: Empty mails are other."]),
        (change(instruction="Do it."), ["The task now reads: Do it."]),
        (change(size_factor=0.5, confused=[["refund", "charge"]], guidance="shorter"), []),
    ],
)  # fmt: skip
def test_a_change_is_what_is_told_of_it(asked: Change, said: list[str]) -> None:
    assert compare(SPEC, amended(SPEC, asked)) == said


def test_a_label_keeps_its_place_and_meaning() -> None:
    new = amended(SPEC, change(rename_labels={"refund": "money back"}))
    assert new.labels[0] == Label(name="money back", meaning="money back")
    assert new.conventions == ("The label refund is now called money back.",)


@pytest.mark.parametrize(
    ("steps", "rules", "said"),
    [
        ([{"remove_labels": ["other"]}, {"add_labels": [{"name": "other"}]}],
         ["There is another label: other."], ["New label: other."]),
        ([{"add_labels": [{"name": "spam"}]}, {"remove_labels": ["spam"]}],
         ["spam is no label any more."], ["No longer a label: spam."]),
        ([{"remove_labels": ["other"]}, {"rename_labels": {"charge": "other"}}],
         ["The label charge is now called other."], ["charge is now called other."]),
        ([{"rename_labels": {"charge": "fee"}}, {"rename_labels": {"fee": "charge"}}],
         ["The label fee is now called charge."], ["fee is now called charge."]),
        ([{"remove_labels": ["other"]},
          {"instruction": "Anew.", "add_labels": [{"name": "other"}]}],
         [], ["The task now reads: Anew.", "New label: other."]),
    ],
)  # fmt: skip
def test_rules_never_say_of_a_label_what_is_no_longer_so(
    steps: list[dict[str, object]], rules: list[str], said: list[str]
) -> None:
    spec = before = SPEC
    for step in steps:
        before, spec = spec, amended(spec, sound(Change.model_validate(step), spec, [])[0])
    assert list(spec.conventions) == rules
    assert compare(before, spec) == said


@pytest.mark.parametrize(
    ("asked", "note"),
    [
        ({"remove_labels": ["unicorn"]}, "There is no label 'unicorn'."),
        ({"remove_labels": ["refund", "charge"]}, "at least two labels"),
        ({"language": "klingonese"}, "no language 'klingonese'"),
        ({"metric": "vibes"}, "no metric 'vibes'"),
        ({"confused": [["refund", "unicorn"]]}, "There is no label 'unicorn'."),
        ({"rename_labels": {"refund": "charge", "charge": "refund"}}, ""),
        ({"size_factor": -1, "most_mb": float("inf")}, ""),
        ({"instruction": "  "}, ""),
    ],
)
def test_what_cannot_be_is_left_out_and_told(asked: dict[str, object], note: str) -> None:
    done, notes = sound(Change.model_validate(asked), SPEC, ["accuracy"])
    assert done == Change()
    assert note in " ".join(notes)


def test_rounds_are_bounded_and_texts_have_no_labels() -> None:
    assert sound(Change(more_rounds=10**9), SPEC, [])[0].more_rounds == MOST_ROUNDS
    done, notes = sound(Change(add_labels=(Label(name="x"),)), TEXT, [])
    assert done == Change()
    assert "no labels" in notes[0]


@given(st.lists(st.sampled_from(["a", "b", "c"]), unique=True, min_size=1))
def test_equal_versions_do_not_differ(names: list[str]) -> None:
    spec = TaskSpec(instruction="x", labels=tuple(Label(name=name) for name in names))
    assert compare(spec, spec) == []
