"""Folders of ours: written whole or not at all, and told from any other."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from agent.errors import UserError

MARK = "tasksmith.json"
"""File that tells a repository or folder of ours from any other."""


@contextmanager
def written(folder: Path) -> Iterator[Path]:
    """Give a place to write to, which becomes `folder` if all goes well, and else is removed.

    Raises:
        UserError: A folder in the way is not ours, or the disk takes no more.
    """
    part = folder.with_name(f".{folder.name}.part")
    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / MARK).is_file():
            raise UserError(
                f"{folder} holds something else; move it away or choose another --folder"
            )
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        yield part
        if folder.exists():
            shutil.rmtree(folder)
        part.rename(folder)
    except OSError as error:
        reason = error.strerror or error
        raise UserError(
            f"cannot write to {folder.parent} ({reason}); choose another --folder", 1
        ) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def write_mark(part: Path, run: str, **more: Any) -> None:
    """Mark a folder as ours; `more` is what else programs may want to know of it."""
    mark = {"format": 1, "run": run, "tasksmith": version("tasksmith"), **more}
    (part / MARK).write_text(json.dumps(mark, indent=2) + "\n", encoding="utf-8")
