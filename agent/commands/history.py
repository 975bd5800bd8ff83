"""Look back at the steps of a run, and begin anew from one of them."""

from typing import Annotated

import typer

from agent.commands.options import (
    JsonOption,
    MinutesOption,
    OutOption,
    RunArgument,
    UsdOption,
    print_json,
    settings_from,
)

STEP = "Number of a step, as `history` lists them."


def history(
    run: RunArgument,
    at: Annotated[int | None, typer.Option(metavar="STEP", help=STEP)] = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the steps of a run, or show where it stood at one of them."""
    from agent.history import state_json, step_at, steps
    from agent.history_view import print_step, print_steps
    from agent.runs import find

    target = find(settings_from(out=out).out, run)
    if at is not None:
        step = step_at(target, at)
        return print_json(state_json(step)) if as_json else print_step(step)
    found = steps(target)
    return print_json([s.as_json() for s in found]) if as_json else print_steps(target, found)


def fork(
    run: RunArgument,
    at: Annotated[int, typer.Option(metavar="STEP", help=STEP)],
    say: Annotated[
        str,
        typer.Option(metavar="WORDS", help="What to say there: a change, an answer, a question."),
    ] = "",
    max_rounds: Annotated[int | None, typer.Option(help="Most rounds.")] = None,
    budget_usd: UsdOption = None,
    budget_minutes: MinutesOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin a new run from a step of another one.

    What that one has paid for is not paid again. A change that is said is made without asking,
    and may cost as much again as a run; a conversation asks.
    """
    from agent import app as api
    from agent.fork import fork as fork_run
    from agent.runs import find, way_on
    from agent.terminal import watch

    # What was given is checked as settings are.
    limits = {
        "max_rounds": max_rounds,
        "budget_usd": budget_usd,
        "budget_minutes": budget_minutes,
    }
    settings = settings_from(out=out, **limits)
    new = fork_run(find(settings.out, run), at, settings.out, say, **limits)
    if new.mode == "chat":
        print(f"{new.id} is a conversation; {way_on(new)}")
        return
    raise typer.Exit(watch(api.resume(new.folder), as_json))
