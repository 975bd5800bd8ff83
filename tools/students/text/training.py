"""Training by a plan, from the start or from where a crash left off, to the best weights."""

import json
import math
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tools.services import Json, Progress
from tools.students.text import batches, models, steps
from tools.students.text.batches import Collator
from tools.students.text.plan import Plan, load_rows, load_spent
from tools.students.text.rows import Rows
from tools.students.text.watch import Clock, Watch, ended, keep

_LOOKS = 10
_TIMED = 3
_BESIDE_PASSES = 1.2
_FOR_TRAINING = 0.85
_STATE = "trainer_state.json"


def run(folder: Path, seconds: float | None, checkpoints: bool, progress: Progress) -> list[str]:
    """Train by the plan in `folder`, and leave the best weights there.

    Args:
        folder: Has plan and rows; checkpoints and weights go there.
        seconds: Time that all of it may take, the answers to held-out rows included.
        checkpoints: Whether to write down what lets a training go on after a crash.
        progress: Takes messages.

    Returns:
        What is worth a note.
    """
    plan = Plan.load(folder)
    assert plan
    clock = Clock(seconds and seconds * _FOR_TRAINING, load_spent(folder))
    rows = load_rows(folder)
    with models.quiet():
        trainer = _trainer(plan, rows, folder)
        usual = plan.settings.epochs * _epoch(plan, rows)
        if plan.steps is None:
            plan = replace(plan, steps=_fitting(trainer, usual, plan, clock))
            plan.save(folder)
        trainer.args.max_steps = plan.steps
        watch = _watch(plan, rows, folder, clock, checkpoints, progress)
        trainer.add_callback(watch)
        last = _last_checkpoint(folder)
        if last is None or not ended(_history(last)):
            trainer.train(resume_from_checkpoint=last and str(last))
            if not rows.dev:
                keep(trainer.model, folder, trainer.state.global_step)
    return _said(watch, trainer.state, plan, usual, seconds)


def _trainer(plan: Plan, rows: Rows, folder: Path) -> Any:
    """Return the trainer of TRL or transformers, with the model in it."""
    import torch
    from datasets import Dataset
    from transformers import PrinterCallback, Seq2SeqTrainer, Seq2SeqTrainingArguments
    from trl import SFTConfig, SFTTrainer

    tokenizer = models.load_tokenizer(plan.source, plan.name, plan.kind)
    torch.manual_seed(plan.seed)
    model = models.load_model(plan.source, plan.name, plan.kind)
    arguments = _arguments(plan, folder)
    mixed: tuple[type, ...]
    if plan.kind == "causal":
        mixed = (steps.CausalSteps, SFTTrainer)
        arguments |= {"max_length": None, "dataset_kwargs": {"skip_prepare_dataset": True}}
        settings: Any = SFTConfig(**arguments)
    else:
        mixed = (steps.Seq2SeqSteps, Seq2SeqTrainer)
        settings = Seq2SeqTrainingArguments(**arguments)
    collate = _collator(plan, tokenizer, model)
    trainer = type("Trainer", mixed, {})(
        model=model,
        args=settings,
        train_dataset=Dataset.from_list([asdict(row) for row in rows.train]),
        processing_class=tokenizer,
        data_collator=lambda examples: collate([batches.Row(**example) for example in examples]),
    )
    trainer.remove_callback(PrinterCallback)
    trainer.model_accepts_loss_kwargs = True  # it has `compute_loss` told the number of tokens
    trainer.lengths = [batches.length(row) for row in rows.train]
    trainer.dev_batches = _dev_batches(rows, collate, 2 * settings.train_batch_size)
    return trainer


def _arguments(plan: Plan, folder: Path) -> Json:
    """Return arguments that both trainers take; looks and checkpoints are for `Watch` to ask."""
    return {
        "output_dir": str(folder),
        "seed": plan.seed,
        "learning_rate": plan.settings.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": min(plan.settings.warmup, 0.999),
        "weight_decay": plan.settings.weight_decay,
        "max_steps": 1,
        "per_device_train_batch_size": max(1, plan.settings.batch_size // plan.passes),
        "gradient_accumulation_steps": plan.passes,
        "gradient_checkpointing": None,
        "activation_checkpointing": plan.checkpointed,
        "bf16": False,
        "save_strategy": "no",
        "save_total_limit": 2,
        "logging_strategy": "no",
        "disable_tqdm": True,
        "report_to": "none",
        "remove_unused_columns": False,
        "dataloader_pin_memory": False,
    }


def _collator(plan: Plan, tokenizer: Any, model: Any) -> Collator:
    if plan.kind == "causal":
        return batches.causal(tokenizer.pad_token_id)
    return batches.seq2seq(tokenizer.pad_token_id, model.config.decoder_start_token_id)


def _dev_batches(rows: Rows, collate: Collator, size: int) -> list[batches.Batch]:
    ordered = sorted(rows.dev, key=batches.length)
    return [collate(ordered[start : start + size]) for start in range(0, len(ordered), size)]


def _epoch(plan: Plan, rows: Rows) -> int:
    """Return the number of steps that show each row once."""
    micro = max(1, plan.settings.batch_size // plan.passes)
    return math.ceil(math.ceil(len(rows.train) / micro) / plan.passes)


def _fitting(trainer: Any, usual: int, plan: Plan, clock: Clock) -> int:
    """Return how many steps to train for: the usual number, or what fits the time."""
    from transformers import set_seed

    if clock.limit is None:
        return usual
    loader = trainer.get_train_dataloader()
    times = []
    for _, batch in zip(range(_TIMED), loader, strict=False):
        start = time.monotonic()
        trainer.accelerator.backward(trainer.compute_loss(trainer.model, batch))
        times.append(time.monotonic() - start)
    trainer.model.zero_grad()
    set_seed(plan.seed)
    each = _BESIDE_PASSES * plan.passes * min(times)
    return max(1, min(usual, int((clock.limit - clock.spent()) / each)))


def _watch(
    plan: Plan,
    rows: Rows,
    folder: Path,
    clock: Clock,
    checkpoints: bool,
    progress: Progress,
) -> Any:
    """Return the callback that watches a training."""
    from transformers import TrainerCallback

    epoch = _epoch(plan, rows)
    assert plan.steps
    every = min(epoch, max(1, plan.steps // _LOOKS)) if rows.dev else 0
    return type("Watcher", (Watch, TrainerCallback), {})(
        folder, clock, progress, every, epoch, checkpoints, lambda mine: mine
    )


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


def _said(watch: Watch, state: Any, plan: Plan, usual: int, seconds: float | None) -> list[str]:
    """Return notes on how far training came."""
    assert plan.steps
    if watch.out_of_time:
        return [
            f"training was stopped after {state.global_step:,} of {plan.steps:,} steps, since "
            f"{seconds:,.0f} s were over"
        ]
    if plan.steps < usual:
        return [f"trained {plan.steps:,} steps of {usual:,}, which is what fits {seconds:,.0f} s"]
    return []
