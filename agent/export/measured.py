"""How an exported model answers, measured: its own program against the student's answers."""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from agent.errors import UserError
from agent.export.finished import Finished
from tools.examples import Example, ExampleStore
from tools.scoring.compare import compare
from tools.scoring.intervals import Interval, interval
from tools.scoring.metrics import METRICS
from tools.services import ToolError
from tools.shipping.shipped import PROGRAM
from tools.students.loading import load_student

TRAINING_ROWS = 500
"""Rows to compare answers on where there is no test split."""
_SPREAD = 1.96


@dataclass(frozen=True)
class Measured:
    """How an exported model compares with the student that it was made from.

    Attributes:
        split: Where the rows come from, `test` or `train`.
        same: Rows that both give the same answer to.
        metric: Name of the metric; None where there are no test rows to score.
        value: Score of the exported model.
        difference: Its score minus that of the student, on the same rows.
        ci95: 95% interval of the difference.
        value_ci95: 95% interval of the score itself.
    """

    split: str
    rows: int
    same: int
    metric: str | None = None
    value: float | None = None
    difference: float | None = None
    ci95: tuple[float, float] | None = None
    value_ci95: Interval | None = None

    def __str__(self) -> str:
        where = f"{self.rows:,} {'test' if self.split == 'test' else 'training'} rows"
        same = f"the same answer as the student on {self.same:,} of {where}"
        if self.metric is None or self.ci95 is None:
            return same
        return (
            f"{self.metric} {self.value:.3f}, against the student {self.difference:+.4f} (95%"
            f" interval {self.ci95[0]:+.4f} to {self.ci95[1]:+.4f}); {same}"
        )


def measure(done: Finished, folder: Path) -> Measured:
    """Have the program in `folder` answer the test rows, or else some training rows.

    Raises:
        UserError: It does not answer.
    """
    rows, split = done.rows["test"], "test"
    if not rows:
        everything = done.rows["train"]
        chosen = random.Random(0).sample(everything, min(TRAINING_ROWS, len(everything)))
        rows, split = sorted(chosen, key=lambda example: example.id), "train"
    new = answers(folder, [example.input for example in rows])
    old = _answers_of_student(done, rows, split)
    same = sum(ours == theirs for ours, theirs in zip(new, old, strict=True))
    metric = METRICS.get(done.report["test"]["metric"] or "")
    if split != "test" or metric is None:
        return Measured(split, len(rows), same)
    gold = [example.output for example in rows]
    found = compare(metric, gold, new, old, done.settings["seed"])
    margin = _SPREAD * found.gain_se
    return Measured(
        split, len(rows), same, metric.name, metric.score(gold, new), found.gain,
        (found.gain - margin, found.gain + margin),
        interval(metric, gold, new, done.settings["seed"]),
    )  # fmt: skip


def answers(folder: Path, texts: Sequence[str]) -> list[str]:
    """Return what the program in `folder` answers, run as its user would run it.

    Raises:
        UserError: It fails.
    """
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "inputs.jsonl"
        lines = [json.dumps({"input": text}) + "\n" for text in texts]
        file.write_text("".join(lines), encoding="utf-8")
        ran = subprocess.run(
            [sys.executable, "-E", "-B", str(folder / PROGRAM), "--file", str(file)],
            capture_output=True, text=True, encoding="utf-8", check=False, cwd=place,
            env=os.environ | {"HF_HUB_OFFLINE": "1"},
        )  # fmt: skip
    if ran.returncode:
        said = (ran.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise UserError(f"the exported model does not answer: {said[:300]}", 1)
    # What `splitlines` takes for ends of lines, too, such as U+2028, may stand within an answer.
    return [json.loads(line)["output"] for line in ran.stdout.split("\n") if line]


def _answers_of_student(done: Finished, rows: Sequence[Example], split: str) -> list[str]:
    """Return the student's answers: those that its score rests on, or else new ones."""
    with closing(ExampleStore(done.run.folder / "data.sqlite")) as store:
        stored = store.predictions(done.student.student, split)
    if all(example.id in stored for example in rows):
        return [stored[example.id].output for example in rows]
    try:
        student = load_student(done.model)
    except ToolError as error:
        raise UserError(str(error), 1) from None
    return [answer.output for answer in student.predict([example.input for example in rows])]
