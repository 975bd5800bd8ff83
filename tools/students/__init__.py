"""Students: the small models that Tasksmith trains, and the process that trains them."""

import importlib
from typing import Any

from tools.services import ToolError

METHODS = {
    "probe": "tools.students.probe:Probe",
    "classifier": "tools.students.classifier:Classifier",
    "seq2seq": "tools.students.text.seq2seq:Seq2Seq",
    "sft": "tools.students.text.sft:Sft",
}
"""Student method name to `module:Class`; each class satisfies `tools.services.StudentMethod`."""


def resolve(entry: str) -> Any:
    """Return what `module:name` names.

    Raises:
        ToolError: There is no such module or name.
    """
    module, _, name = entry.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ToolError(f"cannot load {entry!r}: {error}") from error
