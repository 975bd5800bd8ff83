"""What a person sees in the terminal: progress while a run works, and what came of it."""

import json
import logging
import time
from collections.abc import Generator, Sequence
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table
from rich.text import Text

from agent.app import finish
from agent.facts import facts_table, reference, usd_text
from agent.runs import Run
from tools.text import printable

if TYPE_CHECKING:
    from agent.engine import Event

Report = dict[str, Any]
SILENCE_S = 10
"""How long to say nothing where no spinner shows that work goes on."""
OTHER_COLUMNS = 26
"""Characters that status, score and the gaps of a list of runs take."""
BUDGET_REASONS = ("rounds", "minutes", "usd", "steps")


def watch(events: Generator["Event", None, Report], as_json: bool) -> int:
    """Show the events of a run on stderr and its report on stdout; return the exit code."""
    console = Console(stderr=True, highlight=False, markup=False)
    handler = RichHandler(console=console, show_time=False, show_path=False)
    logging.getLogger("tasksmith").addHandler(handler)
    for library in ("datasets", "huggingface_hub"):  # what matters of theirs is said in our words
        logging.getLogger(library).setLevel(logging.CRITICAL)
    try:
        report = _follow(events, console)
    except KeyboardInterrupt:
        console.print("interrupted; `tasksmith resume last` goes on with it")
        raise
    finally:
        logging.getLogger("tasksmith").removeHandler(handler)
    if as_json:
        print(json.dumps(report, ensure_ascii=False, indent=2))  # noqa: T201
    else:
        print_report(report)
    return exit_code(report)


def _follow(events: Generator["Event", None, Report], console: Console) -> Report:
    last, said = "", time.monotonic()
    with console.status("starting") as status:

        def show(event: "Event") -> None:
            nonlocal last, said
            text = printable(event.text)
            if event.kind == "progress":
                status.update(Text(text))
                if not console.is_terminal and time.monotonic() - said > SILENCE_S:
                    said = time.monotonic()
                    console.print(text)
            elif text not in last:
                console.print(text)
                last, said = text, time.monotonic()
                status.update("working")

        return finish(events, show)


def exit_code(report: Report) -> int:
    """Return 0 for a trained student, 3 if a budget ended before one, 1 if there was no way."""
    if report["status"] == "done":
        return 0
    return 3 if report["stop_reason"] in BUDGET_REASONS else 1


def print_report(report: Report) -> None:
    """Print what came of a run, and what to do next."""
    console = Console(highlight=False, markup=False)
    if report["status"] != "done":
        console.print(f"No model: {report['stop_detail']}")
        console.print(f"Next: tasksmith trace {reference(report)}", soft_wrap=True)
        return
    console.print(facts_table(report))
    print_rounds(console, report)
    run = reference(report)
    console.print("\nNext:")
    for command in (f'predict {run} "some text"', f"trace {run}", f"show {run} --json"):
        # A command that is broken into lines would be another one when it is pasted.
        console.print(f"  tasksmith {command}", soft_wrap=True)


def print_rounds(console: Console, report: Report) -> None:
    """Print one line a round."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    costs = ("tokens", "USD") if report["spent"]["by"] else ()
    for name in ("round", "data", "accepted", "validation", "P(better)", "kept", *costs):
        table.add_column(name, justify="left" if name in ("data", "kept") else "right")
    for r in report["rounds"]:
        table.add_row(
            str(r["round"]),
            r["focus"],
            f"{r['accepted']:,}",
            f"{r['validation']['value']:.3f}",
            "" if r["p_better"] is None else f"{r['p_better']:.2f}",
            "yes" if r["kept"] else "no",
            *([f"{r['tokens']:,}", usd_text(r["usd"], 4)] if costs else []),
        )
    console.print()
    console.print(table)


def runs_table(runs: Sequence[Run]) -> None:
    """Print one line a run, newest last."""
    console = Console(highlight=False, markup=False)
    if not runs:
        console.print("no runs yet; begin with: tasksmith run TASK")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("run", "status", "test", "task"):
        table.add_column(name, no_wrap=True)
    room = max(10, console.width - max(len(run.id) for run in runs) - OTHER_COLUMNS)
    for run in runs:
        summary = run.summary()
        value = summary["report"]["test"]["value"] if summary["report"] else None
        test = "" if value is None else f"{value:.3f}"
        task = shorten(summary["task"] or "", room, placeholder="…")
        table.add_row(run.id, summary["status"], test, task)
    console.print(table)
