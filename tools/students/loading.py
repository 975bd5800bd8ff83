"""Loading what others have made, with one-line errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from tools.services import ToolError

_LONGEST = 200


@contextmanager
def loading(name: str, role: str) -> Iterator[None]:
    """Turn what libraries raise on a model that is damaged, or of another kind, into a ToolError.

    Args:
        name: The base, or the folder of a student.
        role: What it is loaded as, such as `an encoder`.
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
        raise ToolError(f"cannot load {name!r} as {role}: {first}") from error
