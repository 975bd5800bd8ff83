"""Lists that the Hub gave, remembered for a day: one JSON file a question, each written whole."""

import hashlib
import json
import time
from pathlib import Path
from typing import Any

from tools.files import write_text
from tools.services import Json

DAY_S = 86_400


def recall(folder: Path, question: Any) -> list[Json] | None:
    """Return what was remembered of a question less than a day ago, else None.

    A file that cannot be read, or that something else has written, counts as none.

    Args:
        folder: Where the answers are.
        question: Whatever the answer depends on, as JSON: the endpoint and the form of what is
            stored too, unless the folder settles them.
    """
    try:
        stored = json.loads(_path(folder, question).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    match stored:
        case {"at": int() | float() as at, "rows": list() as rows}:
            return rows if 0 <= time.time() - at < DAY_S else None
    return None


def remember(folder: Path, question: Any, rows: list[Json]) -> None:
    """Remember what the Hub listed; the folder is made where it is not there."""
    path = _path(folder, question)
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = {"at": time.time(), "question": question, "rows": rows}
    write_text(path, json.dumps(stored, default=str))


def _path(folder: Path, question: Any) -> Path:
    asked = json.dumps(question, sort_keys=True)
    return folder / f"{hashlib.blake2b(asked.encode(), digest_size=12).hexdigest()}.json"
