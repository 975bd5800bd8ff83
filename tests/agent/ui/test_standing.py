import gc
import json
import shutil
import weakref
from contextlib import closing
from pathlib import Path

import pytest

from agent.chat.mailbox import Kind
from agent.runs import create, write_manifest
from agent.ui.conversation import view_of
from agent.ui.runs_tab import now_html, usable
from agent.ui.standing import overview, standing
from tests.agent.ui.pages import begun, finished, mailbox, round_, talked

STEP = ("round", "focus", "accepted", "validation", "p_better", "kept")


def test_a_run_stands_as_its_files_say(tmp_path: Path) -> None:
    stands = standing(talked(begun(tmp_path)))
    assert stands.status == "waiting"
    assert stands.limits == {"rounds": 6, "minutes": 30.0, "usd": 5.0}
    assert stands.rounds == ()
    assert stands.talk.question is not None
    assert stands.talk.question.kind == "proposal"


def test_what_is_said_meanwhile_is_seen(tmp_path: Path) -> None:
    run = talked(begun(tmp_path))
    before = standing(run)
    with closing(mailbox(run)) as box:
        assert before.talk.question is not None
        box.say("yes", answers=before.talk.question.id)
        box.show_progress("training")
        box.ask_stop("round")
    after = standing(run)
    assert after.talk.question is None
    assert after.talk.progress is not None
    assert after.talk.progress[1] == "training"
    assert after.talk.stop == "round"


def test_only_the_latest_is_remembered_and_what_is_known_not_read_again(tmp_path: Path) -> None:
    run = talked(begun(tmp_path))
    before = standing(run).talk
    question = next(message for message in before.messages if message.who == "tasksmith")
    number, old = len(before.messages), weakref.ref(before)
    del before
    with closing(mailbox(run)) as box:
        said = box.say("and in French")
        assert said is not None
        assert standing(run).talk.messages[-1].taken is None
        box.take(said.id, "graph")
        box.post("said", "I do", "reply:1")
    talk = standing(run).talk
    assert len(talk.messages) == number + 2
    assert talk.messages[-2].taken == "graph"
    assert any(message is question for message in talk.messages)
    gc.collect()
    assert old() is None


def test_rounds_are_known_before_there_is_a_report(tmp_path: Path) -> None:
    run = begun(tmp_path)
    with closing(mailbox(run)) as box:
        for number in (1, 2):
            closed = {key: round_(number, 0.7)[key] for key in STEP}
            data = {"node": "review", "round": closed, "spent": {"seconds": 9.0 * number, "usd": 1}}
            box.post("step", "review", f"step:{number}", data)
        box.post("step", "plan", "step:3", {"node": "plan", "round": None, "spent": None})
    stands = standing(run)
    assert [r["round"] for r in stands.rounds] == [1, 2]
    assert stands.spent == {"seconds": 18.0, "usd": 1}


def test_limits_are_those_of_the_latest_step_of_the_run_itself(tmp_path: Path) -> None:
    original, fork = begun(tmp_path), create(tmp_path, "fork")
    with closing(mailbox(original)) as box:
        for number, limits in enumerate([(3, 30.0, 1.0), (5, 40.0, 2.0)]):
            told = dict(zip(("max_rounds", "minutes", "usd"), limits, strict=True))
            box.post("step", "x", f"step:{number}", {"node": "review", "limits": told})
    assert standing(original).limits == {"rounds": 5, "minutes": 40.0, "usd": 2.0}
    shutil.copy(original.folder / "chat.sqlite", fork.folder)
    write_manifest(fork, "x", {"max_rounds": 9, "budget_minutes": 1.0, "budget_usd": 7.0})
    assert standing(fork).limits == {"rounds": 9, "minutes": 1.0, "usd": 7.0}


@pytest.mark.parametrize(
    ("said", "reported", "broken"),
    [
        (["trouble"], None, True),
        (["report", "trouble"], "done", True),
        (["report"], "failed", False),
        (["report", "trouble"], "failed", True),
        (["trouble", "report"], "failed", False),
    ],
)
def test_an_error_is_told_from_an_end_without_a_model(
    tmp_path: Path, said: list[Kind], reported: str | None, broken: bool
) -> None:
    run = finished(tmp_path)
    run.update(status="failed")
    path = run.folder / "report.json"
    if reported:
        path.write_text(json.dumps(json.loads(path.read_text()) | {"status": reported}))
    else:
        path.unlink()
    with closing(mailbox(run)) as box:
        for number, kind in enumerate(said):
            box.post(kind, "x", f"{number}")
    stands = standing(run)
    assert [button.interactive for button in usable(stands)] == [False, False, broken]
    assert ("Resume" in view_of(stands).live) == broken
    assert ("Resume" in now_html(stands)) == broken


def test_looking_at_a_run_writes_no_conversation(tmp_path: Path) -> None:
    run = finished(tmp_path)
    assert len(standing(run).rounds) == 3
    assert not (run.folder / "chat.sqlite").exists()


def test_a_run_that_nobody_works_on_was_interrupted(tmp_path: Path) -> None:
    run = begun(tmp_path, status="running")
    assert standing(run).status == "interrupted"
    with run.lock():
        assert standing(run).status == "running"


def test_runs_come_newest_first_and_damaged_ones_last(tmp_path: Path) -> None:
    runs = [begun(tmp_path, f"task {number}") for number in range(3)]
    (runs[2].folder / "run.json").write_text("{")
    found = overview(tmp_path)
    assert [stands.run for stands in found] == [runs[1].id, runs[0].id, runs[2].id]
    assert found[-1].status == "damaged"
    shutil.rmtree(runs[1].folder)
    assert [stands.run for stands in overview(tmp_path)] == [runs[0].id, runs[2].id]
    assert overview(tmp_path / "none") == []


@pytest.mark.parametrize("file", ["chat.sqlite", "report.json", "run.json"])
def test_a_damaged_file_of_one_run_hides_no_other(tmp_path: Path, file: str) -> None:
    damaged, whole = begun(tmp_path), begun(tmp_path)
    (damaged.folder / file).write_bytes(b"no such thing" * 1_000)
    assert {stands.run: stands.status for stands in overview(tmp_path)} == {
        damaged.id: "damaged",
        whole.id: "waiting",
    }
