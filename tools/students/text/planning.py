"""Making a plan: the form of the rows, hyperparameters, and a way to train that fits memory."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tools.services import Json, Progress, ToolError, TrainingSet, UnfitBaseError
from tools.students import hub_model, on_disk
from tools.students.base import Base
from tools.students.machine import look
from tools.students.text import labels, memory, models, rows, scratch
from tools.students.text.batches import length
from tools.students.text.form import Form, Kind, Style
from tools.students.text.plan import Plan, save_rows
from tools.students.text.settings import settle, translated, usual

_OWN = "base"


def make(base: Base, data: TrainingSet, asked: Json, work: Path, progress: Progress) -> Plan:
    """Write plan, rows and form into `work`, and return the plan.

    Raises:
        ToolError: The rows cannot train a student, or a hyperparameter is impossible.
        UnfitBaseError: The base cannot be had, cannot tell labels apart, or not be trained in the
            memory there is.
    """
    kind: Kind = "seq2seq" if base.kind == "seq2seq" else "causal"
    if data.output_type == "label" and not data.labels:
        data = replace(data, labels=sorted(set(data.outputs)))
    held = rows.hold_out(data)
    learned = [i for i in rows.usable(data) if i not in held.dev | held.related]
    extra: Sequence[tuple[str, str]] = ()
    if base.untrained:
        source, parameters = _build(data, learned, work)
        texts, outputs = [data.texts[i] for i in learned], [data.outputs[i] for i in learned]
        extra = scratch.auxiliary(texts, outputs, data.seed)
    else:
        source, parameters = str(hub_model.fetch(base, progress)), base.parameters or 0
    tokenizer = models.load_tokenizer(source, base.name, kind)
    form = _form(kind, base, data, tokenizer)
    labels.trie_of(form, tokenizer)
    context = None
    if kind == "causal" and not base.untrained:
        # Of a model that is in no table the Hub does not tell.
        context = base.context or on_disk.context_of(Path(source))
    read, form, said = rows.read(data, form, tokenizer, context, held, extra)
    standard = usual(kind, len(read.train), parameters, "none")
    if base.untrained:
        tokens = sum(map(length, read.train))
        standard = translated(scratch.defaults(len(read.train), tokens, parameters), standard)
    plan = Plan(kind, source, base.name, settle(asked, standard), data.seed, said=tuple(said))
    if not base.untrained:
        plan = _in_memory(plan, base, asked, read)
    form.save(work)
    save_rows(read, work)
    plan.save(work)
    return plan


def _build(data: TrainingSet, learned: Sequence[int], work: Path) -> tuple[str, int]:
    """Make a base of one's own from the rows to learn; return its folder and its size."""
    model, tokenizer = scratch.build(
        [data.texts[i] for i in learned], [data.outputs[i] for i in learned], data.seed
    )
    models.write(model, tokenizer, work / _OWN, half=False)
    return str(work / _OWN), model.num_parameters()


def _form(kind: Kind, base: Base, data: TrainingSet, tokenizer: Any) -> Form:
    style: Style = "bare" if base.untrained else "chat" if tokenizer.chat_template else "plain"
    return Form(
        kind=kind,
        style=style,
        instruction=data.instruction,
        labels=tuple(data.labels) if data.output_type == "label" else (),
        schema=data.schema,
        longest_prompt=0,
        longest_completion=0,
    )


def _in_memory(plan: Plan, base: Base, asked: Json, read: rows.Rows) -> Plan:
    """Return the plan with a way to train that fits the memory.

    Raises:
        UnfitBaseError: None does, or not with the adapter asked for.
    """
    here = look()
    possible = memory.adapters(cuda=here.cuda)
    if "adapter" in asked and plan.settings.adapter not in possible:
        raise ToolError(
            f"adapter {plan.settings.adapter!r} needs a GPU and bitsandbytes (tasksmith[gpu]); "
            f"here there are {', '.join(possible)}"
        )
    allowed = (plan.settings.adapter,) if "adapter" in asked else possible
    longest = max(map(length, [*read.train, *read.dev]))
    way = memory.way_that_fits(
        base, allowed, memory_gb=here.memory_gb, cuda=here.cuda,
        batch=plan.settings.batch_size, length=longest,
    )  # fmt: skip
    if way is None:
        smallest = memory.Way(allowed[-1], 1, checkpointed=True)
        needed = memory.training_gb(base, smallest, cuda=here.cuda, batch=1, length=longest)
        raise UnfitBaseError(
            f"{base.name} is too large for this machine: with adapter {allowed[-1]!r} training "
            f"takes about {needed:.0f} GB of memory, and it has {here.memory_gb:.0f}; choose a "
            "smaller base"
        )
    settings, said = plan.settings, plan.said
    if way.adapter != settings.adapter:
        said += (f"trained with adapter {way.adapter!r}, since full training would not fit memory",)
        standard = usual(plan.kind, len(read.train), base.parameters or 0, way.adapter)
        settings = settle(asked, standard)
    return replace(
        plan,
        settings=settings,
        at_once=-(-plan.settings.batch_size // way.passes),
        checkpointed=way.checkpointed,
        said=said,
    )
