"""Why an example is not used: the closed list of what the store may hold as a reason."""

from typing import Literal

Reason = Literal[
    "empty",
    "no label",
    "several labels",
    "label not in task",
    "label has enough",
    "kind has enough",
    "malformed output",
    "output too long",
    "copied input",
    "wrong language",
    "too short",
    "too long",
    "duplicate",
    "near-duplicate",
    "contradiction",
    "contamination",
    "disagreement",
    "malformed answer",
    "unusable example",
    "refused",
    "prompt too long",
    "no answer",
    "label doubt",
    "did not help",
    "rejected by hand",
    "unwanted data set",
]
UNDOABLE: frozenset[Reason] = frozenset({"label doubt", "did not help", "label not in task"})
"""Reasons of decisions on accepted examples, which `ExampleStore.restore` takes back."""
