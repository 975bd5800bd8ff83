"""The data files of one config of a data set, and the rows in them.

The files are in a folder or on the Hub. Rows are read by the `datasets` library, from exactly the
files that were checked (`layout.py`), one batch at a time; no code of a data set runs.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from lzma import LZMAError
from pathlib import Path
from typing import Any

from tools.hub.layout import format_of
from tools.services import Json, ToolError
from tools.text import one_line

BATCH = 1_000
LONGEST_REASON = 160
MEDIA = frozenset({"Image", "Audio", "Video", "Pdf", "Nifti", "Mesh"})
"""Features whose values are files; their columns are known, and never read."""


class UnreadableError(ToolError):
    """Data files are damaged, or cannot be had.

    Attributes:
        reason: What is wrong with them.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} cannot be read ({reason}); choose another data set")
        self.reason = reason


@dataclass(frozen=True)
class DataFiles:
    """Where the rows of one config are.

    Attributes:
        name: `owner/name`, for messages.
        splits: Split name to paths, or `hf://` URLs, of its files.
        features: Columns as the card declares them; empty where it does not.
        options: What the card tells the builder that reads the files.
    """

    name: str
    splits: Mapping[str, Sequence[str]]
    features: Mapping[str, Any]
    options: Json = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The builder of the `datasets` library that reads the files."""
        return str(format_of(next(iter(self.splits.values()))[0]))

    def rows(self, split: str, cache: Path) -> Iterator[Json]:
        """Yield the rows of a split as stored: class labels are numbers, media are left out.

        Raises:
            UnreadableError: The files are damaged, or cannot be had.
        """
        from datasets import load_dataset
        from datasets.exceptions import DatasetGenerationError
        from httpx2 import HTTPError
        from pyarrow import ArrowException

        try:
            data = load_dataset(
                self.kind,
                data_files={split: list(self.splits[split])},
                split=split,
                streaming=True,
                cache_dir=str(cache),
                **self._reading(),
            )
            # Arrow tables decode neither labels nor linked media.
            for table in data.with_format("arrow").iter(batch_size=BATCH):
                yield from table.to_pylist()
        except StopIteration:
            return  # a file without a byte in it, which the library does not expect
        except (
            DatasetGenerationError, ArrowException, HTTPError, OSError, ValueError, TypeError,
            EOFError, LookupError, LZMAError, zlib.error,
        ) as error:  # fmt: skip
            raise UnreadableError(self.name, one_line(str(error), LONGEST_REASON)) from error

    def _reading(self) -> Json:
        """Return what the builder is told; of formats that allow it, media are not even fetched."""
        from datasets import Features

        if not self.features:
            return dict(self.options)
        wanted = [n for n, f in self.features.items() if type(f).__name__ not in MEDIA]
        pruned = self.kind == "parquet" and len(wanted) < len(self.features)
        columns = {"columns": wanted} if pruned else {}
        return {**self.options, **columns, "features": Features(self.features)}
