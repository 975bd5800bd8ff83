"""The folders that become repositories, written whole before anything leaves the machine."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.errors import UserError
from agent.export.cards import model_card, needed_base
from agent.export.data_card import data_card
from agent.export.evaluation import benchmark
from agent.export.finished import Finished
from agent.export.names import data_name, on_hub, shown
from agent.export.place import write_mark, written
from agent.export.rows import Selection, write_rows
from tools.shipping.shipped import copy_files
from tools.students import held_out
from tools.students.manifest import MANIFEST


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
    if data_repo:
        folder = parent / data_repo.rpartition("/")[2]
        with written(folder) as part:
            described = write_rows(done, selection, part)
            _finish(done, part, data_card(done, data_repo, repo, selection, described))
        staged.append(Staged("dataset", data_repo, folder))
    folder = parent / repo.rpartition("/")[2]
    with written(folder) as part:
        _copy_model(done, part)
        _finish(done, part, model_card(done, repo, data_repo, selection))
    staged.append(Staged("model", repo, folder))
    return staged


def _finish(done: Finished, part: Path, card: str) -> None:
    (part / "README.md").write_text(card, encoding="utf-8")
    write_mark(part, done.run.id)


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
    copy_files(done.model, folder, leave=(held_out.FILE,))
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
