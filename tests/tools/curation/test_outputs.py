from collections.abc import Sequence

import pytest

from tools.curation.outputs import Outputs
from tools.examples import Example
from tools.task import TaskSpec
from tools.teaching import Draft

SPEC = TaskSpec(instruction="Give the date that a sentence speaks of.", output_type="text")
DATES = [f"2019-{i % 12 + 1:02d}-04" for i in range(30)]
SCHEMA = {
    "type": "object",
    "properties": {"item": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["item", "count"],
}


def real(outputs: Sequence[str]) -> list[Example]:
    return [
        Example(f"sentence {i}", output, "train", "a/b", "mit", "retrieved")
        for i, output in enumerate(outputs)
    ]


def reason(outputs: Sequence[str], output: str, spec: TaskSpec = SPEC) -> str | None:
    return Outputs(spec, real(outputs)).reason(Draft("a sentence", output))


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("2021-12-31", None),
        ("N/A", None),
        ("n/a", "malformed output"),
        ("31/12/2021", "malformed output"),
        ("2021-1-3", "malformed output"),
        ("The date is 2021-12-31.", "malformed output"),
        ("2021-12-31 (since the sentence speaks of New Year's Eve)", "output too long"),
    ],
)
def test_forms_that_real_outputs_never_have_are_turned_down(
    output: str, expected: str | None
) -> None:
    assert reason([*DATES, *["N/A"] * 10], output) == expected


def test_few_or_varied_rows_turn_nothing_down() -> None:
    assert reason(DATES[:19], "31/12/2021") is None
    odd = ["soon", "2019-W12", "T9:30", "P3D", "in May"]
    assert reason([*DATES, *odd], "31/12/2021") is None


def test_widths_are_held_against_a_draft_only_where_they_are_settled() -> None:
    numbers = [str(7**i) for i in range(30)]
    assert reason(numbers, "1" * 40) is None


def test_free_texts_may_have_any_form() -> None:
    texts = [f"{'word ' * (7 + i % 30)}and the end {i}." for i in range(60)]
    assert reason(texts, "Short: 3/4!") is None
    names = [f"Lake {chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(60)]
    assert reason(names, "3/4!") is None
    assert reason(texts, "word " * 300) == "output too long"
    assert reason([], "word " * 3_000) is None


def test_inputs_are_not_answers_where_they_never_are() -> None:
    copied = Draft("A Sentence ", "a sentence")
    texts = [f"{'word ' * (7 + i % 30)}and the end {i}." for i in range(60)]
    assert Outputs(SPEC, real(texts)).reason(copied) == "copied input"
    assert Outputs(SPEC, real(texts[:10])).reason(copied) is None
    assert Outputs(SPEC, real([*texts, "sentence 60"])).reason(copied) is None


def test_a_schema_decides_alone_and_its_json_has_one_spelling() -> None:
    spec = SPEC.model_copy(update={"output_schema": SCHEMA})
    rules = Outputs(spec, real(['{"item": "tea", "count": 2}'] * 30))
    slipped = rules.mended(Draft("two buns", "{'count': 2, 'item': 'bun',}"))
    assert slipped.output == '{"item": "bun", "count": 2}'
    assert rules.reason(slipped) is None
    broken = Draft("two buns", '{"item": "bun", "count": "two"}')
    assert rules.mended(broken) == broken
    assert rules.reason(broken) == "malformed output"
    assert rules.kinds is None
