"""Talk about a task until its model is as it should be."""

from typing import Annotated

import typer

from agent.commands.options import (
    DatasetsOption,
    MinutesOption,
    OutOption,
    PlannerOption,
    StudentOption,
    TeacherOption,
    UsdOption,
    settings_from,
)


def chat(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]", help="Run to go on with, as elsewhere; a new one if left out."
        ),
    ] = None,
    datasets: DatasetsOption = None,
    planner: PlannerOption = None,
    teacher: TeacherOption = None,
    student: StudentOption = None,
    budget_usd: UsdOption = None,
    budget_minutes: MinutesOption = None,
    out: OutOption = None,
) -> None:
    """Make a model by talking: describe, correct, approve, refine."""
    from agent.chat.front import converse

    flags = {
        "datasets": datasets,
        "planner": planner,
        "teacher": teacher,
        "student": student,
        "budget_usd": budget_usd,
        "budget_minutes": budget_minutes,
    }
    if run and (given := [name for name, value in flags.items() if value is not None]):
        from agent.errors import UserError

        named = ", ".join("--" + name.replace("_", "-") for name in given)
        raise UserError(f"run {run} keeps the settings it began with; leave out {named}")
    converse(run, settings_from(out=out, **flags))
