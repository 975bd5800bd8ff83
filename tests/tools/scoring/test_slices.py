from tools.examples import Example, Scored
from tools.scoring.metrics import METRICS
from tools.scoring.slices import Slice, slices

FORMS = {"9-9-9", "P9D", "N/A"}


def test_slices_tell_short_from_long_and_forms_apart() -> None:
    outputs = [f"2020-01-{n}" for n in range(10, 25)] + [f"P{n}D" for n in range(10, 25)]
    rows = [
        Example("x" * (n + 1), out, "validation", "user", "mit", "gold", id=n)
        for n, out in enumerate(outputs)
    ]
    scored = {e.id: Scored(e.id, e.output if e.id < 18 else "N/A", 0.5, 0.1) for e in rows}
    assert slices(METRICS["exact_match"], rows, scored, FORMS) == [
        Slice("input length", "up to 10 characters", 10, 1.0),
        Slice("input length", "11 to 20 characters", 10, 0.8),
        Slice("input length", "over 20 characters", 10, 0.0),
        Slice("output length", "up to 4 characters", 15, 0.2),
        Slice("output length", "5 to 10 characters", 15, 1.0),
        Slice("form", "9-9-9", 15, 1.0),
        Slice("form", "P9D", 15, 0.2),
    ]


def test_few_rows_and_equal_ones_have_no_slices() -> None:
    rows = [Example("x", "y", "validation", "user", "mit", "gold", id=n) for n in range(30)]
    scored = {e.id: Scored(e.id, "y", 1, 1) for e in rows}
    assert slices(METRICS["exact_match"], rows, scored, FORMS) == []
    assert slices(METRICS["exact_match"], rows[:3], scored, FORMS) == []
    assert slices(METRICS["exact_match"], [], scored, FORMS) == []
