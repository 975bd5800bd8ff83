"""Which bases a run uses: allowed ones, and of the Hub the same commit all through."""

import json

from tools.files import write_text
from tools.hub.licences import how_to_allow, is_allowed
from tools.services import Services, ToolError
from tools.students import bases
from tools.students.base import Base
from tools.students.loading import about_base

_COMMITS = "bases.json"


@about_base()
def settled(services: Services, base: str) -> Base:
    """Return a base that the run may use; one of the Hub is the same commit all through a run.

    Raises:
        UnfitBaseError: There is none, it cannot be used, or its licence is not allowed.
    """
    path = services.workspace / _COMMITS
    commits: dict[str, str] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    found = bases.find(commits.get(base, base))
    if found.on_hub and not is_allowed(found.licence, services.allowed_licences):
        raise ToolError(
            f"{found.name} has licence {found.licence!r}; {how_to_allow(found.licence)},"
            " or choose another base"
        )
    if found.reference not in (base, commits.get(base), found.name):
        write_text(path, json.dumps(commits | {base: found.reference}, indent=2))
    return found
