"""A few trials of hyperparameters around good defaults, as many as there is time for."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.services import Json, Progress, ToolError, UnfitBaseError

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial, Trial

Score = Callable[[Json, float | None], float]
"""Hyperparameters, and seconds that training may take, to a score; the higher, the better."""

MOST_TRIALS = 5
ENOUGH = 0.995
"""Score, of 1 at most, that is not worth another training to better."""
_NOTED = "hyperparameters: the best of {} trainings on rows held out"
_RANDOM_TRIALS = 3
"""TPE learns from so many before it proposes; of a handful, more would leave nothing to propose."""
_SLACK = 1.2
"""A trial is begun where the first one, longer by so much, would still end in time."""
_DIGITS = 3
_WHY, _OF_BASE = "why", "of_base"
_LOCK = ".lock"
"""What Optuna appends to the name of a journal for its lock."""


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, tried evenly on a logarithmic scale; whole where both are."""

    low: float
    high: float


Space = Mapping[str, Range | Sequence[Any]]
"""Hyperparameter to the values that may be tried: a range, or a list of choices."""


@dataclass(frozen=True)
class Tuned:
    """What the search found.

    Attributes:
        hyperparameters: `start` with the best values found in its place.
        score: Their score.
        tried: Trials that gave a score.
        failed: Trials that could not be trained.
    """

    hyperparameters: Json
    score: float
    tried: int
    failed: int

    @property
    def note(self) -> str | None:
        """Say how many trainings there were, if there was a choice."""
        return _NOTED.format(self.tried) if self.tried > 1 else None


def seconds_of_one(seconds: float, notes: Iterable[str]) -> float:
    """Return how long one training of a student took, by the time of all and the notes on it.

    Hyperparameters are searched once; a later training takes over what was found.
    """
    pattern = _NOTED.format(r"(\d+)")
    trainings = [int(found[1]) for note in notes if (found := re.fullmatch(pattern, note))]
    return seconds / max(trainings, default=1)


def search(
    trial: Score,
    start: Json,
    space: Space,
    seconds: float | None,
    storage: Path | None,
    seed: int,
    progress: Progress,
) -> Tuned:
    """Try `start` first, then what TPE (Bergstra et al., 2011) proposes.

    A search that was killed goes on with the trial that was under way, from its beginning, and
    comes to the same end as one that was not. Equal scores go to what was tried first. A score of
    `ENOUGH` ends it.

    Args:
        trial: Trains a fresh model on training rows, and scores it on others that were held out
            of them. Never on validation or test rows.
        start: Good defaults, with values for everything in `space`.
        space: What to vary.
        seconds: What all trials together may take; None for `MOST_TRIALS` however long they take.
        storage: Journal of the trials; None where nothing may be kept.
        seed: Decides what is proposed.
        progress: Told about every trial.

    Raises:
        UnfitBaseError: No trial could be trained, and the first one not for its base.
        ToolError: No trial could be trained, for another reason.
    """
    study = _open(storage)
    for asked in study.get_trials(deepcopy=False):
        _give_up(study, asked)
    while (left := _seconds_left(study, seconds)) is None or left > 0:
        finished = _finished(study)
        number = len(finished)
        if number >= (MOST_TRIALS if space else 1) or _settled(finished):
            break
        progress(f"trial {number + 1} of at most {MOST_TRIALS}")
        _try(study, trial, start, space, left, seed + number)
    return _best(study, start)


def _open(storage: Path | None) -> "Study":
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    kept = None if storage is None else _journal(storage)
    return optuna.create_study(
        storage=kept, study_name="tuning", direction="maximize", load_if_exists=True
    )


def _journal(path: Path) -> "BaseStorage":
    """Open a journal, freed of what a process that was killed has left half done."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    path.parent.mkdir(parents=True, exist_ok=True)
    # Nobody else writes to it, so that a lock is always a dead one.
    path.with_name(path.name + _LOCK).unlink(missing_ok=True)
    if path.is_file():
        lines = path.read_bytes()
        path.write_bytes(lines[: lines.rfind(b"\n") + 1])
    return JournalStorage(JournalFileBackend(str(path)))


def _give_up(study: "Study", asked: "FrozenTrial") -> None:
    """End a trial that was under way when the process was killed; it does not count."""
    from optuna.trial import TrialState

    if not asked.state.is_finished():
        study.tell(asked.number, state=TrialState.FAIL)


def _finished(study: "Study") -> list["FrozenTrial"]:
    """Return the trials that gave a score or a reason for having none, the first one first."""
    trials = study.get_trials(deepcopy=False)
    return [t for t in trials if t.value is not None or _WHY in t.user_attrs]


def _settled(finished: "Sequence[FrozenTrial]") -> bool:
    """Say whether more trials can bring nothing, or only next to nothing.

    A base that could not be trained with good defaults cannot be trained with others either.
    """
    good = any(trial.value is not None and trial.value >= ENOUGH for trial in finished)
    return good or bool(finished and _unfit(finished[0]))


def _unfit(trial: "FrozenTrial") -> bool:
    return bool(trial.user_attrs.get(_OF_BASE))


def _seconds_left(study: "Study", seconds: float | None) -> float | None:
    """Return what is left for the next trial; 0 where that would not end in time."""
    if seconds is None:
        return None
    taken = [t.duration.total_seconds() for t in _finished(study) if t.duration]
    left = seconds - sum(taken)
    return left if not taken or _SLACK * taken[0] <= left else 0.0


def _try(
    study: "Study", trial: Score, start: Json, space: Space, seconds: float | None, seed: int
) -> None:
    from optuna.samplers import TPESampler
    from optuna.trial import TrialState

    # A sampler of its own for each trial proposes the same after a crash.
    study.sampler = TPESampler(n_startup_trials=_RANDOM_TRIALS, seed=seed)
    if not _finished(study):
        study.enqueue_trial({name: start[name] for name in space})
    asked = study.ask({name: _distribution(values) for name, values in space.items()})
    try:
        score = trial(_values(asked, start), seconds)
    except ToolError as error:
        asked.set_user_attr(_OF_BASE, error.of_base)
        asked.set_user_attr(_WHY, str(error))
        study.tell(asked, state=TrialState.FAIL)
        return
    study.tell(asked, score)


def _distribution(values: Range | Sequence[Any]) -> "BaseDistribution":
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if not isinstance(values, Range):
        return CategoricalDistribution(tuple(values))
    if isinstance(values.low, int) and isinstance(values.high, int):
        return IntDistribution(values.low, values.high, log=True)
    return FloatDistribution(values.low, values.high, log=True)


def _values(asked: "Trial | FrozenTrial", start: Json) -> Json:
    """Return hyperparameters; more digits than a few would only look as if they mattered."""
    short = {
        name: float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value
        for name, value in asked.params.items()
    }
    return start | short


def _best(study: "Study", start: Json) -> Tuned:
    finished = _finished(study)
    scored = [t for t in finished if t.value is not None]
    if not scored:
        first = finished[0]
        raise (UnfitBaseError if _unfit(first) else ToolError)(first.user_attrs[_WHY])
    best = max(scored, key=lambda t: t.value or 0.0)
    return Tuned(
        hyperparameters=_values(best, start),
        score=float(best.value or 0.0),
        tried=len(scored),
        failed=len(finished) - len(scored),
    )
