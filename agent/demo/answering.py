"""The model of a run, ready to answer, with the probabilities of its labels where it can."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.export.cards import kind_of
from agent.export.finished import Finished
from agent.predict import load_model
from tools.services import ToolError
from tools.shipping.ship import ship
from tools.shipping.templates import __name__ as templates

Answering = Callable[[str], list[tuple[str, float]]]


@contextmanager
def answering(done: Finished) -> Iterator[Answering]:
    """Give what answers a text: likely outputs with their probabilities, the likeliest first.

    A student tells no label but the likeliest. The program that is exported with it tells all, so
    that labels come from that, out of a folder that is there as long as this context; texts, and
    labels of students that have no such program, come from the student itself.

    Raises:
        UserError: The model is damaged, or of a method that is not built in.
    """
    # Read when the libraries are imported: their bars are not for a terminal that shows an address.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    with TemporaryDirectory(prefix="tasksmith-demo-") as place:
        yield (_labels(done, Path(place)) if done.spec.output_type == "label" else None) or (
            _student(done)
        )


def _labels(done: Finished, folder: Path) -> Answering | None:
    try:
        shipped = ship(done.model, kind_of(done), "safetensors", folder)
    except ToolError:
        return None
    likely: Answering = import_module(f"{templates}.{shipped.program}").Model(folder).likely
    return likely


def _student(done: Finished) -> Answering:
    student = load_model(done.run)

    def likely(text: str) -> list[tuple[str, float]]:
        (answer,) = student.predict([text])
        return [(answer.output, answer.confidence)]

    return likely
