"""Trains and questions students, through the executor."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path

from tools.examples import Example
from tools.services import Json, Prediction, Services, ToolError
from tools.students import held_out
from tools.students.base import Base
from tools.students.curve import curve_of
from tools.students.folds import Fold, families, make_folds
from tools.students.manifest import MANIFEST, StudentManifest, load_manifest
from tools.students.pins import settled
from tools.students.vectors import cache_file
from tools.task import TaskSpec

_JOBS = "tools.students.jobs"
FOLDS = 5
_NAMED = 5
_LEAST_WEIGHT = 0.3
# Beside three real rows a label and many synthetic ones, 0.3 was best or within a point of it on
# six development sets; choosing it by cross-validation on so few rows was no better, and noisy.


def train(
    services: Services,
    spec: TaskSpec,
    examples: Sequence[Example],
    method: str,
    base: str,
    hyperparameters: Json,
    seconds: float | None = None,
) -> StudentManifest:
    """Train a student in `workspace/models/`, or return the one that the same inputs gave before.

    A call repeated after a crash goes on from what the method kept in its checkpoints.

    Args:
        services: Those of the run.
        spec: The task.
        examples: What to train on.
        method: Name of a student method.
        base: Name of a base model.
        hyperparameters: Values to fix.
        seconds: How long training may take; None for as long as it needs.

    Raises:
        ToolError: There is no such method or base, or the examples cannot train a student.
    """
    recipe = recipe_for(services, spec, method, hyperparameters)
    found = settled(services, base)
    payload = recipe | {"base": found.name} | _columns(examples)
    student = _digest({**payload, "base": found.key})
    folder = folder_of(services, student)
    checkpoints = folder.with_name(f".{student}.checkpoints")
    if (folder / MANIFEST).is_file():
        # A crash may have come between the student's completion and their end.
        shutil.rmtree(checkpoints, ignore_errors=True)
        return load_manifest(folder)
    partial = folder.with_name(f".{student}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    job = payload | {
        "base": found.reference,
        "folder": str(partial),
        "cache": str(cache_file(services.shared_cache)),
        "checkpoints": str(checkpoints),
        "curve": str(curve_of(folder.parent, student).path),
        "report_to": services.report_to,
        "seconds": seconds,
    }
    result = services.executor.run(f"{_JOBS}:fit", job, services.progress)
    manifest = _manifest(student, method, spec, payload, result, found)
    held_out.keep(partial, examples, result["held_out"])
    (partial / MANIFEST).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
    # Something without a manifest may be in the way.
    shutil.rmtree(folder, ignore_errors=True)
    partial.replace(folder)
    shutil.rmtree(checkpoints, ignore_errors=True)
    return manifest


def recipe_for(services: Services, spec: TaskSpec, method: str, hyperparameters: Json) -> Json:
    """Return what jobs are told of a training, but for its base, its rows and its time.

    Raises:
        ToolError: There is no such method.
    """
    return {
        "entry": entry_of(services, method),
        "hyperparameters": hyperparameters,
        "seed": services.seed,
        "labels": list(spec.label_names),
        "instruction": spec.instruction,
        "output_type": spec.output_type,
        "schema": spec.output_schema,
    }


def _columns(examples: Sequence[Example]) -> Json:
    """Return what jobs are told of the rows."""
    return {
        "texts": [example.input for example in examples],
        "outputs": [example.output for example in examples],
        "weights": _weights(examples),
        "families": families(examples),
    }


def predict(services: Services, student: str, texts: Sequence[str]) -> list[Prediction]:
    """Return a student's answers, one per text, in order.

    Raises:
        ToolError: There is no such student.
    """
    payload = {
        "folder": str(folder_of(services, student)),
        "texts": list(texts),
        "methods": list(services.methods.values()),
        "cache": str(cache_file(services.shared_cache)),
    }
    result = services.executor.run(f"{_JOBS}:predict", payload, services.progress)
    return [Prediction(*values) for values in result["predictions"]]


def cross_validate(
    services: Services,
    student: str,
    examples: Sequence[Example],
    scored: Collection[int],
    folds: int = FOLDS,
    seconds: float | None = None,
) -> dict[int, Prediction]:
    """Return id → answer for the examples in `scored`, each by a student that has not seen it.

    Those students are trained like `student`, with the hyperparameters it settled on.

    Args:
        services: Those of the run.
        student: Id of the student.
        examples: What the folds are made of.
        scored: Ids of what to answer.
        folds: How many students to train.
        seconds: What training and answering of all folds may take, in like shares; folds for which
            nothing is left stay unanswered. None for as long as it needs.

    Raises:
        ToolError: There is no such student, or the examples cannot be divided.
    """
    manifest = load_manifest(folder_of(services, student))
    answers = out_of_fold(
        services,
        {
            "entry": manifest.entry,
            "base": manifest.reference or manifest.base,
            "hyperparameters": manifest.hyperparameters,
            "seed": manifest.seed,
            "labels": list(manifest.labels),
            "instruction": manifest.instruction,
            "output_type": manifest.output_type,
            "schema": manifest.output_schema,
            "seconds": seconds,
        },
        examples,
        make_folds(examples, scored, folds, manifest.seed),
    )
    if not answers:
        raise ToolError(
            "no fold could be trained to tell how good a student is: there are too few examples, or"
            " no time is left; give at least two a label, or more time"
        )
    return answers


def out_of_fold(
    services: Services,
    recipe: Json,
    examples: Sequence[Example],
    folds: Sequence[Fold],
    timeout_s: float | None = None,
) -> dict[int, Prediction]:
    """Train once per fold, and return id → answer for what the folds hold out.

    Args:
        services: Those of the run.
        recipe: What to train: `entry`, `base`, `hyperparameters`, `seed`, `labels`,
            `instruction`, `output_type`, `schema`, and `seconds` for all folds together.
        examples: What the folds number.
        folds: Rows to train on and rows to answer.
        timeout_s: Time to give up after.

    Raises:
        ToolError: The students cannot be trained, or not in time.
    """
    payload = {
        **recipe,
        **_columns(examples),
        "folds": [asdict(fold) for fold in folds],
        "cache": str(cache_file(services.shared_cache)),
    }
    result = services.executor.run(f"{_JOBS}:cross_validate", payload, services.progress, timeout_s)
    answers = zip(result["rows"], result["predictions"], strict=True)
    return {examples[row].id: Prediction(*values) for row, values in answers}


def entry_of(services: Services, method: str) -> str:
    """Return the `module:Class` of a method.

    Raises:
        ToolError: There is no such method; the message lists those there are.
    """
    if method not in services.methods:
        raise ToolError(
            f"there is no method {method!r}; available: {', '.join(services.methods) or 'none'}"
        )
    return services.methods[method]


def folder_of(services: Services, student: str) -> Path:
    """Return where a student is, or would be.

    Raises:
        ToolError: The id cannot be one of a student.
    """
    if not student.isalnum():
        raise ToolError(f"there is no student {student!r}")
    return services.workspace / "models" / student


def _manifest(
    student: str, method: str, spec: TaskSpec, payload: Json, result: Json, base: Base
) -> StudentManifest:
    return StudentManifest(
        student=student,
        method=method,
        entry=payload["entry"],
        base=base.name,
        reference=base.reference,
        licence=base.licence,
        hyperparameters=result["hyperparameters"],
        seed=payload["seed"],
        labels=spec.label_names,
        parameters=result["parameters"],
        size_mb=round(result["bytes"] / 1e6, 2),
        latency_ms=round(result["latency_ms"], 2),
        train_rows=len(payload["outputs"]),
        seconds=round(result["seconds"], 2),
        notes=(*result["notes"], *_thin_labels(spec, payload["outputs"])),
        language=spec.language,
        instruction=spec.instruction,
        output_type=spec.output_type,
        output_schema=spec.output_schema,
    )


def _weights(examples: Sequence[Example]) -> list[float]:
    """Let synthetic rows count for less where they outnumber the others."""
    synthetic = [example.evidence == "synthetic" for example in examples]
    real = synthetic.count(False)
    if real in (0, len(synthetic)):
        return [1.0] * len(synthetic)
    weight = min(1.0, max(_LEAST_WEIGHT, real / synthetic.count(True)))
    return [weight if generated else 1.0 for generated in synthetic]


def _digest(inputs: Json) -> str:
    text = json.dumps(inputs, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _thin_labels(spec: TaskSpec, outputs: Sequence[str]) -> list[str]:
    """Say which labels have one training example, and which have none."""
    if spec.output_type == "text":
        return []
    counts = Counter(outputs)
    notes = []
    for words, number in (("no training example", 0), ("a single training example", 1)):
        thin = [label for label in spec.label_names or sorted(counts) if counts[label] == number]
        if thin:
            more = f" and {len(thin) - _NAMED} more" if len(thin) > _NAMED else ""
            notes.append(f"labels with {words}: {', '.join(thin[:_NAMED])}{more}")
    return notes
