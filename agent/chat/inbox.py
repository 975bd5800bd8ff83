"""Files that come with a message: checked, and copied into the run directory."""

import hashlib
import os
import re
import shutil
from pathlib import Path

from agent.errors import UserError
from agent.runs import Run

INBOX = "inbox"
KINDS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
"""What examples are read from."""
MOST_MB = 200
_LONGEST_NAME = 60
_PROBED = 4096
"""Bytes of a text file that are looked at."""


def check_file(path: Path) -> None:
    """Find out whether a file can come with a message.

    Raises:
        UserError: It is missing, no file, empty, too large, or of a kind that cannot be read.
    """
    name = path.name or str(path)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise UserError(
            f"{str(path)!r} cannot be read ({error.strerror}); check the path"
        ) from None
    if not path.is_file():
        raise UserError(f"{name} is no file; name a file of examples")
    if not size:
        raise UserError(f"{name} is empty")
    if path.suffix.lower() not in KINDS:
        raise UserError(f"{name}: examples come as {', '.join(KINDS)}")
    if size > MOST_MB * 1_000_000:
        raise UserError(
            f"{name} has {size / 1e6:,.0f} MB, more than {MOST_MB}; "
            "bring a data set of that size as a folder with --datasets"
        )
    _check_content(path, name)


def _check_content(path: Path, name: str) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(_PROBED)
    except OSError as error:
        raise UserError(f"{name} cannot be read ({error.strerror})") from None
    if path.suffix.lower() == ".parquet":
        if not start.startswith(b"PAR1"):
            raise UserError(f"{name} is not Parquet, whatever its name says")
    elif b"\0" in start:
        raise UserError(f"{name} is not text; save it as UTF-8")


def keep(run: Run, path: Path) -> str:
    """Copy a file into the run; the same content under the same name is kept once.

    Returns:
        Its path in the run directory.

    Raises:
        UserError: See `check_file`, or there is no room for it.
    """
    check_file(path)
    stem = re.sub(r"[^\w.-]+", "_", path.stem).strip("._")[:_LONGEST_NAME] or "file"
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:8]
        kept = run.folder / INBOX / f"{digest}-{stem}{path.suffix.lower()}"
        kept.parent.mkdir(exist_ok=True)
        part = kept.with_name(f".{kept.name}.{os.getpid()}.part")
        shutil.copyfile(path, part)
        part.replace(kept)
    except OSError as error:
        raise UserError(f"{path.name} cannot be copied into the run ({error.strerror})") from None
    return f"{INBOX}/{kept.name}"
