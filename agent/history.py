"""The steps of a run, read back from its checkpoints; nothing of the run is written or locked."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import UserError
from agent.runs import Run
from tools.journal import training_rows
from tools.text import one_line

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph
    from langgraph.types import StateSnapshot

INPUT, UPDATE = "input", "update"
"""What stands for the node where a caller, or a person in a fork, wrote the checkpoint."""
LONGEST = 2_000


@dataclass(frozen=True)
class Step:
    """One checkpoint.

    Attributes:
        number: LangGraph's number of the step, from -1; it names the step in a run.
        node: Which node wrote it; `input` or `update` where none did.
        decided: What came of it, in a line.
        next: What comes next; empty at the end.
        rows: Accepted training rows at that time; None where an earlier version took the step.
        at: When it was written, in ISO 8601.
        checkpoint: Id of the checkpoint.
        values: The state.
        asks: Key, in the mailbox, of the question that it waits with; None where it asks nothing.
    """

    number: int
    node: str
    decided: str
    next: tuple[str, ...]
    rows: int | None
    at: str
    checkpoint: str
    values: Mapping[str, Any]
    asks: str | None = None

    @property
    def round(self) -> int | None:
        """Number of the round under way, or of the last one."""
        number = (self.values.get("round") or {}).get("round")
        return number or len(self.values.get("rounds", [])) or None

    @property
    def best(self) -> float | None:
        """Validation score of the best student so far."""
        best = self.values.get("best")
        return best["evaluation"]["value"] if best else None

    def as_json(self) -> dict[str, Any]:
        """Return what a list of steps tells of it."""
        spent = self.values.get("spent") or {}
        return {
            "step": self.number,
            "node": self.node,
            "decided": self.decided,
            "next": list(self.next),
            "round": self.round,
            "rows": self.rows,
            "best": self.best,
            "seconds": spent.get("seconds"),
            "usd": spent.get("usd"),
            "at": self.at,
        }


@contextmanager
def read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database that another process may be writing; nothing of it is changed.

    Raises:
        UserError: It is not there, or damaged; also where that is found out in the `with` block.
    """
    address = path.resolve().as_uri() + "?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, check_same_thread=False)) as db:
            yield db
    except (sqlite3.Error, ValueError) as error:
        why = "damaged or no such database" if path.exists() else "missing"
        raise UserError(f"{path} cannot be read: {why} ({error})", exit_code=1) from None


def steps(run: Run) -> list[Step]:
    """Return the steps of a run, the first one first.

    Raises:
        UserError: The run has taken no step yet, or its files are damaged.
    """
    path = run.folder / "state.sqlite"
    if not path.exists():
        raise UserError(f"run {run.id} has not taken a step yet", exit_code=1)
    with read_only(path) as db:
        config = {"configurable": {"thread_id": run.thread}}
        snapshots = list(graph_on(db).get_state_history(config))[::-1]  # type: ignore[arg-type]
    if not snapshots:
        raise UserError(f"run {run.id} has not taken a step yet", exit_code=1)
    rows = _rows(run, snapshots)
    before: tuple[str, ...] = ()
    found = []
    for snapshot, trained_on in zip(snapshots, rows, strict=True):
        found.append(_step(snapshot, before, trained_on))
        before = snapshot.next
    return found


def step_at(run: Run, number: int) -> Step:
    """Return one step.

    Raises:
        UserError: There is no such step; see `steps` for others.
    """
    found = steps(run)
    for step in found:
        if step.number == number:
            return step
    numbers = f"{found[0].number} to {found[-1].number}"
    raise UserError(f"run {run.id} has no step {number}; `tasksmith history {run.id}` shows "
                    f"{numbers}")  # fmt: skip


def graph_on(db: sqlite3.Connection) -> "CompiledStateGraph[Any, Any, Any, Any]":
    """Return the graph on stored checkpoints, to look at them or change them, not to run."""
    from langgraph.checkpoint.sqlite import SqliteSaver

    from agent.planners.rules import RulesPlanner
    from graph.builder import build_graph

    return build_graph(RulesPlanner(), RulesPlanner()).compile(checkpointer=SqliteSaver(db))


def _rows(run: Run, snapshots: Sequence["StateSnapshot"]) -> list[int | None]:
    from graph.mark import mark_of

    marks = [mark_of(snapshot.values) for snapshot in snapshots]
    positions = {mark["data"] for mark in marks if mark}
    if not positions:
        return [None] * len(marks)
    with read_only(run.folder / "data.sqlite") as db:
        rows = dict(training_rows(db, positions))
    return [rows[mark["data"]] if mark else None for mark in marks]


def _step(snapshot: "StateSnapshot", before: tuple[str, ...], rows: int | None) -> Step:
    metadata: Mapping[str, Any] = snapshot.metadata or {}
    source = metadata.get("source")
    node = UPDATE if source == "update" else ", ".join(before)
    if source == "input" or node == "__start__":
        node = INPUT
    return Step(
        number=int(metadata["step"]),
        node=node,
        decided=one_line(_decided(node, snapshot.values), LONGEST),
        next=() if snapshot.next == ("__start__",) else snapshot.next,
        rows=rows,
        at=snapshot.created_at or "",
        checkpoint=snapshot.config["configurable"]["checkpoint_id"],
        values=snapshot.values,
        asks=f"ask:{snapshot.interrupts[0].id}" if snapshot.interrupts else None,
    )


def _decided(node: str, values: Mapping[str, Any]) -> str:
    from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

    last = (values.get("messages") or [None])[-1]
    if node == UPDATE:
        said = values.get("said")
        return str(said["text"]) if said else "other limits"
    if node == "approve":
        return ""
    if node == "plan" and isinstance(last, AIMessage) and last.tool_calls:
        return "; ".join(call_words(call) for call in last.tool_calls)
    if node == "tools" and isinstance(last, ToolMessage):
        return f"{last.name}: {last.text}"
    if node == INPUT and isinstance(last, HumanMessage):
        return last.text
    return str(values.get("decision") or "")


def state_json(step: Step) -> dict[str, Any]:
    """Return everything that is known of a step as JSON."""
    from langchain_core.messages import messages_to_dict

    values = dict(step.values)
    if "messages" in values:
        values["messages"] = messages_to_dict(values["messages"])
    return step.as_json() | {"checkpoint": step.checkpoint, "values": values}


def call_words(call: Mapping[str, Any]) -> str:
    """Return a planned call as it would be written in Python."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in call["args"].items())
    return f"{call['name']}({arguments})"
