from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes import InlineExecutor
from tests.small_task import make_call, rows
from tests.tools.students.material import tiny_bert
from tools.services import Call, Json, Progress, ToolError
from tools.splits import INTAKE
from tools.students import METHODS, bases
from tools.students.race import FOLDS, run_race, sample
from tools.students.ranking import Candidate


class Recorder(InlineExecutor):
    """Keeps what it was asked to train on."""

    def __init__(self) -> None:
        super().__init__()
        self.payloads: list[Json] = []
        self.seconds: list[float | None] = []

    def run(
        self, function: str, payload: Json, progress: Progress, timeout_s: float | None = None
    ) -> Json:
        self.payloads.append(payload)
        self.seconds.append(timeout_s)
        return super().run(function, payload, progress, timeout_s)


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Call]:
    made = make_call(tmp_path)
    own = {**METHODS, **made.services.methods}
    yield replace(made, services=replace(made.services, methods=own, executor=Recorder()))
    made.services.store.close()


@pytest.fixture
def base(tmp_path: Path) -> str:
    return str(tiny_bert(tmp_path / "bert"))


def entrant(base: str, method: str, parameters: int | None = None) -> Candidate:
    found = bases.find(base)
    found = replace(found, parameters=parameters or found.parameters)
    return Candidate(method, found, 0, asked=False, downloaded=True)


def test_all_race_on_the_same_folds_of_training_rows_only(call: Call, base: str) -> None:
    store = call.services.store
    store.write(INTAKE, rows(90, "train", 0, "gold", clear=1.0))
    race = run_race(call, [entrant(base, "probe"), entrant(base, "keywords")], 60)
    executor = call.services.executor
    assert isinstance(executor, Recorder)
    first, second = executor.payloads
    for part in ("texts", "outputs", "folds", "seed"):
        assert first[part] == second[part]
    held_out = {row.input for split in ("test", "validation") for row in store.accepted(split)}
    assert store.count("test")
    assert not held_out & set(first["texts"])
    assert race.rows == store.count("train")
    assert all((result.score or 0) > 0.8 for result in race.results)
    # Finding the base is a part of the race.
    assert all(0 < (seconds or 0) < 60 for seconds in executor.seconds)
    assert race.as_json()["folds"] == FOLDS == len(first["folds"])


def test_of_equal_scores_the_smaller_wins(call: Call, base: str) -> None:
    call.services.store.write("imported", rows(60, "train", 0, clear=1.0))
    small, large = entrant(base, "keywords", 10), entrant(base, "keywords", 1_000)
    race = run_race(call, [large, small], 60)
    assert race.results[0].score == race.results[1].score
    assert race.results[0].candidate == small


def test_what_cannot_be_trained_loses_with_its_reason(
    call: Call, base: str, tmp_path: Path
) -> None:
    call.services.store.write("imported", rows(60, "train", 0, clear=1.0))
    broken = tiny_bert(tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"half")
    field = [entrant(str(broken), "probe", 1), entrant(base, "probe")]
    race = run_race(call, field, 60)
    assert [result.candidate for result in race.results] == field[::-1]
    assert "cannot load" in race.results[1].reason
    assert "\n" not in race.results[1].reason


def test_too_few_rows_tell_nothing(call: Call, base: str) -> None:
    call.services.store.write("imported", rows(9, "train", 0))
    with pytest.raises(ToolError, match="a race needs 30 training rows"):
        run_race(call, [entrant(base, "keywords")], 60)


def test_a_sample_is_even_and_repeatable() -> None:
    many = [replace(row, id=i) for i, row in enumerate(rows(300, "train", 0))]
    lopsided = [row for row in many if row.output == "card" or row.id % 10 == 0]
    drawn = sample(lopsided, 60, 0)
    counts = Counter(row.output for row in drawn)
    assert counts["rate"] == sum(row.output == "rate" for row in lopsided)
    assert len(drawn) == 60
    assert drawn == sample(lopsided, 60, 0) != sample(lopsided, 60, 1)
