"""A student's answers to stored rows: asked for, kept in the store, and lined up with the truth."""

from collections.abc import Mapping, Sequence

from tools.examples import Example, Scored, Split
from tools.services import Call, Prediction
from tools.students import client, held_out

Answers = Mapping[int, Scored]
"""Example id → answer."""


def answer_split(call: Call, student: str, split: Split) -> tuple[list[Example], Answers]:
    """Have a student answer all accepted rows of a split it was not trained on; keep the answers.

    Raises:
        ToolError: There is no such student.
    """
    store = call.services.store
    rows = store.accepted(split)
    given = client.predict(call.services, student, [e.input for e in rows])
    scored = _scored(dict(zip((e.id for e in rows), given, strict=True)))
    store.save_predictions(student, split, scored.values())
    return rows, scored


def answer_held_out(call: Call, student: str, training: Sequence[Example]) -> Answers:
    """Return a student's answers to those training rows that it held out for itself, if it did.

    They tell what it gets wrong, but do not score it: it stopped, and was chosen, by these rows.

    Raises:
        ToolError: There is no such student.
    """
    there = {e.id for e in training}
    given = held_out.read(client.folder_of(call.services, student))
    return _scored({i: answer for i, answer in given.items() if i in there})


def answer_out_of_fold(
    call: Call, student: str, rows: Sequence[Example], seconds: float | None
) -> Answers:
    """Return answers to training rows by students like one, that did not learn from those rows.

    Args:
        call: The tool call.
        student: Id of the student.
        rows: What to answer.
        seconds: How long it may take; what is not answered until then stays unanswered.

    Raises:
        ToolError: There is no such student, or there are too few rows for folds.
    """
    store = call.services.store
    training, wanted = store.accepted("train"), {e.id for e in rows}
    return _scored(client.cross_validate(call.services, student, training, wanted, seconds=seconds))


def aligned(rows: Sequence[Example], answers: Answers) -> tuple[list[str], list[str]]:
    """Return right outputs and given outputs of the rows that have an answer."""
    pairs = [(e.output, answers[e.id].output) for e in rows if e.id in answers]
    return [right for right, _ in pairs], [given for _, given in pairs]


def _scored(predictions: Mapping[int, Prediction]) -> dict[int, Scored]:
    return {i: Scored(i, p.output, p.confidence, p.margin) for i, p in predictions.items()}
