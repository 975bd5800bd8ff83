"""Which label of the data becomes which label of the task, and whether that is good enough."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tools.hub.choose_texts import Reading
from tools.hub.label_groups import CHARACTERS, ROWS, Groups, group_labels
from tools.hub.label_match import LabelMatch, match_labels
from tools.hub.label_numbers import are_numbers, match_numbers, names_in_card
from tools.hub.names import name_similarity
from tools.hub.rows import RawRow
from tools.services import Encoder, ToolError
from tools.sources import DatasetInfo
from tools.task import TaskSpec

MOST_LABELS = 500
LISTED = 12
NEAREST = 3
MOST_UNDECIDED = 12
DROPPED = ""
"""What a label map leads to for labels whose rows are not wanted."""
_SAME_NAME = 0.99


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
        return _as_given(info, theirs, spec, given, Counter(row.output for row in rows))
    named = names_in_card(info.description, theirs) if are_numbers(theirs) else {}
    if named:
        explained = ", ".join(f"{number}={name}" for number, name in named.items())
        found = _matched(info, reading, rows, spec, encoder, named)
        return replace(found, why=(f"the card names the labels: {explained}", *found.why))
    return _matched(info, reading, rows, spec, encoder, {name: name for name in theirs})


def _matched(
    info: DatasetInfo, reading: Reading, rows: Sequence[RawRow], spec: TaskSpec,
    encoder: Encoder, called: Mapping[str, str],
) -> LabelMap:  # fmt: skip
    """Map labels that are called so: label of the data to the name it goes by."""
    theirs = tuple(called)
    if not spec.labels:
        names = tuple(called.values())
        return LabelMap(called, names, (_own(names),))
    numbers = match_numbers(list(called.values()), spec.label_names)
    if numbers:
        pairs = {t: numbers[n] for t, n in called.items() if n in numbers}
        return LabelMap(pairs, spec.label_names, ("labels match by number",))
    match = _back(match_labels(list(called.values()), spec.labels, encoder), called)
    if are_numbers(list(called.values())):
        raise ToolError(_misfit(info, reading, theirs, spec, match))
    if match.fits and len(match.pairs) < len(theirs) == len(spec.labels):
        raise ToolError(_half(info, reading, theirs, spec, match))
    groups = Groups({}, theirs)
    if len(theirs) > len(spec.labels) > 1 and not _exact(match):
        groups = _groups(rows, spec, encoder, theirs)
    return _surest(info, reading, theirs, spec, (match, groups))


def _surest(
    info: DatasetInfo, reading: Reading, theirs: tuple[str, ...], spec: TaskSpec,
    found: tuple[LabelMatch, Groups],
) -> LabelMap:  # fmt: skip
    """Choose between labels matched one to one and labels sorted under fewer."""
    match, groups = found
    if not groups.unclear and len(set(groups.pairs.values())) == len(spec.labels):
        return LabelMap(groups.pairs, spec.label_names, (_sorted_under(groups, spec),))
    # A few of finer labels would be a mistake where more of them belong to the task's.
    if match.fits and not set(groups.pairs) - set(match.pairs):
        return LabelMap(match.pairs, spec.label_names, _explain(theirs, spec, match))
    if groups.pairs:
        raise ToolError(_ungrouped(info, reading, theirs, spec, groups))
    raise ToolError(_misfit(info, reading, theirs, spec, match))


def _exact(match: LabelMatch) -> bool:
    return match.fits and set(match.how.values()) == {"name"}


def _half(
    info: DatasetInfo, reading: Reading, theirs: Sequence[str], spec: TaskSpec, match: LabelMatch
) -> str:
    """As many labels on both sides are probably the same ones: half of them would be a mistake."""
    left = [name for name in theirs if name not in match.pairs]
    missing = [name for name in spec.label_names if name not in match.pairs.values()]
    return (
        f"`{reading.output}` of {info.repo_id} has as many labels as the task, but which of"
        f" {_list(left)} means which of {_list(missing)} is not clear; give label_map="
        '{"theirs": "ours"} for these, with "" for those to leave out'
    )


def _back(match: LabelMatch, called: Mapping[str, str]) -> LabelMatch:
    """Return a match of the names that labels go by as one of the labels themselves."""
    label = {name: stored for stored, name in called.items()}
    return replace(
        match,
        pairs={label[name]: ours for name, ours in match.pairs.items()},
        how={label[name]: how for name, how in match.how.items()},
    )


def _groups(
    rows: Sequence[RawRow], spec: TaskSpec, encoder: Encoder, theirs: tuple[str, ...]
) -> Groups:
    """Sort the data's labels under the task's fewer ones, by their names and training texts."""
    texts: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.reason is None and row.split == "train" and len(texts[row.output]) < ROWS:
            texts[row.output].append(row.text[:CHARACTERS])
    return group_labels(theirs, spec.labels, texts, encoder)


def _sorted_under(groups: Groups, spec: TaskSpec) -> str:
    pairs = _list([f"{theirs}→{ours}" for theirs, ours in groups.pairs.items()])
    return f"{len(groups.pairs)} labels sorted under the task's {len(spec.labels)}: {pairs}"


def _ungrouped(
    info: DatasetInfo, reading: Reading, theirs: Sequence[str], spec: TaskSpec, groups: Groups
) -> str:
    some = json.dumps(dict(list(groups.pairs.items())[:LISTED]), ensure_ascii=False)
    clear = f"; nearest, which are not applied by themselves: {some}"
    unclear = groups.unclear or tuple(theirs)
    return (
        f"{info.repo_id} does not fit by itself: `{reading.output}` has {len(theirs)} labels, and"
        f" which of the task's {len(spec.labels)} ({_list(spec.label_names)}) they fall under is"
        f" not clear for {len(unclear)}: {_list(unclear)}"
        f"{clear if groups.pairs else ''}; choose another data set, or give"
        ' label_map={"theirs": "ours"}, with "" for labels to leave out'
    )


def _labels_of(info: DatasetInfo, reading: Reading, rows: Sequence[RawRow]) -> tuple[str, ...]:
    """The labels that occur, in the data's own order where it has one."""
    counts = Counter(row.output for row in rows if row.reason is None)
    if not 2 <= len(counts) <= MOST_LABELS:
        raise ToolError(
            f"`{reading.output}` of {info.repo_id} has {len(counts)} different values, which is no"
            f" set of labels (2 to {MOST_LABELS}); name another column with output="
        )
    if all(_is_score(name) for name in counts):
        raise ToolError(
            f"`{reading.output}` of {info.repo_id} holds scores such as {min(counts)}, which are no"
            " labels; name another column with output=, or choose another data set"
        )
    declared = [name for name in info.label_names.get(reading.output, ()) if name in counts]
    return tuple(declared + sorted(set(counts) - set(declared)))


