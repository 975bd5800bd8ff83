"""Where a run stands, for whoever answers a person's questions about it.

It holds numbers and names only: no text of a validation or test row.
"""

from typing import Any, Literal

from graph.state import NOTHING_SPENT, Json, State
from tools.services import Services

MOST_DATASETS, MOST_CONFUSIONS, MOST_ROUNDS = 10, 8, 12
_DATASET_KEYS = ("id", "licence", "allowed", "plausible", "score", "rows", "why")
_BEST_KEYS = (
    "student", "method", "base", "parameters", "size_mb", "latency_ms", "train_rows",
)  # fmt: skip
Stage = Literal["task", "plan", "work", "done"]
"""What the conversation is about: the task, the plan, the work, or what came of it."""


def situation(state: State, services: Services) -> Json:
    """Return what a listener goes by: the task, data, rounds, scores, costs, what goes on."""
    return {
        "stage": stage(state),
        "task": _task(state),
        "version": len(state.get("versions", [])),
        "rows": {split: services.store.count(split) for split in ("train", "validation", "test")},
        "datasets": _datasets(state),
        "rounds": [_round(dict(r)) for r in state.get("rounds", [])[-MOST_ROUNDS:]],
        "best": _best(state.get("best")),
        "test": _test(state),
        "spent": state.get("spent", NOTHING_SPENT),
        "limits": state["limits"],
        "teacher": services.teacher.name,
        "planner": state["planner"],
        "now": state.get("decision", ""),
        "stop_reason": state.get("stop_reason"),
        "wishes": [wish["why"] for wish in state.get("wishes", [])],
    }


def stage(state: State) -> Stage:
    """Say what the conversation is about."""
    if state.get("draft") or "spec" not in state:
        return "task"
    if state.get("stop_reason"):
        return "done"
    return "work" if state.get("approved") or state["mode"] == "run" else "plan"


def _task(state: State) -> Json | None:
    draft = state.get("draft")
    spec = draft["spec"] if draft else state.get("spec")
    return spec and {key: value for key, value in spec.items() if key != "demonstrations"}


def _datasets(state: State) -> list[Json]:
    """Return the data sets that were considered, those imported first."""
    imported = {i["dataset"]: sum(i["imported"].values()) for i in state.get("imports", [])}
    found = [
        {key: entry[key] for key in _DATASET_KEYS}
        | {"imported": imported.get(entry["id"].partition("@")[0], 0)}
        for entry in state.get("datasets", [])
    ]
    known = {entry["id"].partition("@")[0] for entry in found}
    others = [
        {"id": i["dataset"], "licence": i["licence"], "imported": imported[i["dataset"]]}
        for i in state.get("imports", [])
        if i["dataset"] not in known
    ]
    ranked = sorted([*found, *others], key=lambda entry: -int(entry["imported"] > 0))
    avoided = set(state.get("avoid", []))
    told = [e | {"avoided": e["id"].partition("@")[0] in avoided} for e in ranked]
    return told[:MOST_DATASETS]


def _round(round_: dict[str, Any]) -> Json:
    validation = round_["validation"] or {}
    keys = ("round", "focus", "accepted", "p_better", "kept")
    return {key: round_[key] for key in keys} | {
        key: validation.get(key) for key in ("metric", "value", "ci95")
    }


def _best(best: Json | None) -> Json | None:
    if not best:
        return None
    evaluation = best["evaluation"]
    return {key: best.get(key) for key in _BEST_KEYS} | {
        "metric": evaluation["metric"],
        "value": evaluation["value"],
        "ci95": evaluation["ci95"],
        "n": evaluation["n"],
        "confusions": evaluation["confusions"][:MOST_CONFUSIONS],
        "weakest": {row["label"]: round(row["f1"], 2) for row in evaluation["per_label"][:5]},
    }


def _test(state: State) -> Json | None:
    """Return the score on test rows, where the run has come to it since the task last changed."""
    report = state.get("report")
    if not report or not state.get("stop_reason"):
        return None
    keys = ("metric", "value", "ci95", "n", "times")
    return {key: report["test"].get(key) for key in keys} | {"evidence": report["evidence"]}
