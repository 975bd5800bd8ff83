"""Show a trace as a tree of steps."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.text import Text
from rich.tree import Tree

from agent.errors import UserError
from agent.trace_names import INPUT, OUTPUT
from tools.text import printable

SHOWN = ("arguments", "result", "decision", "stop_reason", "error")
LINES, WIDTH = 8, 240
"""How much of one value is shown; all of it is in trace.jsonl."""
LABEL_STYLE = {"decision": "bold", "error": "red", "stop_reason": "bold"}


@dataclass(frozen=True)
class Step:
    """One span as read back from trace.jsonl; times in seconds since the epoch."""

    id: str
    parent: str | None
    name: str
    start: float
    end: float
    failed: bool
    attributes: dict[str, Any]


def read_steps(path: Path) -> list[Step]:
    """Return the spans of a trace in the order they started.

    A line may be half written, while a run is going on or after a crash; it is left out.

    Raises:
        UserError: There is no trace.
    """
    if not path.exists():
        raise UserError(f"no trace yet at {path}; the run has not taken a step")
    steps: list[Step] = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                steps.append(_step(json.loads(line)))
            except ValueError:
                continue
    return sorted(steps, key=lambda step: (step.start, -step.end))


def _step(span: dict[str, Any]) -> Step:
    return Step(
        id=span["context"]["span_id"],
        parent=span["parent_id"],
        name=span["name"],
        start=datetime.fromisoformat(span["start_time"]).timestamp(),
        end=datetime.fromisoformat(span["end_time"]).timestamp(),
        failed=span["status"]["status_code"] == "ERROR",
        attributes=span["attributes"],
    )


def tree(title: str, steps: Sequence[Step]) -> Tree:
    """Return the steps as a tree that rich can print.

    Steps of a part of the run that ended by a crash have no root; they hang from the top.
    """
    known = {step.id for step in steps}
    children: dict[str | None, list[Step]] = defaultdict(list)
    for step in steps:
        if step.attributes.get("run") is None:
            children[step.parent if step.parent in known else None].append(step)
    roots = {step.id for step in steps if step.attributes.get("run") is not None}
    top = Tree(Text(title, style="bold"), guide_style="dim")
    firsts = [s for parent in [None, *roots] for s in children[parent]]
    for step in sorted(firsts, key=lambda step: step.start):
        _hang(top, step, children)
    return top


def _hang(above: Tree, step: Step, children: dict[str | None, list[Step]]) -> None:
    branch = above.add(Group(_headline(step), *_details(step)))
    for child in children[step.id]:
        _hang(branch, child, children)


def _headline(step: Step) -> Text:
    line = Text(step.name, style="red" if step.failed else "cyan")
    line.append(f"  {step.end - step.start:.2f} s", style="dim")
    if INPUT in step.attributes:
        line.append(f"  {_cost(step.attributes)}", style="dim")
    if step.attributes.get("kind") == "chat":
        line.append(f"  {_answer(step.attributes.get('answer', ''))}", style="default")
    return line


def _cost(attributes: dict[str, Any]) -> str:
    """Return what a step used of the LLMs; attributes of a span are texts."""
    tokens = f"{int(attributes[INPUT]):,} + {int(attributes[OUTPUT]):,} tokens"
    usd = attributes.get("usd")
    return tokens if usd is None else f"{tokens}, {float(usd):.4f} USD"


def _answer(answer: str) -> str:
    """Return the tools that a planner called, or its words; arguments are in the tools' steps."""
    if not answer.startswith("["):
        return _short(answer)
    return "→ " + ", ".join(call["name"] for call in json.loads(answer))


def _short(value: str) -> str:
    shown = printable(value).splitlines()
    lines = [line if len(line) <= WIDTH else line[:WIDTH] + "…" for line in shown]
    if len(lines) > LINES:
        lines = [*lines[:LINES], f"… {len(lines) - LINES} more lines"]
    return "\n".join(lines)


def _details(step: Step) -> list[Text]:
    details: list[Text] = []
    for key in SHOWN:
        value = step.attributes.get(key)
        if not value:
            continue
        text = Text(f"{key}: ", style="dim")
        text.append(_short(str(value)), style=LABEL_STYLE.get(key, "default"))
        details.append(text)
    return details
