"""The Hugging Face Hub's own client, and what its errors mean to a user.

HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE are honoured as that library honours them.
"""

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeVar

from tools.services import Json, ToolError

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

DEFAULT_ENDPOINT = "https://huggingface.co"
Kind = Literal["base", "data set"]
_PAGES: dict[Kind, str] = {"base": "", "data set": "datasets/"}
PAUSES_S = (0.5, 1.0, 2.0, 4.0)
BUSY = (429, 500, 502, 503, 504)
_DENIED = {
    401: "does not accept the token (set HF_TOKEN anew, or log in with `hf auth login`)",
    403: "does not open it to the token (set HF_TOKEN to one that may read it)",
}
T = TypeVar("T")


class UnreachableError(ToolError):
    """The Hub could not be asked, which says nothing about what was asked for.

    Attributes:
        reason: What the Hub did.
        passing: Whether the same question may be answered in a moment.
    """

    def __init__(self, subject: str, reason: str, *, passing: bool = False) -> None:
        super().__init__(
            f"{subject} cannot be had: the Hub {reason}; try again, or name a local folder"
        )
        self.reason = reason
        self.passing = passing


def offline() -> bool:
    """Say whether the Hub must not be asked."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


def endpoint() -> str:
    """Return the address of the Hub, or of the mirror in its place."""
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
def asking(subject: str, kind: Kind) -> Iterator[None]:
    """Say in one line what went wrong with something of the Hub.

    Args:
        subject: Name of a repository, or what is asked for in words.
        kind: What it is.

    Raises:
        UnreachableError: The Hub does not answer, or with an error of its own.
        ToolError: It is not there, not open to this user, or cannot be read or stored.
    """
    import httpx2
    from huggingface_hub import constants, errors

    try:
        yield
    except errors.HfHubHTTPError as error:
        raise _refused(subject, kind, error) from None
    except (
        httpx2.HTTPError, ConnectionError, errors.LocalEntryNotFoundError, RuntimeError,
    ) as error:  # fmt: skip
        # A RuntimeError is a shared client that another thread has closed after a failure.
        passing = not isinstance(error, errors.OfflineModeIsEnabled)
        raise UnreachableError(subject, _what_happened(error), passing=passing) from None
    except OSError as error:
        folder = constants.HF_HUB_CACHE
        if error.errno == errno.ENOSPC:
            raise ToolError(
                f"the disk with {folder} is full; make room, or set HF_HOME to another"
            ) from None
        if error.errno is None:
            raise  # of a library's own, such as a folder without data
        raise ToolError(
            f"{subject} cannot be kept in {folder} ({error.strerror});"
            " set HF_HOME to a folder that can be written"
        ) from None
    except errors.HFValidationError:
        raise ToolError(f"{subject!r} is no name of a {kind}; names look like owner/name") from None
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        # What libraries make of answers, cards or file names that nobody should have written.
        raise ToolError(
            f"{subject} cannot be read ({type(error).__name__}); choose another {kind}"
        ) from error


def patiently(ask: Callable[[], T], subject: str, kind: Kind, end: float | None = None) -> T:
    """Ask, and ask again where the Hub was busy or its answer cut off: a few times, ever later.

    Args:
        ask: The question.
        subject: Name of a repository, or what is asked for in words.
        kind: What it is.
        end: Time by the monotonic clock after which nothing is asked again.

    Raises:
        UnreachableError: The Hub does not answer, or with an error of its own.
        ToolError: It is not there, not open to this user, or cannot be read or stored.
    """
    for pause in PAUSES_S:
        try:
            with asking(subject, kind):
                return ask()
        except UnreachableError as error:
            if not error.passing or (end is not None and time.monotonic() + pause >= end):
                raise
            time.sleep(pause)
    with asking(subject, kind):
        return ask()


def list_repos(what: Literal["models", "datasets"], query: Json, seconds: float) -> list[Json]:
    """Return one page of the repositories that the Hub lists for a query, as it describes them.

    `HfApi.list_models` and `list_datasets` ask the same, but go on asking a busy or silent Hub for
    half a minute and more, which nobody can stop.

    Args:
        what: Which list.
        query: Parameters of the Hub's API, such as `search`, `filter`, `sort`, `limit`, `expand`.
        seconds: How long to wait for an answer.

    Raises:
        UnreachableError: The Hub does not answer, or not in time.
        ToolError: Its answer cannot be read.
    """
    from huggingface_hub import get_session
    from huggingface_hub.utils import (  # type: ignore[attr-defined]
        build_hf_headers,
        hf_raise_for_status,
    )

    end = time.monotonic() + seconds

    def ask() -> list[Json]:
        left = max(0.1, end - time.monotonic())
        response = get_session().get(
            f"{endpoint()}/api/{what}", params=query, headers=build_hf_headers(), timeout=left
        )
        hf_raise_for_status(response)
        return list(response.json())

    kind: Kind = "base" if what == "models" else "data set"
    return patiently(ask, f"the list of {kind}s", kind, end)


def _refused(subject: str, kind: Kind, error: "HfHubHTTPError") -> ToolError:
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        page = f"{endpoint()}/{_PAGES[kind]}{subject}"
        then = "with the account that HF_TOKEN is of" if token() else "and set HF_TOKEN"
        return ToolError(f"{subject} is gated: accept its terms at {page} {then}")
    if isinstance(error, errors.RepositoryNotFoundError | errors.DisabledRepoError):
        return ToolError(
            f"there is no {kind} {subject!r} on the Hub, or it is private and HF_TOKEN has no"
            " access"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return ToolError(f"{subject} no longer has the commit that was asked for")
    status = error.response.status_code
    reason = _DENIED.get(status) or _what_happened(error)
    return UnreachableError(subject, reason, passing=status in BUSY)


def _what_happened(error: Exception) -> str:
    """Say what the Hub did; a file that is not to be had has its reason behind it."""
    from huggingface_hub.errors import HfHubHTTPError

    for cause in (error, error.__cause__):
        if isinstance(cause, HfHubHTTPError):
            return f"answered {cause.response.status_code}"
    return f"does not answer ({type(error.__cause__ or error).__name__})"
