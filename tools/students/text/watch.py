"""The watch over a training: messages, looks at held-out rows, when to stop, what to keep."""

import json
import math
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.services import Json, Progress
from tools.students.curve import NO_CURVE, Curve, is_due
from tools.students.text.plan import part_of, save_spent

PATIENCE = 5
"""Looks without a better score that end a training. Of a dozen in all, so many, since at the high
learning rates of the first half scores go up and down."""
_SECONDS_BETWEEN_MESSAGES = 2.0
_SECONDS_BETWEEN_CHECKPOINTS = 20.0
_MOST_ON_CHECKPOINTS = 0.05
_BEST = "best-"
_SCORE = "score.json"


@dataclass
class Clock:
    """The time that a training has taken, over all processes that worked on it.

    Attributes:
        limit: Seconds that it may take; None for as many as it needs.
        before: Seconds that earlier processes took.
    """

    limit: float | None
    before: float = 0.0
    start: float = field(default_factory=time.monotonic)

    def spent(self) -> float:
        """Return the seconds so far."""
        return self.before + time.monotonic() - self.start

    def over(self) -> bool:
        """Say whether the limit is reached."""
        return self.limit is not None and self.spent() >= self.limit


@dataclass
class Watch:
    """A mixin for `TrainerCallback`.

    What it decides follows from the history that checkpoints hold, so it has no state to restore.

    Attributes:
        folder: Where the best weights go.
        clock: Says when time is up.
        every: Steps between two looks at the held-out rows; 0 where none are held out.
        steps: Steps in an epoch.
        checkpoints: Whether a training may be resumed.
        curve: Takes losses and scores.
        agreed: Takes what this process thinks and returns what the first one does: whatever makes
            processes talk to each other has to happen in all of them.
    """

    folder: Path
    clock: Clock
    progress: Progress
    every: int
    steps: int
    checkpoints: bool
    agreed: Callable[[tuple[bool, ...]], tuple[bool, ...]]
    curve: Curve = NO_CURVE
    out_of_time: bool = False
    speaks: bool = False
    diverged: bool = False
    said: float = field(default_factory=time.monotonic)
    saved: float = field(default_factory=time.monotonic)
    pause: float = field(default_factory=lambda: _SECONDS_BETWEEN_CHECKPOINTS)

    @property
    def part(self) -> str:
        """Which of several trainings this is."""
        return part_of(self.folder)

    def on_step_end(self, _args: Any, state: Any, control: Any, **_: Any) -> None:
        """Ask for a look, a checkpoint, a message, or the end."""
        now = time.monotonic()
        mine = (
            self.clock.over(),
            self.checkpoints and now - self.saved > self.pause,
            now - self.said > _SECONDS_BETWEEN_MESSAGES,
        )
        over, save, say = self.agreed(mine)
        last = over or state.global_step >= state.max_steps
        if over and state.global_step < state.max_steps:
            self.out_of_time = control.should_training_stop = True
        if self.every and (last or state.global_step % self.every == 0):
            control.should_evaluate = True
        if save and not last:
            control.should_save = True
            self.saved = now
        self.speaks = last or say
        if self.speaks or is_due(state.global_step, state.max_steps):
            control.should_log = True
        if self.speaks:
            self.said = now

    def on_log(self, _args: Any, state: Any, _control: Any, logs: Json, **_: Any) -> None:
        """Write down the loss, and say now and then how far training is."""
        if "loss" not in logs or not state.is_world_process_zero:
            return
        self.curve.add(self.part, state.global_step, state.max_steps, {"loss": logs["loss"]})
        if not self.speaks:
            return
        epochs = -(-state.max_steps // self.steps)
        epoch = min(epochs, (state.global_step - 1) // self.steps + 1)
        scores = _scores(state.log_history)
        dev = f", dev {scores[-1][0]:.3f}" if scores else ""
        self.progress(
            f"epoch {epoch} of {epochs}, step {state.global_step:,} of {state.max_steps:,}, "
            f"loss {logs['loss']:.3f}{dev}"
        )

    def on_evaluate(
        self, _args: Any, state: Any, control: Any, model: Any, metrics: Json, **_: Any
    ) -> None:
        """Keep the weights if they are the best so far; stop when that is long ago, or for good."""
        if state.is_world_process_zero:
            self.curve.add(self.part, state.global_step, state.max_steps, metrics)
        if not math.isfinite(metrics["eval_loss"]):
            self.diverged = control.should_training_stop = True
            return
        scores = _scores(state.log_history)
        if max(scores) == scores[-1] and scores.index(scores[-1]) == len(scores) - 1:
            if state.is_world_process_zero:
                keep(model, self.folder, state.global_step, scores[-1][0])
        elif waited(scores) >= PATIENCE:
            control.should_training_stop = True

    def on_save(self, *_: Any, **__: Any) -> None:
        """Note the time spent, and let checkpoints take no more than a twentieth of it."""
        save_spent(self.clock.spent(), self.folder)
        taken = time.monotonic() - self.saved
        self.pause = max(_SECONDS_BETWEEN_CHECKPOINTS, taken / _MOST_ON_CHECKPOINTS)


def keep(model: Any, folder: Path, step: int, score: float | None) -> None:
    """Write the trained weights, all or those of the adapter, in place of what was kept before."""
    kept = folder / f"{_BEST}{step}"
    if not (kept / _SCORE).is_file():
        part = folder / ".best.part"
        shutil.rmtree(part, ignore_errors=True)
        model.save_pretrained(part)
        (part / _SCORE).write_text(json.dumps({"score": score}))
        part.replace(kept)
    for path in folder.glob(f"{_BEST}*"):
        if path != kept:
            shutil.rmtree(path, ignore_errors=True)


def kept(folder: Path) -> bool:
    """Say whether any weights were kept."""
    return bool(_kept(folder))


def best(folder: Path) -> Path:
    """Return the folder with the best weights so far."""
    return _kept(folder)[-1]


def best_score(folder: Path) -> float:
    """Return the score of the best weights so far; 0 where no rows were held out."""
    score = json.loads((best(folder) / _SCORE).read_text("utf-8"))["score"]
    return float(score or 0.0)


def _kept(folder: Path) -> list[Path]:
    kept = [path for path in folder.glob(f"{_BEST}*") if (path / _SCORE).is_file()]
    return sorted(kept, key=lambda path: int(path.name.removeprefix(_BEST)))


def waited(scores: Sequence[Any]) -> int:
    """Return how many looks ago the best one was."""
    return len(scores) - 1 - scores.index(max(scores))


def ended(history: Sequence[Json]) -> bool:
    """Say whether a training with this history has stopped early."""
    scores = _scores(history)
    return bool(scores) and waited(scores) >= PATIENCE


def _scores(history: Sequence[Json]) -> list[tuple[float, float]]:
    """Return score and negative loss of each look; more is better."""
    return [(look["eval_score"], -look["eval_loss"]) for look in history if "eval_score" in look]
