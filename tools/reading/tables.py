"""Demonstrations pasted as data: JSON, Markdown tables, CSV and TSV with a header."""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.reading.columns import Columns, Row, as_text, guess, role
from tools.task import Demonstration

Found = tuple[list[Demonstration], str]
"""The demonstrations of one format, and the text without them."""

_JSON_START = re.compile(r"^[ \t]*(?:[-*][ \t]+)?(?=[{\[])", re.MULTILINE)
_SEPARATOR = re.compile(r"[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?")
_LONGEST_HEADER = 30
_DESCRIBES = frozenset({"description", "content", "note", "example", "examples", "examples of"})


@dataclass(frozen=True)
class MarkdownTable:
    """A pipe table; it spans lines `start` to `end` (exclusive) of its text."""

    start: int
    end: int
    header: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]

    @property
    def rows(self) -> list[dict[str, str]]:
        """The cells by column name."""
        return [dict(zip(self.header, row, strict=False)) for row in self.cells]

    @property
    def lists_labels(self) -> bool:
        """Whether each row explains one label, rather than giving an example of one."""
        names = [row[0] for row in self.cells]
        explained = all(
            role(name) != "input" or name.casefold() in _DESCRIBES for name in self.header[1:]
        )
        return role(self.header[0]) == "output" and len(set(names)) == len(names) and explained


def find_json(text: str) -> Found:
    """Read JSON lines, arrays of objects, and arrays of pairs, wherever a line starts one."""
    spans: list[tuple[int, int, list[Row]]] = []
    end = 0
    for match in _JSON_START.finditer(text):
        if match.end() < end:
            continue
        try:
            value, stop = json.JSONDecoder().raw_decode(text, match.end())
        except (ValueError, RecursionError):
            continue  # prose or a template in braces
        line_end = text.find("\n", stop) if "\n" in text[stop:] else len(text)
        if text[stop:line_end].strip() in {"", ","}:
            end = line_end
            spans.append((match.start(), end, _json_rows(value)))
    columns = _columns([row for _, _, rows in spans for row in rows])
    if columns is None:
        return [], text
    found: list[Demonstration] = []
    kept = []
    position = 0
    for start, stop, rows in spans:
        if pairs := _pairs(columns, rows):
            found += pairs
            kept.append(text[position:start])
            position = stop
    return found, "".join([*kept, text[position:]])


def _json_rows(value: Any) -> list[Row]:
    rows: list[Row] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            rows.append({key: as_text(field) for key, field in item.items()})
        elif isinstance(item, list) and len(item) == 2:
            rows.append({"input": as_text(item[0]), "output": as_text(item[1])})
    return rows


def find_markdown(text: str) -> Found:
    """Read pipe tables whose header names an input, or whose columns tell."""
    lines = text.split("\n")
    found: list[Demonstration] = []
    for table in reversed(markdown_tables(text)):
        columns = None if table.lists_labels else _columns(table.rows)
        if columns:
            found = _pairs(columns, table.rows) + found
            del lines[table.start : table.end]
    return found, "\n".join(lines)


def markdown_tables(text: str) -> list[MarkdownTable]:
    """Return every pipe table with at least one row."""
    lines = text.split("\n")
    tables = []
    for number, line in enumerate(lines):
        if number and "|" in lines[number - 1] and _SEPARATOR.fullmatch(line.rstrip()):
            end = number + 1
            while end < len(lines) and "|" in lines[end]:
                end += 1
            cells = tuple(_cells(row) for row in lines[number + 1 : end])
            if cells:
                header = _cells(lines[number - 1])
                tables.append(MarkdownTable(number - 1, end, header, cells))
    return tables


def _cells(line: str) -> tuple[str, ...]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return tuple(cell.replace("\\|", "|").strip() for cell in re.split(r"(?<!\\)\|", inner))


def find_delimited(text: str) -> Found:
    """Read CSV and TSV blocks: a header that names input and output, then rows of that width."""
    lines = text.split("\n")
    found: list[Demonstration] = []
    rest: list[str] = []
    number = 0
    while number < len(lines):
        rows, used = _delimited_rows(lines[number], lines[number + 1 :])
        columns = _columns(rows)
        if columns:
            found += _pairs(columns, rows)
            number += used
        else:
            rest.append(lines[number])
        number += 1
    return found, "\n".join(rest)


def _delimited_rows(header: str, lines: Sequence[str]) -> tuple[list[Row], int]:
    delimiter = delimiter_of(header)
    names = [name.strip(' "') for name in header.split(delimiter)]
    if max(map(len, names)) > _LONGEST_HEADER or not {"input", "output"} <= set(map(role, names)):
        return [], 0
    rows: list[Row] = []
    used = 0
    reader = csv.reader(_with_newlines(lines), delimiter=delimiter, strict=True)
    try:
        for values in reader:
            if len(values) != len(names):
                break
            rows.append(dict(zip(names, values, strict=True)))
            used = reader.line_num
    except csv.Error:
        pass  # an unclosed quote: the block has ended before it
    return rows, used


def _with_newlines(lines: Sequence[str]) -> Iterable[str]:
    return (line + "\n" for line in lines)


def delimiter_of(header: str) -> str:
    """Return the delimiter of a header line.

    `csv.Sniffer` looks at the rows, whose texts are full of commas; a header is only names.
    """
    return max(",;\t|", key=header.count)


def _columns(rows: Sequence[Row]) -> Columns | None:
    """Guess columns; a few rows without telling names are a template or a format description."""
    roles = {role(name) for row in rows for name in row}
    if not rows or (len(rows) < 3 and not {"input", "output"} <= roles):
        return None
    return guess(rows)


def _pairs(columns: Columns, rows: Sequence[Mapping[str, str]]) -> list[Demonstration]:
    pairs = [columns.demonstration(row) for row in rows]
    return [pair for pair in pairs if pair.input.strip() and pair.output.strip()]
