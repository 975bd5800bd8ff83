"""What the worker process does for the client: train, predict, cross-validate."""

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.services import (
    Json,
    Prediction,
    Progress,
    Student,
    StudentMethod,
    TrainingSet,
    UnfitBaseError,
    silent,
)
from tools.students import bases, embeddings, resolve
from tools.students.loading import load_student
from tools.students.machine import as_json, check_room, look

_TIMED = 20
_TIMED_S = 5.0
_KEPT_LOADED = 2
_SECONDS_BETWEEN_MESSAGES = 2.0
# What the encoder takes at once, so that the same texts are always encoded together.
_AT_ONCE = embeddings.CHUNK


def fit(payload: Json, progress: Progress) -> Json:
    """Train a student into `folder` and measure it.

    Returns:
        What it settled on, its answers to rows held out, the training time in seconds, the
        latency in milliseconds, and the size in bytes, that of a frozen base included.
    """
    folder = Path(payload["folder"])
    method: StudentMethod = resolve(payload["entry"])()
    data = replace(
        _training_set(payload, range(len(payload["texts"]))),
        seconds=payload["seconds"],
        checkpoints=Path(payload["checkpoints"]),
        curve=Path(payload["curve"]),
        report_to=payload["report_to"],
    )
    check_room(payload["entry"], bases.find(payload["base"]))
    start = time.monotonic()
    with embeddings.sharing(Path(payload["cache"])), _gpu_memory():
        fitted = method.fit(data, payload["base"], payload["hyperparameters"], folder, progress)
    seconds = time.monotonic() - start
    base = bases.referred(folder)
    return {
        "hyperparameters": fitted.hyperparameters,
        "parameters": fitted.parameters,
        "notes": list(fitted.notes),
        "held_out": [[row, *values] for row, values in _rows(fitted.held_out)],
        "seconds": seconds,
        "latency_ms": _latency_ms(method.load(folder), data.texts),
        "bytes": sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        + (bases.weight_bytes(base) if base else 0),
    }


def predict(payload: Json, progress: Progress) -> Json:
    """Answer `texts` with the student in `folder`; students used lately stay in memory."""
    student = loaded(payload["folder"], tuple(payload["methods"]))
    texts = payload["texts"]
    answers: list[list[object]] = []
    heard = time.monotonic()
    with embeddings.sharing(Path(payload["cache"])), _gpu_memory():
        while len(answers) < len(texts):
            start = len(answers)
            answers += _plain(student.predict(texts[start : start + _AT_ONCE]))
            if time.monotonic() - heard > _SECONDS_BETWEEN_MESSAGES:
                heard = time.monotonic()
                progress(f"answered {len(answers):,} of {len(texts):,} rows")
    return {"predictions": answers}


def cross_validate(payload: Json, progress: Progress) -> Json:
    """Train once per fold, and answer what it holds out.

    Each fold has the row numbers that it trains on and those that it answers. A fold that holds out
    the only row of one of two labels leaves nothing to tell apart; its rows stay unanswered. So do
    those of folds that come when `seconds` are over.
    """
    method: StudentMethod = resolve(payload["entry"])()
    check_room(payload["entry"], bases.find(payload["base"]))
    answers: dict[int, list[object]] = {}
    folds, start = payload["folds"], time.monotonic()
    with embeddings.sharing(Path(payload["cache"])), _gpu_memory():
        for number, fold in enumerate(folds, 1):
            seconds = _share(payload["seconds"], time.monotonic() - start, number, len(folds))
            if seconds == 0:
                break
            progress(f"cross-validation, fold {number} of {len(folds)}")
            data = replace(_training_set(payload, fold["train"]), seconds=seconds)
            if len(set(data.outputs)) < 2:
                continue
            with TemporaryDirectory() as folder:
                method.fit(data, payload["base"], payload["hyperparameters"], Path(folder), silent)
                student = method.load(Path(folder))
                answered = student.predict([payload["texts"][i] for i in fold["held_out"]])
            answers.update(zip(fold["held_out"], _plain(answered), strict=True))
    return {"rows": list(answers), "predictions": list(answers.values())}


def _share(seconds: float | None, spent: float, part: int, parts: int) -> float | None:
    """Return what a part may take: as much as any other, or its share of what is left."""
    if seconds is None:
        return None
    return min(seconds / parts, max(0.0, seconds - spent) / (parts - part + 1))


def machine(_payload: Json, _progress: Progress) -> Json:
    """Return what `tools.students.machine.Machine` holds of the machine that training would use."""
    return as_json(look())


@contextmanager
def _gpu_memory() -> Iterator[None]:
    """Have a GPU that turns out too small be a result that can be read."""
    import torch

    try:
        yield
    except torch.OutOfMemoryError:
        raise UnfitBaseError("the memory of the GPU ran out; choose a smaller base") from None


@lru_cache(maxsize=_KEPT_LOADED)
def loaded(folder: str, methods: tuple[str, ...]) -> Student:
    """Return the student in a folder; those used lately stay in memory."""
    return load_student(Path(folder), methods)


def _training_set(payload: Json, rows: Sequence[int]) -> TrainingSet:
    texts, outputs = payload["texts"], payload["outputs"]
    return TrainingSet(
        [texts[i] for i in rows],
        [outputs[i] for i in rows],
        payload["labels"],
        payload["seed"],
        [payload["weights"][i] for i in rows],
        payload["instruction"],
        payload["output_type"],
        payload["schema"],
        families=[payload["families"][i] for i in rows],
    )


def _rows(answers: Mapping[int, Prediction]) -> list[tuple[int, list[object]]]:
    return list(zip(answers, _plain(list(answers.values())), strict=True))


def _plain(predictions: Sequence[Prediction]) -> list[list[object]]:
    return [[p.output, p.confidence, p.margin] for p in predictions]


def _latency_ms(student: Student, texts: Sequence[str]) -> float:
    """Return the median time of answering one text, after a warm-up and without any cache.

    As many texts as a few seconds allow: a large model that writes takes seconds for each.
    """
    step = max(1, len(texts) // _TIMED)
    times = []
    with embeddings.sharing(None):
        student.predict(texts[:1])
        for text in texts[::step][:_TIMED]:
            start = time.perf_counter()
            student.predict([text])
            times.append(time.perf_counter() - start)
            if sum(times) > _TIMED_S:
                break
    return 1_000 * statistics.median(times)
