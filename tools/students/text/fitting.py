"""Fine-tuning a text student, from rows to its folder, whatever kind its base is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.services import Fit, Json, Prediction, Progress, Student, TrainingSet
from tools.students import bases
from tools.students.curve import Curve
from tools.students.text import models
from tools.students.text.attempts import attempt
from tools.students.text.form import Form, Kind
from tools.students.text.plan import Plan, load_rows
from tools.students.text.planning import make
from tools.students.text.trials import tuned
from tools.students.text.watch import best
from tools.students.text.writer import load_writer

_ANSWERED = 32


def fit(
    kind: Kind, data: TrainingSet, base: str, asked: Json, folder: Path, progress: Progress
) -> Fit:
    """Train on `data` and write the student into `folder`; see `tools.services.StudentMethod`."""
    start = time.monotonic()
    found = bases.find(base)
    models.check_kind(found, kind)
    with _work(data.checkpoints) as work, models.room(work):
        plan = Plan.load(work) or make(found, data, asked, work, progress)
        read, form = load_rows(work), Form.load(work)
        kept, curve = data.checkpoints is not None, Curve(data.curve, data.report_to)
        if asked or not read.dev or data.seconds is None:
            trained, said = work, attempt(work, data.seconds, kept, progress, curve)
        else:
            trained, said = tuned(plan, work, data.seconds, data.seed, kept, progress, curve)
        plan = Plan.load(trained) or plan
        half = found.weight_bytes == 2
        model = models.merged(plan, best(trained), half=half)
        tokenizer = models.load_tokenizer(plan.source, plan.name, kind)
        models.write(model, tokenizer, folder, half=half)
        form.save(folder)
    end = None if data.seconds is None else start + data.seconds
    with models.quiet():
        student = load_writer(folder)
    held_out = _answers(student, data, [row.number for row in read.dev], end)
    return Fit(
        asdict(plan.settings),
        model.num_parameters(),
        (*plan.said, *said),
        held_out,
    )


@contextmanager
def _work(checkpoints: Path | None) -> Iterator[Path]:
    """Give a folder to work in."""
    if checkpoints:
        checkpoints.mkdir(parents=True, exist_ok=True)
        yield checkpoints
    else:
        with TemporaryDirectory() as folder:
            yield Path(folder)


def _answers(
    student: Student, data: TrainingSet, numbers: list[int], end: float | None
) -> dict[int, Prediction]:
    """Return the student's answers to rows held out, as many as there is time for."""
    answers: dict[int, Prediction] = {}
    for start in range(0, len(numbers), _ANSWERED):
        if answers and end is not None and time.monotonic() > end:
            break
        some = numbers[start : start + _ANSWERED]
        answers.update(zip(some, student.predict([data.texts[i] for i in some]), strict=True))
    return answers
