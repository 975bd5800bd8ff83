"""How two versions of a task differ, in sentences."""

from tools.language import base_language
from tools.task import Label, TaskSpec

RENAMED = "The label {} is now called {}."
ADDED, REMOVED = "There is another label: {}.", "{} is no label any more."
"""Conventions that put right what the words of a task say of its labels."""


def compare(old: TaskSpec, new: TaskSpec) -> list[str]:
    """Return how two versions of a task differ, a sentence each; none where they do not."""
    said = []
    if old.instruction != new.instruction:
        said.append(f"The task now reads: {new.instruction}")
    if old.output_type != new.output_type:
        said.append(f"The output is now a {new.output_type}, and was a {old.output_type}.")
    rules = [rule for rule in new.conventions if rule not in old.conventions]
    renames = _renames(old, new, rules)
    said += _label_differences(old, new, renames)
    said += _language_differences(old, new)
    if old.metric != new.metric:
        said.append(f"It is measured by {new.metric or 'what fits the data'}.")
    if old.output_schema != new.output_schema:
        said.append("The JSON Schema of the output is another one.")
    told = _told(old, new)
    said += [f"New rule: {rule}" for rule in rules if rule not in told]
    gone = [rule for rule in old.conventions if rule not in new.conventions]
    said += [f"No longer a rule: {rule}" for rule in gone if rule not in told]
    return said


def _renames(old: TaskSpec, new: TaskSpec, rules: list[str]) -> dict[str, str]:
    """Return old → new name of the labels that are called otherwise now."""
    pairs = ((was, now) for was in old.label_names for now in new.label_names if was != now)
    return {was: now for was, now in pairs if RENAMED.format(was, now) in rules}


def _told(old: TaskSpec, new: TaskSpec) -> set[str]:
    """Return the conventions that say of labels what is said of them anyway."""
    names = {*old.label_names, *new.label_names}
    renamed = {RENAMED.format(was, now) for was in names for now in names}
    return {form.format(name) for form in (ADDED, REMOVED) for name in names} | renamed


def _label_differences(old: TaskSpec, new: TaskSpec, renames: dict[str, str]) -> list[str]:
    before = {renames.get(label.name, label.name): label for label in old.labels}
    after = {label.name: label for label in new.labels}
    said = [f"{was} is now called {now}." for was, now in renames.items()]
    said += [f"New label: {_described(after[n])}" for n in after if n not in before]
    said += [f"No longer a label: {n}." for n in before if n not in after]
    for name in [n for n in after if n in before]:
        was, now = before[name], after[name]
        if was.meaning != now.meaning:
            said.append(f"{name} now means: {now.meaning or 'what its name says'}")
        if was.borderline != now.borderline:
            said.append(f"Borderline of {name}: {now.borderline or 'none'}")
    return said


def _described(label: Label) -> str:
    return f"{label.name}: {label.meaning}" if label.meaning else f"{label.name}."


def _language_differences(old: TaskSpec, new: TaskSpec) -> list[str]:
    added = [language_name(tag) for tag in new.languages if tag not in old.languages]
    gone = [language_name(tag) for tag in old.languages if tag not in new.languages]
    return [
        *(f"Inputs are in {name}, too." for name in added),
        *(f"Inputs are no longer in {name}." for name in gone),
    ]


def language_name(tag: str) -> str:
    """Return what a language is called in English; the tag itself where it is none."""
    import langcodes

    return langcodes.get(tag).display_name() if base_language(tag) else tag
