from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from agent.chat.mailbox import QUESTIONS, Mailbox
from agent.chat.worker import work_on
from agent.errors import UserError
from agent.runs import Run, Status
from agent.traces.reading import read_steps
from agent.ui.standing import standing
from tests.agent.chat.nursery import Nursery, nursery
from tests.agent.chat.person import Person, begin, delete, paid_twice, said, wait_for
from tests.agent.llm_run import bank
from tests.standin.brain import Teacher
from tests.standin.server import StandIn
from tools import trace_names as names
from tools.examples import ExampleStore
from tools.llm.book import Book

KILLS = {
    "start",
    "understood 1",
    "answer 1",
    "answer 2",
    "proposal 1",
    "step 3",
    "step 5",
    "report 1",
    "refine",
    "answer 4",
}
"""While it starts, asks, hears, works, reports, and begins anew."""


@pytest.fixture(scope="module")
def server() -> StandIn:
    return StandIn(Teacher(bank()))


@pytest.fixture(scope="module")
def workers(server: StandIn) -> Iterator[Nursery]:
    with pytest.MonkeyPatch.context() as patch, server as url:
        patch.setenv("OPENAI_BASE_URL", url)
        patch.setenv("OPENAI_API_KEY", "sk-test")
        with nursery() as ready:
            yield ready


@pytest.fixture(scope="module")
def killed(workers: Nursery, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Person]:
    """A whole conversation whose worker was killed at ten moments."""
    run = begin(tmp_path_factory.mktemp("killed"))
    person = Person(run, workers, KILLS)
    person.converse()
    return run, person


def test_nothing_is_said_asked_or_heard_twice_whenever_the_worker_is_killed(
    killed: tuple[Run, Person],
) -> None:
    run, person = killed
    assert set(person.killed) == KILLS
    told = said(run)
    kinds = [kind for who, kind, _ in told if who == "tasksmith" and kind != "step"]
    asked = ["understood", "understood", "proposal"]
    assert kinds == ["said", *asked, "report", "proposal", "report"]
    steps = [text for _, kind, text in told if kind == "step" and not text.startswith("read as")]
    assert [text.split()[0] for text in steps] == [
        *("cover:", "best", "trained", "round", "stopped:"),
        *("cover:", "trained", "round", "stopped:"),
    ]
    with closing(Mailbox.of(run.folder)) as box:
        assert box.unheard() == []
        questions = [m for m in box.after() if m.kind in QUESTIONS]
        answers = [box.answer_to(question.id) for question in questions]
        assert [answer.text for answer in answers if answer] == [
            "card is about plastic cards and their PINs",
            *["yes"] * 3,
        ]


def test_a_run_is_measured_against_what_was_agreed_on_last(killed: tuple[Run, Person]) -> None:
    stands = standing(killed[0])
    assert len(stands.rounds) == stands.limits["rounds"] == 2


def test_no_answer_of_a_language_model_is_paid_for_twice(
    killed: tuple[Run, Person], server: StandIn
) -> None:
    run, _ = killed
    assert paid_twice(run) == 0
    hashes = [entry.hash for entry in server.log.entries]
    # A request that was under way when its process was killed has to be sent again.
    assert len(hashes) - len(set(hashes)) <= len(KILLS)


def test_the_person_is_heard_while_the_run_works_and_while_it_is_paused(
    workers: Nursery, tmp_path: Path
) -> None:
    run = begin(tmp_path, max_rounds=9)
    workers.start(run.folder)
    with closing(Mailbox.of(run.folder)) as box:
        for _ in ("understood", "proposal"):
            wait_for(lambda: box.open_question() is not None)
            question = box.open_question()
            assert question
            box.say("yes", answers=question.id)
        working = box.say("what does it cost?")
        assert working
        wait_for(lambda: box.posted(f"reply:{working.id}") is not None)
        assert run.status == "running"

        box.ask_stop("now")
        wait_for(lambda: not run.in_use())
        assert run.status == "interrupted"
        assert box.after()[-1].text.startswith("Paused")
        paused = box.say("what does it cost?")
        (run.folder / "more.csv").write_text("text,label\nmy PIN is gone,card\n")
        file = box.say("here it is", files=["more.csv"])
        assert paused
        assert file
        workers.start(run.folder)
        wait_for(lambda: box.posted(f"reply:{paused.id}") is not None)
        wait_for(lambda: not run.in_use())
        assert run.status == "interrupted"
        # Only the graph can read a file.
        assert [message.id for message in box.unheard()] == [file.id]

        box.say("go on")
        box.say("stop after this round")
        workers.start(run.folder)
        wait_for(lambda: any(m.kind == "report" for m in box.after()), 90)
        wait_for(lambda: box.unheard() == [])
        assert box.stop_asked() is None
    assert run.report
    assert run.report["stop_reason"] == "user"
    with closing(ExampleStore(run.folder / "data.sqlite")) as store:
        wait_for(lambda: "my PIN is gone" in {row.input for row in store.accepted("train")})


