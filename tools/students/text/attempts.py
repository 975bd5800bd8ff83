"""Training in the memory there is: where it runs out, again with less of it at a time."""

import gc
from dataclasses import replace
from pathlib import Path

from tools.services import Progress, UnfitBaseError
from tools.students.text import launch, training
from tools.students.text.memory import ran_out
from tools.students.text.plan import Plan


def attempt(
    folder: Path, seconds: float | None, checkpoints: bool, progress: Progress
) -> list[str]:
    """Train by the plan in `folder` on all GPUs; see `training.run`.

    Raises:
        UnfitBaseError: Memory ran out even with one row at a time.
    """
    while not (said := _once(folder, seconds, checkpoints, progress)):
        plan = Plan.load(folder)
        assert plan
        gc.collect()
        smaller = plan.smaller()
        if smaller is None:
            raise UnfitBaseError(
                f"memory ran out while training {plan.name}, even with one row at a time; "
                "choose a smaller base"
            )
        note = (
            f"memory ran out: {smaller.micro(1)} rows at a time instead of {plan.micro(1)}"
            if smaller.passes != plan.passes
            else "memory ran out: activations were computed twice to save some"
        )
        progress(note)
        replace(smaller, said=(*plan.said, note)).save(folder)
    return said[0]


def _once(
    folder: Path, seconds: float | None, checkpoints: bool, progress: Progress
) -> tuple[list[str]] | None:
    """Return notes, or None where memory ran out; what filled it is free once this is left."""
    import torch

    processes = torch.cuda.device_count()
    try:
        if processes > 1:
            return (launch.together(folder, seconds, checkpoints, progress, processes),)
        return (training.run(folder, seconds, checkpoints, progress),)
    except (MemoryError, RuntimeError) as error:
        if not ran_out(error):
            raise
        return None
