"""Show a trace as a tree of steps."""

import json

from rich.console import Group
from rich.text import Text
from rich.tree import Tree

from agent.traces.outline import Calls, Outline, label
from agent.traces.reading import Step
from tools import trace_names as names
from tools.text import printable

SHOWN = {
    "arguments": names.ARGUMENTS,
    "result": names.RESULT,
    "decision": names.DECISION,
    "stop_reason": names.STOP_REASON,
    "error": names.MESSAGE,
}
LINES, WIDTH = 8, 240
"""How much of one value is shown; `trace RUN --span ID` shows all."""
FIRST, LAST, BELOW = 60, 140, 20
"""Steps that are shown of a long run, and below one step."""
_STYLE = {"decision": "bold", "error": "red", "stop_reason": "bold"}


def tree(title: str, outline: Outline) -> Tree:
    """Return the steps as a tree for rich, bounded however long the run; it says what it lacks."""
    top = Tree(Text(title, style="bold"), guide_style="dim")
    steps = outline.children[None]
    left_out = len(steps) - FIRST - LAST
    if left_out <= 0:
        _hang(top, steps, outline)
        return top
    _hang(top, steps[:FIRST], outline)
    how = "--json, --errors, --slowest and --span ID see them"
    top.add(Text(f"… {left_out:,} more steps; {how}", style="yellow"))
    _hang(top, steps[-LAST:], outline)
    return top


def _hang(above: Tree, steps: list[Step], outline: Outline) -> None:
    for step in steps:
        branch = above.add(Group(headline(step, outline.calls.get(step.id)), *_details(step)))
        below = outline.children.get(step.id, [])
        _hang(branch, below[:BELOW], outline)
        if len(below) > BELOW:
            branch.add(Text(f"… {len(below) - BELOW:,} more steps", style="yellow"))


def headline(step: Step, calls: Calls | None) -> Text:
    """Return a step on one line: name, time, what it used of the LLMs, id."""
    line = Text(printable(label(step)), style="red" if step.failed else "cyan")
    line.append(f"  {step.seconds:.2f} s", style="dim")
    if used := cost(step, calls):
        line.append(f"  {used}", style="dim")
    line.append(f"  {short_id(step)}", style="dim")
    if step.kind == "chat":
        line.append(f"  {_answer(step)}", style="default")
    return line


def short_id(step: Step) -> str:
    """Return as much of a step's id as tells it from all others."""
    return step.id.removeprefix("0x")[:8]


def cost(step: Step, calls: Calls | None) -> str:
    """Return what a step and all below it used of the LLMs; empty where that is nothing."""
    told = step.attributes
    used = Calls(
        told.get(names.CALLS, 0) + told.get(names.CACHED_CALLS, 0),
        told.get(names.CACHED_CALLS, int(bool(told.get(names.CACHED)))),
        told.get(names.INPUT, 0),
        told.get(names.OUTPUT, 0),
        told.get(names.USD),
    )
    if names.INPUT not in told and not used.cached:
        if calls is None:
            return ""
        used = calls
    parts = [f"{used.calls:,} calls"] if used.calls > 1 else ["1 call"] if used.calls else []
    if used.cached:
        parts.append(f"{used.cached:,} from the book" if used.calls > 1 else "from the book")
    parts.append(f"{used.input:,} + {used.output:,} tokens")
    if used.usd is not None:
        parts.append(f"{used.usd:.4f} USD")
    return ", ".join(parts)


def _answer(step: Step) -> str:
    """Return the tools that a planner called, or its words; arguments are in the tools' steps."""
    try:
        (message,) = json.loads(step.attributes.get(names.ANSWERED, ""))
    except ValueError:
        return ""
    calls = [part["name"] for part in message["parts"] if part["type"] == "tool_call"]
    if calls:
        return "→ " + ", ".join(calls)
    return shortened(" ".join(part.get("content", "") for part in message["parts"]))


def shortened(value: str) -> str:
    """Return the beginning of a text, as a terminal may show it."""
    shown = printable(value).splitlines()
    lines = [line if len(line) <= WIDTH else line[:WIDTH] + "…" for line in shown]
    if len(lines) > LINES:
        lines = [*lines[:LINES], f"… {len(lines) - LINES} more lines"]
    return "\n".join(lines)


def _details(step: Step) -> list[Text]:
    details: list[Text] = []
    for name, key in SHOWN.items():
        value = step.attributes.get(key)
        # What a tool failed with is its result.
        if not value or (name == "error" and value == step.attributes.get(names.RESULT)):
            continue
        text = Text(f"{name}: ", style="dim")
        text.append(shortened(str(value)), style=_STYLE.get(name, "default"))
        details.append(text)
    return details
