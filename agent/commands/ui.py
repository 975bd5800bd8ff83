"""The web page."""

import webbrowser
from typing import Annotated

import typer

from agent.commands.options import (
    DatasetsOption,
    MinutesOption,
    OutOption,
    PlannerOption,
    TeacherOption,
    UsdOption,
    progress,
    settings_from,
)


def ui(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port; 0 for any.", show_default="the first free one from 7860"
        ),
    ] = None,
    share: Annotated[
        bool, typer.Option("--share", help="Get a public address from Gradio's servers.")
    ] = False,
    mcp: Annotated[bool, typer.Option("--mcp", help="Let agents call the models, by MCP.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    datasets: DatasetsOption = None,
    planner: PlannerOption = None,
    teacher: TeacherOption = None,
    student: Annotated[
        str | None, typer.Option(help="Method, base model, or 'scratch', for new tasks.")
    ] = None,
    budget_usd: UsdOption = None,
    budget_minutes: MinutesOption = None,
    out: OutOption = None,
) -> None:
    """Show conversations, runs, data, traces and models on a web page.

    Only this machine can reach it, unless you say otherwise; then TASKSMITH_UI_PASSWORD is asked.
    """
    from agent.ui.server import Place, serve_page

    settings = settings_from(
        datasets=datasets,
        planner=planner,
        teacher=teacher,
        student=student,
        budget_usd=budget_usd,
        budget_minutes=budget_minutes,
        out=out,
    )

    def ready(line: str, address: str | None = None) -> None:
        progress(line)
        if open_ and address:
            webbrowser.open(address)

    serve_page(settings, Place(host, port, share, mcp), ready)
