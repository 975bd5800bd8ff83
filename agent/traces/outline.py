"""What a trace amounts to: steps below steps, with calls to LLMs added up."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from pathlib import Path

from agent.traces.reading import Step, read_steps
from tools import trace_names as names


@dataclass
class Calls:
    """Calls to LLMs, added up; `usd` is None where the price of one is unknown."""

    calls: int = 0
    cached: int = 0
    input: int = 0
    output: int = 0
    usd: float | None = 0.0

    def add(self, chat: Step) -> None:
        """Add a call."""
        told = chat.attributes
        self.calls += 1
        self.cached += bool(told.get(names.CACHED))
        self.input += told.get(names.INPUT, 0)
        self.output += told.get(names.OUTPUT, 0)
        paid = told.get(names.USD)
        self.usd = None if paid is None or self.usd is None else self.usd + paid


@dataclass
class Outline:
    """A trace without the calls to LLMs that tools and nodes make; only a planner's are steps.

    Attributes:
        children: Id of a step, or None for the top → the steps below it, in the order they began.
        calls: Id of a step → the calls that it made and that are left out.
    """

    children: dict[str | None, list[Step]] = field(default_factory=lambda: defaultdict(list))
    calls: dict[str, Calls] = field(default_factory=lambda: defaultdict(Calls))


def outline(steps: Iterable[Step]) -> Outline:
    """Return the outline of a trace.

    Steps of a session that has no root, since it is under way, hang from the top.
    """
    made, kept = Outline(), []
    for step in steps:
        if step.kind == "chat" and step.attributes.get(names.PURPOSE) != "planner":
            made.calls[step.parent or ""].add(step)
        else:
            kept.append(step)
    known = {step.id for step in kept if step.kind != "run"}
    for step in sorted(kept, key=lambda step: (step.start, -step.end)):
        if step.kind != "run":
            made.children[step.parent if step.parent in known else None].append(step)
    return made


def label(step: Step) -> str:
    """Return what a step is called: a tool's own name, a model's call, a node."""
    told = step.attributes
    return str(told.get(names.TOOL) or told.get(names.NODE) or step.name)


class Paths:
    """Where steps stand: the names of those above them.

    Args:
        steps: All steps of a trace.
    """

    def __init__(self, steps: Iterable[Step]) -> None:
        self._above = {step.id: (step.parent, label(step), step.kind) for step in steps}

    def of(self, step: Step) -> str:
        """Return `node › tool › chat`; names above that are not known yet are left out."""
        labels, above = [label(step)], step.parent
        while above in self._above:
            parent, name, kind = self._above[above]
            if kind != "run":
                labels.insert(0, name)
            above = parent
        return " › ".join(labels)


def failed(steps: Iterable[Step]) -> list[Step]:
    """Return the steps that failed, in the order they began."""
    return sorted((step for step in steps if step.failed), key=lambda step: step.start)


def slowest(steps: Sequence[Step], most: int) -> tuple[list[Step], float]:
    """Return the steps that took longest, and the seconds that all sessions of the run took.

    Steps that only wait for a tool are left out.
    """
    waiting = {step.parent for step in steps if step.kind == "tool"}
    own = [s for s in steps if s.kind != "run" and s.id not in waiting]
    sessions = [s.seconds for s in steps if s.kind == "run"]
    whole = sum(sessions) or max((s.end for s in steps), default=0.0) - min(
        (s.start for s in steps), default=0.0
    )
    return nlargest(most, own, key=lambda step: step.seconds), whole


def find_step(folder: Path, given: str) -> tuple[Step | None, list[Step], Paths, list[str]]:
    """Return the step whose id begins with `given`, what is directly below it, and all paths.

    Returns:
        The step, or None where there is none or several; its children; paths; ids that fit.
    """
    wanted = given.removeprefix("0x").lower()
    steps = list(read_steps(folder))
    fitting = [step for step in steps if step.id.removeprefix("0x").startswith(wanted)]
    if len(fitting) != 1:
        return None, [], Paths(()), [step.id for step in fitting]
    below = [step for step in steps if step.parent == fitting[0].id]
    return fitting[0], sorted(below, key=lambda step: step.start), Paths(steps), []
