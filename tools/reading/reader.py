"""Reading a task spec out of a prompt by rules, for when no LLM is there to do it."""

from collections.abc import Collection

from pydantic import ValidationError

from tools.reading.demonstrations import extract
from tools.reading.kind import output_type
from tools.reading.labels import labels_in_outputs, labels_in_prose
from tools.reading.language import input_language
from tools.reading.metric import BUILT_IN, metric
from tools.reading.schema import said_of, schema_in_words, take_schema
from tools.services import ToolError
from tools.task import Label, TaskSpec


def read_task(prompt: str, metrics: Collection[str] = BUILT_IN) -> TaskSpec:
    """Turn a prompt into a task spec; what is guessed is said in its `assumptions`.

    Args:
        prompt: The task in words, perhaps with demonstrations.
        metrics: Names of the metrics that the task may ask for.

    Raises:
        ToolError: The prompt is empty or holds nothing but demonstrations, or its JSON Schema
            cannot be used.
    """
    given, rest = take_schema(prompt)
    extracted = extract(rest)
    prose = extracted.prose
    outputs = [pair.output for pair in extracted.demonstrations]
    named = labels_in_prose(prose)
    schema = given or schema_in_words(prose, outputs)
    kind, why_kind = output_type(prose, outputs, bool(named))
    if schema:
        kind, why_kind = "text", said_of(schema)
    labels: tuple[Label, ...] = ()
    why_labels: str | None = None
    if kind == "label":
        labels = named or labels_in_outputs(outputs)
        if not labels:
            why_labels = "No labels are named, so they will come from the data."
        elif not named:
            why_labels = "I took the labels from the outputs of the demonstrations."
    language, why_language = input_language(
        prose, extracted.demonstrations, [label.name for label in labels]
    )
    measure, why_metric = metric(prose, metrics, kind)
    guesses = (why_kind, why_labels, why_language, why_metric)
    try:
        return TaskSpec(
            instruction=prose,
            output_type=kind,
            labels=labels,
            language=language,
            metric=measure,
            output_schema=schema,
            demonstrations=extracted.demonstrations,
            assumptions=tuple(guess for guess in guesses if guess),
        )
    except ValidationError as error:
        reason = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise ToolError(reason) from error
