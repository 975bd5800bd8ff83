"""What a change does to a task spec."""

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tools.hub.names import normalise
from tools.language import base_language
from tools.talk.versions import ADDED, REMOVED, RENAMED
from tools.talking import Change
from tools.task import Label, TaskSpec
from tools.text import one_line

FEWEST_LABELS = 2
LONGEST_WISH = 1_000
"""Characters of a rule, and of what new rows should be like."""
MOST_ROUNDS = 20
"""Rounds that may be asked for at once."""


def amended(spec: TaskSpec, change: Change) -> TaskSpec:
    """Return the spec with a change made; what the change does not speak of stays.

    What the words of the task no longer say rightly, such as which labels there are, is put right
    by conventions, which stand beside those words wherever they are shown.
    """
    labels = _labels(spec, change) if spec.output_type == "label" else ()
    language = change.language or spec.language
    others = dict.fromkeys((*spec.other_languages, *change.add_languages))
    told = _told(spec, labels, change)
    over = _no_longer_so(spec, labels, change)
    kept = [rule for rule in spec.conventions if rule not in over and rule not in told]
    return spec.model_copy(
        update={
            "instruction": change.instruction or spec.instruction,
            "labels": labels,
            "language": language,
            "other_languages": tuple(tag for tag in others if tag != language),
            "metric": change.metric or spec.metric,
            "assumptions": tuple(
                guess for guess in spec.assumptions if not _settled(guess, change)
            ),
            "conventions": tuple(dict.fromkeys((*kept, *change.conventions, *told))),
        }
    )


def _settled(guess: str, change: Change) -> bool:
    """Say whether a change settles what was guessed."""
    about = guess.casefold()
    return bool(
        (change.language and "language" in about)
        or (change.metric and "metric" in about)
        or (change.add_labels and "labels" in about)
    )


def known_name(name: str, spec: TaskSpec) -> str | None:
    """Return the label of the task that a person means by `name`, however it is spelled."""
    wanted = normalise(name)
    return next((known for known in spec.label_names if normalise(known) == wanted), None)


def _labels(spec: TaskSpec, change: Change) -> tuple[Label, ...]:
    new_names = {known_name(old, spec): new for old, new in change.rename_labels.items()}
    gone = {known_name(name, spec) for name in change.remove_labels}
    labels = {
        new_names.get(label.name, label.name): label
        for label in spec.labels
        if label.name not in gone
    }
    for label in change.add_labels:
        name = known_name(label.name, spec) or label.name
        old = labels.get(name, label)
        labels[name] = Label(
            name=name,
            meaning=label.meaning or old.meaning,
            borderline=label.borderline or old.borderline,
        )
    return tuple(label.model_copy(update={"name": name}) for name, label in labels.items())


def _no_longer_so(spec: TaskSpec, labels: tuple[Label, ...], change: Change) -> set[str]:
    """Return what may have been told of labels before and a change has made untrue."""
    now = {label.name for label in labels}
    renamed = {known_name(old, spec): new for old, new in change.rename_labels.items()}
    return {
        *(REMOVED.format(name) for name in now),
        *(ADDED.format(name) for name in spec.label_names if name not in now),
        *(RENAMED.format(new, old) for old, new in renamed.items()),
    }


def _told(spec: TaskSpec, labels: tuple[Label, ...], change: Change) -> list[str]:
    """Return what the words of the task do not say of its labels."""
    if change.instruction or not spec.labels:
        return []
    renamed = {known_name(old, spec): new for old, new in change.rename_labels.items()}
    now = [label.name for label in labels]
    new = [n for n in now if n not in spec.label_names and n not in renamed.values()]
    gone = [n for n in spec.label_names if n not in now and n not in renamed]
    return [
        *(RENAMED.format(old, name) for old, name in renamed.items() if old),
        *(map(ADDED.format, new)),
        *(map(REMOVED.format, gone)),
    ]


def sound(change: Change, spec: TaskSpec, metrics: Collection[str]) -> tuple[Change, list[str]]:
    """Return what of a change can be done, and sentences on what cannot.

    Args:
        change: As it was heard.
        spec: The task that it is about.
        metrics: Names of the metrics that there are.
    """
    notes: list[str] = []
    update: dict[str, Any] = {
        "instruction": (change.instruction or "").strip() or None,
        "guidance": one_line(change.guidance or "", LONGEST_WISH) or None,
        "conventions": tuple(
            rule for said in change.conventions if (rule := one_line(said, LONGEST_WISH))
        ),
        "remove_labels": _known(change.remove_labels, spec, notes),
        "rename_labels": _renames(change.rename_labels, spec, notes),
        "confused": _pairs(change.confused, spec, notes),
        "language": next(iter(_languages([change.language or ""], notes)), None),
        "add_languages": tuple(
            tag for tag in _languages(change.add_languages, notes) if tag not in spec.languages
        ),
        "add_labels": tuple(label for label in change.add_labels if label.name),
        "metric": change.metric if change.metric in metrics else None,
        "size_factor": _positive(change.size_factor),
        "most_mb": _positive(change.most_mb),
        "usd": _positive(change.usd),
        "minutes": _positive(change.minutes),
        "more_rounds": max(1, min(change.more_rounds, MOST_ROUNDS)) if change.more_rounds else None,
    }
    if change.metric and not update["metric"]:
        notes.append(f"There is no metric {one_line(change.metric, 40)!r}.")
    if spec.output_type == "text" and (change.add_labels or change.remove_labels):
        notes.append("This task has text as output, so it has no labels.")
        update |= {"add_labels": (), "remove_labels": ()}
    left = len(spec.labels) - len(update["remove_labels"]) + len(update["add_labels"])
    if update["remove_labels"] and left < FEWEST_LABELS:
        notes.append("A task needs at least two labels, so they stay.")
        update["remove_labels"] = ()
    return change.model_copy(update=update), notes


def _known(names: Iterable[str], spec: TaskSpec, notes: list[str]) -> tuple[str, ...]:
    found = []
    for name in names:
        if known := known_name(name, spec):
            found.append(known)
        else:
            notes.append(f"There is no label {one_line(name, 40)!r}.")
    return tuple(dict.fromkeys(found))


def _renames(renames: Mapping[str, str], spec: TaskSpec, notes: list[str]) -> dict[str, str]:
    """Return the renames of labels that there are, to names that are not renamed themselves."""
    sure = {}
    for old, new in renames.items():
        label = Label(name=new)
        (known,) = _known([old], spec, notes) or (None,)
        if known and label.name and label.name not in renames:
            sure[known] = label.name
    return sure


def _pairs(
    pairs: Iterable[tuple[str, str]], spec: TaskSpec, notes: list[str]
) -> tuple[tuple[str, str], ...]:
    if spec.output_type == "text":
        return ()
    known = [_known(pair, spec, notes) for pair in pairs]
    return tuple((pair[0], pair[1]) for pair in known if len(pair) == 2)  # noqa: PLR2004


def _languages(tags: Iterable[str], notes: list[str]) -> list[str]:
    found = []
    for tag in filter(None, tags):
        if known := base_language(tag):
            found.append(known)
        else:
            notes.append(f"I know no language {one_line(tag, 40)!r}.")
    return found


def _positive(number: float | None) -> float | None:
    return number if number and number > 0 and math.isfinite(number) else None


def is_empty(change: Change) -> bool:
    """Say whether a change asks for nothing."""
    return change == Change()
