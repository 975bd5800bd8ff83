"""Do two processes learn what one does? Data-parallel training on CPUs, through gloo.

    python -m benchmarks.train_together [--quick]

A tiny Llama with random weights is trained by two processes that take half of each step's rows, and
by one that takes the halves after each other. The weights are compared: they may differ by what
sums in another order do. `--quick`: one epoch instead of three.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from tests.tools.students.text import bases
from tools.services import TrainingSet, silent
from tools.students.bases import find
from tools.students.text import launch, planning, training
from tools.students.text.watch import best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    epochs = 1 if parser.parse_args().quick else 3
    texts, outputs = bases.task(300)
    data = TrainingSet(texts, outputs, instruction=bases.INSTRUCTION, output_type="text")
    asked = {"epochs": epochs, "batch_size": 16, "learning_rate": 3e-3}
    weights, seconds = [], []
    with tempfile.TemporaryDirectory() as folder:
        base = find(str(bases.llama(Path(folder) / "base")))
        for processes in (1, 2):
            work = Path(folder) / str(processes)
            work.mkdir()
            plan = planning.make(base, data, asked, work, silent)
            start = time.monotonic()
            if processes == 1:
                replace(plan, at_once=plan.settings.batch_size // 2).save(work)
                training.run(work, None, checkpoints=False, progress=silent)
            else:
                launch.together(work, None, checkpoints=False, progress=silent, processes=2)
            seconds.append(time.monotonic() - start)
            weights.append(load_file(best(work) / "model.safetensors"))
        first = load_file(Path(base.source) / "model.safetensors")
    one, two = weights
    moved = max(float(np.abs(one[name] - first[name]).max()) for name in one)
    apart = max(float(np.abs(one[name] - two[name]).max()) for name in one)
    print("| one process, s | two processes, s | largest move of a weight | largest difference |")
    print("|---|---|---|---|")
    print(f"| {seconds[0]:.1f} | {seconds[1]:.1f} | {moved:.4f} | {apart:.6f} |")


if __name__ == "__main__":
    main()