@pytest.mark.parametrize("status", ["interrupted", "failed"])
def test_a_run_that_was_stopped_before_its_first_step_begins_when_told_to(
    workers: Nursery, tmp_path: Path, status: Status
) -> None:
    run = begin(tmp_path)
    run.update(status=status)
    workers.start(run.folder)
    wait_for(lambda: len(said(run)) > 1)  # what it works with
    wait_for(lambda: not run.in_use())
    assert (run.status, len(said(run))) == (status, 2)
    with closing(Mailbox.of(run.folder)) as box:
        box.say("go on")
        workers.start(run.folder)
        wait_for(lambda: box.open_question() is not None)
        assert "trouble" not in [m.kind for m in box.after()]


def test_the_calls_in_a_trace_cost_what_the_book_says(workers: Nursery, tmp_path: Path) -> None:
    run = begin(tmp_path)
    with closing(Mailbox.of(run.folder)) as box:
        person = Person(run, workers, on_step=lambda: box.say("what is a good name for a boat?"))
        person.converse()
        answered = [m for m in box.after() if m.who == "user" and m.taken == "attendant"]
    assert answered
    with closing(Book(run.folder / "calls.sqlite", 0.0)) as book:
        booked, roles = book.usage(), book.by_role()
    chats = [step for step in read_steps(run.folder) if step.kind == "chat"]
    assert booked.usd
    assert sum(s.attributes[names.USD] for s in chats) == pytest.approx(booked.usd, abs=1e-9)
    heard = [s for s in chats if s.attributes[names.PURPOSE] == "talk"]
    assert len(heard) == roles["talk"].calls + roles["talk"].cached_calls
    others = [step for step in read_steps(run.folder) if step.kind == "node"]
    assert not any(names.USD in step.attributes for step in others)


def test_a_second_worker_is_refused(workers: Nursery, tmp_path: Path) -> None:
    run = begin(tmp_path)
    workers.start(run.folder)
    wait_for(run.in_use)
    with pytest.raises(UserError, match="in use by another process"):
        work_on(run)


def test_the_worker_of_a_deleted_run_ends(workers: Nursery, tmp_path: Path) -> None:
    run = begin(tmp_path)
    worker = workers.start(run.folder)
    wait_for(lambda: run.status == "waiting")
    delete(run)
    wait_for(lambda: not Path(f"/proc/{worker}").exists() or _is_zombie(worker))
    assert not run.folder.exists()


def _is_zombie(pid: int) -> bool:
    return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()


def test_an_endpoint_that_is_away_is_said_once_and_nothing_is_lost(
    workers: Nursery, tmp_path: Path
) -> None:
    run = begin(tmp_path)
    with StandIn(Teacher(bank()), ["quota=always"]) as url, closing(Mailbox.of(run.folder)) as box:
        workers.start(run.folder, OPENAI_BASE_URL=url)
        wait_for(lambda: any(m.kind == "trouble" for m in box.after()))
        wait_for(lambda: not run.in_use())
        assert run.status == "failed"
        box.say("go on")
        workers.start(run.folder)
        wait_for(lambda: box.open_question() is not None)
        assert [m.kind for m in box.after()].count("trouble") == 1
        assert box.unheard() == []


def is_asked(box: Mailbox, kind: str) -> bool:
    question = box.open_question()
    return question is not None and question.kind == kind


def test_an_idle_worker_ends_and_the_next_one_hears_what_was_said(
    workers: Nursery, tmp_path: Path
) -> None:
    run = begin(tmp_path, idle_minutes=0)
    with closing(Mailbox.of(run.folder)) as box:
        for kind in ("understood", "proposal"):
            workers.start(run.folder)
            wait_for(partial(is_asked, box, kind))
            wait_for(lambda: not run.in_use())
            assert run.status == "waiting"
            box.say("yes")  # the front end that says it may not know of the question
