"""Getting a finished run out of its directory: onto the Hub, or into a folder of its own.

A target is a function `(finished, request) -> lines for stdout`, named here by its import path.
"""

from pathlib import Path

from agent.errors import UserError
from agent.export.finished import Request, read_finished
from agent.runs import Run
from tools.students import resolve

SPACE = "space"
TARGETS = {"hub": "agent.export.hub:export"}
"""What `--to` takes, and `module:function` that does it."""


def export(run: Run, target: str, request: Request) -> list[str]:
    """Export a run; return addresses or paths of what came of it.

    Raises:
        UserError: There is no such target, the run has no model, or something is in the way.
    """
    if target not in TARGETS:
        raise UserError(f"--to {target!r} is none of the targets: {', '.join(TARGETS)}")
    lines: list[str] = resolve(TARGETS[target])(read_finished(run), request)
    return lines


def export_folder(
    run: Run, format_: str, folder: Path | None, *, my_rows: bool = False
) -> list[str]:
    """Write the model of a run into a folder that needs no Tasksmith; return its path.

    Args:
        run: A finished run.
        format_: One of `FORMATS`, or `space` for a page with the model in it.
        folder: Where to write; in the run directory where None.
        my_rows: Whether a page may show rows of the user's own as examples.

    Raises:
        UserError: There is no such format, the run has no model, or something is in the way.
    """
    from agent.export import ship, space
    from tools.shipping.ship import FORMATS

    if format_ not in (*FORMATS, SPACE):
        known = ", ".join((*FORMATS, SPACE))
        raise UserError(f"--format {format_!r} is none of the formats: {known}")
    done = read_finished(run)
    if format_ == SPACE:
        return space.export(done, folder, my_rows=my_rows)
    return ship.export(done, format_, folder)


def check_usage(
    target: str | None, repo: str | None, format_: str | None, *publishing: bool, my_rows: bool
) -> None:
    """Make sure that the flags go together.

    Args:
        target: What `--to` says.
        repo: What `--repo` says.
        format_: What `--format` says.
        publishing: Whether each of the flags is given that only publishing knows.
        my_rows: Whether `--with-my-rows` is given.

    Raises:
        UserError: They do not.
    """
    if target and format_:
        raise UserError("--to publishes and --format writes a folder here: give one of the two")
    if not target and not format_:
        raise UserError(
            "say what to do: --to hub --repo NAME publishes the model, --format FORMAT writes a"
            " folder"
        )
    if format_ and (repo or any(publishing)):
        raise UserError(
            "--format publishes nothing: leave out --repo, --public, --yes, --dry-run and --no-data"
        )
    if format_ and format_ != SPACE and my_rows:
        raise UserError(f"no row goes into {format_}: leave out --with-my-rows")
    if target and not repo:
        raise UserError(f"--to {target} needs a name: add --repo NAME")
