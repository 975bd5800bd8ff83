"""Where a run stands, for whoever answers a person's questions about it.

It holds numbers and names only: no text of a validation or test row.
"""

from typing import Any, Literal, cast

from graph.state import NOTHING_SPENT, Json, State
from tools.services import Services
from tools.talk.rules import prose_of
from tools.talk.versions import compare
from tools.task import TaskSpec
from tools.text import one_line

MOST_DATASETS, MOST_CONFUSIONS, MOST_ROUNDS, MOST_VERSIONS = 10, 8, 12, 8
DIGITS = 3
LONGEST_SAID = 600
"""Characters of each earlier message."""
_DATASET_KEYS = ("id", "licence", "allowed", "plausible", "score", "rows", "why")
_BEST_KEYS = (
    "student", "method", "base", "parameters", "size_mb", "latency_ms", "train_rows",
)  # fmt: skip
Stage = Literal["task", "plan", "work", "done"]
"""What the conversation is about: the task, the plan, the work, or what came of it."""


def situation(state: State, services: Services) -> Json:
    """Return what a listener goes by: the task, data, rounds, scores, costs, what goes on."""
    spent: Json = dict(state.get("spent", NOTHING_SPENT))
    told: Json = {
        "stage": stage(state),
        "task": _task(state),
        "version": len(state.get("versions", [])),
        "versions": _versions(state),
        "rows": {split: services.store.count(split) for split in ("train", "validation", "test")},
        "datasets": _datasets(state),
        "rounds": [_round(dict(r)) for r in state.get("rounds", [])[-MOST_ROUNDS:]],
        "best": _best(state.get("best")),
        "test": _test(state),
        "spent": {key: spent[key] for key in ("usd", "seconds", "teacher_calls")},
        "limits": state["limits"],
        "teacher": services.teacher.name,
        "planner": "rules" if state["planner"] == "rules" else "a language model",
        "now": state.get("decision", ""),
        "stop_reason": state.get("stop_reason"),
        "wishes": [wish["why"] for wish in state.get("wishes", [])],
    }
    return cast(Json, _rounded(told))


def before(services: Services, message: int, known: Json) -> list[Json]:
    """Return what was said shortly before a message, without the examples in it.

    Args:
        services: Those of the run.
        message: Id of the message.
        known: The situation.
    """
    said = services.control.said_before(message) if services.control and message else []
    lines = [(who, prose_of(text, known) if who == "user" else text) for who, text in said]
    return [{"who": who, "text": one_line(text, LONGEST_SAID)} for who, text in lines if text]


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


def _versions(state: State) -> list[Json]:
    """Return in sentences what each agreed version of the task changed."""
    specs = [TaskSpec.model_validate(one["spec"]) for one in state.get("versions", [])]
    pairs = zip(specs, specs[1:], strict=False)
    return [
        {"version": number, "changed": compare(old, new)}
        for number, (old, new) in enumerate(pairs, 2)
    ][-MOST_VERSIONS:]


def _rounded(value: Any) -> Any:
    """Return figures, however deep they lie, as a person wants to hear them."""
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return round(value, DIGITS) if isinstance(value, float) else value


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
