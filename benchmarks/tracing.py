"""What tracing costs a run: the same run with tracing and with none, in turn.

python -m benchmarks.tracing [--quick]

Many cheap steps and calls to an LLM, which answers at once, the worst case there can be, or as fast
as any that there is; and a real run on labels, `examples/parcels`, with the bundled encoder. Wall
time is what a user waits; the time of this process on the CPU is what tracing adds, whatever else
the machine does.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from agent import engine
from agent.app import finish, run
from agent.settings import Settings
from benchmarks.calls_setting import write_pairs
from benchmarks.measure import machine
from tests.agent.llm_run import PARTS, TASK, settings
from tests.small_task import rows
from tests.standin.process import own_process

TARGET = 0.03
PARCELS = Path(__file__).parents[1] / "examples" / "parcels"
CATALOGUE = Path(__file__).parents[1] / "examples" / "catalogue"


@contextmanager
def untraced(_folder: Path, _run: str) -> Iterator[object]:
    """Stand for `agent.trace.tracing` and write nothing."""
    from langchain_core.callbacks import BaseCallbackHandler

    yield BaseCallbackHandler()


def cheap(out: Path) -> None:
    """Do a task whose steps and answers take next to no time."""
    finish(run(TASK, settings(out, max_rounds=6, patience=6), services=PARTS))


def labels(out: Path) -> None:
    """Do a real task with labels; all that can be remembered is."""
    asked = Settings(
        out=out / "runs", cache=Path(tempfile.gettempdir()) / "tasksmith-tracing",
        datasets=(str(CATALOGUE),), max_rounds=3,
    )  # fmt: skip
    task = (PARCELS / "task.md").read_text(encoding="utf-8")
    examples, test = PARCELS / "examples.jsonl", PARCELS / "test.jsonl"
    finish(run(task, asked, examples=examples, test=test))


def once(work: Callable[[Path], None], traced: bool) -> tuple[float, float, int]:
    """Return wall seconds, CPU seconds of this process, and spans."""
    out = Path(tempfile.mkdtemp(prefix="tracing-"))
    try:
        start = time.monotonic(), time.process_time()
        if traced:
            work(out)
        else:
            with mock.patch.object(engine, "tracing", untraced):
                work(out)
        spent = time.monotonic() - start[0], time.process_time() - start[1]
        traces = list(out.glob("runs/*/trace.jsonl"))
        spans = sum(1 for path in traces for _ in path.open(encoding="utf-8"))
    finally:
        shutil.rmtree(out)
    return *spent, spans


def compare(name: str, work: Callable[[Path], None], times: int) -> None:
    """Print what tracing adds to a run; the first pair only warms up."""
    wall, share, walls, spans = [], [], [], 0
    for number in range(times + 1):
        # Each comes first every other time.
        order = (True, False) if number % 2 else (False, True)
        found = {traced: once(work, traced) for traced in order}
        if number:
            plain, traced_ = found[False], found[True]
            wall.append(traced_[0] / plain[0] - 1)
            share.append((traced_[1] - plain[1]) / plain[0])
            walls.append(plain[0])
            spans = traced_[2]
    print(
        f"{name}: {spans} spans, {statistics.median(walls):.1f} s without; "
        f"CPU added {_spread(share)} of the run's time, wall time {_spread(wall)}; "
        f"asked: below {TARGET:.0%}"
    )


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):+.1%} ({min(values):+.1%} to {max(values):+.1%})"


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    print(machine())
    os.environ["OPENAI_API_KEY"] = "sk-stand-in-0123456789"
    with tempfile.TemporaryDirectory() as folder:
        bank = write_pairs(
            Path(folder) / "bank.jsonl", [(row.input, row.output) for row in rows(600, "train", 7)]
        )
        for latency in ("0", "0.2"):
            given = ("--bank", str(bank.with_suffix("")), "--latency", latency)
            with own_process(*given) as url:
                os.environ["OPENAI_BASE_URL"] = url
                name = f"many cheap steps, calls answered in {latency} s"
                compare(name, cheap, 2 if quick else 7)
    compare("a run on labels", labels, 1 if quick else 5)


if __name__ == "__main__":
    main()
