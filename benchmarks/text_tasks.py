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
        "| task | found | train rows | weights | exact match | 95% interval | aim | majority "
        "| copy | s | peak GB |\n|---|---|---|---|---|---|---|---|---|---|---|"
    )
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            done = tasksmith(
                *("run", TASKS[name].text, "--datasets", args.catalogue, "--student", args.student),
                *("--budget-minutes", args.minutes, "--seed", str(args.seed)),
                *("--out", f"{folder}/runs"),
                cache=Path(folder) / "cache",
            )
        print(row(name, TASKS[name], done), flush=True)


def row(name: str, task: Task, done: Measured) -> str:
    """Return a run's line of the table."""
    report = done.report
    if done.code != 0:
        return f"| {name} | failed, exit code {done.code} | | | | | {task.aim:.2f} | | | | |"
    test, student = report["test"], report["student"]
    value = test["value"] if test["metric"] == METRIC else test["also"][METRIC]
    found = imported(report)
    mark = "" if found == task.right and value >= task.aim else " ✗"
    interval = "–".join(f"{bound:.3f}" for bound in test["ci95"])
    base = report["baselines"]
    return (
        f"| {name} | {found} | {report['data']['train']:,} | {student['parameters']:,} "
        f"| {value:.3f}{mark} | {interval} | {task.aim:.2f} | {base['majority']:.3f} "
        f"| {base['copy']:.3f} | {done.seconds:.0f} | {done.peak_gb:.2f} |"
    )


def imported(report: dict[str, Any]) -> str:
    """Return the data sets that a run used."""
    return ", ".join(f"{i['dataset']}@{i['config']}" for i in report["data"]["imports"])


if __name__ == "__main__":
    main()
