"""What each tool's artifact changes in the state."""

from typing import Any, cast

from graph.plateau import EXPECTED, improved, worth_keeping
from graph.state import Json, Round, State
from graph.wishes import left_over
from tools.examples import ExampleStore
from tools.services import Services
from tools.teaching import Rewriter, Usage

NOTES_SHOWN = 2
"""Sentences on what a search could not look at that are shown to the user; the trace has all."""


def fold(state: State, artifact: Json, services: Services, usage: Usage) -> Json:
    """Return the update of the state that the artifact of a tool call makes.

    Args:
        state: The state so far, the latest charges included.
        artifact: What the tool returned beside its text.
        services: The store, in which the data of a round that did not help is undone.
        usage: What the call used of the LLMs.
    """
    update = _with_time(state, artifact, usage) | _asked(state, artifact)
    if wishes := state.get("wishes"):
        update["wishes"] = left_over(wishes, artifact)
    if "error" in artifact:
        tool, text = artifact["tool"], artifact["error"]
        error = {"tool": tool, "message": text, "of_base": artifact["of_base"]}
        return update | {"last_error": error, "decision": f"{tool} failed: {text}"}
    folded: Json = _FOLDS[artifact["tool"]](cast(State, state | update), artifact, services)
    return update | folded


def _asked(state: State, artifact: Json) -> Json:
    """Remember what was asked for, whether or not it worked, so that nobody asks in a circle."""
    if artifact["tool"] == "search_hf_datasets":
        return {"searched": True}
    if artifact["tool"] == "map_columns":
        tried = [*state.get("tried", []), artifact["asked"]["dataset"]]
        return {"tried": list(dict.fromkeys(tried))}
    if artifact["tool"] == "finetune" and artifact.get("of_base") and artifact["asked"]["model"]:
        return {"failed_bases": [*state.get("failed_bases", []), artifact["asked"]["model"]]}
    return {}


def _with_time(state: State, artifact: Json, usage: Usage) -> Json:
    """Charge the step to the open round too."""
    round_ = state.get("round") or _new_round(state, artifact)
    asked = [artifact["asked"]["focus"]] if "focus" in artifact["asked"] else []
    known = round_["usd"] is not None and usage.usd is not None
    charged = {
        "seconds": round(round_["seconds"] + artifact["elapsed"], 3),
        "usd": round((round_["usd"] or 0.0) + (usage.usd or 0.0), 9) if known else None,
        "tokens": round_["tokens"] + usage.prompt_tokens + usage.completion_tokens,
        "foci": [*round_["foci"], *asked],
    }
    return {"round": round_ | charged}


def _new_round(state: State, artifact: Json) -> Round:
    later = "import" if artifact["tool"] == "map_columns" else "model"
    focus = artifact["asked"].get("focus") or (later if state.get("rounds") else "start")
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


def _searched(state: State, artifact: Json, _services: Services) -> Json:
    unwanted = state.get("avoid", [])
    found = [entry for entry in artifact["datasets"] if entry["repo_id"] not in unwanted]
    fitting = sum(entry["plausible"] for entry in found)
    nearest = f"; nearest: {found[0]['id']}" if found else ""
    none = "" if fitting else f", none of which fits the task well{nearest}"
    sets = "1 data set" if len(found) == 1 else f"{len(found)} data sets"
    said = [f"{sets} found{none}", *artifact["notes"][:NOTES_SHOWN]]
    return {"datasets": found, "decision": "; ".join(said)}


def _mapped(state: State, artifact: Json, _services: Services) -> Json:
    spec = dict(state["spec"])
    if not spec["labels"] and spec["output_type"] == "label":
        spec["labels"] = [{"name": name, "meaning": ""} for name in artifact["labels"]]
    rows = artifact["imported"]
    round_ = _grown(state, artifact["call"], requested=0, accepted=rows["train"])
    summary = {
        k: v
        for k, v in artifact.items()
        if k not in ("tool", "elapsed", "asked", "labels", "usage", "mark")
    }
    return {
        "spec": spec,
        "imports": [*state.get("imports", []), summary | {"worth": None}],
        "round": round_,
        "decision": f"imported {rows['train']:,} training rows of {artifact['dataset']}",
    }


