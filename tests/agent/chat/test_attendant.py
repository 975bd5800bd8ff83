"""What the thread that listens makes of errors, and of what is said before there is a run."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.chat.attendant import Attendant, attending
from agent.chat.mailbox import Mailbox
from agent.runs import Run, create, write_manifest
from tests.agent.chat.person import wait_for
from tests.graph.talking import LIMITS
from tests.small_task import make_call
from tools.talk.rules import RulesListener
from tools.talking import Heard
from tools.task import Demonstration

BEGUN = {"limits": LIMITS, "planner": "rules", "mode": "run"}


class Standing:
    """A thread of which nothing but its state is of interest."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self.looks = 0

    def snapshot(self) -> Any:
        self.looks += 1
        return SimpleNamespace(values=self.values)

    @contextmanager
    def traced(self) -> Iterator[Any]:
        yield SimpleNamespace(attached=self.attached)

    @contextmanager
    def attached(self) -> Iterator[None]:
        yield


class Listening(RulesListener):
    """Meets the errors that it is given, then answers all."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = [*errors]

    def hear(self, text: str, situation: object) -> Heard:
        del situation
        if self.errors:
            raise self.errors.pop(0)
        return Heard("question", f"answer to {text}")

    def imagine(self, spec: object, known: object) -> list[Demonstration]:
        del spec, known
        return []


@pytest.fixture
def run(tmp_path: Path) -> Run:
    made = create(tmp_path / "runs", "x")
    write_manifest(made, "x", {})
    return made


@contextmanager
def listening(run: Run, standing: Any, *errors: Exception) -> Iterator[Mailbox]:
    """Give the mailbox of a run that is worked on."""
    services = replace(make_call(run.folder).services, listener=Listening(*errors))
    with (
        closing(services.store),
        closing(Mailbox.of(run.folder)) as box,
        attending(Attendant(box, standing, services), run, 0, lambda: None),
    ):
        yield box


def say(box: Mailbox, text: str) -> int:
    message = box.say(text)
    assert message
    return message.id


def reply(box: Mailbox, id_: int) -> str:
    """Wait for the reply to a message."""
    wait_for(lambda: box.posted(f"reply:{id_}") is not None)
    posted = box.posted(f"reply:{id_}")
    assert posted
    return posted.text


def test_what_is_said_before_there_is_anything_to_know_is_answered_then(run: Run) -> None:
    standing = Standing({})
    with listening(run, standing) as box:
        said = say(box, "how long?")
        wait_for(lambda: standing.looks >= 2)
        assert [m.id for m in box.unheard()] == [said]
        standing.values = BEGUN
        assert reply(box, said) == "answer to how long?"


def test_an_unforeseen_error_leaves_the_message_for_the_graph_and_the_next_is_heard(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with listening(run, Standing(BEGUN), KeyError("limits")) as box:
        first, second = say(box, "one"), say(box, "two")
        assert reply(box, second) == "answer to two"
        trouble = box.posted(f"later:{first}")
        assert trouble
        assert trouble.kind == "trouble"
        assert "KeyError" in trouble.text
        assert "kept for later" in trouble.text
        # An answer is posted before its message is noted as heard.
        wait_for(lambda: [m.id for m in box.unheard()] == [first])


def test_a_file_that_is_in_use_for_a_while_costs_no_message(run: Run) -> None:
    busy = sqlite3.OperationalError("database is locked")
    with listening(run, Standing(BEGUN), busy, busy) as box:
        assert reply(box, say(box, "one")) == "answer to one"
        assert not any(m.kind == "trouble" for m in box.after())
