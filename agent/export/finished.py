"""A finished run, read for export, and what an export is asked for."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import UserError
from agent.runs import Run, way_on
from tools.examples import Example, ExampleStore, Split
from tools.services import ToolError
from tools.students.manifest import StudentManifest, load_manifest
from tools.task import TaskSpec

SPLITS: tuple[Split, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class Request:
    """What the user asks for.

    Attributes:
        repo: `name` or `owner/name` on the Hub.
        public: Whether all may see it.
        yes: Whether the user has agreed already.
        dry_run: Write the folders, and nothing else.
        folder: Where the folders are written; in the run directory where None.
        data: Whether to publish the data, too.
        my_rows: Whether the user's own rows, and rows made from them, may be published.
    """

    repo: str
    public: bool = False
    yes: bool = False
    dry_run: bool = False
    folder: Path | None = None
    data: bool = True
    my_rows: bool = False


@dataclass(frozen=True)
class Finished:
    """A run that has a model.

    Attributes:
        report: Contents of report.json.
        settings: The effective settings.
        version: Tasksmith's version that ran it.
        model: Folder of the student.
        rows: Accepted examples of each split.
    """

    run: Run
    report: dict[str, Any]
    settings: dict[str, Any]
    version: str
    spec: TaskSpec
    model: Path
    student: StudentManifest
    rows: dict[Split, list[Example]]

    @property
    def task_id(self) -> str:
        """What the Hub calls such a task."""
        return "text-classification" if self.spec.output_type == "label" else "text-generation"


def read_finished(run: Run) -> Finished:
    """Read what an export needs of a run.

    Raises:
        UserError: The run has not ended, has no model, or was made by a version whose reports say
            nothing of licences.
    """
    manifest, report = run.manifest, run.report
    if report is None or run.status == "running":
        raise UserError(f"run {run.id} has not ended; {way_on(run)}", 1)
    if not report["student"]:
        raise UserError(f"run {run.id} has no model: {report['stop_detail']}", 1)
    if "licence" not in report["data"]:
        raise UserError(
            f"the report of run {run.id} says nothing of licences: an earlier version made it;"
            " run the task again", 1
        )  # fmt: skip
    model = run.folder / "models" / report["student"]["id"]
    try:
        student = load_manifest(model)
    except ToolError as error:
        raise UserError(str(error), 1) from None
    with closing(ExampleStore(run.folder / "data.sqlite")) as store:
        rows = {split: store.accepted(split) for split in SPLITS}
    spec = TaskSpec.model_validate(report["task"])
    return Finished(
        run, report, manifest["settings"], manifest["tasksmith"], spec, model, student, rows
    )
