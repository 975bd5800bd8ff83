"""Training by a plan, from the start or from where a crash left off, to the best weights."""

import json
import math
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tools.services import Progress, ToolError
from tools.students.curve import NO_CURVE, Curve
from tools.students.text import models, trainers
from tools.students.text.batches import length, tokens
from tools.students.text.plan import Plan, load_rows, load_spent
from tools.students.text.rows import Row, Rows
from tools.students.text.watch import Clock, Watch, ended, keep, kept

_LOOKS = 12
_TIMED = 3
_BESIDE_PASSES = 1.2
_FOR_TRAINING = 0.85
_STATE = "trainer_state.json"


def run(
    folder: Path,
    seconds: float | None,
    checkpoints: bool,
    progress: Progress,
    curve: Curve = NO_CURVE,
) -> list[str]:
    """Train by the plan in `folder`, and leave the best weights there.

    In one of several processes that train together it does this one's part.

    Args:
        folder: Has plan and rows; checkpoints and weights go there.
        seconds: Time that all of it may take, the answers to held-out rows included.
        checkpoints: Whether to write down what lets a training go on after a crash.
        progress: Takes messages.
        curve: Takes losses and scores.

    Returns:
        What is worth a note.
    """
    plan = Plan.load(folder)
    assert plan
    clock = Clock(seconds and seconds * _FOR_TRAINING, load_spent(folder))
    rows = load_rows(folder)
    processes = int(os.environ.get("WORLD_SIZE", 1))  # as torchrun sets it
    with models.quiet():
        trainer = trainers.make(plan, rows, folder, processes, curve)
        epoch = _epoch(plan, len(rows.train), processes)
        usual = plan.settings.epochs * epoch
        if plan.steps is None:
            plan = replace(
                plan, steps=_agreed(_fitting(trainer, usual, plan, rows.train, clock, processes))
            )
            if trainer.is_world_process_zero():
                plan.save(folder)
        assert plan.steps
        trainer.args.max_steps = plan.steps
        watch = _watch(plan.steps, epoch, rows, folder, clock, checkpoints, progress, curve)
        trainer.add_callback(watch)
        last = _last_checkpoint(folder)
        if trainer.is_world_process_zero():
            curve.go_on(watch.part, int(last.name.split("-")[1]) if last else 0)
        if last is None or not ended(_history(last)):
            trainer.train(resume_from_checkpoint=last and str(last))
            if trainer.is_world_process_zero():
                _settle(trainer, rows, plan, folder)
    return _said(watch, trainer.state.global_step, plan.steps, usual, seconds)


def _settle(trainer: Any, rows: Rows, plan: Plan, folder: Path) -> None:
    """Keep the last weights where no rows told which are best.

    Raises:
        ToolError: There are no weights worth keeping.
    """
    if not rows.dev and models.finite(trainer.model):
        keep(trainer.model, folder, trainer.state.global_step, score=None)
    if not kept(folder):
        raise ToolError(
            f"training {plan.name} diverged: its loss is no number any more; choose a lower "
            "learning_rate"
        )


def _epoch(plan: Plan, rows: int, processes: int) -> int:
    """Return the number of steps that show each row once."""
    shares = math.ceil(rows / (plan.micro(processes) * processes))
    return math.ceil(shares / plan.passes(processes))


def _fitting(
    trainer: Any, usual: int, plan: Plan, rows: Sequence[Row], clock: Clock, processes: int
) -> int:
    """Return how many steps to train for: the usual number, or what fits the time."""
    from transformers import set_seed

    if clock.limit is None:
        return usual
    mean = sum(map(length, rows)) / len(rows)
    each = _BESIDE_PASSES * plan.passes(processes) * plan.micro(processes) * mean * _pace(trainer)
    set_seed(plan.seed)
    return max(1, min(usual, int((clock.limit - clock.spent()) / each)))


def _pace(trainer: Any) -> float:
    """Return the seconds that training takes for a token, as in the fastest of a few passes.

    They are passes as `train` does them: it has not prepared the model yet.
    """
    import torch

    if trainer.args.activation_checkpointing:
        trainer.model.activation_checkpointing_enable()
    paces = []
    trainer.model.train()
    for _, batch in zip(range(_TIMED), trainer.get_train_dataloader(), strict=False):
        start = time.monotonic()
        with trainer.accelerator.autocast():
            loss = trainer.compute_loss(trainer.model, trainer._prepare_inputs(batch))
        loss.backward()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        paces.append((time.monotonic() - start) / tokens(batch))
    trainer.model.zero_grad()
    return min(paces)


def _watch(
    steps: int,
    epoch: int,
    rows: Rows,
    folder: Path,
    clock: Clock,
    checkpoints: bool,
    progress: Progress,
    curve: Curve,
) -> Any:
    """Return the callback that watches a training."""
    from transformers import TrainerCallback

    every = min(epoch, max(1, steps // _LOOKS)) if rows.dev else 0
    return type("Watcher", (Watch, TrainerCallback), {})(
        folder, clock, progress, every, epoch, checkpoints, _agreed, curve
    )


def _agreed(mine: Any) -> Any:
    """Return what the first of the processes that train together thinks; clocks differ."""
    from torch import distributed

    said = [mine]
    if distributed.is_initialized():
        distributed.broadcast_object_list(said)
    return said[0]


def _last_checkpoint(folder: Path) -> Path | None:
    """Return the newest checkpoint that was written to its end."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))
    return next((path for path in reversed(found) if _history(path) is not None), None)


def _history(checkpoint: Path) -> Any:
    """Return what a checkpoint's training has logged; None where a crash cut the file off."""
    try:
        return json.loads((checkpoint / _STATE).read_text("utf-8"))["log_history"]
    except (OSError, ValueError):
        return None


def _said(watch: Watch, done: int, planned: int, usual: int, seconds: float | None) -> list[str]:
    """Return notes on how far training came."""
    if watch.diverged:
        return [f"training diverged by step {done:,} of {planned:,}; the best weights were kept"]
    if watch.out_of_time:
        return [
            f"training was stopped after {done:,} of {planned:,} steps, for {seconds:,.0f} s were "
            "over; the best weights until then were kept"
        ]
    if planned < usual:
        return [f"trained {planned:,} steps instead of {usual:,}, to fit {seconds:,.0f} s"]
    return []
