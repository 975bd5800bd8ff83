"""The folders that become repositories, written whole before anything leaves the machine."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from agent.errors import UserError
from agent.export.cards import data_card, model_card, needed_base
from agent.export.evaluation import benchmark
from agent.export.finished import Finished
from agent.export.names import data_name, on_hub, shown
from agent.export.rows import Selection, write_rows
from tools.students.manifest import MANIFEST

MARK = "tasksmith.json"
"""File that tells a repository or folder of ours from any other."""


@dataclass(frozen=True)
class Staged:
    """A folder to publish.

    Attributes:
        kind: As the Hub's API calls it.
        repo: Name of the repository.
    """

    kind: str
    repo: str
    folder: Path

    @property
    def files(self) -> list[Path]:
        """Every file, in order."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(path.stat().st_size for path in self.files)


def stage(done: Finished, repo: str, selection: Selection, parent: Path) -> Sequence[Staged]:
    """Write the folders of the model and, if any row is selected, of its data; data comes first.

    Raises:
        UserError: The model cannot be used anywhere else, a folder in the way is not ours, or the
            disk is full.
    """
    _check_portable(done)
    data_repo = data_name(repo) if selection.rows else None
    staged = []
    try:
        if data_repo:
            target = _fresh(parent, data_repo)
            described = write_rows(done, selection, target.part)
            card = data_card(done, data_repo, repo, selection, described)
            staged.append(Staged("dataset", data_repo, _finish(done, target, card)))
        target = _fresh(parent, repo)
        _copy_model(done, target.part)
        card = model_card(done, repo, data_repo, selection)
        staged.append(Staged("model", repo, _finish(done, target, card)))
    except OSError as error:
        reason = error.strerror or error
        raise UserError(
            f"cannot write to {parent} ({reason}); choose another --folder", 1
        ) from None
    return staged


@dataclass(frozen=True)
class _Target:
    part: Path
    folder: Path


def _fresh(parent: Path, repo: str) -> _Target:
    folder = parent / repo.rpartition("/")[2]
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise UserError(f"{folder} holds something else; move it away or choose another --folder")
    part = parent / f".{folder.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    return _Target(part, folder)


def _finish(done: Finished, target: _Target, card: str) -> Path:
    (target.part / "README.md").write_text(card, encoding="utf-8")
    mark = {"format": 1, "run": done.run.id, "tasksmith": version("tasksmith")}
    (target.part / MARK).write_text(json.dumps(mark, indent=2) + "\n", encoding="utf-8")
    if target.folder.exists():
        shutil.rmtree(target.folder)
    target.part.rename(target.folder)
    return target.folder


def _check_portable(done: Finished) -> None:
    base = needed_base(done)
    if base and on_hub(base.name) is None:
        raise UserError(
            f"the model needs {base.name} beside it, which the Hub does not have; train one on a"
            " base model from the Hub, or a classifier, which carries its own weights",
            exit_code=1,
        )


def _copy_model(done: Finished, folder: Path) -> None:
    """Copy what the student needs, without paths of this machine."""
    for path in sorted(done.model.rglob("*")):
        inside = path.relative_to(done.model)
        if path.is_file() and not any(part.startswith(".") for part in inside.parts):
            (folder / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / inside)
    base = done.student.base
    if on_hub(base) is None:
        manifest = (folder / MANIFEST).read_text(encoding="utf-8")
        named = manifest.replace(_quoted(base), _quoted(shown(base)))
        (folder / MANIFEST).write_text(named, encoding="utf-8")
    for place, text in benchmark(done).items():
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
