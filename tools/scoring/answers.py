"""A student's answers to stored rows: asked for, kept in the store, and lined up with the truth."""

from collections.abc import Mapping, Sequence

from tools.examples import Example, Scored, Split
from tools.services import Call, Prediction
from tools.students import client

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


def answer_out_of_fold(call: Call, student: str, rows: Sequence[Example]) -> Answers:
    """Return answers to training rows by a student that has not learned from the row in question.

    A student that held rows out for itself has answered those, and no others. For any other one,
    students are trained like it. The answers are kept under "oof".

    Raises:
        ToolError: There is no such student, or there are too few rows for folds.
    """
    store = call.services.store
    training, wanted = store.accepted("train"), {e.id for e in rows}
    answers = client.held_out(call.services, student) or client.cross_validate(
        call.services, student, training, wanted
    )
    scored = _scored({i: answer for i, answer in answers.items() if i in wanted})
    store.save_predictions(student, "oof", scored.values())
    return scored


def aligned(rows: Sequence[Example], answers: Answers) -> tuple[list[str], list[str]]:
    """Return right outputs and given outputs of the rows that have an answer."""
    pairs = [(e.output, answers[e.id].output) for e in rows if e.id in answers]
    return [right for right, _ in pairs], [given for _, given in pairs]


def _scored(predictions: Mapping[int, Prediction]) -> dict[int, Scored]:
    return {i: Scored(i, p.output, p.confidence, p.margin) for i, p in predictions.items()}
