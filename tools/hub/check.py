"""What a reading gives in sample rows, looked at before anything is imported."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tools.examples import Example
from tools.hub.choose_texts import Reading
from tools.hub.languages import languages_of
from tools.hub.rows import RawRow, RowReader, Wish
from tools.language import base_language, identify
from tools.services import Json, ToolError
from tools.sources import DatasetInfo
from tools.task import TaskSpec

FIRST_ROWS = 200
_SHOWN = 90
_MOST_CHARACTERS = 4_000
_ENOUGH = 300
"""Characters from which a language is identified surely enough to refuse a data set."""
_SURE = 0.95


@dataclass(frozen=True)
class Check:
    """What was seen.

    Attributes:
        rows: Rows looked at.
        complete: Rows that gave an input and an output.
        outputs: Different outputs among them.
        longer: Rows whose output is longer than their input.
    """

    rows: int
    complete: int
    outputs: int
    longer: int

    def __str__(self) -> str:
        parts = [f"checked on {self.rows} rows: {self.complete} with input and output"]
        if self.complete:
            parts.append(f"{self.outputs} different output{'s' if self.outputs != 1 else ''}")
        if self.longer * 2 > self.complete:
            parts.append(f"{self.longer} outputs longer than their input")
        return ", ".join(parts)


def check_samples(info: DatasetInfo, reading: Reading, spec: TaskSpec) -> Check:
    """Evaluate a reading on the sample rows.

    Raises:
        ToolError: Most rows lack an input or an output, or all outputs are copies.
    """
    reader = RowReader(info, reading, Wish(text=spec.output_type == "text"))
    rows = [reader.read(row) for row in info.samples]
    if rows:
        _refuse_empty(info, reading, rows)
    return _counted(rows)


def check_first(
    info: DatasetInfo, reading: Reading, spec: TaskSpec, rows: Sequence[RawRow]
) -> Check:
    """Check what was read from the files, whose first rows may differ from the samples.

    Raises:
        ToolError: Most rows lack an input or output, every output is the same or a copy of its
            input, or the texts are in another language than the task.
    """
    first = rows[:FIRST_ROWS]
    if first:
        _refuse_empty(info, reading, first)
    if spec.output_type == "text":
        _refuse_same(info, reading, rows)
    _refuse_language(info, spec, [row.text for row in first])
    return _counted(first)


def _counted(rows: Sequence[RawRow]) -> Check:
    whole = [row for row in rows if _complete(row)]
    return Check(
        rows=len(rows),
        complete=len(whole),
        outputs=len({row.output for row in whole}),
        longer=sum(len(row.output) > len(row.text) for row in whole),
    )


def _complete(row: RawRow) -> bool:
    return bool(row.text and (row.output or row.reason == "several labels"))


def _refuse_empty(info: DatasetInfo, reading: Reading, rows: Sequence[RawRow]) -> None:
    complete = sum(map(_complete, rows))
    if complete * 2 >= len(rows):
        return
    no_text = sum(not row.text for row in rows)
    what = f'input="{reading.input}"' if no_text * 2 > len(rows) else f'output="{reading.output}"'
    raise ToolError(
        f"{info.repo_id}: only {complete} of {len(rows)} rows looked at have both input and output;"
        f" {what} is mostly empty; name another column"
    )


def _refuse_same(info: DatasetInfo, reading: Reading, rows: Sequence[RawRow]) -> None:
    whole = [row for row in rows if _complete(row)]
    if len(whole) > 1 and len({row.output for row in whole}) == 1:
        raise ToolError(
            f'{info.repo_id}: output="{reading.output}" is the same in all {len(whole)} rows;'
            " name another column"
        )
    if len(whole) > 1 and all(row.output == row.text for row in whole):
        raise ToolError(
            f'{info.repo_id}: output="{reading.output}" repeats the input in all rows;'
            " name another column"
        )


def _refuse_language(info: DatasetInfo, spec: TaskSpec, texts: Sequence[str]) -> None:
    """Refuse texts that are surely in another language than the task, where the card agrees."""
    wanted = {base_language(tag) for tag in spec.languages}
    if None in wanted or wanted & languages_of(info):
        return
    text = " ".join(texts)[:_MOST_CHARACTERS]
    if len(text) < _ENOUGH:
        return
    language, probability = identify(text)
    if language not in wanted and probability >= _SURE and language in languages_of(info):
        raise ToolError(
            f"the texts of {info.repo_id}@{info.config} are in {language}, and the task's are in"
            f" {' and '.join(sorted(map(str, wanted)))}; choose another config or data set"
        )


def example_shown(examples: Sequence[Example]) -> str:
    """Return the first training row on one line, as quoted data; empty where there is none.

    Rows of other splits are never shown, as planners and teachers must not see them.
    """
    first = next((e for e in examples if e.split == "train" and e.reason is None), None)
    return f"first: {_quoted(first.input)} → {_quoted(first.output)}" if first else ""


def _quoted(text: str) -> str:
    plain = " ".join(text.split())
    short = plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}…"
    return json.dumps(short, ensure_ascii=False)


def as_json(check: Check) -> Json:
    """Return a check for the artifact."""
    return {"rows": check.rows, "complete": check.complete, "outputs": check.outputs}
