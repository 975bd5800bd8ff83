"""Answering texts that a person types: with the best few labels where the student weighs labels."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Protocol, runtime_checkable

from tools.services import Json, Progress
from tools.students import embeddings
from tools.students.jobs import loaded

MOST_LIKELY = 5


@runtime_checkable
class Weighing(Protocol):
    """A student that gives every label a probability."""

    def likely(self, texts: Sequence[str], most: int) -> list[list[tuple[str, float]]]:
        """Return per text up to `most` labels with their probabilities, best first."""
        ...


def answer(payload: Json, _progress: Progress) -> Json:
    """Answer `texts` with the student in `folder`; students used lately stay in memory.

    What people type is kept in no cache.

    Returns:
        Per text `[output, confidence, margin]` under `predictions`, and under `likely` the best few
        labels with their probabilities; none where the student does not weigh labels.
    """
    student = loaded(payload["folder"], tuple(payload["methods"]))
    texts = payload["texts"]
    with embeddings.sharing(None):
        given = student.predict(texts)
        likely = (
            student.likely(texts, MOST_LIKELY)
            if isinstance(student, Weighing)
            else [[] for _ in texts]
        )
    return {"predictions": [astuple(one) for one in given], "likely": likely}
