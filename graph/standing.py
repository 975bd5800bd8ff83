"""Where a run stands, as one JSON object that a model and the rules planner read alike."""

from typing import Any

from graph.budget import seconds_left
from graph.state import NOTHING_SPENT, Json, Round, State
from tools.services import Services
from tools.students.text.tuning import seconds_of_one
from tools.teaching import Rewriter

FEW_LABELS = 10
MOST_BASES = 5
MOST_FAILURES = 5
_BASE_KEYS = (
    "method", "base", "asked", "parameters", "download_mb", "race_score", "hyperparameters",
)  # fmt: skip
_OPEN_KEYS = ("round", "focus", "requested", "accepted", "dropped", "foci")
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
        "rows_of_label": _fewest(services.store.label_counts("train"), spec),
        "rows": {split: services.store.count(split) for split in ("train", "validation", "test")},
        "sources": len(services.sources),
        "searched": state.get("searched", False),
        "datasets": [_dataset(d) for d in state.get("datasets", []) if d["plausible"]],
        "tried": state.get("tried", []),
        "imported": [i["dataset"] for i in state.get("imports", [])],
        "bases": _bases(state),
        "failed_bases": state.get("failed_bases", []),
        "teacher": {
            "name": services.teacher.name,
            "writes": isinstance(services.teacher, Rewriter),
        },
        "asked_student": state["student"],
        "trained": trained and trained["student"],
        "best": best and _best(best) | {"minutes_for_another": minutes_for_another(best, services)},
        "round": _open(state.get("round")),
        "rounds": [{key: round_[key] for key in _ROUND_KEYS} for round_ in _rounds(state)],
        "earned": _earned(_rounds(state)[state.get("began", 0) :]),
        "last_error": state.get("last_error"),
        "target": limits["target"],
        "budget_left": {
            "rounds": limits["max_rounds"] - len(state.get("rounds", [])),
            "minutes": round(seconds_left(limits, spent) / 60, 1),
            "usd": None if spent["usd"] is None else round(limits["usd"] - spent["usd"], 4),
        },
        **_of_the_person(state),
    }


def _of_the_person(state: State) -> Json:
    """Return what the person wants done next, and what the task has come to beside its words."""
    spec = state["spec"]
    told = {
        "wishes": state.get("wishes", []),
        "other_languages": spec.get("other_languages", ()),
        "conventions": spec.get("conventions", ()) if state.get("versions") else (),
        "avoid": state.get("avoid", []),
        "most_mb": state.get("most_mb"),
        # The task has changed so that no student so far can be compared with those to come.
        "anew": bool(state.get("rounds")) and not state.get("best"),
    }
    return {key: value for key, value in told.items() if value}


def _bases(state: State) -> list[Json]:
    """Return the best candidates that have not failed.

    The best of the same method that needs no download is among them, for when nothing can be had.
    """
    failed = state.get("failed_bases", [])
    left = [base for base in state.get("bases", []) if base["base"] not in failed]
    here = [b for b in left if not b["download_mb"] and b["method"] == left[0]["method"]][:1]
    shown = [*left[:MOST_BASES], *(base for base in here if base not in left[:MOST_BASES])]
    return [{key: base[key] for key in _BASE_KEYS if key in base} for base in shown]


def _open(round_: Round | None) -> Json | None:
    if round_ is None:
        return None
    return {key: value for key, value in round_.items() if key in _OPEN_KEYS}


def _rounds(state: State) -> list[dict[str, Any]]:
    return [dict(round_) for round_ in state.get("rounds", [])]


def _earned(rounds: list[dict[str, Any]]) -> Json:
    """Return what each focus has brought, rounds left out that had nothing to be compared with."""
    earned: Json = {}
    for round_ in rounds:
        if round_["p_better"] is None and round_["kept"]:
            continue
        row = earned.setdefault(round_["focus"], {"rounds": 0, "gain": 0.0, "tokens": 0})
        row["rounds"] += 1
        row["gain"] = round(row["gain"] + (round_["gain"] or 0.0), 4)
        row["tokens"] += round_["tokens"]
    return earned


def _fewest(counts: dict[str, int], spec: Json) -> Json:
    """Return the labels with the fewest training rows, and the one with the most."""
    if spec["output_type"] != "label" or not counts:
        return {}
    known = {label["name"]: counts.get(label["name"], 0) for label in spec["labels"]} or counts
    ranked = sorted(known.items(), key=lambda item: item[1])
    return dict([*ranked[:FEW_LABELS], *ranked[-1:]])


def _dataset(found: Json) -> Json:
    return {key: found[key] for key in ("id", "licence", "allowed", "plausible", "score", "rows")}


def _failures(evaluation: Json) -> list[list[Any]]:
    """Return how a student that writes fails: the form or subject, the failure, how often."""
    if evaluation["per_label"]:
        return []
    return [
        [one["label"], one["taken_for"], one["n"]] for one in evaluation["hard"][:MOST_FAILURES]
    ]


def minutes_for_another(best: Json, services: Services) -> float:
    """Estimate the minutes in which another student would be trained, scored and tested."""
    rows = {split: services.store.count(split) for split in ("train", "validation", "test")}
    once = seconds_of_one(best["seconds"], best["notes"])
    training = once * rows["train"] / best["train_rows"]
    tests = rows["test"] / rows["validation"] if rows["validation"] else 0.0
    scoring = best["evaluation"]["elapsed"] * (1 + tests)
    return float(round((training + scoring) / 60, 1))


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
        "mistakes": sum(times for _, _, times in evaluation["confusions"]),
        "confusions": evaluation["confusions"][:5],
        "weakest": {row["label"]: round(row["f1"], 2) for row in evaluation["per_label"][:5]},
        "doubts": evaluation["doubts"],
        "failures": _failures(evaluation),
    }
