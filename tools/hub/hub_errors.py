"""What goes wrong between here and the Hub, each in one line that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from tools.services import ToolError

BUSY = (429, 500, 502, 503, 504)


class HubError(ToolError):
    """The Hub answers, and what was asked for cannot be had."""


class HubSilentError(ToolError):
    """The Hub cannot be reached, or is too busy to answer; what is local is all there is.

    Attributes:
        passing: Whether the same question may be answered in a moment.
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


@contextmanager
def asking(repo_id: str = "", *, kind: str = "data set") -> Iterator[None]:
    """Turn the errors of `huggingface_hub` into ours.

    Args:
        repo_id: The repository that is asked for, for the message.
        kind: What it is, for the message.

    Raises:
        HubError: There is no such thing, or it may not be read.
        HubSilentError: The Hub cannot be reached, or is too busy to answer.
    """
    from httpx2 import HTTPError
    from huggingface_hub import errors

    try:
        yield
    except (HTTPError, errors.EntryNotFoundError, errors.OfflineModeIsEnabled) as error:
        raise _ours(error, repo_id, kind) from error
    except errors.HFValidationError as error:
        raise HubError(f"{repo_id!r} is no name of a {kind}; names look like owner/name") from error


def _ours(error: Exception, repo_id: str, kind: str) -> ToolError:
    from huggingface_hub import errors

    # The order counts: a gated repository is a special case of one that is not found.
    if isinstance(error, errors.GatedRepoError):
        return HubError(
            f"{repo_id} is gated: ask for access on its page at the Hub, then set HF_TOKEN"
        )
    if isinstance(error, (errors.RepositoryNotFoundError, errors.DisabledRepoError)):
        return HubError(
            f"no {kind} {repo_id!r} at the Hub; if it is private, set HF_TOKEN to a token that may"
            " read it"
        )
    if isinstance(error, (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled)):
        return HubSilentError(f"{repo_id} is not in the local cache, and the Hub is out of reach")
    if isinstance(error, (errors.EntryNotFoundError, errors.RevisionNotFoundError)):
        return HubError(f"a file or commit of {repo_id} is gone from the Hub")
    if isinstance(error, errors.HfHubHTTPError):
        return _refused(error.response.status_code)
    return HubSilentError(f"the Hub does not answer ({type(error).__name__})", passing=True)


def _refused(status: int) -> ToolError:
    if status in BUSY:
        return HubSilentError(f"the Hub is too busy to answer (status {status})", passing=True)
    if status in (401, 403):
        return HubError(f"the Hub refuses access (status {status}); check HF_TOKEN")
    return HubError(f"the Hub refuses the request (status {status})")
