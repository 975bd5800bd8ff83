"""What the data files of a config show at little cost: columns, row counts, a few rows, classes."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from tools.hub.datafiles import LONGEST_REASON, DataFiles, UnreadableError
from tools.hub.layout import BrokenDatasetError
from tools.hub.rows import native_split
from tools.services import Json
from tools.text import one_line

PEEKED_ROWS = 2_000
SAMPLES = 8
MOST_CLASSES = 200
FEWEST_ROWS_PER_CLASS = 5
LONGEST_CLASS = 60
"""A string column is a label column if its values are as short and as often repeated as this."""
FILES_SEEN = 3
MOST_FOOTERS = 8
"""Files of a split on the Hub whose row counts are looked up; more are estimated by size."""


@dataclass(frozen=True)
class Peek:
    """What was seen.

    Attributes:
        features: Types as the files carry them, for cards that declare none.
        rows: Split name to number of rows.
        approximate: Whether a number of rows is an estimate.
        samples: Rows spread evenly over the first split.
        classes: Distinct values of each string column that repeats a few short values.
    """

    columns: Sequence[str]
    features: Mapping[str, Any]
    rows: dict[str, int]
    approximate: bool
    samples: tuple[Json, ...]
    classes: Mapping[str, tuple[str, ...]]


def peek(
    files: DataFiles, cache: Path, declared: Mapping[str, int], sizes: Mapping[str, int] | None
) -> Peek:
    """Look into the files of one config.

    Args:
        files: The files.
        cache: Where the `datasets` library may keep files of its own.
        declared: Row counts of the card, believed where counting would mean reading all.
        sizes: Bytes of each file; None where they are on this machine, so that reading them whole
            costs little.

    Raises:
        BrokenDatasetError: A file is damaged or empty.
    """
    import pyarrow as pa

    first = first_split(files.splits)
    near = sizes is None
    parquet = files.kind == "parquet"
    try:
        if parquet:
            table = _parquet_start(files.splits[first][0])
        else:
            some = files if near else _first_files(files, first)
            table = pa.Table.from_pylist(list(islice(some.rows(first, cache), PEEKED_ROWS)))
        if not table.num_rows:
            raise BrokenDatasetError(f"its split {first!r} is empty")
        counts = {
            split: _count(files, split, cache, declared.get(split), near) for split in files.splits
        }
        guessed = {
            split: _guess(files, split, table, sizes or {})
            for split, n in counts.items()
            if n is None
        }
        classes = short_classes(table, files.splits[first] if parquet and near else ())
    except UnreadableError as error:
        raise BrokenDatasetError(f"its data cannot be read: {error.reason}") from error
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = one_line(str(error), LONGEST_REASON)
        raise BrokenDatasetError(f"its data cannot be read: {reason}") from error
    return Peek(
        columns=table.column_names,
        features=_features(table),
        rows={split: guessed[split] if n is None else n for split, n in counts.items()},
        approximate=bool(guessed),
        samples=samples(table),
        classes=classes,
    )


def first_split(splits: Iterable[str]) -> str:
    """Return the split that samples come from: the training split where there is one."""
    return min(splits, key=lambda name: (name != "train", native_split(name) != "train"))


def _first_files(files: DataFiles, split: str) -> DataFiles:
    """Return only so many files of a split as it takes to see it: each costs requests."""
    return replace(files, splits={split: files.splits[split][:FILES_SEEN]})


def string_classes(seen: Peek, columns: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the class names of the columns that the card calls plain strings."""
    return {name: names for name, names in seen.classes.items() if columns[name] == "string"}


