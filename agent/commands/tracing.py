"""Show what the agent did."""

from typing import Annotated

import typer

from agent.commands.options import OutOption, RunArgument, settings_from

USUAL_SLOWEST = 10


def trace(
    run: RunArgument,
    number: Annotated[
        int | None, typer.Argument(metavar="N", min=1, help="Of --slowest: how many; 10.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Print steps as they end, until the run does.")
    ] = False,
    errors: Annotated[bool, typer.Option("--errors", help="Only steps that failed.")] = False,
    slowest: Annotated[
        bool, typer.Option("--slowest", help="The N steps that took longest.")
    ] = False,
    span: Annotated[
        str | None, typer.Option(metavar="ID", help="One step with everything.")
    ] = None,
    out: OutOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one step a line, and nothing else.")
    ] = False,
) -> None:
    """Print the steps of a run as a tree.

    Times, tool arguments and results, decisions, and what calls to LLMs came to.
    """
    from agent.errors import UserError
    from agent.runs import find
    from agent.traces.following import follow as follow_run
    from agent.traces.showing import show

    if number and not slowest:
        raise UserError(f"{number} is for --slowest only: tasksmith trace {run} --slowest {number}")
    target = find(settings_from(out=out).out, run)
    if not follow:
        show(target, errors, (number or USUAL_SLOWEST) if slowest else None, span, as_json)
        return
    try:
        follow_run(target, errors, as_json)
    except KeyboardInterrupt:
        raise typer.Exit from None
