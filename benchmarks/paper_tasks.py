"""The three tasks of Prompt2Model as whole autonomous runs: all but a strong base model.

    python -m benchmarks.paper_tasks [--quick] [--catalogue DIR] [--banks DIR] [--only NAME]
                                     [--student BASE] [--minutes M] [--seed N]

SQuAD (split by article), temporal expressions, Japanese to Python. Each is one `tasksmith run` over
the whole catalogue with the rules planner; for the last two a stand-in endpoint teaches with
examples that a large language model wrote from the task description alone. Give a real base with
`--student google/flan-t5-base` or `--student Qwen/Qwen3-0.6B`. Prints exact match and chrF++ on the
test rows with 95% intervals, and the baselines. `--quick` does the smallest task.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.loop_pays import endpoint
from benchmarks.measure import machine, tasksmith
from benchmarks.text_tasks import answers, bare, imported, scored
from tests.standin.bank import from_pairs
from tests.standin.brain import Teacher
from tests.standin.server import StandIn

MODEL = "standin"
METRICS_SHOWN = ("exact_match", "chrF++")
_DATED = re.compile(r"\[([\d-]+)\] (.*)", re.DOTALL)


@dataclass(frozen=True)
class Task:
    """A task as a user would put it; `bank` is what the teacher knows, if there is one."""

    text: str
    bank: str | None = None


TASKS = {
    "SQuAD": Task(
        "Reading comprehension on Wikipedia in English: given a context passage and a question "
        "about it, generate the answer.\n\n"
        "Input: context: The Amazon rainforest covers most of the Amazon basin of South America. "
        "question: Where does the Amazon rainforest lie?\n"
        "Output: the Amazon basin of South America\n",
    ),
    "temporal": Task(
        "Normalise the date or time that a sentence speaks of: answer with its TIMEX value, "
        "relative to the reference time.\n\n"
        "Input: text: Let us meet on 3 May 2017. reference_time: 2016-11-07T00:00:00\n"
        "Output: 2017-05-03\n",
        "temporal",
    ),
    "ja2py": Task(
        "Code generation: write a Python snippet for an intent given in Japanese (日本語), as on "
        "Stack Overflow.\n\nInput: リスト`x`を逆順にする\nOutput: x[::-1]\n",
        "ja2py",
    ),
}
QUICK = ("ja2py",)


def main() -> None:
    """Run the tasks and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=TASKS)
    parser.add_argument("--catalogue", default="../shared/catalogue")
    parser.add_argument("--banks", type=Path, default=Path("../shared/teacher_bank"))
    parser.add_argument("--student", default="scratch")
    parser.add_argument("--minutes", default="15")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    names = [args.only] if args.only else QUICK if args.quick else TASKS
    print(f"{machine()}; student {args.student}, {args.minutes} minutes, seed {args.seed}\n")
    print(
        "| task | found | rows: train (written), test | exact match | chrF++ "
        "| majority, copy (exact match) | majority, copy (chrF++) | rounds | s |\n"
        "|---|---|---|---|---|---|---|---|---|"
    )
    for name in names:
        print(one(name, args), flush=True)


def one(name: str, args: argparse.Namespace) -> str:
    """Run one task with cold caches and return its line of the table."""
    task = TASKS[name]
    with tempfile.TemporaryDirectory() as folder, teaching(task, args) as teacher:
        done = tasksmith(
            *("run", task.text, "--datasets", args.catalogue, "--student", args.student),
            *("--budget-minutes", args.minutes, "--seed", str(args.seed), "--planner", "rules"),
            *("--teacher", teacher, "--out", f"{folder}/runs"),
            cache=Path(folder) / "cache",
        )
        if done.code != 0:
            return f"| {name} | failed, exit code {done.code} | | | | | | | |"
        report = done.report
        rows, given, train = answers(report)
    gold = [e.output for e in rows]
    scores = [scored(metric, gold, given, args.seed) for metric in METRICS_SHOWN]
    baselines = [bare(metric, rows, train) for metric in METRICS_SHOWN]
    written = sum(o["rows"] for o in report["data"]["origins"] if o["source"] == MODEL)
    shown = " | ".join([*scores, *baselines])
    return (
        f"| {name} | {imported(report)} | {len(train):,} ({written}), {len(rows):,} | {shown} "
        f"| {len(report['rounds'])} | {done.seconds:.0f} |"
    )


@contextmanager
def teaching(task: Task, args: argparse.Namespace) -> Iterator[str]:
    """Serve the task's bank meanwhile, and give the name of who teaches."""
    if task.bank is None:
        yield "offline"
        return
    lines = (args.banks / f"{task.bank}.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    bank = from_pairs(((in_form(row["input"]), row["output"]) for row in rows), args.seed)
    with StandIn(Teacher(bank)) as url, endpoint(url):
        yield MODEL


def in_form(text: str) -> str:
    """Return a bank's input in the form that the demonstration of the task shows."""
    dated = _DATED.fullmatch(text)
    return f"text: {dated[2]} reference_time: {dated[1]}T00:00:00" if dated else text


if __name__ == "__main__":
    main()
