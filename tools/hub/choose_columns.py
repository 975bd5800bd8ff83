"""How a data set's rows are read for a task: which columns are the input and the output."""

import re
from collections.abc import Sequence

from tools.hub.choose_texts import Reading, text_reading
from tools.hub.columns import LabelColumn, equally_likely, label_columns, unusual_labels
from tools.hub.inputs import choose_input
from tools.hub.label_match import LabelMatch, match_labels
from tools.hub.names import normalise
from tools.hub.paths import columns_of, expression, paths, type_at
from tools.services import Encoder, ToolError
from tools.sources import DatasetInfo
from tools.task import TaskSpec

CLOSE = 0.15
_COUNTS = {
    2: "two|zwei|binary|2|or not|oder nicht|whether",
    3: "three|drei|3",
    4: "four|vier|4",
    5: "five|fünf|5",
    6: "six|sechs|6",
    7: "seven|sieben|7",
    8: "eight|acht|8",
}


def choose_reading(
    info: DatasetInfo, spec: TaskSpec, encoder: Encoder | None, given: tuple[str | None, str | None]
) -> Reading:
    """Decide which columns are input and output.

    Args:
        info: The data set.
        spec: The task.
        encoder: Compares label names by meaning.
        given: Input and output as the planner names them; None leaves one open.

    Raises:
        ToolError: No columns fit, or two readings fit about equally; the message lists them.
    """
    input_, output = given
    for argument, text in (("input=", input_), ("output=", output)):
        if text is not None:
            _check_given(info, argument, text)
    if spec.output_type == "text":
        return text_reading(info, spec, encoder, input_, output)
    if output is None:
        output, why = _label_output(info, spec, encoder)
    else:
        why = f"output: `{output}`, as asked"
    labels = [column.column for column in label_columns(info)]
    taken = columns_of(expression(output, info.columns, "output=", info.repo_id))
    input_, why_input = choose_input(info, input_, (*taken, *labels), spec.instruction)
    return Reading(input_, output, (why_input, why))


def _check_given(info: DatasetInfo, argument: str, text: str) -> None:
    """Refuse what a planner names if it is not there or no text can be made of it."""
    for path in paths(expression(text, info.columns, argument, info.repo_id)):
        found = type_at(path, info.columns)
        if found.is_media:
            raise ToolError(
                f"{path} of {info.repo_id} is {(found.item or found).kind}, which cannot be read"
                " as text; choose other columns or another data set"
            )


def _label_output(info: DatasetInfo, spec: TaskSpec, encoder: Encoder | None) -> tuple[str, str]:
    columns = label_columns(info) or unusual_labels(info)
    if not columns:
        known = ", ".join(f"{name} ({kind})" for name, kind in info.columns.items())
        raise ToolError(
            f"{info.repo_id} has no label column (columns: {known});"
            " choose another data set, or name one with output="
        )
    if spec.labels:
        return _by_labels(info, spec, columns, encoder)
    if len(columns) == 1:
        return columns[0].column, _described(columns[0], "the only label column")
    mentioned = _by_instruction(spec.instruction, columns)
    likely = [mentioned] if mentioned else equally_likely(columns)
    if len(likely) > 1:
        raise _unclear(info, likely)
    reason = "the task speaks of its labels" if mentioned else "named as the label"
    return likely[0].column, _described(likely[0], reason)


def _by_labels(
    info: DatasetInfo, spec: TaskSpec, columns: Sequence[LabelColumn], encoder: Encoder | None
) -> tuple[str, str]:
    """Choose the column whose classes are the task's labels."""
    named = [column for column in columns if column.names]
    if not named:
        return columns[0].column, _described(columns[0], "its classes have no names")
    matches = {c.column: match_labels(c.names, spec.labels, encoder) for c in named}
    quality = {name: _quality(match) for name, match in matches.items()}
    graded = unusual_labels(info)
    if len(graded) == 1 and not any(quality.values()):
        return graded[0].column, _described(graded[0], "no other classes are the task's")
    ranked = sorted(named, key=lambda c: quality[c.column], reverse=True)
    best = ranked[0]
    rivals = [
        c for c in ranked
        if quality[c.column] > 0 and quality[c.column] >= quality[best.column] - CLOSE
    ]  # fmt: skip
    if len(rivals) > 1:
        raise _unclear(info, rivals)
    hits = len(matches[best.column].pairs)
    reason = f"{hits} of them match the {len(spec.labels)} labels of the task"
    return best.column, _described(best, reason)


def _quality(match: LabelMatch) -> float:
    """Harmonic mean of how much of the task and how much of the data is matched."""
    total = match.covered + match.used
    return 2 * match.covered * match.used / total if total else 0.0


def _by_instruction(instruction: str, columns: Sequence[LabelColumn]) -> LabelColumn | None:
    """The one column whose classes, or their number, the instruction names."""
    text = f" {normalise(instruction)} "
    named = [
        c for c in columns
        if len(c.names) > 1 and all(f" {normalise(n)} " in text for n in c.names)
    ]  # fmt: skip
    counted = [
        c for c in columns
        if re.search(rf"\b({_COUNTS.get(len(c.names), 'x^')})\b", instruction, re.IGNORECASE)
    ]  # fmt: skip
    for hits in (named, counted):
        if len(hits) == 1:
            return hits[0]
    return None


def _unclear(info: DatasetInfo, columns: Sequence[LabelColumn]) -> ToolError:
    listed = "; ".join(
        f'output="{c.column}" ({len(c.names)} classes: {_some(c.names)})' for c in columns
    )
    return ToolError(
        f"{info.repo_id} can be read in more than one way; "
        f"name the labels in the task, or choose {listed}"
    )


def _described(column: LabelColumn, reason: str) -> str:
    kind = {"class_label": "class label", "list<class_label>": "list of class labels"}
    names = f" with {len(column.names)} names" if column.names else ""
    return f"output: `{column.column}` ({kind.get(column.kind, column.kind)}{names}; {reason})"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
