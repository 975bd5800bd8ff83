"""Examples that a person gives in a conversation: read, spelled as the task does, and stored."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tools.curation.duplicates import near_duplicates_of
from tools.examples import Example, ExampleStore, Split
from tools.hub.names import normalise
from tools.reading.files import read_examples
from tools.reasons import Reason
from tools.schemas import following
from tools.services import ToolError
from tools.task import Demonstration, TaskSpec
from tools.text import one_line

SOURCE, LICENCE = "user", "user"
_HELD_OUT: tuple[Split, ...] = ("validation", "test")
_SHOWN = 5
NO_LABEL: Reason = "label not in task"
_WHY = {
    "duplicate": "known already",
    "contamination": "too close to a row that tests the model",
    "empty": "no text or no answer",
    "malformed output": "not as the JSON Schema wants it",
    "contradiction": "the same text with different answers",
}
"""What is said of examples that are left out, for the reasons that the store knows."""
_KEPT_AS = re.compile(r"^[0-9a-f]{8}-")
"""What the name of a file begins with that was kept in a run, before the name it had."""


@dataclass(frozen=True)
class Given:
    """What became of given examples.

    Attributes:
        accepted: How many are used.
        left_out: Reason → how many are not.
        unknown: Labels among them that the task does not know.
    """

    accepted: int
    left_out: dict[str, int] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @property
    def notes(self) -> list[str]:
        """Return in sentences what the person should know of it."""
        notes = [f"{self.accepted:,} new examples of yours are used."] if self.accepted else []
        others = {why: n for why, n in self.left_out.items() if why != NO_LABEL}
        if others:
            notes.append(f"Not used of your examples: {_counted(others)}.")
        if self.unknown:
            names = ", ".join(one_line(name, 40) for name in self.unknown[:_SHOWN])
            notes.append(
                f"{self.left_out[NO_LABEL]:,} of your examples wait: the task has no such label yet"
                f" ({names}). To add one, say 'add label NAME: what belongs there'."
            )
        return notes


def _counted(left_out: dict[str, int]) -> str:
    return ", ".join(f"{n:,} ({_WHY.get(why, why)})" for why, n in left_out.items())


def read_files(
    folder: Path, files: Sequence[str], spec: TaskSpec | None
) -> tuple[list[Demonstration], list[str]]:
    """Return the examples in files that came with a message, and what is to be said of them.

    Args:
        folder: The run directory.
        files: Paths relative to it; none may lead out of it.
        spec: The task, as far as it is known.
    """
    pairs: list[Demonstration] = []
    notes: list[str] = []
    for name in files:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            notes.append(f"{one_line(name, 80)} is no file of this run, so I left it alone.")
            continue
        try:
            found = read_examples(path, spec)
        except ToolError as error:
            known = _KEPT_AS.sub("", path.name)
            notes.append(f"I could not use {str(error).replace(path.name, known)}.")
            continue
        pairs += found.pairs
        notes += found.notes
    return pairs, notes


def spelled(output: str, spec: TaskSpec) -> str | None:
    """Return an output in the task's spelling; None where it is none of the task's."""
    if spec.output_schema:
        return following(spec.output_schema, output)
    known = {normalise(name): name for name in spec.label_names}
    return known.get(normalise(output)) if known else output


def store_rows(
    store: ExampleStore, call: str, pairs: Sequence[Demonstration], spec: TaskSpec, round_: int
) -> Given:
    """Store examples as people's own; repeating it changes nothing.

    What the run has already is left out, as is what nearly repeats a row that validates or tests.

    Args:
        store: The run's examples.
        call: What they are stored under; it begins with `tools.splits.GIVEN`.
        pairs: The examples.
        spec: The task.
        round_: Number of the round that they come in.
    """
    store.write(call, [])
    held = [e.input for split in _HELD_OUT for e in store.accepted(split)]
    near = near_duplicates_of([pair.input for pair in pairs], held)
    rows = [
        _row(store, pair, spec, round_, near=is_near)
        for pair, is_near in zip(pairs, near, strict=True)
    ]
    rows = _consistent(rows, several=spec.output_type == "text")
    store.write(call, rows)
    left_out = Counter(str(row.reason) for row in rows if row.reason)
    unknown = dict.fromkeys(row.output for row in rows if row.reason == NO_LABEL)
    return Given(sum(row.reason is None for row in rows), dict(left_out), tuple(unknown))


def _row(
    store: ExampleStore, pair: Demonstration, spec: TaskSpec, round_: int, *, near: bool
) -> Example:
    output = spelled(pair.output, spec)
    row = Example(
        pair.input.strip(), output or pair.output.strip(), "train", SOURCE, LICENCE, "gold",
        round=round_, reason="contamination" if near else None,
    )  # fmt: skip
    reason: Reason | None = row.reason
    if not (row.input and row.output):
        reason = "empty"
    elif output is None:
        reason = "malformed output" if spec.output_schema else NO_LABEL
    elif not near and store.has_key(row.key):
        reason = "duplicate"
    return replace(row, reason=reason)


def _consistent(rows: Sequence[Example], *, several: bool) -> list[Example]:
    """Leave out repeats, and inputs whose outputs contradict each other."""
    outputs: dict[str, set[str]] = {}
    for row in rows:
        if row.reason is None:
            outputs.setdefault(row.key, set()).add(row.output)
    seen: set[str] = set()
    result = []
    for row in rows:
        reason = row.reason
        if reason is None and not several and len(outputs[row.key]) > 1:
            reason = "contradiction"
        elif reason is None and row.key in seen:
            reason = "duplicate"
        seen.add(row.key)
        result.append(replace(row, reason=reason))
    return result


def admit(store: ExampleStore, calls: Sequence[str], names: Sequence[str]) -> int:
    """Use the examples stored under `calls` whose labels the task has come to know."""
    wanted = {normalise(name): name for name in names}
    rows = [e for call in calls for e in store.written_by(call)]
    known = {
        row.id: wanted[normalise(row.output)]
        for row in rows
        if row.reason == NO_LABEL and normalise(row.output) in wanted
    }
    store.admit(known)
    return len(known)
