from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.small_task import make_call, rows
from tools.curation.repair import repair
from tools.examples import Example, Scored
from tools.generate_batch import generate_batch
from tools.services import Call
from tools.task import TaskSpec


@dataclass
class Oracle:
    """Gives the answers it is told, by input; None where it is told none."""

    answers: dict[str, Sequence[str]]
    name: str = "oracle"
    asked: int = 0

    def answer(
        self,
        spec: TaskSpec,
        examples: Sequence[Example],
        texts: Sequence[str],
        *,
        call: str,
        seed: int = 0,
        unclear: bool = False,
    ) -> list[str | None]:
        del spec, examples, call, unclear
        self.asked += len(texts)
        found = [self.answers.get(text, ()) for text in texts]
        return [given[seed - 1] if len(given) >= seed else None for given in found]


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Call]:
    made = make_call(tmp_path)
    store = made.services.store
    store.write("import", rows(6, "train", 1))
    gold = [replace(e, evidence="gold") for e in rows(3, "train", 2)]
    store.write("mine", gold)
    doubts = [Scored(e.id, "rate", 0.95, 0.9) for e in store.accepted("train")]
    store.save_predictions("s", "oof", doubts)
    yield replace(made, best="s", id="r1")
    store.close()


def judged(call: Call, oracle: Oracle) -> Call:
    return replace(call, services=replace(call.services, judge=oracle))


def doubted(call: Call) -> list[Example]:
    rows = call.services.store.accepted("train")
    return [e for e in rows if e.output != "rate" and e.evidence != "gold"]


def test_rows_stay_change_or_go_as_the_judge_has_it(call: Call) -> None:
    same, other, torn, silent = doubted(call)
    oracle = Oracle(
        {
            same.input: [same.output],
            other.input: ["rate", "rate"],
            torn.input: ["rate", torn.output, "unclear"],
        }
    )
    ready = judged(call, oracle)
    text, artifact = generate_batch(ready, 10, "repair")
    store = ready.services.store
    left = {e.input: e.output for e in store.accepted("train")}
    assert left[same.input] == same.output
    assert left[other.input] == "rate"
    assert torn.input not in left
    assert left[silent.input] == silent.output
    assert (artifact["dropped"], artifact["accepted"]) == (2, 1)
    assert "1 of them kept under another label" in text
    (new,) = [e for e in store.written_by("r1") if e.reason is None]
    assert (new.parents, new.evidence, new.licence) == ((other.id,), "synthetic", other.licence)


def test_a_repeated_repair_decides_the_same(call: Call) -> None:
    oracle = Oracle({e.input: ["rate", "rate"] for e in doubted(call)})
    ready = judged(call, oracle)
    first = generate_batch(ready, 10, "repair")
    kept = [(e.input, e.output) for e in ready.services.store.accepted("train")]
    assert generate_batch(ready, 10, "repair") == first
    assert [(e.input, e.output) for e in ready.services.store.accepted("train")] == kept


def test_no_more_rows_are_asked_about_than_wanted_and_none_of_the_users(call: Call) -> None:
    oracle = Oracle({})
    ready = judged(call, oracle)
    assert not repair(ready, ready.services.store.accepted("train"), 1).dropped
    assert oracle.asked == 3  # one row: two answers and, as there were none, a third
