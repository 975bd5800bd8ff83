"""How fast is training? Our sft against a bare loop, and shared lines against padded rows.

    python -m benchmarks.train_speed [--quick]

The same Llama with random weights, the same batches in the same order, AdamW with clipping, in one
process and one thread. `bare loop` is plain PyTorch: forward with labels, backward, clipping, step;
its batches are padded. Ours is the trainer that `sft` uses with its watch, once with batches padded
as those of the loop, once with its own (several rows a line). Tokens are those of rows, padding not
counted. Each way trains an epoch in turn, several times over. Since other programs may run, rates
are of CPU seconds, medians; the time by the clock stands beside them. Loading and tokenising count
on neither side, nor does what a trainer does once before its first step, which is a column of its
own.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.tools.students.text import bases
from tools.services import silent
from tools.students.text import batches, models, trainers
from tools.students.text.plan import Plan
from tools.students.text.rows import Row, Rows
from tools.students.text.settings import settle, usual
from tools.students.text.watch import Clock, Watch

BATCH = 32
TURNS = 5
VOCABULARY = 400
SIZES = {"0.7 M": (128, 3, 512), "13 M": (384, 6, 160)}
"""Width, layers, and rows of an epoch."""
SHORTEST, LONGEST = 6, 120


def rows(n: int) -> list[Row]:
    """Return short rows whose lengths vary as those of sentences do: log-normally."""
    rng = random.Random(0)
    made = []
    for number in range(n):
        total = min(LONGEST, max(SHORTEST, round(rng.lognormvariate(2.9, 0.6))))
        ids = [rng.randrange(4, VOCABULARY) for _ in range(total)]
        made.append(Row(number, ids[: total * 2 // 3], ids[total * 2 // 3 :], 1.0))
    return made


def base(folder: Path, width: int, layers: int) -> Path:
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=width, intermediate_size=3 * width,
        num_hidden_layers=layers, num_attention_heads=width // 32, max_position_embeddings=1_024,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    bases.word_tokenizer().save_pretrained(folder)
    return folder


@dataclass(frozen=True)
class Epoch:
    """CPU seconds and seconds by the clock of the steps, and CPU seconds before the first one."""

    cpu: float
    clock: float
    before: float = 0.0


def bare(plan: Plan, given: Sequence[Row]) -> Callable[[], Epoch]:
    """Return a bare loop over an epoch, which says how long it took."""
    import torch

    model = models.load_model(plan.source, plan.name, "causal").train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    order = list(batches.Order([0] * len(given), BATCH, plan.seed))
    collate = batches.padded(0)

    def run() -> Epoch:
        cpu, clock = time.process_time(), time.monotonic()
        for place in range(0, len(order), BATCH):
            batch = collate([given[i] for i in order[place : place + BATCH]])
            labels = torch.nn.functional.pad(batch["labels"], (1, 0), value=-100)[:, :-1]
            loss = model(
                input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], labels=labels
            ).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
        return Epoch(time.process_time() - cpu, time.monotonic() - clock)

    return run


def ours(plan: Plan, given: Sequence[Row], folder: Path, padded: bool) -> Callable[[], Epoch]:
    """Return an epoch of our trainer, which says how long it took."""
    from transformers import TrainerCallback

    trainer: Any = trainers.make(plan, Rows(list(given), []), folder, 1)
    if padded:
        collate = batches.padded(0)
        trainer.data_collator = lambda examples: collate([Row(**example) for example in examples])
    steps = -(-len(given) // BATCH)
    trainer.args.max_steps = steps
    begun: list[tuple[float, float]] = []

    def begin(*_: object, **__: object) -> None:
        begun.append((time.process_time(), time.monotonic()))

    watch = type("Watcher", (Watch, TrainerCallback), {"on_train_begin": begin})
    trainer.add_callback(watch(folder, Clock(None), silent, 0, steps, False, lambda mine: mine))

    def run() -> Epoch:
        start = time.process_time()
        trainer.train()
        cpu, clock = begun[-1]
        return Epoch(time.process_time() - cpu, time.monotonic() - clock, cpu - start)

    return run


def measure(plan: Plan, given: Sequence[Row], folder: Path) -> dict[str, list[Epoch]]:
    """Return the epochs of each way, taken in turns; a first one, to get warm, is left out."""
    ways = {
        "bare loop, padded": bare(plan, given),
        "sft, padded": ours(plan, given, folder, padded=True),
        "sft, shared lines": ours(plan, given, folder, padded=False),
    }
    for run in ways.values():
        run()
    turns = [{name: run() for name, run in ways.items()} for _ in range(TURNS)]
    return {name: [turn[name] for turn in turns] for name in ways}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    import torch

    torch.set_num_threads(1)
    print("| weights | way | tokens a CPU second | against the bare loop | by the clock | before |")
    print("|---|---|---|---|---|---|")
    for size, (width, layers, n) in list(SIZES.items())[: 1 if quick else None]:
        given = rows(n)
        tokens = sum(map(batches.length, given))
        with tempfile.TemporaryDirectory() as folder, models.quiet():
            source = str(base(Path(folder) / "base", width, layers))
            settings = settle({"batch_size": BATCH}, usual("causal", n, 10**6, "none"))
            plan = Plan("causal", source, size, settings, seed=0)
            epochs = measure(plan, given, Path(folder))
        for name, taken in epochs.items():
            pairs = list(zip(epochs["bare loop, padded"], taken, strict=True))
            cpu = median(bare.cpu / own.cpu for bare, own in pairs)
            clock = median(bare.clock / own.clock for bare, own in pairs)
            rate = tokens / median(epoch.cpu for epoch in taken)
            before = median(epoch.before for epoch in taken)
            print(f"| {size} | {name} | {rate:,.0f} | {cpu:.2f} | {clock:.2f} | {before:.2f} s |")


if __name__ == "__main__":
    main()
