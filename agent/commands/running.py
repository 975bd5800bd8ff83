"""Do a task, or go on with one."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from agent.commands.options import (
    DatasetsOption,
    JsonOption,
    MinutesOption,
    OutOption,
    PlannerOption,
    RunArgument,
    StudentOption,
    TeacherOption,
    UsdOption,
    settings_from,
)

TaskArgument = Annotated[str, typer.Argument(metavar="TASK", help="Text, a file, or - for stdin.")]


def run(
    task: TaskArgument,
    examples: Annotated[Path | None, typer.Option(help="File with your own examples.")] = None,
    test: Annotated[Path | None, typer.Option(help="File with your own test rows.")] = None,
    datasets: DatasetsOption = None,
    planner: PlannerOption = None,
    teacher: TeacherOption = None,
    judge: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="Chat model for second opinions; the teacher's."),
    ] = None,
    judge_test: Annotated[
        bool | None,
        typer.Option("--judge-test", help="Have the judge grade test answers that are text."),
    ] = None,
    student: StudentOption = None,
    max_rounds: Annotated[int | None, typer.Option(help="Most rounds.")] = None,
    budget_usd: UsdOption = None,
    prices: Annotated[Path | None, typer.Option(help="TOML file with prices of models.")] = None,
    budget_minutes: MinutesOption = None,
    target: Annotated[
        float | None, typer.Option(help="Stop at this validation score (0 to 1).")
    ] = None,
    allow_license: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Allow a licence; repeatable.")
    ] = None,
    report_to: Annotated[
        str | None, typer.Option(metavar="trackio", help="Have trackio follow training, too.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all random choices.")] = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Do a task from its description to a measured model."""
    from agent import app as api
    from agent.intake import task_text
    from agent.terminal import watch

    settings = settings_from(
        datasets=datasets,
        planner=planner,
        teacher=teacher,
        judge=judge,
        judge_test=judge_test,
        prices=prices,
        student=student,
        max_rounds=max_rounds,
        budget_usd=budget_usd,
        budget_minutes=budget_minutes,
        target=target,
        allow_license=allow_license,
        report_to=report_to,
        seed=seed,
        out=out,
    )
    text = task_text(task, sys.stdin.read() if task == "-" else None)
    raise typer.Exit(watch(api.run(text, settings, examples=examples, test=test), as_json))


def resume(run: RunArgument, out: OutOption = None, as_json: JsonOption = False) -> None:
    """Go on with a run that was interrupted."""
    from agent import app as api
    from agent.runs import find
    from agent.terminal import watch

    folder = find(settings_from(out=out).out, run).folder
    raise typer.Exit(watch(api.resume(folder), as_json))
