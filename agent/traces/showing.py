"""What `tasksmith trace` prints."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from agent.errors import UserError
from agent.facts import why_stopped
from agent.runs import Run
from agent.traces.outline import Paths, failed, find_step, label, outline, slowest
from agent.traces.reading import Step, read_steps, whole
from agent.traces.tree import cost, headline, short_id, shortened, tree
from tools import trace_names as names
from tools.students.curve import curve_of, sparkline
from tools.text import printable

MOST_LISTED = 100
"""Steps in a list."""
_MESSAGES = (names.ASKED, names.ANSWERED)


def show(run: Run, errors: bool, most: int | None, span: str | None, as_lines: bool) -> None:
    """Print the trace of a run, or the part of it that is asked for.

    Args:
        run: The run.
        errors: Only steps that failed.
        most: Only so many steps, the slowest; None for all.
        span: Beginning of the id of one step, to be shown with everything.
        as_lines: As JSON, one step a line.

    Raises:
        UserError: There is no trace, or no such step.
    """
    console = Console(highlight=False, markup=False)
    if span:
        show_step(run, span, console, as_lines=as_lines)
    elif as_lines:
        print_json(run, errors, most)
    elif errors:
        show_errors(run, console)
    elif most:
        show_slowest(run, console, most)
    else:
        console.print(tree(run.id, outline(read_steps(run.folder))))
        if run.report:
            console.print(f"stopped: {why_stopped(run.report)}")


def show_errors(run: Run, console: Console) -> None:
    """Print the steps that failed, each with its path."""
    steps = list(read_steps(run.folder))
    found, paths = failed(steps), Paths(steps)
    if not found:
        console.print("no step has failed")
    for step in found[-MOST_LISTED:]:
        line = Text(f"{_clock(step)}  {short_id(step)}  ", style="dim")
        line.append(printable(paths.of(step)), style="red")
        why = step.attributes.get(names.MESSAGE) or step.attributes.get(names.ERROR, "")
        line.append(f"  {shortened(str(why))}", style="default")
        console.print(line)
    if len(found) > MOST_LISTED:
        console.print(f"… and {len(found) - MOST_LISTED:,} earlier ones; --json prints them all")


def show_slowest(run: Run, console: Console, most: int) -> None:
    """Print the steps that took longest, with their share of the whole."""
    steps = list(read_steps(run.folder))
    found, seconds = slowest(steps, most)
    paths = Paths(steps)
    for step in found:
        share = step.seconds / seconds if seconds else 0.0
        line = Text(f"{step.seconds:9.2f} s  {share:6.1%}  ", style="dim")
        line.append(printable(paths.of(step)), style="red" if step.failed else "cyan")
        line.append(f"  {short_id(step)}  {cost(step, None)}", style="dim")
        console.print(line)
    console.print(f"of {seconds:,.1f} s in all, {len(steps):,} steps")


def print_json(run: Run, errors: bool, most: int | None) -> None:
    """Print the steps, all or those asked for, as JSON, one a line."""
    steps: Iterable[Step] = read_steps(run.folder)
    if errors:
        steps = failed(steps)
    if most is not None:
        steps = slowest(list(steps), most)[0]
    for step in steps:
        print(json.dumps(as_json(step, step.attributes), ensure_ascii=False))  # noqa: T201


def as_json(step: Step, attributes: dict[str, Any]) -> dict[str, Any]:
    """Return a step for programs."""
    return {
        "id": step.id,
        "parent": step.parent,
        "name": step.name,
        "kind": step.kind,
        "start": step.start,
        "seconds": round(step.seconds, 6),
        "failed": step.failed,
        "attributes": attributes,
        "events": list(step.events),
    }


def show_step(run: Run, given: str, console: Console, *, as_lines: bool) -> None:
    """Print one step with everything: long values in full, what is below it, its curve.

    Raises:
        UserError: No step has this id, or several have.
    """
    step, below, paths, fitting = find_step(run.folder, given)
    if step is None:
        many = f"{len(fitting)} steps: {', '.join(fitting[:5])}"
        what = many if fitting else "no step; `tasksmith trace RUN` shows the ids"
        raise UserError(f"{given!r} fits {what}")
    attributes = whole(run.folder, step)
    curve = curve_of(run.folder / "models", str(attributes.get(names.STUDENT, ""))).points()
    if as_lines:
        more = {"below": [one.id for one in below], "curve": curve}
        print(json.dumps(as_json(step, attributes) | more, ensure_ascii=False))  # noqa: T201
        return
    console.print(Text(f"{paths.of(step)}  {step.seconds:.2f} s  {_clock(step)}", style="bold"))
    for key, value in attributes.items():
        _show_value(console, key, value)
    for event in step.events:
        _show_value(console, event["name"], json.dumps(event["attributes"], ensure_ascii=False))
    for line in sparkline(curve):
        console.print(Text(line))
    for one in below[:MOST_LISTED]:
        console.print(Text("  ").append_text(headline(one, None)))
    if len(below) > MOST_LISTED:
        console.print(f"  … {len(below) - MOST_LISTED:,} more steps below; --json names them all")


def _show_value(console: Console, key: str, value: Any) -> None:
    text = Text(f"{key}: ", style="dim")
    if key not in _MESSAGES:
        console.print(text.append(printable(str(value)), style="default"))
        return
    console.print(text)
    try:
        messages = json.loads(value)
    except ValueError:
        messages = [{"role": "?", "parts": [{"type": "text", "content": value}]}]
    for message in messages:
        console.print(Text(f"  {printable(str(message['role']))}", style="bold"))
        for part in message["parts"]:
            said = part["content"] if part["type"] == "text" else json.dumps(part, indent=2)
            console.print(Text(printable(said), style="default"))


def _clock(step: Step) -> str:
    return datetime.fromtimestamp(step.start).strftime("%H:%M:%S")


def one_line(step: Step, paths: Paths, used: str) -> Text:
    """Return a finished step as a line of a log."""
    told = step.attributes
    line = Text(f"{_clock(step)}  {short_id(step)}  ", style="dim")
    line.append(printable(paths.of(step)), style="red" if step.failed else "cyan")
    line.append(f"  {step.seconds:.2f} s", style="dim")
    if used:
        line.append(f"  {used}", style="dim")
    said = told.get(names.MESSAGE) or told.get(names.DECISION) or told.get(names.RESULT) or ""
    line.append("  " + shortened(" ".join(str(said).split())), style="default")
    return line


def under_way_line(steps: list[Step]) -> str:
    """Return in a few words what goes on."""
    return printable(" › ".join(label(step) for step in steps if step.kind in ("node", "tool")))
