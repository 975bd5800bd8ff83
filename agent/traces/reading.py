"""Read a trace back, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.errors import UserError
from agent.traces.file import TRACE
from agent.traces.lookup import OPEN, spans_in, value
from tools.trace_names import KIND, REF


@dataclass(frozen=True)
class Step:
    """One span as read back; times in seconds since the epoch.

    Attributes:
        end: The same as `start` for a step that is under way.
    """

    id: str
    parent: str | None
    name: str
    start: float
    end: float
    failed: bool
    attributes: dict[str, Any]
    events: tuple[dict[str, Any], ...] = ()

    @property
    def kind(self) -> str:
        """What the step is: `run`, `node`, `tool` or `chat`."""
        return str(self.attributes.get(KIND, ""))

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.start


def read_steps(folder: Path) -> Iterator[Step]:
    """Yield the finished steps of the run in `folder`, in the order in which they ended.

    A line may be half written, while a run is going on or after a crash; it is left out.

    Raises:
        UserError: There is no trace.
    """
    path = folder / TRACE
    if not path.exists():
        raise UserError(f"no trace yet at {path}; the run has not taken a step")
    yield from map(as_step, spans_in(path))


def under_way(folder: Path) -> list[Step]:
    """Return the steps that have begun, in that order; some may have ended a moment ago."""
    path = folder / OPEN
    return [as_step(span) for span in spans_in(path)] if path.exists() else []


def as_step(span: dict[str, Any]) -> Step:
    """Return a line of a trace as a step."""
    start = datetime.fromisoformat(span["start_time"]).timestamp()
    end = span["end_time"]
    return Step(
        id=span["context"]["span_id"],
        parent=span["parent_id"],
        name=span["name"],
        start=start,
        end=datetime.fromisoformat(end).timestamp() if end else start,
        failed=span["status"]["status_code"] == "ERROR",
        attributes=span["attributes"] or {},
        events=tuple(span.get("events", ())),
    )


def whole(folder: Path, step: Step) -> dict[str, Any]:
    """Return the attributes of a step with all of their long values."""
    told = step.attributes
    return {
        name: value(folder, told, name) if name + REF in told else short
        for name, short in told.items()
        if not name.endswith(REF)
    }
