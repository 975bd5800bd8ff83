import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tools.services import Executor, ToolError, UnfitBaseError, silent
from tools.students.executor import LocalExecutor, WorkerError

WORK = "tests.tools.students.work"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "worker.log"


@pytest.fixture
def local(log: Path) -> Iterator[LocalExecutor]:
    with LocalExecutor(log, offline=True) as local:
        yield local


def gone(pid: int) -> bool:
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_streams_progress_and_reuses_its_worker(local: LocalExecutor) -> None:
    heard: list[str] = []
    first = local.run(f"{WORK}:count", {"n": 3}, heard.append)
    assert heard == ["step 0", "step 1", "step 2"]
    assert first["sum"] == 3
    assert local.run(f"{WORK}:count", {"n": 0}, silent)["pid"] == first["pid"]
    assert isinstance(local, Executor)


def test_carries_large_payloads_both_ways(local: LocalExecutor) -> None:
    texts = [f"üß {i} " * 40 for i in range(13_000)]
    result = local.run(f"{WORK}:lengths", {"texts": texts}, silent)
    assert result["lengths"] == [len(text) for text in texts]


def test_a_deadline_kills_the_worker(local: LocalExecutor) -> None:
    heard: list[str] = []
    with pytest.raises(ToolError, match=r"did not end within 2 s"):
        local.run(f"{WORK}:sleep", {"seconds": 60}, heard.append, timeout_s=1.5)
    assert gone(int(heard[0]))
    assert local.run(f"{WORK}:count", {"n": 2}, silent, timeout_s=30)["sum"] == 1


def test_an_interruption_fails_the_job_at_once_and_not_as_its_result(local: LocalExecutor) -> None:
    heard: list[str] = []

    def interrupt(message: str) -> None:
        heard.append(message)
        local.interrupt()

    with pytest.raises(WorkerError, match="interrupted"):
        local.run(f"{WORK}:sleep", {"seconds": 60}, interrupt, timeout_s=30)
    assert gone(int(heard[0]))


def test_a_dead_worker_is_reported_with_its_log_and_replaced(
    local: LocalExecutor, log: Path
) -> None:
    with pytest.raises(ToolError, match="exit status 7") as caught:
        local.run(f"{WORK}:die", {}, silent)
    assert str(log) in str(caught.value)
    pid = local.run(f"{WORK}:count", {"n": 2}, silent)["pid"]
    psutil.Process(pid).kill()
    # A process looks dead before its last thread is, and only then can the executor know.
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert local.run(f"{WORK}:count", {"n": 2}, silent)["pid"] != pid


def test_tool_errors_arrive_as_such(local: LocalExecutor) -> None:
    pid = local.run(f"{WORK}:count", {"n": 0}, silent)["pid"]
    with pytest.raises(ToolError, match=r"^no such thing; try another$") as caught:
        local.run(f"{WORK}:refuse", {}, silent)
    assert not caught.value.of_base
    with pytest.raises(UnfitBaseError, match=r"^too large; choose another$"):
        local.run(f"{WORK}:refuse_base", {}, silent)
    with pytest.raises(ToolError, match="cannot load 'no.such.module:job'"):
        local.run("no.such.module:job", {}, silent)
    assert local.run(f"{WORK}:count", {"n": 0}, silent)["pid"] == pid


def test_bugs_arrive_as_worker_errors_with_the_traceback_in_the_log(
    local: LocalExecutor, log: Path
) -> None:
    with pytest.raises(WorkerError, match="KeyError: 'a bug'"):
        local.run(f"{WORK}:fail", {}, silent)
    assert 'raise KeyError("a bug")' in log.read_text()
    assert local.run(f"{WORK}:count", {"n": 2}, silent)["sum"] == 1


def test_what_libraries_print_goes_to_the_log(local: LocalExecutor, log: Path) -> None:
    assert local.run(f"{WORK}:chatter", {}, silent) == {"offline": "1"}
    assert log.read_text().split("\n")[:3] == ["not a message", "nor this", "nor that"]


def test_an_interrupted_caller_leaves_no_answer_behind(local: LocalExecutor) -> None:
    def interrupt(_message: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        local.run(f"{WORK}:count", {"n": 3}, interrupt)
    assert local.run(f"{WORK}:count", {"n": 5}, silent)["sum"] == 10


def test_close_ends_the_worker_amid_a_job_and_may_come_twice(log: Path) -> None:
    local = LocalExecutor(log)
    pid = local.run(f"{WORK}:count", {"n": 0}, silent)["pid"]
    local.close()
    assert gone(pid)
    local.close()


def test_the_worker_ends_with_its_parent_amid_a_job(local: LocalExecutor, log: Path) -> None:
    pids: list[int] = []

    def kill_the_parent(message: str) -> None:
        pids.append(int(message))
        parent = psutil.Process(pids[0]).parent()
        assert parent
        parent.kill()

    with pytest.raises(ToolError, match="died"):
        local.run(f"{WORK}:parent", {"log": str(log)}, kill_the_parent)
    assert gone(pids[0])
