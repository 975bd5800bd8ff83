"""Rows as CSV that spreadsheets open as text, whatever the cells begin with."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""With these a cell is a formula to a spreadsheet, which may run commands or send data away."""


def write_sheet(path: Path, names: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a CSV file in UTF-8 (RFC 4180), row by row; return the number of rows.

    A text that a spreadsheet would take for a formula gets a quote mark in front; numbers stay.
    """
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(names)
        for row in rows:
            sheet.writerow([_cell(value) for value in row])
            written += 1
    return written


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"
    return value
