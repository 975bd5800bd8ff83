"""What the data files of a config show at little cost: columns, row counts, a few rows, classes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from tools.hub.layout import BrokenDatasetError, Files
from tools.services import Json, ToolError

PEEKED_ROWS = 2_000
SAMPLES = 8
MOST_CLASSES = 200
FEWEST_ROWS_PER_CLASS = 5
LONGEST_CLASS = 60
"""A string column is a label column if its values are as short and as often repeated as this."""


@dataclass(frozen=True)
class Peek:
    """What was seen.

    Attributes:
        features: Types as the files carry them, for cards that declare none.
        rows: Split name to number of rows.
        samples: Rows spread evenly over the first split.
        classes: Distinct values of each string column that repeats a few short values.
    """

    columns: Sequence[str]
    features: Mapping[str, Any]
    rows: dict[str, int]
    samples: tuple[Json, ...]
    classes: Mapping[str, tuple[str, ...]]


def peek(
    files: Files, stream: Callable[[str], Iterator[Json]], declared: Mapping[str, int]
) -> Peek:
    """Look into the files of one config.

    Args:
        files: Split name to its files.
        stream: Yields the rows of a split; used for formats without a header of their own.
        declared: Row counts of the card, believed where counting would mean reading all.

    Raises:
        BrokenDatasetError: A file is damaged or empty.
    """
    import pyarrow as pa

    first = "train" if "train" in files else next(iter(files))
    parquet = all(path.suffix == ".parquet" for paths in files.values() for path in paths)
    try:
        if parquet:
            counts = {split: sum(map(_parquet_rows, paths)) for split, paths in files.items()}
            table = _parquet_start(files[first][0])
        else:
            counts = {split: _count(paths, declared.get(split)) for split, paths in files.items()}
            table = pa.Table.from_pylist(list(islice(stream(first), PEEKED_ROWS)))
        classes = _classes(table, files[first] if parquet else [])
    except (pa.ArrowException, OSError, UnicodeDecodeError, ToolError) as error:
        raise BrokenDatasetError(f"its data cannot be read: {error}") from error
    if not table.num_rows:
        raise BrokenDatasetError(f"its split {first!r} is empty")
    return Peek(table.column_names, _features(table), counts, _samples(table), classes)


def string_classes(seen: Peek, columns: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the class names of the columns that the card calls plain strings."""
    return {name: names for name, names in seen.classes.items() if columns[name] == "string"}


def _parquet_rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def _parquet_start(path: Path) -> Any:
    """Return the first rows as a table, without reading a large file to its end."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    batch = next(file.iter_batches(batch_size=PEEKED_ROWS), None)
    return pa.Table.from_batches([batch] if batch is not None else [], schema=file.schema_arrow)


def _count(paths: Sequence[Path], declared: int | None) -> int:
    """Count the rows of text files; only a CSV's card is believed, as its lines are not rows."""
    if declared is not None and all(path.suffix == ".csv" for path in paths):
        return declared
    rows = 0
    for path in paths:
        with path.open("rb") as file:
            rows += sum(1 for line in file if line.strip()) - (path.suffix == ".csv")
    return rows


def _features(table: Any) -> Mapping[str, Any]:
    from datasets import Features

    return dict(Features.from_arrow_schema(table.schema))


def _samples(table: Any) -> tuple[Json, ...]:
    """Rows spread over the table, since many sets are sorted by label."""
    count = min(SAMPLES, table.num_rows)
    places = [i * table.num_rows // count for i in range(count)] if count else []
    return tuple(table.take(places).to_pylist())


def _classes(table: Any, files: Sequence[Path]) -> dict[str, tuple[str, ...]]:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    def short(name: str) -> bool:
        longest = pc.max(pc.utf8_length(table[name])).as_py()
        return longest is not None and longest <= LONGEST_CLASS

    strings = [f.name for f in table.schema if pa.types.is_string(f.type) and short(f.name)]
    if not strings:
        return {}
    # A set sorted by label shows only its first classes at the start of the file.
    whole = [pq.read_table(path, columns=strings) for path in files]
    table = pa.concat_tables(whole) if whole else table.select(strings)
    found = {name: sorted(v for v in pc.unique(table[name]).to_pylist() if v) for name in strings}
    most = min(MOST_CLASSES, table.num_rows // FEWEST_ROWS_PER_CLASS)
    return {
        name: tuple(values)
        for name, values in found.items()
        if 2 <= len(values) <= most and max(map(len, values)) <= LONGEST_CLASS
    }
