"""`--to hub`: a model and its data become repositories on the Hugging Face Hub.

Each is one commit, the data's first, since the model's card points to it. Repeating the command
after a failure is safe: what is there already is not sent again.
"""

import os
import sys

from agent.errors import UserError
from agent.export.finished import Finished, Request
from agent.export.folders import stage
from agent.export.names import check_name
from agent.export.plan import show_plan
from agent.export.rows import Selection, select


def export(done: Finished, request: Request) -> list[str]:
    """Write the folders, ask, and publish them; return their addresses, or paths in a dry run.

    Raises:
        UserError: Something is in the way, or the user says no; nothing has been published then.
    """
    repo = check_name(request.repo)
    parent = request.folder or done.run.folder / "export"
    selection = select(done, my_rows=request.my_rows) if request.data else Selection({}, {})
    if request.dry_run:
        staged = stage(done, repo, selection, parent)
        show_plan(done, staged, selection, request, where=str(parent))
        return [str(one.folder) for one in staged]
    _check_consent(request)
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "0" if sys.stderr.isatty() else "1")
    from agent.export.push import Hub

    hub = Hub()
    repo = check_name(hub.full_name(repo))
    staged = stage(done, repo, selection, parent)
    for one in staged:
        hub.check(one, public=request.public)
    show_plan(done, staged, selection, request, where=hub.endpoint)
    if not request.yes and not _agreed():
        raise UserError("nothing was published", 1)
    return [hub.push(one, public=request.public) for one in staged]


def _check_consent(request: Request) -> None:
    if not request.yes and not sys.stdin.isatty():
        raise UserError("publishing needs a yes: add --yes, or look first with --dry-run")


def _agreed() -> bool:
    from rich.console import Console

    try:
        answer = Console(stderr=True).input("Publish this? [y/N] ", markup=False)
    except EOFError:
        return False
    return answer.strip().casefold() in ("y", "yes")
