import pytest

from tools.scoring.failures import failure

ASKED = "[2020-05-01] Call me in 3 days."
LONG = "the quick brown fox jumps over the lazy dog and runs away"


@pytest.mark.parametrize(
    ("right", "given", "kind"),
    [
        ("2020-05-04", "2020-05-04 ", None),
        ('{"a": 1}', '{ "a": 1.0 }', None),
        ("2020-05-04", " ", "empty"),
        ("The Fox", "fox!", "right but for case or punctuation"),
        ("2020-05-04", ASKED.upper(), "copies the input"),
        ("three days", "a b a b a b a b", "repeats itself"),
        ("2020-05-04", "2020-05", "cut off"),
        ('{"a": 1}', '{"a": 1', "cut off"),
        ('{"a": 1}', "a is 1", "no valid JSON"),
        ('{"a": 1}', '{"b": 1}', "other fields than asked"),
        ('{"a": 1}', '{"a": 2}', "wrong numbers"),
        ("2020-05-04", "P3D", "in the form P9D"),
        ("2020-05-04", "three days", "in another form"),
        (LONG, "the fox jumps", "far too short"),
        ("a fox", "the quick brown fox", "something else"),
        (LONG, LONG + " " + LONG[::-1] + LONG, "far too long"),
        ("call in 3 days", "call in 7 days", "numbers from nowhere"),
        ("2020-05-04", "2020-05-03", "wrong numbers"),
        ("the colours", "the colors", "nearly right"),
        ("a cat", "my dog", "something else"),
    ],
)
def test_every_kind_of_failure_is_told(right: str, given: str, kind: str | None) -> None:
    assert failure(ASKED, right, given, {"9-9-9", "P9D"}) == kind


def test_without_regular_forms_none_is_wrong() -> None:
    assert failure(ASKED, "Lake Baikal", "N/A", ()) == "something else"
