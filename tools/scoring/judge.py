"""Second opinion on a student's answers to test rows: a judge says which of them are right."""

import random

from prompts import render
from tools.examples import Example
from tools.llm.asking import clipped, line
from tools.scoring.intervals import wilson
from tools.services import Call, EndpointError, Json
from tools.task import Label, TaskSpec

JUDGING = "judge"
"""What the calls are booked under."""
TEST_ROWS = 100
RIGHT, WRONG = "right", "wrong"
_MOST_CHARACTERS = 3_000
"""Of each text that a judge is shown."""


def judged(call: Call, student: str) -> Json | None:
    """Return the share of a text student's answers to test rows that a judge finds right.

    For the concluding node alone, after the student has answered the test rows. It is reported
    beside the score and never in its place: judges err, and favour what sounds like them.

    Returns:
        `model`, `value`, `ci95` (Wilson) and `n`. None for labels, and where there is no grader, no
        test row or no verdict that the budget allows. Where the endpoint fails, `value` is None
        and `why` says so.
    """
    services, grader = call.services, call.services.grader
    test = services.store.accepted("test")
    if grader is None or call.spec.output_type != "text" or not test:
        return None
    rows = random.Random(services.seed).sample(test, min(TEST_ROWS, len(test)))
    answers = services.store.predictions(student, "test")
    services.progress(f"asking the judge about {len(rows)} answers to test rows")
    try:
        verdicts = grader.answer(
            _question(call.spec),
            (),
            [_shown(row, answers[row.id].output) for row in rows],
            call=JUDGING,
            seed=services.seed,
        )
    except EndpointError as error:
        services.progress(f"no verdict of the judge: {error}")
        return {"model": grader.name, "value": None, "ci95": None, "n": 0, "why": str(error)}
    n = len(rows) - verdicts.count(None)
    if n == 0:
        return None
    right = verdicts.count(RIGHT)
    return {"model": grader.name, "value": right / n, "ci95": list(wilson(right, n)), "n": n}


def _question(spec: TaskSpec) -> TaskSpec:
    labels = (
        Label(name=RIGHT, meaning="does what the task asks, as well as the reference does"),
        Label(name=WRONG, meaning="says something else, leaves something out, or is malformed"),
    )
    return TaskSpec(
        instruction=render("judge", instruction=spec.instruction),
        labels=labels,
        language=spec.language,
    )


def _shown(row: Example, given: str) -> str:
    texts = {"input": row.input, "reference": row.output, "answer": given}
    return line({name: clipped(text, _MOST_CHARACTERS) for name, text in texts.items()})
