import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agent.app import finish, resume, run
from agent.chat.mailbox import Mailbox
from agent.commands.history import fork as command
from agent.engine import Event
from agent.errors import UserError
from agent.fork import fork
from agent.history import Step, graph_on, step_at, steps
from agent.runs import Run, list_runs
from graph.standing import standing
from tests.agent import light_run, llm_run
from tests.agent.test_crash import without_times
from tests.small_task import make_call
from tests.standin.brain import Teacher
from tests.standin.server import StandIn
from tools.llm.book import Book


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")


def rows(run: Run) -> list[Any]:
    """Everything in the store of a run but the journal."""
    with closing(sqlite3.connect(run.folder / "data.sqlite")) as db:
        tables = ("examples", "predictions")
        return [list(db.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3")) for name in tables]


def digests(folder: Path) -> dict[str, str]:
    files = (p for p in folder.rglob("*") if p.is_file())
    kept = (p for p in files if not p.name.endswith(("-wal", "-shm")))
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in kept}


def of_node(past: list[Step], node: str, turn: int) -> int:
    return [step.number for step in past if step.node == node][turn]


@pytest.mark.parametrize(
    ("node", "turn"),
    [("input", 0), ("tools", 1), ("plan", 4), ("review", 5), ("review", -1)],
)
def test_a_fork_ends_as_the_original_which_stays_as_it_is(
    original: Run, past: list[Step], tmp_path: Path, node: str, turn: int
) -> None:
    number, before = of_node(past, node, turn), digests(original.folder)
    new = fork(original, number, tmp_path)
    assert new.manifest["forked_from"] == {"run": original.id, "step": number}
    report = finish(resume(new.folder, light_run.PARTS))
    assert without_times(report) == without_times(original.report)
    assert report["run"] == new.id
    assert rows(new) == rows(original)
    assert digests(original.folder) == before
    assert [(s.number, s.node, s.rows) for s in steps(new)] == [
        (s.number, s.node, s.rows) for s in past
    ]


def test_students_are_shared_and_nothing_of_the_report(
    original: Run, past: list[Step], tmp_path: Path
) -> None:
    curve = original.folder / "models" / "s.curve.jsonl"
    curve.write_text('{"part": "", "step": 1, "steps": 2, "loss": 0.5}\n')
    new = fork(original, past[-2].number, tmp_path)
    copied = new.folder / "models" / curve.name
    assert copied.read_text() == curve.read_text()
    assert not copied.samefile(curve)
    curve.unlink()
    trained = {p.parent.name: p for p in (new.folder / "models").glob("*/manifest.json")}
    assert trained.keys() == {p.name for p in (original.folder / "models").iterdir()}
    for name, path in trained.items():
        assert path.samefile(original.folder / "models" / name / "manifest.json")
    assert new.report is None
    assert not list(new.folder.rglob("README.md"))
    assert not (new.folder / "trace.jsonl").exists()


def test_other_limits_make_a_finished_run_go_on(
    original: Run, past: list[Step], tmp_path: Path
) -> None:
    new = fork(original, past[-1].number, tmp_path, max_rounds=5, budget_minutes=20.0)
    assert (new.manifest["settings"]["max_rounds"], new.status) == (5, "interrupted")
    report = finish(resume(new.folder, light_run.PARTS))
    assert report["status"] == "done"
    assert len(report["rounds"]) > len((original.report or {})["rounds"])
    update = step_at(new, past[-1].number + 1)
    assert (update.node, update.next) == ("update", ("plan",))
    assert update.values["limits"]["minutes"] == 20.0


@pytest.mark.parametrize("node", ["specify", "plan", "tools", "review", "conclude"])
def test_a_change_is_made_without_asking_in_an_autonomous_run(
    original: Run, past: list[Step], tmp_path: Path, node: str
) -> None:
    number = of_node(past, node, -1)
    new = fork(original, number, tmp_path, "Add label weather: snow or ice on the road.")
    spoken = steps(new)[-1]
    assert (spoken.number, spoken.node) == (number + 1, "update")
    assert spoken.decided == "Add label weather: snow or ice on the road."
    assert spoken.next == (("review",) if node == "tools" else ("heed",))
    events: list[Event] = []
    report = finish(resume(new.folder, light_run.PARTS), events.append)
    (told,) = [event.text for event in events if event.kind == "said"]
    assert "New label: weather: snow or ice on the road" in told
    assert "more rounds" in told
    assert "weather" in [label["name"] for label in report["task"]["labels"]]
    assert report["status"] == "done"
    assert "agree" not in [step.node for step in steps(new)]
    after = [message for s in steps(new) for message in s.values.get("messages", [])]
    calls = {c["id"] for m in after for c in getattr(m, "tool_calls", [])}
    assert calls <= {getattr(m, "tool_call_id", None) for m in after}
    with closing(Mailbox.of(new.folder)) as mailbox:
        assert not mailbox.unheard()
        assert [m.text for m in mailbox.after() if m.who == "user"][-1].startswith("Add label")


@pytest.mark.parametrize(("node", "turn"), [("plan", 4), ("tools", 2), ("conclude", -1)])
def test_a_question_is_answered_and_the_run_goes_on_as_before(
    original: Run, past: list[Step], tmp_path: Path, node: str, turn: int
) -> None:
    new = fork(original, of_node(past, node, turn), tmp_path, "Which labels are there?")
    events: list[Event] = []
    report = finish(resume(new.folder, light_run.PARTS), events.append)
    (told,) = [event.text for event in events if event.kind == "said"]
    assert told.startswith("Task:")
    mine, theirs = without_times(report), without_times(original.report)
    assert mine["rounds"] == theirs["rounds"]
    assert mine["stop_reason"] == theirs["stop_reason"]
    assert rows(new) == rows(original)


def test_a_fork_that_is_told_to_stop_measures_what_there_is(
    original: Run, past: list[Step], tmp_path: Path
) -> None:
    new = fork(original, past[-2].number, tmp_path, "stop")
    report = finish(resume(new.folder, light_run.PARTS))
    assert (report["status"], report["stop_reason"]) == ("done", "user")


def test_guidance_reaches_the_planners(original: Run, past: list[Step], tmp_path: Path) -> None:
    said = "more examples with umlauts please"
    new = fork(original, past[-1].number, tmp_path, said)
    finish(resume(new.folder, light_run.PARTS))
    wished = [s for s in steps(new) if s.values.get("wishes")]
    assert wished
    assert said in wished[0].values["wishes"][0]["guidance"]
    with closing((services := make_call(tmp_path).services).store):
        told = standing(wished[0].values, services)  # type: ignore[arg-type]
        assert said in json.dumps(told["wishes"])


def test_what_is_said_at_the_start_belongs_to_the_task(original: Run, tmp_path: Path) -> None:
    new = fork(original, -1, tmp_path, "Use macro F1.")
    assert new.manifest["task"].endswith("Use macro F1.")
    with pytest.raises(UserError, match="has not taken a step yet"):
        steps(new)


def test_a_fork_pays_nothing_for_what_was_paid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = StandIn(Teacher(llm_run.bank()))
    with server as url:
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        settings = llm_run.settings(tmp_path, planner="rules", max_rounds=2)
        begun = run(llm_run.TASK, settings, services=llm_run.PARTS)
        report = finish(begun)
        (original,) = list_runs(settings.out)
        paid = len(server.log.entries)
        past = steps(original)
        for node, turn in (("input", 1), ("tools", 1), ("review", -2)):
            number = of_node(past, node, turn)
            new = fork(original, number, tmp_path / "forks")
            spent = step_at(original, number).values.get("spent", {"usd": 0.0})["usd"]
            with closing(Book(new.folder / "calls.sqlite", 0.0)) as book:
                assert book.usage().usd == pytest.approx(spent, abs=1e-9)
            again = finish(resume(new.folder, llm_run.PARTS))
            assert len(server.log.entries) == paid
            assert again["spent"]["usd"] == pytest.approx(spent, abs=1e-9)
            assert again["test"] == report["test"]
            assert rows(new) == rows(original)
    assert report["spent"]["usd"] > 0


def test_what_cannot_be_forked_is_said_in_a_line(
    original: Run, past: list[Step], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=f"no step 999 but -1 to {past[-1].number}"):
        fork(original, 999, tmp_path)
    with pytest.raises(UserError, match=r"ends with step \d+; take an earlier one"):
        fork(original, past[-1].number, tmp_path)
    copy = Run(tmp_path / original.id)
    shutil.copytree(original.folder, copy.folder)
    for name in ("data.sqlite", "state.sqlite"):
        whole = (copy.folder / name).read_bytes()
        (copy.folder / name).write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
        for left in copy.folder.glob(f"{name}-*"):
            left.unlink()
        with pytest.raises(UserError, match=f"{name} cannot be read: damaged") as told:
            fork(copy, 9, tmp_path / "forks")
        assert "\n" not in str(told.value)
        (copy.folder / name).write_bytes(whole)
    manifest = copy.manifest | {"graph_version": 0}
    (copy.folder / "run.json").write_text(json.dumps(manifest))
    with pytest.raises(UserError, match="begun by another version"):
        fork(copy, 9, tmp_path / "forks")
    assert not list((tmp_path / "forks").glob("*"))


def talking(original: Run, folder: Path) -> Run:
    """A copy of a run, in which nothing of a conversation has been said yet."""
    talk = Run(folder / original.id)
    shutil.copytree(original.folder, talk.folder)
    return talk


def step_of_conversation(talk: Run) -> None:
    with closing(sqlite3.connect(talk.folder / "state.sqlite", check_same_thread=False)) as db:
        config = {"configurable": {"thread_id": talk.id}}
        graph_on(db).update_state(config, {"mode": "chat"}, "conclude")  # type: ignore[arg-type]


def test_what_had_not_been_heard_is_still_to_be_heard(
    original: Run, past: list[Step], tmp_path: Path
) -> None:
    talk = talking(original, tmp_path)
    with closing(Mailbox(talk.folder / "chat.sqlite")) as mailbox:
        late, early, asked, answered_later = [
            mailbox.say(text)
            for text in ("add label loan", "also in French", "what does it cost?", "how long?")
        ]
        assert late
        assert early
        assert asked
        assert answered_later
        mailbox.post("said", "When this is done.", f"later:{late.id}")
        mailbox.post("said", "Nothing.", f"reply:{asked.id}")
        mailbox.take(asked.id, "attendant")
        step_of_conversation(talk)
        question = mailbox.post("understood", "Is this right?", "ask:1")
        assert question
        mailbox.adopt(early.id, question.id)
        mailbox.take(early.id, "graph")
        mailbox.take(late.id, "graph")
        mailbox.post("said", "An hour.", f"reply:{answered_later.id}")
        mailbox.take(answered_later.id, "attendant")
        assert mailbox.unheard() == []
    new = fork(talk, past[-1].number + 1, tmp_path)
    with closing(Mailbox(new.folder / "chat.sqlite")) as mailbox:
        assert [m.id for m in mailbox.unheard()] == [late.id, early.id, answered_later.id]
        again = mailbox.post("understood", "Is this right?", "ask:2")
        assert again
        assert mailbox.answer_to(again.id) is None


def test_a_conversation_is_forked_as_far_as_it_had_come(
    original: Run, past: list[Step], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    talk = talking(original, tmp_path / "runs")
    (talk.folder / "inbox").mkdir()
    (talk.folder / "inbox" / "rows.csv").write_text("text,label")
    with closing(Mailbox(talk.folder / "chat.sqlite")) as mailbox:
        first = mailbox.say("Sort my mails.")
        step_of_conversation(talk)
        mailbox.say("And now the other way round.")
        mailbox.ask_stop("round")
    command(talk.id, past[-1].number + 1, out=tmp_path / "runs")
    assert "is a conversation; `tasksmith chat" in capsys.readouterr().out
    (new,) = (run for run in list_runs(tmp_path / "runs") if run.id != talk.id)
    assert new.manifest["forked_from"]["run"] == talk.id
    assert (new.folder / "inbox" / "rows.csv").read_text() == "text,label"
    with closing(Mailbox(new.folder / "chat.sqlite")) as mailbox:
        assert first is not None
        said = [m.text for m in mailbox.after() if m.who == "user"]
        assert said == [original.manifest["task"], first.text]
        assert mailbox.stop_asked() is None


def test_a_run_that_is_being_written_can_be_forked(
    original: Run, past: list[Step], tmp_path: Path
) -> None:
    with original.lock(), closing(sqlite3.connect(original.folder / "data.sqlite")) as db:
        db.execute("BEGIN IMMEDIATE")
        db.execute("DELETE FROM examples")
        new = fork(original, past[-1].number - 1, tmp_path)
    assert rows(new)[0] == rows(original)[0]
