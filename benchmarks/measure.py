"""Run the command line as a user would, and measure it."""

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

POLL_S = 0.2
TASKSMITH = str(Path(sys.executable).with_name("tasksmith"))


@dataclass(frozen=True)
class Measured:
    """One command: its report, wall time, and the most memory its processes held together."""

    report: dict[str, Any]
    seconds: float
    peak_gb: float
    code: int


def tasksmith(*arguments: str, cache: Path, **variables: str) -> Measured:
    """Run `tasksmith … --json` to its end, with caches of its own so that nothing is warm.

    Args:
        arguments: What follows the command's name.
        cache: Where the caches are.
        variables: More of the environment.
    """
    own = {"TASKSMITH_CACHE": str(cache), "HF_HOME": str(cache / "huggingface")}
    environment = os.environ | own | variables
    start = time.monotonic()
    with subprocess.Popen(
        [TASKSMITH, *arguments, "--json"], stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, _memory(process.pid))
            time.sleep(POLL_S)
        output = process.stdout.read() if process.stdout else ""
    seconds = time.monotonic() - start
    report = json.loads(output) if output else {}
    return Measured(report, seconds, peak / 1e9, process.returncode)


def _memory(pid: int) -> int:
    """Return the resident bytes of a process and all below it."""
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    total = 0
    for process in family:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def machine() -> str:
    """Return one line on when and where this was measured."""
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )
