"""Asking an LLM, once per task, in what the inputs differ: attributes, and subjects of each label.

Prompts that ask for examples are sent at once and do not see each other. Unless each is told what
to write about, all of them write about the same.
"""

from collections.abc import Sequence
from typing import Any

from prompts import render
from tools.llm.asking import TEXT, closed, items, list_schema, message, one_of, seed_of, spelled
from tools.llm.prompt import Json, Prompt, Reply
from tools.task import TaskSpec
from tools.teachers.grid import ANY_TASK, Attribute, Variety, plain
from tools.teachers.nearness import Nearness
from tools.teachers.showing import MOST_MEANINGS, about

FEWEST_OF_A_LABEL = 2
_TOKENS = 4_000
_LABELS_PER_CALL = 12
_MOST_ATTRIBUTES = 2
_MOST_VALUES = 12
_MOST_SUBJECTS = 30
"""Subjects of a text task, which has no labels to divide them among."""
_LONGEST_VALUE = 80
_TEXTS: Json = {"type": "array", "items": TEXT}


def variety_prompts(spec: TaskSpec, labels: Sequence[str], n: int) -> list[Prompt]:
    """Return the prompt that asks for attributes, then those that ask for subjects, if that pays.

    Args:
        spec: The task.
        labels: All its labels, those that it does not name itself among them.
        n: Examples that are wanted; with one or none a label, no subject would come up twice.
    """
    if n < FEWEST_OF_A_LABEL * len(labels):
        return [_attributes_prompt(spec, labels)]
    near = Nearness(spec).chained(labels)
    parts = [near[s : s + _LABELS_PER_CALL] for s in range(0, len(near), _LABELS_PER_CALL)]
    return [_attributes_prompt(spec, labels), *(_subjects_prompt(spec, p) for p in parts or [[]])]


def read_variety(labels: Sequence[str], replies: Sequence[Reply]) -> Variety:
    """Return what the answers to `variety_prompts` name, as far as it is usable."""
    first, *others = replies
    found = [item for reply in others for item in items(reply, "subjects")]
    return Variety(
        attributes=read_attributes(items(first, "attributes")) or ANY_TASK,
        subjects=read_subjects(found, labels) if labels else {"": _usable(found, _MOST_SUBJECTS)},
    )


def _attributes_prompt(spec: TaskSpec, labels: Sequence[str]) -> Prompt:
    # Of many labels the names say enough here.
    brief = spec.model_copy(update={"labels": ()}) if len(labels) > MOST_MEANINGS else spec
    fields = {"name": TEXT, "values": _TEXTS}
    asked = {"attributes": {"labels": list(labels)}}
    return _prompt("attributes", asked, list_schema("attributes", **fields), brief, labels)


def _subjects_prompt(spec: TaskSpec, labels: Sequence[str]) -> Prompt:
    one = list_schema("subjects", label=one_of(labels), values=_TEXTS)
    schema = one if labels else closed({"subjects": _TEXTS})
    return _prompt("subjects", {"subjects": {"labels": list(labels)}}, schema, spec, labels)


def _prompt(name: str, asked: Json, schema: Json, spec: TaskSpec, labels: Sequence[str]) -> Prompt:
    return Prompt(
        name=name,
        system=render("writer").strip(),
        user=message(name, asked, **about(spec, labels, ())),
        schema=schema,
        seed=seed_of(name),
        max_tokens=_TOKENS,
    )


def read_attributes(found: Sequence[Any]) -> tuple[Attribute, ...]:
    """Return the attributes that an LLM named, as far as they are usable."""
    attributes = []
    for item in found:
        values = _usable(item.get("values"), _MOST_VALUES) if isinstance(item, dict) else ()
        if len(values) > 1:
            attributes.append(Attribute(str(item.get("name", "")), values))
    return tuple(attributes[:_MOST_ATTRIBUTES])


def read_subjects(found: Sequence[Any], labels: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return label → subjects that an LLM named, as far as they are usable."""
    subjects: dict[str, tuple[str, ...]] = {}
    for item in found:
        if isinstance(item, dict) and isinstance(item.get("label"), str):
            label = spelled(item["label"].strip(), labels)
            values = _usable(item.get("values"), _MOST_VALUES)
            if label in labels and values:
                subjects.setdefault(label, values)
    return subjects


def _usable(found: Any, most: int) -> tuple[str, ...]:
    values = [plain(v) for v in found if isinstance(v, str)] if isinstance(found, list) else []
    return tuple(dict.fromkeys(v for v in values if 0 < len(v) <= _LONGEST_VALUE))[:most]
