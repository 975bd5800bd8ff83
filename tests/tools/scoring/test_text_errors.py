from tools.examples import Example, Scored
from tools.scoring.errors import Region, text_regions
from tools.scoring.text_errors import topics_of

LETTERS = "bcdefghijklmnopqrstuvwxyz"
Row = tuple[str, str, str]
"""Input, right output, answer."""


def answered(rows: list[Row]) -> tuple[list[Example], dict[int, Scored]]:
    examples = [
        Example(text, right, "train", "user", "mit", "gold", id=i)
        for i, (text, right, _) in enumerate(rows, start=1)
    ]
    return examples, {i: Scored(i, row[2], 0.5, 1 / i) for i, row in enumerate(rows, start=1)}


def test_failures_on_outputs_of_a_form_are_grouped_by_it() -> None:
    rows = [(f"in {n} days", f"P{n}D", f"2020-01-{n}") for n in range(10, 14)]
    rows += [(f"on day {n}", f"2020-01-{n}", f"2020-01-{n}") for n in range(10, 20)]
    rows += [(f"no day {n}", "N/A", "") for n in range(3)]
    assert text_regions(*answered(rows)) == [
        Region("P9D", "in the form 9-9-9", (4, 3, 2, 1)),
        Region("N/A", "empty", (17, 16, 15)),
    ]


def test_outputs_of_plain_words_are_grouped_by_what_inputs_are_about() -> None:
    river = [
        (f"which river flows through town{n}", f"right {LETTERS[n]}", "other words")
        for n in range(20)
    ]
    king = [
        (f"which king ruled over land{n}", f"good {LETTERS[n]}", "other words") for n in range(20)
    ]
    first, second = text_regions(*answered(river + king))
    assert {first.label.split()[0], second.label.split()[0]} == {"about"}
    by_river = first if "river" in first.label else second
    assert set(by_river.examples) == set(range(1, 21))
    assert "king" not in by_river.label
    assert by_river.taken_for == "something else"


def test_where_nothing_is_ever_equal_only_the_worse_half_counts() -> None:
    good = [
        (f"text {n}", f"one two three four {LETTERS[n]}", "one two three five") for n in range(8)
    ]
    bad = [(f"text {n}", f"one two three four {LETTERS[n]}", "nothing of it") for n in range(8)]
    (region,) = text_regions(*answered(good + bad))
    assert set(region.examples) == set(range(9, 17))


def test_right_answers_make_no_region() -> None:
    assert text_regions(*answered([("a", "b c", "B  c")] * 5)) == []
    assert text_regions([], {}) == []


def test_few_or_equal_texts_have_no_topics() -> None:
    assert topics_of(["one text"] * 3) == ["any"] * 3
    assert topics_of(["the same text"] * 60) == ["any"] * 60
    assert topics_of([]) == []


def test_scripts_without_spaces_have_topics() -> None:
    texts = [f"天気予報を見たい{n}" for n in range(20)] + [f"音楽を再生して{n}" for n in range(20)]
    names = topics_of(texts)
    assert len(set(names)) == 2
    assert "天気" in names[0] or "予報" in names[0] or "気予" in names[0]
