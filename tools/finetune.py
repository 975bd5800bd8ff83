"""The tool `finetune`: trains a student on the accepted training examples."""

from tools.services import Call, Json, ToolError, ToolResult
from tools.splits import settle
from tools.students import bases, client
from tools.students.ranking import able_methods

_DEFAULT_METHOD = "probe"
_SHARE_OF_TIME = 0.6
"""The rest is for answering rows, for the baselines, and for being wrong about the time."""
_SHOWN = {
    "student", "method", "base", "hyperparameters", "parameters", "size_mb", "latency_ms",
    "train_rows", "seconds", "notes", "licence",
}  # fmt: skip


def finetune(
    call: Call,
    model: str | None = None,
    method: str | None = None,
    hyperparameters: Json | None = None,
    *,
    seconds_left: float | None = None,
) -> ToolResult:
    """Train a student on all accepted training examples.

    Args:
        call: The tool call.
        model: Base model, as pick_model names it; the default encoder where not given.
        method: Student method, as pick_model names it; `probe` where not given.
        hyperparameters: Values to fix; the method chooses the others.
        seconds_left: What is left of the run's time; None where it has no end.

    Raises:
        ToolError: There are no examples, no such method or base, or they cannot train a student.
    """
    services = call.services
    settle(services.store, services.seed, written=call.spec.output_type == "text")
    examples = services.store.accepted("train")
    if not examples:
        raise ToolError(
            "there are no training examples; import a data set with map_columns or give --examples"
        )
    method = method or _DEFAULT_METHOD
    client.entry_of(services, method)
    if method not in (able := able_methods(call)):
        raise ToolError(f"{method} gives labels, and the task asks for text; use {', '.join(able)}")
    base = model or bases.default().name
    seconds = None if seconds_left is None else _SHARE_OF_TIME * seconds_left
    student = client.train(
        services, call.spec, examples, method, base, hyperparameters or {}, seconds
    )
    settings = ", ".join(f"{name}={value}" for name, value in student.hyperparameters.items())
    text = (
        f"Trained student {student.student} ({student.method} on {student.base}; {settings}) on "
        f"{student.train_rows:,} rows: {student.size_mb:g} MB, {student.latency_ms:g} ms per text."
    )
    return " ".join([text, *(f"Note: {note}." for note in student.notes)]), {
        "tool": "finetune",
        **student.model_dump(mode="json", include=_SHOWN),
    }
