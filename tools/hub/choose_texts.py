"""How the rows of a data set are read for a text task."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.column_names import is_metadata
from tools.hub.fields import CONTEXT, QUESTION, Field, field, join, text_fields
from tools.hub.inputs import choose_input
from tools.hub.instruction import asks_about_text
from tools.hub.names import normalise
from tools.hub.outputs import Output, outputs
from tools.hub.paths import Expression, Path, columns_of, expression, leaves
from tools.hub.translations import check_lengths, check_name, right_way_round, translation
from tools.services import Encoder, ToolError
from tools.sources import DatasetInfo
from tools.task import TaskSpec

_MARGIN = 0.35
"""How much more has to speak for the output than for any other."""
_PLAUSIBLE = 0.4
_MEANING = 0.6
_LISTED = 4


@dataclass(frozen=True)
class Reading:
    """One way to read the rows, and the reasons for it.

    Attributes:
        input: An expression of `tools.hub.paths`: a column, a path, or a template such as
            `context: {context} question: {question}`.
        output: An expression for the label or answer.
    """

    input: str
    output: str
    why: tuple[str, ...]


def text_reading(
    info: DatasetInfo, spec: TaskSpec, encoder: Encoder | None, input_: str | None,
    output: str | None,
) -> Reading:  # fmt: skip
    """Return the input and output of a text task.

    Raises:
        ToolError: No output, or more than one, is clearly meant; the message lists them.
    """
    if output is not None:
        found = expression(output, info.columns, "output=", info.repo_id)
        chosen = Output(found, 0.0, "as asked", _given_with(info, found))
    else:
        pair = translation(info, spec)
        if pair is not None:
            chosen = Output(pair[1], 0.0, "the language translated into", (pair[0],))
        else:
            chosen = _clearest(info, spec, encoder)
    why = f"output: `{chosen}` ({chosen.kind})"
    text, reason = _input(info, spec, chosen, input_)
    result = str(chosen)
    if output is None and input_ is None:
        text, result = _turned(info, spec, text, result)
        check_lengths(info, spec.instruction, text, result)
    if input_ is None:
        _check_context(info, spec, text)
    return Reading(text, result, (reason, why))


def _given_with(info: DatasetInfo, found: Expression) -> tuple[Path, ...]:
    known = {str(o): o.given for o in outputs(info, "")}
    return known.get(str(found), ())


def _clearest(info: DatasetInfo, spec: TaskSpec, encoder: Encoder | None) -> Output:
    """Return the output that clearly most speaks for."""
    found = [o for o in outputs(info, spec.instruction) if _is_no_whole_input(o)]
    if not found:
        raise _only_labels(info)
    scores = _with_meaning(found, spec.instruction, encoder)
    ranked = sorted(range(len(found)), key=lambda i: -scores[i])
    best = found[ranked[0]]
    if scores[ranked[0]] < _PLAUSIBLE:
        raise _unclear(info, "no column is clearly the output", [found[i] for i in ranked])
    rivals = [found[i] for i in ranked if scores[i] > scores[ranked[0]] - _MARGIN]
    if len(rivals) > 1:
        raise _unclear(info, "more than one column could be the output", rivals)
    return best


def _is_no_whole_input(output: Output) -> bool:
    return output.score > -3.0


def _with_meaning(
    found: Sequence[Output], instruction: str, encoder: Encoder | None
) -> list[float]:
    """Add how near the names of each output are to the instruction, relative to the others."""
    if encoder is None or len(found) == 1:
        return [o.score for o in found]
    names = [normalise(" ".join(p.names for p in _plain(o.found))) for o in found]
    cosines = encoder.encode(names) @ encoder.encode([instruction])[0]
    return [o.score + _MEANING * float(c) for o, c in zip(found, cosines, strict=True)]


def _plain(found: Expression) -> list[Path]:
    return [p for leaf in leaves(found)
            for p in ([leaf] if isinstance(leaf, Path) else leaf.arguments)]  # fmt: skip


def _input(info: DatasetInfo, spec: TaskSpec, chosen: Output, given: str | None) -> tuple[str, str]:
    if given is not None:
        expression(given, info.columns, "input=", info.repo_id)
        return given, f"input: `{given}`, as asked"
    taken = columns_of(chosen.found)
    if chosen.given:
        return _with_instruction(info, chosen)
    answers = [o for o in outputs(info, spec.instruction) if o.score >= 1.5]
    written = {c for o in answers for c in columns_of(o.found)} - {"instruction", "context"}
    labels = [c for c in info.label_names if "." not in c and c.casefold() != "input"]
    not_text = list(dict.fromkeys([*taken, *written, *labels]))
    return choose_input(info, None, not_text, spec.instruction, chosen.found)


def _strings(info: DatasetInfo) -> list[str]:
    return [
        f.column
        for f in text_fields(info)
        if isinstance(f.path, Path) and not f.path.steps and not is_metadata(f.column)
    ]


def _with_instruction(info: DatasetInfo, chosen: Output) -> tuple[str, str]:
    """Put the column that says what to do before an input that is in a record with its output."""
    instruction = [c for c in _strings(info) if normalise(c) in ("instruction", "instructions")]
    parts = [*(Path(c) for c in instruction if chosen.given[0].steps[-1:] == ("input",)),
             *chosen.given]  # fmt: skip
    text = join(parts)
    return text, f"input: `{text}` (belongs to the output)"


def _turned(info: DatasetInfo, spec: TaskSpec, text: str, output: str) -> tuple[str, str]:
    """Swap the columns of a translation where the rows show that the task wants it so."""
    plain = {str(f.path): f for f in text_fields(info)}
    if text not in plain or output not in plain:
        return text, output
    asked, answer = right_way_round(info, spec, plain[text], plain[output])
    check_name(info, spec.instruction, text, output)
    return str(asked.path), str(answer.path)


def _check_context(info: DatasetInfo, spec: TaskSpec, text: str) -> None:
    """Refuse questions without the text that the task wants them answered from."""
    found = expression(text, info.columns, "input=", info.repo_id)
    parts: list[Field] = [field(info, path) for path in _plain(found)]
    alone = len(parts) == 1 and parts[0].has_role(QUESTION) and not parts[0].has_role(CONTEXT)
    if alone and asks_about_text(spec.instruction):
        columns = ", ".join(f"{name} ({kind})" for name, kind in info.columns.items())
        raise ToolError(
            f"the task is about questions on a text, and {info.repo_id} has the question alone"
            f' ({columns}); choose another data set, or take it with input="{text}"'
        )


def _only_labels(info: DatasetInfo) -> ToolError:
    labels = ", ".join(f'output="{c}"' for c in info.label_names if c in info.columns)
    hint = f"labels as text come with {labels}" if labels else "choose another data set"
    columns = ", ".join(f"{name} ({kind})" for name, kind in info.columns.items())
    return ToolError(f"the task asks for text, and {info.repo_id} has {columns}; {hint}")


def _unclear(info: DatasetInfo, what: str, rivals: Sequence[Output]) -> ToolError:
    listed = "; ".join(f'output="{o}" ({o.kind})' for o in rivals[:_LISTED])
    labels = [c for c in info.label_names if c in info.columns and c not in listed]
    more = f' or, as text, output="{labels[0]}"' if labels else ""
    return ToolError(f"{info.repo_id}: {what}; choose {listed}{more}")
