"""Which forms a student can be shipped in, and shipping it."""

from pathlib import Path
from typing import Literal

from tools.services import ToolError
from tools.shipping.shipped import Shipped, write_program
from tools.students import METHODS, resolve
from tools.students.text.form import FORM, Form

Kind = Literal["probe", "classifier", "causal", "seq2seq", "other"]
FORMATS = ("safetensors", "onnx", "onnx-int8", "gguf")
_NAMES = {"causal": "causal language model", "seq2seq": "sequence-to-sequence model"}
_HERE = "tools.shipping"
_SHIPPERS: dict[str, dict[str, str]] = {
    "safetensors": {
        "classifier": f"{_HERE}.weights:ship_classifier",
        "probe": f"{_HERE}.weights:ship_probe",
        "causal": f"{_HERE}.texts:ship_weights",
        "seq2seq": f"{_HERE}.texts:ship_weights",
    },
    "onnx": {
        "classifier": f"{_HERE}.labels:ship_classifier",
        "probe": f"{_HERE}.labels:ship_probe",
        "causal": f"{_HERE}.texts:ship_causal",
        "seq2seq": f"{_HERE}.texts:ship_seq2seq",
    },
    "gguf": {"causal": f"{_HERE}.gguf:ship"},
}
"""Format → kind → `module:function`, which takes the student's folder and the one to write."""


def kind_of(student: Path, entry: str) -> Kind:
    """Return what kind of student is in a folder; `other` for methods that are not Tasksmith's.

    Raises:
        ToolError: Its form is damaged.
    """
    if (student / FORM).is_file():
        return Form.load(student).kind
    return next((kind for kind in ("probe", "classifier") if METHODS[kind] == entry), "other")


def name_of(kind: Kind) -> str:
    """Return what people call such a student."""
    return _NAMES.get(kind, kind)


def check_format(format_: str, kind: Kind) -> None:
    """Make sure that students of a kind can be shipped in a format.

    Raises:
        ToolError: The kind has no such form, or a package is missing.
    """
    fitting = [name for name in FORMATS if kind in _SHIPPERS.get(_graph(name), {})]
    if format_ not in fitting:
        if not fitting:
            raise ToolError("this student has no other form: only its method knows how it answers")
        others = ", ".join(fitting)
        raise ToolError(f"{format_} does not fit a {name_of(kind)}; choose one of {others}")
    if _graph(format_) == "onnx":
        from tools.shipping.graph import check_packages

        check_packages()


def ship(student: Path, kind: Kind, format_: str, target: Path) -> Shipped:
    """Write a student into the folder `target`, with a program that answers by it.

    Raises:
        ToolError: The student is damaged, or has no such form after all.
    """
    from safetensors import SafetensorError

    check_format(format_, kind)
    write = resolve(_SHIPPERS[_graph(format_)][kind])
    try:
        shipped: Shipped = write(student, target)
    except (FileNotFoundError, ValueError, KeyError, SafetensorError) as error:
        raise ToolError(f"the student in {student} is damaged ({error}); train it again") from error
    if format_ == "onnx-int8":
        from tools.shipping.graph import quantise

        for graph in sorted(target.glob("*.onnx")):
            quantise(graph)
    write_program(shipped, target)
    return shipped


def _graph(format_: str) -> str:
    """Return the format that is written first: integers replace the weights of a whole graph."""
    return "onnx" if format_ == "onnx-int8" else format_
