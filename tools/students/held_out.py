"""What a student answered to rows that it held out for itself; a file that stays with its run."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.examples import Example
from tools.services import Prediction

FILE = "held_out.json"


def keep(folder: Path, examples: Sequence[Example], answers: Sequence[Sequence[Any]]) -> None:
    """Write the answers, each a row number and the values of a prediction, if there are any."""
    if answers:
        rows = [[examples[row].id, *values] for row, *values in answers]
        (folder / FILE).write_text(json.dumps(rows), encoding="utf-8")


def read(folder: Path) -> dict[int, Prediction]:
    """Return example id → answer; empty for a method that learns from all rows."""
    path = folder / FILE
    rows = json.loads(path.read_text("utf-8")) if path.is_file() else []
    return {id_: Prediction(*values) for id_, *values in rows}
