"""From a data set's rows to examples of a task."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from tools.examples import Split, text_key
from tools.hub.choose_texts import Reading
from tools.hub.columns import fields
from tools.reasons import Reason
from tools.services import DatasetInfo, DataSource, Json, ToolError

MOST_ROWS_READ = 200_000
_SPLITS: dict[str, Split] = {
    "train": "train", "training": "train", "validation": "validation", "valid": "validation",
    "val": "validation", "dev": "validation", "development": "validation", "test": "test",
    "testing": "test", "eval": "test", "evaluation": "test",
}  # fmt: skip


@dataclass(frozen=True)
class RawRow:
    """One row read: its text, the data's own label or output, and what is wrong with it.

    Attributes:
        group: Same for rows that share a source text; empty where the input is one column.
    """

    text: str
    output: str
    split: Split
    group: str = ""
    reason: Reason | None = None


def native_split(name: str) -> Split:
    """Return the split that a data set's own split serves as; unknown names serve as train."""
    return _SPLITS.get(re.split(r"[^a-z]", name.casefold())[0], "train")


def read_rows(
    source: DataSource, info: DatasetInfo, reading: Reading, splits: Sequence[str]
) -> list[RawRow]:
    """Read the rows of some splits as texts and label names.

    Raises:
        ToolError: The files are damaged, or the output is nested.
    """
    names = info.label_names.get(reading.output, ())
    numbered = "class_label" in info.columns[reading.output]
    read = []
    for split in splits:
        rows: Iterable[Json] = islice(source.rows(info, split), MOST_ROWS_READ)
        for row in rows:
            output, reason = _output(row.get(reading.output), names if numbered else ())
            text = input_text(row, reading.input, info.columns)
            group = _group(row, reading.input, info.columns)
            read.append(RawRow(text, output, native_split(split), group, reason))
    return read


def input_text(row: Json, template: str, columns: Mapping[str, str]) -> str:
    """Return the input of one row: one column, or the template with its fields filled in."""
    if template in columns:
        return _text(row.get(template))
    return re.sub(
        r"\{([^{}]+)\}",
        lambda m: _text(row.get(m.group(1))) if m.group(1) in columns else m.group(),
        template,
    ).strip()


def _text(value: object) -> str:
    """Values as text; tokens and chunks are joined by spaces."""
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(str(item) for item in value).strip()
    return str(value).strip()


def _group(row: Json, template: str, columns: Mapping[str, str]) -> str:
    """Rows of a template share their first field, such as the passage of several questions."""
    names = fields(template, columns)
    return text_key(_text(row.get(names[0]))) if len(names) > 1 else ""


def _output(value: object, names: Sequence[str]) -> tuple[str, Reason | None]:
    """Return the label's name, or why there is none."""
    if isinstance(value, dict) or (
        isinstance(value, list) and value and isinstance(value[0], dict)
    ):
        raise ToolError("the output column is nested, which is not supported; choose a plain one")
    if isinstance(value, list):
        if len(value) != 1:
            return "", "several labels" if value else "no label"
        value = value[0]
    if value is None or value == "" or (names and value == -1):
        return "", "no label"
    if names and isinstance(value, int):
        return (names[value], None) if 0 <= value < len(names) else ("", "no label")
    return str(value).strip(), None
