"""Forks of a conversation, and what is said with them."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from agent import jobs
from agent.chat.mailbox import QUESTIONS, Mailbox, Message
from agent.chat.worker import work_on
from agent.commands import history, looking, using
from agent.errors import UserError
from agent.fork import fork
from agent.history import Step, steps
from agent.runs import Run, way_on
from agent.settings import Settings
from agent.ui.shelf import outputs_of
from tests.agent import light_run
from tools.browsing import Browser

LABEL = "Add label weather: snow or ice on the road."
PARCELS = light_run.ROOT / "examples" / "parcels"


@pytest.fixture(autouse=True, scope="module")
def _offline() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield


def messages(run: Run) -> list[Message]:
    with closing(Mailbox.of(run.folder)) as mailbox:
        return mailbox.after()


def answer(run: Run, text: str) -> None:
    with closing(Mailbox.of(run.folder)) as mailbox:
        question = mailbox.open_question()
        assert question
        mailbox.say(text, answers=question.id)
    work_on(run, None, light_run.PARTS)


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A conversation after its first result."""
    out = tmp_path_factory.mktemp("talked")
    settings = Settings(
        out=out / "runs",
        cache=out / "cache",
        datasets=(str(light_run.ROOT / "examples" / "catalogue"),),
        student="keywords",
        max_rounds=1,
        idle_minutes=0.0,
    )
    run = jobs.begin(
        (PARCELS / "task.md").read_text(encoding="utf-8"),
        settings,
        mode="chat",
        examples=PARCELS / "examples.jsonl",
        test=PARCELS / "test.jsonl",
    )
    work_on(run, None, light_run.PARTS)
    answer(run, "yes")
    answer(run, "yes")
    assert run.status == "done", [m.text for m in messages(run)]
    return run


@pytest.fixture(scope="module")
def taken(talked: Run) -> list[Step]:
    return steps(talked)


def waiting_at(taken: list[Step], node: str) -> Step:
    return next(step for step in taken if step.next == (node,) and step.asks)


def asked(run: Run) -> list[Message]:
    return [m for m in messages(run) if m.kind in QUESTIONS]


def choices(run: Run) -> set[str]:
    with Browser(run.folder / "data.sqlite") as browser:
        return {*outputs_of(run, browser).labels}


def test_rows_can_be_given_the_labels_that_were_agreed_on_last(
    talked: Run, taken: list[Step], tmp_path: Path
) -> None:
    before = choices(talked)
    old = min(before)
    run = fork(talked, taken[-1].number, tmp_path, f"rename {old} to arrears")
    assert choices(run) == before
    shutil.copy(talked.folder / "report.json", run.folder)  # as if it were the original
    work_on(run, None, light_run.PARTS)
    assert choices(run) == before
    answer(run, "yes")
    assert run.status == "waiting"
    assert choices(run) == before - {old} | {"arrears"}
    (run.folder / "task.json").write_text("{}")  # as if a crash had kept it from being written
    work_on(run, None, light_run.PARTS)
    assert choices(run) == before - {old} | {"arrears"}


def test_words_answer_the_question_that_a_fork_waits_with(
    talked: Run, taken: list[Step], tmp_path: Path
) -> None:
    new = fork(talked, waiting_at(taken, "agree").number, tmp_path, LABEL)
    assert new.mode == "chat"
    work_on(new, None, light_run.PARTS)
    first, second = asked(new)
    assert "weather" in second.text
    assert new.status == "waiting"
    with closing(Mailbox.of(new.folder)) as mailbox:
        said = mailbox.answer_to(first.id)
        assert said
        assert said.text == LABEL
        assert not mailbox.unheard()


def test_a_fork_is_approved_by_what_is_said_with_it(
    talked: Run, taken: list[Step], tmp_path: Path
) -> None:
    new = fork(talked, waiting_at(taken, "approve").number, tmp_path, "yes")
    work_on(new, None, light_run.PARTS)
    assert new.status == "done"
    assert [m.kind for m in asked(new)] == ["understood", "proposal"]
    assert len([m for m in messages(new) if m.kind == "report"]) == 1


@pytest.mark.parametrize("node", ["tools", "review", "conclude"])
def test_a_change_in_the_midst_or_at_the_end_of_a_conversation_is_asked_about(
    talked: Run, taken: list[Step], tmp_path: Path, node: str
) -> None:
    number = [step.number for step in taken if step.node == node][-1]
    new = fork(talked, number, tmp_path, LABEL)
    work_on(new, None, light_run.PARTS)
    assert new.status == "waiting"
    last = asked(new)[-1]
    assert last.kind == "understood"
    assert "New label: weather" in last.text
    with closing(Mailbox.of(new.folder)) as mailbox:
        assert not mailbox.unheard()


def test_a_fork_from_before_the_first_step_is_a_conversation_with_more_words(
    talked: Run, taken: list[Step], tmp_path: Path
) -> None:
    for number in (taken[0].number, taken[1].number):
        new = fork(talked, number, tmp_path, "Use macro F1.")
        assert new.mode == "chat"
        work_on(new, None, light_run.PARTS)
        first, *rest = messages(new)
        assert first.text.endswith("Use macro F1.")
        assert [m.text for m in rest if m.who == "user"] == []
        assert [m.kind for m in asked(new)] == ["understood"]
        assert "macro" in asked(new)[0].text


def test_a_run_that_waits_says_where_it_goes_on(
    talked: Run, taken: list[Step], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = fork(talked, waiting_at(taken, "agree").number, tmp_path, LABEL)
    assert way_on(new).startswith("`tasksmith chat ")
    work_on(new, None, light_run.PARTS)
    for command in (looking.show, lambda name: using.predict(name, "Where is it?")):
        with pytest.raises(UserError, match=f"`tasksmith chat .*{new.id}` goes on with it"):
            command(str(new.folder))
    history.history(str(new.folder))
    assert "It waits for your answer (agree)." in capsys.readouterr().out
    history.history(str(talked.folder))
    assert "It waits for what you say next." in capsys.readouterr().out
