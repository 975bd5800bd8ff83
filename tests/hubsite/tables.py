"""The data of one split: types of its columns, number of rows, and the first rows."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tests.hubsite.content import Blob, Virtual
from tests.hubsite.layout import UnreadableError
from tests.hubsite.repo import Commit
from tests.hubsite.wire import Json

MOST_ROWS = 100
PEEKED_BYTES = 1_000_000
"""Of a virtual file, which has its first hundred rows there."""


@dataclass(frozen=True)
class Table:
    """What the viewer tells about a split.

    Attributes:
        features: Column to type, as JSON of the `datasets` library.
        head: The first rows, at most one hundred.
        rows: Number of rows.
        memory: Bytes in memory, of those rows that were counted.
    """

    features: Json
    head: list[Json]
    rows: int
    memory: int


@lru_cache(maxsize=200)
def table(commit: Commit, config: str, paths: tuple[str, ...]) -> Table:
    """Look into the files of a split.

    Raises:
        UnreadableError: They are damaged.
    """
    import pyarrow as pa

    blobs = [commit.blobs[path] for path in paths]
    try:
        parts = [_read(blob) for blob in blobs]
        start = parts[0][0]
        features = _declared(commit, config) or _features(start.schema)
    except (pa.ArrowException, ValueError, TypeError, OSError) as error:
        text = "Cannot load the dataset split (in streaming mode) to extract the first rows."
        raise UnreadableError(500, "StreamingRowsError", text) from error
    # A first file may be shorter than what is shown.
    rows = [row for part, _ in parts for row in part.slice(0, MOST_ROWS).to_pylist()]
    total = sum(count for _, count in parts)
    memory = start.nbytes * total // max(1, start.num_rows)
    return Table(features, rows[:MOST_ROWS], total, memory)


def _read(blob: Blob) -> tuple[Any, int]:
    """Return the first rows as an Arrow table, and how many there are in all."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    if blob.path.endswith(".parquet"):
        file = pa.parquet.ParquetFile(io.BytesIO(blob.read()))
        batch = next(file.iter_batches(batch_size=MOST_ROWS), None)
        batches = [] if batch is None else [batch]
        return pa.Table.from_batches(batches, schema=file.schema_arrow), file.metadata.num_rows
    if blob.path.endswith(".csv"):
        read = pa.csv.read_csv(io.BytesIO(blob.read()))
        return read, read.num_rows
    if blob.path.endswith(".json"):
        rows = json.loads(blob.read())
        return pa.Table.from_pylist(rows), len(rows)
    virtual = isinstance(blob.source, Virtual)
    lines = blob.read(0, PEEKED_BYTES if virtual else None).strip().split(b"\n")
    start = pa.Table.from_pylist([json.loads(line) for line in lines[:MOST_ROWS]])
    return start, blob.source.rows or 0 if isinstance(blob.source, Virtual) else len(lines)


def _declared(commit: Commit, config: str) -> Json:
    """Return the types that the card declares, which class labels are only known from."""
    from datasets.info import DatasetInfosDict
    from huggingface_hub import DatasetCardData

    if not commit.card.data.get("dataset_info"):
        return {}
    data = DatasetCardData(dataset_info=commit.card.data["dataset_info"])
    infos = DatasetInfosDict.from_dataset_card_data(data)
    info = infos.get(config) or (next(iter(infos.values())) if len(infos) == 1 else None)
    return dict(info.features.to_dict()) if info is not None and info.features else {}


def _features(schema: Any) -> Json:
    from datasets import Features

    return dict(Features.from_arrow_schema(schema).to_dict())


def cell_bytes(value: Any) -> bytes:
    """Return a value as the viewer weighs it: JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode()


def truncated(
    rows: Sequence[Json], most_bytes: int, fewest_rows: int, fewest_cell_bytes: int
) -> tuple[list[Json], bool]:
    """Return rows as items, and whether some had to go.

    As the real viewer does it: rows beyond the first few are dropped where all would weigh too
    much; if even those few do, the cells of the last ones become the start of their JSON.
    """
    items = [{"row_idx": i, "row": dict(row), "truncated_cells": []} for i, row in enumerate(rows)]
    kept = items[:fewest_rows]
    weight = 2 + sum(len(cell_bytes(item)) + 1 for item in kept)
    if weight >= most_bytes:
        for item in reversed(kept):
            if weight < most_bytes:
                break
            weight -= len(cell_bytes(item))
            _shorten(item, fewest_cell_bytes)
            weight += len(cell_bytes(item))
        return kept, len(kept) < len(rows)
    for item in items[fewest_rows:]:
        weight += len(cell_bytes(item)) + 1
        if weight >= most_bytes:
            break
        kept.append(item)
    return kept, len(kept) < len(rows)


def _shorten(item: Json, most_bytes: int) -> None:
    for column, value in item["row"].items():
        raw = cell_bytes(value)
        if len(raw) > most_bytes:
            item["row"][column] = raw[:most_bytes].decode(errors="ignore")
            item["truncated_cells"].append(column)
