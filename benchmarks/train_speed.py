"""How fast is training? Our sft against a bare loop, and shared lines against padded rows.

    python -m benchmarks.train_speed [--quick]

The same Llama with random weights, the same rows, and as many rows a step, in one process. `bare
loop` is plain PyTorch: forward with labels, backward, clipping, AdamW; its batches are padded. Ours
is the trainer that `sft` uses, once with its own batches (several rows a line), once with batches
padded as those of the loop. Tokens are those of rows, padding not counted; times are CPU seconds of
the process in one thread, since other programs may run, and the best one of three runs, taken in
turns.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.tools.students.text import bases
from tools.students.text import batches, models, trainers
from tools.students.text.plan import Plan
from tools.students.text.rows import Row, Rows
from tools.students.text.settings import settle, usual

BATCH = 32
VOCABULARY = 400
SIZES = {"0.7 M": (128, 3), "13 M": (384, 6)}
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


def bare(plan: Plan, given: Sequence[Row]) -> Callable[[], float]:
    """Return a bare loop over random batches, which says how long it took."""
    import torch

    model = models.load_model(plan.source, plan.name, "causal").train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    order = random.Random(0).sample(range(len(given)), len(given))
    collate = batches.padded(0)

    def run() -> float:
        start = time.process_time()
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
        return time.process_time() - start

    return run


def ours(plan: Plan, given: Sequence[Row], folder: Path, padded: bool) -> Callable[[], float]:
    """Return an epoch of our trainer, which says how long it took."""
    trainer: Any = trainers.make(plan, Rows(list(given), []), folder, 1)
    if padded:
        collate = batches.padded(0)
        trainer.data_collator = lambda examples: collate([Row(**example) for example in examples])

    def run() -> float:
        trainer.args.max_steps = -(-len(given) // BATCH)
        start = time.process_time()
        trainer.train()
        return time.process_time() - start

    return run


def measure(plan: Plan, given: Sequence[Row], folder: Path) -> dict[str, float]:
    """Return the CPU seconds of each way, the best of three."""
    ways = {
        "bare loop, padded": bare(plan, given),
        "sft, padded": ours(plan, given, folder, padded=True),
        "sft, shared lines": ours(plan, given, folder, padded=False),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(3):
        for name, run in ways.items():
            times[name].append(run())
    return {name: min(taken) for name, taken in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    import torch

    torch.set_num_threads(1)
    print("| weights | way | tokens a CPU second | against the bare loop |")
    print("|---|---|---|---|")
    for size, (width, layers) in list(SIZES.items())[: 1 if quick else None]:
        given = rows(512)
        tokens = sum(map(batches.length, given))
        with tempfile.TemporaryDirectory() as folder, models.quiet():
            source = str(base(Path(folder) / "base", width, layers))
            settings = settle({"batch_size": BATCH}, usual("causal", 512, 10**6, "none"))
            plan = Plan("causal", source, size, settings, seed=0)
            times = measure(plan, given, Path(folder))
        first = times["bare loop, padded"]
        for name, taken in times.items():
            print(f"| {size} | {name} | {tokens / taken:,.0f} | {first / taken:.2f} |")


if __name__ == "__main__":
    main()
