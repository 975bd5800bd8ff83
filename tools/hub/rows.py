"""From a data set's rows to examples of a task."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tools.examples import Split, text_key
from tools.hub.choose_texts import Reading
from tools.hub.groups import group_columns, row_keys, settle_groups
from tools.hub.paths import Path, Template, leaves, parse
from tools.hub.quota import Quota
from tools.hub.values import Evaluator
from tools.reasons import Reason
from tools.services import Json, ToolError
from tools.sources import DatasetInfo, DataSource

MOST_ROWS_READ = 200_000
"""A split of more rows is read from its start, and only until enough rows are taken."""
_SPLITS: dict[str, Split] = {
    "train": "train", "training": "train", "validation": "validation", "valid": "validation",
    "val": "validation", "dev": "validation", "development": "validation", "test": "test",
    "testing": "test", "eval": "test", "evaluation": "test",
}  # fmt: skip
_UNLABELLED = ("unsupervised", "unlabelled", "unlabeled")


@dataclass(frozen=True)
class RawRow:
    """One row read: its text, the data's own label or output, and what is wrong with it.

    Attributes:
        group: Same for rows that share a source; empty where none do.
    """

    text: str
    output: str
    split: Split
    group: str = ""
    reason: Reason | None = None


@dataclass(frozen=True)
class Wish:
    """What is wanted of the rows.

    Attributes:
        text: Whether outputs are written texts and not labels.
        labels: How many labels there are; 0 where only the rows tell.
        per_label: At most so many rows of each label in a split.
    """

    text: bool
    labels: int = 0
    per_label: int | None = None


def native_split(name: str) -> Split:
    """Return the split that a data set's own split serves as; unknown names serve as train."""
    return _SPLITS.get(re.split(r"[^a-z]", name.casefold())[0], "train")


def wanted_splits(info: DatasetInfo, asked: str | None) -> list[str]:
    """Return the splits to read: those asked for, separated by commas, or all that have labels.

    Raises:
        ToolError: A split is asked for that there is not.
    """
    if asked is None:
        named = [name for name in info.splits if name.casefold() not in _UNLABELLED]
        return named or list(info.splits)
    names = list(dict.fromkeys(name.strip() for name in asked.split(",") if name.strip()))
    missing = [name for name in names if name not in info.splits]
    if missing or not names:
        raise ToolError(
            f"{info.repo_id} has no split {', '.join(map(repr, missing)) or repr(asked)};"
            f" it has {', '.join(info.splits)}"
        )
    return names


def read_rows(
    source: DataSource, info: DatasetInfo, reading: Reading, splits: Sequence[str], wish: Wish
) -> tuple[list[RawRow], list[str]]:
    """Read the rows of some splits as texts and label names.

    Returns:
        The rows, and a sentence about every split that was not read to its end.

    Raises:
        ToolError: The files are damaged, or the output is a record.
    """
    reader = RowReader(info, reading, wish)
    read: list[RawRow] = []
    notes: list[str] = []
    for split in splits:
        rows = source.rows(info, split)
        count = info.splits[split]
        if 0 < count <= MOST_ROWS_READ:
            read += [reader.read(row, native_split(split)) for row in rows]
        else:
            taken, seen = _until_full(reader, rows, native_split(split), wish)
            read += taken
            if seen != count:
                total = f" of {count:,}" if count else ""
                notes.append(f"read the first {seen:,} rows{total} in split {split!r}")
    groups = settle_groups(reader.keys) if read else []
    return [replace(row, group=group) for row, group in zip(read, groups, strict=True)], notes


def _until_full(
    reader: "RowReader", rows: Iterator[Json], split: Split, wish: Wish
) -> tuple[list[RawRow], int]:
    """Take rows until no more are wanted; flawed ones are passed over, as there are others."""
    quota = Quota(None if wish.text else wish.labels, wish.per_label)
    taken: list[RawRow] = []
    seen = 0
    for row in rows:
        seen += 1
        made = reader.read(row, split)
        good = made.reason is None and made.text and made.output
        if good and quota.takes(made.output, text_key(made.text)):
            taken.append(made)
        else:
            reader.keys.pop()
        if quota.full or seen >= MOST_ROWS_READ:
            break
    return taken, seen


class RowReader:
    """Turns stored rows into texts and outputs.

    Args:
        info: The data set.
        reading: Its input and output.
        wish: Whether outputs are texts or labels.
    """

    def __init__(self, info: DatasetInfo, reading: Reading, wish: Wish) -> None:
        input_, output = (parse(text, info.columns) for text in (reading.input, reading.output))
        self._input, self._output = Evaluator(input_, info), Evaluator(output, info)
        self._parts = len(leaves(input_)) > 1
        self._joined = isinstance(output, Template)
        self._label = isinstance(output, Path) and not wish.text
        self._columns = group_columns(info, input_)
        self._text, self._repo = wish.text, info.repo_id
        self.keys: list[tuple[str, ...]] = []
        """What each row read so far may be grouped by."""

    def read(self, row: Json, split: Split = "train") -> RawRow:
        """Return one row, and note what it may be grouped by."""
        fields = self._input.parts(row)
        text = self._input.text(row) if any(fields) else ""
        output, reason = self._answer(row)
        shared = fields if self._parts else []
        answer = output if self._text else ""
        self.keys.append(row_keys(row, self._columns, shared, answer, self._repo))
        return RawRow(text, output, split, reason=reason)

    def _answer(self, row: Json) -> tuple[str, Reason | None]:
        if self._label:
            return _label(self._output.value(row))
        if self._joined and not all(self._output.parts(row)):
            return "", None
        return self._output.text(row), None


def _label(value: object) -> tuple[str, Reason | None]:
    """Return the label's name, or why there is none."""
    if isinstance(value, list):
        if len(value) != 1:
            return "", "several labels" if value else "no label"
        value = value[0]
    if isinstance(value, dict | list):
        raise ToolError(
            "the output is a record, which is no label; name a field of it, such as answers.text[0]"
        )
    if value is None or value in ("", -1):
        return "", "no label"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip(), None
