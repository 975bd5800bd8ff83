"""Narrow text tasks from a sentence to a model: no pretrained weights, no LLM, no network.

    python -m benchmarks.text_tasks [--quick] [--catalogue DIR] [--only NAME] [--student BASE]
                                    [--minutes M] [--seed N]

Each is one `tasksmith run` over the whole catalogue with cold caches and the given time. Prints a
table: what was found, exact match on the test rows with its interval, baselines, time and memory.
`--quick` does the smallest task.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import Measured, machine, tasksmith
from tools.examples import Example, ExampleStore
from tools.scoring.intervals import interval
from tools.scoring.metrics import METRICS


@dataclass(frozen=True)
class Task:
    """A task as a user would put it, and what is expected of it."""

    text: str
    right: str
    aim: float


TASKS = {
    "SCAN": Task(
        "Turn a navigation command in simple English, such as 'jump twice and walk left', into the "
        "sequence of actions that carries it out.",
        "brendenlake/scan@default",
        0.90,
    ),
    "singular_to_plural": Task(
        "Turn a singular English noun into its plural form.\n\n"
        "Input: cat\nOutput: cats\n\nInput: city\nOutput: cities\n",
        "orhonovich/instruction_induction@singular_to_plural",
        0.85,
    ),
    "num_to_verbal": Task(
        "Write a number in words: turn it into its verbal form.\n\nInput: 26\nOutput: twenty-six\n",
        "orhonovich/instruction_induction@num_to_verbal",
        0.90,
    ),
}
QUICK = ("singular_to_plural",)
METRIC = "exact_match"


def main() -> None:
    """Run the tasks and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=TASKS)
    parser.add_argument("--catalogue", default="../shared/catalogue")
    parser.add_argument("--student", default="scratch")
    parser.add_argument("--minutes", default="15")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    names = [args.only] if args.only else QUICK if args.quick else TASKS
    print(f"{machine()}; student {args.student}, {args.minutes} minutes, seed {args.seed}\n")
    print(
        "| task | found | train rows | weights | exact match | aim | majority, copy | test rows "
        "| s | peak GB |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            done = tasksmith(
                *("run", TASKS[name].text, "--datasets", args.catalogue, "--student", args.student),
                *("--budget-minutes", args.minutes, "--seed", str(args.seed)),
                *("--out", f"{folder}/runs"),
                cache=Path(folder) / "cache",
            )
            print(row(name, TASKS[name], done, args.seed), flush=True)


def row(name: str, task: Task, done: Measured, seed: int) -> str:
    """Return a run's line of the table."""
    report = done.report
    if done.code != 0:
        return f"| {name} | failed, exit code {done.code} | | | | {task.aim:.2f} | | | | |"
    rows, given, train = answers(report)
    gold = [e.output for e in rows]
    value = METRICS[METRIC].score(gold, given)
    found = imported(report)
    mark = "" if found == task.right and value >= task.aim else " ✗"
    return (
        f"| {name} | {found} | {len(train):,} | {report['student']['parameters']:,} "
        f"| {scored(METRIC, gold, given, seed)}{mark} | {task.aim:.2f} "
        f"| {bare(METRIC, rows, train)} | {len(rows):,} | {done.seconds:.0f} | {done.peak_gb:.2f} |"
    )


def answers(report: dict[str, Any]) -> tuple[list[Example], list[str], list[str]]:
    """Return the test rows of a run, the student's answers to them, and the training outputs."""
    store = ExampleStore(Path(report["run_dir"]) / "data.sqlite")
    rows = store.accepted("test")
    known = store.predictions(report["student"]["id"], "test")
    train = [e.output for e in store.accepted("train")]
    store.close()
    return rows, [known[e.id].output for e in rows], train


def scored(metric: str, gold: list[str], given: list[str], seed: int) -> str:
    """Return a score with its interval."""
    bounds = interval(METRICS[metric], gold, given, seed) or ()
    return f"{METRICS[metric].score(gold, given):.3f} [{', '.join(f'{b:.3f}' for b in bounds)}]"


def bare(metric: str, rows: list[Example], train: list[str]) -> str:
    """Return the scores of the most frequent training output, and of the input repeated."""
    gold = [e.output for e in rows]
    always = [max(set(train), key=train.count)] * len(rows)
    baselines = (always, [e.input for e in rows])
    return ", ".join(f"{METRICS[metric].score(gold, answer):.3f}" for answer in baselines)


def imported(report: dict[str, Any]) -> str:
    """Return the data sets that a run used."""
    return ", ".join(f"{i['dataset']}@{i['config']}" for i in report["data"]["imports"])


if __name__ == "__main__":
    main()
