from pathlib import Path

import pytest

from tools.students.curve import NO_CURVE, Curve, curve_of, is_due, sparkline


def test_a_curve_comes_back_less_what_a_crash_cut_off(tmp_path: Path) -> None:
    curve = curve_of(tmp_path, "abc")
    curve.add("", 1, 2, {"loss": 0.5})
    curve.add("", 2, 2, {"eval_score": 0.25})
    with (tmp_path / "abc.curve.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"part": "", "step": 3, "st')
    assert curve.points() == [
        {"part": "", "step": 1, "steps": 2, "loss": 0.5},
        {"part": "", "step": 2, "steps": 2, "eval_score": 0.25},
    ]


def test_a_training_that_goes_on_forgets_what_it_does_again(tmp_path: Path) -> None:
    curve = Curve(tmp_path / "a.curve.jsonl")
    for part in ("trial-a", "trial-b"):
        for step in (1, 2, 3):
            curve.add(part, step, 3, {"loss": 1 / step})
    curve.go_on("trial-b", 1)
    curve.add("trial-b", 2, 3, {"loss": 0.0})
    left = [(point["part"], point["step"]) for point in curve.points()]
    assert left == [("trial-a", 1), ("trial-a", 2), ("trial-a", 3), ("trial-b", 1), ("trial-b", 2)]


def test_where_no_curve_is_kept_nothing_is_written() -> None:
    NO_CURVE.add("", 1, 1, {"loss": 1.0})
    NO_CURVE.go_on("", 0)
    assert not NO_CURVE.points()


@pytest.mark.parametrize("steps", [1, 7, 400, 12_345])
def test_a_long_training_writes_some_hundred_losses(steps: int) -> None:
    due = [step for step in range(1, steps + 1) if is_due(step, steps)]
    assert due[-1] == steps
    assert min(steps, 200) <= len(due) <= 801


def test_a_student_s_id_leads_nowhere_else(tmp_path: Path) -> None:
    assert curve_of(tmp_path, "../../etc/x").path == tmp_path / "x.curve.jsonl"


def test_curves_are_drawn_one_a_training_and_measure(tmp_path: Path) -> None:
    curve = Curve(tmp_path / "a.curve.jsonl")
    for step in range(1, 101):
        curve.add("trial-a", step, 100, {"loss": 2.0 - step / 100})
    curve.add("trial-a", 100, 100, {"eval_score": 0.5})
    loss, score = sparkline(curve.points())
    part, name, bars, *change = loss.split()
    assert (part, name, " ".join(change)) == ("trial-a", "loss", "1.990 → 1.000, step 100")
    assert len(bars) == 40
    assert bars[0] == "█"
    assert bars[-1] == "▁"
    assert list(bars) == sorted(bars, reverse=True)
    assert score.endswith("0.500 → 0.500, step 100")
    assert sparkline([]) == []
