"""Fine-tuning a text student from rows to its folder, whatever kind its base is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.services import Fit, Json, Progress, Student, TrainingSet
from tools.students import bases, hub_model, resolve
from tools.students.text import models, rows, training
from tools.students.text.form import Form, Kind
from tools.students.text.plan import Plan, save_rows
from tools.students.text.settings import settle, usual
from tools.students.text.watch import best


def fit(
    kind: Kind, data: TrainingSet, base: str, asked: Json, folder: Path, progress: Progress
) -> Fit:
    """Train on `data` and write the student into `folder`; see `tools.services.StudentMethod`."""
    with _work(data.checkpoints) as work:
        said: list[str] = []
        plan = Plan.load(work)
        if plan is None:
            plan, said = _plan(kind, data, base, asked, work, progress)
        said += training.run(work, data.seconds, data.checkpoints is not None, progress)
        model = _finish(plan, work, folder)
    return Fit(asdict(plan.settings), model.num_parameters(), tuple(said))


def load(folder: Path) -> Student:
    """Load the student in `folder`."""
    student: Student = resolve("tools.students.text.writer:load_writer")(folder)
    return student


@contextmanager
def _work(checkpoints: Path | None) -> Iterator[Path]:
    """Give a folder to work in."""
    if checkpoints:
        checkpoints.mkdir(parents=True, exist_ok=True)
        yield checkpoints
    else:
        with TemporaryDirectory() as folder:
            yield Path(folder)


def _plan(
    kind: Kind, data: TrainingSet, base: str, asked: Json, work: Path, progress: Progress
) -> tuple[Plan, list[str]]:
    """Make a plan and what it needs in `work`; return it with what is worth a note."""
    found = bases.find(base)
    models.check_kind(found, kind)
    source = str(hub_model.fetch(found, progress))
    tokenizer = models.load_tokenizer(source, found.name, kind)
    form = Form(
        kind=kind,
        style="chat" if tokenizer.chat_template else "plain",
        instruction=data.instruction,
        labels=tuple(data.labels) if data.output_type == "label" else (),
        schema=data.schema,
        longest_prompt=0,
        longest_completion=0,
    )
    read, form = rows.read(data, form, tokenizer, found.context if kind == "causal" else None)
    settings = settle(asked, usual(kind, len(read.train), found.parameters or 0, "none"))
    form.save(work)
    save_rows(read, work)
    plan = Plan(kind, source, found.name, settings, data.seed)
    plan.save(work)
    return plan, rows.notes(data, read, form)


def _finish(plan: Plan, work: Path, folder: Path) -> Any:
    """Write the student from the best weights, and return its model."""
    tokenizer = models.load_tokenizer(plan.source, plan.name, plan.kind)
    model = models.load_model(str(best(work)), plan.name, plan.kind)
    models.write(model, tokenizer, folder)
    Form.load(work).save(folder)
    return model
