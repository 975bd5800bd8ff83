"""Stands for a training in several processes of which the second meets with something."""

import os
import time
from pathlib import Path

from tools.services import Progress
from tools.students.curve import NO_CURVE, Curve
from tools.students.text import launch, training


def run(
    folder: Path,
    seconds: float | None,
    checkpoints: bool,
    progress: Progress,
    curve: Curve = NO_CURVE,
) -> list[str]:
    """Wait for ever, but in the second process: what that meets with is in the plan's place."""
    import torch

    del seconds, checkpoints, curve
    progress(f"{os.environ['RANK']} of {os.environ['WORLD_SIZE']}")
    if os.environ["RANK"] == "1":
        if (folder / "plan.json").read_text("utf-8") == "memory":
            raise torch.OutOfMemoryError
        os.abort()
    time.sleep(1_000)
    return []


if __name__ == "__main__":
    training.run = run
    launch.main()
