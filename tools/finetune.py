"""The tool `finetune`: trains a student on the accepted training examples."""

from collections.abc import Sequence

from tools.services import Call, Json, ToolError, ToolResult, UnfitBaseError
from tools.splits import hold_out_fresh, settle
from tools.students import bases, client, ranking
from tools.students.base import Base
from tools.students.machine import check_fits
from tools.students.manifest import load_manifest
from tools.students.pins import settled
from tools.students.ranking import KINDS, TRAINING_SHARE, able_methods, matches
from tools.students.situation import look_around
from tools.students.text.tuning import seconds_of_one

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
    most_mb: float | None = None,
) -> ToolResult:
    """Train a student on all accepted training examples.

    Args:
        call: The tool call.
        model: Base model, as pick_model names it; where not given, the default encoder, or none at
            all (`scratch`) for a method that writes.
        method: Student method, as pick_model names it; where not given, the first that can train
            the base for the task.
        hyperparameters: Values to fix; the method chooses the others.
        seconds_left: What is left of the run's time; None where it has no end.
        most_mb: Megabytes that a base may have; None where any number is well.

    Raises:
        ToolError: There are no examples, no such method or base, they cannot train a student, or
            the base is too large.
    """
    services = call.services
    settle(services.store, services.seed, written=call.spec.output_type == "text")
    hold_out_fresh(services.store, call.fresh, services.seed)
    examples = services.store.accepted("train")
    if not examples:
        raise ToolError(
            "there are no training examples; import a data set with map_columns or give --examples"
        )
    method, base = _choice(call, method, model)
    if most_mb is not None and (hyperparameters or {}).get("features") != "ngrams":
        _check_size(settled(services, base), most_mb)
    seconds = (
        None if seconds_left is None else _seconds(call, method, base, len(examples), seconds_left)
    )
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


def _choice(call: Call, method: str | None, model: str | None) -> tuple[str, str]:
    """Return the method and the base to train.

    Raises:
        ToolError: There is no such method or base, or they fit neither each other nor the task.
    """
    if method is None and model in call.services.methods:
        # Who asks for a student may name either.
        method, model = model, None
    if method is not None:
        client.entry_of(call.services, method)
    able = able_methods(call)
    if method is not None and method not in able:
        raise ToolError(f"{method} gives labels, and the task asks for text; use {', '.join(able)}")
    if model is None:
        method = method or next((m for m in able if KINDS.get(m) != "seq2seq"), able[0])
        return method, _usual_base(method)
    base = settled(call.services, model)
    of_its_kind = [name for name in able if KINDS.get(name, base.kind) == base.kind]
    if not of_its_kind or method not in (None, *of_its_kind):
        raise ToolError(_misfit(base, of_its_kind or able, method if of_its_kind else None))
    fitting = (name for name in of_its_kind if matches(name, base))
    return method or next(fitting, of_its_kind[0]), model


def _check_size(base: Base, most_mb: float) -> None:
    """Find out whether a base is as small as the user wants it.

    Raises:
        ToolError: It is not.
    """
    if base.megabytes > most_mb:
        raise ToolError(
            f"{base.name} has {base.megabytes:,.0f} MB, and the user wants at most {most_mb:g} MB;"
            " choose a smaller base, as pick_model lists them"
        )


def _seconds(call: Call, method: str, base: str, rows: int, left: float) -> float:
    """Return how long training may take, so that its student can still be scored.

    Raises:
        UnfitBaseError: There is no time for that, or no memory.
        ToolError: There is none to train another as long as the best.
    """
    if call.spec.output_type == "label":
        return TRAINING_SHARE * left
    at = look_around(call, call.spec.language, left)
    found = settled(call.services, base)
    check_fits(method, found, at.machine)
    answering = ranking.answering(found, at)
    if answering >= left:
        raise UnfitBaseError(
            f"{base} would take about {answering / 60:,.0f} min to answer the {at.about.answered:,}"
            f" rows that score it, and {left / 60:.0f} are left; choose a smaller base, or give"
            " the run more time"
        )
    # Without rows to validate on, others like it are trained to score it.
    trained = 1 if call.services.store.count("validation") else 1 + client.FOLDS
    best = call.best and load_manifest(client.folder_of(call.services, call.best))
    if best and best.base == base:
        again = trained * seconds_of_one(best.seconds, best.notes) * rows / best.train_rows
        if again > left:
            raise ToolError(
                f"to train and score again would take about {again / 60:.0f} min, and"
                f" {left / 60:.0f} are left; the best student stays as it is"
            )
    return min(TRAINING_SHARE * left, left - answering) / trained


def _usual_base(method: str) -> str:
    """Return the base to train where none is named.

    Raises:
        ToolError: There is none of the method's kind.
    """
    kind = KINDS.get(method, "encoder")
    if kind == "seq2seq":
        raise ToolError(
            f"{method} needs the name of a base, such as google/flan-t5-small; pick_model "
            "lists those there are"
        )
    return bases.default().name if kind == "encoder" else bases.SCRATCH.name


def _misfit(base: Base, methods: Sequence[str], method: str | None) -> str:
    """Say why a base does not go with a method, or with any of the task's where that is None."""
    what = f"{base.name} is of kind {base.kind}"
    if method is not None:
        return f"{what}, and {method} trains {KINDS[method]} models; use {' or '.join(methods)}"
    kinds = sorted({KINDS[name] for name in methods if name in KINDS})
    return f"{what}, and this task needs a base of kind {' or '.join(kinds)}; choose another one"
