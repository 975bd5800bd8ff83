"""The LLM teacher in the tool that uses it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.small_task import make_call, rows
from tests.tools.teachers.desk import Desk
from tools.generate_batch import generate_batch
from tools.llm.prompt import Reply
from tools.services import Call
from tools.teachers.llm import LLMTeacher


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Call]:
    made = make_call(tmp_path)
    store = made.services.store
    store.write("import", rows(60, "train", 1) + rows(30, "validation", 2) + rows(30, "test", 3))
    yield replace(made, id="g1")
    store.close()


def taught(call: Call, desk: Desk) -> Call:
    return replace(call, services=replace(call.services, teacher=LLMTeacher(desk)))


def test_a_batch_is_written_and_stored_with_its_cells(call: Call) -> None:
    _, artifact = generate_batch(taught(call, Desk()), 30, "cover", "short ones")
    assert (artifact["accepted"], artifact["rejected"]) == (30, {})
    stored = call.services.store.written_by("g1")
    assert {e.source for e in stored} == {"desk-1"}
    assert {e.licence for e in stored} == {"mit"}
    assert all(e.cell.startswith(e.output) for e in stored)


def test_nothing_held_out_is_in_a_prompt(call: Call) -> None:
    store, desk = call.services.store, Desk()
    held = store.accepted("validation") + store.accepted("test")
    store.write("leak", [replace(held[0], split="train")])
    generate_batch(taught(call, desk), 60, "cover")
    told = "\n".join(prompt.user for wave in desk.waves for prompt in wave)
    assert not [e.input for e in held if e.input in told]


def test_a_call_that_was_killed_asks_the_same_again(call: Call) -> None:
    desks = [Desk(), Desk()]
    first = generate_batch(taught(call, desks[0]), 30, "balance")
    assert generate_batch(taught(call, desks[1]), 30, "balance") == first
    assert desks[0].waves == desks[1].waves


def test_later_passes_ask_for_what_is_missing(call: Call) -> None:
    broken = iter([Reply(None, "malformed answer")])
    desk = Desk(lambda p: next(broken, None) if p.name == "examples" else None)
    _, artifact = generate_batch(taught(call, desk), 30, "cover")
    assert artifact["accepted"] == 30
    assert [len(wave) for wave in desk.waves] == [2, 2, 1]


def test_the_end_of_the_budget_ends_the_batch(call: Call) -> None:
    desk = Desk(lambda p: Reply(None, "budget") if p.name == "examples" else None)
    _, artifact = generate_batch(taught(call, desk), 30, "cover")
    assert artifact["accepted"] == 0
    assert "budget" in artifact["diagnosis"]
