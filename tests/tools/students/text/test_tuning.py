import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools.services import Json, ToolError, UnfitBaseError, silent
from tools.students.text.tuning import MOST_TRIALS, Range, Tuned, search, seconds_of_one

START = {"rate": 0.001, "batch": 32, "kind": "a", "epochs": 3}
SPACE: dict[str, Any] = {"rate": Range(1e-5, 1e-1), "batch": Range(8, 128), "kind": ["a", "b"]}
KILLED_AT = 4


class Hill:
    """Best at a rate of 0.01 with kind b; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Json] = []

    def __call__(self, hyperparameters: Json, seconds: float | None) -> float:
        del seconds
        self.asked.append(hyperparameters)
        away = abs(float(hyperparameters["rate"]) - 0.01)
        return -away - bool(hyperparameters["kind"] == "a")


def tune(
    trial: Any, storage: Path | None = None, seconds: float | None = None, seed: int = 0
) -> Tuned:
    return search(trial, START, SPACE, seconds, storage, seed, silent)


def test_the_defaults_come_first_and_the_best_is_kept() -> None:
    hill = Hill()
    found = tune(hill)
    assert hill.asked[0] == START
    assert found.tried == len(hill.asked) == MOST_TRIALS
    assert found.score == max(Hill()(asked, None) for asked in hill.asked) > Hill()(START, None)
    assert found.hyperparameters in hill.asked
    assert found.hyperparameters["epochs"] == 3
    assert all(8 <= asked["batch"] <= 128 for asked in hill.asked)
    assert isinstance(found.hyperparameters["batch"], int)


def test_what_is_right_nearly_everywhere_is_not_bettered() -> None:
    scores = iter([0.9, 0.996, 0.999])
    found = tune(lambda _asked, _seconds: next(scores))
    assert (found.tried, found.score) == (2, 0.996)


def test_a_seed_settles_the_trials() -> None:
    first, second, other = Hill(), Hill(), Hill()
    assert tune(first) == tune(second)
    tune(other, seed=1)
    assert first.asked == second.asked != other.asked


def test_without_time_the_defaults_are_all_that_is_tried() -> None:
    hill = Hill()
    assert tune(hill, seconds=1e-9).hyperparameters == START
    assert len(hill.asked) == 1


def test_a_trial_is_told_what_time_is_left() -> None:
    told: list[float | None] = []

    def listens(_asked: Json, seconds: float | None) -> float:
        told.append(seconds)
        return 0.0

    tune(listens, seconds=1_000.0)
    assert len(told) == MOST_TRIALS
    assert told[0] == 1_000.0
    assert told == sorted(told, key=lambda left: -(left or 0.0))


def test_equal_scores_go_to_the_defaults() -> None:
    assert tune(lambda *_: 0.5).hyperparameters == START


def test_a_search_that_was_killed_comes_to_the_same_end(tmp_path: Path) -> None:
    whole = Hill()
    expected = tune(whole, tmp_path / "whole")
    journal = tmp_path / "kept" / "trials"
    program = (
        "import sys, os, signal; from pathlib import Path; "
        "from tests.tools.students.text.test_tuning import Hill, KILLED_AT, tune\n"
        "class Doomed(Hill):\n"
        "    def __call__(self, *asked):\n"
        "        score = super().__call__(*asked)\n"
        "        if len(self.asked) == KILLED_AT: os.kill(os.getpid(), signal.SIGKILL)\n"
        "        return score\n"
        "tune(Doomed(), Path(sys.argv[1]))"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(journal)], check=False)
    assert killed.returncode == -9
    with journal.open("ab") as file:
        file.write(b'{"op_code": 4, "half')
    (tmp_path / "kept" / "trials.lock").symlink_to(journal)
    rest = Hill()
    assert tune(rest, journal) == expected
    assert rest.asked == whole.asked[KILLED_AT - 1 :]
    again = Hill()
    assert tune(again, journal) == expected
    assert again.asked == []


def test_a_trial_that_cannot_be_trained_counts_as_failed(tmp_path: Path) -> None:
    def fails(asked: Json, _seconds: float | None) -> float:
        if asked["batch"] > 32:
            raise UnfitBaseError("the memory ran out")
        if asked["rate"] > 0.005:
            raise ToolError("training diverged")
        return float(asked["rate"])

    found = tune(fails, tmp_path / "trials")
    assert found.failed > 0
    assert found.tried + found.failed == MOST_TRIALS
    assert found.hyperparameters["batch"] <= 32
    assert found.hyperparameters["rate"] <= 0.005


def test_where_no_trial_works_it_says_why(tmp_path: Path) -> None:
    calls = 0

    def unfit(_asked: Json, _seconds: float | None) -> float:
        nonlocal calls
        calls += 1
        raise UnfitBaseError("the memory ran out")

    def poor(_asked: Json, _seconds: float | None) -> float:
        raise ToolError("too few rows")

    for _ in range(2):
        with pytest.raises(UnfitBaseError, match="the memory ran out"):
            tune(unfit, tmp_path / "trials")
    assert calls == 1
    with pytest.raises(ToolError, match="too few rows") as caught:
        tune(poor)
    assert not caught.value.of_base


def test_nothing_to_vary_is_one_trial() -> None:
    hill = Hill()
    assert search(hill, START, {}, None, None, 0, silent) == Tuned(START, -1.009, 1, 0)
    assert hill.asked == [START]


def test_the_time_of_one_training_is_told_from_that_of_all() -> None:
    note = tune(Hill()).note
    assert note
    assert seconds_of_one(240.0, ["another note", note]) == 240.0 / MOST_TRIALS
    assert seconds_of_one(240.0, ["another note"]) == 240.0
