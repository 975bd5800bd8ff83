import pytest

from tools.scoring.shapes import frequent, shape


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2019-01-04", "9-9-9"),
        ("(1990-01-01,2000-01-01,P10Y)", "(9-9-9,9-9-9,P9Y)"),
        ("XXXX-WXX-5", "XXXX-WXX-9"),
        ("PT2H", "PT9H"),
        ("2033-06-09T09:40", "9-9-9T9:9"),
        (" Lake Baikal\n", "Aa"),
        ("the Swiss franc", "a Aa a"),
        ("NASA", "A"),
        ("iPhone 15", "a 9"),
        ("東京都", "a"),
        ("list(set(items))", "a(a(a))"),
        ('{"b": 1, "a": {"c": [1.5, null]}}', "{a: {c: [9, null]}, b: 9}"),
        ("[1, true", "[9, a"),
        ("one two three four five six seven eight nine", "8+ words"),
        ("一" * 70, "64+ letters"),
        ("a\nb\nc", "2+ lines"),
        ("", "empty"),
    ],
)
def test_outputs_of_one_kind_have_one_form(text: str, form: str) -> None:
    assert shape(text) == form


def test_short_outputs_that_repeat_are_a_kind_of_their_own() -> None:
    outputs = ["N/A"] * 5 + ["A/B", "2019-01-04", "2019"] + ["2018"] * 5 + ["x" * 50] * 5
    known = frequent(outputs)
    assert known == {"N/A"}
    assert (shape("N/A", known), shape("A/B", known)) == ("N/A", "A/A")


def test_rare_outputs_in_many_are_no_kind_of_their_own() -> None:
    assert frequent(["yes"] * 4 + [f"w{i}" for i in range(500)]) == frozenset()
