"""Loading what others have made, with one-line errors."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.services import Student, StudentMethod, ToolError, UnfitBaseError
from tools.students import METHODS, resolve
from tools.students.manifest import load_manifest

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
        first = (str(error).splitlines() or [type(error).__name__])[0]
        why = first.partition(". ")[0].rstrip(".")[:_LONGEST]
        raise UnfitBaseError(
            f"cannot load {name!r} as {role} ({why}); choose another one"
        ) from error


def load_student(folder: Path, methods: Collection[str] = ()) -> Student:
    """Load the student in `folder` into this process.

    A manifest may come from anybody, and to load a module is to run it: only the built-in methods
    and those that the caller names are. What a caller has read in the run's own files, which are
    as foreign, is none of its naming.

    Args:
        folder: That of the student.
        methods: Entries, `module:Class`, of further methods whose code the caller trusts.

    Raises:
        ToolError: It is missing or damaged, or of a method that is neither built in nor named.
    """
    from safetensors import SafetensorError

    entry = load_manifest(folder).entry
    if entry not in {*METHODS.values(), *methods}:
        raise ToolError(
            f"the student in {folder} is of the method {entry!r}, which is not built in, and no"
            " code runs because a file names it; if you trust it, load it from Python with"
            f" tools.students.loading.load_student(folder, [{entry!r}])"
        )
    method: StudentMethod = resolve(entry)()
    try:
        return method.load(folder)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise ToolError(f"the student in {folder} is damaged ({error}); train it again") from error
