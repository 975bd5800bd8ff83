"""An evaluation in a few lines: what the planner needs to choose its next step."""

from collections import Counter
from collections.abc import Iterator

from tools.services import Json

NAMED = 5
"""How many labels, confusions, regions or slices are told by name."""


def summary(result: Json, why: str = "") -> str:
    """Return what an artifact of `evaluate` says, in words.

    Args:
        result: The artifact.
        why: The reason for the metric, where it has just been chosen.
    """
    return "\n".join([*_scores(result, why), *_labels(result), *_texts(result)])


def _scores(result: Json, why: str) -> Iterator[str]:
    held_out = result["protocol"] == "holdout"
    where = "validation rows" if held_out else "training rows that it had not learned from"
    ci = result["ci95"]
    yield (
        f"{result['student']}: {result['metric']} {result['value']:.3f}"
        + (f" (95% interval {ci[0]:.3f} to {ci[1]:.3f})" if ci else "")
        + f" on {result['n']} {where}."
    )
    if why:
        yield f"Why {result['metric']}: {why}"
    if result["synthetic"]:
        yield "All of these rows were written by a teacher: real inputs may differ."
    if result["against"]:
        yield (
            f"Against {result['against']}: {result['gain']:+.3f}, P(better) "
            f"{result['p_better']:.2f}, on {result['compared']} rows that both answered."
        )


def _labels(result: Json) -> Iterator[str]:
    weakest = [f"{r['label']} {r['f1']:.2f} (n={r['n']})" for r in result["per_label"][:NAMED]]
    if weakest:
        yield f"Weakest labels by F1: {'; '.join(weakest)}."
    mixed = [f"{right} as {taken} {n}x" for right, taken, n in result["confusions"][:NAMED]]
    if mixed:
        yield f"Most confused training rows: {'; '.join(mixed)}."
    if result["doubts"]:
        yield f"Training rows with a doubtful label: {result['doubts']}."


def _texts(result: Json) -> Iterator[str]:
    """Say where a student of free text fails; label tasks have said so by label."""
    if result["per_label"]:
        return
    kinds: Counter[str] = Counter()
    for region in result["hard"]:
        kinds[region["taken_for"]] += region["n"]
    if kinds:
        told = "; ".join(f"{kind} {n}x" for kind, n in kinds.most_common(NAMED))
        yield f"Wrong answers to training rows held out: {told}."
        regions = [f"{r['label']}: {r['taken_for']} {r['n']}x" for r in result["hard"][:NAMED]]
        yield f"Most of them by kind of output or subject: {'; '.join(regions)}."
    weak = [s for s in result["slices"] if s["value"] < result["value"]][:NAMED]
    if weak:
        named = [f"{s['by']} {s['name']} {s['value']:.2f} (n={s['n']})" for s in weak]
        yield f"Weakest slices: {'; '.join(named)}."
