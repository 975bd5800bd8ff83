"""Tool: import a data set that was found, its columns and labels mapped to those of the task."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tools.examples import Example, Split, text_key
from tools.hub.check import Check, as_json, check_first, check_samples, example_shown
from tools.hub.choose_columns import choose_reading
from tools.hub.choose_texts import Reading
from tools.hub.clean_import import limit, reject_contaminated, reject_flaws, reject_known
from tools.hub.label_map import LabelMap, map_labels
from tools.hub.licences import classify, how_to_allow, is_allowed
from tools.hub.lookup import Found, find
from tools.hub.quota import MOST_TRAIN_ROWS
from tools.hub.rows import RawRow, RowReader, Wish, native_split, read_rows, wanted_splits
from tools.schemas import following
from tools.services import Call, Json, ToolError, ToolResult
from tools.sources import DatasetInfo
from tools.splits import split_imported
from tools.task import TaskSpec

NAMED = 3
"""How many reasons are named where no row is left."""
_SPLITS: tuple[Split, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class _Curated:
    examples: Sequence[Example]
    notes: Sequence[str]


@dataclass(frozen=True)
class _Import:
    """What was decided on the way."""

    found: Found
    splits: Sequence[str]
    reading: Reading
    check: Check
    labels: LabelMap | None


def map_columns(
    call: Call,
    dataset: str,
    config: str | None = None,
    split: str | None = None,
    input: str | None = None,  # noqa: A002 - the planner's word for it
    output: str | None = None,
    label_map: dict[str, str] | None = None,
    per_label: int | None = None,
) -> ToolResult:
    """Import what fits the task from a data set found by search_hf_datasets.

    Args:
        call: The tool call.
        dataset: Id such as `owner/name` or `owner/name@config`.
        config: Config, where the id names none.
        split: Import only this split, or these, separated by commas; all of them where None.
        input: Column, path or template of the input, as in `tools.hub.paths`.
        output: The same for the label or answer.
        label_map: Label of the data to label of the task, for names that cannot be matched; an
            empty string leaves the rows of a label out. The rest is matched by name.
        per_label: Most training rows of one label.

    Raises:
        ToolError: Unknown data set, licence not allowed, unclear columns, labels that differ, or
            rows that the reading gives nothing of.
    """
    services = call.services
    # A repeated call must not take rows of its first try for those of someone else.
    services.store.write(call.id, [])
    if per_label is not None and per_label < 1:
        raise ToolError(f"per_label is {per_label}; it has to be 1 or more")
    found = find(services.sources, dataset, config, call.spec.language)
    info = found.info
    _check_allowed(call, found)
    splits = wanted_splits(info, split)
    reading = choose_reading(info, call.spec, services.encoder, (input, output))
    check = check_samples(info, reading, call.spec)
    services.progress(f"reading {info.repo_id}@{info.config}")
    text = call.spec.output_type == "text"
    known = len(info.label_names.get(reading.output, ())) or len(call.spec.labels)
    raw, notes = read_rows(found.source, info, reading, splits, Wish(text, known, per_label))
    if not raw:
        raise ToolError(
            f"no row of {info.repo_id} in {', '.join(splits)} gives an input and an output;"
            " name other columns or splits"
        )
    first = check_first(info, reading, call.spec, raw)
    labels = map_labels(info, reading, raw, call.spec, services.encoder, label_map)
    curated = _curate(call, found, raw, labels, per_label, _shown(info, reading, call.spec))
    services.store.write(call.id, curated.examples)
    made = _Import(found, splits, reading, check if check.rows else first, labels)
    return _result(made, _Curated(curated.examples, [*notes, *curated.notes]))


def _shown(info: DatasetInfo, reading: Reading, spec: TaskSpec) -> set[str]:
    """Return the keys of what a search has shown of the data set."""
    reader = RowReader(info, reading, Wish(spec.output_type == "text"))
    return {text_key(reader.read(row).text) for row in info.samples[:1]}


def _check_allowed(call: Call, found: Found) -> None:
    info, services = found.info, call.services
    if not is_allowed(info.licence, services.allowed_licences):
        raise ToolError(
            f"{info.repo_id} has licence {info.licence!r} ({classify(info.licence)});"
            f" {how_to_allow(info.licence)}"
        )
    if services.store.has_rewritten(f"{info.repo_id}@"):
        raise ToolError(
            f"rows of {info.repo_id} were shown to the teacher, so they can no longer validate or"
            " test; choose another data set"
        )


def _curate(
    call: Call, found: Found, raw: Sequence[RawRow], labels: LabelMap | None,
    per_label: int | None, shown: Collection[str],
) -> _Curated:  # fmt: skip
    """Turn rows into examples with their splits, and reject what should not be learned from.

    Args:
        call: The tool call.
        found: The data set.
        raw: Its rows.
        labels: Their labels.
        per_label: At most so many training rows of each.
        shown: Keys of the texts that a planner has seen, which must not come to test.
    """
    store, seed = call.services.store, call.services.seed
    notes: list[str] = []
    text = call.spec.output_type == "text"
    rows = reject_flaws([_example(call, found, row, labels) for row in raw], several=text)
    if broken := sum(row.reason == "malformed output" for row in rows):
        notes.append(f"{broken:,} rows left out: their outputs break the task's JSON Schema")
    kept = limit(rows, MOST_TRAIN_ROWS, seed, per_label)
    if len(kept) < len(rows):
        most = f"at most {MOST_TRAIN_ROWS}, drawn in proportion to the labels"
        most = f"per_label={per_label}" if per_label else most
        notes.append(f"{len(rows) - len(kept)} training rows left out: {most}")
    kept = reject_known(kept, store)
    good = split_imported(
        [e for e in kept if e.reason is None], store, seed, written=text, shown=shown
    )
    checked, near = reject_contaminated(good, store)
    if not near:
        notes.append("near-duplicates are the nature of these texts; only equal ones were removed")
    every = [*checked, *(e for e in kept if e.reason is not None)]
    if not any(example.reason is None for example in checked):
        why = Counter(str(e.reason) for e in every if e.reason is not None).most_common(NAMED)
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in why)
        raise ToolError(
            f"no row of {found.info.repo_id} is left to use ({reasons}); choose another data set"
        )
    return _Curated(every, notes)


def _example(call: Call, found: Found, row: RawRow, labels: LabelMap | None) -> Example:
    output, reason = row.output, row.reason
    if reason is None and labels is not None and output not in labels.pairs:
        reason = "label not in task" if output else "empty"
    elif reason is None and labels is not None:
        output = labels.pairs[output]
    elif reason is None and output and call.spec.output_schema:
        fitting = following(call.spec.output_schema, output)
        output, reason = fitting or output, None if fitting else "malformed output"
    return Example(
        input=row.text,
        output=output,
        split=row.split,
        source=found.info.repo_id,
        licence=found.info.licence,
        evidence="retrieved",
        round=call.round,
        group=row.group,
        reason=reason,
    )


def _result(made: _Import, curated: _Curated) -> ToolResult:
    info, reading, labels = made.found.info, made.reading, made.labels
    imported: Mapping[str, int] = {
        split: sum(e.split == split and e.reason is None for e in curated.examples)
        for split in _SPLITS
    }
    rejected = Counter(e.reason for e in curated.examples if e.reason is not None)
    why = [*made.found.why, *reading.why, *(labels.why if labels else ()), *curated.notes]
    counts = ", ".join(f"{n} {split}" for split, n in imported.items() if n)
    seen = "; ".join(filter(None, [str(made.check), example_shown(curated.examples)]))
    lines = [f"imported {counts} rows of {info.repo_id}@{info.config} ({info.licence})", *why, seen]
    if rejected:
        lines.append("rejected: " + ", ".join(f"{n} {reason}" for reason, n in rejected.items()))
    artifact = {
        "tool": "map_columns",
        "dataset": info.repo_id,
        "config": info.config,
        "revision": info.revision,
        "licence": info.licence,
        "gated": info.gated,
        "private": info.private,
        "test_split": _test_split(info, made.splits),
        "input": reading.input,
        "output": reading.output,
        "label_map": dict(labels.pairs) if labels else {},
        "labels": list(labels.names) if labels else [],
        "splits": {split: native_split(split) for split in made.splits},
        "checked": as_json(made.check),
        "imported": dict(imported),
        "rejected": {str(reason): n for reason, n in sorted(rejected.items())},
        "why": why,
    }
    return "\n".join(lines), artifact


def _test_split(info: DatasetInfo, splits: Sequence[str]) -> Json | None:
    """Return the data set's own test split, if that was read."""
    tests = [split for split in splits if native_split(split) == "test"]
    return {"name": tests[0], "rows": info.splits[tests[0]]} if len(tests) == 1 else None
