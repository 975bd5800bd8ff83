"""What a person sees of the steps of a run."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.facts import reference
from agent.history import Step
from agent.runs import Run
from graph.state import NOTHING_SPENT
from tools.text import printable

SHOWN_DATASETS = 5
MINUTES_FROM_S = 180


def print_steps(run: Run, found: Sequence[Step]) -> None:
    """Print one line a step, and what comes next."""
    console = Console(highlight=False, markup=False)
    priced = any(_of(step, "usd") != 0.0 for step in found)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("step", justify="right")
    table.add_column("node", no_wrap=True)
    table.add_column("what came of it", no_wrap=True, overflow="ellipsis", ratio=1)
    for name in ("round", "rows", "best", "time", *(["USD"] if priced else [])):
        table.add_column(name, justify="right", no_wrap=True)
    table.expand = True
    for step in found:
        table.add_row(*_row(step, priced))
    console.print(table)
    last = found[-1]
    console.print(f"\n{_what_next(last)}")
    name = reference({"run_dir": str(run.folder)})
    for command in (f"history {name} --at STEP", f"fork {name} --at STEP"):
        console.print(f"  tasksmith {command}", soft_wrap=True)


def _what_next(last: Step) -> str:
    if last.asks:
        return f"It waits for your answer ({', '.join(last.next)})."
    if last.next:
        return f"Next: {', '.join(last.next)}"
    talks = last.values.get("mode") == "chat"
    return "It waits for what you say next." if talks else "The run has ended."


def _row(step: Step, priced: bool) -> list[str]:
    seconds, usd = _of(step, "seconds"), _of(step, "usd")
    row = [
        str(step.number),
        step.node,
        step.decided,
        _shown(step.round, "d"),
        _shown(step.rows, ",d"),
        _shown(step.best, ".3f"),
        f"{seconds:.0f} s" if seconds < MINUTES_FROM_S else f"{seconds / 60:.0f} min",
    ]
    return [*row, "unknown" if usd is None else f"{usd:.4f}"] if priced else row


def _of(step: Step, what: str) -> Any:
    return (step.values.get("spent") or dict(NOTHING_SPENT))[what]


def _shown(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def print_step(step: Step) -> None:
    """Print where the run stood at a step."""
    console = Console(highlight=False, markup=False)
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in _facts(step):
        table.add_row(name, Text(printable(text)))
    console.print(table)


def _facts(step: Step) -> list[tuple[str, str]]:
    values = step.values
    facts = [
        ("step", f"{step.number}, written by {step.node}, {step.at[:19].replace('T', ' ')} UTC"),
        ("came of it", step.decided),
        ("next", ", ".join(step.next) or "nothing"),
        *_task(values.get("spec")),
        ("said", (values.get("said") or {"text": ""})["text"]),
        ("train rows", _shown(step.rows, ",d")),
        ("data sets", _datasets(values)),
        ("rounds", "\n".join(map(_round, values.get("rounds", [])))),
        ("under way", _under_way(values)),
        ("best", _best(values.get("best"))),
        ("spent", _spent(values)),
        ("stopped", str(values.get("stop_reason") or "")),
    ]
    return [(name, text) for name, text in facts if text]


def _task(spec: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    if not spec:
        return []
    labels = ", ".join(label["name"] for label in spec["labels"])
    return [("task", spec["instruction"]), ("labels", labels), ("metric", spec["metric"] or "")]


def _datasets(values: Mapping[str, Any]) -> str:
    found = values.get("datasets", [])
    imported = [
        f"{one['dataset']}: {one['imported']['train']:,} training rows imported"
        for one in values.get("imports", [])
    ]
    names = ", ".join(one["id"] for one in found[:SHOWN_DATASETS])
    return "\n".join([*imported, *([f"found: {names}"] if found else [])])


def _round(round_: Mapping[str, Any]) -> str:
    value = round_["validation"]
    kept = "kept" if round_["kept"] else "taken out again"
    rows = f"{round_['accepted']:,} rows"
    return (
        f"{round_['round']} ({round_['focus']}): {rows}, {value['metric']} {value['value']:.3f},"
        f" {kept}"
    )


def _under_way(values: Mapping[str, Any]) -> str:
    round_, trained = values.get("round"), values.get("trained")
    parts = []
    if round_:
        parts.append(f"round {round_['round']} ({round_['focus']})")
        parts.append(f"{round_['accepted']:,} of {round_['requested']:,} rows accepted")
    if trained:
        parts.append(f"student {trained['student']} waits to be evaluated")
    return ", ".join(parts)


def _best(best: Mapping[str, Any] | None) -> str:
    if not best:
        return ""
    done = best["evaluation"]
    score = f"{done['metric']} {done['value']:.3f} on validation"
    return f"{best['student']} ({best['method']} on {best['base']}): {score}"


def _spent(values: Mapping[str, Any]) -> str:
    spent, limits = values.get("spent"), values.get("limits")
    if not spent or not limits:
        return ""
    usd = "unknown" if spent["usd"] is None else f"{spent['usd']:.4f}"
    return (
        f"{spent['seconds'] / 60:.1f} of {limits['minutes']:g} minutes, {usd} of"
        f" {limits['usd']:g} USD, {len(values.get('rounds', []))} of {limits['max_rounds']} rounds"
    )
