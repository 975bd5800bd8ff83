"""Rows of JSON lines, JSON, CSV, TSV and Parquet files."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.reading.columns import as_text
from tools.reading.tables import delimiter_of
from tools.reading.text_file import read_text
from tools.services import ToolError

Rows = list[tuple[int, dict[str, str]]]
"""Rows, each with the line (in Parquet and JSON: the row) that it starts on, from 1."""


def read_rows(path: Path) -> Rows:
    """Read a file by its extension, every value as text.

    Raises:
        ToolError: The file is missing, empty, or not what its extension says.
    """
    readers: Mapping[str, Callable[[Path], Rows]] = {
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
    return read(path)


def _text(path: Path) -> str:
    text = read_text(path)
    if not text.strip():
        raise ToolError(f"{path.name}: the file is empty")
    return text


def _jsonl(path: Path) -> Rows:
    rows: Rows = []
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if line.strip():
            value = _parse(line, f"{path.name}, line {number}")
            rows.append((number, _record(value, f"{path.name}, line {number}")))
    return rows


def _json(path: Path) -> Rows:
    value = _parse(_text(path), path.name)
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
    except (ValueError, RecursionError) as error:  # a number too long, brackets too deep
        raise ToolError(f"{where}: not readable JSON ({error})") from error


def _record(value: Any, where: str) -> dict[str, str]:
    if isinstance(value, list) and len(value) == 2:
        value = dict(zip(("input", "output"), value, strict=True))
    if not isinstance(value, dict):
        raise ToolError(f"{where}: not an object with an input and an output")
    return {key: as_text(field) for key, field in value.items()}


def _delimited(path: Path) -> Rows:
    text = _text(path)
    tabs = path.suffix.lower() == ".tsv"
    delimiter = "\t" if tabs else delimiter_of(text.lstrip().split("\n", 1)[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines = _csv_lines(reader, path)
    _, header = next(lines)
    names = [as_text(name.strip()) for name in header]
    rows: Rows = []
    for number, values in lines:
        if len(values) != len(names):
            raise ToolError(
                f"{path.name}, line {number}: {len(values)} fields where the header has "
                f"{len(names)}; put quotes around texts that hold {delimiter!r}"
            )
        rows.append((number, dict(zip(names, values, strict=True))))
    return rows


def _csv_lines(reader: Any, path: Path) -> Iterator[tuple[int, list[str]]]:
    start = 1
    try:
        for values in reader:
            if values:
                yield start, values
            start = reader.line_num + 1
    except csv.Error as error:
        raise ToolError(f"{path.name}, line {start}: not valid CSV ({error})") from error


def _parquet(path: Path) -> Rows:
    import pandas as pd
    from pyarrow import ArrowException

    try:
        records = pd.read_parquet(path).to_dict("records")
    except (ArrowException, OSError, ValueError) as error:
        reason = str(error).split("\n")[0][:200]
        raise ToolError(f"{path.name}: not valid Parquet ({reason})") from error
    return [
        (number, {str(key): as_text(value) for key, value in record.items()})
        for number, record in enumerate(records, start=1)
    ]