def _is_score(name: str) -> bool:
    """Whether a value is a number; whole numbers have been stored without a fraction."""
    try:
        return not float(name).is_integer() or "." in name
    except ValueError:
        return False


def _as_given(
    info: DatasetInfo, theirs: Sequence[str], spec: TaskSpec, given: Mapping[str, str],
    counts: Mapping[str, int],
) -> LabelMap:  # fmt: skip
    """Map as asked, and labels that are not in the map by their names alone.

    A few labels that the map says nothing of are asked about: their rows would be missing from the
    test too, which would make it easier. Of a hundred they are taken for those not wanted.
    """
    unknown = sorted(set(given) - set(theirs))
    if unknown:
        near = ", ".join(dict.fromkeys(n for name in unknown for n in _nearest(name, theirs)))
        raise ToolError(
            f"label_map names {', '.join(map(repr, unknown))}, which is no label of"
            f" {info.repo_id}; nearest: {near}; its labels: {_list(theirs)}"
        )
    foreign = sorted(set(given.values()) - {DROPPED, *spec.label_names}) if spec.labels else []
    if foreign:
        raise ToolError(
            f"label_map leads to {', '.join(map(repr, foreign))}, which is no label of the task;"
            f" its labels: {_list(spec.label_names)}"
        )
    pairs = {theirs: ours for theirs, ours in given.items() if ours != DROPPED}
    left = [name for name in theirs if name not in given]
    by_name = {t: o for t in left for o in spec.label_names if name_similarity(t, o) >= _SAME_NAME}
    names = spec.label_names or tuple(dict.fromkeys(pairs.values()))
    if len(set(pairs.values()) | set(by_name.values())) < 2:
        raise ToolError(
            "label_map leaves fewer than two labels; map labels of the data to at least two"
        )
    why = ["labels mapped as asked"]
    if by_name:
        why.append(f"by name: {_list([f'{t}→{o}' for t, o in by_name.items()])}")
    undecided = [name for name in left if name not in by_name]
    if 0 < len(undecided) <= MOST_UNDECIDED:
        named = ", ".join(f"{name} ({counts[name]:,} rows)" for name in undecided)
        raise ToolError(
            f'label_map says nothing of {named}; map them too, or give "" to leave them out'
        )
    dropped = [name for name in theirs if name not in pairs and name not in by_name]
    if dropped:
        rows = sum(counts[name] for name in dropped)
        why.append(f"labels left out, with {rows:,} rows: {_list(dropped)}")
    return LabelMap(pairs | by_name, names, tuple(why))


def _nearest(name: str, names: Sequence[str]) -> list[str]:
    from rapidfuzz import process

    return [near for near, _, _ in process.extract(name, names, limit=NEAREST)]


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
