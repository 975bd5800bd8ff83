"""Names of repositories on the Hub, and of models as the Hub knows them."""

import re
from pathlib import Path

from agent.errors import UserError
from tools.hub.licence_names import UNKNOWN
from tools.students.hub_model import parse
from tools.students.on_disk import BUNDLED, BUNDLED_ON_HUB

_NAME = re.compile(r"(?!.*(?:--|\.\.|\.git$))[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", re.ASCII)
_LONGEST = 96
COMMIT = re.compile(r"[0-9a-f]{40}")
"""Revision on the Hub; local catalogues and folders have shorter ones."""


def check_name(repo: str) -> str:
    """Return a repository's name if its model and its data can be called that.

    Raises:
        UserError: The Hub takes no such name; the message says which it takes.
    """
    known = all(_NAME.fullmatch(part) for part in repo.split("/"))
    if not known or repo.count("/") > 1 or len(data_name(repo)) > _LONGEST:
        raise UserError(
            f"--repo {repo!r} is no name for a repository; give NAME or OWNER/NAME of letters,"
            " digits and single '-', '_' and '.' between them"
        )
    return repo


def data_name(repo: str) -> str:
    """Return the name of the data repository that goes with a model's."""
    return f"{repo}-data"


def on_hub(base: str) -> str | None:
    """Return a base model's id on the Hub; None for a folder of this machine."""
    if base == BUNDLED:
        return BUNDLED_ON_HUB
    return base if parse(base) else None


def shown(base: str) -> str:
    """Return what to call a base model in public: of a folder only its last part."""
    return on_hub(base) or Path(base).name or UNKNOWN
