"""How two versions of a task differ, in sentences."""

from tools.language import base_language
from tools.task import Label, TaskSpec


def compare(old: TaskSpec, new: TaskSpec) -> list[str]:
    """Return how two versions of a task differ, a sentence each; none where they do not."""
    said = []
    if old.instruction != new.instruction:
        said.append(f"The task now reads: {new.instruction}")
    if old.output_type != new.output_type:
        said.append(f"The output is now a {new.output_type}, and was a {old.output_type}.")
    said += _label_differences(old, new)
    said += _language_differences(old, new)
    if old.metric != new.metric:
        said.append(f"It is measured by {new.metric or 'what fits the data'}.")
    if old.output_schema != new.output_schema:
        said.append("The JSON Schema of the output is another one.")
    said += [f"New rule: {c}" for c in new.conventions if c not in old.conventions]
    said += [f"No longer a rule: {c}" for c in old.conventions if c not in new.conventions]
    return said


def _label_differences(old: TaskSpec, new: TaskSpec) -> list[str]:
    before = {label.name: label for label in old.labels}
    after = {label.name: label for label in new.labels}
    said = [f"New label: {_described(after[n])}" for n in after if n not in before]
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
