"""What judging and storing one example costs when a run holds 10,000 rows, and when 100,000.

    python benchmarks/curation_scale.py [--quick] [--seed N]

Drafts are word salads with the lengths of real messages, nearly all of them distinct, so each goes
through all checks and into the index: the dearest case. Each tool call judges and writes 1,000. The
cost at a size is that of the last two calls before it. Cost per example should hardly grow: the
target is a ratio of at most 1.5.
"""

import argparse
import os
import platform
import random
import resource
import tempfile
import time
from pathlib import Path

from tools.curation.pipeline import curator
from tools.examples import Example, ExampleStore
from tools.task import Label, TaskSpec
from tools.teaching import Draft

PER_CALL = 1_000
CALLS_MEASURED = 2
TARGET = 1.5
LABELS = ("praise", "complaint", "question")
LETTERS = "etaoinshrdlucmfwypvbgk"
"""Roughly by how often they occur in English."""


def messages(seed: int, n: int) -> list[str]:
    """Return `n` messages of 4 to 24 words from a vocabulary of 5,000, common words more often."""
    rng = random.Random(seed)
    often = [1 / (rank + 5) for rank in range(len(LETTERS))]
    words = ["".join(rng.choices(LETTERS, often, k=rng.randint(2, 10))) for _ in range(5_000)]
    weights = [1 / (rank + 10) for rank in range(len(words))]
    drawn = iter(rng.choices(words, weights, k=n * 24))
    return [" ".join(next(drawn) for _ in range(rng.randint(4, 24))) for _ in range(n)]


def one_call(store: ExampleStore, spec: TaskSpec, call: str, texts: list[str]) -> None:
    """Judge and store `texts` as one tool call would."""
    batch = curator(store).batch(call, spec, spec.label_names)
    rows = []
    for number, text in enumerate(texts):
        label = LABELS[number % len(LABELS)]
        reason = batch.judge(Draft(text, label))
        rows.append(Example(text, label, "train", "bench", "none", "synthetic", reason=reason))
    store.write(call, rows)


def costs(sizes: list[int], seed: int, folder: Path) -> dict[int, tuple[float, float]]:
    """Return size → (wall, CPU) microseconds per example over the last calls before that size."""
    spec = TaskSpec(
        instruction="sort messages",
        labels=tuple(Label(name=name) for name in LABELS),
        # Unknown to the identifier: the check runs and never objects to salad.
        language="x-salad",
    )
    store = ExampleStore(folder / "data.sqlite")
    texts = messages(seed, max(sizes))
    spent: list[tuple[float, float]] = []
    for start in range(0, max(sizes), PER_CALL):
        wall, cpu = time.perf_counter(), time.process_time()
        one_call(store, spec, f"call-{start}", texts[start : start + PER_CALL])
        spent.append((time.perf_counter() - wall, time.process_time() - cpu))
    result = {}
    for size in sizes:
        last = spent[size // PER_CALL - CALLS_MEASURED : size // PER_CALL]
        result[size] = (mean_us([w for w, _ in last]), mean_us([c for _, c in last]))
    store.close()
    return result


def mean_us(seconds: list[float]) -> float:
    """Return microseconds per example."""
    return sum(seconds) / len(seconds) / PER_CALL * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="2,000 and 20,000 rows")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    small, large = (2_000, 20_000) if arguments.quick else (10_000, 100_000)
    with tempfile.TemporaryDirectory() as folder:
        found = costs([small, large], arguments.seed, Path(folder))
    machine = f"{os.cpu_count()} CPUs, {platform.machine()}, {platform.system()}"
    print(f"seed {arguments.seed}; {machine}, Python {platform.python_version()}")
    for size, (wall, cpu) in found.items():
        print(f"{size:>8,} rows: {wall:6.0f} us per example ({cpu:.0f} us of CPU)")
    ratio = found[large][0] / found[small][0]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"   ratio: {ratio:.2f} (target at most {TARGET}); peak memory {memory:,.0f} MB")


if __name__ == "__main__":
    main()