def _generated(state: State, artifact: Json, _services: Services) -> Json:
    round_ = _grown(state, artifact["call"], artifact["requested"], artifact["accepted"])
    round_ |= {"focus": artifact["focus"], "dropped": round_["dropped"] + artifact["dropped"]}
    wrote = f"{artifact['accepted']} of {artifact['requested']} examples accepted"
    text = f"{artifact['focus']}: {wrote}"
    if artifact["dropped"]:
        text = f"{artifact['dropped']} doubtful training rows dropped"
        kept = f", {artifact['accepted']} kept under another label"
        text += kept if artifact["accepted"] else ""
    elif artifact["diagnosis"]:
        text += f"; {artifact['diagnosis']}"
    written = state.get("written", 0) + artifact["accepted"]
    update: Json = {"round": round_, "written": written, "decision": text}
    if artifact.get("ending") == "budget" and not round_["accepted"] and not round_["dropped"]:
        update["stop_reason"] = "usd"
    return update


def _grown(state: State, call: str, requested: int, accepted: int) -> Round:
    round_ = cast(Round, state["round"])
    return round_ | {
        "requested": round_["requested"] + requested,
        "accepted": round_["accepted"] + accepted,
        "calls": [*round_["calls"], call],
    }


def _picked(state: State, artifact: Json, _services: Services) -> Json:
    bases, asked = artifact["candidates"], state["student"]
    text = f"best fit: {bases[0]['method']} on {bases[0]['base']}"
    if asked and not bases[0]["asked"]:
        text = f"{asked}, as asked for, is no candidate"
        if state.get("most_mb"):
            # Who wants a smaller model takes back what was asked for before.
            return {"bases": bases, "decision": text, "student": None}
    return {"bases": bases, "decision": text}


def _finetuned(state: State, artifact: Json, _services: Services) -> Json:
    text = f"trained a model ({artifact['method']}) on {artifact['train_rows']:,} rows"
    notes = artifact["notes"]
    if state["spec"]["output_type"] == "label":
        notes = [note for note in notes if note.startswith("labels with")]
    return {"trained": artifact, "decision": "; ".join([text, *notes])}


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
    best = state.get("best")
    if best is None and not round_["requested"]:
        round_["accepted"] = trained["train_rows"]
    better = best is None or _helped(artifact, services)
    if better:
        best = cast(Json, state["trained"]) | {"evaluation": artifact}
    else:
        undo(services.store, cast(Round, round_))
    round_["kept"] = better
    rounds = [*state.get("rounds", []), cast(Round, round_)]
    # The first evaluation settles the metric, so that later rounds stay comparable with it.
    spec = dict(state["spec"]) | {"metric": artifact["metric"]}
    closed: Json = {"best": best, "rounds": rounds, "round": None, "trained": None, "spec": spec}
    # One that had been evaluated before was only scored anew; what is wished for comes after that.
    if state.get("wishes") and "evaluation" not in trained:
        closed["wishes"] = []
    closed["imports"] = [_weighed(i, rounds[-1]) for i in state.get("imports", [])]
    return closed | {"decision": _verdict(cast(State, state | closed), rounds[-1])}


def _weighed(imported: Json, round_: Round) -> Json:
    """Note what a data set was worth: validation with its rows against without, where known."""
    alone = round_["calls"] == [imported["call"]]
    if not alone or round_["gain"] is None:
        return imported
    worth = {"gain": round_["gain"], "p_better": round_["p_better"], "kept": round_["kept"]}
    return imported | {"worth": worth}


def _helped(artifact: Json, services: Services) -> bool:
    if artifact["gain"] is None:
        return False
    expected = EXPECTED if isinstance(services.teacher, Rewriter) else 0.0
    return worth_keeping(artifact["gain"], artifact["gain_se"], expected)


def undo(store: ExampleStore, round_: Round) -> None:
    """Take a round's training data out of use; repeating it changes nothing."""
    for call in round_["calls"]:
        mine = [e.id for e in store.written_by(call) if e.split == "train"]
        store.reject(f"round-{round_['round']}", mine, "did not help")
        store.restore(call)


def _verdict(state: State, round_: Round) -> str:
    value = cast(Json, round_["validation"])
    text = f"round {round_['round']} ({round_['focus']}): {value['metric']} {value['value']:.3f}"
    if round_["p_better"] is None and round_["kept"]:
        return text
    if round_["p_better"] is None:
        return text + ": nothing to compare it with, so its data is taken out again"
    text += f", {round_['gain']:+.3f} against the best, P(better) {round_['p_better']:.2f}"
    if not round_["kept"]:
        return text + ": not better, so its data is taken out again"
    if improved(round_, state["limits"]["min_gain"]):
        return text + ": clearly better"
    if (round_["gain"] or 0) <= 0:
        return text + ": kept, since so few rows cannot tell that it hurts"
    return text + ": kept, but not clearly better"


_FOLDS: dict[str, Any] = {
    "search_hf_datasets": _searched,
    "map_columns": _mapped,
    "transform_rows": _generated,
    "generate_batch": _generated,
    "pick_model": _picked,
    "finetune": _finetuned,
    "evaluate": _evaluated,
}
