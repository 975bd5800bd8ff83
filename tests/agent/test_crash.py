import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from agent.traces.reading import read_steps
from tools.trace_names import ERROR

ROOT = Path(__file__).parents[2]
TIMES = {"seconds", "latency_ms", "run", "run_dir", "model_dir"}


def start(out: Path, verb: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.agent.light_run", str(out), verb]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"HF_HUB_OFFLINE": "1"})


def report(out: Path) -> Any:
    (path,) = (out / "runs").glob("*/report.json")
    return without_times(json.loads(path.read_text(encoding="utf-8")))


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k not in TIMES}
    return [without_times(v) for v in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = tmp_path_factory.mktemp("whole")
    with start(out, "run") as process:
        assert process.wait(120) == 0
    return report(out)


def spans(out: Path) -> int:
    traces = list((out / "runs").glob("*/trace.jsonl"))
    return traces[0].read_text(encoding="utf-8").count("\n") if traces else 0


@pytest.mark.parametrize("after", [1, 9, 21, 34, 47])
def test_killed_and_resumed_ends_with_the_same_report(
    tmp_path: Path, whole: Any, after: int
) -> None:
    with start(tmp_path, "run") as process:
        deadline = time.monotonic() + 60
        while spans(tmp_path) < after and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    with start(tmp_path, "resume") as process:
        assert process.wait(120) == 0
    assert report(tmp_path) == whole
    (folder,) = (tmp_path / "runs").glob("*")
    first, second = (step for step in read_steps(folder) if step.kind == "run")
    assert first.attributes[ERROR] == "interrupted"
    assert not second.failed
    lines = (folder / "trace.jsonl").read_text(encoding="utf-8").splitlines()
    assert len({json.loads(line)["context"]["trace_id"] for line in lines if line[-1:] == "}"}) == 1
