import os
import resource
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from agent import jobs
from agent.chat.inbox import MOST_MB
from agent.chat.mailbox import Mailbox
from agent.errors import UserError
from agent.runs import Run
from agent.settings import Settings
from tests.agent.chat.person import wait_for

TASK = "Sort mails into spam or ham."


@pytest.fixture
def run(tmp_path: Path) -> Run:
    settings = Settings(out=tmp_path / "runs", cache=tmp_path / "cache")
    return jobs.begin(TASK, settings, mode="chat")


def messages(run: Run) -> list[str]:
    with closing(Mailbox.of(run.folder)) as box:
        return [m.text for m in box.after()]


def workers(run: Run) -> list[psutil.Process]:
    children = psutil.Process().children()
    return [child for child in children if str(run.folder) in child.cmdline()]


def test_a_run_begins_with_what_the_person_said(run: Run) -> None:
    assert run.manifest["mode"] == "chat"
    assert messages(run) == [TASK]
    assert not jobs.working(run)
    assert run.status == "interrupted"


def test_a_conversation_may_begin_with_anything_but_a_novel(tmp_path: Path) -> None:
    settings = Settings(out=tmp_path / "runs", cache=tmp_path / "cache")
    assert jobs.begin("hello", settings, mode="chat").exists()
    with pytest.raises(UserError, match="put examples into a file"):
        jobs.begin("a" * 100_001, settings, mode="chat")


@contextmanager
def full_disk(most: int) -> Iterator[None]:
    """No file grows beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_a_full_disk_keeps_from_being_said_is_one_line(run: Run) -> None:
    settings = Settings(out=run.folder.parent, cache=run.folder.parents[1] / "cache")
    with full_disk(4_096), pytest.raises(UserError, match="nothing was begun"):
        jobs.begin(TASK, settings, mode="chat")
    assert [path.name for path in run.folder.parent.iterdir()] == [run.id]
    with full_disk(4_096), pytest.raises(UserError, match="nothing was said"):
        jobs.say(run, "a" * 50_000)
    assert messages(run) == [TASK]
    assert not jobs.working(run)


def test_many_callers_start_one_worker_which_outlives_nobody_it_should_not(run: Run) -> None:
    callers = [threading.Thread(target=jobs.ensure, args=(run,)) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    (worker,) = workers(run)
    assert jobs.working(run)
    assert os.getsid(worker.pid) == worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    wait_for(lambda: not jobs.working(run))
    assert run.status == "interrupted"


def test_what_is_said_is_kept_with_its_files(run: Run, tmp_path: Path) -> None:
    with run.lock():  # as if somebody worked on it
        file = tmp_path / "my rows; rm -rf.csv"
        file.write_text("input,output\na,spam\n", encoding="utf-8")
        said = jobs.say(run, "Here are some.", files=[file, file])
    assert said
    (kept,) = set(said.data["files"])
    assert kept.startswith("inbox/")
    assert (run.folder / kept).read_text(encoding="utf-8") == file.read_text(encoding="utf-8")
    assert ";" not in kept
    assert " " not in kept


def test_two_front_ends_answer_one_question_once(run: Run) -> None:
    with run.lock(), closing(Mailbox.of(run.folder)) as box:
        question = box.post("understood", "Is this right?", "ask:1")
        assert question
        answers = [jobs.say(run, words, answers=question.id) for words in ("yes", "no")]
    assert [answer and answer.text for answer in answers] == ["yes", None]


def unfit(folder: Path) -> list[Path]:
    image, binary, empty, huge = (
        folder / name for name in ("cat.png", "rows.csv", "none.csv", "huge.csv")
    )
    image.write_bytes(b"\x89PNG\r\n\x1a\n")
    binary.write_bytes(b"a\0b")
    empty.touch()
    with huge.open("wb") as file:
        file.truncate(MOST_MB * 1_000_000 + 1)
    (folder / "fake.parquet").write_text("no")
    return [image, binary, empty, huge, folder / "fake.parquet", folder, folder / "missing.csv"]


def test_what_cannot_be_read_is_refused_in_one_line_and_nothing_is_said(
    run: Run, tmp_path: Path
) -> None:
    for path in unfit(tmp_path):
        with pytest.raises(UserError) as refused:
            jobs.say(run, "Here.", files=[path])
        assert "\n" not in str(refused.value)
        assert path.name in str(refused.value)
    assert messages(run) == [TASK]


def test_a_deleted_run_is_not_spoken_to(run: Run) -> None:
    shutil.rmtree(run.folder)
    with pytest.raises(UserError, match="not a run"):
        jobs.say(run, "hello?")
    with pytest.raises(UserError, match="not a run"):
        jobs.ensure(run)
    assert not jobs.working(run)
    assert not run.folder.exists()


def test_only_work_under_way_can_be_stopped(run: Run) -> None:
    jobs.stop(run, "round")
    with closing(Mailbox.of(run.folder)) as box:
        assert box.stop_asked() is None
        with run.lock():
            jobs.stop(run, "round")
        assert box.stop_asked() == "round"
