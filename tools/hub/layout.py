"""Which data files make up which config and split of a dataset repository.

Follows the Hub's rules: the card's `configs:` with globs in `data_files`, or else file and folder
names such as `data/train-00000-of-00001.parquet`. Only the names of a repository's files are looked
at, so that it makes no difference whether it lies in a folder or on the Hub.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from tools.services import Json
from tools.text import one_line

FORMATS = {
    ".parquet": "parquet", ".jsonl": "json", ".json": "json", ".ndjson": "json", ".csv": "csv",
    ".tsv": "csv", ".txt": "text", ".arrow": "arrow",
}  # fmt: skip
"""File name suffix to the builder of the `datasets` library that reads such files."""
MOST_STARS = 4
COMPRESSED = (".gz", ".zst", ".bz2", ".xz")
_PICKLED = (".pkl", ".pickle", ".pt", ".pth", ".joblib", ".npy", ".npz", ".bin")
# What a builder may be told by a card; nothing in it can name code or another file.
_OPTIONS = {
    "csv": ("sep", "delimiter", "names", "column_names", "header", "quotechar", "encoding"),
    "json": ("field", "encoding"),
    "text": ("encoding", "sample_by"),
}
Patterns = Mapping[str, Sequence[str]]
Files = dict[str, list[str]]
"""Split name → its data files, sorted, as paths within the repository."""


class BrokenDatasetError(Exception):
    """A repository that cannot be read; the message is the reason, for a warning line."""


def format_of(name: str) -> str | None:
    """Return the builder that reads a file, or None for what is no data file."""
    path = PurePosixPath(name.lower())
    suffix = PurePosixPath(path.stem).suffix if path.suffix in COMPRESSED else path.suffix
    return FORMATS.get(suffix)


def options_of(config: Json, name: str) -> Json:
    """Return what the card tells the builder that reads the file `name`."""
    kind = format_of(name)
    known = {key: config[key] for key in _OPTIONS.get(kind or "", ()) if key in config}
    return {"sep": "\t", **known} if kind == "csv" and ".tsv" in name.lower() else known


def configs_of(card: Mapping[str, Any]) -> dict[str, Json]:
    """Return config name → what the card says of it, in the card's order.

    Raises:
        BrokenDatasetError: The card's `configs` is not a list of mappings.
    """
    configs = card.get("configs") or [{"config_name": "default"}]
    if not isinstance(configs, list) or not all(isinstance(c, Mapping) for c in configs):
        raise BrokenDatasetError("`configs` in the card is not a list of mappings")
    return {str(config.get("config_name", "default")): dict(config) for config in configs}


def refuse_code(repo_id: str, names: Sequence[str]) -> None:
    """Refuse a repository whose data is made by a script: the one that is named like it.

    Raises:
        BrokenDatasetError: There is one.
    """
    script = f"{repo_id.split('/')[-1]}.py"
    if script in names:
        raise BrokenDatasetError(f"it carries a loading script ({script}), which is never run")


def config_files(names: Sequence[str], config: Json, guess: Callable[[str], Patterns]) -> Files:
    """Return the files of one config.

    Args:
        names: Paths of all files within the repository.
        config: What the card says of the config.
        guess: Tells the splits of a folder within the repository by its file names, for cards that
            declare none.

    Raises:
        BrokenDatasetError: A path that leaves the repository, no files, or files of no known kind.
    """
    from datasets.data_files import EmptyDatasetError, sanitize_patterns

    base = _inside(str(config.get("data_dir") or ".")).strip("./")
    try:
        declared = config.get("data_files")
        patterns = sanitize_patterns(declared) if declared else guess(base)
    except (EmptyDatasetError, ValueError, TypeError, KeyError) as error:
        reason = one_line(str(error))
        raise BrokenDatasetError(f"its data files cannot be told: {reason}") from error
    if not all(isinstance(glob, str) for globs in patterns.values() for glob in globs):
        raise BrokenDatasetError("`data_files` in its card names something that is no path")
    return {
        str(split): _split_files(names, base, str(split), globs)
        for split, globs in patterns.items()
    }


def _split_files(names: Sequence[str], base: str, split: str, globs: Sequence[str]) -> list[str]:
    found = {name for glob in globs for name in _matches(names, base, glob)}
    if not found:
        wanted = one_line(", ".join(globs))
        raise BrokenDatasetError(f"no file matches {wanted} (split {split!r})")
    kinds = Counter(kind for name in found if (kind := format_of(name)))
    if kinds:
        # As the `datasets` library does: a licence or a note beside the tables is no data.
        usual = max(sorted(kinds), key=lambda kind: (kinds[kind], kind != "text"))
        return sorted(name for name in found if format_of(name) == usual)
    pickled = sorted(name for name in found if PurePosixPath(name).suffix in _PICKLED)
    if pickled:
        raise BrokenDatasetError(
            f"its data are pickled ({pickled[0]}), which can run code; such files are never read"
        )
    raise BrokenDatasetError(f"split {split!r} has no table of text ({min(found)})")


def _inside(path: str) -> str:
    """Return a relative path or glob unchanged; one that could lead elsewhere is refused."""
    if ":" in path or path.startswith(("/", "~", "\\")) or ".." in PurePosixPath(path).parts:
        raise BrokenDatasetError(f"its card names {path!r}, which is outside the repository")
    return path


def _matches(names: Sequence[str], base: str, pattern: str) -> list[str]:
    from fsspec.utils import glob_translate

    whole = "/".join(part for part in (base, _inside(pattern).removeprefix("./")) if part)
    parts = whole.split("/")
    stars = max(part.count("*") for part in parts if part != "**") if set(parts) - {"**"} else 0
    if stars > MOST_STARS or parts.count("**") > MOST_STARS:
        # Matching takes time exponential in them, in which nothing else would go on.
        raise BrokenDatasetError(f"the file pattern {one_line(pattern)!r} has too many stars")
    try:
        # A folder by itself stands for everything in it.
        globs = (glob_translate(whole), glob_translate(f"{whole.rstrip('/')}/**"))
        match = re.compile("|".join(globs)).match
    except (ValueError, re.error) as error:
        raise BrokenDatasetError(f"bad file pattern {pattern!r}: {error}") from error
    return [name for name in names if match(name) and not _hidden(name, whole)]


def _hidden(name: str, pattern: str) -> bool:
    """Hidden and special files count only where the pattern asks for them, as on the Hub."""
    asked = set(PurePosixPath(pattern).parts)
    return any(
        part.startswith((".", "__")) and part not in asked for part in PurePosixPath(name).parts
    )
