"""Which columns hold the input, and, for text tasks, the output."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.column_names import ANSWER_NAMES, is_metadata
from tools.hub.columns import obvious_text, template_of, text_columns
from tools.services import DatasetInfo, ToolError

MOST_JOINED = 3
STRINGS = ("string", "large_string")


@dataclass(frozen=True)
class Reading:
    """One way to read the rows, and the reasons for it.

    Attributes:
        input: A column, or a template such as `context: {context} question: {question}`.
        output: The column of the answer.
    """

    input: str
    output: str
    why: tuple[str, ...]


def choose_input(info: DatasetInfo, given: str | None, not_text: Sequence[str]) -> tuple[str, str]:
    """Return the column or template of the input, and why.

    Raises:
        ToolError: No column holds text, or too many do.
    """
    if given is not None:
        return given, f"input: `{given}`, as asked"
    texts = text_columns(info, not_text)
    obvious = obvious_text(texts)
    if obvious is not None:
        reason = "the only text column" if len(texts) == 1 else "named as the text"
        return obvious, f"input: `{obvious}` ({reason})"
    if not texts or len(texts) > MOST_JOINED:
        listed = ", ".join(texts) or ", ".join(info.columns)
        raise ToolError(
            f"the input of {info.repo_id} is not clear among: {listed};"
            ' name it with input="column" or input="a: {a} b: {b}"'
        )
    template = template_of(texts)
    return template, f'input: "{template}" (no single column holds the whole input)'


def text_reading(info: DatasetInfo, input_: str | None, output: str | None) -> Reading:
    """Return the columns of a text task.

    Raises:
        ToolError: No string column is clearly the output, or the output is nested.
    """
    texts = [c for c, kind in info.columns.items() if kind in STRINGS and not is_metadata(c)]
    if output is not None and info.columns[output] not in STRINGS:
        raise ToolError(
            f"`{output}` of {info.repo_id} is {info.columns[output]}: nested or numeric outputs"
            " are not supported; choose a string column or another data set"
        )
    readable = text_columns(info)
    if output is None:
        named = [c for c in texts if c.casefold() in ANSWER_NAMES]
        classes = set(info.label_names)
        pair = texts[1:] if len(texts) == 2 and texts[0] in readable else []
        pair = [c for c in pair if c not in classes]
        candidates = named or pair
        if len(candidates) != 1:
            raise ToolError(
                f"no single string column of {info.repo_id} is clearly the output"
                f" (columns: {', '.join(f'{n} ({k})' for n, k in info.columns.items())});"
                " name it with output=; nested answers are not supported"
            )
        output = candidates[0]
    if input_ is None and len(rest := [c for c in texts if c != output]) == 1:
        return Reading(rest[0], output, (f"input: `{rest[0]}`", f"output: `{output}`"))
    input_, why = choose_input(info, input_, (output,))
    return Reading(input_, output, (why, f"output: `{output}`"))
