"""What a person sees in the terminal: progress while a run works, and what came of it."""

import json
import logging
import time
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table
from rich.text import Text

from agent.app import finish
from agent.runs import Run
from agent.settings import load_settings
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
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in _facts(report):
        table.add_row(name, text)
    console.print(table)
    print_rounds(console, report)
    run = reference(report)
    console.print("\nNext:")
    for command in (f'predict {run} "some text"', f"trace {run}", f"show {run} --json"):
        # A command that is broken into lines would be another one when it is pasted.
        console.print(f"  tasksmith {command}", soft_wrap=True)


def reference(report: Report) -> str:
    """Return what to call a run by: its id where runs are usually kept, else its path."""
    folder = Path(report["run_dir"])
    return folder.name if folder.parent == load_settings().out else str(folder)


def _facts(report: Report) -> list[tuple[str, str]]:
    return [
        ("model", _short(report["model_dir"])),
        *_scores(report),
        ("student", _student(report["student"])),
        ("data", _data(report["data"])),
        *_licences(report["data"]),
        ("cost", _cost(report["spent"])),
        ("stopped", why_stopped(report)),
    ]


def _short(path: str) -> str:
    """Return a path as it is from here, where it is below."""
    inside = Path(path).is_relative_to(Path.cwd())
    return str(Path(path).relative_to(Path.cwd())) if inside else path


def why_stopped(report: Report) -> str:
    """Return why a run stopped; where the planner had nothing more to do, in its own words."""
    planner = report["stop_reason"] == "planner"
    return str(report["stop_detail"] if planner else report["stop_reason"])


def _scores(report: Report) -> list[tuple[str, str]]:
    """Return the lines on the test score and what it stands beside."""
    test, baselines = report["test"], report["baselines"]
    if test["value"] is None:
        return [("test", "not measured: no test rows; bring some with --test FILE")]
    low, high = test["ci95"] or (0.0, 1.0)  # one row tells nothing
    score = f"{test['metric']} {test['value']:.3f} (95% interval {low:.3f} to {high:.3f}, "
    facts = [("test", f"{score}n = {test['n']:,}, evidence: {report['evidence']})")]
    text = report["task"]["output_type"] == "text"
    if text and test["also"]:
        facts.append(("also", _listed(test["also"].items())))
    if judge := test.get("judge"):
        facts.append(("judge", _judged(judge)))
    frequent = f"most frequent {'output' if text else 'label'}"
    values = (
        (frequent, baselines["majority"]),
        ("input as the answer", baselines.get("copy")),
        ("your examples alone", baselines["seed_only"]),
        (_teacher(report), baselines["teacher"]),
    )
    if known := [(name, value) for name, value in values if value is not None]:
        facts.append(("baselines", _listed(known)))
    for name, value in values[:2]:
        if test["ci95"] and value is not None and low <= value:
            facts.append(("beware", f"not clearly better than always giving the {name}"))
    return facts


def _listed(values: Iterable[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in values)


def _judged(judge: dict[str, Any]) -> str:
    if judge["value"] is None:
        return f"no verdict of {judge['model']}: {judge['why']}"
    low, high = judge["ci95"]
    share = f"{judge['value']:.3f} (95% interval {low:.3f} to {high:.3f}, n = {judge['n']})"
    return f"{judge['model']} finds right: {share}"


def _teacher(report: Report) -> str:
    wrote = report["evidence"] == "synthetic"
    return "the teacher itself, which wrote the test rows" if wrote else "the teacher itself"


def _student(student: dict[str, Any]) -> str:
    features = student["hyperparameters"].get("features")
    what = f"{student['method']} ({features})" if features else student["method"]
    return (
        f"{what}, {student['parameters']:,} parameters, "
        f"{max(1, round(student['size_mb']))} MB, {student['latency_ms']:.0f} ms an answer"
    )


def _data(data: dict[str, Any]) -> str:
    rows = f"{data['train']:,} train, {data['validation']:,} validation, {data['test']:,} test"
    origins = [f"{_origin(o['source'], o['licence'])} {o['rows']:,}" for o in data["origins"]]
    return f"{rows}\n{'; '.join(origins)}"


def _origin(source: str, licence: str) -> str:
    return "your own" if source == "user" else f"{source} ({licence})"


def _licences(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return one line of what the licences ask; none for a report of an earlier version."""
    licence = data.get("licence")
    if licence is None:
        return []
    sources = sum(bool(one["duties"]) for one in data["obligations"])
    model = (licence["model"] or "yours to choose") if licence["clear"] else "unclear"
    asks = f"; what {sources} source{'s ask' if sources > 1 else ' asks'}: report.md"
    return [("licences", f"model {model} (careful reading){asks if sources else ''}")]


def _cost(spent: dict[str, Any]) -> str:
    usd = _usd(spent["usd"], 2)
    return f"{usd} USD, {spent['seconds']:.0f} s, {spent['teacher_calls']} teacher calls"


def _usd(usd: float | None, digits: int) -> str:
    return "unknown" if usd is None else f"{usd:.{digits}f}"


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
            *([f"{r['tokens']:,}", _usd(r["usd"], 4)] if costs else []),
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
