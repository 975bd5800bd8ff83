"""The Hugging Face Hub's own client, and what its errors mean to a user."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools.hub.reach import DEFAULT_ENDPOINT
from tools.services import ToolError

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError


class UnreachableError(ToolError):
    """The Hub could not be asked, which says nothing about the model.

    Attributes:
        reason: What the Hub did.
    """

    def __init__(self, repo_id: str, reason: str) -> None:
        super().__init__(
            f"{repo_id} cannot be had: the Hub {reason}; try again, or name a local folder"
        )
        self.reason = reason


def offline() -> bool:
    """Say whether the Hub must not be asked."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


def endpoint() -> str:
    """Return the address of the Hub."""
    return (os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/")


def api() -> "HfApi":
    """Return a client of the Hub; the token is the one that its own library finds."""
    from huggingface_hub import HfApi

    return HfApi(endpoint=endpoint())


def token() -> str | None:
    """Return the token of the Hub, as its own library finds it."""
    from huggingface_hub import get_token

    return get_token()


@contextmanager
def asking(repo_id: str) -> Iterator[None]:
    """Say in one line what went wrong with a model of the Hub.

    Raises:
        UnreachableError: The Hub does not answer, or with an error of its own.
        ToolError: The model is not there, not open to this user, or cannot be read or stored.
    """
    import httpx2
    from huggingface_hub import constants, errors

    try:
        yield
    except errors.HfHubHTTPError as error:
        raise _refused(repo_id, error) from None
    except (httpx2.HTTPError, ConnectionError, errors.LocalEntryNotFoundError) as error:
        raise UnreachableError(repo_id, _what_happened(error)) from None
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise ToolError(
            f"the disk with {constants.HF_HUB_CACHE} is full; make room, or set HF_HOME to another"
        ) from None
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        # What libraries make of answers, cards or file names that nobody should have written.
        raise ToolError(
            f"{repo_id} cannot be read ({type(error).__name__}); choose another base"
        ) from error


def _refused(repo_id: str, error: "HfHubHTTPError") -> ToolError:
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return ToolError(
            f"{repo_id} is gated: accept its terms at {endpoint()}/{repo_id} and set HF_TOKEN"
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return ToolError(
            f"there is no base {repo_id!r} on the Hub, or it is private and HF_TOKEN has no access"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return ToolError(f"{repo_id} no longer has the commit that was asked for")
    return UnreachableError(repo_id, _what_happened(error))


def _what_happened(error: Exception) -> str:
    """Say what the Hub did; a file that is not to be had has its reason behind it."""
    from huggingface_hub.errors import HfHubHTTPError

    for cause in (error, error.__cause__):
        if isinstance(cause, HfHubHTTPError):
            return f"answered {cause.response.status_code}"
    return f"does not answer ({type(error.__cause__ or error).__name__})"