def samples(table: Any) -> tuple[Json, ...]:
    """Return rows spread over an Arrow table, since many sets are sorted by label.

    Args:
        table: A pyarrow Table; binary columns are left out, as nothing can be seen in them.
    """
    import pyarrow as pa

    seen = [f.name for f in table.schema if not _holds_bytes(pa, f.type)]
    count = min(SAMPLES, table.num_rows)
    places = [i * table.num_rows // count for i in range(count)] if count else []
    return tuple(table.select(seen).take(places).to_pylist())


def _holds_bytes(pa: Any, kind: Any) -> bool:
    if pa.types.is_struct(kind):
        return any(_holds_bytes(pa, field.type) for field in kind)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _open(path: str) -> BinaryIO:
    """Open a file by its path or its `hf://` URL."""
    import fsspec

    return cast(BinaryIO, fsspec.open(path, "rb").open())


def _count(
    files: DataFiles, split: str, cache: Path, declared: int | None, near: bool
) -> int | None:
    """Count the rows of a split, or return None where that would mean reading too much."""
    paths = files.splits[split]
    if files.kind == "parquet" and (near or (declared is None and len(paths) <= MOST_FOOTERS)):
        return sum(map(_parquet_rows, paths))
    # Of files at hand only a CSV's card is believed, as its lines are not rows.
    if declared is not None and (not near or files.kind == "csv"):
        return declared
    if not near:
        return None
    if all(PurePosixPath(path).suffix in (".jsonl", ".ndjson", ".csv", ".tsv") for path in paths):
        return sum(map(_lines, paths)) - (len(paths) if files.kind == "csv" else 0)
    return sum(1 for _ in files.rows(split, cache))


def _guess(files: DataFiles, split: str, table: Any, sizes: Mapping[str, int]) -> int:
    """Estimate the rows of files from their sizes and the rows that were seen."""
    paths = files.splits[split]
    if files.kind == "parquet":
        rows, known = _parquet_rows(paths[0]), paths[:1]
    else:
        rows, known = table.num_rows, []
    seen = sum(sizes[path] for path in known) or int(table.nbytes)
    return round(sum(sizes[path] for path in paths) * rows / max(1, seen))


def _lines(path: str) -> int:
    with closing(_open(path)) as file:
        return sum(1 for line in file if line.strip())


def _parquet_rows(path: str) -> int:
    import pyarrow.parquet as pq

    with closing(_open(path)) as file:
        return int(pq.read_metadata(file).num_rows)


def _parquet_start(path: str) -> Any:
    """Return the first rows as a table, without reading a large file to its end."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with closing(_open(path)) as opened:
        file = pq.ParquetFile(opened)
        schema = file.schema_arrow
        read = [field.name for field in schema if not _holds_bytes(pa, field.type)]
        batch = next(file.iter_batches(batch_size=PEEKED_ROWS, columns=read), None)
        seen = pa.schema([schema.field(name) for name in read], schema.metadata)
        table = pa.Table.from_batches([batch] if batch is not None else [], schema=seen)
    # Columns of bytes are known by their types, and not fetched.
    for place, field in enumerate(schema):
        if field.name not in read:
            table = table.add_column(place, field, pa.nulls(table.num_rows, field.type))
    return table


def _features(table: Any) -> Mapping[str, Any]:
    from datasets import Features

    return dict(Features.from_arrow_schema(table.schema))


def short_classes(table: Any, paths: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    """Return the distinct values of string columns that look like labels.

    Args:
        table: The rows that were seen.
        paths: Parquet files to read in place of it: a set sorted by label shows only its first
            classes at its start.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    def short(name: str) -> bool:
        longest = pc.max(pc.utf8_length(table[name])).as_py()
        return longest is not None and longest <= LONGEST_CLASS

    strings = [f.name for f in table.schema if pa.types.is_string(f.type) and short(f.name)]
    if not strings:
        return {}
    whole = [pq.read_table(path, columns=strings) for path in paths]
    table = pa.concat_tables(whole) if whole else table.select(strings)
    found = {name: sorted(v for v in pc.unique(table[name]).to_pylist() if v) for name in strings}
    most = min(MOST_CLASSES, table.num_rows // FEWEST_ROWS_PER_CLASS)
    return {
        name: tuple(values)
        for name, values in found.items()
        if 2 <= len(values) <= most and max(map(len, values)) <= LONGEST_CLASS
    }
