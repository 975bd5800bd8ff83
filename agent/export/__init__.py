"""Getting a finished run out of its directory, in one of several forms.

A format is a function `(finished, request) -> lines for stdout`, named here by its import path.
"""

from agent.errors import UserError
from agent.export.finished import Request, read_finished
from agent.runs import Run
from tools.students import resolve

FORMATS = {"hub": "agent.export.hub:export"}
"""What `--to` takes, and `module:function` that does it."""


def export(run: Run, format_: str, request: Request) -> list[str]:
    """Export a run; return addresses or paths of what came of it.

    Raises:
        UserError: There is no such format, the run has no model, or something is in the way.
    """
    if format_ not in FORMATS:
        raise UserError(f"--to {format_!r} is none of the formats: {', '.join(FORMATS)}")
    lines: list[str] = resolve(FORMATS[format_])(read_finished(run), request)
    return lines
