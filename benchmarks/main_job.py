"""The main job on real data: one sentence a task, the whole catalogue to search, no LLM.

    python -m benchmarks.main_job [--quick] [--catalogue DIR] [--only NAME]

Prints a table: which data set was found, the test score with its interval, time and memory.
`--quick` does the two smallest tasks.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import machine, tasksmith


@dataclass(frozen=True)
class Task:
    """A task as a user would put it, and what is expected of it."""

    sentence: str
    right: str
    metric: str
    aim: float
    options: tuple[str, ...] = ()


TASKS = {
    "banking": Task(
        "Sort messages of bank customers into intents.", "PolyAI/banking77", "accuracy", 0.92
    ),
    "snips": Task(
        "Recognise which of seven intents a command to a voice assistant has, such as playing "
        "music, booking a restaurant or getting the weather.",
        "benayas/snips",
        "accuracy",
        0.96,
    ),
    "reviews": Task(
        "Tell whether a sentence from a film review is positive or negative.",
        "cornell-movie-review-data/rotten_tomatoes",
        "accuracy",
        0.77,
    ),
    "clinc": Task(
        "Recognise the intent of a request to a voice assistant, and notice requests that are "
        "out of scope.",
        "clinc/clinc_oos",
        "accuracy",
        0.84,
    ),
    "german": Task("Sort German sentences by topic.", "Davlan/sib200", "accuracy", 0.70),
    "japanese": Task("Sort Japanese sentences by topic.", "Davlan/sib200", "accuracy", 0.70),
    "sms": Task(
        "Decide whether a text message is spam or ham.",
        "ucirvine/sms_spam",
        "macro_f1",
        0.93,
        ("--allow-license", "other"),
    ),
}
QUICK = ("german", "japanese")


def main() -> None:
    """Run the tasks and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=TASKS)
    parser.add_argument("--catalogue", default="../shared/catalogue")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    names = [args.only] if args.only else QUICK if args.quick else TASKS
    print(f"{machine()}; seed {args.seed}\n")
    print("| task | found | metric | test | 95% interval | aim | rounds | s | peak GB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in names:
        print(row(name, TASKS[name], args.catalogue, args.seed), flush=True)


def row(name: str, task: Task, catalogue: str, seed: int) -> str:
    """Run one task with cold caches and return its line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        done = tasksmith(
            "run",
            task.sentence,
            *("--datasets", catalogue, "--out", f"{folder}/runs", "--seed", str(seed)),
            *task.options,
            cache=Path(folder) / "cache",
        )
    report = done.report
    if done.code != 0:
        return f"| {name} | failed, exit code {done.code} | | | | {task.aim:.2f} | | | |"
    test = report["test"]
    found = ", ".join(i["dataset"] for i in report["data"]["imports"])
    value = test["value"] if test["metric"] == task.metric else test["also"][task.metric]
    mark = "" if found == task.right and value >= task.aim else " ✗"
    interval = "–".join(f"{bound:.3f}" for bound in test["ci95"])
    return (
        f"| {name} | {found} | {task.metric} | {value:.3f}{mark} | {interval} | {task.aim:.2f} "
        f"| {len(report['rounds'])} | {done.seconds:.0f} | {done.peak_gb:.2f} |"
    )


if __name__ == "__main__":
    main()
