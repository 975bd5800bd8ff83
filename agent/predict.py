"""Answer texts with the model of a run, in this process."""

import os
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import UserError
from agent.runs import Run, way_on
from tools.services import ToolError

if TYPE_CHECKING:
    from tools.services import Student

BATCH = 256


def read_texts(text: str | None, file: Path | None) -> Iterator[str]:
    """Yield the texts to answer; a file may be of any size.

    Raises:
        UserError: Neither or both are given, or the file cannot be read.
    """
    if (text is None) == (file is None):
        raise UserError("give a TEXT or --file F, one of the two")
    if text is not None and not text.strip():
        raise UserError("the text is empty; give some words to answer")
    if file is not None:
        return _texts_of(file)
    return iter([str(text)])


def _texts_of(file: Path) -> Iterator[str]:
    from tools.reading.inputs import stream_inputs

    try:
        yield from stream_inputs(file)
    except ToolError as error:
        raise UserError(str(error)) from None


def model_folder(run: Run) -> Path:
    """Return the folder of a run's best student.

    Raises:
        UserError: The run has no model yet.
    """
    report = run.report
    if not report or not report["student"]:
        raise UserError(f"run {run.id} has no model; {way_on(run)}", 1)
    return run.folder / "models" / str(report["student"]["id"])


def load_model(run: Run, methods: Collection[str] = ()) -> "Student":
    """Load a run's best student into this process.

    Args:
        run: A finished run.
        methods: Entries, `module:Class`, of methods beside the built-in ones; see `load_student`.

    Raises:
        UserError: The run has no model yet, or its files are damaged or name a method of its own.
    """
    folder = model_folder(run)
    # Read when the libraries are imported: their bars would mix with the answers on a terminal,
    # and idle threads that spin slow small models down where other processes want the cores.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from tools.students.loading import load_student

    try:
        return load_student(folder, methods)
    except ToolError as error:
        raise UserError(str(error), exit_code=1) from None


def answers(student: "Student", texts: Iterable[str]) -> Iterator[list[dict[str, Any]]]:
    """Yield `input`, `output` and `confidence` of each text, in order, `BATCH` at a time."""
    remaining = iter(texts)
    while batch := list(islice(remaining, BATCH)):
        yield [
            {
                "input": text,
                "output": answer.output,
                "confidence": round(answer.confidence, 4),
            }
            for text, answer in zip(batch, student.predict(batch), strict=True)
        ]


def predict_texts(
    run: Run, texts: Iterable[str], methods: Collection[str] = ()
) -> Iterator[dict[str, Any]]:
    """Yield `input`, `output` and `confidence` for each text, in order; `methods` as `load_model`.

    Raises:
        UserError: The run has no model yet, or its files are damaged or name a method of its own.
    """
    student = load_model(run, methods)
    for batch in answers(student, texts):
        yield from batch
