"""Reading a task spec with an LLM, which understands more than rules; they check what it says."""

import json
from collections.abc import Collection, Sequence

from pydantic import BaseModel, ValidationError

from prompts import render
from tools.hub.names import normalise
from tools.language import base_language
from tools.llm.asking import TEXT, Asker, closed, list_schema, message, one_of
from tools.llm.prompt import Json, Prompt
from tools.reading.language import named_language
from tools.reading.reader import read_task
from tools.reading.schema import said_of
from tools.schemas import check_schema, following
from tools.services import ToolError
from tools.task import Label, OutputType, TaskSpec

CALL = "specify"
MOST_DESCRIBED = 100
"""Labels beyond which their descriptions would fill the prompts that they are meant to help."""
_MOST_TOKENS = 12_000
_MOST_ASSUMPTIONS = 6


class _Task(BaseModel):
    """What an LLM read out of a description."""

    output_type: OutputType
    labels: list[Label]
    language: str
    metric: str
    output_schema: str = ""
    assumptions: list[str]


class LLMReader:
    """Reads tasks with a chat model; satisfies `tools.services.TaskReader`.

    The model is shown the task's prose and the names of labels, never an example: any of them may
    become a test row.
    """

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    def read(self, prompt: str, metrics: Collection[str], outputs: Sequence[str]) -> TaskSpec:
        """Return the spec; where the model gives none that holds, the one that rules read.

        Raises:
            ToolError: The prompt holds no task.
        """
        ruled = read_task(prompt, metrics)
        settled = ruled.label_names
        if not settled and ruled.output_type == "label" and len(outputs) <= MOST_DESCRIBED:
            settled = tuple(sorted(outputs))
        question = _question(ruled.instruction, settled, sorted(metrics))
        reply = next(iter(self._asker.ask([question], CALL)))
        try:
            read = _Task.model_validate(reply.value)
        except ValidationError:
            why = reply.problem or "its answer was incomplete"
            note = f"The model could not read the task ({why}), so rules read it."
            return ruled.model_copy(update={"assumptions": (*ruled.assumptions, note)})
        known = bool(ruled.labels) or (ruled.output_type == "label" and len(outputs) > 1)
        kind: OutputType = "label" if known else read.output_type
        if ruled.output_schema:
            kind = "text"
        merged = _merged(ruled, read, kind, settled, metrics)
        return merged if ruled.output_schema else _with_schema(merged, read.output_schema, outputs)


def _question(text: str, labels: Sequence[str], metrics: Sequence[str]) -> Prompt:
    schema = closed(
        {
            "output_type": one_of(["label", "text"]),
            **list_schema("labels", name=TEXT, meaning=TEXT, borderline=TEXT)["properties"],
            "language": {"type": "string", "description": "BCP 47 tag"},
            "metric": one_of(["", *metrics]),
            "output_schema": {"type": "string", "description": "JSON Schema as JSON, or empty"},
            "assumptions": {"type": "array", "items": TEXT},
        }
    )
    request: Json = {"task": {"text": text, "labels": list(labels)}}
    return Prompt(
        name="task",
        system=render("reader"),
        user=message("task", request, labels=labels),
        schema=schema,
        seed=0,
        max_tokens=_MOST_TOKENS,
        temperature=0.0,
    )


def _merged(
    ruled: TaskSpec,
    read: _Task,
    kind: OutputType,
    settled: Sequence[str],
    metrics: Collection[str],
) -> TaskSpec:
    """Take the model's word, except where the user's own words or examples say otherwise."""
    named = ruled.metric if ruled.metric or read.metric not in metrics else read.metric
    settled_form = [said_of(ruled.output_schema)] if ruled.output_schema else []
    guessed = tuple(read.assumptions[:_MOST_ASSUMPTIONS])
    return TaskSpec(
        instruction=ruled.instruction,
        output_type=kind,
        labels=_labels(ruled, read, settled) if kind == "label" else (),
        language=_language(ruled, read),
        metric=named,
        output_schema=ruled.output_schema,
        demonstrations=ruled.demonstrations,
        assumptions=(*settled_form, *guessed),
        conventions=guessed if kind == "text" else (),
    )


def _with_schema(spec: TaskSpec, written: str, outputs: Sequence[str]) -> TaskSpec:
    """Add the schema that a model read out of a text task, if all of the user's outputs follow it.

    Args:
        spec: The task.
        written: The schema as JSON; empty where the model saw none.
        outputs: Those of the user's examples.
    """
    if spec.output_type == "label" or not written.strip():
        return spec
    try:
        schema = json.loads(written)
        if not isinstance(schema, dict) or not schema:
            return spec
        check_schema(schema)
    except (ValueError, RecursionError, ToolError):
        note = (
            "The model gave a JSON Schema that cannot be used, so outputs are not checked by one."
        )
        return spec.model_copy(update={"assumptions": (*spec.assumptions, note)})
    if any(following(schema, output) is None for output in outputs):
        return spec
    assumptions = (*spec.assumptions, said_of(schema))
    return spec.model_copy(update={"output_schema": schema, "assumptions": assumptions})


def _language(ruled: TaskSpec, read: _Task) -> str:
    """Return the language that the task names or its demonstrations are in; else what was read."""
    certain = ruled.demonstrations or named_language(ruled.instruction, ruled.label_names)
    return ruled.language if certain or not base_language(read.language) else read.language


def _labels(ruled: TaskSpec, read: _Task, settled: Sequence[str]) -> tuple[Label, ...]:
    """Return the labels: those settled, described by the model; else those that it found."""
    found = {normalise(label.name): label for label in read.labels if label.name.strip()}
    if not settled:
        return tuple(found.values()) if len(found) > 1 else ()
    given = {label.name: label.meaning for label in ruled.labels}
    described = []
    for name in settled:
        known = found.get(normalise(name), Label(name=name))
        # The user's few words decide; what the model adds says what may fall under them.
        parts = dict.fromkeys(text for text in (given.get(name), known.meaning) if text)
        described.append(Label(name=name, meaning="; ".join(parts), borderline=known.borderline))
    return tuple(described)
