"""What a tool result means for the run: code, not a model.

Folds the artifact of the latest tool call into the state, charges the budget, closes rounds, takes
data that did not help out again, and decides whether the loop goes on.
"""

from typing import Any, cast

from langchain_core.messages import AIMessage, ToolMessage
from langgraph.runtime import Runtime

from graph.budget import charge, exhausted
from graph.plateau import improved, plateaued
from graph.state import NOTHING_SPENT, Json, Round, State, StopReason
from tools.examples import ExampleStore
from tools.services import Services, Usage

STRIKES = 3
_IMPORT_KEYS = (
    *("dataset", "config", "revision", "licence", "input", "output", "label_map", "imported"),
    *("rejected", "why"),
)
FEW_STEPS = 6
"""Graph steps that conclude and its neighbours need; with fewer left the loop ends."""


def review(state: State, runtime: Runtime[Services]) -> Json:
    """Fold the latest message into the state and decide whether to go on."""
    last = state["messages"][-1]
    if isinstance(last, ToolMessage):
        update = _fold(state, last, runtime.context)
    else:
        update = _no_call(state, cast(AIMessage, last))
    if update.get("stop_reason") is None:
        update |= _limits(cast(State, state | update))
    return update


def _no_call(state: State, message: AIMessage) -> Json:
    """Take the rules planner at its word that nothing is left to do; correct a model."""
    if state["planner"] == "rules":
        reason: StopReason = "planner" if state.get("best") else "nothing to train"
        return {"stop_reason": reason, "decision": message.text}
    return _strike(state, "the planner made no tool call")


def _strike(state: State, what: str) -> Json:
    strikes = state.get("strikes", 0) + 1
    if strikes < STRIKES:
        return {"strikes": strikes, "decision": f"{what} ({strikes} of {STRIKES})"}
    text = f"{what} {STRIKES} times running: the rules planner takes over"
    return {"strikes": 0, "planner": "rules", "decision": text}


def _fold(state: State, message: ToolMessage, services: Services) -> Json:
    artifact = message.artifact
    if artifact is None:
        if message.status == "error":
            return _strike(state, f"invalid call of {message.name}")
        return {"decision": message.text, "strikes": 0}
    usage = Usage(**artifact["usage"])
    spent = charge(state.get("spent", NOTHING_SPENT), artifact["elapsed"], usage)
    update: Json = {"spent": spent, "strikes": 0, "last_error": None}
    update |= _with_time(state, artifact, usage) | _asked(state, artifact)
    if "error" in artifact:
        tool, text = artifact["tool"], artifact["error"]
        error = {"tool": tool, "message": text}
        return update | {"last_error": error, "decision": f"{tool} failed: {text}"}
    fold = _FOLDS[artifact["tool"]]
    folded: Json = fold(cast(State, state | update), artifact, services)
    return update | folded


def _asked(state: State, artifact: Json) -> Json:
    """Remember what was asked for, whether or not it worked, so that nobody asks in a circle."""
    if artifact["tool"] == "search_hf_datasets":
        return {"searched": True}
    if artifact["tool"] == "map_columns":
        return {"tried": [*state.get("tried", []), artifact["asked"]["dataset"]]}
    return {}


def _with_time(state: State, artifact: Json, usage: Usage) -> Json:
    """Charge the step to the open round too."""
    round_ = state.get("round") or _new_round(state, artifact)
    asked = [artifact["asked"]["focus"]] if "focus" in artifact["asked"] else []
    known = round_["usd"] is not None and usage.usd is not None
    charged = {
        "seconds": round(round_["seconds"] + artifact["elapsed"], 3),
        "usd": round((round_["usd"] or 0.0) + (usage.usd or 0.0), 6) if known else None,
        "tokens": round_["tokens"] + usage.prompt_tokens + usage.completion_tokens,
        "foci": [*round_["foci"], *asked],
    }
    return {"round": round_ | charged}


def _new_round(state: State, artifact: Json) -> Round:
    focus = artifact["asked"].get("focus") or ("model" if state.get("rounds") else "start")
    return {
        "round": len(state.get("rounds", [])) + 1,
        "focus": focus,
        "requested": 0,
        "accepted": 0,
        "dropped": 0,
        "foci": [],
        "calls": [],
        "validation": None,
        "p_better": None,
        "gain": None,
        "student": None,
        "kept": True,
        "seconds": 0.0,
        "usd": 0.0,
        "tokens": 0,
    }


def _searched(_state: State, artifact: Json, _services: Services) -> Json:
    found = artifact["datasets"]
    return {"datasets": found, "decision": f"{len(found)} data sets found"}


