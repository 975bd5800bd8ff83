"""kill -9 at random moments of a run, then resume: does every one end with the same report?

    python -m benchmarks.crash [--quick] [--kills 20] [--seed 0]

The run is the bundled parcels task. A report may differ in times only.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import TASKSMITH, machine

TASK = (
    *("run", "examples/parcels/task.md", "--examples", "examples/parcels/examples.jsonl"),
    *("--test", "examples/parcels/test.jsonl", "--datasets", "examples/catalogue"),
)
TIMES = {"seconds", "latency_ms", "run", "run_dir", "model_dir"}


def main() -> None:
    """Kill and resume as often as asked, and say how many reports were the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    kills = 3 if args.quick else args.kills
    print(f"{machine()}; seed {args.seed}")
    rng = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        whole, seconds = uninterrupted(Path(folder) / "whole")
        print(f"uninterrupted: {seconds:.0f} s, {len(whole['rounds'])} rounds")
        same = 0
        for number in range(kills):
            moment = rng.uniform(0.5, seconds)
            report, phase = killed(Path(folder) / str(number), moment)
            equal = without_times(report) == without_times(whole)
            same += equal
            print(f"killed at {moment:5.1f} s ({phase}): {'same' if equal else 'DIFFERENT'}")
    print(f"{same} of {kills} ended with the same report")


def uninterrupted(folder: Path) -> tuple[dict[str, Any], float]:
    """Return the report of a run left alone, and how long it took."""
    start = time.monotonic()
    with command(folder, *TASK) as process:
        process.wait()
    return the_report(folder), time.monotonic() - start


def killed(folder: Path, moment: float) -> tuple[dict[str, Any], str]:
    """Start, kill after `moment` seconds, resume; return the report and where the kill fell."""
    with command(folder, *TASK) as process:
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
    begun = list((folder / "runs").glob("*/run.json"))
    if not begun:
        # Nothing was there yet: the user sees no run, and simply runs the command again.
        with command(folder, *TASK) as process:
            process.wait()
        return the_report(folder), "before the run existed"
    phase = "in the run" if not (begun[0].parent / "report.json").exists() else "after its end"
    with command(folder, "resume", "last") as process:
        process.wait()
    return the_report(folder), phase


def command(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start tasksmith with runs and caches in `folder`."""
    environment = os.environ | {
        "TASKSMITH_CACHE": str(folder / "cache"),
        "TASKSMITH_OUT": str(folder / "runs"),
    }
    return subprocess.Popen(
        [TASKSMITH, *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def the_report(folder: Path) -> dict[str, Any]:
    """Return the one report below `folder`."""
    (path,) = (folder / "runs").glob("*/report.json")
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def without_times(value: Any) -> Any:
    """Return a report without what may differ: times, and the run's own name."""
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k not in TIMES}
    return [without_times(v) for v in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
