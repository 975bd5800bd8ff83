"""The trainers of TRL and transformers, set up by a plan with model and rows in them."""

import inspect
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tools.services import Json, UnfitBaseError
from tools.students.curve import NO_CURVE, PROJECT, Curve, named
from tools.students.text import batches, models
from tools.students.text.batches import Collator
from tools.students.text.plan import Plan, part_of
from tools.students.text.rows import Row, Rows
from tools.students.text.steps import Steps

_SAME = {4: 1e-3, 2: 3e-2}
_PROBED = 64


def make(plan: Plan, rows: Rows, folder: Path, processes: int, curve: Curve = NO_CURVE) -> Any:
    """Return a trainer for `plan`: `SFTTrainer`, or `Seq2SeqTrainer`, with our own steps.

    Args:
        plan: What to train and how.
        rows: What to train and watch on.
        folder: Where its checkpoints go.
        processes: Number of processes that train together.
        curve: Says where else than to its file to report.
    """
    from datasets import Dataset
    from transformers import PrinterCallback, Seq2SeqTrainer, Seq2SeqTrainingArguments
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    tokenizer = models.load_tokenizer(plan.source, plan.name, plan.kind)
    model = models.trainable(plan)
    arguments = _arguments(plan, folder, processes, curve)
    if plan.kind == "causal":
        unprepared: Json = {"max_length": None, "dataset_kwargs": {"skip_prepare_dataset": True}}
        base: type = SFTTrainer
        settings: Any = SFTConfig(**arguments, **unprepared)
    else:
        base = Seq2SeqTrainer
        settings = Seq2SeqTrainingArguments(**arguments)
    packed = plan.kind == "causal" and keeps_apart(model)
    plain = _plain(plan, tokenizer.pad_token_id, model.config)
    collate = batches.packed(tokenizer.pad_token_id) if packed else plain
    trainer = type("Trainer", (Steps, base), {})(
        model=model,
        args=settings,
        train_dataset=Dataset.from_list([asdict(row) for row in rows.train]),
        processing_class=tokenizer,
        data_collator=lambda examples: collate([Row(**example) for example in examples]),
    )
    trainer.remove_callback(PrinterCallback)
    # `compute_loss` takes the number of tokens, and labels are shifted already.
    trainer.model_accepts_loss_kwargs = True
    trainer._loss_shifts_labels = False
    trainer.lengths = [0 if packed else batches.length(row) for row in rows.train]
    size = 2 * settings.train_batch_size
    watched = sorted(rows.dev, key=batches.length)
    trainer.dev_batches = [
        plain(watched[start : start + size]) for start in range(0, len(watched), size)
    ]
    return trainer


def _plain(plan: Plan, pad: int, config: Any) -> Collator:
    """Return what makes batches with a row a line."""
    if plan.kind == "causal":
        return batches.padded(pad)
    if config.decoder_start_token_id is None:
        raise UnfitBaseError(
            f"{plan.name} does not say what its answers begin with; choose another base"
        )
    return batches.seq2seq(pad, config.decoder_start_token_id)


def _arguments(plan: Plan, folder: Path, processes: int, curve: Curve) -> Json:
    """Return arguments that both trainers take; looks and checkpoints are for `Watch` to ask."""
    import torch

    return {
        **models.precision(plan.kind),
        # What is neither CPU nor CUDA lacks types that we sum in.
        "use_cpu": not torch.cuda.is_available(),
        "output_dir": str(folder),
        "seed": plan.seed,
        "learning_rate": plan.settings.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": min(plan.settings.warmup, 0.999),
        "weight_decay": plan.settings.weight_decay,
        "adam_beta2": plan.settings.adam_beta2,
        "max_steps": 1,
        "per_device_train_batch_size": plan.micro(processes),
        "gradient_accumulation_steps": plan.passes(processes),
        "gradient_checkpointing": None,
        "activation_checkpointing": plan.checkpointed,
        "save_strategy": "no",
        "save_total_limit": 2,
        "logging_strategy": "no",
        "disable_tqdm": True,
        "report_to": curve.report_to,
        "project": PROJECT,
        "run_name": named(curve.name, part_of(folder)),
        "remove_unused_columns": False,
        "dataloader_pin_memory": False,
        "ddp_find_unused_parameters": False,
    }


def keeps_apart(model: Any) -> bool:
    """Say whether rows that share a line do not see each other, by trying it on two short ones.

    What attends through a mask of transformers' own does; a model with a state that runs along the
    line does not, nor one that knows no positions.
    """
    import torch

    # What wraps a model with adapters takes whatever the model does.
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    if "position_ids" not in inspect.signature(type(inner).forward).parameters:
        return False
    most = min(_PROBED, model.config.get_text_config().vocab_size)
    first, second = torch.arange(5) % most, torch.arange(6, 13) % most
    training = model.training
    model.eval()
    with torch.no_grad():
        alone = model(input_ids=second[None].to(model.device), use_cache=False).logits[0]
        line = torch.cat([first, second])[None].to(model.device)
        places = torch.cat([torch.arange(5), torch.arange(7)])[None].to(model.device)
        beside = model(input_ids=line, position_ids=places, use_cache=False).logits[0, 5:]
    model.train(training)
    apart = (beside - alone).float().norm() / alone.float().norm()
    return bool(apart < _SAME[alone.dtype.itemsize])
