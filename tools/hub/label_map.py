"""Which label of the data becomes which label of the task, and whether that is good enough."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.hub.choose_texts import Reading
from tools.hub.label_match import LabelMatch, match_labels
from tools.hub.rows import RawRow
from tools.services import DatasetInfo, Encoder, ToolError
from tools.task import TaskSpec

MOST_LABELS = 500
LISTED = 12


@dataclass(frozen=True)
class LabelMap:
    """Label of the data to label of the task.

    Attributes:
        names: The task's labels after the import.
    """

    pairs: Mapping[str, str]
    names: tuple[str, ...]
    why: tuple[str, ...]


def map_labels(
    info: DatasetInfo,
    reading: Reading,
    rows: Sequence[RawRow],
    spec: TaskSpec,
    encoder: Encoder,
    given: Mapping[str, str] | None,
) -> LabelMap | None:
    """Map the labels that occur in `rows` to those of the task; None for text tasks.

    Raises:
        ToolError: The labels are not those of the task; the message names both.
    """
    if spec.output_type == "text":
        return None
    theirs = _labels_of(info, reading, rows)
    if given:
        return _as_given(info, theirs, spec, given)
    if not spec.labels:
        return LabelMap({name: name for name in theirs}, theirs, (_own(theirs),))
    match = match_labels(theirs, spec.labels, encoder)
    if not match.fits:
        raise ToolError(_misfit(info, reading, theirs, spec, match))
    return LabelMap(match.pairs, spec.label_names, _explain(theirs, spec, match))


def _labels_of(info: DatasetInfo, reading: Reading, rows: Sequence[RawRow]) -> tuple[str, ...]:
    """The labels that occur, in the data's own order where it has one."""
    counts = Counter(row.output for row in rows if row.reason is None)
    if not 2 <= len(counts) <= MOST_LABELS:
        raise ToolError(
            f"`{reading.output}` of {info.repo_id} has {len(counts)} different values, which is no"
            f" set of labels (2 to {MOST_LABELS}); name another column with output="
        )
    declared = [name for name in info.label_names.get(reading.output, ()) if name in counts]
    return tuple(declared + sorted(set(counts) - set(declared)))


def _as_given(
    info: DatasetInfo, theirs: Sequence[str], spec: TaskSpec, given: Mapping[str, str]
) -> LabelMap:
    unknown = sorted(set(given) - set(theirs))
    if unknown:
        raise ToolError(
            f"label_map names {', '.join(map(repr, unknown))}, which is no label of"
            f" {info.repo_id}; its labels: {_list(theirs)}"
        )
    foreign = sorted(set(given.values()) - set(spec.label_names)) if spec.labels else []
    if foreign:
        raise ToolError(
            f"label_map leads to {', '.join(map(repr, foreign))}, which is no label of the task;"
            f" its labels: {_list(spec.label_names)}"
        )
    names = spec.label_names or tuple(dict.fromkeys(given.values()))
    return LabelMap(dict(given), names, ("labels mapped as asked",))


def _own(theirs: Sequence[str]) -> str:
    return f"the task names no labels, so it takes the {len(theirs)} of the data: {_list(theirs)}"


def _explain(theirs: Sequence[str], spec: TaskSpec, match: LabelMatch) -> tuple[str, ...]:
    exact = sum(how == "name" for how in match.how.values())
    rough = [
        f"{name}→{match.pairs[name]} (by {how})" for name, how in match.how.items() if how != "name"
    ]
    notes = [f"labels: {exact} match by name" + (f"; {_list(rough)}" if rough else "")]
    left = [name for name in theirs if name not in match.pairs]
    if left:
        notes.append(f"labels of the data that the task does not know: {_list(left)}")
    missing = [name for name in spec.label_names if name not in match.pairs.values()]
    if missing:
        notes.append(f"labels of the task that the data lack: {_list(missing)}")
    return tuple(notes)


def _misfit(
    info: DatasetInfo, reading: Reading, theirs: Sequence[str], spec: TaskSpec, match: LabelMatch
) -> str:
    return (
        f"{info.repo_id} does not fit: `{reading.output}` has {len(theirs)} labels"
        f" ({_list(theirs)}), and {len(match.pairs)} of the task's {len(spec.labels)}"
        f" ({_list(spec.label_names)}) match; choose another data set, another output=,"
        " or give label_map="
    )


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:LISTED]) + (", …" if len(names) > LISTED else "")
