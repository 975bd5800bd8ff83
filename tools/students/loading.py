"""Loading what others have made, with one-line errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from tools.services import ToolError, UnfitBaseError

_LONGEST = 200


@contextmanager
def about_base() -> Iterator[None]:
    """Have every ToolError meanwhile be one about a base, whatever else it says.

    Raises:
        UnfitBaseError: In place of a ToolError.
    """
    try:
        yield
    except ToolError as error:
        raise UnfitBaseError(str(error)) from error


@contextmanager
def loading(name: str, role: str) -> Iterator[None]:
    """Turn what libraries raise on a model that is damaged, or of another kind, into one error.

    Args:
        name: The base, or the folder of a student.
        role: What it is loaded as, such as `an encoder`.

    Raises:
        UnfitBaseError: It cannot be loaded.
    """
    from safetensors import SafetensorError

    try:
        yield
    except ToolError:
        raise
    except (
        OSError, ValueError, LookupError, TypeError, AttributeError, ImportError, RuntimeError,
        SafetensorError,
    ) as error:  # fmt: skip
        first = (str(error).splitlines() or [type(error).__name__])[0][:_LONGEST]
        raise UnfitBaseError(f"cannot load {name!r} as {role}: {first}") from error
