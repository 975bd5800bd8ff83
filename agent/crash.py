"""Keep the details of a crash in a file, so that the terminal needs one line."""

import tempfile
import traceback
from pathlib import Path


def describe(error: Exception) -> str:
    """Write the traceback to a file and return one line that names it."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="tasksmith-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        file.write("".join(traceback.format_exception(error)))
    what = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {what} (details in {Path(file.name)})"
