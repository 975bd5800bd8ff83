"""Answer texts with the model of a run, in this process."""

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from agent.errors import UserError
from agent.runs import Run
from tools.services import ToolError

BATCH = 256


def read_texts(text: str | None, file: Path | None) -> Sequence[str]:
    """Return the texts to answer.

    Raises:
        UserError: Neither or both are given, or the file cannot be read.
    """
    if (text is None) == (file is None):
        raise UserError("give a TEXT or --file F, one of the two")
    if text is not None and not text.strip():
        raise UserError("the text is empty; give some words to answer")
    if text is not None:
        return [text]
    from tools.reading.inputs import read_inputs

    try:
        return read_inputs(Path(str(file)))
    except ToolError as error:
        raise UserError(str(error)) from None


def predict_texts(run: Run, texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield `input`, `output` and `confidence` for each text, in order.

    Raises:
        UserError: The run has no model yet, or the model's files are damaged.
    """
    # Read when the libraries are imported: their bars would mix with the answers on a terminal.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from tools.students.client import load_student

    report = run.report
    if not report or not report["student"]:
        raise UserError(
            f"run {run.id} has no model; `tasksmith resume {run.id}` goes on with it", 1
        )
    folder = run.folder / "models" / report["student"]["id"]
    try:
        student = load_student(folder)
    except ToolError as error:
        raise UserError(str(error), exit_code=1) from None
    remaining = iter(texts)
    while batch := list(islice(remaining, BATCH)):
        for text, answer in zip(batch, student.predict(batch), strict=True):
            yield {
                "input": text,
                "output": answer.output,
                "confidence": round(answer.confidence, 4),
            }
