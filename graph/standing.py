"""Where a run stands, as one JSON object that a model and the rules planner read alike."""

from typing import Any

from graph.budget import seconds_left
from graph.state import NOTHING_SPENT, Json, State
from tools.services import Services

_ROUND_KEYS = ("round", "focus", "requested", "accepted", "gain", "p_better", "kept", "tokens")


def standing(state: State, services: Services) -> Json:
    """Summarise the state: the task, the rows, what was found and tried, rounds, budget left."""
    spent = state.get("spent", NOTHING_SPENT)
    limits = state["limits"]
    best = state.get("best")
    trained = state.get("trained")
    spec = state["spec"]
    return {
        "task": {"output_type": spec["output_type"], "language": spec["language"]},
        "instruction": spec["instruction"],
        "labels": [label["name"] for label in spec["labels"]],
        "rows": {split: services.store.count(split) for split in ("train", "validation", "test")},
        "sources": len(services.sources),
        "searched": state.get("searched", False),
        "datasets": [_dataset(d) for d in state.get("datasets", [])],
        "tried": state.get("tried", []),
        "imported": [i["dataset"] for i in state.get("imports", [])],
        "bases": state.get("bases", []),
        "asked_student": state["student"],
        "trained": trained and trained["student"],
        "best": best and _best(best),
        "round": state.get("round"),
        "rounds": [{key: round_[key] for key in _ROUND_KEYS} for round_ in _rounds(state)],
        "last_error": state.get("last_error"),
        "budget_left": {
            "rounds": limits["max_rounds"] - len(state.get("rounds", [])),
            "minutes": round(seconds_left(limits, spent) / 60, 1),
            "usd": None if spent["usd"] is None else round(limits["usd"] - spent["usd"], 4),
        },
    }


def _rounds(state: State) -> list[dict[str, Any]]:
    return [dict(round_) for round_ in state.get("rounds", [])]


def _dataset(found: Json) -> Json:
    return {key: found[key] for key in ("id", "licence", "allowed", "plausible", "score", "rows")}


def _best(best: Json) -> Json:
    evaluation = best["evaluation"]
    return {
        "student": best["student"],
        "method": best["method"],
        "base": best["base"],
        "hyperparameters": best["hyperparameters"],
        "train_rows": best["train_rows"],
        "metric": evaluation["metric"],
        "value": evaluation["value"],
        "ci95": evaluation["ci95"],
        "confusions": evaluation["confusions"][:5],
    }