def _mapped(state: State, artifact: Json, _services: Services) -> Json:
    spec = dict(state["spec"])
    if not spec["labels"] and spec["output_type"] == "label":
        spec["labels"] = [{"name": name, "meaning": ""} for name in artifact["labels"]]
    rows = artifact["imported"]
    round_ = _grown(state, artifact["call"], requested=0, accepted=rows["train"])
    summary = {
        k: v
        for k, v in artifact.items()
        if k not in ("tool", "elapsed", "asked", "labels", "usage")
    }
    return {
        "spec": spec,
        "imports": [*state.get("imports", []), summary],
        "round": round_,
        "decision": f"imported {rows['train']:,} training rows of {artifact['dataset']}",
    }


def _generated(state: State, artifact: Json, _services: Services) -> Json:
    round_ = _grown(state, artifact["call"], artifact["requested"], artifact["accepted"])
    dropped = round_["dropped"] + artifact["dropped"]
    text = f"{artifact['focus']}: {artifact['accepted']} of {artifact['requested']} accepted"
    if artifact["dropped"]:
        text = f"{artifact['dropped']} doubtful training rows dropped"
    elif artifact["diagnosis"]:
        text += f"; {artifact['diagnosis']}"
    return {"round": round_ | {"focus": artifact["focus"], "dropped": dropped}, "decision": text}


def _grown(state: State, call: str, requested: int, accepted: int) -> Round:
    round_ = cast(Round, state["round"])
    return round_ | {
        "requested": round_["requested"] + requested,
        "accepted": round_["accepted"] + accepted,
        "calls": [*round_["calls"], call],
    }


def _picked(_state: State, artifact: Json, _services: Services) -> Json:
    bases = artifact["candidates"]
    return {"bases": bases, "decision": f"best fit: {bases[0]['method']} on {bases[0]['base']}"}


def _finetuned(_state: State, artifact: Json, _services: Services) -> Json:
    text = f"trained {artifact['student']} on {artifact['train_rows']:,} rows"
    thin = [note for note in artifact["notes"] if note.startswith("labels with")]
    text = "; ".join([text, *thin])
    return {"trained": artifact, "decision": text}


def _evaluated(state: State, artifact: Json, services: Services) -> Json:
    trained = state.get("trained")
    if not trained or trained["student"] != artifact["student"]:
        return {"decision": "no round ends with it: it is not the student trained last"}
    round_ = cast(Round, state["round"]) | {
        "validation": {k: artifact[k] for k in ("metric", "value", "ci95", "n")},
        "p_better": artifact["p_better"],
        "gain": artifact["gain"],
        "student": artifact["student"],
    }
    if round_["round"] == 1:
        round_["accepted"] = trained["train_rows"]
    best = state.get("best")
    better = best is None or (artifact["gain"] or 0) > 0
    if better:
        best = cast(Json, state["trained"]) | {"evaluation": artifact}
    else:
        undo(services.store, cast(Round, round_))
    round_["kept"] = better
    rounds = [*state.get("rounds", []), cast(Round, round_)]
    # The first evaluation settles the metric, so that later rounds stay comparable with it.
    spec = dict(state["spec"]) | {"metric": artifact["metric"]}
    closed: Json = {"best": best, "rounds": rounds, "round": None, "trained": None, "spec": spec}
    return closed | {"decision": _verdict(cast(State, state | closed), rounds[-1])}


def undo(store: ExampleStore, round_: Round) -> None:
    """Take a round's training data out of use; repeating it changes nothing."""
    for call in round_["calls"]:
        mine = [e.id for e in store.written_by(call) if e.split == "train"]
        store.reject(f"round-{round_['round']}", mine, "did not help")
        store.restore(call)


def _verdict(state: State, round_: Round) -> str:
    value = cast(Json, round_["validation"])
    text = f"round {round_['round']} ({round_['focus']}): {value['metric']} {value['value']:.3f}"
    if round_["round"] == 1:
        return text
    if round_["p_better"] is None:
        return text + ": nothing to compare it with, so its data is taken out again"
    text += f", {round_['gain']:+.3f} against the best, P(better) {round_['p_better']:.2f}"
    if not round_["kept"]:
        return text + ": not better, so its data is taken out again"
    clear = improved(round_, state["limits"]["min_gain"])
    return text + (": clearly better" if clear else ": kept, but not clearly better")


def _limits(state: State) -> Json:
    limits, rounds = state["limits"], state.get("rounds", [])
    if state["remaining_steps"] <= FEW_STEPS:
        return {"stop_reason": "steps"}
    if state.get("round") is None and rounds:
        best = cast(Json, state["best"])["evaluation"]["value"]
        if limits["target"] is not None and best >= limits["target"]:
            return {"stop_reason": "target"}
        if plateaued(rounds, limits["patience"], limits["min_gain"]):
            return {"stop_reason": "plateau"}
    return {"stop_reason": exhausted(limits, state.get("spent", NOTHING_SPENT), len(rounds))}


_FOLDS: dict[str, Any] = {
    "search_hf_datasets": _searched,
    "map_columns": _mapped,
    "generate_batch": _generated,
    "pick_model": _picked,
    "finetune": _finetuned,
    "evaluate": _evaluated,
}
