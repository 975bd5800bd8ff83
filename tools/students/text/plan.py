"""What a training needs, on disk: it can go on in another process after a crash."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from tools.files import write_text
from tools.services import Json
from tools.students.text.form import Kind
from tools.students.text.rows import Row, Rows
from tools.students.text.settings import Settings

_PLAN = "plan.json"
_ROWS = "rows.json"
_SPENT = "spent.json"
TRIAL = "trial-"


@dataclass(frozen=True)
class Plan:
    """How to train.

    Attributes:
        source: Folder with the base's weights.
        name: What messages call the base.
        at_once: Rows that a process takes in one pass at most; None for all it has.
        checkpointed: Whether activations are computed twice to save memory.
        steps: Steps to train for; None until it is known what fits the time.
        said: What is worth a note.
    """

    kind: Kind
    source: str
    name: str
    settings: Settings
    seed: int
    at_once: int | None = None
    checkpointed: bool = False
    steps: int | None = None
    said: tuple[str, ...] = ()

    def passes(self, processes: int) -> int:
        """Return the forward and backward passes that a step is divided into."""
        share = self._share(processes)
        return math.ceil(share / min(share, self.at_once or share))

    def micro(self, processes: int) -> int:
        """Return the rows that each of some processes takes in one pass."""
        return math.ceil(self._share(processes) / self.passes(processes))

    def _share(self, processes: int) -> int:
        """Return the rows of a step that each process has."""
        return math.ceil(self.settings.batch_size / processes)

    def smaller(self, processes: int) -> Self | None:
        """Return a plan for the same steps that takes less memory; None where there is none."""
        if (rows := self.micro(processes)) > 1:
            return replace(self, at_once=rows // 2)
        return None if self.checkpointed else replace(self, checkpointed=True)

    def save(self, folder: Path) -> None:
        """Write `plan.json`."""
        write_text(folder / _PLAN, json.dumps(asdict(self), indent=2))

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """Read `plan.json`; None where there is none."""
        path = folder / _PLAN
        if not path.is_file():
            return None
        values: Json = json.loads(path.read_text("utf-8"))
        return cls(
            **values | {"settings": Settings(**values["settings"]), "said": tuple(values["said"])}
        )


def save_rows(rows: Rows, folder: Path) -> None:
    """Write `rows.json`."""
    plain = {part: [_plain(row) for row in getattr(rows, part)] for part in ("train", "dev")}
    write_text(folder / _ROWS, json.dumps(plain))


def load_rows(folder: Path) -> Rows:
    """Read `rows.json`."""
    plain = json.loads((folder / _ROWS).read_text("utf-8"))
    return Rows([Row(*row) for row in plain["train"]], [Row(*row) for row in plain["dev"]])


def part_of(folder: Path) -> str:
    """Return which of several trainings is done in a folder; empty where it is the only one."""
    return folder.name if folder.name.startswith(TRIAL) else ""


def save_spent(seconds: float, folder: Path) -> None:
    """Note how long training has taken so far."""
    write_text(folder / _SPENT, json.dumps(seconds))


def load_spent(folder: Path) -> float:
    """Return the seconds that earlier processes trained."""
    path = folder / _SPENT
    return float(json.loads(path.read_text("utf-8"))) if path.is_file() else 0.0


def _plain(row: Row) -> Sequence[object]:
    return (row.number, row.prompt, row.completion, row.weight)
