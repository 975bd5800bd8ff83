"""Does a training that is killed come to the same weights as one that is not?

    python -m benchmarks.resume_training [--quick]

A tiny Llama with random weights learns to write the second of three words. One training runs to its
end. Others are killed with SIGKILL after the first checkpoint and resumed, once or (without
`--quick`) three times, each at a random moment. Then the weights are compared bit by bit.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from tests.tools.students.text import bases
from tools.services import TrainingSet, silent
from tools.students.text import watch
from tools.students.text.sft import Sft

ROWS = 1_000
EPOCHS = 6
MOST_S = 300


def train(base: Path, work: Path) -> None:
    texts, outputs = bases.task(ROWS)
    watch._SECONDS_BETWEEN_CHECKPOINTS = 1.0
    folder = work / "student"
    folder.mkdir(parents=True, exist_ok=True)
    data = TrainingSet(
        texts, outputs, instruction=bases.INSTRUCTION, output_type="text",
        checkpoints=work / "checkpoints",
    )  # fmt: skip
    settings = {"epochs": EPOCHS, "batch_size": 16, "learning_rate": 3e-3}
    Sft().fit(data, str(base), settings, folder, silent)


def start(base: Path, work: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "benchmarks.resume_training", "--train", str(base), str(work)]
    environment = {"OMP_WAIT_POLICY": "PASSIVE", **os.environ, "PYTHONPATH": str(Path.cwd())}
    return subprocess.Popen(command, env=environment)


def killed(base: Path, work: Path, kills: int) -> int:
    """Train with some kills in between, and return the step of the last checkpoint before one."""
    rng = random.Random(kills)
    last = 0
    for _ in range(kills):
        process = start(base, work)
        while _step(work) <= last and process.poll() is None:
            time.sleep(0.05)
        time.sleep(rng.uniform(2, 8))
        process.kill()
        process.wait()
        last = _step(work)
    assert start(base, work).wait(MOST_S) == 0
    return last


def _step(work: Path) -> int:
    found = work.glob("checkpoints/*/trainer_state.json")
    return max((int(path.parent.name.split("-")[1]) for path in found), default=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--train", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train:
        train(*options.train)
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        base = bases.llama(root / "base")
        assert start(base, root / "whole").wait(MOST_S) == 0
        whole = load_file(root / "whole/student/model.safetensors")
        print(
            "| kills | step of the last checkpoint before a kill | largest difference of a weight |"
        )
        print("|---|---|---|")
        for kills in (1,) if options.quick else (1, 3):
            work = root / f"killed{kills}"
            last = killed(base, work, kills)
            weights = load_file(work / "student/model.safetensors")
            worst = max(float(np.abs(whole[name] - weights[name]).max()) for name in whole)
            print(f"| {kills} | {last} | {worst:g} |")


if __name__ == "__main__":
    main()
