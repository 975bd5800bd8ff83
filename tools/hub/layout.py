"""Which data files make up which config and split of a dataset repository.

Follows the Hub's rules: the card's `configs:` with globs in `data_files`, or else file and folder
names such as `data/train-00000-of-00001.parquet`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from tools.services import Json

DATA_SUFFIXES = (".parquet", ".jsonl", ".csv")
Files = dict[str, list[Path]]
"""Split name → its data files, sorted."""


class BrokenDatasetError(Exception):
    """A repository that cannot be read; the message is the reason, for a warning line."""


def data_layout(folder: Path, card: Mapping[str, Any]) -> dict[str, Files]:
    """Return config name → its files.

    Raises:
        BrokenDatasetError: Code in the repository, a path that leaves it, or no files.
    """
    _refuse_code(folder)
    configs = card.get("configs") or [{"config_name": "default"}]
    if not all(isinstance(config, Mapping) for config in configs):
        raise BrokenDatasetError("`configs` in the card is not a list of mappings")
    return {
        str(config.get("config_name", "default")): _config_files(folder, config)
        for config in configs
    }


def _refuse_code(folder: Path) -> None:
    scripts = sorted(path.name for path in folder.glob("*.py"))
    if scripts:
        raise BrokenDatasetError(f"it carries a loading script ({scripts[0]}), which is never run")
    # The `datasets` library would read file names from this one too, past the checks made here.
    if (folder / ".huggingface.yaml").exists():
        raise BrokenDatasetError("it carries a .huggingface.yaml, which is not supported")


def _config_files(folder: Path, config: Json) -> Files:
    from datasets.data_files import EmptyDatasetError, get_data_patterns, sanitize_patterns

    base = folder / _inside(str(config.get("data_dir") or "."))
    try:
        declared = config.get("data_files")
        patterns = sanitize_patterns(declared) if declared else get_data_patterns(str(base))
    except (EmptyDatasetError, ValueError, TypeError, KeyError) as error:
        raise BrokenDatasetError(f"its data files cannot be told: {error}") from error
    files = {str(split): _matches(base, globs) for split, globs in patterns.items()}
    for split, paths in files.items():
        if not paths:
            raise BrokenDatasetError(f"no file matches {patterns[split]} (split {split!r})")
    return files


def _inside(path: str) -> str:
    """Return a relative path or glob unchanged; one that could lead elsewhere is refused."""
    if ":" in path or path.startswith(("/", "~", "\\")) or ".." in PurePosixPath(path).parts:
        raise BrokenDatasetError(f"its card names {path!r}, which is outside the repository")
    return path


def _matches(base: Path, globs: Sequence[str]) -> list[Path]:
    found = {path for glob in globs for path in _glob(base, _inside(str(glob)))}
    paths = sorted(path for path in found if path.suffix in DATA_SUFFIXES)
    for path in paths:
        if not path.resolve().is_relative_to(base.resolve()):
            raise BrokenDatasetError(f"{path.name} is a link out of the repository")
    return paths


def _glob(base: Path, pattern: str) -> list[Path]:
    try:
        return list(base.glob(pattern))
    except (ValueError, NotImplementedError) as error:
        raise BrokenDatasetError(f"bad file pattern {pattern!r}: {error}") from error
