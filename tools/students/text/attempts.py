"""Training in the memory there is: where it runs out, again with less of it at a time."""

import gc
import time
from dataclasses import replace
from pathlib import Path

from tools.services import Progress, UnfitBaseError
from tools.students.curve import NO_CURVE, Curve
from tools.students.text import launch, training
from tools.students.text.memory import ran_out
from tools.students.text.plan import Plan, load_spent, save_spent


def attempt(
    folder: Path,
    seconds: float | None,
    checkpoints: bool,
    progress: Progress,
    curve: Curve = NO_CURVE,
) -> list[str]:
    """Train by the plan in `folder` on all GPUs; see `training.run`.

    Raises:
        UnfitBaseError: Memory ran out even with one row at a time.
    """
    import torch

    processes = max(1, torch.cuda.device_count())
    start, before = time.monotonic(), load_spent(folder)
    while not (said := _once(folder, seconds, checkpoints, progress, curve, processes)):
        plan = Plan.load(folder)
        assert plan
        gc.collect()
        save_spent(before + time.monotonic() - start, folder)
        smaller = plan.smaller(processes)
        if smaller is None:
            raise UnfitBaseError(
                f"memory ran out while training {plan.name}, even with one row at a time; "
                "choose a smaller base"
            )
        note = (
            f"memory ran out: {smaller.micro(processes)} rows at a time instead of "
            f"{plan.micro(processes)}"
            if smaller.at_once != plan.at_once
            else "memory ran out: activations were computed twice to save some"
        )
        progress(note)
        replace(smaller, said=(*plan.said, note)).save(folder)
    return said[0]


def _once(
    folder: Path,
    seconds: float | None,
    checkpoints: bool,
    progress: Progress,
    curve: Curve,
    processes: int,
) -> tuple[list[str]] | None:
    """Return notes, or None where memory ran out; what filled it is free once this is left."""
    try:
        if processes > 1:
            return (launch.together(folder, seconds, checkpoints, progress, processes, curve),)
        return (training.run(folder, seconds, checkpoints, progress, curve),)
    except (MemoryError, RuntimeError) as error:
        if not ran_out(error):
            raise
        return None
