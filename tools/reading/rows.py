"""Rows of JSON lines, JSON, CSV, TSV and Parquet files."""

import csv
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.reading.columns import as_text
from tools.reading.tables import delimiter_of
from tools.reading.text_file import read_lines, read_text
from tools.services import ToolError

_LONGEST_FIELD = 16_000_000
"""Characters of a field in a CSV file; a quote that is never closed must not take all memory."""
_ROWS_AT_ONCE = 1_000

Row = tuple[int, dict[str, str]]
"""A row and the line (in Parquet and JSON: the number of the row) that it starts on, from 1."""
Rows = list[Row]


def read_rows(path: Path) -> Rows:
    """Read a file by its extension, every value as text.

    Raises:
        ToolError: The file is missing, empty, or not what its extension says.
    """
    return [*stream_rows(path)]


def stream_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a file of any size, but for .json, which has to be read whole.

    Raises:
        ToolError: As of `read_rows`, when the rows before have been yielded.
    """
    readers: Mapping[str, Callable[[Path], Iterable[Row]]] = {
        ".jsonl": _jsonl,
        ".ndjson": _jsonl,
        ".json": _json,
        ".csv": _delimited,
        ".tsv": _delimited,
        ".parquet": _parquet,
    }
    if not path.is_file():
        raise ToolError(f"examples file {str(path)!r} does not exist; check the path")
    read = readers.get(path.suffix.lower())
    if read is None:
        raise ToolError(
            f"{path.name}: examples come as {', '.join(readers)}, not {path.suffix or 'this'!r}"
        )
    yield from read(path)


def _filled(lines: Iterable[str], path: Path) -> Iterator[str]:
    """Pass lines on.

    Raises:
        ToolError: All of them are blank.
    """
    filled = False
    for line in lines:
        filled = filled or bool(line.strip())
        yield line
    if not filled:
        raise ToolError(f"{path.name}: the file is empty")


def _jsonl(path: Path) -> Iterator[Row]:
    for number, line in enumerate(_filled(read_lines(path), path), start=1):
        if line.strip():
            value = _parse(line, f"{path.name}, line {number}")
            yield number, _record(value, f"{path.name}, line {number}")


def _json(path: Path) -> Rows:
    value = _parse("".join(_filled([read_text(path)], path)), path.name)
    if isinstance(value, dict):
        lists = [field for field in value.values() if isinstance(field, list)]
        value = lists[0] if len(lists) == 1 else value
    if not isinstance(value, list):
        raise ToolError(f"{path.name}: not a list of objects; write [{{...}}, ...]")
    return [
        (number, _record(item, f"{path.name}, row {number}"))
        for number, item in enumerate(value, start=1)
    ]


def _parse(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ToolError(f"{where}: not valid JSON ({error})") from error
    except RecursionError as error:
        raise ToolError(f"{where}: not readable JSON (brackets in brackets, too deep)") from error
    except ValueError as error:  # among others, a number that is too long
        raise ToolError(f"{where}: not readable JSON ({error})") from error


def _record(value: Any, where: str) -> dict[str, str]:
    if isinstance(value, list) and len(value) == 2:
        value = dict(zip(("input", "output"), value, strict=True))
    if not isinstance(value, dict):
        raise ToolError(f"{where}: not an object with an input and an output")
    return {key: as_text(field) for key, field in value.items()}


def _delimited(path: Path) -> Iterator[Row]:
    # Binary files are read up to a line feed; the lines of an old Macintosh end otherwise.
    split = (part for line in read_lines(path) for part in io.StringIO(line, newline=""))
    lines = _filled(split, path)
    begun = []
    for line in lines:
        begun.append(line)
        if line.strip():
            break
    tabs = path.suffix.lower() == ".tsv"
    delimiter = "\t" if tabs else delimiter_of(begun[-1])
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(itertools.chain(begun, lines), delimiter=delimiter, strict=True)
    numbered = _csv_lines(reader, path)
    _, header = next(numbered)
    names = [as_text(name.strip()) for name in header]
    for number, values in numbered:
        if len(values) != len(names):
            raise ToolError(
                f"{path.name}, line {number}: {len(values)} fields where the header has "
                f"{len(names)}; put quotes around texts that hold {delimiter!r}"
            )
        yield number, dict(zip(names, values, strict=True))


def _csv_lines(reader: Any, path: Path) -> Iterator[tuple[int, list[str]]]:
    start = 1
    try:
        for values in reader:
            if values:
                yield start, values
            start = reader.line_num + 1
    except csv.Error as error:
        raise ToolError(f"{path.name}, line {start}: not valid CSV ({error})") from error


def _parquet(path: Path) -> Iterator[Row]:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    number = 0
    try:
        # Read ahead, all of the file would stay in memory until its end.
        with ParquetFile(path, pre_buffer=False) as file:
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
                for record in batch.to_pylist():
                    number += 1
                    yield number, {str(key): as_text(value) for key, value in record.items()}
    except (ArrowException, OSError, ValueError) as error:
        reason = str(error).split("\n")[0][:200]
        raise ToolError(f"{path.name}: not valid Parquet ({reason})") from error
