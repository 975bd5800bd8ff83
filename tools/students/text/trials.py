"""Trainings with other hyperparameters, where there is time for some; the best one stays."""

import hashlib
import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

from tools.services import Json, Progress
from tools.students.curve import NO_CURVE, Curve
from tools.students.text import watch
from tools.students.text.attempts import attempt
from tools.students.text.plan import TRIAL, Plan
from tools.students.text.settings import settle
from tools.students.text.tuning import Range, Space, search

_JOURNAL = "trials.journal"
_RESULT = "result.json"
_FACTOR = 3.0


def tuned(
    plan: Plan,
    work: Path,
    seconds: float,
    seed: int,
    checkpoints: bool,
    progress: Progress,
    curve: Curve = NO_CURVE,
) -> tuple[Path, list[str]]:
    """Search hyperparameters around those of a plan.

    Returns:
        The folder with plan and weights of the best training, and what is worth a note.
    """
    start = asdict(plan.settings)
    under_way = ""

    def announce(message: str) -> None:
        nonlocal under_way
        under_way = message
        progress(message)

    def trial(values: Json, left: float | None) -> float:
        folder = work / f"{TRIAL}{_digest(values)}"
        if Plan.load(folder) is None:
            _begin(values, work, folder)

        def say(text: str) -> None:
            progress(f"{under_way}: {text}")

        said = attempt(folder, left, checkpoints, say, curve)
        _remember(work, folder)
        score = watch.best_score(folder)
        (folder / _RESULT).write_text(json.dumps({"score": score, "said": said}))
        _keep_best(work)
        return score

    rate, batch = start["learning_rate"], start["batch_size"]
    space: Space = {
        "learning_rate": Range(rate / _FACTOR, rate * _FACTOR),
        "batch_size": sorted({max(1, batch // 2), batch, 2 * batch}),
    }
    found = search(
        trial, start, space, seconds, work / _JOURNAL if checkpoints else None, seed, announce
    )
    folder = work / f"{TRIAL}{_digest(found.hyperparameters)}"
    said = list(json.loads((folder / _RESULT).read_text("utf-8"))["said"])
    return folder, [*said, *([found.note] if found.note else [])]


def _begin(values: Json, work: Path, folder: Path) -> None:
    """Make the folder of a trial; its plan comes last."""
    plan = Plan.load(work)
    assert plan
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(work / "rows.json", folder)
    replace(plan, settings=settle(values, asdict(plan.settings))).save(folder)


def _remember(work: Path, folder: Path) -> None:
    """Have later trials begin with what fitted the memory in this one."""
    plan, tried = Plan.load(work), Plan.load(folder)
    assert plan
    assert tried
    fits = replace(plan, at_once=tried.at_once, checkpointed=tried.checkpointed, said=tried.said)
    fits.save(work)


def _keep_best(work: Path) -> None:
    """Delete the weights of all trials but the best one, and of equals but the earliest."""
    results = sorted(work.glob(f"{TRIAL}*/{_RESULT}"), key=lambda path: path.stat().st_mtime_ns)
    scores = [json.loads(path.read_text("utf-8"))["score"] for path in results]
    for path in results:
        if path != results[scores.index(max(scores))]:
            shutil.rmtree(path.parent)


def _digest(values: Json) -> str:
    text = json.dumps(values, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
