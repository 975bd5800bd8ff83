"""Follow a run: its steps as they end, what is under way beside them."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from agent.runs import Run
from agent.traces.file import TRACE
from agent.traces.outline import Calls, Paths
from agent.traces.reading import Step, as_step, under_way
from agent.traces.showing import as_json, one_line, under_way_line
from agent.traces.tree import cost
from tools import trace_names as names

_GOING_ON = ("running", "waiting")
_SECONDS_BETWEEN_LOOKS = 0.3


def follow(run: Run, errors: bool, as_json_lines: bool) -> None:
    """Print the steps of a run, those so far first, until it ends.

    Calls to LLMs are added up in the line of the step that made them; as JSON they are lines.
    """
    console = Console(highlight=False, markup=False, stderr=as_json_lines)
    calls: dict[str, Calls] = defaultdict(Calls)
    with console.status("waiting for the first step") as status:
        for step in _steps(run):
            if step is None:
                status.update(Text(under_way_line(under_way(run.folder)) or "waiting"))
            elif as_json_lines:
                if step.failed or not errors:
                    print(json.dumps(as_json(step, step.attributes)), flush=True)  # noqa: T201
            elif step.kind == "chat" and step.attributes.get(names.PURPOSE) != "planner":
                calls[step.parent or ""].add(step)
            elif step.failed or not errors:
                above = Paths(under_way(run.folder))
                console.print(one_line(step, above, cost(step, calls.pop(step.id, None))))
    console.print(f"the run is {run.status}")


def _steps(run: Run) -> Iterator[Step | None]:
    """Yield finished steps as they come, and None while there is none."""
    path = run.folder / TRACE
    position, rest = 0, b""
    while True:
        # Asked before reading: what it says to be the end must have been written by then.
        goes_on = run.status in _GOING_ON
        if path.exists():
            with path.open("rb") as file:
                file.seek(position)
                rest += file.read()
                position = file.tell()
        *lines, rest = rest.split(b"\n")
        yield from filter(None, map(_step, lines))
        if not goes_on:
            return
        yield None
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _step(line: bytes) -> Step | None:
    try:
        return as_step(json.loads(line))
    except (ValueError, KeyError, TypeError):
        return None
